"""One question about one change: what changed, what was fixed beforehand, and the analyses that ask.

What a protocol may say since the first were written is left out where it is not said, so that their fingerprints stay.
"""

import operator
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from evalkit.catalogue.records.fields import (
    Change,
    Day,
    EstimateScale,
    OneLine,
    OrgCode,
    ParameterValue,
    Record,
    Slug,
    Source,
    Words,
    refuse_repeats,
)
from evalkit.errors import repeated


class Intervention(Record):
    """What changed, where and when. A date that is inferred says so.

    ``starts`` gives the date of each site or ODS code where they differ; ``start`` is the earliest. ``end`` is the last day
    of one that ended; ``until`` says in words how it ended, or how it went on.
    """

    name: OneLine
    what: Words
    start: Day
    starts: dict[str, Day] = {}
    end: Day | None = None
    until: Words | None = None
    certainty: Literal["confirmed", "partly_confirmed", "inferred"]
    sources: list[Source] = Field(min_length=1)

    @model_validator(mode="after")
    def _start_is_the_earliest(self) -> "Intervention":
        if self.starts and min(self.starts.values()) != self.start:
            raise ValueError(f"`start` is {self.start}, but the earliest of `starts` is {min(self.starts.values())}")
        if self.end and self.end < max(self.starts.values(), default=self.start):
            raise ValueError(f"`end` is {self.end}, before it began everywhere")
        return self

    def started(self, site: str) -> date:
        """When it began at a site or ODS code."""
        return self.starts.get(site, self.start)


class Expectation(Record):
    """What should move, which way and why, said before looking."""

    measure: Slug
    change: Change
    why: Words


class LeftOut(Record):
    """Comparators left out, with the reason."""

    org_codes: list[OrgCode] = Field(min_length=1)
    reason: Words


class Deviation(Record):
    """A departure from the protocol, dated; ``changes_headline`` where what the primary analysis estimates is another."""

    when: Day
    what: Words
    why: Words
    changes_headline: bool = Field(default=False, exclude_if=operator.not_)


class Protocol(Record):
    """What was fixed before the results: comparators, and whether anyone had seen the data.

    ``onset`` says whether the cause works at once, so that the headline is the jump at the date, or builds, so that it is
    the mean over the first year.
    """

    written: Day
    pre_specified: bool
    because: Words
    onset: Literal["sudden", "builds"] | None = Field(default=None, exclude_if=operator.not_)
    comparators: list[OrgCode] = []
    comparators_chosen: Words | None = None
    left_out: list[LeftOut] = []
    deviations: list[Deviation] = []

    @model_validator(mode="after")
    def _comparators_are_told_apart(self) -> "Protocol":
        refuse_repeats(self.comparators, "comparators")
        return self


class RivalExplanation(Record):
    """Another reason the numbers could have moved, and what speaks to it.

    ``within_window`` marks another real change at the site while the evaluation ran: it lowers certainty. ``at`` is the
    end of the change for what began when it stopped.
    """

    id: Slug
    kind: Words
    what: Words
    answer: Words
    analyses: list[Slug] = []
    within_window: bool = False
    at: Literal["start", "end"] = "start"


class IndependentResult(Record):
    """What somebody else published about the same change; figures as published."""

    what: Words
    estimate: float
    low: float | None = None
    high: float | None = None
    scale: EstimateScale
    beside: Slug
    source: Source


class Analysis(Record):
    """One template, one measure and one flat set of parameters: one notebook run, one effect.

    ``despite`` says why rows or a date that would be refused are used on purpose, to show what a fault does.
    """

    id: Slug
    title: OneLine
    role: Literal["primary", "secondary", "negative_control", "spill_over", "recording_check"]
    template: Slug
    expected: Change
    despite: Words | None = None
    parameters: dict[str, ParameterValue]

    @model_validator(mode="after")
    def _only_a_check_shows_a_fault(self) -> "Analysis":
        if self.despite is not None and self.role != "recording_check":
            raise ValueError(
                "`despite` is for an analysis of role recording_check, which shows a fault and answers nothing"
            )
        return self


class Evaluation(Record):
    """One question about one intervention at named sites."""

    id: Slug
    title: OneLine
    question: Words
    plain_words: Words | None = None
    area: Words
    status: Literal["draft", "published"] = "draft"
    sites: list[Slug] = Field(min_length=1)
    intervention: Intervention
    expectations: list[Expectation] = Field(min_length=1)
    protocol: Protocol
    rival_explanations: list[RivalExplanation] = Field(min_length=1)
    independent_results: list[IndependentResult] = []
    limits: list[Words] = []
    independence: Literal["own", "peer_reviewed", "independent"]
    funded_by: Words
    conflict_of_interest: Words
    analyses: list[Analysis] = Field(min_length=1)

    @model_validator(mode="after")
    def _analyses_are_told_apart(self) -> "Evaluation":
        twice = repeated(analysis.id for analysis in self.analyses)
        if twice:
            raise ValueError(f"two analyses are called {twice[0]}: every analysis needs its own id")
        twice = repeated(rival.id for rival in self.rival_explanations)
        if twice:
            raise ValueError(f"two rival explanations are called {twice[0]}: every one needs its own id")
        if self.intervention.end is None and any(rival.at == "end" for rival in self.rival_explanations):
            raise ValueError(
                "a rival explanation is `at: end`, but the intervention has no `end`: add the day, or leave it out"
            )
        primaries = sum(analysis.role == "primary" for analysis in self.analyses)
        if primaries != 1:
            raise ValueError(f"{primaries} analyses have the role primary: exactly one must, it answers the question")
        return self

    @property
    def primary(self) -> Analysis:
        """The analysis that answers the question."""
        return next(analysis for analysis in self.analyses if analysis.role == "primary")

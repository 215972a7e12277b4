"""One question about one change: what changed, what was fixed beforehand, and the analyses that ask.

What a protocol may say since the first were written is left out where it is not said, so that their fingerprints stay.
"""

import operator
from typing import Annotated, Literal

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
    Vocabulary,
    Words,
    refuse_repeats,
)
from evalkit.catalogue.records.findings import FindingSentence, StoryStep
from evalkit.catalogue.records.voices import Involvement
from evalkit.errors import repeated

SHA256 = r"^sha256:[0-9a-f]{64}$"
READERS = 2  # who grade a rival explanation, each by themselves


class Intervention(Record):
    """What changed, where and when. A date that is inferred says so.

    ``starts`` gives the date of each site or ODS code where they differ; ``start`` is the earliest. ``end`` is the last day
    of one that ended; ``until`` says in words how it ended, or how it went on. ``physical_cause`` says what could be seen to
    be otherwise from that day on, such as locked doors, where one of ``sources`` documents it.
    """

    name: OneLine
    what: Words
    start: Day
    starts: dict[str, Day] = {}
    end: Day | None = None
    until: Words | None = None
    certainty: Literal["confirmed", "partly_confirmed", "inferred"]
    physical_cause: OneLine | None = Field(default=None, exclude_if=operator.not_)
    sources: list[Source] = Field(min_length=1)

    @model_validator(mode="after")
    def _physical_cause_has_its_day(self) -> "Intervention":
        if self.physical_cause and self.certainty != "confirmed":
            raise ValueError(
                f"`physical_cause` needs a day that is known, and `certainty` is {self.certainty}: confirm the day, or"
                " leave the cause out"
            )
        return self

    @model_validator(mode="after")
    def _start_is_the_earliest(self) -> "Intervention":
        if self.starts and min(self.starts.values()) != self.start:
            raise ValueError(f"`start` is {self.start}, but the earliest of `starts` is {min(self.starts.values())}")
        if self.end and self.end < max(self.starts.values(), default=self.start):
            raise ValueError(f"`end` is {self.end}, before it began everywhere")
        return self


class Cost(Record):
    """What is known of what a change cost, in one line, and where that was read."""

    says: OneLine
    source: Source


class Expectation(Record):
    """What should move, which way and why, said before looking."""

    measure: Slug
    change: Change
    why: Words


class LeftOut(Record):
    """Comparators left out, with the reason; ``by_figures`` where it is what their own figures of the outcome do."""

    org_codes: list[OrgCode] = Field(min_length=1)
    reason: Words
    by_figures: bool = Field(default=False, exclude_if=operator.not_)


class Deviation(Record):
    """A departure from the protocol, dated; ``changes_headline`` where what the primary analysis estimates is another.

    ``fingerprint`` is that of what has been fixed since.
    """

    when: Day
    what: Words
    why: Words
    changes_headline: bool = Field(default=False, exclude_if=operator.not_)
    fingerprint: str | None = Field(default=None, pattern=SHA256, exclude_if=operator.not_)


class Prediction(Record):
    """The range in which the estimate of the primary analysis was said to fall, before anybody had looked."""

    low: float
    high: float
    scale: EstimateScale
    source: Words

    @model_validator(mode="after")
    def _low_is_below_high(self) -> "Prediction":
        if self.low >= self.high:
            raise ValueError(f"`low` is {self.low:g} and `high` {self.high:g}: give the lower end first")
        return self


class NegativeControl(Record):
    """What should not have moved, or only in a known way: the outcome, the place or the date is another than the question's.

    The result to be expected is what its analysis says.
    """

    analysis: Slug
    kind: Literal["outcome", "place", "date"]
    why: Words


class Stratifier(Record):
    """Groups of people by which the answer is told apart, and the analyses of the gap between them."""

    what: OneLine
    why: Words
    analyses: list[Slug] = Field(min_length=1)


class Protocol(Record):
    """What was fixed, and what was known by then.

    ``status`` says whether the data existed and whether anybody had looked at the outcome; ``proof`` is where others can see
    that, which every status but ``already_seen`` needs. ``look`` is the last period that the answer rests on: later figures are
    follow-up. ``onset`` says whether the cause works at once, so that the headline
    is the jump at the date, or builds, so that it is the mean over the first year. ``fingerprint`` is that of what was fixed
    on the day ``written``.
    """

    written: Day
    fingerprint: str | None = Field(default=None, pattern=SHA256, exclude_if=operator.not_)
    status: Literal["before_data", "not_looked_at", "already_seen"]
    proof: Source | None = Field(default=None, exclude_if=operator.not_)
    because: Words
    look: OneLine | None = Field(default=None, exclude_if=operator.not_)
    onset: Literal["sudden", "builds"] | None = Field(default=None, exclude_if=operator.not_)
    predicted: Prediction | None = Field(default=None, exclude_if=operator.not_)
    negative_control: NegativeControl | None = Field(default=None, exclude_if=operator.not_)
    no_negative_control: Words | None = Field(default=None, exclude_if=operator.not_)
    stratifier: Stratifier | None = Field(default=None, exclude_if=operator.not_)
    no_stratifier: Words | None = Field(default=None, exclude_if=operator.not_)
    comparators: list[OrgCode] = []
    comparators_chosen: Words | None = None
    left_out: list[LeftOut] = []
    deviations: list[Deviation] = []

    @model_validator(mode="after")
    def _comparators_are_told_apart(self) -> "Protocol":
        refuse_repeats(self.comparators, "comparators")
        return self

    @model_validator(mode="after")
    def _status_is_proved(self) -> "Protocol":
        if self.status != "already_seen" and self.proof is None:
            raise ValueError(
                f"`status` is {self.status}, and nothing proves it: add `proof`, the title and the place of a dated record"
                " that others can see, or write already_seen"
            )
        return self

    @model_validator(mode="after")
    def _negative_control_or_why_none(self) -> "Protocol":
        if self.negative_control and self.no_negative_control:
            raise ValueError("gives a `negative_control`, and the reason why there is none: keep the one or the other")
        return self

    @model_validator(mode="after")
    def _stratifier_or_why_none(self) -> "Protocol":
        if self.stratifier and self.no_stratifier:
            raise ValueError("gives a `stratifier`, and the reason why there is none: keep the one or the other")
        return self

    @property
    def left_out_by_figures(self) -> int:
        """How many comparators were left out for what their own figures do."""
        return sum(len(group.org_codes) for group in self.left_out if group.by_figures)

    @property
    def control(self) -> str:
        """The analysis that is the negative control, ``none`` where the reason for none is given; empty where nothing is said."""
        if self.negative_control is not None:
            return self.negative_control.analysis
        return "none" if self.no_negative_control else ""

    @property
    def fixed_before(self) -> bool:
        """Whether it was fixed before the data existed."""
        return self.status == "before_data"


class Grading(Record):
    """How much of some analyses' estimates a rival could explain, and why."""

    grade: Literal["all", "part", "little"]
    affects: list[Slug] = Field(min_length=1)
    grade_reason: Words


class RivalExplanation(Record):
    """Another reason the numbers could have moved, and what speaks to it.

    ``grade`` says how much of the estimates that it ``affects`` it could explain, and ``grade_reason`` why, by so many
    ``readers``, each by themselves; ``otherwise`` holds the analyses of which it could explain less. ``analyses`` are those
    whose results speak to it. ``at`` is the end of the change for what began when it stopped.
    """

    id: Slug
    kind: Annotated[Words, Vocabulary("rival_kinds")]
    what: Words
    answer: Words
    grade: Literal["all", "part", "little"]
    grade_reason: Words
    readers: int = Field(ge=1, le=99)
    affects: list[Slug] = []
    otherwise: list[Grading] = Field(default=[], exclude_if=operator.not_)
    analyses: list[Slug] = []
    at: Literal["start", "end"] = "start"

    @model_validator(mode="after")
    def _says_what_it_affects(self) -> "RivalExplanation":
        if self.grade != "little" and not self.affects:
            raise ValueError(
                f"`grade` is {self.grade}, and `affects` names no analysis: name those that it could explain"
            )
        refuse_repeats([id for grading in self.gradings for id in grading.affects], "affects")
        return self

    @property
    def gradings(self) -> list[Grading]:
        """Every grade with the analyses it is of."""
        own = {"grade": self.grade, "affects": self.affects, "grade_reason": self.grade_reason}
        return [*([Grading(**own)] if self.affects else []), *self.otherwise]

    def grading_of(self, analysis: str) -> Grading | None:
        """The grade of one analysis; None where it does not touch it."""
        return next((grading for grading in self.gradings if analysis in grading.affects), None)

    def could_explain_all(self, analysis: str) -> Grading | None:
        """The grading by which it could explain all of an analysis; what fewer than two readers have graded counts so."""
        grading = self.grading_of(analysis)
        return grading if grading and (grading.grade == "all" or self.readers < READERS) else None

    def grade_counted(self, analysis: str) -> Literal["all", "part", "little"] | None:
        """What it counts as against one analysis; None where it does not touch it."""
        grading = self.grading_of(analysis)
        return "all" if self.could_explain_all(analysis) else grading.grade if grading else None


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

    ``despite`` says why rows or a date that would be refused are used on purpose, to show what a fault does. ``added`` is the
    day on which it was added after other results had been seen: it is exploratory then.
    """

    id: Slug
    title: OneLine
    role: Literal["primary", "secondary", "negative_control", "spill_over", "recording_check"]
    template: Slug
    expected: Change
    despite: Words | None = None
    added: Day | None = Field(default=None, exclude_if=operator.not_)
    parameters: dict[str, ParameterValue]

    @model_validator(mode="after")
    def _only_a_check_shows_a_fault(self) -> "Analysis":
        if self.despite is not None and self.role not in ("recording_check", "negative_control"):
            raise ValueError(
                "`despite` is for an analysis of role recording_check or negative_control, which shows a fault, or that"
                " there is none, and answers nothing"
            )
        return self

    @model_validator(mode="after")
    def _the_answer_was_not_added(self) -> "Analysis":
        if self.added is not None and self.role == "primary":
            raise ValueError("is the primary analysis and has `added`: what was added later cannot answer the question")
        return self


class Evaluation(Record):
    """One question about one intervention at named sites.

    ``finding`` is what a page says first, in plain words; ``story`` has figures that only make sense beside each other.
    ``stops_because`` is why the analysis that answers the question stops where it does, as the end of a sentence.
    ``not_measured`` is what a reader may take to be counted and is not, such as harm. ``independence`` says who evaluated: those who run the service (``own``), those who wrote this book and do not run it
    (``book``), or others.
    """

    id: Slug
    title: OneLine
    question: Words
    plain_words: Words | None = None
    finding: list[FindingSentence] = Field(default=[], max_length=2)
    story: list[StoryStep] = Field(default=[], max_length=4)
    area: Annotated[Words, Vocabulary("areas")]
    status: Literal["draft", "published"] = "draft"
    sites: list[Slug] = Field(min_length=1)
    intervention: Intervention
    cost: Cost | None = None
    not_measured: OneLine | None = None
    expectations: list[Expectation] = Field(min_length=1)
    protocol: Protocol
    rival_explanations: list[RivalExplanation] = Field(min_length=1)
    independent_results: list[IndependentResult] = []
    limits: list[Words] = []
    stops_because: OneLine | None = Field(default=None, exclude_if=operator.not_)
    involvement: Involvement | None = Field(default=None, exclude_if=operator.not_)
    independence: Literal["own", "book", "peer_reviewed", "independent"]
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

    @model_validator(mode="after")
    def _protocol_was_written_in_time(self) -> "Evaluation":
        protocol, start = self.protocol, self.intervention.start
        if protocol.fixed_before and protocol.written > start:
            raise ValueError(
                f"the protocol says before_data, but was written on {protocol.written}, after the start on {start}, when"
                " figures of the time after it could exist: write not_looked_at or already_seen"
            )
        return self

    @model_validator(mode="after")
    def _negative_control_is_there(self) -> "Evaluation":
        control = self.protocol.negative_control
        controls = [analysis.id for analysis in self.analyses if analysis.role == "negative_control"]
        if control is None or control.analysis in controls:
            return self
        known = ", ".join(controls) or "none has that role"
        raise ValueError(
            f"the negative control is `{control.analysis}`, which is no analysis with the role negative_control here"
            f" ({known}): correct the name, or add the analysis"
        )

    @property
    def primary(self) -> Analysis:
        """The analysis that answers the question."""
        return next(analysis for analysis in self.analyses if analysis.role == "primary")

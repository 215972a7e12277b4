"""Changes that were looked for: found by date and cause, and kept or set aside before their outcome was opened."""

import operator
from typing import Literal

from pydantic import Field, model_validator

from evalkit.catalogue.records.evaluations import Prediction
from evalkit.catalogue.records.fields import Day, Month, OneLine, OrgCode, Record, Slug, Source, Words, refuse_repeats


class PowerAsked(Record):
    """What is asked of the months before a change: whether one of ``change`` per cent or points could be found.

    ``first`` and ``last`` are months of the table before the change, and ``months_after`` how many after it would be used.
    """

    org_code: OrgCode
    measure: Slug
    table: Slug
    first: Month
    last: Month
    months_after: int = Field(ge=3, le=60)
    change: float = Field(gt=0)

    @model_validator(mode="after")
    def _first_is_before_last(self) -> "PowerAsked":
        if self.first >= self.last:
            raise ValueError(f"`first` is {self.first} and `last` {self.last}: give the earlier month first")
        return self


class Candidate(Record):
    """A change that an evaluation could be made of, and what was decided before its outcome was opened.

    ``day`` is that of the change, where a source gives it; ``when`` says in words what is known. ``cause`` is what could be
    seen to be otherwise from then on, and ``figures`` which data would show it. ``known`` says whether nobody who decided had
    looked at the outcome, a source had told of it, or it had been seen. ``decision`` is ``used`` where the book had an
    evaluation of it already, ``kept`` where a protocol was to be written, and ``set_aside``, each for the reason ``because``.
    """

    id: Slug
    what: OneLine
    where: OneLine
    org_codes: list[OrgCode] = []
    day: Day | None = None
    when: OneLine
    cause: OneLine
    figures: Words
    predicted: Prediction | None = None
    no_prediction: Words | None = None
    power: PowerAsked | None = None
    no_power: Words | None = None
    known: Literal["not_looked_at", "read_of", "seen"]
    decision: Literal["used", "kept", "set_aside"]
    decided: Day
    because: Words
    evaluation: Slug | None = Field(default=None, exclude_if=operator.not_)
    sources: list[Source] = Field(min_length=1)

    @model_validator(mode="after")
    def _says_each_or_why_not(self) -> "Candidate":
        refuse_repeats(self.org_codes, "org_codes")
        for given, why, name in (
            (self.predicted, self.no_prediction, "predicted"),
            (self.power, self.no_power, "power"),
        ):
            if (given is None) == (why is None):
                reason = "no_prediction" if name == "predicted" else "no_power"
                raise ValueError(f"give `{name}`, or in `{reason}` why there is none, and not both")
        return self

    @model_validator(mode="after")
    def _only_what_was_taken_is_evaluated(self) -> "Candidate":
        if self.decision == "set_aside" and self.evaluation:
            raise ValueError(f"is set aside, and has the evaluation {self.evaluation}: write kept, or leave it out")
        if self.decision == "used" and not self.evaluation:
            raise ValueError("is used already, and names no `evaluation`: add the id of the one that uses it")
        return self


class CandidatePower(Record):
    """A line of ``data/candidate_power.csv``: what ``ek.power`` says of the months before, in per cent or points."""

    candidate: Slug
    before: int
    after: int
    change: float
    scale: Literal["percent", "points", "unit"]
    detectable: float
    power: float = Field(ge=0, le=1)

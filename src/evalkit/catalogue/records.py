"""The typed records of the book: sites, organisations, measures, evaluations and their analyses."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
OrgCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3,6}$")]
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def _on_one_line(text: str) -> str:
    if len(text.splitlines()) > 1:
        raise PydanticCustomError("in_words", "must be on one line: it stands in headings and links")
    return text


OneLine = Annotated[Words, AfterValidator(_on_one_line)]
ColumnName = Annotated[str, StringConstraints(min_length=1)]


def _flat(value: Any) -> Any:
    """Text, a number, true or false, null, or a list of these: what a line of a parameters cell can hold."""
    parts = value if isinstance(value, list) else [value]
    if any(isinstance(part, date) for part in parts):
        raise PydanticCustomError("in_words", "is read as a date: write it in quotes, such as '2017-07-04'")
    if not all(isinstance(part, str | int | float) for part in parts if not (part is None and part is value)):
        raise PydanticCustomError("in_words", "must be text, a number, true, false, null, or a list of these")
    stripped = [part.strip() if isinstance(part, str) else part for part in parts]
    return stripped if isinstance(value, list) else stripped[0]


def _no_number(value: Any) -> Any:
    """A number would be read as seconds since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip())):
        return value
    raise PydanticCustomError("date_in_words", "is not a date")


Day = Annotated[date, BeforeValidator(_no_number)]
ParameterValue = Annotated[Any, AfterValidator(_flat)]

Change = Literal["increase", "decrease", "no_change", "unclear"]
EstimateScale = Literal["unit", "points", "log", "log_odds", "percent"]


def _once(codes: list[str], where: str) -> None:
    """Refuse a code that would be counted twice."""
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise ValueError(f"{twice[0]} is listed twice in `{where}`: name it once")


class Record(BaseModel):
    """Strict and immutable: a field nobody knows is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Source(Record):
    """Where a fact was read; ``says`` is the fact in our own words."""

    title: OneLine
    where: Words
    says: Words | None = None
    read: Day | None = None


class Organisation(Record):
    """A line of ``data/organisations.csv``.

    ``deprivation_fifth`` (1 = most deprived) is a catchment-weighted score of the whole trust, not of its patients.
    """

    org_code: OrgCode
    name: OneLine
    region: str | None = None
    sector: str | None = None
    icb_name: str | None = None
    catchment_population: int | None = None
    deprivation_fifth: int | None = Field(default=None, ge=1, le=5)


class Site(Record):
    """A place of change: one or more organisations treated as one, or none where it has no figures in this book."""

    id: Slug
    name: OneLine
    org_codes: list[OrgCode]
    place: Words
    synthetic: bool = False
    context: Words
    sources: list[Source] = []

    @model_validator(mode="after")
    def _real_sites_cite(self) -> "Site":
        _once(self.org_codes, "org_codes")
        invented = [code for code in self.org_codes if code.startswith("ZZ")]
        if self.synthetic and len(invented) != len(self.org_codes):
            raise ValueError(
                "a synthetic site needs invalid codes such as ZZ901, so that nobody takes it for a real one"
            )
        if not self.synthetic and invented:
            raise ValueError(f"{invented[0]} is a code for synthetic data: set `synthetic: true`, or use the real code")
        if not self.synthetic and not self.sources:
            raise ValueError("a real site needs at least one source for what is said of it")
        return self


class MinimumImportantChange(Record):
    """The smallest change worth acting on, chosen before any result was seen."""

    value: float = Field(gt=0)
    scale: Literal["unit", "points", "percent"]
    source: Words
    chosen: Day


class Recipe(Record):
    """How a measure is counted in one published table.

    Columns listed together are added; ``where`` keeps rows by exact text; ``complement`` counts the
    denominator less the numerator (within four hours, where the table holds over four hours). ``every`` makes a
    week or month of a daily table: the mean over the days of what was there each day, such as patients in beds.
    """

    table: Words
    numerator: list[ColumnName] = Field(min_length=1)
    denominator: list[ColumnName] = []
    where: dict[str, str] = {}
    complement: bool = False
    every: Literal["week", "month"] | None = None

    @model_validator(mode="after")
    def _complement_of_something(self) -> "Recipe":
        if self.complement and not self.denominator:
            raise ValueError("`complement` needs a `denominator` to take the numerator from")
        return self


class RecordingChange(Record):
    """Months in which the way of recording moved the measure at many sites."""

    first: Month
    last: Month
    what: Words
    source: Words


class Measure(Record):
    """What is counted, as a recipe over each table that holds it."""

    id: Slug
    name: OneLine
    plain_name: OneLine
    definition: Words
    form: Literal["count", "proportion", "rate", "mean"]
    unit: Words
    direction: Literal["increase", "decrease", "neutral"]
    type: Literal["outcome", "process", "balancing", "structure"]
    domain: Words
    flow_stage: Words | None = None
    minimum_important_change: MinimumImportantChange | None = None
    recipes: list[Recipe] = []
    show_beside: list[Slug] = []
    recording_changes: list[RecordingChange] = []
    caveats: list[Words] = []

    @model_validator(mode="after")
    def _shares_have_denominators(self) -> "Measure":
        if self.form != "count":
            for recipe in self.recipes:
                if not recipe.denominator:
                    raise ValueError(f"a {self.form} needs a `denominator` in its recipe for {recipe.table}")
        return self


class Intervention(Record):
    """What changed, where and when. A date that is inferred says so.

    ``starts`` gives the date of each site or ODS code where they differ; ``start`` is the earliest.
    """

    name: OneLine
    what: Words
    start: Day
    starts: dict[str, Day] = {}
    end: Words | None = None
    certainty: Literal["confirmed", "partly_confirmed", "inferred"]
    sources: list[Source] = Field(min_length=1)

    @model_validator(mode="after")
    def _start_is_the_earliest(self) -> "Intervention":
        if self.starts and min(self.starts.values()) != self.start:
            raise ValueError(f"`start` is {self.start}, but the earliest of `starts` is {min(self.starts.values())}")
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
    """A departure from the protocol, dated."""

    when: Day
    what: Words
    why: Words


class Protocol(Record):
    """What was fixed before the results: comparators, and whether anyone had seen the data."""

    written: Day
    pre_specified: bool
    because: Words
    comparators: list[OrgCode] = []
    comparators_chosen: Words | None = None
    left_out: list[LeftOut] = []
    deviations: list[Deviation] = []

    @model_validator(mode="after")
    def _comparators_are_told_apart(self) -> "Protocol":
        _once(self.comparators, "comparators")
        return self


class RivalExplanation(Record):
    """Another reason the numbers could have moved, and what speaks to it.

    ``within_window`` marks another real change at the site while the evaluation ran: it lowers certainty.
    """

    id: Slug
    kind: Words
    what: Words
    answer: Words
    analyses: list[Slug] = []
    within_window: bool = False


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
        ids = [analysis.id for analysis in self.analyses]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"two analyses are called {twice[0]}: every analysis needs its own id")
        primaries = sum(analysis.role == "primary" for analysis in self.analyses)
        if primaries != 1:
            raise ValueError(f"{primaries} analyses have the role primary: exactly one must, it answers the question")
        return self

    @property
    def primary(self) -> Analysis:
        """The analysis that answers the question."""
        return next(analysis for analysis in self.analyses if analysis.role == "primary")

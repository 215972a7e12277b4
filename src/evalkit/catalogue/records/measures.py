"""What is counted, and how in each table that holds it."""

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from evalkit.catalogue.records.fields import ColumnName, Day, Month, OneLine, Record, Slug, Vocabulary, Words
from evalkit.catalogue.records.from_records import FromRecords, Weekday
from evalkit.disclosure.dominance import is_money

# What a count is divided by where it is taken per day.
Exposure = Literal["calendar_days", "weekend_days", "working_days", "person_time", "none"]
OF_WEEKENDS = re.compile(r"week-?ends?|saturdays?|sundays?", re.IGNORECASE)
# A period: a count of fewer can bear no trend, and no logarithm where one is zero.
FEW_EVENTS = 5.0


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
    week or month of a daily table: the mean over the days of what was there each day, such as patients in beds;
    with ``weekdays``, over these days of the week only.
    """

    table: Words
    numerator: list[ColumnName] = Field(min_length=1)
    denominator: list[ColumnName] = []
    where: dict[str, str] = {}
    complement: bool = False
    every: Literal["week", "month"] | None = None
    weekdays: list[Weekday] = []

    @model_validator(mode="after")
    def _weekdays_of_something(self) -> "Recipe":
        if self.weekdays and not self.every:
            raise ValueError("`weekdays` needs `every`, the week or month over whose days the mean is taken")
        return self

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
    """What is counted, as a recipe over each table that holds it.

    ``adds_up_to`` names what its numerators are added up over months, such as ``attendances``; left out where the sum
    means nothing, as of patients present each day. A ``median`` has the median as its numerator and the people counted
    as its denominator: medians of several organisations are never added up, and no published table is added up to one.
    ``exposure`` is what a count is divided by where it is taken per day: all days, Saturdays and Sundays, or working days
    in England; ``person_time``, its denominator; or ``none``. Left out, a count is on all days.
    """

    id: Slug
    name: OneLine
    plain_name: OneLine
    definition: Words
    form: Literal["count", "proportion", "rate", "mean", "median"]
    unit: Words
    exposure: Exposure | None = None
    adds_up_to: OneLine | None = None
    direction: Literal["increase", "decrease", "neutral"]
    type: Literal["outcome", "process", "balancing", "structure"]
    domain: Annotated[Words, Vocabulary("domains")]
    flow_stage: Annotated[Words | None, Vocabulary("flow_stages")] = None
    minimum_important_change: MinimumImportantChange | None = None
    recipes: list[Recipe] = []
    records: FromRecords | None = None
    show_beside: list[Slug] = []
    recording_changes: list[RecordingChange] = []
    caveats: list[Words] = []

    @property
    def form_at_the_gate(self) -> str:
        """What rules for small numbers know it as: a mean of money is a cost."""
        return "cost" if self.form == "mean" and is_money(self.unit) else self.form

    @property
    def counted_on(self) -> Exposure:
        """Its exposure, said or not."""
        return self.exposure or ("calendar_days" if self.form == "count" else "none")

    @property
    def is_per_day(self) -> bool:
        """Whether it is taken per day unless an analysis says otherwise."""
        return self.form == "count" and self.counted_on != "none"

    @model_validator(mode="after")
    def _only_counts_have_days(self) -> "Measure":
        if self.form != "count" and self.exposure not in (None, "none"):
            also = " (a rate is over its denominator already)" if self.form == "rate" else ""
            raise ValueError(
                f"`exposure` is {self.exposure}, and a {self.form} is not counted on days or over person-time{also}: leave it out"
            )
        if self.exposure == "person_time":
            for recipe in self.recipes:
                if not recipe.denominator:
                    raise ValueError(
                        f"`exposure` is person_time, which needs a `denominator` in its recipe for {recipe.table}"
                    )
        return self

    @model_validator(mode="after")
    def _shares_have_denominators(self) -> "Measure":
        if self.form != "count":
            for recipe in self.recipes:
                if not recipe.denominator:
                    raise ValueError(f"a {self.form} needs a `denominator` in its recipe for {recipe.table}")
        return self

    @model_validator(mode="after")
    def _medians_are_not_added_up(self) -> "Measure":
        if self.form == "median" and (self.recipes or self.adds_up_to):
            raise ValueError("medians are not added up: leave out `recipes` and `adds_up_to`")
        return self

    @model_validator(mode="after")
    def _records_give_this_form(self) -> "Measure":
        if self.records and self.form not in self.records.forms:
            raise ValueError(f"`records` counts a {' or a '.join(self.records.forms)}, and `form` is {self.form}")
        return self

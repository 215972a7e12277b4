"""How a measure is counted from records of admissions, attendances or discharges, one row each."""

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from evalkit.catalogue.records.fields import Record
from evalkit.catalogue.records.tables import names_a_person

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MICROSECONDS = {"minutes": 60_000_000, "hours": 3_600_000_000, "days": 86_400_000_000}


def _of_nobody(name: str) -> str:
    if names_a_person(name):
        raise ValueError(
            f"`{name}` may identify people, and what identifies people is never read: name another column, such as a"
            " number that the system gave to the stay"
        )
    if "|" in name or any(unicodedata.category(sign)[0] == "C" for sign in name):
        raise ValueError("a column named here has letters, figures and blanks in its name, and no `|`: rename it")
    return name


def _in_a_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


ReadColumn = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_of_nobody)]
OneOf = Annotated[list[str], BeforeValidator(_in_a_list), Field(min_length=1)]
# Columns, and the texts of which a row must have one in each of them.
Choice = dict[ReadColumn, OneOf]


class Within(Record):
    """The time that may pass from one moment to another, the limit itself included."""

    start: ReadColumn
    end: ReadColumn
    minutes: float | None = Field(default=None, gt=0)
    hours: float | None = Field(default=None, gt=0)
    days: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_limit(self) -> "Within":
        if sum(limit is not None for limit in (self.minutes, self.hours, self.days)) != 1:
            raise ValueError("give one limit: `minutes`, `hours` or `days`")
        return self

    @property
    def microseconds(self) -> int:
        """The limit."""
        return round(sum((getattr(self, unit) or 0) * length for unit, length in MICROSECONDS.items()))


class Amount(Record):
    """A number of each record: what a ``column`` holds, or the time from ``start`` to ``end`` in a ``unit``."""

    column: ReadColumn | None = None
    start: ReadColumn | None = None
    end: ReadColumn | None = None
    unit: Literal["minutes", "hours", "days"] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Amount":
        times = [self.start, self.end, self.unit]
        if (self.column is None) != all(times) or (self.column is not None and any(times)):
            raise ValueError("give either `column`, a column of numbers, or all of `start`, `end` and `unit`")
        return self


class FromRecords(Record):
    """Which rows are counted, and what of them.

    ``organisation`` and ``at`` are the columns of the ODS code and of the moment that puts a row into a period.
    ``where`` and ``weekdays`` keep rows, and the whole is counted of those. What is counted is one of

    - nothing else said: rows; ``distinct``: different values of a column;
    - ``within`` or ``of_which``: the share, or rate, of rows of which that holds;
    - ``per``: rows, or those of ``of_which``, by the sum of an amount, such as days in a bed;
    - ``mean_of`` or ``median_of`` an amount.

    ``by_weekday`` and ``stratum`` give further measures beside the whole: one a weekday, one a value of the column.
    """

    organisation: ReadColumn
    at: ReadColumn
    where: Choice = {}
    weekdays: list[Weekday] = []
    by_weekday: bool = False
    stratum: ReadColumn | None = None
    distinct: ReadColumn | None = None
    of_which: Choice = {}
    within: Within | None = None
    per: Amount | None = None
    mean_of: Amount | None = None
    median_of: Amount | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "FromRecords":
        said = [
            name for name in ("distinct", "of_which", "within", "per", "mean_of", "median_of") if getattr(self, name)
        ]
        if len(said) > 1 and set(said) != {"of_which", "per"}:
            raise ValueError(
                f"{' and '.join(f'`{name}`' for name in said)} cannot be counted at once: keep one of them"
            )
        return self

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms that a measure counted like this may have."""
        if self.median_of:
            return ("median",)
        if self.mean_of:
            return ("mean",)
        if self.per:
            return ("rate",)
        return ("proportion", "rate") if self.within or self.of_which else ("count",)

"""A file as somebody publishes it each month, told so that it can be taken into its table: a recipe, and no code."""

from pydantic import Field, model_validator

from evalkit.catalogue.records.fields import ColumnName, Month, OneLine, Record, Words
from evalkit.errors import repeated

MONTH, YEAR = "{month}", "{year}"


class PeriodOfFile(Record):
    """Under which heading the month stands, and as what: ``MSitAE-{month}-{year}`` is MSitAE-DECEMBER-2025.

    The month is its English name in full, in small letters or capitals, the year four figures.
    """

    heading: OneLine
    written: OneLine

    @model_validator(mode="after")
    def _month_and_year(self) -> "PeriodOfFile":
        if any(self.written.count(part) != 1 for part in (MONTH, YEAR)):
            raise ValueError(f"`written` must hold {MONTH} once and {YEAR} once, such as MSitAE-{MONTH}-{YEAR}")
        return self


class Reported(Record):
    """Figures that count as not reported, and are left blank, where all of them are nought and ``beside`` is not."""

    beside: ColumnName
    figures: list[ColumnName] = Field(min_length=1)


class RepeatsYearBefore(Record):
    """Whether all ``figures`` are those of the same place twelve months before, at least ``not_nought`` of them above nought."""

    figures: list[ColumnName] = Field(min_length=1)
    not_nought: int = Field(ge=1)


class MadeColumn(Record):
    """A column of the table that the file does not have, made in one of five ways; ``because`` says why that one.

    ``always``: the same text in each row. ``file_name``: the name of the file. ``since``: True from that month on.
    ``reported``: False where figures were not reported. ``repeats_year_before``: True where a month is a copy.
    """

    always: Words | None = None
    file_name: bool = False
    since: Month | None = None
    reported: Reported | None = None
    repeats_year_before: RepeatsYearBefore | None = None
    because: Words

    @model_validator(mode="after")
    def _one_way(self) -> "MadeColumn":
        ways = [self.always, self.file_name or None, self.since, self.reported, self.repeats_year_before]
        if sum(way is not None for way in ways) != 1:
            raise ValueError(
                "a column is made in one way: give one of `always`, `file_name`, `since`, `reported` and `repeats_year_before`"
            )
        return self


class PublishedFile(Record):
    """The layout of a file, which is known by its headings.

    Attributes
    ----------
    read_from : list of str
        Names of published files in which it was read; it is claimed for no other.
    columns : dict
        Which heading gives which column of the table; further spellings only where a file shows them.
    left_out : list of str
        Headings of figures that the table does not have.
    total : str
        What stands for the code in the row of totals, which the sums of the rows must give in every figure.
    made : dict
        Columns of the table that the file does not have.
    """

    name: OneLine
    read_from: list[OneLine] = Field(min_length=1)
    period: PeriodOfFile
    columns: dict[ColumnName, list[OneLine]]
    left_out: list[OneLine] = []
    total: OneLine
    made: dict[ColumnName, MadeColumn] = {}

    @model_validator(mode="after")
    def _each_heading_once(self) -> "PublishedFile":
        empty = [column for column, headings in self.columns.items() if not headings]
        if empty:
            raise ValueError(f"`columns` names no heading for `{empty[0]}`: write the heading under which it stands")
        twice = repeated(self.headings)
        if twice:
            raise ValueError(f"the heading `{twice[0]}` is named twice: a heading gives one column, or is left out")
        both = sorted(set(self.columns) & set(self.made))
        if both:
            raise ValueError(f"`{both[0]}` stands under `columns` and under `made`: keep it in one of the two")
        return self

    @property
    def headings(self) -> list[str]:
        """Every heading that the layout knows, in every spelling."""
        spelled = [heading for headings in self.columns.values() for heading in headings]
        return [self.period.heading, *spelled, *self.left_out]

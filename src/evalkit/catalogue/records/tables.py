"""The description of a data file: a resource of ``data/datapackage.json`` (Frictionless Data Package)."""

from pathlib import PurePosixPath
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from evalkit.catalogue.records.fields import ColumnName, Record, Slug, Words
from evalkit.catalogue.records.published_files import PublishedFile
from evalkit.disclosure.people import IDENTIFIES, names_a_person

SUBMISSION_COLUMNS = ("org_code", "period", "measure", "numerator", "denominator", "note")
NUMBERS = ("integer", "number")
ColumnKind = Literal["integer", "number", "string", "boolean", "date"]
COLUMN_KINDS = get_args(ColumnKind)
MAY_BE_LEFT_OUT: dict[str, ColumnKind] = {"denominator": "number", "note": "string"}  # columns of a submission


class Column(BaseModel):
    """A Frictionless field; other properties of the standard are allowed and left alone."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: ColumnName
    type: ColumnKind
    description: Words

    @field_validator("name")
    @classmethod
    def _of_nobody(cls, name: str) -> str:
        if names_a_person(name):
            raise ValueError(f"this column {IDENTIFIES}")
        return name


class FlagRule(Record):
    """Something said about a row: by a yes-or-no ``column``, or by several figures that are zero at once.

    ``missing`` lists the columns whose figures are not to be used where the flag holds;
    ``needs_comparators`` marks rows that are only safe in a comparison with other units; ``of_single_days`` a doubt
    about the day of a figure, which says nothing of a mean over many days.
    """

    column: ColumnName | None = None
    when: bool = True
    all_zero: list[ColumnName] = []
    name: Words
    means: Words
    missing: list[ColumnName] = []
    needs_comparators: bool = False
    of_single_days: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> "FlagRule":
        if (self.column is None) == (not self.all_zero):
            raise ValueError("give either `column`, a column of yes or no, or `all_zero`, the figures that are zero")
        return self


class Disclosure(Record):
    """Which rule the table's figures pass on their way out, and why that one."""

    rule: Words
    because: Words


class Layout(Record):
    """How the table is laid out.

    ``wide``: as published, measures in columns. ``long``: a site's own submission, one row a unit, period and
    measure, with the columns ``SUBMISSION_COLUMNS``. ``restated``: what merged or was recoded stands under its later code
    in every period, so that nothing is put together for ``data/successors.csv``. ``published_files`` are the layouts in
    which further months come.
    """

    shape: Literal["wide", "long"]
    grain: Literal["day", "week", "month", "quarter", "year"]
    period: ColumnName = "period"
    unit: ColumnName = "org_code"
    category: ColumnName | None = None
    synthetic: bool = False
    restated: bool = False
    flags: list[FlagRule] = []
    published_files: list[PublishedFile] = []
    disclosure: Disclosure


class Licence(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    name: Words
    title: Words | None = None
    path: Words | None = None


class TableSource(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    title: Words
    path: str | None = None


class Schema(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    fields: list[Column] = Field(min_length=1)
    missingValues: list[str] = [""]


class Table(BaseModel):
    """One data file with its columns, sources, licence and hash."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    name: Slug
    path: Words = Field(max_length=200)
    title: Words
    description: Words
    hash: str | None = Field(default=None, pattern=r"^sha256:[0-9a-f]{64}$")
    sources: list[TableSource] = Field(min_length=1)
    licenses: list[Licence] = Field(min_length=1)
    columns: Schema = Field(alias="schema")
    layout: Layout = Field(alias="evalkit")

    @field_validator("path")
    @classmethod
    def _in_data(cls, path: str) -> str:
        if PurePosixPath(path).is_absolute() or ".." in path or "\\" in path or ":" in path:
            raise ValueError(
                f"`path` is {path}, which is not below data/: put the file in data/tables, and write tables/ before its name"
            )
        return path

    @model_validator(mode="after")
    def _published_tables_have_a_hash(self) -> "Table":
        if self.layout.shape == "wide" and not self.hash:
            raise ValueError("a published table needs its `hash` (sha256:...), so that a changed file is noticed")
        return self

    @property
    def column_types(self) -> dict[str, ColumnKind]:
        """Frictionless type by column name, in the file's order; a submission may gain a column it left out."""
        described = {column.name: column.type for column in self.columns.fields}
        return MAY_BE_LEFT_OUT | described if self.layout.shape == "long" else described

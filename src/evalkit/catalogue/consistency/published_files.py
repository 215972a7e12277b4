"""Do the layouts of published files agree with the tables that they are taken into?"""

from collections.abc import Iterator, Sequence

from evalkit.catalogue.files.yaml_lines import FieldPath
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.published_files import PublishedFile
from evalkit.catalogue.records.tables import COLUMN_KINDS, NUMBERS, Table
from evalkit.errors import Problem

TEXT, TRUTH = ("string",), ("boolean",)


def check_published_files(catalogue: Catalogue) -> list[Problem]:
    """Every column of the table comes from one place, each is of its kind, and no two layouts have the same headings."""
    problems, seen = [], {}
    for id, table in catalogue.tables.items():
        for index, layout in enumerate(table.layout.published_files):
            place: FieldPath = ("evalkit", "published_files", index)
            for path, what in _wrong(table, layout):
                problems.append(catalogue.problem("tables", id, (*place, *path), what))
            other = seen.setdefault(frozenset(layout.headings), layout.name)
            if other is not layout.name:
                what = (
                    f"`{layout.name}` has the headings of `{other}`, so that nobody could tell the two apart: keep one."
                )
                problems.append(catalogue.problem("tables", id, (*place, "name"), what))
    return problems


def _wrong(table: Table, layout: PublishedFile) -> Iterator[tuple[FieldPath, str]]:
    known, shown, period, unit = (
        table.column_types,
        f"data/{table.path}",
        table.layout.period,
        table.layout.unit,
    )
    if (table.layout.shape, table.layout.grain, table.layout.category) != ("wide", "month", None):
        what = f"published files are taken into tables that are wide, one row a place and month; {shown} is none: take it out."
        yield (), what
        return
    if known.get(period) not in ("date", "string"):
        yield ("period",), f"`{period}` of {shown} holds the month: describe it as a date or a string there."
    given = {period, *layout.columns, *layout.made}
    for column in known:
        if column not in given:
            yield (), f"nothing says where `{column}` of {shown} comes from: name it under `columns` or under `made`."
    if period in layout.columns or period in layout.made:
        yield ("period",), f"`{period}` comes from the heading `{layout.period.heading}`: take it out below."
    if unit not in layout.columns:
        yield ("columns",), f"`{unit}` of {shown} has to be in the file: name its heading under `columns`."
    elif known.get(unit) != "string":
        yield ("columns", unit), f"`{unit}` of {shown} holds codes: describe it as a string there."
    for path, column, kinds in _columns(layout):
        if column not in known:
            yield path, f"`{column}` is no column of {shown}: correct it, or take it out."
        elif known[column] not in kinds:
            wanted = " or ".join(kinds)
            yield path, f"`{column}` of {shown} is described as {known[column]}, and has to be {wanted} here."
    figures = [column for column in layout.columns if known.get(column) in NUMBERS]
    if not figures:
        yield ("columns",), "no column of figures is named, so that nothing ties with the row of totals: name one."


def _columns(layout: PublishedFile) -> Iterator[tuple[FieldPath, str, Sequence[str]]]:
    """Every column that is named, where, and of which kinds it may be."""
    for column in layout.columns:
        yield ("columns", column), column, (*NUMBERS, *TEXT)
    for column, made in layout.made.items():
        path: FieldPath = ("made", column)
        text = made.file_name or made.always is not None
        yield path, column, TEXT if made.file_name else COLUMN_KINDS if text else TRUTH
        rule = made.reported or made.repeats_year_before
        if made.reported is not None:
            yield (*path, "reported", "beside"), made.reported.beside, NUMBERS
        if rule is not None:
            field = "reported" if made.reported else "repeats_year_before"
            for index, figure in enumerate(rule.figures):
                yield (*path, field, "figures", index), figure, NUMBERS

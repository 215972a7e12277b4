"""Columns that a published file does not have, by the rules that its layout tells."""

from collections.abc import Mapping

from evalkit.catalogue.records.published_files import MadeColumn, PublishedFile, RepeatsYearBefore, Reported
from evalkit.catalogue.records.tables import NUMBERS, Table

YES, NO, NOT_REPORTED = "True", "False", ""
Cells = Mapping[str, str]


def with_made_columns(
    cells: Cells, table: Table, layout: PublishedFile, month: str, file: str, year_before: Cells | None
) -> dict[str, str]:
    """A row with every column of its table, as text.

    Parameters
    ----------
    cells : what the file gives
    month : such as 2025-12
    file : name of the file
    year_before : the row of the same place twelve months before, where the table has one
    """
    row = {**cells, table.layout.period: in_table(table, month)}
    repeats = {}
    for column, made in layout.made.items():
        if made.repeats_year_before is not None:
            repeats[column] = made.repeats_year_before  # once it is known which figures are not reported
        else:
            row[column] = _made(made, row, month, file)
            if made.reported is not None and row[column] == NO:
                row |= dict.fromkeys(made.reported.figures, NOT_REPORTED)
    row |= {column: repeats_year_before(rule, row, year_before) for column, rule in repeats.items()}
    return {column: row[column] for column in table.column_types}


def in_table(table: Table, month: str) -> str:
    """A month as the table writes it: its first day where the column holds dates."""
    return f"{month}-01" if table.column_types[table.layout.period] == "date" else month


def repeats_year_before(rule: RepeatsYearBefore, row: Cells, year_before: Cells | None) -> str:
    """Whether a row is a copy; where nothing is there to be copied it is none."""
    if year_before is None:
        return NO
    figures = [(as_number(row[column]), as_number(year_before[column])) for column in rule.figures]
    same = all(now == before for now, before in figures)
    return YES if same and sum(now not in ("", 0) for now, _ in figures) >= rule.not_nought else NO


def _made(made: MadeColumn, row: Cells, month: str, file: str) -> str:
    if made.file_name:
        return file
    if made.always is not None:
        return made.always
    if made.since is not None:
        return YES if month >= made.since else NO
    assert made.reported is not None  # a column is made in one way
    return _reported(made.reported, row)


def _reported(rule: Reported, row: Cells) -> str:
    return NO if row[rule.beside] != "0" and all(row[column] == "0" for column in rule.figures) else YES


def as_number(cell: str) -> float | str:
    """A cell that is a number, however it is written: 12 and 12.0 are one figure."""
    try:
        return float(cell)
    except ValueError:
        return cell


def figures_of(table: Table) -> list[str]:
    """The columns whose change is one of what is known, and not only of what it is called."""
    return [column for column, kind in table.column_types.items() if kind in (*NUMBERS, "boolean")]

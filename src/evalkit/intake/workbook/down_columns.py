"""Tables whose periods stand down a column, beside their figures."""

import itertools
import re
from collections.abc import Sequence

from evalkit.errors import Problem
from evalkit.intake.workbook.grids import column_name
from evalkit.intake.workbook.layout import (
    ABOVE,
    FIGURES,
    HEADING,
    NOTE,
    OF_CODES,
    OF_TIME,
    PERHAPS_TOTAL,
    SECTION,
    TOTAL,
    UNITS,
    Point,
)
from evalkit.intake.workbook.period_labels import Label, label
from evalkit.intake.workbook.sheet_reader import SheetReader, of_year, plain_year


def down_columns(reader: SheetReader, headers: Sequence[int]) -> None:
    by_column: dict[int, list[int]] = {}
    for row, column in sorted(reader.labels):
        if row not in headers and reader.labels[row, column].grain != "year" and (row, column) not in reader.taken:
            by_column.setdefault(column, []).append(row)
    rows_of = {column: rows for column, told in by_column.items() if len(rows := _rows_with_figures(reader, told)) > 1}
    rows_of = {column: rows for column, rows in rows_of.items() if _may_be_time(reader, column, rows)}
    done: set[int] = set()
    for column in sorted(rows_of):
        if column in done:
            continue
        rows = rows_of[column]
        beside = [
            at for at in sorted(rows_of)
            if at > column and len(set(rows_of[at]) & set(rows)) > len(rows) / 2 and _is_beside(reader, column, at, rows)
        ]  # fmt: skip
        done |= {column, *beside}
        of_time = _that_says_periods(reader, [column, *beside], rows)
        for part in _tables_down(reader, of_time, rows_of[of_time]):
            _table_down_column(reader, of_time, part, [at for at in (column, *beside) if at != of_time])


def _rows_with_figures(reader: SheetReader, rows: Sequence[int]) -> list[int]:
    """From the first row to the last that have a figure, or a mark in place of one, beside the period; and the rows that
    follow on to either side, whatever stands in them."""
    told = [
        row for row in rows
        if any(reader.looks_like_figure(value) for at, value in enumerate(reader.rows[row]) if value is not None and (row, at) not in reader.labels)
    ]  # fmt: skip
    if not told:
        return []
    first, last, named = told[0], told[-1], set(rows)
    while first - 1 in named:
        first -= 1
    while last + 1 in named:
        last += 1
    return [row for row in rows if first <= row <= last]


def _that_says_periods(reader: SheetReader, columns: Sequence[int], rows: Sequence[int]) -> int:
    """Of several columns of dates the one whose heading speaks of periods; else the first."""
    head = reader.head_of(rows[0])
    if head is None:
        return columns[0]
    return next(
        (at for at in columns if re.search(r"month|period|week|quarter", reader.text(head, at), re.IGNORECASE)),
        columns[0],
    )


def _is_beside(reader: SheetReader, column: int, other: int, rows: Sequence[int]) -> bool:
    """Whether two columns of dates belong to one table: nothing but names stands between them."""
    between = range(min(column, other) + 1, max(column, other))
    return not any(reader.figures_in(row, between) for row in rows)


def _may_be_time(reader: SheetReader, column: int, rows: Sequence[int]) -> bool:
    """Numbers are dates only under a heading that says so."""
    if any(
        not isinstance(reader.rows[row][column], int | float) and label(reader.text(row, column)) is not None
        for row in rows
    ):
        return True
    return any(OF_TIME.fullmatch(reader.text(row, column)) for row in range(rows[0] - 1, max(rows[0] - 5, -1), -1))


def _tables_down(reader: SheetReader, column: int, rows: Sequence[int]) -> list[list[int]]:
    """Rows of one table each: new headings over figures begin another."""
    tables, head = [[rows[0]]], reader.head_of(rows[0])
    for before, row in itertools.pairwise(rows):
        between = [at for at in range(before + 1, row) if not reader.is_blank(at)]
        new = [at for at in between if _is_heading(reader, at, column) and _begins_anew(reader, at, head, before)]
        if new:
            tables.append([row])
            head = new[-1]
        else:
            tables[-1].append(row)
    return tables


def _begins_anew(reader: SheetReader, row: int, head: int | None, before: int) -> bool:
    """Whether headings are others than those above, or have a title of their own."""
    return head is None or reader.rows[row] != reader.rows[head] or reader.title_above(row, before)


def _is_heading(reader: SheetReader, row: int, column: int) -> bool:
    """A row of names over two columns or more, without figures."""
    told = [at for at in range(reader.width) if reader.rows[row][at] is not None]
    return len(told) > 1 and not reader.figures_in(row, told) and (row, column) not in reader.labels


def _table_down_column(reader: SheetReader, column: int, rows: Sequence[int], beside: Sequence[int]) -> None:
    head, units = _heads_of(reader, rows[0], column)
    across = _years_across(reader, rows, column)
    used = _columns_of_table(reader, column, rows, head)
    if head is None and not across:
        what = "begins a table without headings: add a row above it that names its columns, or leave the sheet out with --sheet."
        reader.found.problems.append(Problem(reader.file, 0, f"{reader.sheet.cell(rows[0], column)} {what}"))
        return
    head = rows[0] - 1 if head is None else head
    values, named = values_and_names(reader, used, column, beside, rows, head)
    for at in beside:
        reader.leave_out([(row, at) for row in rows], f"other dates: periods are those of column {column_name(column)}")
    labels = (
        {row: reader.labels[row, column] for row in rows} if across else _labels_down(reader, column, rows, head, used)
    )
    tops = _above(reader, head, values) if not across else None
    fixed = reader.titles(tops if tops is not None else head, _table_before(reader, head))
    _rows_between(reader, column, rows, head, used, units)
    names = {at: reader.text(head, at) or f"column {column_name(at)}" for at in named}
    sections = _sections(reader, rows, head, used)
    told_rows = [
        (
            row,
            {names[at]: reader.text(row, at) for at in named} | ({SECTION: sections[row]} if sections.get(row) else {}),
        )
        for row in rows
    ]
    if not reader.sheet.name:  # of a text file: a comma too many moves a row to the side
        for at in values:
            if not reader.text(head, at) and at not in across:
                what = "stands under no heading: name its column, or put quotation marks around figures with commas."
                place = next((row, at) for row in rows if reader.rows[row][at] is not None)
                reader.found.problems.append(Problem(reader.file, 0, f"{reader.sheet.cell(*place)} {what}"))
    kept, of_time = reader.without_totals(told_rows, values), reader.text(head, column)
    alike: dict[tuple, tuple[dict[str, str], list[int]]] = {}
    for row, told in kept:
        alike.setdefault(tuple(told.items()), (told, []))[1].append(row)
    series: dict[tuple, tuple[dict[str, str], list[Point]]] = {}
    for at in values:
        heading = {} if at in across else {HEADING: _heading(reader, head, units, at)}
        upper = {ABOVE: _upper(reader, tops, at)} if tops is not None else {}
        for told, rows_of in alike.values():
            said = told | heading | upper
            points = series.setdefault((at if at not in across else "", *said.items()), (said, []))[1]
            for row in rows_of:
                time = of_year(labels[row], across[at]) if at in across and labels[row].grain == "part" else labels[row]
                points.append(Point(time, (row, column), (row, at)))
    for said, points in series.values():
        reader.add(fixed | said, points, of_time)


def _heads_of(reader: SheetReader, first: int, column: int) -> tuple[int | None, int | None]:
    """The row of headings, and a row of units below it."""
    head = reader.head_of(first)
    if head is None:
        return None, None
    told = [reader.text(head, at) for at in range(reader.width) if at != column and reader.rows[head][at] is not None]
    above = reader.head_of(head)
    if above is not None and above == head - 1 and told and all(UNITS.fullmatch(text) for text in told):
        return above, head
    return head, None


def _heading(reader: SheetReader, head: int, units: int | None, column: int) -> str:
    unit = reader.text(units, column) if units is not None else ""
    heading = reader.text(head, column)
    return (f"{heading} ({unit})" if heading and unit else heading or unit) or f"column {column_name(column)}"


def _years_across(reader: SheetReader, rows: Sequence[int], column: int) -> dict[int, tuple[str, int]]:
    """The years over columns of months that name none themselves: a table of months by years."""
    if any(reader.labels[row, column].grain != "part" for row in rows):
        return {}
    above = next((row for row in range(rows[0] - 1, -1, -1) if not reader.is_blank(row)), None)
    if above is None:
        return {}
    told = {at: year for at in range(column + 1, reader.width) if (year := reader.year_of(above, at))}
    filled = [
        at for at in range(column + 1, reader.width) if any(reader.is_figure(reader.rows[row][at]) for row in rows)
    ]
    taken = {at: year for at, year in told.items() if at in filled}
    return taken if len(taken) > 1 else {}


def _table_before(reader: SheetReader, head: int) -> int:
    """The last row above a heading that has figures in it."""
    return next(
        (
            row
            for row in range(head - 1, -1, -1)
            if reader.figures_in(row, range(reader.width)) and not reader.is_years(row)
        ),
        -1,
    )


def _columns_of_table(reader: SheetReader, column: int, rows: Sequence[int], head: int | None) -> list[int]:
    """Columns from the one of periods on to either side, up to one that is empty, or to other periods."""
    looked = [*rows, *([head] if head is not None else [])]
    filled = {at for at in range(reader.width) if any(reader.rows[row][at] is not None for row in looked)}
    right = next((at for at in range(column + 1, reader.width + 1) if at not in filled), reader.width)
    left = next((at for at in range(column - 1, -2, -1) if at not in filled), -1)
    used = list(range(left + 1, right))
    times = [at for at in used if at > column and sum((row, at) in reader.labels for row in rows) > len(rows) / 2]
    for at in times:  # a second table beside the first
        if any(reader.figures_in(row, range(column + 1, at)) for row in rows):
            return [one for one in used if one < at]
    return used


def values_and_names(reader: SheetReader, used, column: int, beside, rows, head: int) -> tuple[list[int], list[int]]:
    """The columns of figures and those of names of a table; what is a total, a note or a year is told or taken so."""
    values, named, totals = [], [], []
    for at in used:
        if at == column or at in beside:
            continue
        heading = reader.text(head, at)
        told = [reader.rows[row][at] for row in rows if reader.rows[row][at] is not None]
        if not told:
            continue
        if NOTE.fullmatch(heading):
            reader.leave_out([(row, at) for row in rows if reader.rows[row][at] is not None], "notes")
        elif TOTAL.fullmatch(heading) or PERHAPS_TOTAL.fullmatch(heading):
            totals.append(at)
        elif _is_year_column(reader, at, rows):
            reader.taken |= {(row, at) for row in rows}
        elif sum(map(reader.looks_like_figure, told)) >= FIGURES * len(told) and not OF_CODES.fullmatch(heading):
            values.append(at)
        else:
            named.append(at)
    for at in totals:
        heading = reader.text(head, at)
        if not values or (PERHAPS_TOTAL.fullmatch(heading) and not reader.is_sum_of_columns(at, values, rows)):
            values.append(at)
        else:
            reader.leave_out(
                [(row, at) for row in (head, *rows) if reader.rows[row][at] is not None], f"a total ({heading})"
            )
    return sorted(values), named


def _is_year_column(reader: SheetReader, at: int, rows: Sequence[int]) -> bool:
    return all(reader.year_of(row, at) for row in rows if reader.rows[row][at] is not None)


def _labels_down(
    reader: SheetReader, column: int, rows: Sequence[int], head: int, used: Sequence[int]
) -> dict[int, Label]:
    labels = {row: reader.labels[row, column] for row in rows}
    if not any(told.grain == "part" for told in labels.values()):
        return labels
    years = [
        at for at in used if at != column and _is_year_column(reader, at, rows) and reader.rows[rows[0]][at] is not None
    ]
    over = next(
        (year for row in range(head, max(head - 4, -1), -1) for at in used if (year := reader.year_of(row, at))), None
    )
    said, running = over or reader.year_said(head + 1, -1), None
    for row in rows:
        above = next(
            (year for at in range(row - 1, head, -1) if at not in labels and (year := reader.year_of(at, column))),
            None,
        )
        own = next((year for at in years if (year := reader.year_of(row, at))), None)
        running = own or (running if years else None) or above or said
        if labels[row].grain == "part" and running:
            labels[row] = of_year(labels[row], running)
    return labels


def _above(reader: SheetReader, head: int, values: Sequence[int]) -> int | None:
    """The upper row of headings of two rows."""
    row = head - 1
    if row < 0 or reader.is_blank(row) or reader.figures_in(row, range(reader.width)):
        return None
    told = [at for at in range(reader.width) if reader.rows[row][at] is not None]
    if len(told) < 2 or any((row, at) in reader.labels for at in told):
        return None
    return row if len({reader.text(row, at) for at in told}) > 1 or set(told) >= set(values) else None


def _upper(reader: SheetReader, row: int, column: int) -> str:
    return next((reader.text(row, at) for at in range(column, -1, -1) if reader.rows[row][at] is not None), "")


def _rows_between(
    reader: SheetReader, column: int, rows: Sequence[int], head: int, used: Sequence[int], units: int | None
) -> None:
    """Rows of a table that name no period: totals, headings again, notes, or figures that belong to no period."""
    last = next((row for row in range(rows[-1] + 1, reader.height) if reader.is_blank(row, used)), reader.height)
    of_periods = set(rows)
    for row in range(head + 1, last):
        if row in of_periods or row == units or reader.is_blank(row, used) or _names_period(reader, row, column):
            continue
        told = [(row, at) for at in used if reader.rows[row][at] is not None]
        texts = [reader.text(row, at) for _, at in told]
        if reader.rows[row] == reader.rows[head]:
            reader.leave_out(told, "the headings again")
        elif (total := next((text for text in texts if TOTAL.fullmatch(text)), None)) is not None:
            reader.leave_out(told, f"a total ({total})")
        elif reader.year_of(row, column) and reader.figures_in(row, [at for at in used if at != column]):
            reader.leave_out(told, "a total of a year")
        elif reader.figures_in(row, [at for at in used if not plain_year(reader.rows[row][at])]):
            what = f"has figures beside it and names no period ({reader.text(row, column)!r}): correct it, or clear the row."
            if reader.rows[row][column] is None:
                what = "is empty, and there are figures beside it: say which period they belong to, or clear the row."
            reader.found.problems.append(Problem(reader.file, 0, f"{reader.sheet.cell(row, column)} {what}"))
        else:
            reader.leave_out(told, "a heading or a note: no figures beside it")


def _names_period(reader: SheetReader, row: int, column: int) -> bool:
    told = reader.labels.get((row, column))
    return told is not None and told.grain != "year"


def _sections(reader: SheetReader, rows: Sequence[int], head: int, used: Sequence[int]) -> dict[int, str]:
    """Of each row the nearest line of nothing but text above it, within the table."""
    sections, own, of_periods = {}, "", set(rows)
    for row in range(head + 1, rows[-1] + 1):
        alone = reader.only_text(row) if row not in of_periods else None
        if alone is not None and (row, alone) not in reader.labels and not TOTAL.fullmatch(reader.text(row, alone)):
            own = reader.text(row, alone)
        sections[row] = own
    return sections

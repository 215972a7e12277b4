"""Tables whose periods stand along a row, above their figures."""

from collections.abc import Sequence

from evalkit.intake.workbook.grids import Value, column_name
from evalkit.intake.workbook.layout import NOTE, SECTION, TOTAL, Point
from evalkit.intake.workbook.sheet_reader import SheetReader


def rows_of_periods(reader: SheetReader) -> list[int]:
    """Rows that name periods for the columns below them."""
    by_row: dict[int, list[int]] = {}
    for (row, column), told in reader.labels.items():
        if told.grain != "year":
            by_row.setdefault(row, []).append(column)
    headers = []
    for row, columns in sorted(by_row.items()):
        below = next((at for at in range(row + 1, reader.height) if not reader.is_blank(at, columns)), None)
        heads = [at for at in columns if below is None or (below, at) not in reader.labels]
        if len(columns) >= 2 and len(heads) == len(columns) and (below is not None or headers):
            headers.append(row)
    return headers


def along_rows(reader: SheetReader, headers: Sequence[int]) -> None:
    previous: list[Value] | None = None
    tables: list[list[int]] = []
    for row in headers:
        same = previous is not None and reader.rows[row] == previous
        if same and not reader.title_above(row, tables[-1][-1]):
            reader.leave_out(
                [(row, column) for column in range(reader.width) if reader.rows[row][column] is not None],
                "the headings again",
            )
            tables[-1].append(row)
        else:
            tables.append([row])
        previous = reader.rows[row]
    for number, heads in enumerate(tables):
        end = tables[number + 1][0] if number + 1 < len(tables) else reader.height
        _table_along_rows(
            reader, heads, _before_titles(reader, end, heads[-1]), previous_end=tables[number - 1][-1] if number else -1
        )


def _table_along_rows(reader: SheetReader, heads: Sequence[int], end: int, previous_end: int) -> None:
    head = heads[0]
    columns = sorted(
        column for row, column in reader.labels if row == head and reader.labels[row, column].grain != "year"
    )
    labels = reader.with_years(head, columns, previous_end)
    named = [
        column for column in range(columns[0]) if any(reader.rows[row][column] is not None for row in range(head, end))
    ]
    other = [column for column in range(columns[0], reader.width) if column not in columns]
    for column in other:
        told = [
            (row, column) for row in range(head, end) if reader.rows[row][column] is not None and row not in heads[1:]
        ]
        if told:
            reader.leave_out(told, _why_column(reader, head, column, bool(reader.labels.get((head, column)))))
    names = {
        column: reader.text(head, column)
        or _heading_above(reader, head, column, previous_end)
        or f"column {column_name(column)}"
        for column in named
    }
    fixed = reader.titles(head, previous_end, set(columns))
    section, last = "", dict.fromkeys(named, "")
    rows: list[tuple[int, dict[str, str]]] = []
    for row in range(head + 1, end):
        if row in heads or reader.is_blank(row):
            continue
        alone = reader.only_text(row)
        if reader.is_blank(row, columns):
            if alone is not None and alone in named and _figures_below(reader, row, end, columns, heads):
                section = reader.text(row, alone)
                reader.leave_out([(row, alone)], "a heading of the rows below it")
            else:
                reader.leave_out(reader.in_row(row), "a note: no figures beside it")
            continue
        own = {column: reader.text(row, column) for column in named}
        for column in named[:-1]:
            own[column] = own[column] or last[column]
        last = own
        rows.append((row, {names[column]: own[column] for column in named} | ({SECTION: section} if section else {})))
    for row, told in reader.without_totals(rows):
        points = [Point(labels[column], (head, column), (row, column)) for column in columns]
        reader.add(fixed | told, points)


def _figures_below(reader: SheetReader, row: int, end: int, columns: Sequence[int], heads: Sequence[int]) -> bool:
    return any(reader.figures_in(below, columns) for below in range(row + 1, end) if below not in heads)


def _why_column(reader: SheetReader, head: int, column: int, year: bool) -> str:
    heading = reader.text(head, column)
    if year or TOTAL.fullmatch(heading):
        return f"a total ({heading})"
    return "notes" if NOTE.fullmatch(heading) else f"a column that names no period ({heading or 'no heading'})"


def _heading_above(reader: SheetReader, head: int, column: int, top: int) -> str:
    above = [row for row in range(head - 1, top, -1) if not reader.is_blank(row)]
    several = above and sum(value is not None for value in reader.rows[above[0]]) > 1
    return reader.text(above[0], column) if several and (above[0], column) not in reader.labels else ""


def _before_titles(reader: SheetReader, end: int, head: int) -> int:
    """The end of a table: lines of nothing but text right above the next one are its titles."""
    if end == reader.height:
        return end
    while end - 1 > head and (
        reader.is_blank(end - 1) or reader.only_text(end - 1) is not None or reader.is_years(end - 1)
    ):
        end -= 1
    return end

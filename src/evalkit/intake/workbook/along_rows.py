"""Tables whose periods stand along a row, above their figures."""

from collections.abc import Sequence

from evalkit.errors import Problem
from evalkit.intake.workbook.grids import Value, column_name
from evalkit.intake.workbook.layout import ABOVE, HEADING, NOTE, SECTION, TOTAL, Point
from evalkit.intake.workbook.period_labels import is_nearly_one
from evalkit.intake.workbook.sheet_reader import SheetReader, of_year


def rows_of_periods(reader: SheetReader) -> list[int]:
    """Rows that name periods for the columns below them."""
    by_row: dict[int, list[int]] = {}
    for (row, column), told in reader.labels.items():
        if told.grain != "year":
            by_row.setdefault(row, []).append(column)
    headers = []
    for row, columns in sorted(by_row.items()):
        below = next((at for at in range(row + 1, reader.height) if not reader.is_blank(at, columns)), None)
        heads = [at for at in columns if not _is_period(reader, below, at) and not _is_period(reader, row - 1, at)]
        if len(columns) >= 2 and len(heads) == len(columns) and (below is not None or headers):
            headers.append(row)
    return headers


def _is_period(reader: SheetReader, row: int | None, column: int) -> bool:
    told = reader.labels.get((row, column)) if row is not None else None
    return told is not None and told.grain != "year"


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
    periods = sorted(
        column for row, column in reader.labels if row == head and reader.labels[row, column].grain != "year"
    )
    below = _headings_below(reader, head, periods, end)
    period_of = _periods_over(reader, head, periods, below)
    columns = sorted(period_of)
    labels = reader.with_years(head, periods, previous_end)
    bands = _bands(reader, head, columns, previous_end)
    left = [at for at in range(columns[0]) if any(reader.rows[row][at] is not None for row in range(head, end))]
    right = [at for at in range(columns[-1] + 1, reader.width) if _is_of_names(reader, head, at, end, columns)]
    named = [*left, *right]
    _leave_out_columns(
        reader, heads, end, [at for at in range(columns[0], reader.width) if at not in (*columns, *right)]
    )
    names = {
        column: reader.text(head, column)
        or _heading_above(reader, head, column, previous_end)
        or f"column {column_name(column)}"
        for column in named
    }
    fixed = reader.titles(head, previous_end)
    of_time = " ".join(reader.text(head, at) for at in left)
    section, last = "", dict.fromkeys(named, "")
    rows: list[tuple[int, dict[str, str]]] = []
    for row in range(head + 1, end):
        if row in heads or row == below or reader.is_blank(row):
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
        for column in left[:-1]:
            own[column] = own[column] or last[column]
        last = own
        rows.append((row, {names[column]: own[column] for column in named} | ({SECTION: section} if section else {})))
    years = {row: _year_of_row(reader, row, left) for row, _ in rows}
    of_years = [at for at in left if rows and all(reader.year_of(row, at) for row, _ in rows)]
    if any(labels[column].grain == "part" for column in periods) and of_years:
        rows = [(row, {name: text for name, text in told.items() if name != names[of_years[0]]}) for row, told in rows]
    for row, told in reader.without_totals(rows, columns):
        parts: dict[tuple[str, str], list[Point]] = {}
        for column in columns:
            time = labels[period_of[column]]
            year = years[row]
            time = of_year(time, year) if time.grain == "part" and year else time
            heading = reader.text(below, column) if below is not None else ""
            parts.setdefault((heading, bands.get(column, "")), []).append(
                Point(time, (head, period_of[column]), (row, column))
            )
        for (heading, band), points in parts.items():
            reader.add(fixed | told | {HEADING: heading, ABOVE: band}, points, of_time)


def _headings_below(reader: SheetReader, head: int, periods: Sequence[int], end: int) -> int | None:
    """A second row of headings: names under each period, such as numerator and denominator, and nothing beside them."""
    row = next((at for at in range(head + 1, end) if not reader.is_blank(at)), None)
    if row is None or not reader.is_blank(row, range(periods[0])):
        return None
    told = [at for at in range(periods[0], reader.width) if reader.rows[row][at] is not None]
    is_text = all(
        isinstance(reader.rows[row][at], str) and not reader.looks_like_figure(reader.rows[row][at]) for at in told
    )
    is_text = is_text and not any((row, at) in reader.labels for at in told)
    return (
        row if told and is_text and len(told) >= len(periods) and _figures_below(reader, row, end, told, ()) else None
    )


def _periods_over(reader: SheetReader, head: int, periods: Sequence[int], below: int | None) -> dict[int, int]:
    """For each column of figures the one that names its period: the last before it, up to another heading."""
    over, named = {}, set(periods)
    if below is None:
        return {column: column for column in periods}
    current: int | None = None
    for column in range(periods[0], reader.width):
        merged = reader.merged_away.get((head, column))
        if column in named and not (merged and merged[1] != column and merged[1] in named):
            current = column
        elif column in named and merged:
            current = merged[1]
        elif reader.rows[head][column] is not None:
            current = None
        if current is not None and reader.rows[below][column] is not None:
            over[column] = current
    return over


def _bands(reader: SheetReader, head: int, columns: Sequence[int], top: int) -> dict[int, str]:
    """What stands over several periods and is no year, such as actual and forecast."""
    for row in range(head - 1, top, -1):
        if reader.is_blank(row) or reader.only_text(row) is not None:
            return {}
        told = [at for at in columns if reader.rows[row][at] is not None]
        if not told or any(reader.year_of(row, at) or (row, at) in reader.labels for at in told):
            continue
        if any(reader.is_figure(reader.rows[row][at]) for at in told):
            return {}
        return {at: reader.text(row, max(one for one in told if one <= at)) for at in columns if told[0] <= at}
    return {}


def _is_of_names(reader: SheetReader, head: int, column: int, end: int, columns: Sequence[int]) -> bool:
    """Whether a column to the right of the figures names its rows."""
    heading = reader.text(head, column)
    rows = [row for row in range(head + 1, end) if not reader.is_blank(row, columns)]
    told = [reader.rows[row][column] for row in rows if reader.rows[row][column] is not None]
    if not heading or NOTE.fullmatch(heading) or TOTAL.fullmatch(heading) or len(told) < len(rows) / 2:
        return False
    return bool(told) and all(isinstance(value, str) and not reader.looks_like_figure(value) for value in told)


def _leave_out_columns(reader: SheetReader, heads: Sequence[int], end: int, columns: Sequence[int]) -> None:
    head = heads[0]
    for column in columns:
        told = [
            (row, column) for row in range(head, end) if reader.rows[row][column] is not None and row not in heads[1:]
        ]
        if not told:
            continue
        if (head, column) not in reader.labels and is_nearly_one(reader.text(head, column)):
            what = (
                f"({reader.text(head, column)!r}) names no period: correct it, or clear it if the column is not meant."
            )
            reader.found.problems.append(Problem(reader.file, 0, f"{reader.sheet.cell(head, column)} {what}"))
        else:
            reader.leave_out(told, _why_column(reader, head, column, bool(reader.labels.get((head, column)))))


def _year_of_row(reader: SheetReader, row: int, left: Sequence[int]) -> tuple[str, int] | None:
    return next((year for at in left if (year := reader.year_of(row, at))), None)


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

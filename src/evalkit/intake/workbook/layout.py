"""Where the tables of a sheet are: which cells name periods, which name what is counted, and which hold figures.

Periods may run down a column or along a row, under headings of one or two rows, below titles, several tables a sheet. What
is taken for a total, a note or a heading is named, cell by cell.
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from evalkit.errors import Problem
from evalkit.intake.workbook.cells import cleaned, figure
from evalkit.intake.workbook.grids import Sheet, Value, column_name
from evalkit.intake.workbook.period_labels import YEARS, Label, label, numeric_label, with_year

TOTAL = re.compile(
    r"((grand|overall|sub|trust|site|year|annual|running|cumulative)[\s\-]*)*totals?\b.*|.*\b(sub[\s\-]?)?totals?|all|sum|overall|"
    r"average|avg|mean|ytd|y\.t\.d\.|(financial )?year[\s\-]to[\s\-]date|full year|annual|cumulative|rolling.*",
    re.IGNORECASE,
)
NOTE = re.compile(r"(foot)?notes?|comments?|remarks?|commentary|narrative|explanation.*", re.IGNORECASE)
OF_TIME = re.compile(r".*\b(months?|periods?|dates?|weeks?|quarters?|days?|time|w/?[ec])\b.*", re.IGNORECASE)
OF_CODES = re.compile(r".*\b(code|ods|id|ref|reference|no\.?|row|rank|index|#)\b.*|#", re.IGNORECASE)
CODE = re.compile(r"[A-Z0-9]{3,6}")
WRITTEN_WRONGLY = re.compile(r"[(\-−+£<>~≈#\s]*\d.{0,12}\Z|#[A-Z/0 ]+[!?]")
FIGURES = 0.5  # of a column's cells that have to be figures
TITLE, SHEET, SECTION, HEADING, ABOVE = "title", "sheet", "section", "heading", "heading above"

Place = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Point:
    """One figure: what names its period, and where both are."""

    time: Label
    named: Place
    at: Place


@dataclass(frozen=True, eq=False)
class Series:
    """Figures that are named alike.

    Attributes
    ----------
    labels : dict
        What names them, by the column, row or place in which it stands.
    hidden : bool
        Whether any of it stands in a hidden row, column or sheet.
    """

    sheet: Sheet
    labels: dict[str, str]
    points: tuple[Point, ...]
    hidden: bool

    def visible(self) -> "Series":
        """Without the figures that are hidden."""
        sheet = self.sheet
        if sheet.hidden:
            return replace(self, points=(), hidden=False)
        kept = [
            point for point in self.points
            if not any(row in sheet.hidden_rows or column in sheet.hidden_columns for row, column in (point.named, point.at))
        ]  # fmt: skip
        return replace(self, points=tuple(kept), hidden=False)

    def cells(self) -> str:
        """The cells of its figures, as people name a range."""
        return cell_range(self.sheet, [point.at for point in self.points])


@dataclass(frozen=True)
class LeftOut:
    """Cells that are not taken, and why."""

    cells: str
    why: str


@dataclass(eq=False)
class Found:
    """What was found in a sheet."""

    series: list[Series] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def cell_range(sheet: Sheet, places: Sequence[Place]) -> str:
    """The rectangle around cells: Data!C5:C40."""
    rows, columns = [row for row, _ in places], [column for _, column in places]
    first, last = (min(rows), min(columns)), (max(rows), max(columns))
    begins = sheet.cell(*first)
    return begins if first == last else f"{begins}:{column_name(last[1])}{last[0] + 1}"


def find_tables(sheet: Sheet, file: str) -> Found:
    """The series of a sheet, with what is left out of it and what cannot be read."""
    reader = _Reader(sheet, file)
    if reader.is_empty:
        return Found()
    for as_number in (False, True):
        reader.look_for_periods(as_number)
        headers = reader.rows_of_periods()
        reader.along_rows(headers)
        reader.down_columns(headers)
        if reader.found.series or reader.found.problems:
            break
    else:
        reader.years_alone()
    return reader.found


class _Reader:
    """One sheet, read from the top."""

    def __init__(self, sheet: Sheet, file: str):
        self.sheet, self.file = sheet, file
        self.rows = [list(row) for row in sheet.rows]
        self.height, self.width = len(self.rows), len(self.rows[0]) if self.rows else 0
        self.merged_away: dict[Place, Place] = {}
        for top, left, bottom, right in sheet.merged:
            value = self.rows[top][left] if top < self.height and left < self.width else None
            for row in range(top, min(bottom + 1, self.height)):
                for column in range(left, min(right + 1, self.width)):
                    if (row, column) != (top, left):
                        self.merged_away[row, column] = (top, left)
                        if isinstance(value, str) or label(value) is not None or _plain_year(value):
                            self.rows[row][column] = value
        self.is_empty = not self.height or not self.width
        self.found = Found()
        self.labels: dict[Place, Label] = {}
        self.taken: set[Place] = set()

    # What a cell is.

    def text(self, row: int, column: int) -> str:
        value = self.rows[row][column]
        return cleaned(value) if isinstance(value, str) else "" if value is None else str(value)

    def is_blank(self, row: int, columns: Iterable[int] | None = None) -> bool:
        cells = self.rows[row]
        return all(cells[column] is None for column in (range(self.width) if columns is None else columns))

    def look_for_periods(self, as_number: bool) -> None:
        read = numeric_label if as_number else label
        known: dict[Value, Label | None] = {}
        self.labels = {}
        for row, cells in enumerate(self.rows):
            for column, value in enumerate(cells):
                if value is None or (not as_number and isinstance(value, int | float)):
                    continue
                key = cleaned(value) if isinstance(value, str) else value
                if key not in known:
                    known[key] = read(key)
                told = known[key]
                if told is not None:
                    self.labels[row, column] = told

    def figures_in(self, row: int, columns: Iterable[int]) -> bool:
        return any(self._is_figure(self.rows[row][column]) for column in columns)

    def _is_figure(self, value: Value) -> bool:
        if isinstance(value, bool) or value is None:
            return False
        if isinstance(value, int | float):
            return True
        if not isinstance(value, str) or label(cleaned(value)) is not None:
            return False
        return figure(value).number is not None

    # Periods along a row.

    def rows_of_periods(self) -> list[int]:
        """Rows that name periods for the columns below them."""
        by_row: dict[int, list[int]] = {}
        for (row, column), told in self.labels.items():
            if told.grain != "year":
                by_row.setdefault(row, []).append(column)
        headers = []
        for row, columns in sorted(by_row.items()):
            below = next((at for at in range(row + 1, self.height) if not self.is_blank(at, columns)), None)
            heads = [at for at in columns if below is None or (below, at) not in self.labels]
            if len(columns) >= 2 and len(heads) == len(columns) and (below is not None or headers):
                headers.append(row)
        return headers

    def along_rows(self, headers: Sequence[int]) -> None:
        previous: list[Value] | None = None
        tables: list[list[int]] = []
        for row in headers:
            same = previous is not None and self.rows[row] == previous
            if same and not self._title_above(row, tables[-1][-1]):
                self._leave_out(
                    [(row, column) for column in range(self.width) if self.rows[row][column] is not None],
                    "the headings again",
                )
                tables[-1].append(row)
            else:
                tables.append([row])
            previous = self.rows[row]
        for number, heads in enumerate(tables):
            end = tables[number + 1][0] if number + 1 < len(tables) else self.height
            self._table_along_rows(
                heads, self._before_titles(end, heads[-1]), previous_end=tables[number - 1][-1] if number else -1
            )

    def _title_above(self, row: int, last: int) -> bool:
        above = [at for at in range(last + 1, row) if not self.is_blank(at)]
        return bool(above) and self._only_text(above[-1]) is not None

    def _before_titles(self, end: int, head: int) -> int:
        """The end of a table: lines of nothing but text right above the next one are its titles."""
        if end == self.height:
            return end
        while end - 1 > head and (
            self.is_blank(end - 1) or self._only_text(end - 1) is not None or self._is_years(end - 1)
        ):
            end -= 1
        return end

    def _is_years(self, row: int) -> bool:
        told = [column for column in range(self.width) if self.rows[row][column] is not None]
        return bool(told) and all(self._year_of(row, column) for column in told)

    def _only_text(self, row: int) -> int | None:
        """The column of the only cell of a row with text in it, where there is nothing else."""
        told = [
            column
            for column in range(self.width)
            if self.rows[row][column] is not None and (row, column) not in self.merged_away
        ]
        if len(told) != 1 or not isinstance(self.rows[row][told[0]], str):
            return None
        return None if self._is_figure(self.rows[row][told[0]]) else told[0]

    def _year_of(self, row: int, column: int) -> tuple[str, int] | None:
        told = self.labels.get((row, column))
        if told is not None and told.grain == "year" and told.first:
            return "financial", told.first.year
        plain = _plain_year(self.rows[row][column])
        return ("calendar", plain) if plain else None

    def _with_years(self, row: int, columns: Sequence[int], top: int) -> dict[int, Label]:
        """The labels of a row of periods; parts of a year take it from the row above, or from a title."""
        labels = {column: self.labels[row, column] for column in columns}
        parts = [column for column in columns if labels[column].grain == "part"]
        if not parts:
            return labels
        years: dict[int, tuple[str, int]] = {}
        for above in range(row - 1, top, -1):
            told = {column: year for column in range(self.width) if (year := self._year_of(above, column))}
            if told:
                years = {
                    column: told[max(at for at in told if at <= column)] for column in parts if min(told) <= column
                }
                self.taken |= {(above, column) for column in told}
                break
        if not years:
            years = dict.fromkeys(parts, year) if (year := self._year_said(row, top)) else {}
        return labels | {column: _of_year(labels[column], years[column]) for column in parts if column in years}

    def _year_said(self, row: int, top: int) -> tuple[str, int] | None:
        """The one year that a title above, or the name of the sheet, speaks of."""
        texts = [
            self.sheet.name,
            *(self.text(at, column) for at in range(top + 1, row) for column in range(self.width)),
        ]
        told = {
            tuple(match)
            for text in texts
            for match in re.findall(r"\b((?:19|20)\d\d)\s*[/\-–]\s*(?:20)?(\d\d)\b", text)
        }
        starts = {int(first) for first, second in told if int(second) == (int(first) + 1) % 100}
        return ("financial", starts.pop()) if len(starts) == 1 else None

    def _table_along_rows(self, heads: Sequence[int], end: int, previous_end: int) -> None:
        head = heads[0]
        columns = sorted(
            column for row, column in self.labels if row == head and self.labels[row, column].grain != "year"
        )
        labels = self._with_years(head, columns, previous_end)
        named = [
            column
            for column in range(columns[0])
            if any(self.rows[row][column] is not None for row in range(head, end))
        ]
        other = [column for column in range(columns[0], self.width) if column not in columns]
        for column in other:
            told = [
                (row, column) for row in range(head, end) if self.rows[row][column] is not None and row not in heads[1:]
            ]
            if told:
                self._leave_out(told, self._why_column(head, column, bool(self.labels.get((head, column)))))
        names = {
            column: self.text(head, column)
            or self._heading_above(head, column, previous_end)
            or f"column {column_name(column)}"
            for column in named
        }
        fixed = self._titles(head, previous_end, set(columns))
        section, last = "", dict.fromkeys(named, "")
        rows: list[tuple[int, dict[str, str]]] = []
        for row in range(head + 1, end):
            if row in heads or self.is_blank(row):
                continue
            alone = self._only_text(row)
            if self.is_blank(row, columns):
                if alone is not None and alone in named and self._figures_below(row, end, columns, heads):
                    section = self.text(row, alone)
                    self._leave_out([(row, alone)], "a heading of the rows below it")
                else:
                    self._leave_out(self._in_row(row), "a note: no figures beside it")
                continue
            own = {column: self.text(row, column) for column in named}
            for column in named[:-1]:
                own[column] = own[column] or last[column]
            last = own
            rows.append(
                (row, {names[column]: own[column] for column in named} | ({SECTION: section} if section else {}))
            )
        for row, told in self._without_totals(rows):
            points = [Point(labels[column], (head, column), (row, column)) for column in columns]
            self._add(fixed | told, points)

    def _figures_below(self, row: int, end: int, columns: Sequence[int], heads: Sequence[int]) -> bool:
        return any(self.figures_in(below, columns) for below in range(row + 1, end) if below not in heads)

    def _why_column(self, head: int, column: int, year: bool) -> str:
        heading = self.text(head, column)
        if year or TOTAL.fullmatch(heading):
            return f"a total ({heading})"
        return "notes" if NOTE.fullmatch(heading) else f"a column that names no period ({heading or 'no heading'})"

    def _heading_above(self, head: int, column: int, top: int) -> str:
        above = [row for row in range(head - 1, top, -1) if not self.is_blank(row)]
        several = above and sum(value is not None for value in self.rows[above[0]]) > 1
        return self.text(above[0], column) if several and (above[0], column) not in self.labels else ""

    def _titles(self, head: int, top: int, columns: set[int]) -> dict[str, str]:
        """What stands above a table, and which sheet it is in."""
        told = [self.text(row, at) for row in range(top + 1, head) if (at := self._only_text(row)) is not None]
        told = [one for one in told if label(one) is None]
        return ({SHEET: cleaned(self.sheet.name)} if self.sheet.name else {}) | (
            {TITLE: " / ".join(told)} if told else {}
        )

    def _without_totals(self, rows: list[tuple[int, dict[str, str]]]) -> list[tuple[int, dict[str, str]]]:
        totals = [row for row, told in rows if any(TOTAL.fullmatch(text) for text in told.values())]
        if len(totals) == len(rows):  # a table of nothing but totals is one
            return rows
        for row in totals:
            self._leave_out(self._in_row(row), "a total")
        return [one for one in rows if one[0] not in totals]

    # Periods down a column.

    def down_columns(self, headers: Sequence[int]) -> None:
        by_column: dict[int, list[int]] = {}
        for row, column in sorted(self.labels):
            if row not in headers and self.labels[row, column].grain != "year" and (row, column) not in self.taken:
                by_column.setdefault(column, []).append(row)
        rows_of = {column: rows for column, told in by_column.items() if len(rows := self._rows_with_figures(told)) > 1}
        rows_of = {column: rows for column, rows in rows_of.items() if self._may_be_time(column, rows)}
        done: set[int] = set()
        for column in sorted(rows_of):
            if column in done:
                continue
            rows = rows_of[column]
            beside = [
                at for at in sorted(rows_of)
                if at > column and len(set(rows_of[at]) & set(rows)) > len(rows) / 2 and self._is_beside(column, at, rows)
            ]  # fmt: skip
            done |= {column, *beside}
            of_time = self._that_says_periods([column, *beside], rows)
            for part in self._tables_down(of_time, rows_of[of_time]):
                self._table_down_column(of_time, part, [at for at in (column, *beside) if at != of_time])

    def _rows_with_figures(self, rows: Sequence[int]) -> list[int]:
        """From the first row to the last that have a figure, or a mark in place of one, beside the period."""
        told = [
            row for row in rows
            if any(self._looks_like_figure(value) for at, value in enumerate(self.rows[row]) if value is not None and (row, at) not in self.labels)
        ]  # fmt: skip
        return [row for row in rows if told and told[0] <= row <= told[-1]]

    def _that_says_periods(self, columns: Sequence[int], rows: Sequence[int]) -> int:
        """Of several columns of dates the one whose heading speaks of periods; else the first."""
        head = self._head_of(rows[0])
        if head is None:
            return columns[0]
        return next(
            (at for at in columns if re.search(r"month|period|week|quarter", self.text(head, at), re.IGNORECASE)),
            columns[0],
        )

    def _is_beside(self, column: int, other: int, rows: Sequence[int]) -> bool:
        """Whether two columns of dates belong to one table: nothing but names stands between them."""
        between = range(min(column, other) + 1, max(column, other))
        return not any(self.figures_in(row, between) for row in rows)

    def _may_be_time(self, column: int, rows: Sequence[int]) -> bool:
        """Numbers are dates only under a heading that says so."""
        if any(
            not isinstance(self.rows[row][column], int | float) and label(self.text(row, column)) is not None
            for row in rows
        ):
            return True
        return any(OF_TIME.fullmatch(self.text(row, column)) for row in range(rows[0] - 1, max(rows[0] - 5, -1), -1))

    def _tables_down(self, column: int, rows: Sequence[int]) -> list[list[int]]:
        """Rows of one table each: new headings over figures begin another."""
        tables, head = [[rows[0]]], self._head_of(rows[0])
        for before, row in itertools.pairwise(rows):
            between = [at for at in range(before + 1, row) if not self.is_blank(at)]
            new = [at for at in between if self._is_heading(at, column) and self._begins_anew(at, head, before)]
            if new:
                tables.append([row])
                head = new[-1]
            else:
                tables[-1].append(row)
        return tables

    def _begins_anew(self, row: int, head: int | None, before: int) -> bool:
        """Whether headings are others than those above, or have a title of their own."""
        return head is None or self.rows[row] != self.rows[head] or self._title_above(row, before)

    def _is_heading(self, row: int, column: int) -> bool:
        """A row of names over two columns or more, without figures."""
        told = [at for at in range(self.width) if self.rows[row][at] is not None]
        return len(told) > 1 and not self.figures_in(row, told) and (row, column) not in self.labels

    def _head_of(self, first: int) -> int | None:
        for row in range(first - 1, -1, -1):
            if not self.is_blank(row) and self._only_text(row) is None and not self._is_years(row):
                plain = [
                    at
                    for at in range(self.width)
                    if self.rows[row][at] is not None and not _plain_year(self.rows[row][at])
                ]
                return None if self.figures_in(row, plain) else row
        return None

    def _table_down_column(self, column: int, rows: Sequence[int], beside: Sequence[int]) -> None:
        head = self._head_of(rows[0])
        used = self._columns_of_table(column, rows, head)
        if head is None:
            what = "begins a table without headings: add a row above it that names its columns."
            self.found.problems.append(Problem(self.file, 0, f"{self.sheet.cell(rows[0], column)} {what}"))
            return
        values, named = self._values_and_names(used, column, beside, rows, head)
        for at in beside:
            self._leave_out(
                [(row, at) for row in rows], f"other dates: periods are those of column {column_name(column)}"
            )
        labels = self._labels_down(column, rows, head, beside)
        tops = self._above(head, values)
        fixed = self._titles(tops if tops is not None else head, self._table_before(head), {column})
        self._rows_between(column, rows, head, used)
        names = {at: self.text(head, at) or f"column {column_name(at)}" for at in named}
        sections = self._sections(rows, head, used)
        told_rows = [
            (
                row,
                {names[at]: self.text(row, at) for at in named}
                | ({SECTION: sections[row]} if sections.get(row) else {}),
            )
            for row in rows
        ]
        kept = self._without_totals(told_rows)
        for at in values:
            heading = {HEADING: self.text(head, at) or f"column {column_name(at)}"}
            upper = self._upper(tops, at) if tops is not None else ""
            series: dict[tuple, tuple[dict[str, str], list[Point]]] = {}
            for row, told in kept:
                own = series.setdefault(tuple(told.items()), (told, []))
                own[1].append(Point(labels[row], (row, column), (row, at)))
            for told, points in series.values():
                self._add(fixed | told | heading | ({ABOVE: upper} if upper else {}), points)

    def _table_before(self, head: int) -> int:
        """The last row above a heading that has figures in it."""
        return next(
            (
                row
                for row in range(head - 1, -1, -1)
                if self.figures_in(row, range(self.width)) and not self._is_years(row)
            ),
            -1,
        )

    def _columns_of_table(self, column: int, rows: Sequence[int], head: int | None) -> list[int]:
        """Columns from the one of periods on to either side, up to one that is empty, or to other periods."""
        looked = [*rows, *([head] if head is not None else [])]
        filled = {at for at in range(self.width) if any(self.rows[row][at] is not None for row in looked)}
        right = next((at for at in range(column + 1, self.width + 1) if at not in filled), self.width)
        left = next((at for at in range(column - 1, -2, -1) if at not in filled), -1)
        used = list(range(left + 1, right))
        times = [at for at in used if at > column and sum((row, at) in self.labels for row in rows) > len(rows) / 2]
        for at in times:  # a second table beside the first
            if any(self.figures_in(row, range(column + 1, at)) for row in rows):
                return [one for one in used if one < at]
        return used

    def _values_and_names(self, used, column: int, beside, rows, head: int) -> tuple[list[int], list[int]]:
        values, named = [], []
        for at in used:
            if at == column or at in beside:
                continue
            heading = self.text(head, at)
            told = [self.rows[row][at] for row in rows if self.rows[row][at] is not None]
            if not told:
                continue
            if NOTE.fullmatch(heading):
                self._leave_out([(row, at) for row in rows if self.rows[row][at] is not None], "notes")
            elif TOTAL.fullmatch(heading):
                self._leave_out(
                    [(row, at) for row in (head, *rows) if self.rows[row][at] is not None], f"a total ({heading})"
                )
            elif self._is_year_column(at, rows):
                self.taken |= {(row, at) for row in rows}
            elif sum(map(self._looks_like_figure, told)) >= FIGURES * len(told) and not OF_CODES.fullmatch(heading):
                values.append(at)
            else:
                named.append(at)
        return values, named

    def _looks_like_figure(self, value: Value) -> bool:
        """Whether a cell is a figure, a mark in place of one, or one that is written wrongly."""
        if isinstance(value, str):
            read = figure(value)
            if read.problem:
                return not CODE.fullmatch(value.strip()) and WRITTEN_WRONGLY.match(cleaned(value)) is not None
            return read.number is not None or (bool(read.mark) and len(read.mark) < 4)
        return isinstance(value, int | float) and not isinstance(value, bool)

    def _is_year_column(self, at: int, rows: Sequence[int]) -> bool:
        return all(self._year_of(row, at) for row in rows if self.rows[row][at] is not None)

    def _labels_down(self, column: int, rows: Sequence[int], head: int, beside: Sequence[int]) -> dict[int, Label]:
        labels = {row: self.labels[row, column] for row in rows}
        if not any(told.grain == "part" for told in labels.values()):
            return labels
        years = [
            at
            for at in range(self.width)
            if at != column and self._is_year_column(at, rows) and self.rows[rows[0]][at] is not None
        ]
        said, running = self._year_said(head + 1, -1), None
        for row in rows:
            above = next(
                (year for at in range(row - 1, head, -1) if at not in labels and (year := self._year_of(at, column))),
                None,
            )
            own = next((year for at in years if (year := self._year_of(row, at))), None)
            running = own or (running if years else None) or above or said
            if labels[row].grain == "part" and running:
                labels[row] = _of_year(labels[row], running)
        return labels

    def _above(self, head: int, values: Sequence[int]) -> int | None:
        """The upper row of headings of two rows."""
        row = head - 1
        if row < 0 or self.is_blank(row) or self.figures_in(row, range(self.width)):
            return None
        told = [at for at in range(self.width) if self.rows[row][at] is not None]
        if len(told) < 2 or any((row, at) in self.labels for at in told):
            return None
        return row if len({self.text(row, at) for at in told}) > 1 or set(told) >= set(values) else None

    def _upper(self, row: int, column: int) -> str:
        return next((self.text(row, at) for at in range(column, -1, -1) if self.rows[row][at] is not None), "")

    def _rows_between(self, column: int, rows: Sequence[int], head: int, used: Sequence[int]) -> None:
        """Rows of a table that name no period: totals, headings again, notes, or figures that belong to no period."""
        last = next((row for row in range(rows[-1] + 1, self.height) if self.is_blank(row, used)), self.height)
        for row in range(head + 1, last):
            if row in rows or self.is_blank(row, used):
                continue
            told = [(row, at) for at in used if self.rows[row][at] is not None]
            texts = [self.text(row, at) for _, at in told]
            if self.rows[row] == self.rows[head]:
                self._leave_out(told, "the headings again")
            elif any(TOTAL.fullmatch(text) for text in texts):
                self._leave_out(told, "a total")
            elif self._year_of(row, column) and self.figures_in(row, [at for at in used if at != column]):
                self._leave_out(told, "a total of a year")
            elif self.figures_in(row, [at for at in used if not _plain_year(self.rows[row][at])]):
                what = f"has figures beside it and names no period ({self.text(row, column)!r}): correct it, or clear the row."
                if self.rows[row][column] is None:
                    what = (
                        "is empty, and there are figures beside it: say which period they belong to, or clear the row."
                    )
                self.found.problems.append(Problem(self.file, 0, f"{self.sheet.cell(row, column)} {what}"))
            else:
                self._leave_out(told, "a heading or a note: no figures beside it")

    def _sections(self, rows: Sequence[int], head: int, used: Sequence[int]) -> dict[int, str]:
        """Of each row the nearest line of nothing but text above it, within the table."""
        sections, own = {}, ""
        for row in range(head + 1, rows[-1] + 1):
            alone = self._only_text(row) if row not in rows else None
            if alone is not None and (row, alone) not in self.labels and not TOTAL.fullmatch(self.text(row, alone)):
                own = self.text(row, alone)
            sections[row] = own
        return sections

    def years_alone(self) -> None:
        """Figures by year are no series that a design could use."""
        place = next((place for place, told in sorted(self.labels.items()) if told.grain == "year"), None)
        if place:
            what = "is a whole year: give months, weeks, days or quarters."
            self.found.problems.append(Problem(self.file, 0, f"{self.sheet.cell(*place)} {what}"))

    # What is taken and what is not.

    def _in_row(self, row: int) -> list[Place]:
        return [(row, column) for column in range(self.width) if self.rows[row][column] is not None]

    def _leave_out(self, places: Sequence[Place], why: str) -> None:
        if places:
            self.found.left_out.append(LeftOut(cell_range(self.sheet, places), why))

    def _add(self, labels: dict[str, str], points: Sequence[Point]) -> None:
        kept = [
            point
            for point in points
            if point.at not in self.merged_away or self.rows[point.at[0]][point.at[1]] is not None
        ]
        for point in points:
            if point.at in self.merged_away and self.sheet.rows[point.at[0]][point.at[1]] is None:
                first = self.sheet.cell(*self.merged_away[point.at])
                what = f"is merged with {first}: give each period its own figure."
                self.found.problems.append(Problem(self.file, 0, f"{self.sheet.cell(*point.at)} {what}"))
        if kept:
            series = Series(
                self.sheet, {name: text for name, text in labels.items() if text}, tuple(kept), hidden=False
            )
            hidden = len(series.visible().points) < len(kept)
            self.found.series.append(replace(series, hidden=hidden))


def _plain_year(value: Value) -> int:
    if isinstance(value, str) and re.fullmatch(r"\s*(?:19|20)\d\d\s*", value):
        value = int(value)
    is_year = (
        isinstance(value, int | float) and not isinstance(value, bool) and value == int(value) and int(value) in YEARS
    )
    return int(value) if is_year and isinstance(value, int | float) else 0


def _of_year(part: Label, year: tuple[str, int]) -> Label:
    kind, start = year
    if kind == "calendar" and part.part <= 12:
        return with_year(part.part, start - (part.part < 4))
    if kind == "calendar":
        return replace(part, grain="part")
    return with_year(part.part, start)

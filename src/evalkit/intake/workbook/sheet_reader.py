"""What a sheet's cells are, and what is taken from it: what tables along rows and down columns share."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from evalkit.catalogue.records.fields import is_code
from evalkit.errors import Problem
from evalkit.intake.workbook.cells import cleaned, figure
from evalkit.intake.workbook.grids import Sheet, Value
from evalkit.intake.workbook.layout import (
    PERHAPS_TOTAL,
    SHEET,
    TITLE,
    TOTAL,
    WRITTEN_WRONGLY,
    Found,
    LeftOut,
    Place,
    Point,
    Series,
    cell_range,
)
from evalkit.intake.workbook.period_labels import YEARS, Label, label, numeric_label, with_year


class SheetReader:
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
                        if isinstance(value, str) or label(value) is not None or plain_year(value):
                            self.rows[row][column] = value
        self.is_empty = not self.height or not self.width
        self.found = Found()
        self.labels: dict[Place, Label] = {}
        self.taken: set[Place] = set()

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
        return any(self.is_figure(self.rows[row][column]) for column in columns)

    def is_figure(self, value: Value) -> bool:
        if isinstance(value, bool) or value is None:
            return False
        if isinstance(value, int | float):
            return True
        if not isinstance(value, str) or label(cleaned(value)) is not None:
            return False
        return figure(value).number is not None

    def title_above(self, row: int, last: int) -> bool:
        above = [at for at in range(last + 1, row) if not self.is_blank(at)]
        return bool(above) and self.only_text(above[-1]) is not None

    def is_years(self, row: int) -> bool:
        told = [column for column in range(self.width) if self.rows[row][column] is not None]
        return bool(told) and all(self.year_of(row, column) for column in told)

    def only_text(self, row: int) -> int | None:
        """The column of the only cell of a row with text in it, where there is nothing else."""
        told = [
            column
            for column in range(self.width)
            if self.rows[row][column] is not None and (row, column) not in self.merged_away
        ]
        if len(told) != 1 or not isinstance(self.rows[row][told[0]], str):
            return None
        return None if self.is_figure(self.rows[row][told[0]]) else told[0]

    def year_of(self, row: int, column: int) -> tuple[str, int] | None:
        told = self.labels.get((row, column))
        if told is not None and told.grain == "year" and told.first:
            return "financial", told.first.year
        plain = plain_year(self.rows[row][column])
        return ("calendar", plain) if plain else None

    def with_years(self, row: int, columns: Sequence[int], top: int) -> dict[int, Label]:
        """The labels of a row of periods; parts of a year take it from the row above, or from a title."""
        labels = {column: self.labels[row, column] for column in columns}
        parts = [column for column in columns if labels[column].grain == "part"]
        if not parts:
            return labels
        years: dict[int, tuple[str, int]] = {}
        for above in range(row - 1, top, -1):
            told = {column: year for column in range(self.width) if (year := self.year_of(above, column))}
            if told:
                years = {
                    column: told[max(at for at in told if at <= column)] for column in parts if min(told) <= column
                }
                self.taken |= {(above, column) for column in told}
                break
        if not years:
            years = dict.fromkeys(parts, year) if (year := self.year_said(row, top)) else {}
        return labels | {column: of_year(labels[column], years[column]) for column in parts if column in years}

    def year_said(self, row: int, top: int) -> tuple[str, int] | None:
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
        if starts:
            return ("financial", starts.pop()) if len(starts) == 1 else None
        plain = {
            int(year) for text in texts for year in re.findall(r"\b(?:calendar )?year (20\d\d)\b", text, re.IGNORECASE)
        }
        plain |= {int(self.sheet.name)} if re.fullmatch(r"20\d\d", self.sheet.name) else set()
        return ("calendar", plain.pop()) if len(plain) == 1 else None

    def titles(self, head: int, top: int) -> dict[str, str]:
        """What stands above a table, and which sheet it is in."""
        told = [self.text(row, at) for row in range(top + 1, head) if (at := self.only_text(row)) is not None]
        told = [one for one in told if label(one) is None]
        name = cleaned(self.sheet.name)
        told_year = label(name) is not None or bool(plain_year(name))  # which says no more than its months
        return ({SHEET: name} if name and not told_year else {}) | ({TITLE: " / ".join(told)} if told else {})

    def without_totals(
        self, rows: list[tuple[int, dict[str, str]]], columns: Sequence[int]
    ) -> list[tuple[int, dict[str, str]]]:
        """Rows that are no totals; what only begins with the word is one where it adds up the others."""
        totals = {row: text for row, told in rows for text in told.values() if TOTAL.fullmatch(text)}
        others = [row for row, told in rows if row not in totals and not _perhaps_total(told)]
        for row, told in rows:
            if row not in totals and _perhaps_total(told) and self._adds_up(row, others, columns):
                totals[row] = _perhaps_total(told)
        if len(totals) == len(rows):  # a table of nothing but totals is one
            return rows
        for row, text in sorted(totals.items()):
            self.leave_out(
                self.in_row(row), f"a total ({text}){self._other_than_its_parts(row, rows, totals, columns)}"
            )
        return [one for one in rows if one[0] not in totals]

    def _other_than_its_parts(
        self, row: int, rows: list[tuple[int, dict[str, str]]], totals: Mapping[int, str], columns: Sequence[int]
    ) -> str:
        """In how many periods a total is not what the rows above it add up to: a place may be missing among them."""
        before: list[tuple[int, dict[str, str]]] = []
        for other, told in rows:
            if other == row:
                break
            before = [] if other in totals else [*before, (other, told)]
        first = [next(iter(told.values()), "") for _, told in before]
        if len(set(first)) < len(first):  # rows of several measures: those of the last
            before = [one for one, name in zip(before, first, strict=True) if name == first[-1]]
        if len(before) < 2:
            return ""
        told = [(self.number(row, at), [self.number(other, at) for other, _ in before]) for at in columns]
        known = [
            (whole, sum(part or 0.0 for part in parts))
            for whole, parts in told
            if whole is not None and None not in parts
        ]
        wrong = sum(whole != parts for whole, parts in known)
        return f", which is not the sum of the rows above it in {wrong} of {len(known)} periods" if wrong else ""

    def _adds_up(self, row: int, others: Sequence[int], columns: Sequence[int]) -> bool:
        told = [(self.number(row, at), [self.number(other, at) for other in others]) for at in columns]
        return len(others) > 1 and _all_add_up(told)

    def is_sum_of_columns(self, column: int, others: Sequence[int], rows: Sequence[int]) -> bool:
        """Whether a column adds up others in every row."""
        told = [(self.number(row, column), [self.number(row, other) for other in others]) for row in rows]
        return len(others) > 1 and _all_add_up(told)

    def number(self, row: int, column: int) -> float | None:
        value = self.rows[row][column]
        return figure(value).number if isinstance(value, str | int | float) else None

    def head_of(self, first: int) -> int | None:
        for row in range(first - 1, -1, -1):
            if not self.is_blank(row) and self.only_text(row) is None and not self.is_years(row):
                plain = [
                    at
                    for at in range(self.width)
                    if self.rows[row][at] is not None and not plain_year(self.rows[row][at])
                ]
                return None if self.figures_in(row, plain) else row
        return None

    def looks_like_figure(self, value: Value) -> bool:
        """Whether a cell is a figure, a mark in place of one, or one that is written wrongly."""
        if isinstance(value, str):
            read = figure(value)
            if read.problem:
                return not is_code(value.strip()) and WRITTEN_WRONGLY.match(cleaned(value)) is not None
            return read.number is not None or (bool(read.mark) and len(read.mark) < 4)
        return isinstance(value, int | float) and not isinstance(value, bool)

    def years_alone(self) -> None:
        """Figures by year are no series that a design could use."""
        place = next((place for place, told in sorted(self.labels.items()) if told.grain == "year"), None)
        if place:
            what = "is a whole year: give months, weeks, days or quarters."
            self.found.problems.append(Problem(self.file, 0, f"{self.sheet.cell(*place)} {what}"))

    def in_row(self, row: int) -> list[Place]:
        return [(row, column) for column in range(self.width) if self.rows[row][column] is not None]

    def leave_out(self, places: Sequence[Place], why: str) -> None:
        if places:
            self.found.left_out.append(LeftOut(cell_range(self.sheet, places), why))

    def add(self, labels: dict[str, str], points: Sequence[Point], of_time: str) -> None:
        points = self._without_quarters(points)
        merged = {point.at for point in points if point.at in self.merged_away}
        kept = [point for point in points if point.at not in merged or self.rows[point.at[0]][point.at[1]] is not None]
        for point in points if merged else ():
            if point.at in merged and self.sheet.rows[point.at[0]][point.at[1]] is None:
                first = self.sheet.cell(*self.merged_away[point.at])
                what = f"is merged with {first}: give each period its own figure."
                self.found.problems.append(Problem(self.file, 0, f"{self.sheet.cell(*point.at)} {what}"))
        if kept:
            series = Series(
                self.sheet,
                {name: text for name, text in labels.items() if text},
                tuple(kept),
                hidden=False,
                of_time=of_time,
            )
            hidden = len(series.visible().points) < len(kept)
            self.found.series.append(replace(series, hidden=hidden))

    def _without_quarters(self, points: Sequence[Point]) -> Sequence[Point]:
        """Months without the quarters between them that add up the three before."""
        quarters = [at for at, point in enumerate(points) if point.time.grain == "quarter" or point.time.part > 20]
        if not quarters or len(quarters) > len(points) / 2:
            return points
        sums = []
        for at in quarters:
            before = [self.number(*point.at) for point in points[max(at - 3, 0) : at]]
            whole = self.number(*points[at].at)
            if len(before) == 3 and None not in before and whole == sum(part or 0.0 for part in before):
                sums.append(at)
                self.leave_out([points[at].named, points[at].at], "a total of the quarter before it")
        return [point for at, point in enumerate(points) if at not in sums]


def _all_add_up(told: Sequence[tuple[float | None, Sequence[float | None]]]) -> bool:
    """Whether every whole is the sum of its parts, of those whose figures are all known."""
    known = [(whole, parts) for whole, parts in told if whole is not None and None not in parts]
    return bool(known) and all(whole == sum(part or 0.0 for part in parts) for whole, parts in known)


def _perhaps_total(told: dict[str, str]) -> str:
    return next((text for text in told.values() if PERHAPS_TOTAL.fullmatch(text)), "")


def plain_year(value: Value) -> int:
    if isinstance(value, str) and re.fullmatch(r"\s*(?:19|20)\d\d\s*", value):
        value = int(value)
    is_year = (
        isinstance(value, int | float) and not isinstance(value, bool) and value == int(value) and int(value) in YEARS
    )
    return int(value) if is_year and isinstance(value, int | float) else 0


def of_year(part: Label, year: tuple[str, int]) -> Label:
    kind, start = year
    if kind == "calendar" and part.part <= 12:
        return with_year(part.part, start - (part.part < 4))
    if kind == "calendar":
        return Label("quarter", date(start, 3 * (part.part - 21) + 1, 1), joined=True)
    return with_year(part.part, start)

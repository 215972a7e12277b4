"""Where the tables of a sheet are: which cells name periods, which name what is counted, and which hold figures.

Periods may run down a column or along a row, under headings of one or two rows, below titles, several tables a sheet. What
is taken for a total, a note or a heading is named, cell by cell.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from evalkit.errors import Problem
from evalkit.intake.workbook.grids import Sheet, column_name
from evalkit.intake.workbook.period_labels import Label

TOTAL = re.compile(
    r"((grand|overall|sub|trust|site|year|annual|running|cumulative)[\s\-]*)*totals?( ((for|of) .*|\(?(19|20)\d\d.*))?|.*\b(sub[\s\-]?)?totals?|all|sum|"
    r"overall|average|avg|mean|ytd|y\.t\.d\.|(financial )?year[\s\-]to[\s\-]date|full year|annual|cumulative|rolling.*",
    re.IGNORECASE,
)
PERHAPS_TOTAL = re.compile(
    r"(sub[\s\-]?)?totals?\b.+", re.IGNORECASE
)  # "Total attendances", where it adds up what is beside it
NOTE = re.compile(
    r"(foot)?notes?|comments?|remarks?|commentary|narrative|explanation.*|rag( status| rating)?|status|trend|sparklines?",
    re.IGNORECASE,
)
UNITS = re.compile(
    r"no\.?|nos\.?|n|number|count|%|per ?cent|£(000s?|m|k)?|000s?|days?|hours?|hrs|mins?|minutes|rate|#", re.IGNORECASE
)
OF_TIME = re.compile(r".*\b(months?|periods?|dates?|weeks?|quarters?|days?|time|w/?[ec])\b.*", re.IGNORECASE)
OF_CODES = re.compile(r".*\b(code|ods|id|ref|reference|no\.?|row|rank|index|#)\b.*|#", re.IGNORECASE)
WRITTEN_WRONGLY = re.compile(r"[(\-−+£<>~≈#\s]*\d.{0,12}\Z|#[A-Z/0 ]+[!?]")
FIGURES = 0.5  # of a column's cells that have to be figures
TITLE, SHEET, SECTION, HEADING, ABOVE = "title", "sheet", "section", "heading", "heading above"

Place = tuple[int, int]


class Point(NamedTuple):
    """One figure: what names its period, and where both are. There is one for each cell."""

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
    of_time : str
        What is written over or beside their periods, such as "Week ending".
    hidden : bool
        Whether any of it stands in a hidden row, column or sheet.
    """

    sheet: Sheet
    labels: dict[str, str]
    points: tuple[Point, ...]
    hidden: bool
    of_time: str = ""

    def visible(self) -> "Series":
        """Without the figures that are hidden."""
        sheet = self.sheet
        if not (sheet.hidden or sheet.hidden_rows or sheet.hidden_columns):
            return replace(self, hidden=False)
        if sheet.hidden:
            return replace(self, points=(), hidden=False)
        kept = [
            point for point in self.points
            if not any(row in sheet.hidden_rows or column in sheet.hidden_columns for row, column in (point.named, point.at))
        ]  # fmt: skip
        return replace(self, points=tuple(kept), hidden=False)

    def hidden_cells(self) -> str:
        """The cells of its figures that are hidden."""
        shown = {point.at for point in self.visible().points}
        return cell_range(self.sheet, [point.at for point in self.points if point.at not in shown])

    def struck(self) -> list[Point]:
        """Its figures that are struck through."""
        return [point for point in self.points if point.at in self.sheet.struck]

    def without_struck(self) -> "Series":
        """The same with those cells empty."""
        return replace(self, sheet=self.sheet.emptied({point.at for point in self.struck()}))

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

"""The matrix: every partner with every measure that is charted, and the reader's own place first."""

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import Pages
from evalkit.book.pages.icon_key import IconKey, by_chance_in_words, icon_key
from evalkit.book.pages.own_place import Place, boards_of, places_of, regions_of
from evalkit.book.partners.cells import Cell, is_old, sheet
from evalkit.book.partners.chance import UNREAD_GROUP, by_chance, rates_of
from evalkit.book.partners.measure_charts import MeasureCharts
from evalkit.book.partners.point_columns import COLUMNS
from evalkit.catalogue.records.chart_alarms import DESCRIBED, ChartAlarms
from evalkit.charts.icons import UNREAD
from evalkit.report.spreadsheets import csv_of

FOLDER = "partners"
RATES = "chart-alarms.csv"
RATE_COLUMNS = "chart-alarms-columns.csv"
NUMBER = r"(?:\d[\d,.]*\d%?|\d%?)"
NUMBERS = re.compile(f"({NUMBER}(?:, {NUMBER})*)")
BETWEEN = "|"  # what stands in a sentence between places and numbers


@dataclass(frozen=True)
class MeasureHead:
    """What the matrix says of a measure.

    Attributes
    ----------
    newest : its last month at any partner
    old : whether that is too long ago for an icon
    chance, chance_in_words : how often its icon is raised by chance, for a heading and for a sentence
    aim : what it is held against, with the year; empty without a target
    kept : how many partners have a chart of it
    """

    id: str
    name: str
    newest: str
    old: bool
    chance: str
    chance_in_words: str
    aim: str
    kept: int


@dataclass(frozen=True)
class MatrixPage:
    """Every partner with every measure.

    Attributes
    ----------
    rows : of each partner, in the order of ``places``, a cell a measure: the names of its icons and its sentence
    newest : the last month of any figures
    chance : of how many icons chance alone would raise how many
    icons : the sheet of those that are used
    alarms : how often chance alone raises an icon of each measure
    not_of : nations that the book has evaluations or organisations of, and no charts
    """

    measures: list[MeasureHead]
    places: list[Place]
    rows: list[list[tuple[str, str, str]]]
    newest: str
    chance: str
    icons: str
    key: list[IconKey]
    alarms: list[ChartAlarms]
    not_of: list[str]

    def write(self, pages: Pages) -> None:
        """The matrix; as CSV the rates of its icons, and what each column of a measure's CSV is."""
        pages.write(f"{FOLDER}/columns.csv", csv_of(pd.DataFrame(list(COLUMNS.items()), columns=["column", "what"])))
        if self.alarms:
            pages.write(f"{FOLDER}/{RATES}", csv_of(pd.DataFrame([rate.model_dump() for rate in self.alarms])))
            described = pd.DataFrame(list(DESCRIBED.items()), columns=["column", "what"])
            pages.write(f"{FOLDER}/{RATE_COLUMNS}", csv_of(described))
        pages.page(
            f"{FOLDER}/index.html",
            "partners.html.jinja",
            self,
            given=told_briefly(self),
            rates=RATES if self.alarms else "",
            rate_columns=RATE_COLUMNS,
            slow_words=UNREAD_GROUP,
            regions=regions_of(self.places),
            boards=boards_of(self.places),
            current=[one for one in self.measures if one.kept and not one.old],
            old=[one for one in self.measures if one.kept and one.old],
        )


def matrix_page(
    content: BookContent, cells: dict[str, dict[str, Cell]], alarms: list[ChartAlarms], newest: str
) -> MatrixPage:
    """The page, from the cells of each partner by measure."""
    heads = []
    for charts in content.partner_charts:
        rate = rates_of(alarms, charts.measure).get(charts.season)
        target = content.catalogue.control_charts[charts.measure].target
        heads.append(
            MeasureHead(
                charts.measure, content.catalogue.measures[charts.measure].name, charts.newest,
                is_old(charts.newest, newest), rate.short if rate else "", by_chance_in_words(rate), target.in_words(charts.unit) if target else "",
                len(charts.partners),
            )
        )  # fmt: skip
    places = places_of(content.partners)
    rows = [
        [_in_matrix(cells[place.code].get(charts.measure), charts, place.code) for charts in content.partner_charts]
        for place in places
    ]
    every = [cell for of_partner in cells.values() for cell in of_partner.values()]
    shown = [cell for cell in every if cell.has_icon]
    expected = [cell.rate.alarms if cell.rate else None for cell in shown]
    chance = by_chance(len(shown), sum(cell.is_special for cell in shown), expected)
    used = (name for cell in every for name in (cell.icon, cell.aim_icon) if name)
    return MatrixPage(
        heads, places, rows, newest, chance, sheet(every), icon_key(used), alarms, content.nations_not_charted
    )


def why_missing(charts: MeasureCharts, code: str) -> str:
    """Why an organisation has no chart of a measure."""
    return dict(charts.left_out).get(code, "not reported by this organisation")


def told_briefly(page: MatrixPage) -> dict[str, Any]:
    """The matrix for the reader's browser: what its sentences share stands in ``parts`` once, by its place there.

    A sentence is such a place, numbers as they are written, a place, and so on in turn, so that a thousand of them weigh
    little.
    """
    parts: dict[str, int] = {}
    used = dict.fromkeys(name for row in page.rows for cell in row for name in cell[:2] if name)
    icons = {name: at for at, name in enumerate(["", *used])}

    def sentence(text: str) -> str:
        pieces = enumerate(NUMBERS.split(text))
        return BETWEEN.join(piece if at % 2 else str(parts.setdefault(piece, len(parts))) for at, piece in pieces)

    partners = [
        [place.code, [[icons[cell[0]], icons[cell[1]], sentence(cell[2])] for cell in row]]
        for place, row in zip(page.places, page.rows, strict=True)
    ]
    measures = [[one.id, one.name, one.chance, one.aim, one.chance_in_words] for one in page.measures]
    return {
        "measures": measures, "icons": list(icons), "partners": partners, "parts": list(parts), "unread": UNREAD,
        "slow": UNREAD_GROUP,
    }  # fmt: skip


def _in_matrix(cell: Cell | None, charts: MeasureCharts, code: str) -> tuple[str, str, str]:
    if cell is None:
        return "", "", f"No chart: {why_missing(charts, code)}."
    # Of what is too old the reasons stand on the page of the organisation alone.
    return cell.icon, cell.aim_icon, cell.told if cell.is_current else f"{cell.month}: {cell.chart.value}."

"""Metrics across all partners: the matrix, a page a measure and a page an organisation."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, Pages
from evalkit.book.partners import drawings
from evalkit.book.partners.cells import Cell, Pointer, cell_of, is_old, newest_of, sheet
from evalkit.book.partners.chance import ChanceRate, by_chance, rates_of
from evalkit.book.partners.measure_charts import MeasureCharts
from evalkit.book.partners.place_funnel import PlaceFunnel
from evalkit.book.places.flow_shown import FlowShown
from evalkit.catalogue.records.chart_alarms import read_chart_alarms
from evalkit.catalogue.records.control_charts import ControlChart
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.sites import Organisation
from evalkit.charts.icons import VARIATION_WORDS
from evalkit.report.spreadsheets import csv_of
from evalkit.report.wording.words import month_name

FOLDER = "partners"
NUMBER = re.compile(r"(\d[\d,.]*\d%?|\d%?)")
FEW_STRETCHES = 4  # of lines, that a caption has room for
NATURES = {"H": "improving", "L": "improving", "h": "concerning", "l": "concerning", "u": "", "d": ""}
HIGHER = "Hhu"


@dataclass(frozen=True)
class MeasureHead:
    """What the matrix says of a measure; ``kept`` is how many partners have a chart of it."""

    id: str
    name: str
    newest: str
    old: bool
    chance: str
    kept: int


@dataclass(frozen=True)
class MatrixRow:
    """A partner; a cell a measure, in their order, with the names of its icons and its sentence, or why there is none."""

    code: str
    name: str
    region: str
    board: str
    cells: list[tuple[str, str, str]]


@dataclass(frozen=True)
class MatrixPage:
    """Every partner with every measure.

    Attributes
    ----------
    newest : the last month of any figures, which "now" means
    chance : of how many icons chance alone would raise how many
    icons : the sheet of those that are used
    """

    measures: list[MeasureHead]
    rows: list[MatrixRow]
    regions: list[str]
    boards: list[str]
    newest: str
    chance: str
    icons: str

    def write(self, pages: Pages) -> None:
        """The matrix."""
        given = told_briefly(self)
        pages.page(f"{FOLDER}/index.html", "partners.html.jinja", self, given=given)


@dataclass(frozen=True)
class OrganisationPage:
    """One partner: what is unlike before, what is within the usual, what is too old to say, and every chart.

    Attributes
    ----------
    missing : measures without a chart here, with their ids and the reason
    sites : where it is, or is part of, a site of this book
    flow : whom its patients waited for when they were ready to leave; None where that is not known
    places : that it belongs to
    """

    organisation: Organisation
    cells: list[Cell]
    missing: list[tuple[str, str, str]]
    sites: list[tuple[str, str]]
    newest: str
    flow: FlowShown | None
    places: list[tuple[str, str]]

    def write(self, pages: Pages) -> None:
        """Its page, with the charts."""
        code = self.organisation.org_code
        now = [cell for cell in self.cells if cell.has_icon]
        shown = [
            (cell, _drawn(self.organisation.name, cell), _table(cell), _lines_in_words(cell)) for cell in self.cells
        ]
        expected = [cell.rate.alarms if cell.rate else None for cell in now]
        pages.page(
            f"{FOLDER}/organisations/{code}.html",
            "partner.html.jinja",
            self,
            icons=sheet(self.cells),
            special=[cell for cell in now if cell.is_special],
            usual=[cell for cell in now if not cell.is_special],
            unsaid=[cell for cell in self.cells if not cell.has_icon],
            chance=by_chance(len(now), sum(cell.is_special for cell in now), expected),
            charts=shown,
        )


@dataclass(frozen=True)
class PartnerMeasurePage:
    """One measure at every partner: a funnel where it is a share or rate, and a small chart each.

    Attributes
    ----------
    cells : of every partner with a chart, with its name, by name
    left_out : names of the others, with the reason
    """

    measure: Measure
    entry: ControlChart
    table: str
    cells: list[tuple[str, Cell]]
    left_out: list[tuple[str, str]]
    notes: list[str]
    funnel: PlaceFunnel | None
    names: dict[str, str]
    unit: str
    rates: dict[str, ChanceRate]
    newest: str
    old: bool
    evaluations: list[Pointer]

    def write(self, pages: Pages) -> None:
        """Its page, and the points of every chart as CSV."""
        id = self.measure.id
        pages.write(f"{FOLDER}/{id}.csv", _points(self.cells, self.unit))
        cells = [cell for _, cell in self.cells]
        now = [cell for cell in cells if cell.has_icon]
        kinds = Counter(cell.chart.variation for cell in now)
        drawn = drawings.funnel(self.funnel, _funnel_alt(self), "funnel") if self.funnel else ""
        pages.page(
            f"{FOLDER}/measures/{id}.html",
            "partner-measure.html.jinja",
            self,
            icons=sheet(cells),
            counted=[(VARIATION_WORDS[kind], count) for kind, count in sorted(kinds.items())],
            chance=by_chance(
                len(now),
                sum(cell.is_special for cell in now),
                [cell.rate.alarms if cell.rate else None for cell in now],
            ),
            smalls=[
                (name, cell, drawings.small(cell.chart, f"Control chart of {cell.name}, {name}."))
                for name, cell in self.cells
            ],
            funnel_drawing=drawn,
        )


def told_briefly(page: MatrixPage) -> dict[str, Any]:
    """The matrix for the reader's browser: what its sentences share stands in ``parts`` once, by its place there.

    A sentence is a list of such places and of numbers as they are written, so that a thousand of them weigh little.
    """
    parts: dict[str, int] = {}
    icons = {
        name: at
        for at, name in enumerate(["", *dict.fromkeys(n for row in page.rows for c in row.cells for n in c[:2] if n)])
    }

    def sentence(text: str) -> list[int | str]:
        pieces = [piece for piece in NUMBER.split(text) if piece]
        return [piece if NUMBER.fullmatch(piece) else parts.setdefault(piece, len(parts)) for piece in pieces]

    partners = [
        [
            row.code, page.regions.index(row.region) if row.region else -1, page.boards.index(row.board) if row.board else -1,
            [[icons[cell[0]], icons[cell[1]], *sentence(cell[2])] for cell in row.cells],
        ]
        for row in page.rows
    ]  # fmt: skip
    measures = [[one.id, one.name, one.chance] for one in page.measures]
    return {"measures": measures, "icons": list(icons), "partners": partners, "parts": list(parts)}


def pages(content: BookContent) -> NamedPages:
    """The matrix, then a page a measure and an organisation."""
    catalogue, newest = content.catalogue, newest_of(content.partner_charts)
    alarms = list(read_chart_alarms(catalogue.root).values())
    pointers = _pointers(content)
    cells: dict[str, dict[str, Cell]] = defaultdict(dict)
    for charts in content.partner_charts:
        measure = catalogue.measures[charts.measure]
        rates = rates_of(alarms, measure.id)
        for chart in charts.partners:
            beside = pointers.get((chart.code, measure.id), [])
            cells[chart.code][measure.id] = cell_of(measure, charts, chart, newest, rates, beside)
        yield f"{FOLDER}/measures/{measure.id}", _measure_page(content, charts, cells, rates, newest)
    sites = defaultdict(list)
    for site in content.sites:
        for code in site.org_codes:
            sites[code].append((site.id, site.name))
    for partner in content.partners:
        own = cells[partner.org_code]
        missing = [
            (charts.measure, catalogue.measures[charts.measure].name, _why_missing(charts, partner.org_code))
            for charts in content.partner_charts
            if charts.measure not in own
        ]
        yield (
            f"{FOLDER}/organisations/{partner.org_code}",
            OrganisationPage(
                partner,
                list(own.values()),
                missing,
                sites[partner.org_code],
                newest,
                content.flow_of_trust(partner),
                content.places_of(partner.org_code),
            ),
        )
    yield FOLDER, _matrix(content, cells, alarms, newest)


def _matrix(content: BookContent, cells: dict[str, dict[str, Cell]], alarms: list, newest: str) -> MatrixPage:
    heads = []
    for charts in content.partner_charts:
        rates = rates_of(alarms, charts.measure)
        rate = rates.get(charts.season)
        heads.append(
            MeasureHead(
                charts.measure, content.catalogue.measures[charts.measure].name, charts.newest,
                is_old(charts.newest, newest), rate.short if rate else "", len(charts.partners),
            )
        )  # fmt: skip
    rows = [
        MatrixRow(
            partner.org_code,
            partner.name,
            partner.region or "",
            partner.icb_name or "",
            [
                _in_matrix(cells[partner.org_code].get(charts.measure), charts, partner.org_code)
                for charts in content.partner_charts
            ],
        )
        for partner in content.partners
    ]
    now = [cell for of_partner in cells.values() for cell in of_partner.values() if cell.has_icon]
    expected = [cell.rate.alarms if cell.rate else None for cell in now]
    return MatrixPage(
        heads,
        rows,
        sorted({row.region for row in rows} - {""}),
        sorted({row.board for row in rows} - {""}),
        newest,
        by_chance(len(now), sum(cell.is_special for cell in now), expected),
        sheet(now),
    )


def _in_matrix(cell: Cell | None, charts: MeasureCharts, code: str) -> tuple[str, str, str]:
    if cell is None:
        return "", "", f"No chart: {_why_missing(charts, code)}."
    return cell.icon, cell.aim_icon, cell.brief


def _why_missing(charts: MeasureCharts, code: str) -> str:
    return dict(charts.left_out).get(code, "not reported by this organisation")


def _measure_page(
    content: BookContent,
    charts: MeasureCharts,
    cells: dict[str, dict[str, Cell]],
    rates: dict[str, ChanceRate],
    newest: str,
) -> PartnerMeasurePage:
    catalogue = content.catalogue
    entry, measure = catalogue.control_charts[charts.measure], catalogue.measures[charts.measure]
    named = [(_name(content, chart.code), cells[chart.code][measure.id]) for chart in charts.partners]
    left_out = [(_name(content, code), why) for code, why in charts.left_out]
    in_funnel = charts.funnel.codes if charts.funnel else []
    evaluated = {pointer.page: pointer for _, cell in named for pointer in cell.evaluations}
    return PartnerMeasurePage(
        measure,
        entry,
        catalogue.tables[entry.table].title,
        sorted(named, key=lambda pair: (pair[0].casefold(), pair[1].chart.code)),
        sorted(left_out),
        charts.notes,
        charts.funnel,
        {code: _name(content, code) for code in in_funnel},
        charts.unit,
        rates,
        charts.newest,
        is_old(charts.newest, newest),
        sorted(evaluated.values(), key=lambda pointer: pointer.title.casefold()),
    )


def _name(content: BookContent, code: str) -> str:
    known = content.catalogue.organisations.get(code)
    return known.name if known else code


def _pointers(content: BookContent) -> dict[tuple[str, str], list[Pointer]]:
    """By organisation and measure, the evaluations that ask what a change did to it."""
    found: dict[tuple[str, str], dict[str, Pointer]] = defaultdict(dict)
    for evaluation in content.evaluations:
        for analysis in evaluation.analyses:
            if analysis.role not in ("primary", "secondary"):
                continue
            measure = str(analysis.parameters.get("measure"))
            for code in content.catalogue.codes(analysis.parameters["site"]):
                page = f"evaluations/{evaluation.id}/index.html"
                found[code, measure].setdefault(evaluation.id, Pointer(evaluation.title, page))
    return {key: list(pointers.values()) for key, pointers in found.items()}


def _alt(place: str, cell: Cell) -> str:
    months = cell.chart.months
    return f"Control chart of {cell.name}, {place}, {month_name(months[0])} to {month_name(months[-1])}."


def _drawn(place: str, cell: Cell) -> str:
    alt = f"{_alt(place, cell)} {cell.short} {_lines_in_words(cell)}"
    return drawings.chart(cell.chart, alt, f"chart-{cell.measure}", cell.target)


def _lines_in_words(cell: Cell) -> str:
    """Where the lines of the chart lie, phase by phase; that the table has them where they move."""
    stretches, months = cell.chart.lines, cell.chart.months
    if len(stretches) > FEW_STRETCHES:
        return "Its limits move with how much is counted, and stand in its table."
    told = []
    for stretch in stretches:
        since = "" if len(stretches) == 1 else f" from {month_name(months[stretch.first])} on"
        limits = "" if stretch.lower is None else f", limits {stretch.lower:,.5g} to {stretch.upper:,.5g}"
        told.append(f"{'Median' if stretch.lower is None else 'Mean'} {stretch.centre:,.5g}{limits}{since}.")
    return " ".join(told)


@dataclass(frozen=True)
class PointTable:
    """The points of a chart in words: headings, and a row a month."""

    heads: list[str]
    rows: list[list[str]]


def _table(cell: Cell) -> PointTable:
    chart = cell.chart
    with_lines = len(chart.lines) > FEW_STRETCHES
    heads = ["Month", "Reported"] + (["Season removed"] if chart.observed else [])
    heads += ["Lower limit", "Upper limit"] if with_lines else []
    limits = {at: stretch for stretch in chart.lines for at in range(stretch.first, stretch.last + 1)}
    rows = []
    for at, month in enumerate(chart.months):
        columns = [chart.observed[at], chart.values[at]] if chart.observed else [chart.values[at]]
        row = [month, *("not reported" if value is None else f"{value:,.6g}" for value in columns)]
        if with_lines:
            ends = (limits[at].lower, limits[at].upper) if at in limits else (None, None)
            row += ["" if end is None else f"{end:,.5g}" for end in ends]
        rows.append([*row, _nature(chart.natures[at])])
    return PointTable([*heads, "Special cause"], rows)


def _nature(letter: str) -> str:
    if letter not in NATURES:
        return ""
    return ", ".join(filter(None, (NATURES[letter], "higher" if letter in HIGHER else "lower")))


def _points(cells: list[tuple[str, Cell]], unit: str) -> str:
    """Every point of every chart as CSV."""
    rows = []
    for name, cell in cells:
        chart = cell.chart
        lines = {at: stretch for stretch in chart.lines for at in range(stretch.first, stretch.last + 1)}
        for at, month in enumerate(chart.months):
            line = lines.get(at)
            observed = chart.observed[at] if chart.observed else chart.values[at]
            rows.append(
                (
                    chart.code, name, month, observed, chart.values[at], *((line.centre, line.lower, line.upper) if line else (None,) * 3),
                    _nature(chart.natures[at]), str(chart.season_removed).lower(), unit,
                )
            )  # fmt: skip
    columns = [
        "org_code", "name", "month", "reported", "charted", "centre", "lower_limit", "upper_limit", "special_cause",
        "season_removed", "unit",
    ]  # fmt: skip
    return csv_of(pd.DataFrame(rows, columns=columns))


def _funnel_alt(page: PartnerMeasurePage) -> str:
    made = page.funnel
    assert made is not None
    beyond = [page.names[code] for code, way in zip(made.codes, made.outside, strict=True) if way]
    said = (
        f"{len(beyond)} lie outside the limits within which 99.8 of 100 would lie"
        if beyond
        else "all lie within the limits"
    )
    return (
        f"Funnel of {page.measure.plain_name} at {len(made.codes)} partners, {made.period}, by how much is counted at each:"
        f" {said}."
    )

"""Metrics across all partners: what is charted where, for the matrix, a page a measure and a page an organisation."""

from collections import defaultdict

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages
from evalkit.book.pages.partner_matrix import FOLDER, matrix_page
from evalkit.book.pages.partner_measures import measure_page
from evalkit.book.pages.partner_organisations import organisation_page
from evalkit.book.partners.cells import Cell, Pointer, cell_of, newest_of, peers_of
from evalkit.book.partners.chance import rates_of
from evalkit.catalogue.records.chart_alarms import read_chart_alarms


def pages(content: BookContent) -> NamedPages:
    """A page a measure, a page an organisation, then the matrix."""
    catalogue, newest = content.catalogue, newest_of(content.partner_charts)
    alarms = list(read_chart_alarms(catalogue.root).values())
    pointers = _pointers(content)
    cells: dict[str, dict[str, Cell]] = defaultdict(dict)
    for charts in content.partner_charts:
        measure = catalogue.measures[charts.measure]
        rates, peers = rates_of(alarms, measure.id), peers_of(charts, newest)
        for chart in charts.partners:
            beside = pointers.get((chart.code, measure.id), [])
            cells[chart.code][measure.id] = cell_of(measure, charts, chart, newest, rates, beside, peers)
        yield f"{FOLDER}/measures/{measure.id}", measure_page(content, charts, cells, rates, newest)
    sites = defaultdict(list)
    for site in content.sites:
        for code in site.org_codes:
            sites[code].append((site.id, site.name))
    for partner in content.partners:
        code = partner.org_code
        yield (
            f"{FOLDER}/organisations/{code}",
            organisation_page(content, partner, cells[code], sites[code]),
        )
    yield FOLDER, matrix_page(content, cells, alarms, newest)


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

"""A measure at every partner: how much partners differ, and a small chart of each."""

from collections import Counter
from dataclasses import dataclass
from statistics import median

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import Pages
from evalkit.book.pages.icon_key import icon_key
from evalkit.book.pages.own_place import Place, organisation_name, places_of, regions_of
from evalkit.book.pages.partner_matrix import FOLDER
from evalkit.book.partners import drawings
from evalkit.book.partners.cells import Cell, Pointer, is_old, sheet
from evalkit.book.partners.chance import ChanceRate, by_chance
from evalkit.book.partners.measure_charts import MeasureCharts, PartnerChart
from evalkit.book.partners.place_funnel import PlaceFunnel
from evalkit.book.partners.point_columns import with_names
from evalkit.catalogue.records.control_charts import ControlChart
from evalkit.catalogue.records.measures import Measure
from evalkit.charts.icons import VARIATION_WORDS


@dataclass(frozen=True)
class PartnerMeasurePage:
    """One measure at every partner: a funnel where it is a share or rate, and a small chart each.

    Attributes
    ----------
    cells : of every partner with a chart, with its name, by name
    places : those of them that can be chosen
    left_out : names of the others, with the reason
    aim : the target with its unit and year; empty without one
    points : of every chart, as ``MeasureCharts`` has them
    """

    measure: Measure
    entry: ControlChart
    table: str
    file: str
    cells: list[tuple[str, Cell]]
    places: list[Place]
    left_out: list[tuple[str, str]]
    aim: str
    notes: list[str]
    funnel: PlaceFunnel | None
    names: dict[str, str]
    unit: str
    rates: dict[str, ChanceRate]
    newest: str
    old: bool
    evaluations: list[Pointer]
    points: str

    def write(self, pages: Pages) -> None:
        """Its page, and the points of every chart as CSV."""
        id = self.measure.id
        pages.write(f"{FOLDER}/{id}.csv", with_names(self.points, {cell.chart.code: name for name, cell in self.cells}))
        cells = [cell for _, cell in self.cells]
        shown = [cell for cell in cells if cell.has_icon]
        kinds = Counter(cell.chart.variation for cell in shown)
        drawn = drawings.funnel(self.funnel, _funnel_alt(self), "funnel") if self.funnel else ""
        pages.page(
            f"{FOLDER}/measures/{id}.html",
            "partner-measure.html.jinja",
            self,
            icons=sheet(cells),
            without=sum(not cell.is_current for cell in cells),
            slow=any(cell.unread for cell in cells),
            beyond=_middle_share([cell.chart for cell in cells]),
            key=icon_key(name for cell in cells for name in (cell.icon, cell.aim_icon) if name),
            regions=regions_of(self.places),
            boards=[],
            place_of={place.code: place for place in self.places},
            counted=[(VARIATION_WORDS[kind], count) for kind, count in sorted(kinds.items())],
            chance=by_chance(
                len(shown),
                sum(cell.is_special for cell in shown),
                [cell.rate.alarms if cell.rate else None for cell in shown],
            ),
            smalls=[
                (name, cell, self._says(cell), drawings.small(cell.chart, f"of-{cell.chart.code}"))
                for name, cell in self.cells
            ],
            funnel_drawing=drawn,
        )

    def _says(self, cell: Cell) -> str:
        """The cell in a sentence, on a page that says once what was done about season."""
        return " ".join((cell.in_brief(say_season=self.entry.season == "months"), *cell.chart.altered))


def measure_page(
    content: BookContent,
    charts: MeasureCharts,
    cells: dict[str, dict[str, Cell]],
    rates: dict[str, ChanceRate],
    newest: str,
) -> PartnerMeasurePage:
    """The page of one measure, from the cells of each partner by measure."""
    catalogue = content.catalogue
    entry, measure = catalogue.control_charts[charts.measure], catalogue.measures[charts.measure]
    known, charted = catalogue.organisations, {chart.code for chart in charts.partners}
    named = [(organisation_name(known, chart.code), cells[chart.code][measure.id]) for chart in charts.partners]
    left_out = [(organisation_name(known, code), why) for code, why in charts.left_out]
    in_funnel = {code: organisation_name(known, code) for code in charts.funnel.codes} if charts.funnel else {}
    evaluated = {pointer.page: pointer for _, cell in named for pointer in cell.evaluations}
    return PartnerMeasurePage(
        measure,
        entry,
        catalogue.tables[entry.table].title,
        catalogue.tables[entry.table].path,
        sorted(named, key=lambda pair: (pair[0].casefold(), pair[1].chart.code)),
        places_of(one for one in content.partners if one.org_code in charted),
        sorted(left_out),
        entry.target.in_words(charts.unit) if entry.target else "",
        charts.notes,
        charts.funnel and charts.funnel.by_name(in_funnel),
        in_funnel,
        charts.unit,
        rates,
        charts.newest,
        is_old(charts.newest, newest),
        sorted(evaluated.values(), key=lambda pointer: pointer.title.casefold()),
        charts.points,
    )


def _middle_share(charts: list[PartnerChart]) -> str:
    """What share of months lies outside the limits at the middle partner; empty where there are no limits."""
    shares = [
        chart.outside / chart.of for chart in charts if chart.of and chart.lines and chart.lines[0].lower is not None
    ]
    return f"{median(shares):.0%}" if shares else ""


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

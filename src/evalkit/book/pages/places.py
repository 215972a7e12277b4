"""Flow through each place: its residents, what hospitals recorded as the reason, each stage, and what nobody measures."""

from collections import defaultdict
from dataclasses import dataclass

import pandas as pd

from evalkit.book.content.book_content import BookContent, EvaluationCard
from evalkit.book.content.page import NamedPages, Pages
from evalkit.book.pages.icon_key import by_chance_in_words, icon_key
from evalkit.book.partners.cells import Cell, cell_of, is_old, newest_of, sheet
from evalkit.book.partners.chance import rates_of
from evalkit.book.places import drawings
from evalkit.book.places.flow_download import COLUMNS, flow_table
from evalkit.book.places.flow_shown import FlowShown
from evalkit.book.places.residents import SOURCE, PerHead, per_head
from evalkit.catalogue.places import PlaceMembers
from evalkit.catalogue.records.chart_alarms import read_chart_alarms
from evalkit.catalogue.records.delay_reasons import DelayReason
from evalkit.catalogue.records.learning import Publication
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.places import FlowStage
from evalkit.catalogue.records.sites import Organisation
from evalkit.flow import words
from evalkit.flow.jumps import POINTS
from evalkit.report.spreadsheets import csv_of

FOLDER = "places"
NOT_ENTERED = "sector not yet entered"
# Whose part in a place's flow is asked for, in the order of a patient's way.
SECTORS = (
    "primary_care", "ambulance", "acute", "mental_health", "community", "social_care", "voluntary", "commissioner",
)  # fmt: skip


@dataclass(frozen=True)
class StageMeasure:
    """A measure at every trust of a place, by name."""

    measure: Measure
    newest: str
    old: bool
    cells: list[tuple[str, Cell]]

    @property
    def special(self) -> int:
        """How many trusts have a special cause in their last month."""
        return sum(cell.has_icon and cell.is_special for _, cell in self.cells)

    @property
    def weak(self) -> int:
        """At how many of these the icon is hollow, as chance raises it often."""
        return sum(cell.has_icon and cell.hollow for _, cell in self.cells)


@dataclass(frozen=True)
class StageShown:
    """A stage of patients' way; ``record`` is None for the whole pathway, at which nothing more is asked."""

    name: str
    record: FlowStage | None
    measures: list[StageMeasure]


@dataclass(frozen=True)
class SiteTried:
    """A site all of whose organisations are of the place, with the evaluations of changes there and nowhere else."""

    id: str
    name: str
    cards: list[EvaluationCard]


@dataclass(frozen=True)
class PlacePage:
    """One place.

    Attributes
    ----------
    people : the sum of its acute trusts' modelled catchments
    without_people : names of its charted trusts for which no population is held
    sectors : its organisations by sector, each with whether it has charts
    absent : sectors of which no organisation here is recorded
    measured : sectors that the measures of this page are of
    tried : sites of this book that are within it
    wider : evaluations of changes here and elsewhere
    trusts : the flow of each of its charted trusts, with its code and name; None where it recorded no reasons
    """

    place: PlaceMembers
    people: int
    without_people: list[str]
    population: Publication | None
    rates: list[PerHead]
    flow: FlowShown | None
    trusts: list[tuple[str, str, FlowShown | None]]
    stages: list[StageShown]
    sectors: list[tuple[str, list[tuple[Organisation, bool]]]]
    absent: list[str]
    measured: list[str]
    tried: list[SiteTried]
    wider: list[EvaluationCard]

    @property
    def unsorted(self) -> str:
        """Under which words organisations stand whose sector nobody has entered; empty where there are none."""
        return (
            f"{NOT_ENTERED[:1].upper()}{NOT_ENTERED[1:]}"
            if any(name == NOT_ENTERED for name, _ in self.sectors)
            else ""
        )

    @property
    def spread(self) -> str:
        """That its trusts differ much in whom patients waited for; empty where they do not."""
        return words.far_apart([(name, flow.found) for _, name, flow in self.trusts if flow], POINTS)

    def write(self, pages: Pages) -> None:
        """Its page, with the figures, and its shares as CSV."""
        pages.write(
            f"{FOLDER}/{self.place.id}.csv", csv_of(flow_table([("", self.place.name, self.flow), *self.trusts]))
        )
        cells = [cell for stage in self.stages for one in stage.measures for _, cell in one.cells]
        pages.page(
            f"{FOLDER}/{self.place.id}.html",
            "place.html.jinja",
            self,
            icons=sheet(cells),
            key=icon_key(name for cell in cells for name in (cell.icon, cell.aim_icon) if name),
            since=min((cell.chart.last for cell in cells if cell.has_icon), default=""),
            drawn=drawn(self.flow),
            spread=self.spread,
            unsorted=self.unsorted,
            by_chance_in_words=by_chance_in_words,
            failure_demand=[
                one.what
                for stage in self.stages
                if stage.record
                for one in stage.record.not_measured
                if one.failure_demand
            ],
        )


@dataclass(frozen=True)
class PlaceEntry:
    """A place in the list of all: how many of its trusts have charts, and how many of these recorded reasons."""

    id: str
    name: str
    kind: str
    trusts: int
    reporting: int
    flow: FlowShown | None


@dataclass(frozen=True)
class PlacesPage:
    """Every place, and all trusts together.

    ``nowhere`` are organisations with charts that belong to no place; ``not_of`` nations that have no such page here.
    """

    entries: list[PlaceEntry]
    flow: FlowShown | None
    nowhere: list[tuple[str, str]]
    not_of: list[str]

    @property
    def uneven(self) -> list[str]:
        """Places with reasons in fewer months than all trusts together."""
        all_months = self.flow.found.months if self.flow else ()
        return [one.name for one in self.entries if one.flow and one.flow.found.months != all_months]

    def write(self, pages: Pages) -> None:
        """The list, and the shares of all trusts together and of every place as CSV."""
        flows = [("", "All trusts together", self.flow), *(("", one.name, one.flow) for one in self.entries)]
        pages.write(f"{FOLDER}/all.csv", csv_of(flow_table(flows)))
        pages.write(f"{FOLDER}/columns.csv", csv_of(pd.DataFrame(list(COLUMNS.items()), columns=["column", "what"])))
        pages.page(f"{FOLDER}/index.html", "places.html.jinja", self, drawn=drawn(self.flow), uneven=self.uneven)


@dataclass(frozen=True)
class ReasonReadings:
    """Every reason by its published name with both readings: a part of the page of methods, and a table to take away."""

    reasons: list[DelayReason]

    def write(self, pages: Pages) -> None:
        """Both."""
        table = pd.DataFrame(
            [
                (one.reason, one.published, one.label, words.NAMES[one.class_1], one.why_1, words.NAMES[one.class_2], one.why_2)
                for one in self.reasons
            ],
            columns=["column", "published_name", "name_here", "first_reading", "why_first", "second_reading", "why_second"],
        )  # fmt: skip
        pages.write(f"{FOLDER}/delay-reasons.csv", csv_of(table))
        pages.page("index-parts/delay-reasons.html", "delay-reasons.html.jinja", self, names=words.NAMES)


def drawn(flow: FlowShown | None) -> dict[str, str]:
    """The figures of a flow by what they show; none without one."""
    if flow is None:
        return {}
    return {
        "ranges": drawings.class_ranges(flow, "flow-classes"),
        "reasons": drawings.reason_bars(flow, "flow-reasons"),
        "months": drawings.class_months(flow, "flow-months"),
    }


def pages(content: BookContent) -> NamedPages:
    """A page a place with a charted trust, then the list."""
    newest = newest_of(content.partner_charts)
    cells = _cells(content, newest)
    entries = []
    for place in content.places:
        yield f"{FOLDER}/{place.id}", _page(content, place, cells, newest)
        charted, flow = content.charted(place.codes), content.flow_of_place(place)
        entries.append(PlaceEntry(place.id, place.name, place.kind, len(charted), flow.trusts if flow else 0, flow))
    somewhere = {code for place in content.places for code in place.codes}
    nowhere = [(one.org_code, one.name) for one in content.partners if one.org_code not in somewhere]
    yield f"{FOLDER}/delay-reasons", ReasonReadings(list(content.catalogue.delay_reasons.values()))
    yield FOLDER, PlacesPage(entries, content.flow_of_all if entries else None, nowhere, content.nations_not_charted)


def _page(
    content: BookContent,
    place: PlaceMembers,
    cells: dict[tuple[str, str], Cell],
    newest: str,
) -> PlacePage:
    charted = {code for code, _ in content.charted(place.codes)}
    trusts = [one for one in place.organisations if one.org_code in charted]
    sectors = content.catalogue.vocabularies["sectors"]
    by_sector = defaultdict(list)
    for one in place.organisations:
        by_sector[sectors.get(one.sector or "", NOT_ENTERED)].append((one, one.org_code in charted))
    tried, wider = _tried(content, place)
    return PlacePage(
        place,
        sum(one.catchment_population or 0 for one in trusts),
        [one.name for one in trusts if not one.catchment_population],
        content.catalogue.sources.get(SOURCE),
        per_head(trusts, content.partner_charts, content.catalogue.measures),
        content.flow_of_place(place),
        [(one.org_code, one.name, content.flow_of_trust(one)) for one in trusts],
        _stages(content, trusts, cells, newest),
        [(name, by_sector[name]) for name in (*sectors.values(), NOT_ENTERED) if name in by_sector],
        [sectors[id] for id in SECTORS if id in sectors and sectors[id] not in by_sector],
        sorted({sectors.get(one.sector or "", NOT_ENTERED) for one in trusts}),
        tried,
        wider,
    )


def _tried(content: BookContent, place: PlaceMembers) -> tuple[list[SiteTried], list[EvaluationCard]]:
    """Sites within the place with what was changed in it alone, and evaluations of changes that were made elsewhere too."""
    codes = {*place.codes}
    here = [site for site in content.sites if codes.intersection(site.org_codes)]
    cards = {card.evaluation.id: card for site in here for card in content.evaluated[site.id]}
    own = {id for id, card in cards.items() if all(codes.issuperset(site.org_codes) for site in card.places)}
    tried = [
        SiteTried(site.id, site.name, [card for card in content.evaluated[site.id] if card.evaluation.id in own])
        for site in here
        if codes.issuperset(site.org_codes)
    ]
    return tried, [card for id, card in cards.items() if id not in own]


def _stages(
    content: BookContent, trusts: list[Organisation], cells: dict[tuple[str, str], Cell], newest: str
) -> list[StageShown]:
    catalogue = content.catalogue
    at: dict[str, list[StageMeasure]] = defaultdict(list)
    for charts in content.partner_charts:
        measure = catalogue.measures[charts.measure]
        own = [(one.name, cells[one.org_code, measure.id]) for one in trusts if (one.org_code, measure.id) in cells]
        if own:
            at[measure.flow_stage or ""].append(
                StageMeasure(measure, charts.newest, is_old(charts.newest, newest), own)
            )
    names = catalogue.vocabularies["flow_stages"]
    stages = [StageShown(names[id], record, at.get(id, [])) for id, record in catalogue.flow_stages.items()]
    rest = [id for id in names if id in at and id not in catalogue.flow_stages]
    return [*stages, *(StageShown(names[id], None, at[id]) for id in rest)]


def _cells(content: BookContent, newest: str) -> dict[tuple[str, str], Cell]:
    """By organisation and measure."""
    alarms = list(read_chart_alarms(content.catalogue.root).values())
    return {
        (chart.code, charts.measure): cell_of(
            content.catalogue.measures[charts.measure], charts, chart, newest, rates_of(alarms, charts.measure), []
        )
        for charts in content.partner_charts
        for chart in charts.partners
    }

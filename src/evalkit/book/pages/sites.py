"""A page for every site, their list, and what tells which are like a reader's own."""

from collections import Counter
from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent, EvaluationCard
from evalkit.book.content.journeys import JourneyShown, journey_shown
from evalkit.book.content.learning_items import ItemCard, newest_first
from evalkit.book.content.page import NamedPages, OnePage, Pages
from evalkit.book.content.staff import StaffThere
from evalkit.book.content.summaries import ResultRow
from evalkit.book.content.symbols import verdict_symbol
from evalkit.book.pages.own_place import Place, places_of
from evalkit.catalogue.naming import words_in
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.sites import Organisation, Site
from evalkit.catalogue.records.successors import events_of
from evalkit.report.wording.own_part import own_part
from evalkit.report.wording.words import with_names
from evalkit.runs.state.outcomes import AnalysisResult

FIFTHS = range(1, 6)  # 1 = most deprived
FEW = 4  # trusts of which a page tells what became of each
SEVERAL = 2  # trusts that make a site a group of places
ACUTE = "acute"


@dataclass(frozen=True)
class Shared:
    """An analysis of several places of which a site is one; ``label`` is what the estimate calls it."""

    row: ResultRow
    about: str
    label: str
    result: AnalysisResult | None


@dataclass(frozen=True)
class EvaluatedHere:
    """An evaluation of a change at a site.

    Attributes
    ----------
    answer : str
        Whom its answer is about, where that is not this place alone.
    apart : bool
        Whether that is others only.
    answered_by : str
        The id of the analysis that answers its question.
    alone : list
        Analyses about this place and no other.
    shared : list
        Those in which it is one of several.
    """

    card: EvaluationCard
    answer: str
    apart: bool
    answered_by: str
    alone: list[ResultRow]
    shared: list[Shared]


@dataclass(frozen=True)
class SitePage:
    """A site: its organisations, the evaluations in which it takes part, and what was learned there.

    Attributes
    ----------
    called : str
        What its organisations are called together.
    part_of : dict
        The name of the trust or board of each that is part of one, by code.
    beside : list
        Analyses in which it is looked at because something changed elsewhere.
    newest : str
        The last month of the data of its evaluations; empty without a result.
    became : list of str
        Sentences on its codes that merged, were split, recoded or withdrawn.
    charted : list
        Code and name of its organisations that have control charts.
    staff : StaffThere
        What its staff said.
    journey : JourneyShown or None
        What patients go through there, step by step.
    """

    site: Site
    organisations: list[Organisation]
    called: str
    part_of: dict[str, str]
    here: list[EvaluatedHere]
    beside: list[ResultRow]
    items: list[ItemCard]
    newest: str
    became: list[str]
    charted: list[tuple[str, str]]
    staff: StaffThere
    journey: JourneyShown | None

    def write(self, pages: Pages) -> None:
        """Its page."""
        own = {
            shared.row.page: own_part(shared.result.effect, shared.label)
            for evaluated in self.here
            for shared in evaluated.shared
            if shared.result is not None and shared.label
        }
        pages.page(f"sites/{self.site.id}.html", "site.html.jinja", self, own=own)


@dataclass(frozen=True)
class FormerPage:
    """What stands at an address that a site once had."""

    former: str
    site: Site

    def write(self, pages: Pages) -> None:
        """The page that leads to the present one."""
        pages.page(f"sites/{self.former}.html", "former.html.jinja", self)


@dataclass(frozen=True)
class SiteEntry:
    """A site in the list, with how many evaluations and items it has."""

    site: Site
    organisations: list[Organisation]
    called: str
    evaluations: int
    items: int


@dataclass(frozen=True)
class Characteristics:
    """Of an organisation, what likeness is judged by, None where it is not recorded; and what it is found by.

    Attributes
    ----------
    where : str
        Its integrated care board, and the place of a site that is this organisation alone; may be empty.
    order : int
        Acute trusts are named first, then other trusts, hospitals and boards, then other bodies.
    told : str
        What it is, where it is no acute trust.
    """

    name: str
    where: str
    order: int
    catchment: int | None
    fifth: int | None
    region: str | None
    told: str


@dataclass(frozen=True)
class Compared:
    """A site, for the reader's browser."""

    id: str
    name: str
    codes: list[str]
    synthetic: bool


@dataclass(frozen=True)
class Likeness:
    """What the reader's browser compares: every organisation by its ODS code, and every site."""

    organisations: dict[str, Characteristics]
    sites: list[Compared]


@dataclass(frozen=True)
class SitesPage(OnePage):
    """The list of all sites: those of one place at most, and those of several trusts taken together.

    ``partners`` are the organisations that have control charts on a page of their own.
    """

    places: list[SiteEntry]
    together: list[SiteEntry]
    partners: list[Place]
    fifths: range
    regions: list[str]
    likeness: Likeness

    file = "sites/index.html"
    template = "sites.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """One for every site, and their list."""
    items: dict[str | None, list[ItemCard]] = {}
    for card in content.item_cards.values():
        items.setdefault(card.site, []).append(card)
    entries = []
    for site in (*content.sites, *content.withdrawn_sites):
        cards, learned = content.evaluated[site.id], newest_first(items.get(site.id, ()))
        newest = max((content.summaries[card.evaluation.id].newest for card in cards), default="")
        organisations = content.organisations(site)
        here = [_evaluated_here(content, site, card) for card in cards]
        charted = content.charted(site.org_codes)
        yield (
            f"sites/{site.id}",
            SitePage(
                site, organisations, content.catalogue.called(site.org_codes), _part_of(content, organisations), here, _beside(content, site), learned, newest, _became(content, site), charted,
                content.staff_at([site]),
                journey_shown(content.journeys[site.id]) if site.id in content.journeys else None,
            ),
        )  # fmt: skip
        for former in site.former_ids:
            yield f"sites/{former}", FormerPage(former, site)
        if site.status == "active":
            entries.append(
                SiteEntry(site, organisations, content.catalogue.called(site.org_codes), len(cards), len(learned))
            )
    organisations = _characteristics(content)
    regions = sorted({organisation.region for organisation in organisations.values() if organisation.region})
    compared = [Compared(site.id, site.name, site.org_codes, site.synthetic) for site in content.sites]
    places = [entry for entry in entries if len(entry.organisations) < SEVERAL]
    together = [entry for entry in entries if len(entry.organisations) >= SEVERAL]
    yield (
        "sites",
        SitesPage(places, together, places_of(content.partners), FIFTHS, regions, Likeness(organisations, compared)),
    )


def _part_of(content: BookContent, organisations: list[Organisation]) -> dict[str, str]:
    known = content.catalogue.organisations
    return {one.org_code: known[one.parent].name for one in organisations if one.parent in known}


def _evaluated_here(content: BookContent, site: Site, card: EvaluationCard) -> EvaluatedHere:
    evaluation = card.evaluation
    found = next(found for other, found in content.taking_part.get(site.id, ()) if other.id == evaluation.id)
    outcomes = {plan.analysis.id: outcome for plan, outcome in content.analyses[evaluation.id]}
    shared = []
    for part in found:
        if not part.by_itself and not part.elsewhere:
            labels = words_in(part.analysis.parameters["site"])
            label = next((label for label in labels if content.catalogue.org_codes(label) == site.org_codes), "")
            row = _row(content, evaluation, part.analysis.id)
            shared.append(Shared(row, part.about, label, outcomes[part.analysis.id].result))
    primary = next((part for part in found if part.analysis.id == evaluation.primary.id), None)
    if primary is None:
        answer = "The answer of this evaluation is about other places."
    else:
        answer = "" if primary.by_itself else f"The answer is about {primary.about}."
    alone = [_row(content, evaluation, part.analysis.id) for part in found if part.by_itself and not part.elsewhere]
    return EvaluatedHere(card, answer, primary is None, evaluation.primary.id, alone, shared)


def _became(content: BookContent, site: Site) -> list[str]:
    if len(site.org_codes) > FEW:
        return []
    codes, catalogue = set(site.org_codes), content.catalogue
    events = [event for event in events_of(catalogue.successors.values()) if (event.before | event.after) & codes]
    return [with_names(event.in_words(), catalogue.names(event.before | event.after)) for event in events]


def _beside(content: BookContent, site: Site) -> list[ResultRow]:
    return [
        _row(content, evaluation, part.analysis.id)
        for evaluation, found in content.taking_part.get(site.id, ())
        for part in found
        if part.elsewhere
    ]


def _row(content: BookContent, evaluation: Evaluation, id: str) -> ResultRow:
    summary = content.summaries[evaluation.id].of(id).without_series()
    page = f"../evaluations/{evaluation.id}/{id}.html"
    shape = verdict_symbol(summary.word, summary.estimate or "", summary.direction)
    return ResultRow(summary, page, summary.role, id == evaluation.primary.id, shape)


def _characteristics(content: BookContent) -> dict[str, Characteristics]:
    """Of every organisation, by ODS code; one that shares its name has its code beside it."""
    organisations = content.catalogue.organisations
    times = Counter(organisation.name for organisation in organisations.values())
    towns = {site.org_codes[0]: site.place for site in content.sites if len(site.org_codes) == 1}
    return {
        code: Characteristics(
            f"{organisation.name} ({code})" if times[organisation.name] > 1 else organisation.name,
            ", ".join(filter(None, (towns.get(code), organisation.icb_name))),
            _order(organisation),
            organisation.catchment_population,
            organisation.deprivation_fifth,
            organisation.region,
            _told(content, organisation),
        )
        for code, organisation in organisations.items()
    }


def _order(organisation: Organisation) -> int:
    """Only of acute trusts the sector is recorded; trusts, hospitals and boards are known by their kind or name."""
    if organisation.sector == ACUTE:
        return 0
    by_name = "NHS" in organisation.name and "Trust" in organisation.name
    return 1 if organisation.kind is not None or by_name else 2


def _told(content: BookContent, organisation: Organisation) -> str:
    if organisation.sector == ACUTE:
        return ""
    nations = content.catalogue.vocabularies.get("nations", {})
    if organisation.kind is None or organisation.kind == "trust":
        return "not recorded as an acute trust"
    return f"{content.catalogue.kind(organisation.org_code)} in {nations.get(organisation.nation, organisation.nation)}"

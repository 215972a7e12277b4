"""A page for every site, their list, and what tells which are like a reader's own."""

from collections import Counter
from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent, EvaluationCard
from evalkit.book.content.learning_items import ItemCard, newest_first
from evalkit.book.content.page import NamedPages, OnePage, Pages
from evalkit.catalogue.records.sites import Organisation, Site

FIFTHS = range(1, 6)  # 1 = most deprived
SEVERAL = 2  # trusts that make a site a group of places
ACUTE = "acute"


@dataclass(frozen=True)
class SitePage:
    """A site: its organisations, the evaluations that draw on it, and what was learned there.

    Attributes
    ----------
    newest : str
        The last month of the data of its evaluations; empty without a result.
    """

    site: Site
    organisations: list[Organisation]
    cards: list[EvaluationCard]
    items: list[ItemCard]
    newest: str

    def write(self, pages: Pages) -> None:
        """Its page."""
        pages.page(f"sites/{self.site.id}.html", "site.html.jinja", self)


@dataclass(frozen=True)
class SiteEntry:
    """A site in the list, with how many evaluations and items it has."""

    site: Site
    organisations: list[Organisation]
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
        Acute trusts are named first, then other NHS trusts, then other bodies.
    """

    name: str
    where: str
    order: int
    catchment: int | None
    fifth: int | None
    region: str | None


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
    """The list of all sites: those of one place at most, and those of several trusts taken together."""

    places: list[SiteEntry]
    together: list[SiteEntry]
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
    for site in content.sites:
        cards, learned = content.evaluated[site.id], newest_first(items.get(site.id, ()))
        newest = max((content.summaries[card.evaluation.id].newest for card in cards), default="")
        organisations = content.organisations(site)
        yield f"sites/{site.id}", SitePage(site, organisations, cards, learned, newest)
        entries.append(SiteEntry(site, organisations, len(cards), len(learned)))
    organisations = _characteristics(content)
    regions = sorted({organisation.region for organisation in organisations.values() if organisation.region})
    compared = [Compared(site.id, site.name, site.org_codes, site.synthetic) for site in content.sites]
    places = [entry for entry in entries if len(entry.organisations) < SEVERAL]
    together = [entry for entry in entries if len(entry.organisations) >= SEVERAL]
    yield "sites", SitesPage(places, together, FIFTHS, regions, Likeness(organisations, compared))


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
        )
        for code, organisation in organisations.items()
    }


def _order(organisation: Organisation) -> int:
    """Only of acute trusts the sector is recorded; other trusts of the NHS are known by their names."""
    if organisation.sector == ACUTE:
        return 0
    return 1 if "NHS" in organisation.name and "Trust" in organisation.name else 2

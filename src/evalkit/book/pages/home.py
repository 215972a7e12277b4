"""What the home page shows of the rest of the book."""

from dataclasses import dataclass

from evalkit.book.content import answers, evidence_strip
from evalkit.book.content.book_content import BookContent
from evalkit.book.content.evidence_strip import EvidenceRow
from evalkit.book.content.learning_items import ItemCard, newest_first
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.catalogue.records.learning import Route
from evalkit.catalogue.records.successors import listed

LESSONS = 3
REGIONS = (
    "Scotland", "North East and Yorkshire", "North West", "East of England", "Midlands", "Wales", "London", "South East",
    "South West",
)  # fmt: skip
DIVIDED = "England"  # the nation that stands in its regions


@dataclass(frozen=True)
class Region:
    """A tile of the map: how many evaluations look at a place there, and their titles with their ids."""

    name: str
    id: str
    evaluations: list[tuple[str, str]]


@dataclass(frozen=True)
class HomePage(OnePage):
    """The part of the home page that records fill.

    Attributes
    ----------
    rows : list of EvidenceRow
        One for each evaluation of a real change.
    nations : str
        The nations whose registers the book knows, as a sentence names them.
    lessons : list of ItemCard
        What a team can use: those that the route for teams names first, else the newest.
    by_chance, harm : str
        How many would be clear by chance; how many were measured for harm.
    newest_month : str
        The last month of any figures, of evaluations or charts; empty without any.
    synthetic : bool
        Whether any evaluation is of invented data.
    partners : int
        How many organisations have control charts.
    surveyed : bool
        Whether any organisation of the book has a staff survey.
    told_apart : int
        How many evaluations tell groups of people apart.
    """

    routes: list[Route]
    rows: list[EvidenceRow]
    regions: list[Region]
    nations: str
    lessons: list[ItemCard]
    items: int
    by_chance: str
    harm: str
    newest_month: str
    synthetic: bool
    partners: int
    surveyed: bool
    told_apart: int

    file = "index-parts/home.html"
    template = "home.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one part."""
    real = [card for card in content.cards if not card.synthetic]
    yield (
        "home",
        HomePage(
            routes=list(content.catalogue.routes.values()),
            rows=evidence_strip.rows(content),
            regions=_regions(content),
            nations=listed(_nations(content)),
            lessons=_lessons(content),
            items=sum(not card.synthetic for card in content.item_cards.values()),
            by_chance=answers.by_chance(answers.counted(content)),
            harm=evidence_strip.harm_measured(content),
            newest_month=max(
                [content.newest_charted, *(content.summaries[card.evaluation.id].newest[:7] for card in real)]
            ),
            synthetic=any(card.synthetic for card in content.cards),
            partners=len(content.partners),
            surveyed=any(code in content.catalogue.organisations for code in content.staff.surveys),
            told_apart=sum(evaluation.protocol.stratifier is not None for evaluation in content.evaluations),
        ),
    )


def _lessons(content: BookContent) -> list[ItemCard]:
    """Of real places, if there are any; a question is what nobody has learned yet."""
    named = [id for route in content.catalogue.routes.values() for id in route.first if id in content.item_cards]
    learned = newest_first(card for card in content.item_cards.values() if card.type != "question")
    of_real_places = [card for card in learned if not card.synthetic]
    newest = [card for card in of_real_places or learned if card.id not in named]
    return [*(content.item_cards[id] for id in named), *newest][:LESSONS]


def _nations(content: BookContent) -> list[str]:
    """The names of those that have a register; England's, where none is known."""
    words = content.catalogue.vocabularies.get("nations", {})
    there = {register.nation for register in content.catalogue.registers.values()}
    return sorted(words.get(nation, nation) for nation in there) or [DIVIDED]


def _regions(content: BookContent) -> list[Region]:
    """Regions and nations; an evaluation over many places stands in each of theirs."""
    by_region: dict[str, dict[str, str]] = {}
    for card in content.cards:
        if card.synthetic:
            continue
        codes = [code for site in card.places for code in site.org_codes]
        for region in dict.fromkeys(content.catalogue.organisations[code].region for code in codes):
            if region:
                by_region.setdefault(region, {})[card.evaluation.id] = card.evaluation.title
    nations = [nation for nation in _nations(content) if nation != DIVIDED]
    names = list(dict.fromkeys([*REGIONS, *nations, *sorted(by_region)]))
    return [
        Region(name, name.casefold().replace(" ", "-"), [(title, id) for id, title in by_region.get(name, {}).items()])
        for name in names
    ]

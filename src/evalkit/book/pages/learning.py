"""What was learned: a page for every item, and the pages that put items together."""

from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.learning_items import HONEST, ItemCard, Rests, evidence, newest_first
from evalkit.book.content.learning_patterns import (
    DidNotWork,
    PlacesByTheme,
    Result,
    Section,
    Sides,
    by_place,
    by_type,
    did_not_work,
    disagreement,
    place_by_theme,
    results_of,
    section,
)
from evalkit.book.content.page import NamedPages, OnePage, Pages
from evalkit.book.content.summaries import AnalysisSummary
from evalkit.book.content.voices import VoiceShown, title_of, voice_of, voices_of
from evalkit.catalogue.records.learning import LearningItem, Programme, Publication
from evalkit.catalogue.records.voices import NOT_REPORTED

NEWEST = 10
FRAMEWORKS = {"ten-lessons": "lessons", "nhs-impact": "impact"}  # page: field of the items and vocabulary

# Of a barrier that is not unsolved, whether what was done and what came of it are not reported.
UNREPORTED = {
    (True, True): "nobody reports what was done, nor what came of it",
    (False, True): "what was done is reported, and what came of it is not",
    (True, False): "what came of it is reported, and what was done is not",
}


@dataclass(frozen=True)
class WithdrawnPage:
    """An item that was taken back, with the reason."""

    item: LearningItem

    def write(self, pages: Pages) -> None:
        """Its page."""
        pages.page(f"learning/items/{self.item.id}.html", "withdrawn.html.jinja", self)


@dataclass(frozen=True)
class Explained:
    """An evaluation that an item helps to explain, and its answer."""

    id: str
    title: str
    primary: AnalysisSummary


@dataclass(frozen=True)
class ItemPage:
    """An item: what it says, what it rests on, and the results that bear on it."""

    item: LearningItem
    card: ItemCard
    evidence: list[Rests]
    bearing: list[Result]
    explained: list[Explained]
    programme: Programme | None
    voice: VoiceShown | None
    voices_title: str

    def write(self, pages: Pages) -> None:
        """Its page."""
        results = {result.ref: result for result in self.bearing}
        pages.page(f"learning/items/{self.item.id}.html", "item.html.jinja", self, results=results)


@dataclass(frozen=True)
class LearningPage(OnePage):
    """Every item by its type, the newest, and programmes with what was learned in each."""

    cards: list[ItemCard]
    groups: dict[str, list[ItemCard]]
    newest: list[ItemCard]
    programmes: list[tuple[Programme, list[ItemCard]]]
    sources: dict[str, Publication]
    places: int
    voices_title: str

    file = "learning/index.html"
    template = "learning.html.jinja"


@dataclass(frozen=True)
class ThemeSection:
    """Enablers and barriers of one theme."""

    key: str
    words: str
    groups: dict[str, list[ItemCard]]
    apart: Sides | None


@dataclass(frozen=True)
class EnablersPage(OnePage):
    """Enablers and barriers, of places by themes, and theme by theme."""

    table: PlacesByTheme
    sections: list[ThemeSection]

    file = "learning/enablers-and-barriers.html"
    template = "enablers.html.jinja"


@dataclass(frozen=True)
class FrameworkPage:
    """The ten lessons, or the components of NHS IMPACT: a section each, and the types that any of them has."""

    page: str
    sections: list[Section]
    types: list[str]

    def write(self, pages: Pages) -> None:
        """Its page."""
        pages.page(f"learning/{self.page}.html", "framework.html.jinja", self)


@dataclass(frozen=True)
class NotWorkingPage(OnePage):
    """What did not work: answers, barriers that nobody solved or of which nobody reports more, and surprises."""

    results: DidNotWork
    neither: str
    unsolved: list[ItemCard]
    unreported: list[tuple[str, list[ItemCard]]]
    groups: dict[str, list[ItemCard]]

    file = "learning/not-working.html"
    template = "not-working.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """One for every item, and those that put items together."""
    catalogue, cards = content.catalogue, list(content.item_cards.values())
    for item in catalogue.learning.values():
        if item.status == "withdrawn":
            yield f"learning/items/{item.id}", WithdrawnPage(item)
    for item in content.items:
        yield f"learning/items/{item.id}", _item(content, item)
    yield "learning", _index(content, cards)
    yield "learning/enablers", _enablers_and_barriers(content, cards)
    for page, family in FRAMEWORKS.items():
        yield f"learning/{page}", _framework(content, page, family)
    yield "learning/not-working", _not_working(content, cards)


def _item(content: BookContent, item: LearningItem) -> ItemPage:
    explained = [
        Explained(evaluation.id, evaluation.title, content.summaries[evaluation.id].primary.without_series())
        for evaluation in content.evaluations
        if evaluation.id in item.explains
    ]
    catalogue = content.catalogue
    programme = catalogue.programmes[item.programme] if item.programme is not None else None
    rests = evidence(catalogue, item)
    return ItemPage(
        item, content.item_cards[item.id], rests, results_of(content, item), explained, programme,
        voice_of(item, catalogue.contact), title_of(voices_of(content.items)),
    )  # fmt: skip


def _index(content: BookContent, cards: list[ItemCard]) -> LearningPage:
    catalogue = content.catalogue
    programmes = sorted(catalogue.programmes.values(), key=lambda programme: programme.name.casefold())
    return LearningPage(
        cards,
        by_type(cards, catalogue.vocabularies["item_types"]),
        newest_first(cards)[:NEWEST],
        [(programme, by_place(card for card in cards if card.programme == programme.id)) for programme in programmes],
        catalogue.sources,
        len({card.site for card in cards} - {None}),
        title_of(voices_of(content.items)),
    )


def _enablers_and_barriers(content: BookContent, cards: list[ItemCard]) -> EnablersPage:
    table = place_by_theme(cards, content.catalogue.vocabularies["themes"])
    sections = []
    for key, words in table.themes.items():
        of_theme = [card for card in cards if key in card.themes]
        sections.append(ThemeSection(key, words, by_type(of_theme, ("barrier", "enabler")), disagreement(of_theme)))
    return EnablersPage(table, sections)


def _framework(content: BookContent, page: str, family: str) -> FrameworkPage:
    types = list(content.catalogue.vocabularies["item_types"])
    sections = []
    for key, words in content.catalogue.vocabularies[family].items():
        pairs = [(item, content.item_cards[item.id]) for item in content.items if key in getattr(item, family)]
        sections.append(section(content, key, words, pairs, types))
    return FrameworkPage(page, sections, [type for type in types if any(type in entry.groups for entry in sections)])


def _not_working(content: BookContent, cards: list[ItemCard]) -> NotWorkingPage:
    barriers = [card for card in by_place(cards) if card.type == "barrier"]
    return NotWorkingPage(
        did_not_work(content),
        _neither(content),
        [card for card in barriers if card.unsolved],
        [(words, [card for card in barriers if _unreported(card) == which]) for which, words in UNREPORTED.items()],
        by_type(cards, ("unintended_effect", "question")),
    )


def _neither(content: BookContent) -> str:
    """Of how many answers the measure has no better side, so that they cannot come out worse; empty where each has one."""
    real = [card for card in content.cards if not card.synthetic]
    open_ended = [card for card in real if content.catalogue.measures[card.primary.measure].direction == "neutral"]
    if not open_ended:
        return ""
    return f" But {len(open_ended)} of {len(real)} are of a measure that only rises or falls, such as visits, and is better neither way."


def _unreported(card: ItemCard) -> tuple[bool, bool] | None:
    unknown = HONEST[NOT_REPORTED]
    return None if card.unsolved else (card.response == unknown, card.what_happened == unknown)

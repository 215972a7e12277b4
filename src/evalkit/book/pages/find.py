"""Find anything: a card for every evaluation, every result across sites and everything that was learned, with what each may be found by."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from evalkit.book.content import pooled_cards
from evalkit.book.content.book_content import BookContent, EvaluationCard
from evalkit.book.content.learning_items import ItemCard
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.book.content.pooled_cards import PooledCard

NOT_RECORDED = {"not-recorded": "Not recorded"}
NO_RESULT = "no-result"
# What each card may be found by. Pages link to find.html?theme=leadership and the like: names and keys stay as they are.
FAMILIES = {
    "kind": "Kind",
    "theme": "Theme",
    "lesson": "Lesson",
    "impact": "NHS IMPACT component",
    "audience": "For whom",
    "area": "Area",
    "design": "Design",
    "verdict": "Verdict",
    "region": "Region",
}


Facets = dict[str, dict[str, str]]  # family, key, word


@dataclass(frozen=True)
class FoundCard:
    """One of an item's, an evaluation's or a pooled result's card, with what it may be found by."""

    title: str
    facets: Facets
    item: ItemCard | None = None
    evaluation: EvaluationCard | None = None
    across: PooledCard | None = None


@dataclass(frozen=True)
class Family:
    """What cards may be chosen by: key of each choice, and its word."""

    key: str
    name: str
    choices: dict[str, str]


@dataclass(frozen=True)
class FindPage(OnePage):
    """Every card; ``facets`` are the keys of each card, by family, for the reader's browser."""

    cards: list[FoundCard]
    families: list[Family]
    facets: list[dict[str, list[str]]]

    file = "find.html"
    template = "find.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page."""
    cards = _cards(content)
    facets = [{family: list(words) for family, words in card.facets.items() if words} for card in cards]
    yield "find", FindPage(cards, _families(content, cards), facets)


def _cards(content: BookContent) -> list[FoundCard]:
    """Every card with its facets, by title."""
    items = content.item_cards
    evaluations = {
        card.evaluation.id: _evaluation(
            content, card, [items[item.id] for item in content.explaining[card.evaluation.id]]
        )
        for card in content.cards
    }
    cards = [*map(_item, items.values()), *evaluations.values()]
    for outcome in content.across:
        members = [evaluations[id].facets for id in pooled_cards.members(outcome) if id in evaluations]
        cards.append(_across(content, pooled_cards.card(content, outcome), members))
    return sorted(cards, key=lambda card: card.title.casefold())


def _item(card: ItemCard) -> FoundCard:
    facets = {
        "kind": {card.type: card.type_word},
        "theme": card.themes,
        "lesson": card.lessons,
        "impact": card.impact,
        "audience": card.audience,
        "area": card.areas,
        "region": _regions(card.regions),
    }
    return FoundCard(card.title, facets, item=card)


def _evaluation(content: BookContent, card: EvaluationCard, reasons: list[ItemCard]) -> FoundCard:
    """An evaluation is found by what the items say that explain it."""
    evaluation, words, primary = card.evaluation, content.catalogue.vocabularies, card.primary
    organisations = [organisation for site in card.places for organisation in content.organisations(site)]
    facets = {
        "kind": {"evaluation": "Evaluation"},
        "theme": _united(reason.themes for reason in reasons),
        "lesson": _united(reason.lessons for reason in reasons),
        "impact": _united(reason.impact for reason in reasons),
        "audience": _united(reason.audience for reason in reasons),
        "area": {evaluation.area: words["areas"][evaluation.area]},
        "design": {primary.template: primary.template.replace("-", " ").capitalize()},
        "verdict": {primary.word: primary.verdict or ""} if primary.word else {NO_RESULT: "No result at present"},
        "region": _regions(sorted({organisation.region for organisation in organisations if organisation.region})),
    }
    return FoundCard(evaluation.title, facets, evaluation=card)


def _across(content: BookContent, card: PooledCard, members: list[Facets]) -> FoundCard:
    """A pooled result is found by its own verdict and area, and else by what its evaluations are found by."""
    summary, area = card.summary, card.pooled.area
    facets = {
        family: _united(member[family] for member in members)
        for family in ("theme", "lesson", "impact", "audience", "region")
    }
    facets |= {
        "kind": {"across": "Across sites"},
        "area": {area: content.catalogue.vocabularies["areas"][area]},
        "verdict": {summary.word: summary.verdict} if summary else {NO_RESULT: "No result at present"},
    }
    return FoundCard(card.pooled.title, facets, across=card)


def _united(words: Iterable[dict[str, str]]) -> dict[str, str]:
    return {key: word for some in words for key, word in some.items()}


def _regions(names: list[str]) -> dict[str, str]:
    return {re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"): name for name in names} or NOT_RECORDED


def _families(content: BookContent, cards: list[FoundCard]) -> list[Family]:
    """Every family with its choices: all words of a vocabulary in its order, others as they occur, by name."""
    words = content.catalogue.vocabularies
    whole = {
        "kind": {"evaluation": "Evaluation", "across": "Across sites"} | words["item_types"],
        "theme": words["themes"],
        "lesson": words["lessons"],
        "impact": words["impact"],
        "audience": words["audiences"],
        "area": words["areas"],
    }
    families = []
    for family, name in FAMILIES.items():
        met = _united(card.facets.get(family, {}) for card in cards)
        by_name = sorted(met.items(), key=lambda pair: (pair[0] in (NO_RESULT, *NOT_RECORDED), pair[1].casefold()))
        families.append(Family(family, name, whole.get(family) or dict(by_name)))
    return families

"""Find anything: a card for every evaluation, every result across sites and everything that was learned, with what each may be found by."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from evalkit.book.content import pooled_cards
from evalkit.book.content.book_content import BookContent, EvaluationCard
from evalkit.book.content.learning_items import ItemCard
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.book.content.pooled_cards import PooledCard
from evalkit.book.pages.own_place import Place, places_of

NOT_RECORDED = {"not-recorded": "Not recorded"}
NO_RESULT = "no-result"
# What each card may be found by. Pages link to find.html?theme=leadership and the like: names and keys stay as they are.
KIND = "kind"
FAMILIES = {
    "theme": "Theme",
    "lesson": "Of the ten lessons",
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
    """One of an item's, an evaluation's or a pooled result's card, with what it may be found by.

    Attributes
    ----------
    sites : list of str
        Ids of the sites whose places and organisations find it.
    text : str
        What does not stand on the card and finds it too.
    """

    title: str
    facets: Facets
    sites: list[str]
    text: str
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
class FoundBy:
    """Of one card, for the reader's browser: the keys of its families, its sites, its further text."""

    facets: dict[str, list[str]]
    sites: list[str]
    text: str


@dataclass(frozen=True)
class Finding:
    """What the reader's browser looks in.

    Attributes
    ----------
    cards : list of FoundBy
        As the cards of the page.
    places : dict
        What lies within each site, by its id: where it is, and the names of its organisations.
    synonyms : list of list of str
        Words of which each finds what the others find.
    """

    cards: list[FoundBy]
    places: dict[str, list[str]]
    synonyms: list[list[str]]


@dataclass(frozen=True)
class FindPage(OnePage):
    """Every card, the kinds and families by which they are chosen, and what the words typed are looked for in.

    ``partners`` are the organisations that have control charts, which are on pages of their own; ``asked`` are pages, by title
    and address, with the words that ask for each.
    """

    cards: list[FoundCard]
    kinds: list[str]
    families: list[Family]
    finding: Finding
    partners: list[Place]
    asked: list[tuple[str, str, list[str]]]

    file = "find.html"
    template = "find.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page."""
    cards = _cards(content)
    found_by = [
        FoundBy({family: list(words) for family, words in card.facets.items() if words}, card.sites, card.text)
        for card in cards
    ]
    sites = sorted({site for card in cards for site in card.sites})
    finding = Finding(found_by, {site: _places(content, site) for site in sites}, synonyms(content))
    kinds = ["evaluation", "across", *content.catalogue.vocabularies["item_types"]]
    yield (
        "find",
        FindPage(cards, kinds, _families(content, cards), finding, places_of(content.partners), _asked(content)),
    )


def synonyms(content: BookContent) -> list[list[str]]:
    """The words of each record of ``data/synonyms.yml``."""
    return [entry.words for entry in content.catalogue.synonyms.values()]


def _asked(content: BookContent) -> list[tuple[str, str, list[str]]]:
    """Title, page and words of every page that words ask for by themselves."""
    words: dict[tuple[str, str], list[str]] = {}
    for entry in content.catalogue.synonyms.values():
        for one in entry.asks_for:
            words.setdefault((one.title, one.page), []).extend(entry.words)
    return [(title, page, asking) for (title, page), asking in words.items()]


def _places(content: BookContent, id: str) -> list[str]:
    """Where a site is, and the names of its organisations; its own name stands on the cards."""
    site = content.catalogue.sites[id]
    return [site.place, *sorted(f"{one.name} ({one.org_code})" for one in content.organisations(site))]


def _cards(content: BookContent) -> list[FoundCard]:
    """Every card with its facets, by title."""
    items = content.item_cards
    evaluations = {
        card.evaluation.id: _evaluation(
            content, card, [items[item.id] for item in content.explaining[card.evaluation.id]]
        )
        for card in content.cards
    }
    cards = [*(_item(card, content.catalogue.learning[id].body) for id, card in items.items()), *evaluations.values()]
    for outcome in content.across:
        members = [evaluations[id] for id in pooled_cards.members(outcome) if id in evaluations]
        cards.append(_across(content, pooled_cards.card(content, outcome), members))
    return sorted(cards, key=lambda card: card.title.casefold())


def _item(card: ItemCard, body: str) -> FoundCard:
    facets = {
        KIND: {card.type: card.type_word},
        "theme": card.themes,
        "lesson": card.lessons,
        "impact": card.impact,
        "audience": card.audience,
        "area": card.areas,
        "region": _regions(card.regions),
    }
    return FoundCard(card.title, facets, [card.site] if card.site else [], " ".join(body.split()), item=card)


def _evaluation(content: BookContent, card: EvaluationCard, reasons: list[ItemCard]) -> FoundCard:
    """An evaluation is found by what the items say that explain it."""
    evaluation, words, primary = card.evaluation, content.catalogue.vocabularies, card.primary
    organisations = [organisation for site in card.places for organisation in content.organisations(site)]
    facets = {
        KIND: {"evaluation": "Evaluation"},
        "theme": _united(reason.themes for reason in reasons),
        "lesson": _united(reason.lessons for reason in reasons),
        "impact": _united(reason.impact for reason in reasons),
        "audience": _united(reason.audience for reason in reasons),
        "area": {evaluation.area: words["areas"][evaluation.area]},
        "design": {primary.template: primary.template.replace("-", " ").capitalize()},
        "verdict": {primary.word: primary.verdict or ""} if primary.word else {NO_RESULT: "No result at present"},
        "region": _regions(sorted({organisation.region for organisation in organisations if organisation.region})),
    }
    told = (evaluation.question, evaluation.plain_words or "", evaluation.not_measured or "")
    text = " ".join(" ".join(told).split())
    return FoundCard(evaluation.title, facets, content.sites_in[evaluation.id], text, evaluation=card)


def _across(content: BookContent, card: PooledCard, members: list[FoundCard]) -> FoundCard:
    """A pooled result is found by its own verdict and area, and else by what its evaluations are found by."""
    summary, area = card.summary, card.pooled.area
    facets = {
        family: _united(member.facets[family] for member in members)
        for family in ("theme", "lesson", "impact", "audience", "region")
    }
    facets |= {
        KIND: {"across": "Across sites"},
        "area": {area: content.catalogue.vocabularies["areas"][area]},
        "verdict": {summary.word: summary.verdict} if summary else {NO_RESULT: "No result at present"},
    }
    sites = sorted({site for member in members for site in member.sites})
    return FoundCard(card.pooled.title, facets, sites, card.pooled.question, across=card)


def _united(words: Iterable[dict[str, str]]) -> dict[str, str]:
    return {key: word for some in words for key, word in some.items()}


def _regions(names: list[str]) -> dict[str, str]:
    return {re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"): name for name in names} or NOT_RECORDED


def _families(content: BookContent, cards: list[FoundCard]) -> list[Family]:
    """Every family with its choices: all words of a vocabulary in its order, others as they occur, by name."""
    words = content.catalogue.vocabularies
    whole = {
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

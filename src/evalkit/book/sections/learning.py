"""What was learned: a page for every item, and the pages that put items together."""

from typing import Any

from evalkit.book.items import HONEST, evidence, item_card, newest_first
from evalkit.book.patterns import by_place, by_type, did_not_work, disagreement, place_by_theme, results_of, section
from evalkit.book.shelf import Shelf
from evalkit.catalogue.learning import NOT_REPORTED

NEWEST = 10
FRAMEWORKS = {"ten-lessons": "lessons", "nhs-impact": "impact"}  # page: field of the items and vocabulary

# Of a barrier that is not unsolved, whether what was done and what came of it are not reported.
UNREPORTED = {
    (True, True): "nobody reports what was done, nor what came of it",
    (False, True): "what was done is reported, and what came of it is not",
    (True, False): "what came of it is reported, and what was done is not",
}


def inputs(shelf: Shelf) -> Any:
    catalogue = shelf.catalogue
    return [
        [item for item in catalogue.learning.values() if item.status != "draft"],
        [[item_card(shelf, item), evidence(catalogue, item)] for item in shelf.items],
        [[one.id, one.title, one.analyses] for one in shelf.evaluations],
        catalogue.programmes,
        catalogue.sources,
        shelf.told,
    ]


def write(pages, shelf: Shelf) -> None:
    cards = {item.id: item_card(shelf, item) for item in shelf.items}
    for item in shelf.catalogue.learning.values():
        if item.status == "withdrawn":
            pages.page(f"learning/items/{item.id}.md", "withdrawn.md.jinja", item=item)
    for item in shelf.items:
        _item(pages, shelf, item, cards[item.id])
    _index(pages, shelf, list(cards.values()))
    _enablers_and_barriers(pages, shelf, list(cards.values()))
    for page, family in FRAMEWORKS.items():
        _framework(pages, shelf, cards, page, family)
    _not_working(pages, shelf, list(cards.values()))


def _item(pages, shelf: Shelf, item, card: dict[str, Any]) -> None:
    results = {(one["evaluation"], one["id"]): one for one in results_of(shelf, item)}
    programmes = shelf.catalogue.programmes
    pages.page(
        f"learning/items/{item.id}.md",
        "item.md.jinja",
        item=item,
        card=card,
        evidence=evidence(shelf.catalogue, item),
        results=results,
        explained=[one for one in shelf.evaluations if one.id in item.explains],
        told=shelf.told,
        programme=programmes[item.programme] if item.programme is not None else None,
    )


def _index(pages, shelf: Shelf, cards: list[dict[str, Any]]) -> None:
    programmes = sorted(shelf.catalogue.programmes.values(), key=lambda one: one.name.casefold())
    pages.page(
        "learning/index.md",
        "learning.md.jinja",
        cards=cards,
        groups=by_type(cards, shelf.catalogue.vocabularies["item_types"]),
        newest=newest_first(cards)[:NEWEST],
        programmes=[(one, by_place(card for card in cards if card["programme"] == one.name)) for one in programmes],
        sources=shelf.catalogue.sources,
        places=len({card["site"] for card in cards} - {None}),
    )


def _enablers_and_barriers(pages, shelf: Shelf, cards: list[dict[str, Any]]) -> None:
    table = place_by_theme(cards, shelf.catalogue.vocabularies["themes"])
    sections = []
    for key, words in table["themes"].items():
        own = [card for card in cards if key in card["themes"]]
        groups = by_type(own, ("barrier", "enabler"))
        sections.append({"key": key, "words": words, "groups": groups, "apart": disagreement(own)})
    pages.page("learning/enablers-and-barriers.md", "enablers.md.jinja", table=table, sections=sections)


def _framework(pages, shelf: Shelf, cards: dict[str, dict[str, Any]], page: str, family: str) -> None:
    types = list(shelf.catalogue.vocabularies["item_types"])
    sections = []
    for key, words in shelf.catalogue.vocabularies[family].items():
        pairs = [(item, cards[item.id]) for item in shelf.items if key in getattr(item, family)]
        sections.append({"key": key, "words": words, **section(shelf, pairs, types)})
    used = [type for type in types if any(type in one["groups"] for one in sections)]
    pages.page(f"learning/{page}.md", "framework.md.jinja", page=page, sections=sections, types=used)


def _not_working(pages, shelf: Shelf, cards: list[dict[str, Any]]) -> None:
    barriers = [card for card in by_place(cards) if card["type"] == "barrier"]
    pages.page(
        "learning/not-working.md",
        "not-working.md.jinja",
        results=did_not_work(shelf),
        unsolved=[card for card in barriers if card["unsolved"]],
        unreported=[
            (words, [card for card in barriers if _unreported(card) == which]) for which, words in UNREPORTED.items()
        ],
        groups=by_type(cards, ("unintended_effect", "question")),
    )


def _unreported(card: dict[str, Any]) -> tuple[bool, bool] | None:
    answers = card["response"], card["what_happened"]
    return None if card["unsolved"] else tuple(one == HONEST[NOT_REPORTED] for one in answers)

"""What was learned: a page for every item, and the pages that put items together."""

from typing import Any

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.learning_items import HONEST, evidence, item_card, newest_first
from evalkit.book.content.learning_patterns import (
    by_place,
    by_type,
    did_not_work,
    disagreement,
    place_by_theme,
    results_of,
    section,
)
from evalkit.catalogue.records.learning import NOT_REPORTED

NEWEST = 10
FRAMEWORKS = {"ten-lessons": "lessons", "nhs-impact": "impact"}  # page: field of the items and vocabulary

# Of a barrier that is not unsolved, whether what was done and what came of it are not reported.
UNREPORTED = {
    (True, True): "nobody reports what was done, nor what came of it",
    (False, True): "what was done is reported, and what came of it is not",
    (True, False): "what came of it is reported, and what was done is not",
}


def inputs(content: BookContent) -> Any:
    catalogue = content.catalogue
    return [
        [item for item in catalogue.learning.values() if item.status != "draft"],
        [[item_card(content, item), evidence(catalogue, item)] for item in content.items],
        [[evaluation.id, evaluation.title, evaluation.analyses] for evaluation in content.evaluations],
        catalogue.programmes,
        catalogue.sources,
        content.summaries,
    ]


def write(pages, content: BookContent) -> None:
    cards = {item.id: item_card(content, item) for item in content.items}
    for item in content.catalogue.learning.values():
        if item.status == "withdrawn":
            pages.page(f"learning/items/{item.id}.html", "withdrawn.html.jinja", item=item)
    for item in content.items:
        _item(pages, content, item, cards[item.id])
    _index(pages, content, list(cards.values()))
    _enablers_and_barriers(pages, content, list(cards.values()))
    for page, family in FRAMEWORKS.items():
        _framework(pages, content, cards, page, family)
    _not_working(pages, content, list(cards.values()))


def _item(pages, content: BookContent, item, card: dict[str, Any]) -> None:
    results = {(result["evaluation"], result["id"]): result for result in results_of(content, item)}
    programmes = content.catalogue.programmes
    pages.page(
        f"learning/items/{item.id}.html",
        "item.html.jinja",
        item=item,
        card=card,
        evidence=evidence(content.catalogue, item),
        results=results,
        explained=[evaluation for evaluation in content.evaluations if evaluation.id in item.explains],
        summaries=content.summaries,
        programme=programmes[item.programme] if item.programme is not None else None,
    )


def _index(pages, content: BookContent, cards: list[dict[str, Any]]) -> None:
    programmes = sorted(content.catalogue.programmes.values(), key=lambda programme: programme.name.casefold())
    pages.page(
        "learning/index.html",
        "learning.html.jinja",
        cards=cards,
        groups=by_type(cards, content.catalogue.vocabularies["item_types"]),
        newest=newest_first(cards)[:NEWEST],
        programmes=[
            (programme, by_place(card for card in cards if card["programme"] == programme.name))
            for programme in programmes
        ],
        sources=content.catalogue.sources,
        places=len({card["site"] for card in cards} - {None}),
    )


def _enablers_and_barriers(pages, content: BookContent, cards: list[dict[str, Any]]) -> None:
    table = place_by_theme(cards, content.catalogue.vocabularies["themes"])
    sections = []
    for key, words in table["themes"].items():
        theme_cards = [card for card in cards if key in card["themes"]]
        groups = by_type(theme_cards, ("barrier", "enabler"))
        sections.append({"key": key, "words": words, "groups": groups, "apart": disagreement(theme_cards)})
    pages.page("learning/enablers-and-barriers.html", "enablers.html.jinja", table=table, sections=sections)


def _framework(pages, content: BookContent, cards: dict[str, dict[str, Any]], page: str, family: str) -> None:
    types = list(content.catalogue.vocabularies["item_types"])
    sections = []
    for key, words in content.catalogue.vocabularies[family].items():
        pairs = [(item, cards[item.id]) for item in content.items if key in getattr(item, family)]
        sections.append({"key": key, "words": words, **section(content, pairs, types)})
    used = [type for type in types if any(type in entry["groups"] for entry in sections)]
    pages.page(f"learning/{page}.html", "framework.html.jinja", page=page, sections=sections, types=used)


def _not_working(pages, content: BookContent, cards: list[dict[str, Any]]) -> None:
    barriers = [card for card in by_place(cards) if card["type"] == "barrier"]
    pages.page(
        "learning/not-working.html",
        "not-working.html.jinja",
        results=did_not_work(content),
        unsolved=[card for card in barriers if card["unsolved"]],
        unreported=[
            (words, [card for card in barriers if _unreported(card) == which]) for which, words in UNREPORTED.items()
        ],
        groups=by_type(cards, ("unintended_effect", "question")),
    )


def _unreported(card: dict[str, Any]) -> tuple[bool, bool] | None:
    answers = card["response"], card["what_happened"]
    return None if card["unsolved"] else tuple(answer == HONEST[NOT_REPORTED] for answer in answers)

"""Find anything: a card for every evaluation, every result across sites and everything that was learned, with what each may be found by."""

import re
from typing import Any

from evalkit.book.content import pooled_cards
from evalkit.book.content.book_content import BookContent
from evalkit.book.content.learning_items import item_card

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


def inputs(content: BookContent) -> Any:
    return _cards(content)


def write(pages, content: BookContent) -> None:
    cards = _cards(content)
    pages.page(
        "find.html",
        "find.html.jinja",
        cards=cards,
        families=_families(content, cards),
        facets=[{family: list(words) for family, words in card["facets"].items() if words} for card in cards],
    )


def _cards(content: BookContent) -> list[dict[str, Any]]:
    """Every card with its facets: family, key and word; by title."""
    items = {item.id: item_card(content, item) for item in content.items}
    cards = [_item(card) for card in items.values()]
    for card in content.cards:
        reasons = [items[item.id] for item in content.explaining(card["evaluation"].id)]
        cards.append(_evaluation(content, card, reasons))
    evaluations = {card["evaluation"]["evaluation"].id: card["facets"] for card in cards if card["evaluation"]}
    for outcome in content.across:
        members = [evaluations[id] for id in pooled_cards.members(outcome) if id in evaluations]
        cards.append(_across(content, pooled_cards.card(content, outcome), members))
    return sorted(cards, key=lambda card: card["title"].casefold())


def _item(card: dict[str, Any]) -> dict[str, Any]:
    facets = {
        "kind": {card["type"]: card["type_word"]},
        "theme": card["themes"],
        "lesson": card["lessons"],
        "impact": card["impact"],
        "audience": card["audience"],
        "area": card["areas"],
        "region": _regions(card["regions"]),
    }
    return {"title": card["title"], "item": card, "evaluation": None, "across": None, "facets": facets}


def _evaluation(content: BookContent, card: dict[str, Any], reasons: list[dict[str, Any]]) -> dict[str, Any]:
    """An evaluation is found by what the items say that explain it."""
    evaluation, words = card["evaluation"], content.catalogue.vocabularies
    primary = content.primary(evaluation)
    organisations = [organisation for site in card["places"] for organisation in content.organisations(site)]
    facets = {
        "kind": {"evaluation": "Evaluation"},
        "theme": _together(reasons, "themes"),
        "lesson": _together(reasons, "lessons"),
        "impact": _together(reasons, "impact"),
        "audience": _together(reasons, "audience"),
        "area": {evaluation.area: words["areas"][evaluation.area]},
        "design": {primary["template"]: primary["template"].replace("-", " ").capitalize()},
        "verdict": {primary["word"] or NO_RESULT: primary["verdict"] or "No result at present"},
        "region": _regions(sorted({organisation.region for organisation in organisations if organisation.region})),
    }
    return {"title": evaluation.title, "item": None, "evaluation": card, "across": None, "facets": facets}


def _across(content: BookContent, card: dict[str, Any], members: list[dict[str, dict[str, str]]]) -> dict[str, Any]:
    """A pooled result is found by its own verdict and area, and else by what its evaluations are found by."""
    result, area = card["summary"], card["pooled"].area
    facets = {family: _together(members, family) for family in ("theme", "lesson", "impact", "audience", "region")}
    facets |= {
        "kind": {"across": "Across sites"},
        "area": {area: content.catalogue.vocabularies["areas"][area]},
        "verdict": {result["word"]: result["verdict"]} if result else {NO_RESULT: "No result at present"},
    }
    return {"title": card["pooled"].title, "item": None, "evaluation": None, "across": card, "facets": facets}


def _together(reasons: list[dict[str, Any]], name: str) -> dict[str, str]:
    return {key: word for card in reasons for key, word in card[name].items()}


def _regions(names: list[str]) -> dict[str, str]:
    return {re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"): name for name in names} or NOT_RECORDED


def _families(content: BookContent, cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
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
        met = {key: word for card in cards for key, word in card["facets"].get(family, {}).items()}
        by_name = sorted(met.items(), key=lambda pair: (pair[0] in (NO_RESULT, *NOT_RECORDED), pair[1].casefold()))
        families.append({"key": family, "name": name, "choices": whole.get(family) or dict(by_name)})
    return families

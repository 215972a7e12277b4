"""Find anything: a card for every evaluation, every result across sites and everything that was learned, with what each may be found by."""

import re
from typing import Any

from evalkit.book import together
from evalkit.book.items import item_card
from evalkit.book.shelf import Shelf

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


def inputs(shelf: Shelf) -> Any:
    return _found(shelf)


def write(pages, shelf: Shelf) -> None:
    found = _found(shelf)
    pages.page(
        "find.md",
        "find.md.jinja",
        found=found,
        families=_families(shelf, found),
        facets=[{family: list(words) for family, words in one["facets"].items() if words} for one in found],
    )


def _found(shelf: Shelf) -> list[dict[str, Any]]:
    """Every card with its facets: family, key and word; by title."""
    items = {item.id: item_card(shelf, item) for item in shelf.items}
    found = [_item(card) for card in items.values()]
    for card in shelf.cards:
        reasons = [items[item.id] for item in shelf.explaining(card["evaluation"].id)]
        found.append(_evaluation(shelf, card, reasons))
    evaluations = {one["evaluation"]["evaluation"].id: one["facets"] for one in found if one["evaluation"]}
    for one in shelf.across:
        members = [evaluations[id] for id in together.members(one) if id in evaluations]
        found.append(_across(shelf, together.card(shelf, one), members))
    return sorted(found, key=lambda one: one["title"].casefold())


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


def _evaluation(shelf: Shelf, card: dict[str, Any], reasons: list[dict[str, Any]]) -> dict[str, Any]:
    """An evaluation is found by what the items say that explain it."""
    evaluation, words = card["evaluation"], shelf.catalogue.vocabularies
    primary = shelf.primary(evaluation)
    organisations = [one for site in card["places"] for one in shelf.organisations(site)]
    facets = {
        "kind": {"evaluation": "Evaluation"},
        "theme": _together(reasons, "themes"),
        "lesson": _together(reasons, "lessons"),
        "impact": _together(reasons, "impact"),
        "audience": _together(reasons, "audience"),
        "area": {evaluation.area: words["areas"][evaluation.area]},
        "design": {primary["template"]: primary["template"].replace("-", " ").capitalize()},
        "verdict": {primary["word"] or NO_RESULT: primary["verdict"] or "No result at present"},
        "region": _regions(sorted({one.region for one in organisations if one.region})),
    }
    return {"title": evaluation.title, "item": None, "evaluation": card, "across": None, "facets": facets}


def _across(shelf: Shelf, card: dict[str, Any], members: list[dict[str, dict[str, str]]]) -> dict[str, Any]:
    """A pooled result is found by its own verdict and area, and else by what its evaluations are found by."""
    told, area = card["told"], card["pooled"].area
    facets = {family: _together(members, family) for family in ("theme", "lesson", "impact", "audience", "region")}
    facets |= {
        "kind": {"across": "Across sites"},
        "area": {area: shelf.catalogue.vocabularies["areas"][area]},
        "verdict": {told["word"]: told["verdict"]} if told else {NO_RESULT: "No result at present"},
    }
    return {"title": card["pooled"].title, "item": None, "evaluation": None, "across": card, "facets": facets}


def _together(reasons: list[dict[str, Any]], name: str) -> dict[str, str]:
    return {key: word for card in reasons for key, word in card[name].items()}


def _regions(names: list[str]) -> dict[str, str]:
    return {re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"): name for name in names} or NOT_RECORDED


def _families(shelf: Shelf, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every family with its choices: all words of a vocabulary in its order, others as they occur, by name."""
    words = shelf.catalogue.vocabularies
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
        met = {key: word for one in found for key, word in one["facets"].get(family, {}).items()}
        by_name = sorted(met.items(), key=lambda pair: (pair[0] in (NO_RESULT, *NOT_RECORDED), pair[1].casefold()))
        families.append({"key": family, "name": name, "choices": whole.get(family) or dict(by_name)})
    return families

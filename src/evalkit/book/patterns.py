"""What many learning items show together: where they stand, where places disagree, what nobody has recorded."""

from collections.abc import Iterable, Sequence
from typing import Any

from evalkit.book.shelf import Shelf
from evalkit.catalogue.learning import LearningItem

Card = dict[str, Any]
SIDES = ("enabler", "barrier")
HOPEFUL = ("enabler", "example", "adaptation")  # items whose results one would expect to be better
WORSE = ("worse", "slightly_worse")
UNSURE = ("inconclusive", "unclear", "not_evaluable")
ASKED = ("primary", "secondary")  # roles of analyses that ask whether it worked; the others are checks


def by_place(cards: Iterable[Card]) -> list[Card]:
    """Cards in alphabetical order of their places, and there of their titles."""
    return sorted(cards, key=lambda one: (one["place"].casefold(), one["title"].casefold()))


def by_type(cards: Iterable[Card], types: Iterable[str]) -> dict[str, list[Card]]:
    """Cards of each type that has any, in the order of the vocabulary."""
    ordered = by_place(cards)
    grouped = {type: [one for one in ordered if one["type"] == type] for type in types}
    return {type: found for type, found in grouped.items() if found}


def disagreement(cards: Iterable[Card]) -> dict[str, list[Card]] | None:
    """Enablers and barriers where one place names the one and another place the other; otherwise None."""
    ordered = by_place(cards)
    sides = {side: [one for one in ordered if one["type"] == side] for side in SIDES}
    places = {one["place"] for found in sides.values() for one in found}
    return sides if all(sides.values()) and len(places) > 1 else None


def place_by_theme(cards: Iterable[Card], themes: dict[str, str]) -> dict[str, Any]:
    """Enablers and barriers in a table of places by themes.

    Returns
    -------
    dict
        ``themes`` that have any, in words by key, in their own order; ``empty``, the words of the others; and ``groups``: ``places`` and
        ``programmes``, each a list of rows in alphabetical order, with ``place``, ``site``, ``synthetic`` and ``cells`` (by
        theme, then by type, the cards).
    """
    cards = [one for one in by_place(cards) if one["type"] in SIDES]
    used = {key: words for key, words in themes.items() if any(key in one["themes"] for one in cards)}
    rows: dict[tuple, dict[str, Any]] = {}
    for card in cards:
        empty = {
            "place": card["place"],
            "site": card["site"],
            "synthetic": card["synthetic"],
            "cells": {key: {} for key in used},
        }
        row = rows.setdefault((card["site"], card["place"]), empty)
        for key in card["themes"]:
            row["cells"][key].setdefault(card["type"], []).append(card)
    groups = {
        "places": [row for row in rows.values() if row["site"] is not None],
        "programmes": [row for row in rows.values() if row["site"] is None],
    }
    return {"themes": used, "empty": [words for key, words in themes.items() if key not in used], "groups": groups}


def results_of(shelf: Shelf, item: LearningItem) -> list[dict[str, Any]]:
    """What became of the results that an item rests on or helps to explain: those it names, or else the planned one."""
    named = [one.ref.partition("/") for one in item.evidence if one.kind == "result"]
    wanted = [(evaluation, analysis) for evaluation, _, analysis in named]
    for id in item.explains:
        if not any(id == evaluation for evaluation, _ in wanted):
            wanted.append((id, primary_of(shelf, id)))
    found = []
    for id, analysis in dict.fromkeys(wanted):
        if id in shelf.told:
            found.append(next(one for one in results(shelf, [id]) if one["id"] == analysis))
    return found


def results(shelf: Shelf, evaluations: Iterable[str]) -> list[dict[str, Any]]:
    """What these evaluations tell of each analysis, with its evaluation and its role in the records' words."""
    found = []
    for id in evaluations:
        evaluation = shelf.catalogue.evaluations[id]
        roles = {one.id: one.role for one in evaluation.analyses}
        named = {
            "evaluation": id,
            "evaluation_title": evaluation.title,
            "synthetic": shelf.catalogue.is_synthetic(evaluation),
        }
        found += [one | named | {"planned_as": roles[one["id"]]} for one in shelf.told[id]["analyses"]]
    return found


def primary_of(shelf: Shelf, evaluation: str) -> str:
    """The id of the analysis that answers the question."""
    return next(one.id for one in shelf.catalogue.evaluations[evaluation].analyses if one.role == "primary")


def section(shelf: Shelf, pairs: Sequence[tuple[LearningItem, Card]], types: Sequence[str]) -> dict[str, Any]:
    """All that a lesson's or a component's section shows of its items.

    ``groups`` by type; ``results`` that bear on it; ``against``: results set beside a help that were worse or showed no
    important change; ``unsure``: those that could not tell; ``apart`` (see ``disagreement``); ``without``: of enabler
    and barrier, what nobody has recorded.
    """
    cards = [card for _, card in pairs]
    groups = by_type(cards, types)
    bearing = {(one["evaluation"], one["id"]): one for item, _ in pairs for one in results_of(shelf, item)}
    beside = {
        (one["evaluation"], one["id"])
        for item, _ in pairs
        if item.type in HOPEFUL
        for one in results_of(shelf, item)
        if one["word"] in (*WORSE, *UNSURE, "no_important_change")
    }
    ordered = sorted(bearing.values(), key=lambda one: (one["evaluation_title"].casefold(), one["title"].casefold()))
    speaking = [one for one in ordered if (one["evaluation"], one["id"]) in beside]
    return {
        "groups": groups,
        "count": len(cards),
        "results": ordered,
        "against": [one for one in speaking if one["word"] not in UNSURE],
        "unsure": [one for one in speaking if one["word"] in UNSURE],
        "apart": disagreement(cards),
        "without": [side for side in SIDES if side not in groups],
    }


def did_not_work(shelf: Shelf) -> dict[str, list[dict[str, Any]]]:
    """Analyses that ask whether it worked, by what came out: ``worse``, ``unchanged``, ``unsure``, ``missing``.

    An analysis that was expected to show no change, and showed none, is not among them.
    """
    groups: dict[str, list] = {"worse": [], "unchanged": [], "unsure": [], "missing": []}
    for one in results(shelf, [evaluation.id for evaluation in shelf.evaluations]):
        if one["planned_as"] not in ASKED:
            continue
        if not one["done"]:
            groups["missing"].append(one)
        elif one["word"] in WORSE:
            groups["worse"].append(one)
        elif one["word"] in UNSURE:
            groups["unsure"].append(one)
        elif one["word"] == "no_important_change" and one["expected"] != "no change":
            groups["unchanged"].append(one)
    return groups

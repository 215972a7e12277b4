"""What many learning items show together: where they stand, where places disagree, what nobody has recorded."""

from collections.abc import Iterable, Sequence
from typing import Any

from evalkit.book.content.book_content import BookContent
from evalkit.catalogue.records.learning import LearningItem

Card = dict[str, Any]
SIDES = ("enabler", "barrier")
HOPEFUL = ("enabler", "example", "adaptation")  # items whose results one would expect to be better
WORSE = ("worse", "slightly_worse")
UNSURE = ("inconclusive", "unclear", "not_evaluable")


def by_place(cards: Iterable[Card]) -> list[Card]:
    """Cards in alphabetical order of their places, and there of their titles."""
    return sorted(cards, key=lambda card: (card["place"].casefold(), card["title"].casefold()))


def by_type(cards: Iterable[Card], types: Iterable[str]) -> dict[str, list[Card]]:
    """Cards of each type that has any, in the order of the vocabulary."""
    ordered = by_place(cards)
    grouped = {type: [card for card in ordered if card["type"] == type] for type in types}
    return {type: group for type, group in grouped.items() if group}


def disagreement(cards: Iterable[Card]) -> dict[str, list[Card]] | None:
    """Enablers and barriers where one place names the one and another place the other; otherwise None."""
    ordered = by_place(cards)
    sides = {side: [card for card in ordered if card["type"] == side] for side in SIDES}
    places = {card["place"] for group in sides.values() for card in group}
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
    cards = [card for card in by_place(cards) if card["type"] in SIDES]
    used = {key: words for key, words in themes.items() if any(key in card["themes"] for card in cards)}
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


def results_of(content: BookContent, item: LearningItem) -> list[dict[str, Any]]:
    """What became of the results that an item rests on or helps to explain: those it names, or else the planned one."""
    refs = [piece.ref.partition("/") for piece in item.evidence if piece.kind == "result"]
    pairs = [(evaluation, analysis) for evaluation, _, analysis in refs]
    for id in item.explains:
        if not any(id == evaluation for evaluation, _ in pairs):
            pairs.append((id, primary_of(content, id)))
    bearing = []
    for id, analysis in dict.fromkeys(pairs):
        if id in content.summaries:
            bearing.append(next(result for result in results(content, [id]) if result["id"] == analysis))
    return bearing


def results(content: BookContent, evaluations: Iterable[str]) -> list[dict[str, Any]]:
    """What these evaluations tell of each analysis, with its evaluation and its role in the records' words."""
    summaries = []
    for id in evaluations:
        evaluation = content.catalogue.evaluations[id]
        roles = {analysis.id: analysis.role for analysis in evaluation.analyses}
        heading = {
            "evaluation": id,
            "evaluation_title": evaluation.title,
            "synthetic": content.catalogue.is_synthetic(evaluation),
        }
        summaries += [
            analysis | heading | {"planned_as": roles[analysis["id"]]} for analysis in content.summaries[id]["analyses"]
        ]
    return summaries


def primary_of(content: BookContent, evaluation: str) -> str:
    """The id of the analysis that answers the question."""
    return next(
        analysis.id for analysis in content.catalogue.evaluations[evaluation].analyses if analysis.role == "primary"
    )


def section(content: BookContent, pairs: Sequence[tuple[LearningItem, Card]], types: Sequence[str]) -> dict[str, Any]:
    """All that a lesson's or a component's section shows of its items.

    ``groups`` by type; ``results`` that bear on it; ``against``: results set beside a help that were worse or showed no
    important change; ``unsure``: those that could not tell; ``apart`` (see ``disagreement``); ``without``: of enabler
    and barrier, what nobody has recorded.
    """
    cards = [card for _, card in pairs]
    groups = by_type(cards, types)
    bearing = {
        (result["evaluation"], result["id"]): result for item, _ in pairs for result in results_of(content, item)
    }
    beside = {
        (result["evaluation"], result["id"])
        for item, _ in pairs
        if item.type in HOPEFUL
        for result in results_of(content, item)
        if result["word"] in (*WORSE, *UNSURE, "no_important_change")
    }
    ordered = sorted(
        bearing.values(), key=lambda result: (result["evaluation_title"].casefold(), result["title"].casefold())
    )
    speaking = [result for result in ordered if (result["evaluation"], result["id"]) in beside]
    return {
        "groups": groups,
        "count": len(cards),
        "results": ordered,
        "against": [result for result in speaking if result["word"] not in UNSURE],
        "unsure": [result for result in speaking if result["word"] in UNSURE],
        "apart": disagreement(cards),
        "without": [side for side in SIDES if side not in groups],
    }


def did_not_work(content: BookContent) -> dict[str, list[dict[str, Any]]]:
    """The answers of evaluations, by what came out: ``worse``, ``unchanged``, ``unsure``, ``missing``.

    One that was expected to show no change, and showed none, is not among them.
    """
    groups: dict[str, list] = {"worse": [], "unchanged": [], "unsure": [], "missing": []}
    for result in results(content, [evaluation.id for evaluation in content.evaluations]):
        if result["planned_as"] != "primary":
            continue
        if not result["done"]:
            groups["missing"].append(result)
        elif result["word"] in WORSE:
            groups["worse"].append(result)
        elif result["word"] in UNSURE:
            groups["unsure"].append(result)
        elif result["word"] == "no_important_change" and result["expected"] != "no change":
            groups["unchanged"].append(result)
    return groups

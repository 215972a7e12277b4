"""What pages say of results put together across sites: cards, whether anything is invented, why there is none."""

from collections.abc import Iterable
from typing import Any

from evalkit.book.shelf import Shelf
from evalkit.catalogue.read import words_in
from evalkit.runs.pooled import PooledOutcome

SCALES = {"log": "as a percentage", "percent": "as a percentage", "points": "in percentage points"}


def card(shelf: Shelf, one: PooledOutcome) -> dict[str, Any]:
    """What a card of a pooled result shows; ``told`` is None where there is no result, and ``sentence`` says why."""
    from evalkit.report.words import VERDICT_WORDS

    told = next((each for each in shelf.pooled if each["id"] == one.pooled.id), None)
    return {
        "pooled": one.pooled,
        "sentence": why_not(shelf, one),
        "told": told | {"word": told["verdict"], "verdict": VERDICT_WORDS[told["verdict"]]} if told else None,
        "synthetic": is_synthetic(shelf, one),
    }


def is_synthetic(shelf: Shelf, one: PooledOutcome) -> bool:
    """Whether any listed member is of invented data, with or without a result."""
    catalogue = shelf.catalogue
    evaluations = [catalogue.evaluations[id] for id in members(one) if id in catalogue.evaluations]
    drawn_on = [
        catalogue.sites[id] for ref in one.pooled.analyses for id in _sites(shelf, ref) if id in catalogue.sites
    ]
    return (
        any(catalogue.is_synthetic(each) for each in evaluations)
        or any(site.synthetic for site in drawn_on)
        or bool(one.result and one.result["synthetic"])
    )


def members(one: PooledOutcome) -> list[str]:
    """Ids of the evaluations whose analyses are listed, each once."""
    return list(dict.fromkeys(ref.partition("/")[0] for ref in one.pooled.analyses))


def of_evaluation(shelf: Shelf, evaluation: str) -> list[dict[str, Any]]:
    """Id and title of every pooled result that draws on an evaluation, by title; ``done`` where there is a result."""
    return [
        {"id": one.pooled.id, "title": one.pooled.title, "done": bool(one.published)}
        for one in shelf.across
        if evaluation in members(one)
    ]


def of_measure(shelf: Shelf, measure: str) -> list[dict[str, Any]]:
    """Id and title of every pooled result that lists an analysis of a measure, by title, with its verdict and answer."""
    return [
        card(shelf, one)
        for one in shelf.across
        if any(_parameters(shelf, ref).get("measure") == measure for ref in one.pooled.analyses)
    ]


def place(shelf: Shelf, ref: str) -> str:
    """The name of the place that a listed analysis is about; what names it where no record does."""
    site = _parameters(shelf, ref).get("site")
    return shelf.catalogue.place(site) if site is not None else ref


def why_not(shelf: Shelf, one: PooledOutcome) -> str:
    """Why there is no result, in plain words and with the names of places; empty where there is one."""
    if one.published:
        return ""
    found = {f"{id}/{plan.analysis.id}": outcome for id, pairs in shelf.analyses.items() for plan, outcome in pairs}
    effects = {ref: found[ref].effect if ref in found else None for ref in one.pooled.analyses}
    without = [place(shelf, ref) for ref, effect in effects.items() if effect is None]
    if without:
        return f"These results could not be put together, as there is none at present for {_listed(without)}."
    ways = {
        "they are of different measures": lambda effect: _measure(shelf, effect),
        "they are given in different ways": _scale,
        "some of the data are invented and some are real": lambda effect: (
            "invented" if effect.data.get("synthetic") else "real"
        ),
    }
    for what, way in ways.items():
        groups: dict[str, list[str]] = {}
        for ref, effect in effects.items():
            groups.setdefault(way(effect), []).append(place(shelf, ref))
        if len(groups) > 1:
            told = "; ".join(f"{words} at {_listed(places)}" for words, places in groups.items())
            return f"These results could not be put together, because {what}: {told}."
    named = [label for effect in effects.values() for label in effect.treated_units]
    twice = [label for label in named if named.count(label) > 1]
    if twice:
        known = shelf.catalogue.names(twice)
        told = _listed(known.get(label, label) for label in twice)
        return f"These results could not be put together, because more than one of them is about {told}."
    return (
        f"These results, of {_listed(place(shelf, ref) for ref in effects)}, could not be put together, because they are"
        " not alike enough or one of them is too uncertain to be weighed against the others."
    )


def _scale(effect) -> str:
    return SCALES.get(effect.headline["scale"], f"in {effect.measure_unit}")


def _measure(shelf: Shelf, effect) -> str:
    return shelf.catalogue.measures[effect.measure].plain_name


def _parameters(shelf: Shelf, ref: str) -> dict[str, Any]:
    id, _, analysis = ref.partition("/")
    evaluation = shelf.catalogue.evaluations.get(id)
    planned = evaluation.analyses if evaluation is not None else ()
    return next((one.parameters for one in planned if one.id == analysis), {})


def _sites(shelf: Shelf, ref: str) -> list[str]:
    return words_in(_parameters(shelf, ref).get("site", ()))


def _listed(places: Iterable[str]) -> str:
    """Places in alphabetical order, each once."""
    named = sorted(set(places), key=str.casefold)
    return f"{', '.join(named[:-1])}{' and ' if len(named) > 1 else ''}{named[-1]}"

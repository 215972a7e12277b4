"""What pages say of results put together across sites: cards, whether anything is invented, why there is none."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from evalkit.book.content.book_content import BookContent, PooledSummary
from evalkit.catalogue.naming import words_in
from evalkit.catalogue.records.learning import Pooled
from evalkit.effect import Effect
from evalkit.runs.state.pooled_outcomes import PooledOutcome

FEWEST = 3  # places that can be put together
SCALES = {"log": "as a percentage", "percent": "as a percentage", "points": "in percentage points"}


@dataclass(frozen=True)
class PooledCard:
    """What a card of a pooled result shows; ``summary`` is None where there is no result, and ``sentence`` says why."""

    pooled: Pooled
    sentence: str
    summary: PooledSummary | None
    synthetic: bool

    @property
    def without(self) -> str:
        """What stands in place of a verdict where there is none."""
        return without(self.pooled)


@dataclass(frozen=True)
class DrawnOnBy:
    """A pooled result that draws on an evaluation, and what it says, or what stands in its place.

    ``afterwards`` says that it is not what was planned, so that it replaces no answer.
    """

    id: str
    title: str
    says: str
    without: str
    afterwards: bool


def card(content: BookContent, outcome: PooledOutcome) -> PooledCard:
    """The card of a pooled result."""
    summary = next((summary for summary in content.pooled if summary.id == outcome.pooled.id), None)
    return PooledCard(outcome.pooled, why_not(content, outcome), summary, is_synthetic(content, outcome))


def without(pooled: Pooled) -> str:
    """In a few words, how results stand that are not put together."""
    return "Side by side, not put together" if pooled.not_pooled is not None else "No result at present"


def is_synthetic(content: BookContent, outcome: PooledOutcome) -> bool:
    """Whether any listed member is of invented data, with or without a result."""
    catalogue = content.catalogue
    evaluations = [catalogue.evaluations[id] for id in members(outcome) if id in catalogue.evaluations]
    drawn_on = [
        catalogue.sites[id] for ref in outcome.pooled.analyses for id in _sites(content, ref) if id in catalogue.sites
    ]
    return (
        any(catalogue.is_synthetic(evaluation) for evaluation in evaluations)
        or any(site.synthetic for site in drawn_on)
        or bool(outcome.result and outcome.result.plain["synthetic"])
    )


def members(outcome: PooledOutcome) -> list[str]:
    """Ids of the evaluations whose analyses are listed, each once."""
    return list(dict.fromkeys(ref.partition("/")[0] for ref in outcome.pooled.analyses))


def of_evaluation(content: BookContent, evaluation: str) -> list[DrawnOnBy]:
    """Every pooled result that draws on an evaluation, by title."""
    told = {summary.id: summary for summary in content.pooled}
    return [
        DrawnOnBy(
            outcome.pooled.id,
            outcome.pooled.title,
            told[outcome.pooled.id].says if outcome.pooled.id in told else "",
            without(outcome.pooled),
            outcome.pooled.id in told and bool(told[outcome.pooled.id].with_care),
        )
        for outcome in content.across
        if evaluation in members(outcome)
    ]


def of_measure(content: BookContent, measure: str) -> list[PooledCard]:
    """Every pooled result that lists an analysis of a measure, by title."""
    return [
        card(content, outcome)
        for outcome in content.across
        if any(_parameters(content, ref).get("measure") == measure for ref in outcome.pooled.analyses)
    ]


def place(content: BookContent, ref: str) -> str:
    """The name of the place that a listed analysis is about; what names it where no record does."""
    site = _parameters(content, ref).get("site")
    return content.catalogue.place(site) if site is not None else ref


def why_not(content: BookContent, outcome: PooledOutcome) -> str:
    """Why there is no result, in plain words and with the names of places; empty where there is one."""
    if outcome.result is not None:
        return ""
    if outcome.pooled.not_pooled is not None:
        return outcome.pooled.not_pooled
    by_ref = {f"{id}/{plan.analysis.id}": state for id, pairs in content.analyses.items() for plan, state in pairs}
    results = {ref: by_ref[ref].result if ref in by_ref else None for ref in outcome.pooled.analyses}
    effects = {ref: result.effect for ref, result in results.items() if result is not None}
    without = [place(content, ref) for ref in results if ref not in effects]
    if without:
        return f"These results could not be put together, as there is none at present for {_listed(without)}."
    ways = {
        "they are of different measures": lambda effect: _measure(content, effect),
        "they are given in different ways": _scale,
        "some of the data are invented and some are real": lambda effect: (
            "invented" if effect.data.get("synthetic") else "real"
        ),
    }
    if outcome.pooled.measure is not None:
        del ways["they are of different measures"]
    for what, way in ways.items():
        groups: dict[str, list[str]] = {}
        for ref, effect in effects.items():
            groups.setdefault(way(effect), []).append(place(content, ref))
        if len(groups) > 1:
            details = "; ".join(f"{words} at {_listed(places)}" for words, places in groups.items())
            return f"These results could not be put together, because {what}: {details}."
    labels = [label for effect in effects.values() for label in effect.treated_units]
    twice = [label for label in labels if labels.count(label) > 1]
    if twice:
        label_names = content.catalogue.names(twice)
        details = _listed(label_names.get(label, label) for label in twice)
        return f"These results could not be put together, because more than one of them is about {details}."
    if len(effects) < FEWEST:
        return f"{_listed(place(content, ref) for ref in effects)} are too few to be put together, which takes {FEWEST} places."
    return (
        f"These results, of {_listed(place(content, ref) for ref in effects)}, could not be put together, because they are"
        " not alike enough or one of them is too uncertain to be weighed against the others."
    )


def _scale(effect: Effect) -> str:
    return SCALES.get(effect.headline["scale"], f"in {effect.measure_unit}")


def _measure(content: BookContent, effect: Effect) -> str:
    return content.catalogue.measures[effect.measure].plain_name


def _parameters(content: BookContent, ref: str) -> dict[str, Any]:
    id, _, analysis = ref.partition("/")
    evaluation = content.catalogue.evaluations.get(id)
    planned = evaluation.analyses if evaluation is not None else ()
    return next((record.parameters for record in planned if record.id == analysis), {})


def _sites(content: BookContent, ref: str) -> list[str]:
    return words_in(_parameters(content, ref).get("site", ()))


def _listed(places: Iterable[str]) -> str:
    """Places in alphabetical order, each once."""
    names = sorted(set(places), key=str.casefold)
    return f"{', '.join(names[:-1])}{' and ' if len(names) > 1 else ''}{names[-1]}"

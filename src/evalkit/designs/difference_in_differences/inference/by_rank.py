"""A difference-in-differences with few treated units: every interval by rank among assignments that might have been."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.designs.difference_in_differences import estimands
from evalkit.designs.difference_in_differences.panel.differences import Differences
from evalkit.designs.difference_in_differences.result import FROM_LAST, DifferencesResult
from evalkit.designs.follow_up import Look, ranked_look
from evalkit.effect import FEW_UNITS
from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive.fit import fit_many
from evalkit.inference.contrast import Contrast
from evalkit.inference.ranks.assignments import EXACT_UP_TO, number_of_assignments
from evalkit.inference.ranks.interval import enough_assignments, rank_interval
from evalkit.intake.periods import name_of

METHOD = "rank among assignments"
LATEST_PERIODS = 3


def at_look(differences: Differences, headline: str) -> Look | None:
    """The headline with the figures up to a look; None where it is not there yet."""
    try:
        weights = estimands.weights_of(differences, headline)
    except EvaluationError:
        return None
    estimates, scales = differences.placebos(weights)
    statistics = np.abs(estimates / scales)
    if not enough_assignments(len(statistics)):
        return None
    units = differences.panel.units
    names = [", ".join(sorted(units[position] for position in assignment)) for assignment in differences.others]
    own = abs(differences.effect(weights)) / float(differences.scales(differences.own, weights)[0])
    return ranked_look(differences.contrast(weights), METHOD, own, pd.Series(statistics, index=names))


def estimate(differences: Differences, headline: str) -> DifferencesResult:
    """Headline, terms and event study, each with the interval of its rank."""
    weights = estimands.weights_of(differences, headline)
    named = [("att", None, differences.weights("att"))]
    named += [("att", cohort, cohort_weights) for cohort, cohort_weights in estimands.cohorts(differences)]
    unit_terms = [
        (f"att {label}", None, own.contrast(unit_weights))
        for label, own, unit_weights in estimands.units(differences)
        if unit_weights.any()
    ]
    named += [(f"month {month}", None, differences.weights(month - 1)) for month in estimands.months(differences)]
    other_terms = [
        (term, cohort, differences.contrast(term_weights))
        for term, cohort, term_weights in named
        if (term, cohort) != (headline, None) and term_weights.any()
    ]
    event_study: list[tuple[str, str, float, Contrast]] = [
        ("since start", str(time), time, differences.contrast(differences.weights(time)))
        for time in estimands.event_times(differences)
    ]
    if type(differences) is Differences and differences.base == "mean" and differences.panel.one_start:
        last = replace(differences, base="last")
        event_study += [
            (FROM_LAST, str(time), time, last.contrast(last.weights(time)))
            for time in estimands.event_times(last)
            if time != -1
        ]
    if len(np.unique(differences.panel.starts)) > 1:
        event_study += [
            ("start", name, np.nan, differences.contrast(cohort_weights))
            for name, cohort_weights in estimands.cohorts(differences)
        ]
        event_study += [
            ("calendar", name, np.nan, differences.contrast(period_weights))
            for name, period_weights in estimands.calendar(differences)
        ]
    return DifferencesResult(
        headline=differences.contrast(weights),
        method=METHOD,
        terms=other_terms + unit_terms,
        event_study=event_study,
        detectable=differences.detectable(weights),
        how=method_in_words(differences),
    )


def method_in_words(differences: Differences) -> str:
    """How the intervals were made: sentences for everybody."""
    count = len(differences.others)
    k, units = differences.count, len(differences.panel.units)
    who = f"{units - k} comparators" if differences.clean_only else f"all {units}"
    tried_all = number_of_assignments(units - k if differences.clean_only else units, differences.starts) <= EXACT_UP_TO
    every = "every possible way" if tried_all else f"{count:,} ways drawn at random"
    if not enough_assignments(count):
        return (
            f"With {k} treated among {units} units there are {count + 1} ways to choose who is called treated, too few for"
            " a rank to be in the outer 5%: the interval has no bounds."
        )
    chosen = "one place" if k == 1 else f"{k} places"
    return (
        f"With fewer than {FEW_UNITS} places on one side standard errors cannot be relied on, so the result was ranked."
        f" {chosen[0].upper()}{chosen[1:]} of {who} {'was' if k == 1 else 'were'} called changed instead, in {every}, and went"
        " through the same analysis. The interval holds every effect that would not stand out among these assignments,"
        " each for its own noise."
    )


def other_choices(differences: Differences, by_rank: bool) -> Iterator[tuple[str, Callable[[], Differences]]]:
    """Other reasonable choices by name, each changing one thing."""
    panel, period = differences.panel, name_of(differences.panel.periods.freqstr)
    size = len(panel.periods)
    yield (
        f"without the last {LATEST_PERIODS} {period}s",
        lambda: replace(differences, panel=panel.keep(periods=np.arange(size) < size - LATEST_PERIODS)),
    )
    yield f"one more {period} of transition", lambda: replace(differences, panel=panel.later())
    if type(differences) is Differences and (by_rank or panel.one_start):
        if differences.base == "last":
            yield f"all {period}s before as the base", lambda: replace(differences, base="mean")
        else:
            yield f"only the last {period} before as the base", lambda: replace(differences, base="last")
    if len(np.unique(panel.starts)) > 1 and not panel.is_treated.all():
        other = "never_treated" if differences.comparison == "not_yet_treated" else "not_yet_treated"
        yield f"compared with units {other.replace('_', ' ')}", lambda: replace(differences, comparison=other)
    if len(panel.units) - differences.count > 3 * 19:
        yield "the third of comparators nearest in size", lambda: replace(differences, panel=_nearest(differences))
    if 2 <= differences.count <= 10:
        for label in sorted(panel.treated):
            keep = np.array([unit != label for unit in panel.units])
            yield f"without {label}", lambda keep=keep: replace(differences, panel=panel.keep(units=keep))


def _nearest(differences: Differences):
    """The third of the comparators whose mean before the first change is nearest to that of the treated."""
    panel, k = differences.panel, differences.count
    before = panel.outcome[:, : panel.untreated_until.min()].mean(axis=1)
    distance = np.abs(before[k:] - before[:k].mean())
    chosen = np.zeros(len(panel.units), bool)
    chosen[:k] = True
    chosen[k + np.argsort(distance, kind="stable")[: len(distance) // 3]] = True
    return panel.keep(units=chosen)


def generalised(differences: Differences) -> Contrast:
    """The step by generalised least squares with autoregressive errors, ranked: one start, a long enough series.

    More powerful than the mean before and after where neighbouring periods are alike (Brewer, Crossley and Joyce 2018).

    Raises
    ------
    EvaluationError
        Where the series is too short, or units are weighted.
    """
    panel = differences.panel
    size, until, start = len(panel.periods), int(panel.untreated_until[0]), int(panel.treated_from[0])
    if not panel.one_start or size - until < 4 or until < 4 or size < 12 or panel.weights is not None:
        raise EvaluationError("Autoregressive errors need one start, twelve periods and units that count alike.")
    kept = np.r_[0:until, start:size]
    gap = (panel.outcome - panel.outcome.mean(axis=0)) * len(panel.units) / (len(panel.units) - 1)
    matrix = np.column_stack([np.ones(len(kept)), (kept >= start).astype(float)])
    fits = fit_many(gap[:, kept], matrix, kept, np.array([[0.0, 1.0]]), calibrated=False, with_p_values=False)
    estimates, half = fits.estimates[:, 0], (fits.highs - fits.lows)[:, 0] / 2
    if not (half > 0).all():
        raise EvaluationError("A unit's gap never moves: there is no noise to judge its change by.")

    def of(units):
        return estimates[units].mean(axis=1), np.sqrt((half[units] ** 2).sum(axis=1)) / units.shape[1]

    (own,), (scale,) = of(differences.own)
    others, scales = of(differences.others)
    return rank_interval(float(own), float(scale), others, scales)

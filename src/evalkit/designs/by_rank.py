"""A difference-in-differences with few treated units: every interval by rank among assignments that might have been."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from evalkit.designs import terms
from evalkit.designs.answer import Answer
from evalkit.designs.differences import FEW, Differences
from evalkit.errors import EvaluationError
from evalkit.inference.assignments import EXACT_UP_TO, can_reach, ranked, ways
from evalkit.inference.autoregressive import fit_many
from evalkit.inference.regression import Contrast
from evalkit.intake.periods import name_of

METHOD = "rank among assignments"
LAST = 3


def answer(found: Differences, headline: str) -> Answer:
    """Headline, terms and event study, each with the interval of its rank."""
    weights = terms.weights_of(found, headline)
    named = [("att", None, found.weights("att"))]
    named += [("att", cohort, one) for cohort, one in terms.cohorts(found)]
    alone = [
        (f"att {label}", None, own.contrast(weights_of_one))
        for label, own, weights_of_one in terms.units(found)
        if weights_of_one.any()
    ]
    named += [(f"month {month}", None, found.weights(month - 1)) for month in terms.months(found)]
    told = [
        (term, cohort, found.contrast(one))
        for term, cohort, one in named
        if (term, cohort) != (headline, None) and one.any()
    ]
    event_study = [
        ("since start", str(time), time, found.contrast(found.weights(time))) for time in terms.event_times(found)
    ]
    if len(np.unique(found.panel.starts)) > 1:
        event_study += [("start", name, np.nan, found.contrast(one)) for name, one in terms.cohorts(found)]
        event_study += [("calendar", name, np.nan, found.contrast(one)) for name, one in terms.calendar(found)]
    return Answer(
        headline=found.contrast(weights),
        method=METHOD,
        terms=told + alone,
        event_study=event_study,
        detectable=found.detectable(weights),
        how=in_words(found),
    )


def in_words(found: Differences) -> str:
    """How the intervals were made: sentences for everybody."""
    count = len(found.others)
    k, units = found.count, len(found.panel.units)
    who = f"{units - k} comparators" if found.clean_only else f"all {units}"
    tried_all = ways(units - k if found.clean_only else units, found.starts) <= EXACT_UP_TO
    every = "every possible way" if tried_all else f"{count:,} ways drawn at random"
    if not can_reach(count):
        return (
            f"With {k} treated among {units} units there are {count + 1} ways to choose who is called treated, too few for"
            " a rank to be in the outer 5%: the interval has no bounds."
        )
    chosen = "one place" if k == 1 else f"{k} places"
    return (
        f"With fewer than {FEW} places on one side standard errors cannot be relied on, so the result was ranked."
        f" {chosen[0].upper()}{chosen[1:]} of {who} {'was' if k == 1 else 'were'} called changed instead, in {every}, and went"
        " through the same analysis. The interval holds every effect that would not stand out among these assignments,"
        " each for its own noise."
    )


def changes(found: Differences, by_rank: bool) -> Iterator[tuple[str, Callable[[], Differences]]]:
    """Other reasonable choices by name, each changing one thing."""
    panel, period = found.panel, name_of(found.panel.periods.freqstr)
    size = len(panel.periods)
    yield (
        f"without the last {LAST} {period}s",
        lambda: replace(found, panel=panel.keep(periods=np.arange(size) < size - LAST)),
    )
    yield f"one more {period} of transition", lambda: replace(found, panel=panel.later())
    if type(found) is Differences and (by_rank or panel.one_start):
        if found.base == "last":
            yield f"all {period}s before as the base", lambda: replace(found, base="mean")
        else:
            yield f"only the last {period} before as the base", lambda: replace(found, base="last")
    if len(np.unique(panel.starts)) > 1 and not panel.is_treated.all():
        other = "never_treated" if found.comparison == "not_yet_treated" else "not_yet_treated"
        yield f"compared with units {other.replace('_', ' ')}", lambda: replace(found, comparison=other)
    if len(panel.units) - found.count > 3 * 19:
        yield "the third of comparators nearest in size", lambda: replace(found, panel=_nearest(found))
    if 2 <= found.count <= 10:
        for label in sorted(panel.treated):
            keep = np.array([unit != label for unit in panel.units])
            yield f"without {label}", lambda keep=keep: replace(found, panel=panel.keep(units=keep))


def _nearest(found: Differences):
    """The third of the comparators whose mean before the first change is nearest to that of the treated."""
    panel, k = found.panel, found.count
    before = panel.outcome[:, : panel.untreated_until.min()].mean(axis=1)
    distance = np.abs(before[k:] - before[:k].mean())
    chosen = np.zeros(len(panel.units), bool)
    chosen[:k] = True
    chosen[k + np.argsort(distance, kind="stable")[: len(distance) // 3]] = True
    return panel.keep(units=chosen)


def generalised(found: Differences) -> Contrast:
    """The step by generalised least squares with autoregressive errors, ranked: one start, a long enough series.

    More powerful than the mean before and after where neighbouring periods are alike (Brewer, Crossley and Joyce 2018).

    Raises
    ------
    EvaluationError
        Where the series is too short, or units are weighted.
    """
    panel = found.panel
    size, until, start = len(panel.periods), int(panel.untreated_until[0]), int(panel.treated_from[0])
    if not panel.one_start or size - until < 4 or until < 4 or size < 12 or panel.weights is not None:
        raise EvaluationError("Autoregressive errors need one start, twelve periods and units that count alike.")
    kept = np.r_[0:until, start:size]
    gap = (panel.outcome - panel.outcome.mean(axis=0)) * len(panel.units) / (len(panel.units) - 1)
    matrix = np.column_stack([np.ones(len(kept)), (kept >= start).astype(float)])
    fits = fit_many(gap[:, kept], matrix, kept, np.array([[0.0, 1.0]]), calibrated=False)
    estimates, half = fits.estimates[:, 0], (fits.highs - fits.lows)[:, 0] / 2
    if not (half > 0).all():
        raise EvaluationError("A unit's gap never moves: there is no noise to judge its change by.")

    def of(units):
        return estimates[units].mean(axis=1), np.sqrt((half[units] ** 2).sum(axis=1)) / units.shape[1]

    (own,), (scale,) = of(found.own)
    others, scales = of(found.others)
    return ranked(float(own), float(scale), others, scales)

"""How often the interval for a new site holds what happened at one: ``python -m tools.score_predictions``.

Simulated sites with a known spread, at every number of sites and error of theirs; and real trusts in which nothing is known
to have changed, with injected effects: 55 groups of ten, each trust in turn predicted from the nine others.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.catalogue import find_root, read_catalogue
from evalkit.designs.interrupted_time_series.against_comparators import Placebo
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.inference.autoregressive.fit import fit_many
from evalkit.inference.contrast import Contrast
from evalkit.inference.meta_analysis.prediction import USUAL_SPREAD, Predictive
from evalkit.inference.meta_analysis.random_effects import fit_random_effects
from evalkit.intake.periods import resolve_interruption
from tools.false_alarms import Window, series

MEAN = -0.10  # log
SPREADS, SITES, ERRORS = (0.0, 0.04, 0.10), (3, 5, 9), (0.025, 0.05)
UNEVEN = 0.4  # standard deviation of the logarithm of the sites' errors
REAL = Window("ae-attendances-type-1", "ae-monthly-2016-2019", "2016-04", "2018-07")
CHANGE, GROUPS, SIZE, SPREAD = "2017-08", 55, 10, 0.04


@dataclass(frozen=True)
class Predicted:
    """One held-out effect: the share of the prediction below it, the interval's width, and whether it excludes no change."""

    below: float
    width: float
    clear: bool


def predicted(estimates: np.ndarray, covariance: np.ndarray, truth: float, usual: float) -> Predicted:
    """The held-out effect ``truth`` against what the other sites' estimates predict."""
    fit = fit_random_effects(estimates, covariance, np.ones((len(estimates), 1)))
    predictive = Predictive.of(fit, np.ones(1), usual)
    interval = predictive.interval(fit.contrast(np.ones(1)))
    return Predicted(predictive.below(truth), interval.high - interval.low, interval.low > 0 or interval.high < 0)


def simulated(sites: int, spread: float, error: float, runs: int, usual: float = USUAL_SPREAD) -> list[Predicted]:
    """Normal effects, and errors that are known."""
    generator = np.random.default_rng([sites, round(1000 * spread), round(1000 * error)])
    results = []
    for _ in range(runs):
        errors = error * np.exp(UNEVEN * generator.normal(size=sites))
        effects = generator.normal(MEAN, spread, sites + 1)
        estimates = effects[:sites] + errors * generator.normal(size=sites)
        results.append(predicted(estimates, np.diag(errors**2), float(effects[sites]), usual))
    return results


def real(
    values: np.ndarray, periods: pd.PeriodIndex, groups: int, usual: float = USUAL_SPREAD
) -> list[list[Predicted]]:
    """By group: each of its trusts in turn, every one an interrupted time series against the trusts in no group."""
    generator = np.random.default_rng([GROUPS, SIZE])
    design = SegmentedModel(periods, resolve_interruption(CHANGE, 0, "M"), model="level", seasonality=2)
    units = values.shape[1]
    gaps = (values - values.mean(axis=1, keepdims=True)) * units / (units - 1)
    fits = fit_many(gaps.T, design.matrix, contrasts=design.weights("level")[None, :])
    half = (fits.highs - fits.lows)[:, 0] / 2
    scored = []
    for _ in range(groups):
        group = generator.choice(units, SIZE, replace=False)
        others = np.setdiff1d(np.arange(units), group)
        placebo = Placebo(tuple(map(str, others)), fits.estimates[others, 0], half[others])
        effects = generator.normal(MEAN, SPREAD, SIZE)
        ranked = [placebo.ranked(fits.contrasts(unit)[0]) for unit in group]
        estimates = np.array([one.estimate for one in ranked]) + effects
        errors = np.array([_error(one, len(others)) for one in ranked])
        shared = np.full((SIZE, SIZE), 1 / (len(others) + 1))
        np.fill_diagonal(shared, 1.0)
        covariance = shared * np.outer(errors, errors)
        left = [np.arange(SIZE) != index for index in range(SIZE)]
        scored.append(
            [
                predicted(estimates[kept], covariance[np.ix_(kept, kept)], float(effects[index]), usual)
                for index, kept in enumerate(left)
            ]
        )
    return scored


def _error(ranked: Contrast, comparators: int) -> float:
    """As `pool` reads it from an interval by rank."""
    left_out = np.floor(0.05 * (comparators + 1) + 1e-9) / (comparators + 1)
    return float((ranked.high - ranked.low) / 2 / stats.norm.ppf(1 - left_out / 2))


def held(results: list[Predicted], nominal: float) -> float:
    """How often a central interval of that share held the truth."""
    tail = (1 - nominal) / 2
    return float(np.mean([tail <= one.below <= 1 - tail for one in results]))


def _row(results: list[Predicted]) -> str:
    return (
        f"95%: {held(results, 0.95):.3f}  80%: {held(results, 0.80):.3f}  median width {np.median([one.width for one in results]):.3f}"
        f"  clear of no change {np.mean([one.clear for one in results]):.0%}"
    )


def rows(runs: int, groups: int, usual: float) -> Iterator[str]:
    """What is printed, a line at a time."""
    for error in ERRORS:
        for spread in SPREADS:
            for sites in SITES:
                yield f"error {error:<6} spread {spread:<5} {sites} sites  {_row(simulated(sites, spread, error, runs, usual))}"
    values, periods, units = series(read_catalogue(find_root()), REAL)
    scored = real(values, periods, groups, usual)
    every = [one for group in scored for one in group]
    yield f"{len(units)} trusts, {groups} groups of {SIZE}  {_row(every)}"
    for nominal in (0.95, 0.80):
        by_group = [held(group, nominal) for group in scored]
        yield f"  {nominal:.0%}: standard error over groups {np.std(by_group, ddof=1) / np.sqrt(groups):.3f}"


def main() -> None:
    """Score the prior that is used, and with half and twice its scale."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    for factor in (1.0, 0.5, 2.0):
        print(f"scale of the prior times {factor:g}")
        for row in rows(runs, GROUPS, factor * USUAL_SPREAD):
            print(row, flush=True)


if __name__ == "__main__":
    main()

"""Difference-in-differences on real series with invented starts: how often a change is claimed where nobody made one.

``python -m tools.false_alarms_differences [runs [measure ...]]`` draws treated trusts and dates at random (1,000 runs by default a
row), prints how often the headline interval excludes no change, how often an injected step is found, how often nothing
could be said, and writes ``data/false_alarms_differences.csv``, which the methods page reads; rows of measures not named
stay as they are. Its last rows pool ten
trusts' controlled interrupted time series and inject half the step.
"""

import csv
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.catalogue import find_root, read_catalogue
from evalkit.designs.difference_in_differences.inference import by_cluster, by_synthetic_control
from evalkit.designs.difference_in_differences.panel.adoption import AdoptionPanel
from evalkit.designs.difference_in_differences.panel.differences import Differences
from evalkit.designs.interrupted_time_series.against_comparators import Placebo
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.effect import FEW_UNITS
from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive.fit import fit_many
from evalkit.inference.contrast import Contrast
from evalkit.inference.meta_analysis.random_effects import fit_random_effects
from evalkit.intake.periods import resolve_interruption
from tools.false_alarms import STEP, WINDOWS, Window, series

FIRST_START, LAST_START = 12, 24
SITES = 10
SELDOM = 4  # slow designs are tried in one run of four
POOLED_NAME = "pooled controlled interrupted time series"
SHOWN = ("ae-attendances-type-1", "ae-attendances-all", "ae-four-hour-type-1", "ae-four-hour-all")
COLUMNS = (
    "measure",
    "table",
    "first",
    "last",
    "design",
    "treated",
    "units",
    "runs",
    "claimed",
    "refused",
    "found",
    "step",
)


def panel(values: np.ndarray, periods: pd.PeriodIndex, starts: dict[int, int]) -> AdoptionPanel:
    """A panel in which the units ``starts`` (unit: position) are called treated."""
    size, count = values.shape
    first = np.full(count, size)
    for unit, start in starts.items():
        first[unit] = start
    order = np.lexsort((*values[::-1], first))
    frame = pd.DataFrame(values[:, order], index=periods, columns=[f"u{unit}" for unit in order])
    return AdoptionPanel(frame, first[order], first[order], (), pd.DataFrame(), (), frame)


def designs(adoption: AdoptionPanel, staggered: bool, few: bool):
    """The headlines tried in one run, by name."""
    base = "last" if staggered else "mean"
    differences = Differences(adoption, base, "not_yet_treated")
    starts_label = "several starts" if staggered else "one start"
    if few:
        yield f"by rank, {starts_label}", lambda: differences.contrast(differences.weights("att"))
    yield f"clustered errors, {starts_label}", lambda: by_cluster.fitted(differences).overall
    if int(adoption.is_treated.sum()) == 1:
        yield "synthetic, by rank", lambda: by_synthetic_control.synthesise(differences).contrast()


def moved(contrast: Contrast, step: float) -> bool:
    """Whether the interval excludes no change once ``step`` is added; a missing end is unbounded."""
    low = -np.inf if np.isnan(contrast.low) else contrast.low + step
    high = np.inf if np.isnan(contrast.high) else contrast.high + step
    return low > 0 or high < 0


def trial(values: np.ndarray, periods: pd.PeriodIndex, treated: int, runs: int, step: float, seed: int) -> dict:
    """Claimed, refused and found by design; slow designs in a quarter of the runs."""
    generator = np.random.default_rng([seed, treated])
    counted: dict[str, list] = {}
    for run in range(runs):
        units = generator.choice(values.shape[1], treated, replace=False)
        start = int(generator.integers(FIRST_START, LAST_START + 1))
        several = generator.integers(FIRST_START, LAST_START + 1, treated)
        for staggered in (False, True) if treated > 1 else (False,):
            starts = several if staggered else np.full(treated, start)
            adoption = panel(values, periods, dict(zip(units.tolist(), starts.tolist(), strict=True)))
            for name, make in designs(adoption, staggered, treated < FEW_UNITS):
                if run % SELDOM and name.startswith(("synthetic", "clustered errors, several")):
                    continue
                try:
                    contrast = make()
                    counted.setdefault(name, []).append((moved(contrast, 0.0), False, moved(contrast, step)))
                except EvaluationError:
                    counted.setdefault(name, []).append((False, True, False))
    return counted


def pooled(values: np.ndarray, periods: pd.PeriodIndex, runs: int, step: float, seed: int) -> list[tuple]:
    """Ten trusts with a start each, every one against the other 120, pooled: claimed, refused, found."""
    generator = np.random.default_rng([seed, SITES])
    starts = range(FIRST_START, LAST_START + 1)
    gaps = (values - values.mean(axis=1, keepdims=True)) * values.shape[1] / (values.shape[1] - 1)
    fits = {}
    for start in starts:
        design = SegmentedModel(periods, resolve_interruption(periods[start], 0, "M"), model="level", seasonality=1)
        fits[start] = fit_many(gaps.T, design.matrix, contrasts=design.weights("level")[None, :])
    outcomes = []
    others = values.shape[1] - SITES
    shared = np.full((SITES, SITES), 1 / (others + 1))
    np.fill_diagonal(shared, 1.0)
    for _ in range(runs):
        units = generator.choice(values.shape[1], SITES, replace=False)
        clean = np.setdiff1d(np.arange(values.shape[1]), units)
        estimates, errors = [], []
        for unit, start in zip(units, generator.choice(starts, SITES), strict=True):
            fit_of = fits[int(start)]
            half = (fit_of.highs - fit_of.lows)[:, 0] / 2
            ranked = Placebo(tuple(map(str, clean)), fit_of.estimates[clean, 0], half[clean]).ranked(
                fit_of.contrasts(unit)[0]
            )
            estimates.append(ranked.estimate)
            errors.append((ranked.high - ranked.low) / 2 / stats.norm.ppf(0.975))
        covariance = shared * np.outer(errors, errors)
        mean = fit_random_effects(np.array(estimates), covariance, np.ones((SITES, 1))).contrast(np.ones(1))
        outcomes.append((moved(mean, 0.0), False, moved(mean, step)))
    return outcomes


def main() -> None:
    """Measure every window, print and write."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    chosen = sys.argv[2:] or SHOWN
    catalogue = read_catalogue(find_root())
    path = Path(catalogue.root / "data" / "false_alarms_differences.csv")
    with path.open(encoding="utf-8", newline="") as kept:
        rows = [tuple(row) for row in csv.reader(kept) if row[0] not in (*chosen, COLUMNS[0])]
    begun = time.perf_counter()
    for window in [window for window in WINDOWS if window.measure in chosen]:
        values, periods, units = series(catalogue, window)
        step = STEP[catalogue.measures[window.measure].form]
        for treated in (1, 3, 5, 8, 15):
            counted = trial(values, periods, treated, runs if treated < 6 else max(runs // 4, 1), step, 0)
            for name, results in counted.items():
                claimed, refused, detected = np.mean(results, axis=0)
                rows.append(_row(window, name, treated, len(units), len(results), claimed, refused, detected, step))
                error = 2 * np.sqrt(0.05 * 0.95 / len(results))
                print(
                    f"{window.measure:22} {window.first} {treated:3} treated {name:36} claims {claimed:6.1%}"
                    f" (at most 5% + {error:.1%}), refuses {refused:.1%}, finds {detected:6.1%} of steps of {step:g}"
                )
                sys.stdout.flush()
        results = pooled(values, periods, max(runs // 4, 1), step / 2, 0)
        claimed, refused, detected = np.mean(results, axis=0)
        rows.append(_row(window, POOLED_NAME, SITES, len(units), len(results), claimed, refused, detected, step / 2))
        print(
            f"{window.measure:22} {window.first} {SITES:3} {POOLED_NAME:44} claims {claimed:6.1%}, finds {detected:6.1%}"
            f" of steps of {step / 2:g}"
        )
    print(f"{time.perf_counter() - begun:.0f} s")
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(rows, key=lambda row: SHOWN.index(row[0])))


def _row(window: Window, name, treated, units, runs, claimed, refused, detected, step) -> tuple:
    about = (window.measure, window.table, window.first, window.last, name, treated, units, runs)
    return (*about, f"{claimed:.4f}", f"{refused:.4f}", f"{detected:.4f}", f"{step:g}")


if __name__ == "__main__":
    main()

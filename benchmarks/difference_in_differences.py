"""Difference-in-differences on real series with invented starts: how often a change is claimed where nobody made one.

``python -m benchmarks.difference_in_differences [runs]`` draws treated trusts and dates at random (1,000 runs by default a
row), prints how often the headline interval excludes no change, how often an injected step is found, how often nothing
could be said, and writes ``data/false_alarms_differences.csv``, which the methods page reads.
"""

import csv
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.false_alarms import STEP, WINDOWS, Window, series
from evalkit.catalogue import find_root, read_catalogue
from evalkit.designs import by_cluster, by_synthetic
from evalkit.designs.adoption import Adoption
from evalkit.designs.differences import Differences
from evalkit.errors import EvaluationError
from evalkit.inference.regression import Contrast

FIRST_START, LAST_START = 12, 24
SHOWN = ("ae-attendances-type-1", "ae-attendances-all", "ae-four-hour-type-1")
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


def panel(values: np.ndarray, periods: pd.PeriodIndex, starts: dict[int, int]) -> Adoption:
    """A panel in which the units ``starts`` (unit: position) are called treated."""
    size, count = values.shape
    first = np.full(count, size)
    for unit, start in starts.items():
        first[unit] = start
    order = np.lexsort((*values[::-1], first))
    frame = pd.DataFrame(values[:, order], index=periods, columns=[f"u{one}" for one in order])
    return Adoption(frame, first[order], first[order], (), pd.DataFrame(), (), frame)


def designs(found: Adoption, staggered: bool, few: bool):
    """The headlines tried in one run, by name."""
    base = "last" if staggered else "mean"
    differences = Differences(found, base, "not_yet_treated")
    told = "several starts" if staggered else "one start"
    if few:
        yield f"by rank, {told}", lambda: differences.contrast(differences.weights("att"))
    yield f"clustered errors, {told}", lambda: by_cluster.fitted(differences).overall
    if int(found.is_treated.sum()) == 1:
        yield "synthetic, by rank", lambda: by_synthetic.synthesise(differences).contrast()


def moved(contrast: Contrast, step: float) -> bool:
    """Whether the interval excludes no change once ``step`` is added; a missing end is unbounded."""
    low = -np.inf if np.isnan(contrast.low) else contrast.low + step
    high = np.inf if np.isnan(contrast.high) else contrast.high + step
    return low > 0 or high < 0


def trial(values: np.ndarray, periods: pd.PeriodIndex, treated: int, runs: int, step: float, seed: int) -> dict:
    """Claimed, refused and found by design; synthetic controls in a tenth of the runs."""
    generator = np.random.default_rng([seed, treated])
    counted: dict[str, list] = {}
    for run in range(runs):
        units = generator.choice(values.shape[1], treated, replace=False)
        one = int(generator.integers(FIRST_START, LAST_START + 1))
        several = generator.integers(FIRST_START, LAST_START + 1, treated)
        for staggered in (False, True) if treated > 1 else (False,):
            starts = several if staggered else np.full(treated, one)
            found = panel(values, periods, dict(zip(units.tolist(), starts.tolist(), strict=True)))
            for name, make in designs(found, staggered, treated < 6):
                if run % 10 and name.startswith(("synthetic", "clustered errors, several")):
                    continue
                try:
                    contrast = make()
                    counted.setdefault(name, []).append((moved(contrast, 0.0), False, moved(contrast, step)))
                except EvaluationError:
                    counted.setdefault(name, []).append((False, True, False))
    return counted


def main() -> None:
    """Measure every window, print and write."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    catalogue = read_catalogue(find_root())
    rows = []
    begun = time.perf_counter()
    for window in [one for one in WINDOWS if one.measure in SHOWN]:
        values, periods, units = series(catalogue, window)
        step = STEP[catalogue.measures[window.measure].form]
        for treated in (1, 3, 5, 8, 15):
            found = trial(values, periods, treated, runs if treated < 6 else max(runs // 4, 1), step, 0)
            for name, results in found.items():
                claimed, refused, detected = np.mean(results, axis=0)
                rows.append(_row(window, name, treated, len(units), len(results), claimed, refused, detected, step))
                error = 2 * np.sqrt(0.05 * 0.95 / len(results))
                print(
                    f"{window.measure:22} {window.first} {treated:3} treated {name:36} claims {claimed:6.1%}"
                    f" (at most 5% + {error:.1%}), refuses {refused:.1%}, finds {detected:6.1%} of steps of {step:g}"
                )
                sys.stdout.flush()
    print(f"{time.perf_counter() - begun:.0f} s")
    with Path(catalogue.root / "data" / "false_alarms_differences.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def _row(window: Window, name, treated, units, runs, claimed, refused, found, step) -> tuple:
    about = (window.measure, window.table, window.first, window.last, name, treated, units, runs)
    return (*about, f"{claimed:.4f}", f"{refused:.4f}", f"{found:.4f}", f"{step:g}")


if __name__ == "__main__":
    main()

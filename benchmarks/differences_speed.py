"""How long difference-in-differences takes, and how much memory.

``python -m benchmarks.differences_speed`` prints seconds (best of three) and, from fresh processes, peak memory, of panels of
5,000 units by 60 months and of 7,785 by 72 with 47 starts. The last column is the time against the yardstick of the same
panel in the same run: plain two-way fixed effects with clustered errors, and diff-diff alone with all its aggregations.
Targets: everything with 47 starts at most 3 times the time and 1.5 times the memory of diff-diff alone; by rank with
5,000 units at most 2 s.
"""

import math
import subprocess
import sys
import time
import warnings

import numpy as np
import pandas as pd

SIZES = {"47 starts": (7785, 72)}
USUAL = (5000, 60)
STARTS = {"six starts": (20, 25, 30, 35, 40, 45), "47 starts": tuple(range(10, 57))}


def outcome(kind: str) -> np.ndarray:
    """(N, T) noise that wanders a little."""
    random, size = np.random.default_rng(1), SIZES.get(kind, USUAL)
    return random.normal(size=size) + 0.1 * random.normal(size=size).cumsum(axis=1)


def cohorts(kind: str) -> np.ndarray:
    """First treated months (N,), -1 for never: several starts at half of the units, or one start at a few."""
    random, (units, _) = np.random.default_rng(2), SIZES.get(kind, USUAL)
    if kind in STARTS:
        return np.where(random.random(units) < 0.5, -1, random.choice(STARTS[kind], units))
    starts = np.full(units, -1)
    starts[: int(kind.split()[0])] = 30
    return starts


def frame(kind: str) -> pd.DataFrame:
    """The same as a frame."""
    units, periods = SIZES.get(kind, USUAL)
    months = pd.period_range("2015-01", periods=periods, freq="M").astype(str).to_numpy()
    starts = [None if start < 0 else months[start] for start in cohorts(kind)]
    return pd.DataFrame(
        {
            "unit": np.repeat([f"u{unit:04}" for unit in range(units)], periods),
            "month": np.tile(months, units),
            "value": outcome(kind).ravel(),
            "start": np.repeat(np.array(starts, dtype=object), periods),
        }
    )


def diff_diff_alone() -> None:
    """diff-diff's estimator with all its aggregations, on the frame it reads: the second yardstick."""
    from diff_diff import CallawaySantAnna

    units, periods = SIZES["47 starts"]
    panel = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "time": np.tile(np.arange(1, periods + 1), units),
            "first": np.repeat(cohorts("47 starts") + 1, periods),
            "value": outcome("47 starts").ravel(),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        CallawaySantAnna(control_group="never_treated").fit(panel, "value", "unit", "time", "first", aggregate="all")


def group_times() -> None:
    """Group-time effects and every aggregation with its covariance."""
    from evalkit.inference.panel.aggregation import KINDS, aggregate
    from evalkit.inference.panel.group_time import group_time

    fit = group_time(outcome("six starts"), cohorts("six starts"), base_period="universal")
    for kind in KINDS:
        means = aggregate(fit, kind)
        _ = means.covariance, means.contrasts


def two_way_effects() -> None:
    """Two-way fixed effects with clustered errors: the yardstick."""
    from evalkit.inference.panel.two_way import two_way

    start = cohorts("six starts")[:, None]
    two_way(outcome("six starts"), ((start >= 0) & (np.arange(USUAL[1]) >= start)).astype(float))


def whole(kind: str) -> None:
    """The public function with its checks, robustness rows and tables."""
    import evalkit as ek

    ek.difference_in_differences(frame(kind), outcome="value", unit="unit", time="month", treated_from="start")


CASES = {
    "two-way fixed effects": two_way_effects,
    "group-time effects, all aggregations": group_times,
    "everything, six starts": lambda: whole("six starts"),
    "everything, 1 treated, by rank": lambda: whole("1 treated"),
    "everything, 5 treated, by rank": lambda: whole("5 treated"),
    "diff-diff alone, 47 starts": diff_diff_alone,
    "everything, 47 starts": lambda: whole("47 starts"),
}
YARDSTICKS = ("two-way fixed effects", "diff-diff alone, 47 starts")


def peak_memory() -> float:
    """Peak resident memory of this process in megabytes, its own image only (Linux)."""
    with open("/proc/self/status", encoding="utf-8") as status:  # noqa: PTH123
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def main() -> None:
    """Measure every case; with the name of one, run it alone and print its memory."""
    if len(sys.argv) > 1:
        CASES[sys.argv[1]]()
        print(f"{peak_memory():.0f}")
        return
    yardstick = math.nan
    for name, run in CASES.items():
        run()  # imports and calibration are not counted
        seconds = []
        for _ in range(3):
            begun = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - begun)
        best = min(seconds)
        yardstick = best if name in YARDSTICKS else yardstick
        memory = subprocess.run(
            [sys.executable, "-m", "benchmarks.differences_speed", name], capture_output=True, text=True, check=True
        )
        print(f"{name:40} {best:6.2f} s {memory.stdout.strip():>5} MB {best / yardstick:7.1f} times the yardstick")


if __name__ == "__main__":
    main()

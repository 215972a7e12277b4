"""How long difference-in-differences takes, and how much memory: 5,000 units by 60 months.

``python -m benchmarks.differences_speed`` prints seconds (best of three) and, from fresh processes, peak memory. The last
column is the time against plain two-way fixed effects with clustered errors on the same panel, in the same run.
"""

import subprocess
import sys
import time

import numpy as np
import pandas as pd

UNITS, MONTHS = 5000, 60
STARTS = (20, 25, 30, 35, 40, 45)


def outcome() -> np.ndarray:
    """(N, T) noise that wanders a little."""
    random = np.random.default_rng(1)
    return random.normal(size=(UNITS, MONTHS)) + 0.1 * random.normal(size=(UNITS, MONTHS)).cumsum(axis=1)


def cohorts(kind: str) -> np.ndarray:
    """First treated months (N,), -1 for never: six starts at half of the units, or one start at a few."""
    random = np.random.default_rng(2)
    if kind == "six starts":
        return np.where(random.random(UNITS) < 0.5, -1, random.choice(STARTS, UNITS))
    starts = np.full(UNITS, -1)
    starts[: int(kind.split()[0])] = 30
    return starts


def frame(kind: str) -> pd.DataFrame:
    """The same as a frame."""
    months = pd.period_range("2015-01", periods=MONTHS, freq="M").astype(str).to_numpy()
    starts = [None if start < 0 else months[start] for start in cohorts(kind)]
    return pd.DataFrame(
        {
            "unit": np.repeat([f"u{unit:04}" for unit in range(UNITS)], MONTHS),
            "month": np.tile(months, UNITS),
            "value": outcome().ravel(),
            "start": np.repeat(starts, MONTHS),
        }
    )


def group_times() -> None:
    """Group-time effects and every aggregation with its covariance."""
    from evalkit.inference.panel.aggregation import KINDS, aggregate
    from evalkit.inference.panel.group_time import group_time

    fit = group_time(outcome(), cohorts("six starts"), base_period="universal")
    for kind in KINDS:
        means = aggregate(fit, kind)
        _ = means.covariance, means.contrasts


def two_way_effects() -> None:
    """Two-way fixed effects with clustered errors: the yardstick."""
    from evalkit.inference.panel.two_way import two_way

    start = cohorts("six starts")[:, None]
    two_way(outcome(), ((start >= 0) & (np.arange(MONTHS) >= start)).astype(float))


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
}


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
    yardstick = None
    for name, run in CASES.items():
        run()  # imports and calibration are not counted
        seconds = []
        for _ in range(3):
            begun = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - begun)
        best = min(seconds)
        yardstick = yardstick or best
        memory = subprocess.run([sys.executable, "-m", __spec__.name, name], capture_output=True, text=True, check=True)
        print(f"{name:40} {best:6.2f} s {memory.stdout.strip():>5} MB {best / yardstick:7.1f} times the first")


if __name__ == "__main__":
    main()

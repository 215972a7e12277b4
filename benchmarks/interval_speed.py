"""Speed of the interval, beside statsmodels' formula interface, from one run: ``python -m benchmarks.interval_speed``.

Medians of seven; times on an idle machine only.
"""

import os
import tempfile
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import pandas as pd
import statsmodels.formula.api as formulas

from evalkit.inference.autoregressive import fit
from evalkit.inference.autoregressive.fit import fit_ar1, fit_many

REPEATS = 7
SERIES = 5000


def _design(length: int) -> np.ndarray:
    time_ = np.arange(length, dtype=float)
    after = time_ >= length // 2
    angle = 2 * np.pi * time_ / 12
    season = [wave(pair * angle) for pair in (1, 2) for wave in (np.cos, np.sin)]
    return np.column_stack([np.ones(length), time_, after, (time_ - length // 2) * after, *season])


def _seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def main() -> None:
    """Print each figure with its target and the ratio to the formula interface."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EVALKIT_CACHE"] = folder  # a cache of its own, so that a new design is new
        _measure()


def _measure() -> None:
    random = np.random.default_rng(1)
    matrix = _design(60)
    contrasts = np.eye(matrix.shape[1])[[2, 3]]
    outcome = random.standard_normal(60)

    def calibrate_anew() -> None:
        length = int(random.integers(61, 200))
        fit._designs.clear()
        fit_ar1(random.standard_normal(length), _design(length), contrasts=np.eye(8)[[2, 3]])

    names = [f"x{column}" for column in range(1, matrix.shape[1])]
    frame = pd.DataFrame(matrix[:, 1:], columns=names).assign(y=outcome)
    formula = f"y ~ {' + '.join(names)}"
    fit_ar1(outcome, matrix, contrasts=contrasts)
    one_fit = _seconds(lambda: fit_ar1(outcome, matrix, contrasts=contrasts))
    anew = _seconds(calibrate_anew)
    many = _seconds(lambda: fit_many(random.standard_normal((SERIES, 60)), matrix, contrasts=contrasts), repeats=3)
    plain = _seconds(lambda: formulas.ols(formula, frame).fit(cov_type="HAC", cov_kwds={"maxlags": 1}))
    print(f"one fit, design known        {1000 * one_fit:8.1f} ms   target <= 10 ms")
    print(f"a new design, calibrated     {anew:8.2f} s    target <= 1 s")
    print(f"{SERIES} series, one calendar  {many:8.1f} s    target <= 30 s; {1000 * many / SERIES:.2f} ms a series")
    print(
        f"statsmodels formula with HAC {1000 * plain:8.1f} ms   a fit takes {one_fit / plain:.2f} of it, in bulk {many / SERIES / plain:.3f}"
    )


if __name__ == "__main__":
    main()

"""The intervals where the truth is known, and on real series with invented dates. Short forms of longer trials."""

from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

from benchmarks.false_alarms import WINDOWS, series, trial
from evalkit.catalogue import read_catalogue
from evalkit.inference.coverage import OURS, level_coverage
from evalkit.inference.score import fit

SERIES = 600
NOISE = 2 * np.sqrt(0.95 * 0.05 / SERIES)


@pytest.fixture(scope="module")
def coverage() -> pd.DataFrame:
    """Each length and correlation draws by itself, so several are simulated at a time."""
    cases = list(product((12, 24, 48), (0.0, 0.4, 0.8)))
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as workers:
        return pd.concat(workers.map(_level_coverage, cases), ignore_index=True)


def _level_coverage(case: tuple[int, float]) -> pd.DataFrame:
    length, correlation = case
    return level_coverage((length,), (correlation,), SERIES, seed=71)


def test_the_calibrated_interval_holds_its_level(coverage):
    ours = coverage.loc[coverage["method"] == OURS, "coverage"]
    assert ours.min() >= 0.935 - NOISE
    assert ours.max() <= 0.970 + NOISE


def test_the_usual_methods_do_not(coverage):
    likeness = coverage[coverage["correlation"] == 0.8].groupby("method")["coverage"].max()
    for name in ("Least squares", "Newey-West", "Prais-Winsten"):
        assert likeness[name] < 0.9


def test_the_scorer_sees_what_the_package_uses():
    random = np.random.default_rng(5)
    time = np.arange(24.0)
    matrix = np.column_stack([np.ones(24), time, time >= 12, (time - 12) * (time >= 12)])
    held = []
    for _ in range(200):
        estimate, low, high = fit(random.standard_normal(24), matrix)
        assert (low <= estimate).all()
        assert (estimate <= high).all()
        held.append((low <= 0) & (high >= 0))
    assert (np.mean(held, axis=0) > 0.9).all()


@pytest.mark.parametrize(
    ("measure", "first", "alone_at_most", "found_at_least"),
    [("ae-attendances-type-1", "2016-04", 0.065, 0.65), ("ae-attendances-all", "2021-07", 0.14, 0.65)],
)
def test_false_alarms_and_power_on_real_series(root, measure, first, alone_at_most, found_at_least):
    catalogue = read_catalogue(root)
    window = next(one for one in WINDOWS if one.measure == measure and one.first == first)
    values, periods, units = series(catalogue, window)
    assert len(units) > 100
    rates = trial(values, periods, step=0.10)
    assert rates["alone"][0] <= alone_at_most
    assert rates["controlled"][0] <= 0.05
    assert rates["controlled"][1] >= found_at_least
    assert rates["least squares"][0] > 0.15

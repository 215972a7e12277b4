"""The intervals where the truth is known, and on real series with invented dates. Short forms of longer trials."""

import numpy as np
import pytest

from evalkit.catalogue import read_catalogue
from evalkit.inference.coverage import level_coverage
from evalkit.inference.score import fit
from tests.support.simulations import chance, simulations
from tools.false_alarms import WINDOWS, series, trial


@simulations(short=300, long=600)
def test_the_calibrated_interval_holds_its_level(runs):
    rates = level_coverage((12, 24, 48), (0.0, 0.4, 0.8), runs, seed=71, others={})["coverage"]
    assert rates.min() >= 0.935 - 2 * chance(0.95, runs)
    assert rates.max() <= 0.970 + 2 * chance(0.95, runs)


@simulations(short=100, long=600)
def test_the_usual_methods_do_not(runs):
    usual = {"Least squares": "independent", "Newey-West": "newey_west", "Prais-Winsten": "prais_winsten"}
    rates = level_coverage((12, 24, 48), (0.8,), runs, seed=71, others=usual)
    most = rates.groupby("method")["coverage"].max()
    assert (most[list(usual)] < 0.9).all()


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
    window = next(window for window in WINDOWS if window.measure == measure and window.first == first)
    values, periods, units = series(catalogue, window)
    assert len(units) > 100
    rates = trial(values, periods, step=0.10)
    assert rates["alone"][0] <= alone_at_most
    assert rates["controlled"][0] <= 0.05
    assert rates["controlled"][1] >= found_at_least
    assert rates["least squares"][0] > 0.15

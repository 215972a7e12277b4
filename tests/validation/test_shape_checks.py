"""A trend that bends and a season that changes size are told, and one in fifteen where neither does."""

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.designs.interrupted_time_series.shape_checks import bend_before, season_of_one_size
from evalkit.intake.periods import resolve_interruption

BEFORE, AFTER, RUNS = 36, 20, 150
PERIODS = pd.period_range("2015-01", periods=BEFORE + AFTER, freq="M")
DESIGN = SegmentedModel(PERIODS, resolve_interruption(PERIODS[BEFORE], 0, "M"), "level", 2)
SEASON = np.cos(2 * np.pi * PERIODS.month.to_numpy() / 12)
TIME = np.arange(BEFORE + AFTER)


def _failing(check, extra: np.ndarray, rho: float) -> float:
    draws = np.random.default_rng([7, round(10 * rho)]).normal(size=(RUNS, len(PERIODS) + 50))
    noise = lfilter([1], [1, -rho], draws, axis=1)[:, 50:] * np.sqrt(1 - rho**2)
    failed = [
        check(SeriesFit(DESIGN, 100 + 3 * SEASON + extra + one, np.ones(len(TIME), bool), "ar1")).passed
        for one in noise
    ]
    return float(np.mean([passed is False for passed in failed]))


@pytest.mark.parametrize("check", [bend_before, season_of_one_size])
@pytest.mark.parametrize("rho", [0.0, 0.4])
def test_false_alarms(check, rho):
    assert _failing(check, np.zeros(len(TIME)), rho) <= 0.067 + 2 * (0.067 * 0.933 / RUNS) ** 0.5


def test_a_season_of_three_standard_deviations_that_doubles():
    assert _failing(season_of_one_size, 3 * SEASON * (TIME >= BEFORE), 0.4) >= 0.9


def test_a_bend_half_way():
    assert _failing(bend_before, 0.5 * np.clip(TIME - BEFORE // 2, 0, None), 0.4) >= 0.5

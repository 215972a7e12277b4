"""One odd month next to the change, or none: whether "Single months" tells the two apart.

Series of 24 and 24 months with autoregressive errors (correlation 0.4, SD 1), level model, two harmonics.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit.designs.interrupted_time_series import robustness
from evalkit.designs.interrupted_time_series.checks import that_decide
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.intake.periods import resolve_interruption
from tests.support.calibrations import rough

MONTHS, LAST_BEFORE, FIRST_AFTER = 48, 23, 24
CORRELATION, MEAN, SD = 0.4, 100.0, 2.0
PERIODS = pd.period_range("2018-01", periods=MONTHS, freq="M")
DESIGN = SegmentedModel(PERIODS, resolve_interruption("2020-01", 0, "M"), "level", 2)
CAUGHT_AT_LEAST = 0.90
FLAGGED_AT_MOST = {3: 0.12, 4: 0.06}  # of true steps of so many SD that are found


def _series(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    values = np.empty((count, MONTHS))
    values[:, 0] = random.normal(size=count)
    for month in range(1, MONTHS):
        fresh = np.sqrt(1 - CORRELATION**2) * random.normal(size=count)
        values[:, month] = CORRELATION * values[:, month - 1] + fresh
    return MEAN + SD * values


def _flagged(series: np.ndarray) -> tuple[int, int]:
    """How many series give a finding, and how many of these hang on one month next to the change."""
    found = flagged = 0
    for values in series:
        case = SeriesFit(DESIGN, values, np.ones(MONTHS, dtype=bool), "ar1")
        whole = case.headline("level")
        if whole.low > 0 or whole.high < 0:
            found += 1
            refits = robustness.without_one_next_to_a_change(case, "level", whole)
            beside = robustness.influence(case, "level", whole, refits).dropna()
            flagged += bool(that_decide(beside, whole).any())
    return found, flagged


def _odd(month: int, size: float) -> Callable[[np.ndarray], None]:
    def change(series: np.ndarray) -> None:
        series[:, month] -= size * SD

    return change


@pytest.mark.slow
@pytest.mark.parametrize("month", [LAST_BEFORE, FIRST_AFTER])
@pytest.mark.parametrize("size", [3, 5, 8])
def test_findings_that_one_month_makes_are_caught(size, month):
    series = _series(400, seed=7)
    _odd(month, size)(series)
    found, flagged = _flagged(series)
    assert found > 80
    assert flagged >= CAUGHT_AT_LEAST * found, f"{flagged} of {found}"


@pytest.mark.slow
@pytest.mark.parametrize("size", FLAGGED_AT_MOST)
def test_few_true_steps_are_flagged(size):
    series = _series(400, seed=7)
    series[:, FIRST_AFTER:] += size * SD
    found, flagged = _flagged(series)
    assert found > 300
    assert flagged <= FLAGGED_AT_MOST[size] * found, f"{flagged} of {found}"


def test_an_odd_month_is_caught_and_a_step_is_not():
    """The short form: 60 series each."""
    series = _series(60, seed=7)
    _odd(LAST_BEFORE, 8)(series)
    found, flagged = _flagged(series)
    assert flagged >= CAUGHT_AT_LEAST * found > 0
    series = _series(60, seed=7)
    series[:, FIRST_AFTER:] += 4 * SD
    found, flagged = _flagged(series)
    assert found > 50
    assert flagged <= FLAGGED_AT_MOST[4] * found


def _effect(values: np.ndarray, **options) -> ek.Effect:
    asked = {"outcome": "value", "time": "month", "interruption": "2020-01", "seasonality": None}
    with rough():
        return ek.interrupted_time_series(pd.DataFrame({"month": PERIODS, "value": values}), **asked | options)


def test_what_the_table_tells_is_what_a_refit_gives():
    """The review's case: told -2.78, where a refit without the month moved the estimate by -12.99."""
    values = _series(1, seed=7)[0]
    values[LAST_BEFORE] -= 16
    effect = _effect(values, seasonality=2)
    assert effect.headline["low"] > 0, "one month makes a finding of nothing"
    values[LAST_BEFORE] = np.nan
    refitted = _effect(values, seasonality=2)
    told = effect.tables["influence"].set_index("period").loc["2019-12"]
    assert told["shift"] == pytest.approx(refitted.headline["estimate"] - effect.headline["estimate"], rel=1e-9)
    width = refitted.headline["high"] - refitted.headline["low"]
    assert told["high"] - told["low"] == pytest.approx(width, rel=0.1)
    (check,) = [check for check in effect.checks if check.code == "single_periods"]
    assert check.passed is False
    assert check.domain == "data"
    assert check.detail.startswith("Without 2019-12 alone the estimate moves so far that an interval of")


def test_several_changes_are_each_looked_at():
    effect = _effect(_series(1, seed=9)[0], interruption="2019-07", further_interruptions=["2020-09"])
    refitted = effect.tables["influence"].dropna()["period"]
    assert list(refitted) == [f"2019-{month:02d}" for month in range(4, 10)] + [
        f"2020-{month:02d}" for month in range(6, 12)
    ]

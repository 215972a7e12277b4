"""Every check that can lower certainty is raised by a real run in which it alone lowers it; every check is listed."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit import check_register
from evalkit.certainty import CERTAINTIES
from evalkit.verdict import verdict
from tests.support.panels import differences, frame_of, injected, noise

MONTHS = pd.period_range("2014-01", periods=60, freq="M")
AFTER = (np.arange(60) >= 30).astype(float)
COMPARATORS = 24


def alone(values: np.ndarray, interruption: str = "2016-07", **about) -> ek.Effect:
    """A single series, one value a month from January 2014, and what loading says of it."""
    frame = pd.DataFrame({"month": MONTHS[: len(values)], "value": values})
    frame.attrs["evalkit"] = about
    return ek.interrupted_time_series(
        frame,
        outcome="value",
        time="month",
        interruption=interruption,
        model="level",
        seasonality=None,
        errors="newey_west",
    )


def against(own: np.ndarray, others: np.ndarray) -> ek.Effect:
    """A series (60,) against comparators (c, 60)."""
    values = np.vstack([own, others])
    frame = pd.DataFrame(
        {
            "unit": np.repeat([f"U{index:02d}" for index in range(len(values))], 60),
            "month": list(MONTHS) * len(values),
            "value": values.ravel(),
        }
    )
    return ek.interrupted_time_series(
        frame, outcome="value", time="month", unit="unit", treated="U00", interruption="2016-07", model="level",
        seasonality=None, errors="newey_west",
    )  # fmt: skip


def series(seed: int = 1) -> np.ndarray:
    return 500 + np.random.default_rng(seed).normal(0, 4, 60)


def others(count: int = COMPARATORS, seed: int = 2) -> np.ndarray:
    return 500 + np.random.default_rng(seed).normal(0, 4, (count, 60))


def short() -> ek.Effect:
    return alone((series() + 30 * (np.arange(60) >= 10))[:20], "2014-11")


def gaps() -> ek.Effect:
    values = series() + 30 * AFTER
    values[[5, 12, 19, 40, 52]] = np.nan
    return alone(values)


def earlier_step() -> ek.Effect:
    return alone(series() + 40 * (np.arange(60) >= 15) + 40 * AFTER)


def one_odd_month() -> ek.Effect:
    values = series() + 2 * AFTER
    values[30] += 10
    return alone(values)


def taken_over() -> ek.Effect:
    return alone(series() + 30 * AFTER, mergers=[("series", "series grew by 90% in 2017-12, when AAA ended", 0.9)])


def a_short_pilot() -> ek.Effect:
    frame = pd.DataFrame({"month": MONTHS, "value": series() + 30 * (AFTER * (np.arange(60) < 39))})
    return ek.interrupted_time_series(
        frame,
        outcome="value",
        time="month",
        interruption="2016-07",
        end="2017-03",
        model="level",
        seasonality=None,
        errors="newey_west",
    )


def a_trend_taken_for_a_step() -> ek.Effect:
    values = series(5) + 0.25 * np.arange(60) + 40 * AFTER
    frame = pd.DataFrame({"month": MONTHS[:44], "value": values[:44]})
    return ek.interrupted_time_series(
        frame,
        outcome="value",
        time="month",
        interruption="2016-07",
        model="step",
        seasonality=None,
        errors="newey_west",
    )


def few_comparators() -> ek.Effect:
    return against(series() + 30 * AFTER, others(6))


def comparators_that_moved_too() -> ek.Effect:
    signs = np.where(np.arange(COMPARATORS) % 2, 1.0, -1.0)
    return against(series() + 30 * AFTER, others() + 60 * signs[:, None] * AFTER)


def a_treated_unit_left_out() -> ek.Effect:
    outcome = injected(noise(3, 30, 24), [16] * 3, 6.0)
    outcome[0, 4:7] = np.nan
    return differences(frame_of(outcome, [16] * 3))


def trends_apart() -> ek.Effect:
    outcome = injected(noise(4, 60, 24), [16] * 30, 6.0)
    outcome[:30] += 0.5 * np.arange(24)
    return differences(frame_of(outcome, [16] * 30))


def begun_early() -> ek.Effect:
    outcome = injected(noise(6, 40, 30), [20], 8.0)
    outcome[0, 17:20] += 3.0
    return differences(frame_of(outcome, [20]))


def poorly_followed() -> ek.Effect:
    outcome = injected(noise(5, 30, 36), [24], 9.0)
    outcome[0] += 6 * np.sin(np.arange(36))
    return differences(frame_of(outcome, [24]), method="synthetic")


def clustered_with_few() -> ek.Effect:
    return differences(frame_of(injected(noise(7, 40, 24), [16] * 4, 6.0), [16] * 4), inference="cluster")


RUNS: dict[check_register.CheckKind, Callable[[], ek.Effect]] = {
    check_register.ENOUGH_POINTS: short,
    check_register.MISSING_PERIODS: gaps,
    check_register.SAME_UNITS: a_treated_unit_left_out,
    check_register.MERGERS: taken_over,
    check_register.SINGLE_PERIODS: one_odd_month,
    check_register.COMPARATORS_INVENTED_START: comparators_that_moved_too,
    check_register.INVENTED_DATE: earlier_step,
    check_register.ENOUGH_COMPARATORS: few_comparators,
    check_register.PARALLEL_TRENDS: trends_apart,
    check_register.CHANGE_SHORTLY_BEFORE: begun_early,
    check_register.FIT_BEFORE: poorly_followed,
    check_register.ENOUGH_TREATED_UNITS: clustered_with_few,
    check_register.WHOLE_YEARS: a_short_pilot,
    check_register.TREND_LEFT_OUT: a_trend_taken_for_a_step,
}


def test_a_run_is_there_for_every_check_that_can_lower_certainty():
    assert list(RUNS) == check_register.that_lower_certainty()


@pytest.mark.parametrize("kind", RUNS, ids=lambda kind: kind.code)
def test_a_real_run_in_which_it_alone_lowers_certainty(real, kind):
    effect, measure = RUNS[kind](), real.measures["ae-attendances-type-1"]
    failed = [check for check in effect.checks if check.lowers_certainty]
    assert [check.code for check in failed] == [kind.code]
    passed = tuple(replace(check, passed=True) if check in failed else check for check in effect.checks)
    with_it, without = (verdict(effect, measure) for effect in (effect, replace(effect, checks=passed)))
    assert CERTAINTIES.index(without.certainty) - CERTAINTIES.index(with_it.certainty) == 1
    assert with_it.reasons == (
        *(reason for reason in without.reasons if not reason.startswith("Not higher, as ")),
        f"One step down for {check_register.DOMAINS[kind.domain]}: {failed[0].detail}",
    )
    assert [is_listed(check) for check in effect.checks] == list(effect.checks)


def is_listed(check: ek.Check) -> ek.Check:
    """The check as the list would make it."""
    kind = next(kind for kind in check_register.KINDS if kind.code == check.code)
    return kind.result(check.passed, check.detail, "month")


def test_every_kind_is_listed_once():
    defined = [kind for kind in vars(check_register).values() if isinstance(kind, check_register.CheckKind)]
    assert sorted(kind.code for kind in defined) == sorted(kind.code for kind in check_register.KINDS)
    assert (
        len({kind.code for kind in check_register.KINDS})
        == len({kind.name for kind in check_register.KINDS})
        == len(check_register.KINDS)
    )
    assert {kind.domain for kind in check_register.KINDS} <= {None, *check_register.DOMAINS}


def test_what_can_lower_certainty_says_when():
    assert all(kind.fails_when for kind in check_register.that_lower_certainty())

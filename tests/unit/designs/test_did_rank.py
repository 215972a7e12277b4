"""Placebo inference: exact under exchangeability, its interval the inverted test, its checks of the right size."""

from dataclasses import replace

import numpy as np
import pytest

from evalkit.designs.difference_in_differences.inference import pretrends_by_rank
from evalkit.designs.difference_in_differences.panel.adoption import adoption_panel
from evalkit.designs.difference_in_differences.panel.differences import Differences
from evalkit.inference.ranks.assignments import assignments, number_of_assignments
from evalkit.inference.ranks.interval import rank_interval, rank_p_value
from tests.support.panels import FRAME_COLUMNS, detectable_effect, differences, frame_of, injected, noise
from tests.support.simulations import chance, simulations

LEAN = {"headline": "mean months 1 to 4"}
FULL = {"1 of 20": ([7], 20), "3 of 10": ([7] * 3, 10), "2 of 10": ([7] * 2, 10), "two starts, 8": ([5, 7], 8)}
CLEAN = {"1 of 27": ([7], 27), "2 of 42, clean": ([7] * 2, 42), "two starts, 44": ([5, 7], 44)}


def ranked(frame, base="mean", comparison="not_yet_treated") -> Differences:
    return Differences(adoption_panel(frame, **FRAME_COLUMNS), base, comparison)


def p_of(fitted: Differences) -> float:
    return fitted.contrast(fitted.weights("att")).p_value


class TestSize:
    """Of a test at 5%: at most 5% and two Monte Carlo standard errors."""

    @pytest.mark.parametrize(
        ("starts", "units", "correlation", "uneven"),
        [
            ([6] * 3, 8, 0.0, 0.0), ([6] * 3, 10, 0.6, 0.0), ([6] * 3, 12, 0.6, 0.7), ([6] * 2, 10, 0.3, 0.7),
            ([6], 20, 0.6, 0.7), ([4, 6, 8], 8, 0.6, 0.7), ([6], 26, 0.6, 0.7),
        ],
    )  # fmt: skip
    @simulations(short=50, long=150)
    def test_headline(self, starts, units, correlation, uneven, runs):
        outcomes = noise(units, units * runs, 12, correlation)
        outcomes *= np.exp(uneven * np.random.default_rng(units).standard_normal((len(outcomes), 1)))
        base = "last" if len(set(starts)) > 1 else "mean"
        rejected = sum(_quick_p(outcome, starts, base) <= 0.05 for outcome in outcomes.reshape(runs, units, 12))
        assert rejected / runs <= 0.05 + 2 * chance(0.05, runs)

    def test_checks_before(self):
        runs, failed, asked = 150, {}, {}
        for outcome in noise(5, 11 * runs, 20, 0.5, 0.5).reshape(runs, 11, 20):
            for check in pretrends_by_rank.pretrend_checks(_quick(outcome, [12, 12]), str):
                asked[check.name] = asked.get(check.name, 0) + (check.passed is not None)
                failed[check.name] = failed.get(check.name, 0) + (check.passed is False)
        assert len(asked) == 3
        assert set(asked.values()) == {runs}
        for name, number in failed.items():
            assert number / runs <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / runs), name

    def test_checks_before_find_what_is_there(self):
        outcome = noise(6, 42, 24)
        trend = outcome.copy()
        trend[0] += 0.6 * np.arange(24)
        checks = {check.code: check.passed for check in pretrends_by_rank.pretrend_checks(_quick(trend, [16]), str)}
        assert checks["invented_date"] is False
        early = outcome.copy()
        early[0, 13:] += 6
        assert {check.code: check.passed for check in pretrends_by_rank.pretrend_checks(_quick(early, [16]), str)}[
            "change_shortly_before"
        ] is False

    def test_power(self):
        """A check on the smallest detectable effect: found about four times in five."""
        runs, detected, promised = 150, 0, []
        for outcome in noise(7, 27 * runs, 14, 0.3).reshape(runs, 27, 14):
            promised.append(_quick(outcome, [7]).detectable(_quick(outcome, [7]).weights("att")))
            detected += _quick_p(injected(outcome, [7], promised[-1]), [7]) <= 0.05
        assert 0.68 <= detected / runs <= 0.92


_FRAMES: dict = {}


def _quick(outcome, starts, base="mean") -> Differences:
    """As ``ranked``, the frame checked once only."""

    key = (tuple(starts), outcome.shape, base)
    if key not in _FRAMES:
        _FRAMES[key] = ranked(frame_of(noise(0, *outcome.shape), starts), base)
    fitted = _FRAMES[key]
    start = np.array([*starts, *[outcome.shape[1]] * (len(outcome) - len(starts))])
    order = np.argsort(start, kind="stable")
    values = fitted.panel.values.copy()
    values[:] = outcome[order].T
    return replace(fitted, panel=replace(fitted.panel, values=values))


def _quick_p(outcome, starts, base="mean") -> float:
    return p_of(_quick(outcome, starts, base))


@pytest.mark.parametrize("starts", [[7] * 3, [5, 7]])
def test_the_quick_way_is_the_public_one(starts):
    outcome = noise(1, 10, 14)
    base = "last" if len(set(starts)) > 1 else "mean"
    assert _quick_p(outcome, starts, base) == differences(frame_of(outcome, starts)).headline["p_value"]


@pytest.mark.parametrize("design", [*FULL, *CLEAN])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_interval_holds_what_the_test_does_not_reject(design, seed):
    """Brute force: the effect supposed is taken from the treated cells and the test put again."""
    starts, units = (FULL | CLEAN)[design]
    outcome = noise(seed, units, 12)
    headline = differences(frame_of(outcome, starts), **LEAN).headline
    assert np.isfinite([headline["low"], headline["high"]]).all()
    width = headline["high"] - headline["low"]
    assert headline["low"] <= headline["estimate"] <= headline["high"]
    for supposed in (headline["low"], headline["high"]):
        for step in (-1.3, -0.1, -1e-4, 1e-4, 0.1, 1.3):
            value = supposed + step * width
            put_back = differences(frame_of(injected(outcome, starts, -value), starts), **LEAN).headline["p_value"]
            assert (put_back > 0.05) == (headline["low"] <= value <= headline["high"]), (design, step, put_back)


@pytest.mark.parametrize("design", [*FULL, *CLEAN])
def test_clear_of_nought_only_where_the_test_rejects(design):
    starts, units = (FULL | CLEAN)[design]
    both = set()
    for seed in range(6):
        for effect in (0.0, 1.5):
            outcome = injected(noise(seed, units, 12, uneven=0.2), starts, effect)
            headline = differences(frame_of(outcome, starts), **LEAN).headline
            clear = headline["low"] > 0 or headline["high"] < 0
            assert clear == (headline["p_value"] <= 0.05)
            both.add(clear)
    assert both == {True, False}


@pytest.mark.parametrize(("starts", "units"), [([6], 19), ([6], 2), ([6], 3), ([6, 6], 6), ([5, 7], 4)])
def test_too_few_assignments_give_no_bounds_and_say_so(starts, units):
    effect = differences(frame_of(noise(1, units, 12), starts))
    assert np.isnan(effect.headline[["low", "high"]].astype(float)).all()
    assert np.isfinite(effect.headline["estimate"])
    assert effect.headline["p_value"] > 0.05
    assert effect.minimum_detectable_effect is None
    assert "no bounds" in effect.method_of_interval
    rank = next(check for check in effect.checks if check.name == "Comparators with an invented start")
    assert rank.passed is None
    judged = ("parallel_trends", "invented_date", "change_shortly_before")
    assert all(check.passed is None for check in effect.checks if check.code in judged)


def test_every_way_is_not_called_drawn_at_random():
    """4,059 other ways, all of them tried; and 1,998 of 1,999 drawn are not every way."""
    assert "at random" not in differences(frame_of(noise(5, 30, 12), [6] * 3)).method_of_interval
    assert "ways drawn at random" in differences(frame_of(noise(5, 40, 12), [6] * 3)).method_of_interval


def test_estimates_by_hand():
    outcome = noise(9, 12, 20)
    effect = differences(frame_of(outcome, [10, 10]))
    change = outcome[:, 10:].mean(axis=1) - outcome[:, :10].mean(axis=1)
    assert effect.headline["estimate"] == pytest.approx(change[:2].mean() - change[2:].mean())
    gap = outcome[:2].mean(axis=0) - outcome[2:].mean(axis=0)
    for month in (1, 4, 10):
        assert effect.at(month)["estimate"] == pytest.approx(gap[9 + month] - gap[:10].mean())
    placebos = effect.tables["placebo"]
    assert placebos.loc[0, "treated"]
    assert not placebos.loc[1:, "treated"].any()
    assert len(placebos) == 66
    assert placebos.loc[0, "estimate"] == pytest.approx(effect.headline["estimate"])
    large = placebos["studentised"].abs()
    assert (large >= large[0] * (1 - 1e-12)).mean() == pytest.approx(effect.headline["p_value"])


def test_staggered_estimates_by_hand():
    outcome = noise(10, 9, 16)
    starts = {0: 6, 1: 10}
    frame = frame_of(outcome, [6, 10])
    for comparison in ("not_yet_treated", "never_treated"):
        paths = {}
        for unit, start in starts.items():
            for position in range(start, 16):
                others = list(range(2, 9))
                if comparison == "not_yet_treated":
                    others += [other for other, until in starts.items() if other != unit and position < until]
                gap = outcome[unit] - outcome[others].mean(axis=0)
                paths[unit, position] = gap[position] - gap[start - 1]
        effect = differences(frame, comparison=comparison)
        assert effect.headline["estimate"] == pytest.approx(np.mean(list(paths.values())))
        by_term = effect.estimates.set_index("term")["estimate"]
        for unit in starts:
            own = [value for (who, _), value in paths.items() if who == unit]
            assert by_term[f"att U00{unit}"] == pytest.approx(np.mean(own))
        assert effect.at(7)["estimate"] == pytest.approx(paths[0, 12])
        assert effect.at(2)["estimate"] == pytest.approx((paths[0, 7] + paths[1, 11]) / 2)


class TestAssignments:
    def test_all_of_them_where_few(self):
        assert len(assignments(10, [7] * 3)) == 119
        assert len(assignments(8, [5, 7])) == 8 * 7 - 1
        assert len(assignments(8, [5, 5, 7])) == 8 * 7 // 2 * 6 - 1

    def test_each_is_another_and_none_is_the_true_one(self):
        drawn = assignments(9, [5, 5, 7])
        as_sets = {(frozenset(row[:2]), row[2]) for row in drawn.tolist()}
        assert len(as_sets) == len(drawn)
        assert (frozenset({0, 1}), 2) not in as_sets

    def test_drawn_ones_repeat_no_unit_and_are_even(self):
        drawn = assignments(40, [1, 2, 3, 4], seed=3)
        assert all(len(set(row)) == 4 for row in drawn.tolist())
        share = np.bincount(drawn.ravel(), minlength=40) / drawn.size
        assert share == pytest.approx(1 / 40, abs=0.006)

    def test_many_treated_are_drawn_too(self):
        """Trying again until 60 of 120 units differ would never end."""
        drawn = assignments(120, [*range(30), *[40] * 30])
        assert all(len(set(row)) == 60 for row in drawn.tolist())

    def test_few_ways_are_tried_once_each_however_many_orders_they_have(self):
        """Seven units, six of which start together: 7 ways in 5,040 orders; drawn with repeats they looked like 1,999."""
        assert number_of_assignments(7, [8] * 6 + [16]) == 7
        assert len(assignments(7, [8] * 6 + [16])) == 6
        fitted = ranked(frame_of(noise(1, 7, 24), [8] * 6 + [16]), base="last")
        headline = fitted.contrast(fitted.weights("att"))
        assert headline.p_value >= 1 / 7
        assert np.isnan(headline.low)

    def test_p_value_counts_ties_and_itself(self):
        assert rank_p_value(2.0, np.array([2.0, -2.0, 1.0])) == pytest.approx(0.75)
        assert rank_p_value(0.0, np.zeros(19)) == 1


def test_an_assignment_of_the_same_units_limits_no_effect_whatever_rounding_says():
    """It carries the whole effect, as the true one does: here one part in 10^16 less."""
    carried = np.r_[np.nextafter(1.0, 0.0), np.zeros(18)]
    found = rank_interval(1.0, 1.0, np.linspace(-2.0, 2.0, 19), np.ones(19), carried)
    assert np.isnan([found.low, found.high]).all()
    alone = rank_interval(1.0, 1.0, np.linspace(-2.0, 2.0, 19), np.ones(19))
    assert (alone.low, alone.high) == pytest.approx((-1.0, 3.0))


@pytest.mark.parametrize(
    ("start", "tried", "detail"),
    [
        (5, False, "5 months before the change are too few to look for one that began early."),
        (6, True, "The last 3 months before the change "),
    ],
)
def test_a_change_that_began_early_is_looked_for_in_the_last_three_months(start, tried, detail):
    checks = pretrends_by_rank.pretrend_checks(_quick(noise(2, 27, 14), [start]), str)
    (early,) = [check for check in checks if check.code == "change_shortly_before"]
    assert early.detail.startswith(detail)
    assert (early.passed is not None) == tried


@pytest.mark.parametrize(("comparators", "enough"), [(19, True), (18, False)])
def test_fewer_than_19_comparators_lower_certainty(comparators, enough):
    checks = differences(frame_of(noise(1, comparators + 1, 14), [7])).checks
    (check,) = [check for check in checks if check.code == "enough_comparators"]
    assert (check.passed, check.domain, check.detail) == (enough, "rivals", f"{comparators} comparators.")


def test_no_bound_is_missing_and_never_infinite():
    effect = differences(frame_of(noise(1, 12, 14), [7] * 3))
    assert not np.isinf(effect.estimates[["low", "high"]].astype(float)).any().any()
    assert detectable_effect(effect) > 0

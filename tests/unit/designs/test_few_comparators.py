"""Fewer than 19 comparators: no rank, and an interval no narrower than what they show at several dates."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import evalkit as ek
from evalkit.designs.follow_up import ranked_look
from evalkit.designs.interrupted_time_series.against_comparators import Gap
from evalkit.designs.interrupted_time_series.few_comparators import DATES, WIDENED, PooledDates, moved, shifts
from evalkit.designs.interrupted_time_series.interval_in_words import too_few_for_a_rank
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.inference.contrast import Contrast
from evalkit.inference.ranks.interval import least_p_value, studentised_rank_interval
from evalkit.inference.simultaneous import simultaneous
from evalkit.intake.periods import resolve_end, resolve_interruption
from tests.support.simulations import chance, simulations


def frame_of(values: np.ndarray) -> pd.DataFrame:
    """Months by units as rows."""
    periods = pd.period_range("2016-04", periods=len(values), freq="M")
    return pd.DataFrame(
        [
            {"period": str(period), "unit": f"u{column:02d}", "value": value}
            for period, row in zip(periods, values, strict=True)
            for column, value in enumerate(row)
        ]
    )


def analysed(values: np.ndarray, start: str = "2017-10", **parameters):
    return ek.interrupted_time_series(
        frame_of(values), outcome="value", time="period", unit="unit", treated="u00", interruption=start,
        seasonality=None, **parameters,
    )  # fmt: skip


def wandering(random: np.random.Generator, units: int, size: int = 36) -> np.ndarray:
    """Units whose own levels wander, as those of real hospitals do."""
    steps = random.normal(size=(size, units)) * random.uniform(0.5, 1.5, units)
    return 100 + 0.6 * steps.cumsum(axis=0) + random.normal(size=(size, units))


class TestNoRankUnderNineteen:
    @pytest.mark.parametrize(("others", "bounded"), [(13, False), (18, False), (19, True)])
    def test_an_interval_by_rank_has_bounds_from_nineteen_on(self, others, bounded):
        contrast = Contrast(9.0, 8.0, 10.0, 0.5, 0.001, 20.0)
        sizes = np.linspace(0.1, 1.2, others)
        ranked = studentised_rank_interval(contrast, sizes, 0)
        look = ranked_look(contrast, "rank", 9.0, pd.Series(sizes))
        assert np.isfinite([ranked.low, ranked.high]).all() == bounded
        assert np.isfinite([look.contrast.low, look.contrast.high]).all() == bounded
        assert ranked.p_value == least_p_value(others)
        assert (ranked.p_value <= 0.05) == bounded

    def test_the_least_p_value_is_told(self):
        effect = analysed(wandering(np.random.default_rng(1), 14))
        assert "13 its p-value cannot be less than 0.071" in effect.method_of_interval
        check = next(check for check in effect.checks if check.code == "enough_comparators")
        assert check.passed is False
        assert "0.071" in check.detail
        assert "0.053" in too_few_for_a_rank(18)

    def test_nineteen_are_ranked_as_ever(self):
        effect = analysed(wandering(np.random.default_rng(1), 20))
        assert "19 places" in effect.method_of_interval
        assert effect.headline["method"] != WIDENED

    def test_in_a_family_it_is_widened_as_any_other_that_is_not_ranked(self):
        effect = analysed(wandering(np.random.default_rng(1), 14))
        both = simultaneous({"a": effect, "b": effect})
        assert both["a"].low < effect.headline["low"]
        assert np.isfinite(both["a"].low)


class TestPooledDates:
    @given(
        st.floats(0.0, 5.0), st.floats(0.3, 3.0), st.floats(0.5, 1.5),
        st.lists(st.floats(0.0, 4.0), min_size=19, max_size=70),
    )  # fmt: skip
    def test_never_narrower_and_its_p_value_says_the_same(self, estimate, half, ratio, sizes):
        contrast = Contrast(estimate, estimate - half, estimate + half, 1.0, 0.01 if estimate > half else 0.2, 20.0)
        rough = Contrast(estimate, estimate - half * ratio, estimate + half * ratio, 1.0, 0.01, 20.0)
        wider = PooledDates(np.array(sizes), 13, DATES).widened(contrast, rough)
        assert wider.low <= contrast.low <= contrast.high <= wider.high
        assert wider.p_value >= contrast.p_value
        if abs(wider.low) > 1e-9:
            assert (wider.low > 0) == (wider.p_value <= 0.05)

    def test_too_few_pooled_leave_it_as_it_is(self):
        contrast = Contrast(3.0, 2.0, 4.0, 0.5, 0.001, 20.0)
        assert PooledDates(np.full(18, 9.0), 3, 5).widened(contrast, contrast) == contrast

    @given(st.integers(16, 160), st.integers(4, 12), st.sampled_from(["M", "W-SUN"]))
    def test_the_true_date_is_one_and_the_others_lie_in_the_middle_third(self, size, at, frequency):
        periods = pd.period_range("2016-04-03", periods=size, freq=frequency)
        design = SegmentedModel(periods, resolve_interruption(periods[at], 0, frequency), "level")
        found = shifts(design)
        assert found[0] == 0
        assert len(found) == len(set(found)) <= DATES
        for shift in found[1:]:
            start = periods.get_loc(moved(design, shift).interruption.first_kept)
            assert size / 3 - 1 <= start <= 2 * size / 3 + 1

    def test_a_change_that_ended_is_moved_whole(self):
        periods = pd.period_range("2016-04", periods=48, freq="M")
        end = resolve_end("2018-06-30", "M")
        design = SegmentedModel(periods, resolve_interruption("2017-10", 0, "M"), "level", end=end)
        for shift in shifts(design):
            there = moved(design, shift)
            assert (there.ended.sum(), there.after.sum()) == (design.ended.sum() - shift, design.after.sum() - shift)

    def test_terms_and_other_choices_are_widened_too_and_the_calibrated_one_stands_beside(self):
        effect = analysed(wandering(np.random.default_rng(4), 9))
        rows = effect.estimates
        assert set(rows.loc[rows["term"].isin(["level"]) & (rows["role"] == "headline"), "method"]) == {WIDENED}
        calibrated = rows[(rows["role"] == "comparison") & (rows["method"] == "autoregressive errors, calibrated")]
        head = rows[rows["role"] == "headline"].iloc[0]
        assert head["high"] - head["low"] >= float((calibrated["high"] - calibrated["low"]).iloc[0])

    def test_the_order_of_rows_does_not_matter(self):
        values = wandering(np.random.default_rng(7), 8)
        frame = frame_of(values)
        given_order, another = (
            ek.interrupted_time_series(
                one,
                outcome="value",
                time="period",
                unit="unit",
                treated="u00",
                interruption="2017-10",
                seasonality=None,
            )
            for one in (frame, frame.sample(frac=1, random_state=3))
        )
        names = ["estimate", "low", "high", "p_value"]
        assert given_order.headline[names].tolist() == another.headline[names].tolist()


@pytest.mark.parametrize("units", [6, 14])
@simulations(10, 150)
def test_where_nothing_happened_it_claims_what_it_may(units, runs):
    """Panels whose units wander: units in turn against the others; standard errors clustered by panel."""
    periods = pd.period_range("2016-04", periods=36, freq="M")
    design = SegmentedModel(periods, resolve_interruption("2017-10", 0, "M"), "level")
    claims = []
    for run in range(runs):
        values = wandering(np.random.default_rng([11, units, run]), units)
        of_panel = []
        for unit in range(0, units, 3):
            others = np.delete(values, unit, axis=1)
            labels = tuple(f"u{column}" for column in range(units) if column != unit)
            members = pd.DataFrame({"unit": labels, "used": True, "weight": 1 / len(labels), "reason": ""})
            gap = Gap(others, labels, others.mean(axis=1), members, "pool", np.arange(36) < 18)
            case = SeriesFit(design, values[:, unit], np.ones(36, bool), "ar1", gap)
            calibrated = case.estimated(design.weights("level")[None, :]).contrasts[0]
            of_panel.append([_clear(case.widened("level", calibrated)), _clear(calibrated)])
        claims.append(np.mean(of_panel, axis=0))
    widened, calibrated = np.mean(claims, axis=0)
    error = np.std(np.array(claims)[:, 0], ddof=1) / np.sqrt(runs)
    assert widened <= 0.05 + 2 * max(error, chance(0.05, runs * len(of_panel)))
    assert widened < calibrated


def _clear(contrast: Contrast) -> bool:
    return contrast.low > 0 or contrast.high < 0

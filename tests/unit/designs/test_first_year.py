"""What a change added or avoided over its first year, by hand and by simulation."""

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit.intake.load import load_from
from evalkit.report.wording import over_time

MONTHS = pd.period_range("2014-01", periods=60, freq="M")
FIRST_AFTER = 36


def frame_of(values, **more) -> pd.DataFrame:
    return pd.DataFrame({"month": MONTHS.astype(str), "visits": values, **more})


def counts(level: float, effect: np.ndarray, seed: int = 1) -> np.ndarray:
    """Whole numbers around a level that an effect (60,), in logarithms, moves."""
    noise = np.random.default_rng(seed).normal(0, 0.03, 60)
    return np.round(level * np.exp(effect + noise))


def estimate(frame: pd.DataFrame, **options) -> ek.Effect:
    asked = {
        "outcome": "visits",
        "time": "month",
        "interruption": "2017-01",
        "model": "level",
        "log": True,
        "per_day": True,
        "seasonality": None,
    }
    return ek.interrupted_time_series(frame, **asked | options)


def row(effect: ek.Effect, term: str, scale: str) -> pd.Series:
    rows = effect.estimates[(effect.estimates["term"] == term) & (effect.estimates["scale"] == scale)]
    return rows[rows["role"].isin(("headline", "term"))].iloc[0]


STEP = np.where(np.arange(60) >= FIRST_AFTER, -0.1, 0.0)


class TestTheSum:
    def test_by_hand_on_the_log_scale(self):
        frame = frame_of(counts(5000, STEP))
        effect = estimate(frame)
        total, level = row(effect, "total months 1 to 12", "total"), row(effect, "level", "log")
        seen = frame["visits"][36:48].sum()
        for end in ("estimate", "low", "high"):
            assert total[end] == pytest.approx(seen * (1 - np.exp(-level[end])))
        assert np.isnan(total["p_value"])

    def test_of_counts_it_is_the_share_of_what_was_to_be_expected(self):
        effect = estimate(frame_of(counts(5000, STEP)), family="poisson", log=False)
        expected = (effect.series["counterfactual"] * MONTHS.days_in_month)[36:48].sum()
        for end in ("estimate", "low", "high"):
            share = np.expm1(row(effect, "level", "log")[end])
            assert row(effect, "total months 1 to 12", "total")[end] == pytest.approx(expected * share)

    def test_a_year_without_events_has_avoided_what_was_to_be_expected(self):
        few = np.random.default_rng(1).poisson(3, 60).astype(float)
        few[36:48] = 0
        effect = estimate(frame_of(few), family="poisson", log=False, model=None)
        total = row(effect, "total months 1 to 12", "total")
        assert total["low"] < total["estimate"] < total["high"] < 0
        assert total["low"] >= -(effect.series["counterfactual"] * MONTHS.days_in_month)[36:48].sum()

    def test_without_logarithms_it_is_the_step_on_every_day_at_every_place(self):
        frame = frame_of(counts(5000, STEP))
        level = row(estimate(frame, log=False), "level", "unit")["estimate"]
        assert row(estimate(frame, log=False), "total months 1 to 12", "total")["estimate"] == pytest.approx(
            365 * level
        )
        two = pd.concat([frame.assign(place="a"), frame.assign(place="b")])
        both = estimate(two, unit="place", treated=["a", "b"], log=False)
        assert row(both, "total months 1 to 12", "total")["estimate"] == pytest.approx(730 * level)

    def test_of_shares_it_is_in_those_counted(self):
        effect = estimate(
            frame_of(counts(400, STEP), whole=1000.0), log=False, per_day=False, family="binomial", exposure="whole"
        )
        before = effect.series["counterfactual"][36:48] / 100
        odds = before / (1 - before) * np.exp(row(effect, "level", "log_odds")["estimate"])
        expected = 1000 * (odds / (1 + odds) - before).sum()
        assert row(effect, "total months 1 to 12", "total")["estimate"] == pytest.approx(expected)

    def test_of_a_loaded_share_it_is_in_those_counted_too(self, real):
        frame = load_from(real, site="RA3", measure="ae-four-hour-type-1", first="2016-04", last="2019-03")
        options = {"outcome": "value", "time": "period", "unit": "unit", "treated": "RA3", "interruption": "2017-07"}
        effect = ek.interrupted_time_series(frame, **options, model="level", seasonality=None)
        expected = frame["denominator"][15:27].sum() * row(effect, "level", "points")["estimate"] / 100
        assert row(effect, "total months 1 to 12", "total")["estimate"] == pytest.approx(expected)

    def test_a_stock_does_not_add_up(self, real):
        codes = {"site": "RJC", "measure": "not-meeting-criteria-to-reside"}
        effect = ek.interrupted_time_series(
            load_from(real, **codes),
            outcome="value",
            time="period",
            unit="unit",
            treated="RJC",
            interruption="2023-01",
            model="level_and_slope",
            log=False,
            per_day=False,
            seasonality=None,
        )
        assert not (effect.estimates["scale"] == "total").any()

    def test_whole_numbers_that_may_be_anything_have_none(self):
        assert not (estimate(frame_of(counts(5000, STEP)), per_day=False).estimates["scale"] == "total").any()

    def test_fewer_months_than_a_year_are_said(self):
        effect = estimate(frame_of(counts(5000, STEP)).iloc[:44])
        assert {"mean months 1 to 8", "total months 1 to 8"} <= set(effect.estimates["term"])

    def test_missing_months_count_as_fitted_and_never_as_zero(self):
        frame = frame_of(counts(5000, STEP))
        whole = row(estimate(frame), "total months 1 to 12", "total")["estimate"]
        frame.loc[42:47, "visits"] = np.nan
        assert row(estimate(frame), "total months 1 to 12", "total")["estimate"] == pytest.approx(whole, rel=0.2)


class TestTheHeadline:
    def test_first_year_is_the_mean_of_the_months_there_are(self):
        growing = -0.1 * np.clip((np.arange(60) - FIRST_AFTER) / 6, 0, 1)
        effect = estimate(frame_of(counts(5000, growing)), model="level_and_slope", headline="first year")
        assert effect.headline["term"] == "mean months 1 to 12"
        months = [effect.at(month, "log")["estimate"] for month in range(1, 13)]
        assert row(effect, "mean months 1 to 12", "log")["estimate"] == pytest.approx(np.mean(months))
        assert effect.estimand.startswith("the mean effect over months 1 to 12 after the change")

    @pytest.mark.parametrize(("length", "terms"), [(44, 3), (48, 3), (49, 4), (50, 4), (51, 5), (60, 5)])
    def test_a_curve_has_what_the_time_after_it_can_bear(self, length, terms):
        effect = estimate(
            frame_of(counts(5000, STEP)).iloc[:length], model="curve", headline="first year", errors="newey_west"
        )
        names = effect.coefficients["term"]
        assert names.str.startswith(("curve", "later")).sum() == terms
        assert row(effect, "level", "log")["estimate"] == pytest.approx(effect.at(1, "log")["estimate"])


class TestInWords:
    def test_the_jump_the_year_and_the_numbers(self):
        told = dict(over_time.facts(estimate(frame_of(counts(5000, STEP))), None, "visits"))
        assert told["The jump and the first year"].startswith("The model is one step")
        assert "fewer visits than expected without the change (95% interval" in told["Avoided or added"]

    def test_two_sizes_where_they_differ(self):
        told = dict(over_time.facts(estimate(frame_of(counts(5000, STEP)), model="level_and_slope"), None, "visits"))
        assert told["The jump and the first year"].startswith("The jump at the date is a fall of")

    def test_a_later_change_in_the_window_is_named(self):
        effect = estimate(frame_of(counts(5000, STEP)), further_interruptions=["2017-05"], errors="newey_west")
        told = dict(over_time.facts(effect, None, "visits"))
        assert "It holds what changed again (2017-05) as well." in told["The jump and the first year"]

    def test_another_window_as_headline_does_not_hide_the_year(self):
        effect = estimate(frame_of(counts(5000, STEP)), headline="mean months 3 to 6")
        assert "months 1 to 12" in dict(over_time.facts(effect, None, "visits"))["The jump and the first year"]

    def test_an_unclear_sum_takes_no_side(self):
        told = dict(over_time.facts(estimate(frame_of(counts(5000, 0 * STEP))), None, "visits"))
        assert "fewer to" in told["Avoided or added"]
        assert "would fit" in told["Avoided or added"]

    def test_other_designs_have_none(self):
        panel = pd.concat(
            frame_of(
                counts(5000, STEP if here == "a" else 0 * STEP, seed),
                unit=here,
                start="2017-01" if here == "a" else None,
            )
            for seed, here in enumerate("abcdefgh")
        )
        effect = ek.difference_in_differences(
            panel, outcome="visits", unit="unit", time="month", treated_from="start", log=True
        )
        assert over_time.facts(effect, None, "visits") == []

"""`ek.control_chart`: what it draws, what it says of the last point and of the target, and what it refuses."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evalkit as ek
from evalkit.charts import words
from evalkit.charts.chart import POINT_COLUMNS
from tests.support.invented import MEASURE, InventedPlace
from tests.support.packing import make_book

CALM = [10, 12, 11, 9, 10, 12, 10, 9, 11, 10, 12, 9, 10, 11, 9, 12]


def frame_of(values, start="2023-01", **columns) -> pd.DataFrame:
    months = pd.period_range(start, periods=len(values), freq="M").astype(str)
    return pd.DataFrame({"month": months, "value": np.asarray(values, float), **columns})


def chart_of(values, **options) -> ek.Chart:
    return ek.control_chart(frame_of(values), outcome="value", time="month", **options)


class TestLastPoint:
    @pytest.mark.parametrize(
        ("direction", "high", "low"),
        [
            ("increase", "improvement_high", "concern_low"),
            ("decrease", "concern_high", "improvement_low"),
            ("neutral", "neutral_high", "neutral_low"),
        ],
    )
    def test_variation_is_what_the_last_reported_point_is(self, direction, high, low):
        assert chart_of(CALM, direction=direction).variation == "common_cause"
        assert chart_of([*CALM, 30], direction=direction).variation == high
        assert chart_of([*CALM, -10], direction=direction).variation == low
        assert chart_of([*CALM, 30, np.nan], direction=direction).variation == high
        # A special cause that is over is not the last point's.
        assert chart_of([*CALM[:5], 30, *CALM[5:]], direction=direction).variation == "common_cause"

    def test_a_falling_trend_is_a_concern_although_its_points_lie_above_the_mean(self):
        chart = chart_of([*CALM, 18, 17, 16, 15, 14, 13, 12.5], direction="increase")
        assert chart.last["special_cause"] == "trend"
        assert chart.last["both_ways"]
        assert chart.variation == "concern_low"

    def test_fewer_than_thirteen_points_have_trial_limits_and_no_icon_but_in_the_package(self):
        short = [*CALM[:11], 40]
        chart = chart_of(short, target=11)
        assert (chart.variation, chart.assurance) == ("not_enough_points", "not_enough_points")
        assert chart.points["upper"].notna().all()
        assert chart.points["outside_limits"].iloc[-1]
        check = next(check for check in chart.checks if check.code == "chart_enough_points")
        assert check.passed is False
        assert "trial limits" in check.detail
        assert chart_of(short, rule="nhsr_0_2_2").variation == "improvement_high"
        assert chart_of([*CALM[:12], 40]).variation == "improvement_high"

    def test_points_of_the_last_phase_are_counted_and_not_of_all(self):
        chart = chart_of(CALM, rebase={"2023-08-01": "A second scanner"})
        assert chart.variation == "not_enough_points"


class TestConstant:
    @pytest.mark.parametrize("value", [5, 0.1, -7.3, 0])
    def test_nothing_is_special_and_a_target_on_the_line_is_hit_and_miss(self, value):
        for options in ({}, {"rule": "nhsr_0_2_2"}, {"season": "months"}, {"kind": "run"}):
            chart = chart_of([value] * 40, **options)
            assert (chart.variation, chart.spoken) == ("common_cause", ())
        assert chart_of([value] * 40, target=value).assurance == "hit_and_miss"
        assert chart_of([value] * 40, target=value - 1).assurance == "pass"
        assert chart_of([*[value] * 40, value + 1]).last["special_cause"] == "outside_limits"


class TestTarget:
    @pytest.mark.parametrize(
        ("direction", "target", "assurance"),
        [
            ("increase", 100, "fail"), ("increase", 0, "pass"), ("increase", 11, "hit_and_miss"),
            ("decrease", 100, "pass"), ("decrease", 0, "fail"), ("decrease", 11, "hit_and_miss"),
            ("neutral", 100, "no_better_direction"), ("increase", None, "no_target"),
        ],
    )  # fmt: skip
    def test_assurance(self, direction, target, assurance):
        assert chart_of(CALM, direction=direction, target=target).assurance == assurance

    def test_a_target_on_a_limit_is_hit_and_miss(self):
        chart = chart_of(CALM)
        for limit in ("lower", "upper"):
            assert chart_of(CALM, target=float(chart.phases[limit].iloc[0])).assurance == "hit_and_miss"

    def test_a_target_that_moves_counts_as_it_is_at_the_last_reported_point(self):
        frame = frame_of([*CALM, np.nan], goal=[100.0] * 15 + [0.0, 100.0])
        chart = ek.control_chart(frame, outcome="value", time="month", target="goal")
        assert (chart.target, chart.assurance) == (0.0, "pass")
        assert chart.points["target"].tolist() == frame["goal"].tolist()

    def test_without_a_target_the_trajectory_is_judged_and_beside_one_only_drawn(self):
        frame = frame_of(CALM, plan=np.linspace(5, 50, 16))
        assert ek.control_chart(frame, outcome="value", time="month", trajectory="plan").assurance == "fail"
        both = ek.control_chart(frame, outcome="value", time="month", trajectory="plan", target=0)
        assert both.assurance == "pass"
        assert both.points["trajectory"].iloc[-1] == 50

    def test_assurance_is_from_the_latest_phase(self):
        values = [*CALM, *(np.array(CALM) + 50)]
        assert chart_of(values, target=40).assurance == "hit_and_miss"
        assert chart_of(values, target=40, rebase={"2024-05-01": "Two wards became one"}).assurance == "pass"


class TestPhases:
    def test_limits_are_made_anew_from_the_first_period_on_or_after_the_date(self):
        chart = chart_of([*CALM, *(np.array(CALM) + 50)], rebase={"2024-04-02": "Two wards became one."})
        assert chart.phases["first"].astype(str).tolist() == ["2023-01", "2024-05"]
        assert chart.phases["reason"].tolist() == ["", "Two wards became one (2024-04-02)"]
        assert chart.phases["centre"].tolist() == [np.mean(CALM), np.mean(CALM) + 50]
        assert not chart.points["outside_limits"].any()

    def test_no_limits_are_made_anew_by_themselves(self):
        chart = chart_of([*CALM, *(np.array(CALM) + 50)])
        assert len(chart.phases) == 1
        assert chart.points["shift"].all()

    @pytest.mark.parametrize(
        ("rebase", "said"),
        [
            (["2024-04-01"], "without a reason"),
            ({"2024-04-01": " "}, "has no reason"),
            ("2024-04-01", "give dates with their reasons"),
            ({"2022-04-01": "Why"}, "nothing before it"),
            ({"2030-04-01": "Why"}, "nothing before it or after it"),
            ({"2023-04-01": "Why", "2023-03-15": "Because"}, "Two rebasings begin in 2023-04"),
            ({"next spring": "Why"}, "is not a date"),
        ],
    )
    def test_what_is_no_dated_and_explained_event_is_refused(self, rebase, said):
        with pytest.raises(ek.EvaluationError, match=said):
            chart_of(CALM, rebase=rebase)

    def test_baseline_points_alone_make_the_limits_of_each_phase(self):
        values = [*CALM, *(np.array(CALM) + 50)]
        whole = chart_of([*CALM[:13], *(np.array(CALM[:13]) + 50)], rebase={"2024-02-01": "Why"}, baseline=13)
        chart = chart_of(values, rebase={"2024-05-01": "Why"}, baseline=13)
        for name in ("centre", "lower", "upper"):
            assert chart.phases[name].tolist() == whole.phases[name].tolist()
        assert "first 13 reported points" in " ".join(chart.notes)


class TestGaps:
    def test_a_month_without_a_row_is_a_month_not_reported(self):
        with_row = chart_of([*CALM[:6], np.nan, *CALM[6:]])
        without = ek.control_chart(
            frame_of([*CALM[:6], np.nan, *CALM[6:]]).drop(index=6), outcome="value", time="month"
        )
        pd.testing.assert_frame_equal(with_row.points, without.points)
        assert with_row.points["nature"].iloc[6] == ""

    def test_a_gap_is_no_nought_has_no_moving_range_and_ends_a_run(self):
        chart = chart_of([1, 2, np.nan, 9, 10])
        assert chart.phases["centre"].iloc[0] == 5.5
        assert chart.phases["mean_moving_range"].iloc[0] == 1
        high = [10, 10, 10, 10, 10, 10, 10]
        low = [0] * 13
        assert chart_of([*low, *high]).points["shift"].iloc[-7:].all()
        assert not chart_of([*low, *high[:4], np.nan, *high[4:]]).points["shift"].iloc[-8:].any()

    def test_the_check_says_how_many_and_which_was_the_last(self):
        check = next(c for c in chart_of([*CALM, np.nan, np.nan]).checks if c.code == "chart_missing_periods")
        assert check.passed is False
        assert "2 of 18 months have no figure here" in check.detail
        assert "last month reported is 2024-04" in check.detail

    @settings(max_examples=10)
    @given(st.permutations(range(16)))
    def test_the_order_of_rows_changes_nothing(self, order):
        frame = frame_of(CALM)
        one = ek.control_chart(frame, outcome="value", time="month")
        other = ek.control_chart(frame.iloc[list(order)], outcome="value", time="month")
        assert one.to_dict() == other.to_dict()


class TestYearBefore:
    @pytest.mark.parametrize(
        ("periods", "back"),
        [
            (pd.period_range("2023-01", periods=16, freq="M"), 12),
            (pd.period_range("2023Q1", periods=16, freq="Q"), 4),
            (pd.period_range("2001", periods=16, freq="Y"), 1),
        ],
    )
    def test_it_is_the_row_of_the_same_period_a_year_before_the_last_reported_one(self, periods, back):
        values = list(range(100, 116))
        chart = ek.control_chart(frame_of(values).assign(month=periods.astype(str)), outcome="value", time="month")
        assert (chart.year_before["period"], chart.year_before["value"]) == (periods[15 - back], values[15 - back])

    def test_it_counts_from_the_last_reported_month(self):
        assert chart_of([*CALM, np.nan]).year_before["period"] == pd.Period("2023-04", "M")

    def test_there_is_none_where_it_was_not_reported_or_not_begun_and_none_of_days(self):
        assert chart_of(CALM[:12]).year_before is None
        assert chart_of([*CALM[:3], np.nan, *CALM[4:]]).year_before is None
        days = pd.date_range("2023-01-01", periods=400).astype(str)
        daily = pd.DataFrame({"month": days, "value": np.arange(400) % 7})
        assert ek.control_chart(daily, outcome="value", time="month").year_before is None

    def test_it_is_as_reported_and_passes_the_gate_with_the_points(self):
        values = [100 + 9 * (month % 12) for month in range(40)]
        chart = chart_of(values, season="months").published("official_statistics")
        assert chart.year_before["value"] == chart.last["value"] == values[-1]


class TestCounts:
    def test_shares_and_rates(self):
        counts, wholes = np.array([3, 5, 4, 2, 6, 5]), np.array([50, 60, 55, 45, 65, 52])
        frame = frame_of(counts, of=wholes)
        share = counts.sum() / wholes.sum()
        chart = ek.control_chart(frame, outcome="value", time="month", kind="p", denominator="of", per=100)
        sigma = np.sqrt(share * (1 - share) / wholes)
        np.testing.assert_allclose(chart.points["value"], 100 * counts / wholes)
        np.testing.assert_allclose(chart.points["upper"], 100 * (share + 3 * sigma))
        np.testing.assert_allclose(chart.points["lower"], 100 * np.maximum(share - 3 * sigma, 0))
        assert chart.measure_unit == "%"
        rates = ek.control_chart(frame, outcome="value", time="month", kind="u", denominator="of", per=1000)
        np.testing.assert_allclose(rates.points["upper"], 1000 * (share + 3 * np.sqrt(share / wholes)))
        assert rates.measure_unit == "per 1,000"

    def test_large_denominators_get_laneys_limits_and_small_ones_do_not(self):
        random = np.random.default_rng(3)
        wholes = random.integers(20_000, 30_000, 24)
        counts = (wholes * (0.8 + 0.02 * random.normal(size=24))).round()
        frame = frame_of(counts, of=wholes)
        options = {"outcome": "value", "time": "month", "kind": "p", "denominator": "of"}
        chance, chart = ek.control_chart(frame, laney=False, **options), ek.control_chart(frame, **options)
        share = counts.sum() / wholes.sum()
        sigma = np.sqrt(share * (1 - share) / wholes)
        factor = np.abs(np.diff((counts / wholes - share) / sigma)).mean() / 1.128
        np.testing.assert_allclose(chart.points["upper"], share + 3 * sigma * factor)
        np.testing.assert_allclose(chart.phases["laney_factor"], factor)
        assert chance.points["outside_limits"].sum() > 10
        assert not chart.points["outside_limits"].any()
        xmr = ek.control_chart(frame.assign(share=counts / wholes), outcome="share", time="month")
        assert chart.phases["upper"].iloc[0] == pytest.approx(xmr.phases["upper"].iloc[0], rel=0.01)
        said = {c.passed for c in chance.checks if c.code == "chart_large_denominators"}
        assert said == {False}
        small = ek.control_chart(frame_of([3, 5, 4], of=50), **options)
        assert small.phases["laney_factor"].tolist() == [1.0]

    @pytest.mark.parametrize(("kind", "counts", "centre"), [("p", 0, 0), ("p", 5000, 1), ("u", 0, 0)])
    def test_nobody_or_everybody_leaves_no_chance_to_widen(self, kind, counts, centre):
        frame = frame_of([counts] * 16, of=5000)
        chart = ek.control_chart(frame, outcome="value", time="month", kind=kind, denominator="of", target=0.5)
        assert chart.phases[["centre", "lower", "upper"]].to_numpy(float).tolist() == [[centre] * 3]
        assert (chart.variation, chart.assurance) == ("common_cause", "pass" if centre else "fail")

    @settings(max_examples=12)
    @given(st.integers(1, 9), st.integers(9, 11), st.lists(st.integers(1, 500), min_size=13, max_size=30))
    def test_shares_that_are_all_the_same_are_common_cause_whatever_they_are_of(self, part, whole, times):
        frame = frame_of([part * one for one in times], of=[whole * one for one in times])
        for kind in ("p", "u"):
            chart = ek.control_chart(frame, outcome="value", time="month", kind=kind, denominator="of", per=100)
            assert chart.variation == "common_cause"

    def test_a_month_of_nobody_is_missing_and_not_nought(self):
        chart = ek.control_chart(
            frame_of([3, 0, 4, 2], of=[50, 0, 55, 45]), outcome="value", time="month", kind="p", denominator="of"
        )
        assert np.isnan(chart.points["value"].iloc[1])
        assert chart.phases["centre"].iloc[0] == pytest.approx(9 / 150)

    @pytest.mark.parametrize(
        ("values", "wholes", "kind", "said"),
        [
            ([1, 2.5, 3], 9, "p", "no whole number.*in 2023-02"),
            ([1, 2, 12], 9, "p", "more than its denominator in column `of` in 2023-03"),
            ([1, -2, 3], 9, "u", "below nought in 2023-02"),
            ([1, 2, 3], -9, "u", "`of` is below nought in 2023-01"),
            ([1, 2.5, 3], 9, "c", "made of counts"),
            ([1, 2, 3], [9, 0, 9], "u", "counts something where column `of` is nought, in 2023-02"),
            ([1, 1e200, 3], 9, "u", "is too large for a chart in 2023-02"),
        ],
    )
    def test_what_is_no_count_is_refused_with_its_month(self, values, wholes, kind, said):
        denominator = "of" if kind in "pu" else None
        with pytest.raises(ek.EvaluationError, match=said):
            ek.control_chart(
                frame_of(values, of=wholes), outcome="value", time="month", kind=kind, denominator=denominator
            )


class TestRareEvents:
    DATES = ("2024-01-03", "2024-01-20", "2024-03-01", "2024-03-02", "2024-05-11", "2024-06-30", "2024-12-24")
    DAYS = (17, 41, 1, 70, 50, 177)

    def test_time_between_events_is_charted_to_the_power_of_one_over_3_6(self):
        events = pd.DataFrame({"when": self.DATES})
        chart = ek.control_chart(events.iloc[::-1], outcome=None, time="when", kind="t", direction="increase")
        assert chart.points["value"].tolist()[1:] == list(self.DAYS)
        powers = np.array(self.DAYS) ** (1 / 3.6)
        spread = np.abs(np.diff(powers)).mean()
        expected = [
            powers.mean() ** 3.6,
            max(powers.mean() - 2.66 * spread, 0) ** 3.6,
            (powers.mean() + 2.66 * spread) ** 3.6,
        ]
        np.testing.assert_allclose(chart.phases[["centre", "lower", "upper"]].to_numpy(float)[0], expected)
        assert chart.measure_unit == "days"
        given = pd.DataFrame({"when": self.DATES[1:], "days": self.DAYS})
        same = ek.control_chart(given, outcome="days", time="when", kind="t")
        assert same.phases["upper"].tolist() == chart.phases["upper"].tolist()

    def test_two_events_on_one_day_are_no_days_apart(self):
        events = pd.DataFrame({"when": [*self.DATES, self.DATES[-1]]})
        chart = ek.control_chart(events, outcome=None, time="when", kind="t")
        assert chart.points["value"].iloc[-1] == 0

    @pytest.mark.parametrize("days", [1, 7, 9, 100, 365])
    def test_events_that_come_like_a_clock_are_common_cause(self, days):
        events = pd.DataFrame({"when": pd.date_range("2000-01-01", periods=20, freq=f"{days}D").astype(str)})
        chart = ek.control_chart(events, outcome=None, time="when", kind="t")
        assert chart.variation == "common_cause"
        assert not chart.spoken
        assert chart.phases[["centre", "lower", "upper"]].to_numpy(float).tolist() == [[days] * 3]

    def test_one_event_has_no_time_between(self):
        with pytest.raises(ek.EvaluationError, match="needs two"):
            ek.control_chart(pd.DataFrame({"when": self.DATES[:1]}), outcome=None, time="when", kind="t")

    def test_cases_between_events_have_the_median_as_centre_and_limits_about_the_mean(self):
        cases = [12, 5, 40, 3, 22, 9, 60]
        frame = pd.DataFrame({"number": range(1, 8), "cases": cases})
        chart = ek.control_chart(frame, outcome="cases", time="number", kind="g")
        mean = np.mean(cases)
        assert chart.phases["centre"].tolist() == [12]
        assert chart.phases["upper"].iloc[0] == pytest.approx(mean + 3 * np.sqrt(mean * (mean + 1)))
        assert chart.phases["lower"].tolist() == [0]

    def test_events_with_numbers_have_no_days_between_them(self):
        with pytest.raises(ek.EvaluationError, match="numbers and no dates"):
            ek.control_chart(pd.DataFrame({"n": [1, 2, 3]}), outcome=None, time="n", kind="t")


class TestRunChart:
    def test_it_has_a_median_and_no_limits_and_gives_no_assurance(self):
        chart = chart_of([*CALM, 10], kind="run", target=11)
        assert chart.phases["centre"].tolist() == [10]
        assert chart.points[["lower", "upper"]].isna().all(axis=None)
        assert chart.assurance == "no_limits"
        assert chart.points["outside_limits"].sum() == 0

    def test_points_on_the_median_are_passed_over(self):
        values = [9, 9, 11] * 5 + [10, 12, 12, 10, 12, 12, 10, 12, 12, 12]
        chart = chart_of(values, kind="run")
        at = chart.points["value"] == chart.phases["centre"].iloc[0]
        assert at.any()
        assert chart.variation == "improvement_high"


class TestSeason:
    def seasonal(self, years=4, noise=0.0):
        wave = 10 * np.sin(np.arange(12 * years) * np.pi / 6)
        return 100 + wave + noise * np.random.default_rng(5).normal(size=12 * years)

    def test_season_is_removed_and_a_rebasing_is_no_season(self):
        values = self.seasonal() + 30 * (np.arange(48) >= 20)
        chart = chart_of(values, season="months", rebase={"2024-09-01": "A second site"})
        np.testing.assert_allclose(chart.points["judged"], 100 + 30 * (np.arange(48) >= 20), atol=1e-9)
        np.testing.assert_array_equal(chart.points["value"], values)
        assert chart.season.startswith("Season is removed")

    def test_growth_is_no_season(self):
        values = self.seasonal() + 2.0 * np.arange(48)
        chart = chart_of(values, season="months")
        np.testing.assert_allclose(chart.points["judged"], 100 + 2.0 * np.arange(48), atol=1e-9)

    @settings(max_examples=20)
    @given(st.integers(2, 46), st.floats(-80, 80))
    def test_a_step_where_the_source_changed_is_no_season_wherever_it_is(self, first, step):
        told = {str(pd.Period("2023-01", "M") + first): "From another register"}
        values = self.seasonal() + step * (np.arange(48) >= first)
        chart = chart_of(values, season="months", source_changes=told)
        np.testing.assert_allclose(chart.points["judged"], 100 + step * (np.arange(48) >= first), atol=1e-8)
        assert len(chart.phases) == 1

    def test_a_step_in_the_last_winter_is_winter_where_nobody_says_that_the_source_changed(self):
        values = self.seasonal(noise=1) - 40 * (np.arange(48) >= 44)
        true = self.seasonal()[:12] - 100
        wrong = chart_of(values, season="months").points
        right = chart_of(values, season="months", source_changes={"2026-09-01": "From another register"}).points
        errors = [np.abs((one["value"] - one["judged"]).to_numpy()[:12] - true).max() for one in (wrong, right)]
        assert errors[0] > 5
        assert errors[1] < 2

    def test_a_change_of_source_is_told_and_makes_no_limits_anew(self):
        chart = chart_of([*CALM, *CALM], source_changes={"2024-05-01": "From another register."})
        assert [(one.since, one.what) for one in chart.source_changes] == [("2024-05", "From another register")]
        check = next(check for check in chart.checks if check.code == "chart_source_changes")
        assert (check.passed, check.lowers_certainty) == (False, False)
        assert "From 2024-05 on figures come from another source: From another register." in check.detail
        assert chart.phases[["centre", "lower", "upper"]].equals(
            chart_of([*CALM, *CALM]).phases[["centre", "lower", "upper"]]
        )
        assert ek.Chart.from_dict(chart.to_dict()).source_changes == chart.source_changes

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"2030-01-01": "Why"}, "The change of source of 2030-01-01 leaves nothing before it or after it"),
            ({"2023-05-01": " "}, "The change of source of 2023-05-01 has no reason"),
            (["2023-05-01"], "source_changes holds '2023-05-01', a date without a reason"),
            ({"2023-05-01": "A", "2023-04-09": "B"}, "Two changes of source begin in 2023-05"),
        ],
    )
    def test_a_change_of_source_is_dated_and_explained(self, changes, said):
        with pytest.raises(ek.EvaluationError, match=said):
            chart_of(CALM, source_changes=changes)

    def test_without_season_what_is_judged_is_what_was_reported(self):
        points = chart_of([*CALM, np.nan]).points
        pd.testing.assert_series_equal(points["judged"], points["value"], check_names=False)
        plain = chart_of(self.seasonal(noise=1), season="months").to_dict()["points"]
        value, judged = (plain["columns"].index(name) for name in ("value", "judged"))
        assert plain["rows"][0][value] == pytest.approx(self.seasonal(noise=1)[0])
        assert plain["rows"][0][judged] != plain["rows"][0][value]

    def test_without_it_the_chart_says_that_season_is_not_removed(self):
        chart = chart_of(self.seasonal())
        assert chart.season == "Season is not removed."
        assert chart.points["special_cause"].ne("").any()

    def test_limits_are_as_wide_as_without_season(self):
        """Over many series of noise the mean moving range stays 1.128 standard deviations."""
        random = np.random.default_rng(6)
        spreads = [
            chart_of(random.normal(size=36), season="months").phases["mean_moving_range"].iloc[0] for _ in range(150)
        ]
        assert np.mean(spreads) == pytest.approx(1.128, rel=0.03)

    @pytest.mark.parametrize(
        ("values", "options", "said"),
        [
            (CALM, {"season": "months"}, "reported 3 times or more"),
            (CALM, {"season": "quarters"}, "needs quarters, and the periods are months"),
            (CALM, {"season": "weeks"}, "season='weeks' is not known"),
            (CALM, {"season": "months", "kind": "run"}, "only taken out of an XmR chart"),
        ],
    )
    def test_what_has_no_season_is_refused(self, values, options, said):
        with pytest.raises(ek.EvaluationError, match=said):
            chart_of(values, **options)


class TestRefused:
    @pytest.mark.parametrize(
        ("options", "parameter", "said"),
        [
            ({"kind": "xbar"}, "kind", "did you mean|use one of"),
            ({"kind": ["xmr"]}, "kind", "did you mean `xmr`"),
            ({"rule": "nelson"}, "rule", "use one of mdc_2023, nhsr_0_2_2"),
            ({"direction": "up"}, "direction", "use one of increase, decrease, neutral"),
            ({"outcome": "valeu"}, "outcome", "did you mean `value`"),
            ({"target": "goal"}, "target", "not a column"),
            ({"target": True}, "target", "neither a number nor the name of a column"),
            ({"target": np.inf}, "target", "neither a number"),
            ({"trajectory": "plan"}, "trajectory", "not a column"),
            ({"kind": "p"}, "denominator", "needs `denominator`"),
            ({"denominator": "value"}, "denominator", "has no denominator"),
            ({"per": 0}, "per", "no number above nought"),
            ({"per": 100}, "per", "leave `per` out"),
            ({"laney": True}, "laney", "for P and U charts"),
            ({"screen_moving_ranges": "no"}, "screen_moving_ranges", "neither True nor False"),
            ({"baseline": 1}, "baseline", "give 2 or more"),
            ({"label": "RA3"}, "label", "needs `unit`"),
            ({"outcome": None}, "outcome", "only left out of a T chart"),
        ],
    )  # fmt: skip
    def test_an_argument_that_cannot_be_used(self, options, parameter, said):
        with pytest.raises(ek.EvaluationError, match=said) as refused:
            ek.control_chart(frame_of(CALM), **{"outcome": "value", "time": "month", **options})
        assert refused.value.parameter == parameter

    def test_several_units_unless_one_is_named(self):
        frame = pd.concat([frame_of(CALM, unit="RA3"), frame_of(np.array(CALM) + 1, unit="RA7")])
        with pytest.raises(ek.EvaluationError, match="names 2 units"):
            ek.control_chart(frame, outcome="value", time="month")
        with pytest.raises(ek.EvaluationError, match="did you mean"):
            ek.control_chart(frame, outcome="value", time="month", unit="unit", label="RA8")
        chart = ek.control_chart(frame, outcome="value", time="month", unit="unit", label="RA7")
        assert (chart.label, chart.phases["centre"].iloc[0]) == ("RA7", np.mean(CALM) + 1)

    def test_rows_that_cannot_be_read(self):
        frame = frame_of(CALM)
        with pytest.raises(ek.EvaluationError, match="There are two rows for 2023-01"):
            ek.control_chart(pd.concat([frame, frame]), outcome="value", time="month")
        with pytest.raises(ek.EvaluationError, match="no value at all"):
            ek.control_chart(frame.assign(value=np.nan), outcome="value", time="month")
        with pytest.raises(ek.EvaluationError, match="is not a number in 2023-02"):
            ek.control_chart(
                frame.astype({"value": object}).assign(value=[1, "*", *CALM[2:]]), outcome="value", time="month"
            )
        with pytest.raises(ek.EvaluationError, match="no value in the phase that begins in 2024-04"):
            ek.control_chart(
                frame.assign(value=[*CALM[:15], np.nan]), outcome="value", time="month", rebase={"2024-04-01": "Why"}
            )
        with pytest.raises(ek.EvaluationError, match="no rows"):
            ek.control_chart(frame.iloc[:0], outcome="value", time="month")
        with pytest.raises(ek.EvaluationError, match="made of a pandas DataFrame"):
            ek.control_chart(CALM, outcome="value", time="month")
        with pytest.raises(ek.EvaluationError, match="several columns 'value'"):
            ek.control_chart(pd.concat([frame, frame[["value"]]], axis=1), outcome="value", time="month")
        with pytest.raises(ek.EvaluationError, match="complex numbers"):
            ek.control_chart(frame.astype({"value": complex}), outcome="value", time="month")
        with pytest.raises(ek.EvaluationError, match="has no unit in row 1"):
            ek.control_chart(frame.assign(unit=np.nan), outcome="value", time="month")

    @pytest.mark.parametrize(
        "periods",
        [
            pd.date_range("2024-01-01", periods=16), pd.date_range("2024-01-01", periods=16, freq="7D"), range(1, 17),
            range(2001, 2017), [f"{2020 + at // 4}Q{at % 4 + 1}" for at in range(16)],
        ],
    )  # fmt: skip
    def test_any_period_can_be_charted_told_and_kept(self, periods):
        chart = ek.control_chart(frame_of(CALM).assign(month=periods), outcome="value", time="month", target=11)
        assert chart.variation == "common_cause"
        assert ek.Chart.from_dict(chart.to_dict()).to_dict() == chart.to_dict()
        assert words.sentences(chart, "falls", date(2100, 1, 1))


class TestPlainValues:
    def test_there_and_back(self):
        chart = chart_of([*CALM, np.nan, 30], target=11.5, rebase={"2023-09-01": "Why"}, season=None)
        again = ek.Chart.from_dict(chart.to_dict())
        assert again.to_dict() == chart.to_dict()
        assert list(again.points.columns) == list(POINT_COLUMNS)
        assert again.points["phase"].dtype == chart.points["phase"].dtype

    @pytest.mark.parametrize("change", [{"schema_version": 9}, {"points": None}, {"colour": "red"}])
    def test_what_is_no_chart_is_refused(self, change):
        with pytest.raises(ek.EvaluationError):
            ek.Chart.from_dict({**chart_of(CALM).to_dict(), **change})

    def test_one_point_is_a_chart_without_limits(self):
        chart = chart_of([5.0], target=3)
        assert (chart.variation, chart.assurance) == ("not_enough_points", "not_enough_points")
        assert ek.Chart.from_dict(chart.to_dict()).phases["points"].tolist() == [1]


def gated_frame(values, rule="own_counts") -> pd.DataFrame:
    frame = frame_of(values).rename(columns={"month": "period"})
    frame = frame.assign(unit="ZZ901", numerator=frame["value"], denominator=np.nan, days=30, flag="")
    frame.attrs["evalkit"] = {
        "measure": "falls", "measure_unit": "falls", "form": "count", "data": {"table": "zz", "disclosure": rule}
    }  # fmt: skip
    return frame


class TestPublished:
    GATED = (10, 15, np.nan, 20, 10, 0, 15, 25, 10, 15, 20, np.nan, 10, 15)

    def test_limits_of_gated_points_are_those_of_the_points_and_pass_the_gate(self, capsys):
        chart = ek.control_chart(gated_frame(self.GATED), outcome="value", time="period", direction="decrease")
        shown = chart.published("own_counts")
        assert shown.gated
        assert shown.data["disclosure"] == "own_counts"
        again = ek.control_chart(
            shown.points[["period", "value"]], outcome="value", time="period", direction="decrease"
        )
        np.testing.assert_allclose(
            shown.phases[["centre", "lower", "upper"]], again.phases[["centre", "lower", "upper"]], rtol=1e-8
        )

    def test_a_site_s_own_counts_come_from_the_gated_table(self, tmp_path):
        """The exact table has a count of 3 in its third month."""
        make_book(tmp_path, [1], gated=True)
        frame = ek.load(site=InventedPlace(1).id, measure=MEASURE, root=tmp_path)
        shown = ek.control_chart(frame, outcome="value", time="period").published("own_counts")
        values = shown.points["value"]
        assert np.isnan(values[2])
        assert (values.dropna() % 5 == 0).all()
        assert shown.phases["centre"].iloc[0] == pytest.approx(values.mean())
        steps = values.diff().abs()
        assert shown.phases["mean_moving_range"].iloc[0] == pytest.approx(steps.mean())

    def test_exact_counts_do_not_pass(self):
        exact = ek.control_chart(frame_of(self.GATED), outcome="value", time="month")
        with pytest.raises(ek.EvaluationError, match="did not come through the rule 'own_counts'"):
            exact.published("own_counts")
        small = ek.control_chart(gated_frame([10, 15, 3, 20]), outcome="value", time="period")
        with pytest.raises(ek.EvaluationError, match="numerator of 2023-03 is a count that the rule"):
            small.published("own_counts")
        other = ek.control_chart(gated_frame(self.GATED, "official_statistics"), outcome="value", time="period")
        with pytest.raises(ek.EvaluationError, match="did not come through"):
            other.published("own_counts")

    def test_an_unknown_rule_publishes_nothing(self):
        with pytest.raises(ek.EvaluationError, match="No disclosure rule"):
            chart_of(CALM).published("anything")

    def test_publish_takes_a_chart_and_refuses_one_of_rows_from_nowhere(self, monkeypatch):
        given = []
        monkeypatch.setattr("IPython.display.display", lambda output, raw: given.append(output))
        ek.publish(ek.control_chart(gated_frame(self.GATED), outcome="value", time="period"))
        plain = given[0]["application/vnd.evalkit.chart+json"]
        assert ek.Chart.from_dict(plain).gated
        assert "under the rule 'own_counts': falls, ZZ901" in given[0]["text/plain"]
        with pytest.raises(ek.EvaluationError, match="This chart does not know which table"):
            ek.publish(chart_of(CALM))

    def test_publish_takes_any_result_with_the_same_manners(self, monkeypatch):
        given = []
        monkeypatch.setattr("IPython.display.display", lambda output, raw: given.append(output))

        class Other:
            MEDIA_TYPE = "application/vnd.evalkit.other+json"
            about, checks = "beds, ZZ901", ()
            data = {"table": "zz", "disclosure": "synthetic", "day": str(date(2026, 1, 1))}

            def published(self, rule):
                return self

            def to_dict(self):
                return {"beds": 5}

        ek.publish(Other())
        assert given[0][Other.MEDIA_TYPE] == {"beds": 5}

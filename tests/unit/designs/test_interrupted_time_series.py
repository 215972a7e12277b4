"""A step put into a series is found; what cannot be estimated is refused in words."""

import datetime
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

import evalkit as ek
from evalkit.adequacy import adequacy
from evalkit.designs.interrupted_time_series.checks import _season
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.effect import SERIES_COLUMNS
from evalkit.intake.load import load_from
from evalkit.intake.periods import resolve_interruption

MONTHS = pd.period_range("2014-01", periods=60, freq="M")
CHANGE = "2016-07"  # month 31 of 60
FIRST_AFTER = 30


def frame_of(values, periods=MONTHS, **more) -> pd.DataFrame:
    return pd.DataFrame({"period": periods.astype(str), "value": np.asarray(values, float), **more})


def noisy(seed: int = 1, length: int = 60, size: float = 3.0) -> np.ndarray:
    return 200 + np.random.default_rng(seed).normal(0, size, length)


def estimate(frame: pd.DataFrame, **options) -> ek.Effect:
    asked = {"outcome": "value", "time": "period", "interruption": CHANGE, "errors": "newey_west"}
    asked |= {"model": "level_and_slope", "seasonality": None} | options
    return ek.interrupted_time_series(frame, **asked)


def refused(frame: pd.DataFrame, **options) -> str:
    with pytest.raises(ek.EvaluationError) as error:
        estimate(frame, **options)
    return str(error.value)


def row(effect: ek.Effect, term: str, scale: str | None = None) -> pd.Series:
    rows = effect.estimates[effect.estimates["role"].isin(("headline", "term")) & (effect.estimates["term"] == term)]
    return (rows if scale is None else rows[rows["scale"] == scale]).iloc[0]


@pytest.fixture(scope="module")
def in_order() -> dict:
    """The effect of a series whose rows are in order."""
    return estimate(frame_of(noisy())).to_dict()


class TestEstimates:
    t = np.arange(60.0)
    after = (np.arange(60) >= FIRST_AFTER).astype(float)

    def test_a_step_and_a_new_slope_are_found_exactly_without_noise(self):
        effect = estimate(frame_of(50 + 0.3 * self.t + 12 * self.after + 0.7 * self.after * (self.t - FIRST_AFTER)))
        assert row(effect, "level")["estimate"] == pytest.approx(12)
        assert row(effect, "slope")["estimate"] == pytest.approx(0.7)
        assert effect.at(1)["estimate"] == pytest.approx(12)
        assert effect.at(13)["estimate"] == pytest.approx(12 + 0.7 * 12)
        assert row(effect, "mean")["estimate"] == pytest.approx(12 + 0.7 * 14.5)

    def test_a_season_does_not_pass_for_a_step(self):
        season = 9 * np.sin(2 * np.pi * (self.t + 3) / 12)
        with_season = estimate(frame_of(100 + season + 5 * self.after), seasonality=1, model="level")
        assert with_season.headline["estimate"] == pytest.approx(5)

    @pytest.mark.parametrize("seasonality", ["months", 1, 2, 5])
    def test_every_way_of_allowing_for_the_season_leaves_the_step(self, seasonality):
        effect = estimate(frame_of(100 + 5 * self.after), seasonality=seasonality, model="level")
        assert effect.headline["estimate"] == pytest.approx(5)

    def test_logs_give_percent_from_the_ends_of_the_interval(self):
        effect = estimate(frame_of(noisy() * np.exp(-0.2 * self.after)), log=True, model="level")
        percent, log = row(effect, "level", "percent"), row(effect, "level", "log")
        assert effect.headline["scale"] == "percent"
        for name in ("estimate", "low", "high"):
            assert percent[name] == pytest.approx(100 * np.expm1(log[name]))
        assert percent["estimate"] == pytest.approx(-18.1, abs=1.5)

    def test_per_day_allows_for_the_length_of_months(self):
        days = MONTHS.days_in_month.to_numpy()
        effect = estimate(frame_of(10.0 * days * (1 - 0.1 * self.after)), per_day=True, log=True, model="level")
        assert effect.headline["estimate"] == pytest.approx(-10)
        assert effect.measure_unit.endswith("per day")
        assert effect.series["observed"].iloc[0] == pytest.approx(10)

    def test_a_second_step_and_their_sum(self):
        later = (np.arange(60) >= 45).astype(float)
        effect = estimate(
            frame_of(100 + 6 * self.after + 4 * later), model="level", headline="level total",
            further_interruptions=["2017-10"],
        )  # fmt: skip
        assert effect.headline["estimate"] == pytest.approx(10)
        assert row(effect, "level")["estimate"] == pytest.approx(6)
        assert row(effect, "level 2017-10")["estimate"] == pytest.approx(4)

    @pytest.mark.parametrize("model", ["level_and_slope", "slope"])
    def test_a_second_change_of_slope(self, model):
        time = np.arange(60)
        first, second = np.clip(time - FIRST_AFTER, 0, None), np.clip(time - 45, 0, None)
        step = 4.0 * (time >= 45) if model == "level_and_slope" else 0.0
        effect = estimate(
            frame_of(100 + 0.2 * time - 0.9 * first + 1.4 * second + step), model=model, headline="slope",
            further_interruptions=["2017-10"],
        )  # fmt: skip
        assert effect.headline["estimate"] == pytest.approx(-0.9)
        assert row(effect, "slope 2017-10")["estimate"] == pytest.approx(1.4)
        assert row(effect, "slope total")["estimate"] == pytest.approx(0.5)
        assert ("level 2017-10" in set(effect.estimates["term"])) == (model == "level_and_slope")

    def test_two_changes_by_least_squares(self):
        """As statsmodels has it: a step and a change of slope at both dates."""
        values, time = noisy(), np.arange(60)
        columns = [np.ones(60), time]
        for start in (FIRST_AFTER, 45):
            columns += [time >= start, np.clip(time - start, 0, None)]
        by_hand = sm.OLS(values, np.column_stack(columns).astype(float)).fit()
        effect = estimate(frame_of(values), errors="independent", further_interruptions=["2017-10"])
        for term, position in (("level", 2), ("slope", 3), ("level 2017-10", 4), ("slope 2017-10", 5)):
            assert row(effect, term)["estimate"] == pytest.approx(by_hand.params[position])
            assert row(effect, term)["low"] == pytest.approx(by_hand.conf_int()[position, 0])

    def test_the_transition_is_left_out_of_the_fit(self):
        values = 100 + 8 * self.after
        values[FIRST_AFTER : FIRST_AFTER + 2] = 999
        effect = estimate(frame_of(values), model="level", transition=2)
        assert effect.headline["estimate"] == pytest.approx(8)
        shaded = effect.series.loc[effect.series["in_transition"], "period"].tolist()
        assert shaded == ["2016-07", "2016-08"]
        assert effect.series["observed"].iloc[FIRST_AFTER] == 999

    def test_the_month_of_a_change_inside_it_is_left_out(self):
        values = 100 + 8 * self.after
        values[FIRST_AFTER] = 999
        effect = estimate(frame_of(values), model="level", interruption="2016-07-04")
        assert effect.headline["estimate"] == pytest.approx(8)

    def test_a_transition_that_begins_a_month_late_never_counts_the_first_month_as_before(self):
        values = 100 + 8 * self.after
        try:
            effect = estimate(frame_of(values), model="level", transition=("2016-08", "2016-09"))
        except ek.EvaluationError:
            return
        assert effect.headline["estimate"] == pytest.approx(8)

    @pytest.mark.parametrize(
        ("position", "value", "said"),
        [
            (59, 60.0, "2018-12, the last, is below two thirds"), (0, 60.0, "2014-01, the first, is below two thirds"),
            (20, 0.0, "2015-09 has 0 between figures"), (59, 150.0, None), (30, 60.0, None), (59, 0.0, "2018-12, the last"),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("design", [ek.interrupted_time_series, ek.difference_in_differences])
    def test_a_figure_that_may_be_none_is_worth_a_look(self, design, position, value, said):
        values = noisy()
        values[position] = value
        frame = frame_of(values)
        if design is ek.difference_in_differences:
            others = [frame_of(noisy(seed=n), unit=f"o{n}") for n in range(2, 26)]
            frame = pd.concat([frame.assign(unit="own", start=CHANGE), *others])
            effect = design(frame, outcome="value", time="period", unit="unit", treated_from="start")
        else:
            effect = design(frame, outcome="value", time="period", interruption=CHANGE)
        found = [note for note in effect.notes if "two thirds" in note or "between figures" in note]
        assert len(found) == (said is not None)
        assert all(said in note for note in found)

    def test_a_missing_month_stays_missing_and_is_told(self):
        values = 100 + 8 * self.after
        values[[3, 40]] = np.nan
        effect = estimate(frame_of(values), model="level")
        assert effect.headline["estimate"] == pytest.approx(8)
        assert effect.series["observed"].isna().tolist() == np.isnan(values).tolist()
        assert any("2014-04" in note and "2017-05" in note for note in effect.notes)

    def test_an_absent_month_is_a_missing_month(self):
        values = noisy()
        gone = frame_of(values).drop(index=[7])
        blank = frame_of(np.where(np.arange(60) == 7, np.nan, values))
        assert estimate(gone).to_dict() == estimate(blank).to_dict()

    @settings(max_examples=8)
    @given(seed=st.integers(0, 10_000))
    def test_the_order_of_rows_does_not_matter(self, in_order, seed):
        shuffled = frame_of(noisy()).sample(frac=1, random_state=seed)
        assert estimate(shuffled).to_dict() == in_order

    @settings(max_examples=8)
    @given(shift=st.floats(-1e3, 1e3), scale=st.floats(0.1, 100), step=st.floats(-50, 50))
    def test_another_unit_gives_the_same_answer_in_that_unit(self, shift, scale, step):
        values = noisy() + step * self.after
        first, second = (
            estimate(frame_of(outcome), model="level").headline for outcome in (values, shift + scale * values)
        )
        for name in ("estimate", "low", "high"):
            assert second[name] == pytest.approx(scale * first[name], rel=1e-6, abs=1e-6 * scale)

    @pytest.mark.parametrize(
        "periods",
        [
            list(MONTHS),
            [str(month) for month in MONTHS],
            [month.start_time for month in MONTHS],
            [month.end_time for month in MONTHS],
            [month.start_time.date() for month in MONTHS],
        ],
        ids=["periods", "text", "first days", "last days", "dates"],
    )
    def test_time_takes_what_people_have(self, periods):
        values = noisy()
        given_ = pd.DataFrame({"period": periods, "value": values})
        assert estimate(given_).to_dict() == estimate(frame_of(values)).to_dict()

    def test_quarters_weeks_days_and_years(self):
        for frequency, change, length in (
            ("Q-DEC", "2016-07", 60), ("W-SUN", "2014-09-01", 80), ("D", "2014-03-01", 120), ("Y-DEC", "2030", 60),
        ):  # fmt: skip
            periods = pd.period_range("2014-01", periods=length, freq=frequency)
            after = periods.start_time >= pd.Timestamp(change)
            effect = estimate(
                pd.DataFrame({"period": periods, "value": 100.0 + 8 * after}), interruption=change, model="level"
            )
            assert effect.headline["estimate"] == pytest.approx(8), frequency

    def test_weekly_data_with_a_season(self):
        periods = pd.period_range("2014-01-06", periods=200, freq="W-SUN")
        values = noisy(length=200) + 20 * (periods.start_time >= pd.Timestamp("2016-01-04"))
        frame = pd.DataFrame({"period": periods, "value": values})
        effect = estimate(frame, interruption="2016-01-04", seasonality=2, model="level")
        assert effect.headline["estimate"] == pytest.approx(20, abs=4)

    @pytest.mark.parametrize(("frequency", "two_years"), [("W-SUN", 104), ("D", 730), ("M", 24), ("Q-DEC", 8)])
    def test_two_whole_years_are_enough_for_a_season(self, frequency, two_years):
        def season(length: int):
            periods = pd.period_range("2014-01-06", periods=length, freq=frequency)
            model = SegmentedModel(periods, resolve_interruption(periods[length // 2], 0, frequency), "level", 1)
            return _season(SimpleNamespace(design=model, used=np.ones(length, dtype=bool)))

        assert season(two_years) is None
        assert season(two_years - 1).passed is False

    @pytest.mark.parametrize(("frequency", "most"), [("W-SUN", 25), ("D", 182), ("M", 5), ("Q-DEC", 1)])
    def test_a_year_holds_twice_as_many_periods_as_harmonics(self, frequency, most):
        periods = pd.period_range("2010-01-04", periods=80, freq=frequency)
        frame = pd.DataFrame({"period": periods, "value": noisy(length=80)})
        refusal = refused(frame, interruption=periods[40].start_time, seasonality=most + 1)
        assert f"at most {most} harmonics" in refusal

    def test_weston_is_in_the_neighbourhood_of_the_plain_methods(self, real):
        frame = load_from(real, site="weston", measure="ae-attendances-type-1", first="2016-04", last="2019-03")
        effect = estimate(
            frame,
            interruption="2017-07-04",
            model="level",
            log=True,
            per_day=True,
            seasonality=2,
            unit="unit",
            treated="weston",
        )
        assert effect.headline["estimate"] == pytest.approx(-17.0, abs=2.5)
        assert effect.headline["high"] < -10
        assert effect.measure == "ae-attendances-type-1"
        assert effect.data["first"] == "2016-04"


class TestSayWhatIsSure:
    def test_the_headline_comes_first_and_every_interval_holds_its_estimate(self):
        table = estimate(frame_of(noisy()), seasonality=1).estimates
        assert table["role"].iloc[0] == "headline"
        assert (table["low"] <= table["estimate"]).all()
        assert (table["estimate"] <= table["high"]).all()
        assert set(table["role"]) == {"headline", "term", "sensitivity", "comparison"}

    def test_what_could_have_been_found_is_always_said(self):
        quiet, loud = (estimate(frame_of(noisy(size=size))).minimum_detectable_effect for size in (1, 10))
        assert 0 < quiet < loud

    def test_the_counterfactual_is_the_fit_without_the_change(self):
        effect = estimate(frame_of(noisy() + 30 * (np.arange(60) >= FIRST_AFTER)), model="level")
        series = effect.series
        assert tuple(series.columns) == SERIES_COLUMNS
        assert series["counterfactual"].notna().tolist() == [index >= FIRST_AFTER for index in range(60)]
        gap = (series["fitted"] - series["counterfactual"]).dropna()
        assert gap.tolist() == pytest.approx([effect.headline["estimate"]] * 30)
        assert (series["counterfactual_low"] <= series["counterfactual"]).where(series["counterfactual"].notna()).all()

    @pytest.mark.parametrize("seed", range(4))
    def test_where_the_effect_may_grow_no_month_leaves_the_band_that_may_not_have_changed(self, seed):
        effect = estimate(frame_of(noisy(seed) + 0.1 * np.maximum(np.arange(60.0) - FIRST_AFTER, 0)))
        after = effect.series.dropna(subset="counterfactual").reset_index(drop=True)
        months = effect.estimates[effect.estimates["month"].notna() & (effect.estimates["role"] == "term")]
        unchanged = {int(row["month"]) - 1 for _, row in months.iterrows() if row["low"] <= 0 <= row["high"]}
        inside = after["fitted"].between(after["counterfactual_low"], after["counterfactual_high"])
        assert unchanged <= set(np.flatnonzero(inside))
        width = (after["counterfactual_high"] - after["counterfactual_low"]).to_numpy()
        assert (width >= effect.headline["high"] - effect.headline["low"] - 1e-9).all()
        assert width[-1] > width[0]

    def test_month_effects_leave_the_seasonal_coefficients_alone(self):
        season = np.where(MONTHS.month == 7, 40.0, 0.0)
        effect = estimate(
            frame_of(100 + season + 5 * (np.arange(60) >= FIRST_AFTER)), seasonality="months", model="level"
        )
        table = effect.coefficients.set_index("term")["estimate"]
        assert table["level"] == pytest.approx(5)
        assert table["season July"] == pytest.approx(40), "the coefficient of July is not the effect seven months on"
        assert table["season February"] == pytest.approx(0, abs=1e-8)

    def test_month_effects_with_less_than_a_year_after(self):
        effect = estimate(frame_of(noisy()), seasonality="months", model="level", interruption="2018-04")
        assert len(effect.estimates)

    def test_an_invented_date_that_cannot_be_tried_does_not_stop_the_analysis(self):
        values = noisy()
        values[[1, 13, 25]] = np.nan  # every February before the change
        effect = estimate(frame_of(values), seasonality="months", model="level")
        invented = next(check for check in effect.checks if check.name == "Invented date before the change")
        assert invented.passed is not False

    def test_the_dictionary_can_be_written_as_strict_json(self):
        text = json.dumps(estimate(frame_of(noisy()), log=True, seasonality=1).to_dict(), allow_nan=False)
        assert ek.Effect.from_dict(json.loads(text)).headline["scale"] == "percent"

    def test_the_same_frame_gives_the_same_bytes(self):
        first, second = (json.dumps(estimate(frame_of(noisy())).to_dict()) for _ in range(2))
        assert first == second

    @pytest.mark.parametrize(
        ("value", "options"),
        [
            (0.0, {}),
            (99.7, {}),
            (1e6, {"seasonality": 2}),
            (55.5, {"log": True, "interruption": "2015-07"}),
            (3.3, {"seasonality": 1, "interruption": "2017-03"}),
            (1234.5, {"seasonality": 1, "interruption": "2017-03"}),
        ],
    )
    def test_a_series_that_never_moves_shows_no_change(self, value, options):
        headline = estimate(frame_of(np.full(60, value)), model="level", **options).headline
        assert headline["estimate"] == pytest.approx(0, abs=1e-6)
        assert headline["low"] <= 0 <= headline["high"]


class TestAdequacy:
    @pytest.mark.parametrize(
        ("before", "after", "terms", "verdict"),
        [
            (2, 40, 4, "describe_only"), (40, 2, 4, "describe_only"), (3, 40, 4, "no_model"), (4, 4, 5, "no_model"),
            (4, 5, 4, "level_only"), (8, 9, 4, "level_only"), (7, 30, 4, "level_only"), (9, 9, 4, "short"),
            (12, 12, 4, "enough"), (17, 18, 4, "enough"), (18, 18, 4, "slope_estimable"), (30, 30, 4, "slope_estimable"),
        ],
    )  # fmt: skip
    def test_the_table_of_the_design(self, before, after, terms, verdict):
        assert adequacy(before, after, terms).verdict == verdict

    @given(st.integers(0, 80), st.integers(0, 80), st.integers(2, 12))
    def test_more_points_are_never_worse(self, before, after, terms):
        order = ("describe_only", "no_model", "level_only", "short", "enough", "slope_estimable")
        now = order.index(adequacy(before, after, terms).verdict)
        assert order.index(adequacy(before + 1, after, terms).verdict) >= now
        assert order.index(adequacy(before, after + 1, terms).verdict) >= now

    def test_too_few_points_after_are_refused_with_the_count(self, plain):
        said = refused(frame_of(noisy()), interruption="2018-11")
        plain(said, "58 points before and 2 after", "only be described")

    def test_a_single_series_has_a_name_people_understand(self):
        assert "series of series" not in refused(frame_of(noisy()), interruption="2018-11")

    def test_a_slope_is_no_headline_of_a_short_series(self, plain):
        frame = frame_of(noisy(length=15), periods=MONTHS[:15])
        said = refused(frame, interruption="2014-09", model="level_and_slope", headline="slope")
        plain(said, "only a change in level")


class TestRefusals:
    @pytest.mark.parametrize(
        ("value", "said"), [(np.inf, "infinite"), (-np.inf, "infinite"), ("about 90", "not a number")]
    )
    def test_a_value_that_is_no_number_names_column_and_period(self, value, said, plain):
        frame = frame_of(noisy()).astype({"value": object})
        frame.loc[4, "value"] = value
        plain(refused(frame), "`value`", "2014-05", said, "correct it")

    def test_and_the_unit(self, plain):
        frame = pd.concat([frame_of(noisy(seed), unit=unit) for seed, unit in enumerate(("RA3", "RD1"))])
        frame = frame.reset_index(drop=True)
        frame.loc[64, "value"] = np.inf
        plain(refused(frame, unit="unit", treated="RA3"), "`value`", "RD1", "2014-05")

    def test_a_row_without_a_unit(self, plain):
        frame = pd.concat([frame_of(noisy(seed), unit=unit) for seed, unit in enumerate(("RA3", "RD1", "RTE"))])
        frame = frame.reset_index(drop=True)
        frame.loc[64, "unit"] = None
        plain(refused(frame, unit="unit", treated="RA3"), "`unit`", "2014-05")

    def test_a_period_given_twice(self, plain):
        frame = frame_of(noisy())
        plain(refused(pd.concat([frame, frame.iloc[[4]]])), "two rows", "2014-05", "`period`", "keep one")

    def test_several_units_without_saying_so(self, plain):
        frame = pd.concat([frame_of(noisy(seed), unit=unit) for seed, unit in enumerate(("RA3", "RD1"))])
        plain(refused(frame), "`period`", "`unit`")

    def test_a_missing_period(self, plain):
        frame = frame_of(noisy())
        frame.loc[4, "period"] = None
        plain(refused(frame), "`period`", "row 5")

    def test_mixed_frequencies(self, plain):
        frame = frame_of(noisy())
        frame["period"] = [*MONTHS[:30].start_time, *pd.date_range("2016-07-04", periods=30, freq="7D")]
        plain(refused(frame), "`period`", "mixes frequencies", "one row a day, week, month")

    @pytest.mark.parametrize(
        ("when", "said"),
        [
            ("2014-01", "no period before"), ("2013-06-01", "no period before"),
            ("2019-01", "no period after"), ("2018-12-15", "no period after"), ("2031-01", "no period after"),
        ],
    )  # fmt: skip
    def test_an_interruption_outside_the_data(self, when, said, plain):
        plain(refused(frame_of(noisy()), interruption=when), when, said, "2014-01 to 2018-12")

    def test_a_further_interruption_outside_the_data(self, plain):
        plain(refused(frame_of(noisy()), further_interruptions=["2020-01"]), "2020-01", "2014-01 to 2018-12")

    @pytest.mark.parametrize("value", [0.0, -1.0])
    def test_what_has_no_logarithm(self, value, plain):
        values = noisy()
        values[4] = value
        plain(refused(frame_of(values), log=True), "`value`", "2014-05", "logarithm", "log=False")

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"outcome": "valeu"}, ("'valeu'", "did you mean `value`")),
            ({"time": "month"}, ("'month'", "not a column")),
            ({"model": "levels"}, ("'levels'", "level_and_slope")),
            ({"headline": "step"}, ("'step'",)),
            ({"headline": "month twelve"}, ("'month twelve'",)),
            ({"headline": "month 99"}, ("'month 99'", "30")),
            ({"headline": "month 0"}, ("'month 0'",)),
            ({"headline": "trend"}, ("'trend'",)),
            ({"headline": "intercept"}, ("'intercept'",)),
            ({"headline": "slope", "model": "level"}, ("'slope'", "'level'")),
            ({"seasonality": 6}, ("seasonality=6", "at most 5")),
            ({"seasonality": -1}, ("seasonality=-1",)),
            ({"seasonality": "quarters"}, ("'quarters'", "'months'")),
            ({"errors": "arma"}, ("'arma'", "use")),
            ({"transition": "2016-07"}, ("transition", "first")),
            ({"treated": "RA3"}, ("`treated`", "`unit`")),
            ({"family": "gamma"}, ("'gamma'",)),
        ],
    )  # fmt: skip
    def test_an_option_that_does_not_exist(self, options, said, plain):
        plain(refused(frame_of(noisy()), **options), *said)

    def test_a_headline_in_the_transition_of_a_later_change(self, plain):
        said = refused(
            frame_of(noisy()), further_interruptions=["2017-10-06"], model="level", headline="month 16"
        )  # October 2017 is left out
        plain(said, "month 16")

    def test_the_same_interruption_twice(self, plain):
        plain(refused(frame_of(noisy()), further_interruptions=[CHANGE]), "2016-07")

    def test_no_rows(self, plain):
        plain(refused(frame_of(noisy()).iloc[:0]), "no rows")

    def test_no_figures(self, plain):
        plain(refused(frame_of(np.full(60, np.nan))), "0 points before and 0 after")

    def test_a_lag_longer_than_the_series(self, plain):
        plain(refused(frame_of(noisy()), errors="newey_west(99)"), "99")

    def test_whole_numbers_of_numpy_are_whole_numbers(self):
        effect = estimate(frame_of(noisy()), transition=np.int64(2), seasonality=np.int64(1), model="level")
        assert effect.series["in_transition"].sum() == 2

    def test_a_date_object_and_text_are_the_same_date(self):
        effect, other = (
            estimate(frame_of(noisy()), interruption=when) for when in ("2016-07-04", datetime.date(2016, 7, 4))
        )
        assert effect.headline.equals(other.headline)


def test_windows_and_sums_are_made_of_the_months():
    effect = estimate(frame_of(noisy()), headline="mean months 2 to 4")
    rows = effect.estimates.set_index("term")["estimate"]
    assert effect.headline["estimate"] == pytest.approx(np.mean([effect.at(month)["estimate"] for month in (2, 3, 4)]))
    months = effect.estimates["month"].notna().sum()
    assert rows["cumulative"] == pytest.approx(rows["mean"] * months)
    assert "month 1" in refused(frame_of(noisy()), headline="mean months 4 to 99")


def test_arima_with_differences_works_on_request():
    effect = estimate(frame_of(noisy()), errors="arima(0,1,1)(0,1,1)12", model="level")
    assert np.isfinite(effect.headline["low"])
    assert effect.coefficients.set_index("term")["estimate"].isna()["intercept"]
    after = effect.series.dropna(subset="counterfactual")
    gap = after["observed"] - after["counterfactual"]
    assert gap.to_numpy() == pytest.approx(effect.headline["estimate"])
    assert effect.method_of_interval.startswith("The interval is made by another method")


@pytest.mark.parametrize("model", ["level_and_slope", "level", "slope", "step", "curve"])
@pytest.mark.parametrize("options", [{}, {"family": "poisson"}, {"errors": "newey_west"}])
def test_every_model_can_be_asked_for_with_its_own_errors(model, options):
    values = np.round(noisy())
    headline = "slope" if model == "slope" else "level"
    effect = estimate(frame_of(values), **{"errors": "ar1", "model": model, "headline": headline} | options)
    assert effect.headline["low"] < effect.headline["estimate"] < effect.headline["high"]


def test_where_a_new_slope_begins_it_has_moved_nothing_yet():
    assert "month 1" in refused(frame_of(noisy()), model="slope", headline="month 1")
    assert estimate(frame_of(noisy()), model="slope", headline="slope").estimates["month"].min() == 2

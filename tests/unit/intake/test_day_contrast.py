"""Weekend contrasts: hand-made weeks, real bank holidays, properties that hold for any counts, and refusals in words."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit import day_contrast, difference_in_differences, interrupted_time_series
from evalkit.designs.effect_rows import scale_of
from evalkit.errors import EvaluationError
from evalkit.intake.day_contrast import BANK_HOLIDAY, MISSING_DAYS, NO_LOGARITHM, SOME_LEFT_OUT

MONDAY = date(2023, 6, 5)  # no bank holiday until 28 August
WEEK = [100, 110, 120, 130, 140, 60, 30]
# gov.uk/bank-holidays, England and Wales
BANK_HOLIDAYS = {
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
}


def days(values, unit="A", first=MONDAY, **columns) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit": unit,
            "day": pd.date_range(first, periods=len(values)).strftime("%Y-%m-%d"),
            "count": values,
            **columns,
        }
    )


def contrast(frame, **options) -> pd.DataFrame:
    return day_contrast(frame, outcome="count", unit="unit", date="day", **{"how": "log_ratio"} | options)


def only_row(frame, **options) -> pd.Series:
    rows = contrast(frame, **options)
    assert len(rows) == 1
    return rows.iloc[0]


class TestOneWeek:
    def test_log_ratio(self):
        row = only_row(days(WEEK))
        assert row["value"] == pytest.approx(math.log(45 / 120))
        assert (row["numerator"], row["denominator"], row["days"], row["flag"]) == (45, 120, 7, "")
        assert str(row["period"]) == "2023-06-05/2023-06-11"

    def test_difference(self):
        assert only_row(days(WEEK), how="difference")["value"] == 45 - 120

    def test_share_is_that_of_the_weeks_total(self):
        row = only_row(days(WEEK), how="share")
        assert row["value"] == pytest.approx(100 * 90 / 690)
        assert (row["numerator"], row["denominator"]) == (90, 690)

    def test_other_days_by_name(self):
        assert only_row(days(WEEK), how="share", days=["Friday"])["value"] == pytest.approx(100 * 140 / 690)

    def test_the_columns_are_those_of_load(self):
        assert list(contrast(days(WEEK)).columns) == [
            "unit", "period", "value", "numerator", "denominator", "days", "flag",
        ]  # fmt: skip


class TestBankHolidays:
    @pytest.mark.parametrize("year", BANK_HOLIDAYS)
    def test_every_one_of_england_on_a_weekday_is_left_out(self, year):
        frame = days([1] * 390, first=date(year - 1, 12, 20))
        frame.attrs["evalkit"] = {"measure_unit": "discharges"}
        note = contrast(frame).attrs["evalkit"]["notes"][0]
        left_out = [pd.Timestamp(day) for day in note.removesuffix(".").split(": ")[1].split(", ")]
        on_weekdays = [day.strftime("%m-%d") for day in left_out if day.year == year and day.day_of_week < 5]
        assert on_weekdays == BANK_HOLIDAYS[year].split()

    def test_christmas_day_on_a_sunday_is_no_sunday_like_others(self):
        assert only_row(days(WEEK, first=date(2022, 12, 19)))["days"] == 6

    @pytest.mark.parametrize(("monday", "left_out"), [(date(2022, 5, 30), 2), (date(2022, 9, 19), 1)])
    def test_the_jubilee_and_the_funeral(self, monday, left_out):
        row = only_row(days(WEEK, first=monday))
        assert row["days"] == 7 - left_out

    def test_the_week_is_made_of_the_days_that_remain(self):
        jubilee = only_row(days([100, 100, 100, 5, 5, 50, 50], first=date(2022, 5, 30)), how="share")
        assert jubilee["value"] == pytest.approx(100 * 100 / 600), "as if all weekdays had been like the three left"
        assert jubilee["flag"] == BANK_HOLIDAY

    def test_a_bank_holiday_need_not_be_reported(self):
        row = only_row(days([100, 100, 100, None, None, 50, 50], first=date(2022, 5, 30)))
        assert row["value"] == pytest.approx(math.log(0.5))

    def test_they_can_stay(self):
        row = only_row(days([100, 100, 100, 5, 5, 50, 50], first=date(2022, 5, 30)), holidays=None, how="share")
        assert row["value"] == pytest.approx(100 * 100 / 410)
        assert row["flag"] == ""

    def test_own_days_can_be_left_out(self):
        row = only_row(days([0, *WEEK[1:]]), holidays=[MONDAY])
        assert row["denominator"] == 125

    @pytest.mark.parametrize(
        "written",
        ["2023-06-05", "05/06/2023", pd.Timestamp(MONDAY), np.datetime64(MONDAY), pd.Period(MONDAY, "D")],
    )
    def test_a_day_may_be_written_in_several_ways(self, written):
        assert only_row(days([0, *WEEK[1:]]), holidays=[written])["denominator"] == 125

    def test_a_week_without_one_side_is_missing(self):
        row = only_row(days(WEEK), days=["monday"], holidays=[MONDAY])
        assert math.isnan(row["value"])
        assert "none_to_count" in row["flag"]


class TestMissing:
    @pytest.mark.parametrize("how", ["log_ratio", "difference", "share"])
    @pytest.mark.parametrize("drop", [False, True], ids=["blank", "no row"])
    def test_a_week_with_a_day_missing_is_missing_and_named(self, how, drop):
        frame = days([*WEEK, *WEEK, *WEEK])
        frame.loc[9, "count"] = np.nan
        rows = contrast(frame.dropna() if drop else frame, how=how)
        assert rows["flag"].tolist() == ["", MISSING_DAYS, ""]
        assert rows["value"].isna().tolist() == [False, True, False]
        assert math.isnan(rows.loc[1, "numerator"])

    def test_what_was_said_of_the_days_is_kept(self):
        frame = days([*WEEK, *WEEK], flag=[""] * 9 + ["empty_return"] + [""] * 4)
        frame.loc[9, "count"] = np.nan
        assert contrast(frame)["flag"].tolist() == ["", f"empty_return;{MISSING_DAYS}"]

    @pytest.mark.parametrize("week", [[0] * 5 + [3, 4], [5] * 5 + [0, 0]])
    def test_zero_has_no_logarithm_and_is_missing_never_zero(self, week):
        row = only_row(days(week))
        assert math.isnan(row["value"])
        assert row["flag"] == NO_LOGARITHM
        assert only_row(days(week), how="share")["value"] in (0, 100)

    def test_a_week_without_anybody_has_no_share(self):
        row = only_row(days([0] * 7), how="share")
        assert math.isnan(row["value"])
        assert row["flag"] == "no_denominator"

    def test_part_weeks_at_the_ends_are_left_out(self):
        rows = contrast(days(list(range(1, 18)), first=date(2023, 6, 8)))
        assert [str(week) for week in rows["period"]] == ["2023-06-12/2023-06-18"]

    def test_a_month_with_a_day_missing(self):
        frame = days([1.0] * 61, first=date(2023, 6, 1))
        frame.loc[40, "count"] = np.nan
        rows = contrast(frame, period="month")
        assert [str(month) for month in rows["period"]] == ["2023-06", "2023-07"]
        assert rows["flag"].tolist() == ["", MISSING_DAYS]


class TestTogether:
    def make(self, units=10):
        return pd.concat([days([*WEEK, *WEEK], unit=f"U{index}", place="all") for index in range(units)])

    def test_means_are_added_up(self):
        rows = contrast(self.make(), how="share", together="place")
        assert rows["unit"].tolist() == ["all", "all"]
        assert rows["numerator"].tolist() == [900, 900]
        assert rows["flag"].tolist() == ["", ""]

    def test_a_unit_with_a_day_missing_is_left_out_of_its_week_alone(self):
        frame = self.make().reset_index(drop=True)
        frame.loc[2, "count"] = np.nan
        rows = contrast(frame, how="share", together="place")
        assert rows["numerator"].tolist() == [810, 900]
        assert rows["value"].tolist() == pytest.approx([100 * 90 / 690] * 2)
        assert rows["flag"].tolist() == [SOME_LEFT_OUT, ""]

    def test_too_few_units_are_no_sum(self):
        frame = self.make().reset_index(drop=True)
        frame.loc[frame["unit"].isin(["U0", "U1", "U2"]) & frame["day"].eq("2023-06-06"), "count"] = np.nan
        rows = contrast(frame, how="share", together="place")
        assert rows["value"].isna().tolist() == [True, False]
        assert rows["flag"].tolist() == [MISSING_DAYS, ""]

    def test_notes_name_the_place(self):
        frame = self.make().reset_index(drop=True)
        frame.loc[2, "count"] = np.nan
        frame.attrs["evalkit"] = {"measure": "discharges", "measure_unit": "discharges", "place": "ten trusts"}
        about = contrast(frame, how="share", together="place").attrs["evalkit"]
        assert about["notes"] == [
            "Ten trusts: each week is made of the organisations that reported all its days, 9 to 10 of 10."
        ]

    def test_a_unit_in_two_groups_is_refused(self):
        frame = self.make(1)
        frame["place"] = ["a", "b"] * 7
        with pytest.raises(EvaluationError, match="U0 belongs to several groups"):
            contrast(frame, together="place")


class TestProperties:
    counts = st.lists(st.integers(1, 5000), min_size=28, max_size=28)

    @settings(max_examples=30)
    @given(counts, st.randoms(use_true_random=False), st.sampled_from(["log_ratio", "difference", "share"]))
    def test_the_order_of_rows_does_not_matter(self, values, random, how):
        frame = pd.concat([days(values[:14], "A"), days(values[14:], "B")], ignore_index=True)
        order = list(range(28))
        random.shuffle(order)
        pd.testing.assert_frame_equal(contrast(frame, how=how), contrast(frame.iloc[order], how=how))

    @settings(max_examples=15)
    @given(counts, st.lists(st.floats(0.2, 5), min_size=4, max_size=4))
    def test_a_busier_week_has_the_same_ratio_and_share(self, values, seasons):
        busier = [value * seasons[index // 7] for index, value in enumerate(values)]
        for how in ("log_ratio", "share"):
            plain, seasonal = contrast(days(values), how=how)["value"], contrast(days(busier), how=how)["value"]
            np.testing.assert_allclose(plain, seasonal, rtol=1e-9, atol=1e-9)
        differences = contrast(days(busier), how="difference")["value"]
        np.testing.assert_allclose(differences, contrast(days(values), how="difference")["value"] * seasons, rtol=1e-9)

    @settings(max_examples=30)
    @given(counts)
    def test_the_shares_of_all_days_add_up_to_a_hundred(self, values):
        frame = days(values, first=date(2022, 5, 16))  # holds the Jubilee
        rest = contrast(frame, how="share", days=["monday", "tuesday", "wednesday", "thursday", "friday"])["value"]
        np.testing.assert_allclose(contrast(frame, how="share")["value"] + rest, 100)

    @pytest.mark.parametrize("zone", ["Europe/London", "UTC", "America/New_York"])
    def test_clocks_that_change_make_no_difference(self, zone):
        frame = days(list(range(1, 57)), first=date(2023, 3, 6))  # clocks go forward on 26 March
        there = frame.assign(day=pd.date_range("2023-03-06", periods=56, tz=zone))
        pd.testing.assert_frame_equal(contrast(frame), contrast(there))

    def test_dates_periods_and_text_are_the_same(self):
        frame = days(list(range(1, 29)))
        moments = pd.to_datetime(frame["day"])
        for written in (moments, moments.dt.to_period("D"), moments.dt.date, moments.dt.strftime("%d/%m/%Y")):
            pd.testing.assert_frame_equal(contrast(frame), contrast(frame.assign(day=written)))


class TestScales:
    def made(self, how):
        rng = np.random.default_rng(3)
        values = np.round(100 * np.exp(0.1 * rng.standard_normal(40 * 7)))
        weekend = np.arange(len(values)) % 7 >= 5
        late = np.arange(len(values)) >= 20 * 7
        values[weekend & late] *= 1.5
        frame = days(values, first=date(2023, 1, 2))
        frame.attrs["evalkit"] = {"measure": "m", "measure_unit": "discharges", "place": "A", "notes": [], "data": {}}
        return contrast(frame, how=how, holidays=None)

    def test_what_load_said_is_carried_over(self):
        about = self.made("share").attrs["evalkit"]
        assert about["measure"] == "m"
        assert about["place"] == "A"
        assert about["measure_unit"] == "% of a week's discharges at the weekend"

    @pytest.mark.parametrize(("how", "scales"), [("share", {"points"}), ("log_ratio", {"log", "percent"}), ("difference", {"unit"})])  # fmt: skip
    def test_a_design_takes_it_unchanged_and_reports_its_scale(self, how, scales):
        effect = interrupted_time_series(
            self.made(how), outcome="value", time="period", interruption="2023-05-22", model="step", seasonality=None
        )
        head = effect.estimates[effect.estimates["role"] == "headline"]
        assert set(head["scale"]) == scales
        if how == "log_ratio":
            percent = head.set_index("scale").loc["percent", "estimate"]
            assert percent == pytest.approx(50, abs=6)

    def test_the_unit_says_the_scale(self):
        assert scale_of("log of discharges per weekend day over those per weekday", log=False) == "log"
        assert scale_of("% of a week's discharges at the weekend", log=False) == "points"
        assert scale_of("logs sawn", log=False) == "unit"


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"outcome": "cuont"}, "outcome='cuont' is not a column of the frame; did you mean `count`"),
            ({"date": "date"}, "date='date' is not a column"),
            ({"together": "site"}, "together='site' is not a column"),
            ({"how": "ratio"}, "how='ratio' is not available"),
            ({"period": "year"}, "period='year' is not available"),
            ({"days": ["Saterday"]}, "days='Saterday' is not a day"),
            ({"days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]}, "nothing to compare"),
            ({"days": []}, "nothing to compare"),
            ({"holidays": "wales"}, "holidays='wales' is not known"),
            ({"holidays": ["Christmas"]}, "not a date"),
            ({"holidays": [5]}, "`holidays` holds 5, which is not a date"),
            ({"holidays": [float("nan")]}, "`holidays` holds nan, which is not a date"),
            ({"holidays": ["2023-06"]}, "`holidays` holds '2023-06', which is not a date"),
            ({"holidays": 5}, "holidays=5 is not known"),
        ],
    )  # fmt: skip
    def test_options(self, options, said, plain):
        with pytest.raises(EvaluationError) as error:
            day_contrast(days(WEEK), **{"outcome": "count", "unit": "unit", "date": "day", **options})
        plain(str(error.value), said.split(";")[0])

    @pytest.mark.parametrize(
        ("spoil", "said"),
        [
            (lambda frame: frame.iloc[:0], "no rows"),
            (lambda frame: pd.concat([frame, frame.iloc[[3]]]), "A on 2023-06-08: there are two rows"),
            (lambda frame: frame.assign(count=[*WEEK[:6], -1]), "A on 2023-06-11: column `count` is below zero"),
            (lambda frame: frame.assign(count=[*WEEK[:6], "many"]), "A on 2023-06-11: column `count` is not a number"),
            (lambda frame: frame.assign(count=[*WEEK[:6], np.inf]), "infinite"),
            (lambda frame: frame.assign(unit=[None] + ["A"] * 6), "`unit` is blank in row 1"),
            (lambda frame: frame.assign(day=[f"2023-0{month}" for month in range(1, 8)]), "does not hold days"),
            (lambda frame: frame.assign(day="some day"), "is not a period"),
            (lambda frame: frame.iloc[:5], "hold no whole period"),
        ],
    )
    def test_frames(self, spoil, said, plain):
        with pytest.raises(EvaluationError) as error:
            contrast(spoil(days(WEEK)))
        plain(str(error.value), said)


class TestIntoDifferences:
    def test_a_triple_difference_is_a_difference_of_contrasts(self):
        """Weekend against weekday, after against before, treated against others: an injected log step comes back."""
        random = np.random.default_rng(4)
        dates = pd.date_range("2023-01-02", periods=7 * 40)
        weekend = dates.day_of_week >= 5
        rows = []
        for number in range(24):
            rate = 200 * np.exp(0.05 * random.standard_normal()) * np.where(weekend, 0.7, 1.0)
            if number < 2:
                rate = rate * np.where(weekend & (dates >= "2023-06-05"), 1.3, 1.0)
            rows.append(pd.DataFrame({"trust": f"T{number:02d}", "day": dates, "count": random.poisson(rate)}))
        daily = pd.concat(rows, ignore_index=True)
        daily["treated_from"] = np.where(daily["trust"].isin(["T00", "T01"]), "2023-06-05", None)
        frame = day_contrast(daily, outcome="count", unit="trust", date="day", how="log_ratio", holidays=None)
        effect = difference_in_differences(
            frame, outcome="value", unit="unit", time="period", treated_from="treated_from"
        )
        assert effect.headline["low"] < np.log(1.3) < effect.headline["high"]
        assert effect.headline["low"] > 0
        assert effect.treated_units == ("T00", "T01")

    def test_columns_that_vary_are_not_carried(self):
        daily = pd.DataFrame(
            {
                "trust": "A",
                "day": pd.date_range("2023-01-02", periods=14),
                "count": 5,
                "region": "North",
                "shift": range(14),
            }
        )
        frame = day_contrast(daily, outcome="count", unit="trust", date="day", holidays=None)
        assert set(frame["region"]) == {"North"}
        assert "shift" not in frame.columns

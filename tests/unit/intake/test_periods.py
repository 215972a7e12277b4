"""Periods: read however they are written, and no treated period ever counted as before."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.errors import EvaluationError
from evalkit.intake.periods import (
    a_year,
    days_in,
    inside,
    parse_periods,
    resolve_interruption,
    to_periods,
    weeks_in_words,
)


def refused(call, *arguments) -> str:
    with pytest.raises(EvaluationError) as error:
        call(*arguments)
    return str(error.value)


@pytest.mark.parametrize(
    "written", ["2017-07", "2017-07-01", "Jul-17", "Jul-2017", "Jul 2017", "July 2017", "01/07/2017", " 2017-07 "]
)
def test_a_month_may_be_written_in_these_ways(written):
    assert parse_periods(pd.Series([written]), "month")[0] == pd.Period("2017-07", "M")


@pytest.mark.parametrize(
    "written", ["", "42917", "07/01/2017", "2017-13", "2017-07-15", "Smarch 2017", "2017-07-32", "last month"]
)
def test_what_is_no_month_is_missing_never_guessed(written):
    assert parse_periods(pd.Series([written]), "month").isna().all()


@pytest.mark.parametrize("written", ["0017-07", "1017-07", "9017-07", "9999-12"])
def test_a_year_far_away_is_no_month_and_no_crash(written):
    assert parse_periods(pd.Series([written]), "month").isna().all()


@given(st.dates(datetime.date(1990, 1, 1), datetime.date(2060, 12, 31)))
def test_a_written_date_is_its_own_day_and_month(day):
    assert parse_periods(pd.Series([day.isoformat()]), "day")[0] == pd.Period(day, "D")
    assert parse_periods(pd.Series([day.strftime("%d/%m/%Y")]), "day")[0] == pd.Period(day, "D")
    assert parse_periods(pd.Series([day.strftime("%Y-%m")]), "month")[0] == pd.Period(day, "M")


def test_quarters_are_read_from_their_first_month():
    periods = parse_periods(pd.Series(["2017-01", "2017-04-01"]), "quarter")
    assert [str(period) for period in periods] == ["2017Q1", "2017Q2"]


@pytest.mark.parametrize(
    ("name", "day", "first", "last"),
    [
        ("week", "2017-07-03", "2017-07-03", "2017-07-09"), ("week_ending", "2017-07-09", "2017-07-03", "2017-07-09"),
        ("week", "2017-07-09", "2017-07-09", "2017-07-15"), ("Week commencing", "2017-07-06", "2017-07-06", "2017-07-12"),
        ("Week ending", "2017-07-07", "2017-07-01", "2017-07-07"),
    ],
)  # fmt: skip
def test_a_week_begins_on_the_day_that_names_it_unless_that_is_its_end(name, day, first, last):
    written = pd.Series(pd.date_range(day, periods=5, freq="7D").astype(str), name=name)
    for periods in (parse_periods(written, "week"), pd.Series(to_periods(written, name))):
        assert (str(periods[0].start_time.date()), str(periods[0].end_time.date())) == (first, last)
        assert periods.nunique() == 5


def test_dates_on_several_days_of_the_week_are_in_weeks_from_monday():
    weeks = parse_periods(pd.Series(["2017-07-05", "2017-07-13"]), "week")
    assert [str(week) for week in weeks] == ["2017-07-03/2017-07-09", "2017-07-10/2017-07-16"]


@pytest.mark.parametrize(
    ("frequency", "said"),
    [("W-SUN", ()), ("M", ()), ("D", ()), ("W-WED", ("Thursday to Wednesday",)), ("W-FRI", ("Saturday to Friday",))],
)
def test_weeks_in_words(frequency, said):
    words = weeks_in_words(pd.period_range("2017-07", periods=9, freq=frequency))
    assert len(words) == len(said)
    assert all(part in sentence for part, sentence in zip(said, words, strict=True))


class TestColumns:
    @pytest.mark.parametrize(
        "values",
        [
            ["2017-01", "2017-02", "2017-03"],
            ["2017-01-01", "2017-02-01", "2017-03-01"],
            list(pd.date_range("2017-01-01", periods=3, freq="MS")),
            list(pd.date_range("2017-01-31", periods=3, freq="ME")),
            list(pd.date_range("2017-01-01", periods=3, freq="MS", tz="Europe/London")),
            list(pd.period_range("2017-01", periods=3, freq="M")),
            [datetime.date(2017, month, 1) for month in (1, 2, 3)],
        ],
        ids=["text", "dates as text", "month starts", "month ends", "time zone", "periods", "date objects"],
    )
    def test_months_in_any_form(self, values):
        assert list(to_periods(values, "when").astype(str)) == ["2017-01", "2017-02", "2017-03"]

    def test_whole_years(self):
        assert list(to_periods([2015, 2016], "when").astype(str)) == ["2015", "2016"]
        assert list(to_periods(np.array([2015.0, 2016.0]), "when").astype(str)) == ["2015", "2016"]

    def test_a_missing_period_names_column_and_row(self, plain):
        plain(refused(to_periods, ["2017-01", None, "2017-03"], "when"), "`when`", "row 2", "fill it in")

    def test_text_that_is_no_period_names_column_row_and_text(self, plain):
        values = ["2017-01-01", "soon", "2017-03-01"]
        plain(refused(to_periods, values, "when"), "`when`", "row 2", "text of 4 characters", "2017-07")

    def test_the_row_that_differs_is_named_not_the_first(self, plain):
        plain(refused(to_periods, ["2017-01", "2017-02", "2017Q2"], "when"), "`when`", "row 3", "as row 1 is")

    def test_numbers_that_are_no_years(self, plain):
        plain(refused(to_periods, [201701, 201702], "when"), "`when`", "2017-07")

    @pytest.mark.parametrize(
        "values",
        [
            [*pd.date_range("2016-01-01", periods=24, freq="MS"), *pd.date_range("2018-01-01", periods=20, freq="7D")],
            [*pd.date_range("2016-01-01", periods=24, freq="MS"), pd.Timestamp("2016-03-15")],
            [*pd.date_range("2016-01-04", periods=9, freq="7D"), pd.Timestamp("2016-03-10")],
            [*pd.date_range("2016-01-01", periods=24, freq="MS"), *pd.date_range("2018-01-01", periods=60, freq="D")],
        ],
        ids=["months then weeks", "a day among months", "another weekday", "months then days"],
    )
    def test_mixed_frequencies_are_refused(self, values, plain):
        plain(refused(to_periods, values, "when"), "`when`", "mixes frequencies", "one row a day, week, month")

    def test_periods_of_two_frequencies_are_refused(self, plain):
        values = [pd.Period("2017-01", "M"), pd.Period("2017Q2", "Q")]
        plain(refused(to_periods, values, "when"), "`when`", "mixes frequencies")

    def test_a_gap_is_no_mixture(self):
        values = pd.to_datetime(["2017-01-01", "2017-02-01", "2017-05-01"])
        assert list(to_periods(values, "when").astype(str)) == ["2017-01", "2017-02", "2017-05"]

    @pytest.mark.parametrize(
        ("name", "first"),
        [("when", "2017-07-03"), ("end", "2017-07-09"), ("when", "2017-07-02"), ("end", "2017-07-04")],
    )
    def test_a_change_in_a_week_is_in_the_week_of_the_row_that_holds_it(self, name, first):
        """4 July 2017, a Tuesday, lies in the first of them."""
        weeks = to_periods(pd.date_range(first, periods=8, freq="7D"), name)
        holding = [
            index for index, week in enumerate(weeks) if week.start_time <= pd.Timestamp("2017-07-04") <= week.end_time
        ]
        assert holding == [0]


class TestInterruption:
    def test_a_date_inside_a_month_leaves_that_month_out(self):
        change = resolve_interruption("2017-07-04", 0, "M")
        assert (str(change.period), [str(period) for period in change.transition]) == ("2017-07", ["2017-07"])
        assert str(change.first_kept) == "2017-08"

    @pytest.mark.parametrize(
        "when", ["2017-07-01", "2017-07", datetime.date(2017, 7, 1), pd.Timestamp("2017-07-01"), pd.Period("2017-07")]
    )
    def test_the_first_of_a_month_counts_from_that_month(self, when):
        change = resolve_interruption(when, 0, "M")
        assert change.transition == ()
        assert str(change.first_kept) == "2017-07"

    def test_a_number_of_periods_is_left_out_from_the_change_on(self):
        change = resolve_interruption("2024-10-06", 2, "M")
        assert [str(period) for period in change.transition] == ["2024-10", "2024-11"]
        assert str(change.first_kept) == "2024-12"

    def test_first_and_last_left_out(self):
        change = resolve_interruption("2024-10-06", ["2024-09", "2024-11"], "M")
        assert [str(period) for period in change.transition] == ["2024-09", "2024-10", "2024-11"]

    @given(
        day=st.dates(datetime.date(2015, 1, 1), datetime.date(2020, 12, 31)),
        lead=st.integers(-6, 6),
        length=st.integers(0, 6),
    )
    def test_no_period_from_the_change_on_counts_as_before(self, day, lead, length):
        month = pd.Period(day, "M")
        ends = [str(month + lead), str(month + lead + length)]
        try:
            change = resolve_interruption(day, ends, "M")
        except EvaluationError:
            return
        period = change.period
        while period < change.first_kept:
            assert period in change.transition, f"{period} would be fitted as before the change of {day}"
            period += 1

    @given(day=st.dates(datetime.date(2015, 1, 1), datetime.date(2020, 12, 31)), length=st.integers(0, 12))
    def test_the_first_period_kept_follows_the_transition(self, day, length):
        change = resolve_interruption(day, length, "M")
        assert change.first_kept not in change.transition
        assert change.first_kept >= change.period
        assert len(change.transition) == max(length, day.day != 1)

    def test_the_british_order_of_a_date_is_never_turned_round(self):
        try:
            change = resolve_interruption("04/07/2017", 0, "M")
        except EvaluationError:
            return
        assert str(change.period) == "2017-07"

    @pytest.mark.parametrize("when", ["now", "today", "Jul-17", "4/7/17", "1e9"])
    def test_what_is_no_date_is_refused(self, when, plain):
        plain(refused(resolve_interruption, when, 0, "M"), when, "2017-07-04 or 2017-07")

    @pytest.mark.parametrize("when", ["soon", None, "", "2017-13", "2017-02-30", float("nan")])
    def test_what_cannot_be_a_date_is_refused(self, when, plain):
        plain(refused(resolve_interruption, when, 0, "M"), "2017-07-04 or 2017-07")

    @pytest.mark.parametrize("transition", [-1, 1.5, True, "2017-07", ["2017-07"], ["2017-09", "2017-08"], None])
    def test_a_transition_that_is_none_is_refused(self, transition, plain):
        plain(refused(resolve_interruption, "2017-07-04", transition, "M"), "transition")

    def test_a_transition_elsewhere_is_refused(self, plain):
        said = refused(resolve_interruption, "2017-07-04", ["2018-01", "2018-02"], "M")
        plain(said, "2018-01", "2017-07", "does not touch")

    @pytest.mark.parametrize(
        ("when", "said"),
        [
            ("2016-04", "no period before it"),
            ("2010-01-01", "no period before it"),
            ("2019-04", "no period after it"),
            ("2019-03-15", "no period after it"),
        ],
    )
    def test_a_change_outside_the_data_names_their_ends(self, when, said, plain):
        periods = pd.period_range("2016-04", "2019-03", freq="M")
        change = resolve_interruption(when, 0, "M")
        plain(refused(inside, change, periods), when, said, "2016-04 to 2019-03")


def test_days_in_a_period():
    assert list(days_in(pd.period_range("2016-01", "2016-04", freq="M"))) == [31, 29, 31, 30]
    assert list(days_in(pd.period_range("2017-07-03", periods=2, freq="W-SUN"))) == [7, 7]
    assert list(days_in(pd.period_range("2017Q1", periods=2, freq="Q-DEC"))) == [90, 91]


@pytest.mark.parametrize(
    ("frequency", "periods"), [("D", 365), ("W-SUN", 52), ("W-FRI", 52), ("M", 12), ("Q-DEC", 4), ("Y-DEC", 1)]
)
def test_a_year_has_whole_periods(frequency, periods):
    assert a_year(frequency) == periods


def test_a_year_of_anything_else_is_refused_in_words(plain):
    with pytest.raises(EvaluationError) as refusal:
        a_year("h")
    plain(str(refusal.value), "day, week, month, quarter or year")

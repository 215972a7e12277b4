"""Figures of weeks, on whatever day they begin, and of days: what holds the date of a change, and which season there is."""

import numpy as np
import pandas as pd
import pytest
from holidays import country_holidays
from scipy.signal import lfilter

import evalkit as ek
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.inference.autoregressive.fit import fit_many
from evalkit.inference.simulation import autoregressive_errors
from evalkit.intake.periods import resolve_interruption
from evalkit.report.wording import words

WEEKS, CHANGE = 120, "2020-01-06"  # a Monday


def _weekly(first: str, name: str, change: str = CHANGE, *, weeks: int = WEEKS, ends: bool = False) -> pd.DataFrame:
    """A rise of 100, in each week by the share of its days from the change on."""
    dates = pd.date_range(first, periods=weeks, freq="7D")
    days = [[date + pd.Timedelta(days=day - 6 * ends) for day in range(7)] for date in dates]
    share = np.array([np.mean([day >= pd.Timestamp(change) for day in week]) for week in days])
    return pd.DataFrame({name: dates, "y": 1000 + np.random.default_rng(5).normal(0, 3, weeks) + 100 * share})


def _estimate(frame: pd.DataFrame, change: str = CHANGE, **options) -> ek.Effect:
    options = {"errors": "independent", **options}  # else a calibration for each length
    return ek.interrupted_time_series(
        frame, outcome="y", time=frame.columns[0], interruption=change, **{"seasonality": None} | options
    )


@pytest.mark.parametrize(
    ("first", "name", "change", "ends"),
    [
        ("2018-12-03", "week", CHANGE, False), ("2018-12-06", "week", CHANGE, False), ("2018-12-09", "week", "2020-01-05", False),
        ("2018-12-09", "week", "2019-12-30", False), ("2018-12-07", "week_ending", CHANGE, True), ("2018-12-08", "Ends", CHANGE, True),
        ("2019-12-02", "week", "2021-01-04", False), ("2019-12-05", "week", "2021-01-01", False),
    ],
    ids=["Monday", "Thursday", "Sunday", "inside a week from Sunday", "ending Friday", "ending Saturday", "week 53", "the turn of a year"],
)  # fmt: skip
def test_a_change_is_found_whatever_day_weeks_begin_on(first, name, change, ends):
    frame = _weekly(first, name, change, ends=ends)
    effect = _estimate(frame, change)
    assert effect.headline["estimate"] == pytest.approx(100, abs=4)
    holding = effect.series[effect.series["in_transition"]]["period"].tolist()
    bounds = [[pd.Timestamp(day) for day in week.split("/")] for week in effect.series["period"]]
    inside = [low < pd.Timestamp(change) <= high for low, high in bounds]
    assert holding == effect.series["period"][inside].tolist()
    begins = bounds[0][0]
    assert begins == pd.Timestamp(first) - pd.Timedelta(days=6 * ends)
    told = [note for note in effect.notes if note.startswith("Weeks run from")]
    assert [begins.day_name() in note for note in told] == ([] if begins.day_name() == "Monday" else [True])


def test_the_same_in_a_comparison():
    frames = [_weekly("2018-12-06", "week").assign(unit="own", start=CHANGE)]
    frames += [
        _weekly("2018-12-06", "week", "2090-01-01").assign(unit=f"o{n}", y=lambda f: f["y"] + 3 * np.sin(len(f)))
        for n in range(20)
    ]
    effect = ek.difference_in_differences(
        pd.concat(frames), outcome="y", unit="unit", time="week", treated_from="start"
    )
    assert effect.headline["estimate"] == pytest.approx(100, abs=2)
    assert any(note.startswith("Weeks run from Thursday to Wednesday") for note in effect.notes)


def test_a_week_that_is_split_into_two_rows_is_refused():
    frame = pd.concat(
        [_weekly("2019-12-02", "week"), pd.DataFrame({"week": [pd.Timestamp("2021-01-01")], "y": [430.0]})]
    )
    with pytest.raises(ek.EvaluationError, match="mixes frequencies"):
        _estimate(frame)


@pytest.mark.parametrize(("weeks", "passed"), [(60, False), (103, False), (104, True)])
def test_two_years_of_weeks_are_enough_and_fewer_have_no_season(weeks, passed):
    frame = _weekly("2018-12-03", "week", "2019-07-01", weeks=weeks)
    effect = _estimate(frame, "2019-07-01")
    (enough,) = [check for check in effect.checks if check.code == "enough_points"]
    assert enough.passed is passed
    assert ("under two years" in enough.detail) is not passed
    if passed:
        _estimate(frame, "2019-07-01", seasonality=1)
    else:
        with pytest.raises(
            ek.EvaluationError, match=rf"has {weeks} weeks, and a season of the year needs two years of them \(104\)"
        ):
            _estimate(frame, "2019-07-01", seasonality=1)


class TestDays:
    DAYS = pd.date_range("2022-01-03", periods=200, freq="D")

    def frame(self, days: pd.DatetimeIndex, step: float = 0.0) -> pd.DataFrame:
        rng = np.random.default_rng(2)
        weekly = np.array([100, 97, 95, 96, 99, 60, 55])[days.day_of_week]
        return pd.DataFrame({"day": days, "y": weekly + rng.normal(0, 2, len(days)) + step * (days >= "2022-05-01")})

    @pytest.mark.parametrize("kept", [range(7), range(5), (0, 2, 4, 6)])
    def test_each_day_of_the_week_that_has_figures_has_a_term(self, kept):
        days = self.DAYS[self.DAYS.day_of_week.isin(list(kept))]
        effect = _estimate(self.frame(days, step=8.0), "2022-05-01")
        terms = [term for term in effect.coefficients["term"] if term.startswith("weekday")]
        assert len(terms) == len(kept) - 1
        assert effect.headline["estimate"] == pytest.approx(8, abs=1.5)
        assert effect.headline["high"] - effect.headline["low"] < 4  # the weekly pattern is no noise

    def test_without_it_the_interval_would_be_of_the_weekly_pattern(self):
        periods = pd.PeriodIndex(self.DAYS, freq="D")
        values = self.frame(self.DAYS)["y"].to_numpy()
        widths = []
        for weekdays in ((), tuple(range(7))):
            design = SegmentedModel(periods, resolve_interruption("2022-05-01", 0, "D"), "level", None, (), weekdays)
            fit = fit_many(values[None, :], design.matrix, contrasts=design.weights("level")[None, :])
            widths.append(float(fit.highs[0, 0] - fit.lows[0, 0]))
        assert widths[1] < widths[0] / 3


@pytest.mark.parametrize(
    ("weeks", "before", "seasonality"),
    [
        (60, 30, None),
        (156, 104, 2),
        *(pytest.param(*more, marks=pytest.mark.slow) for more in ((120, 60, None), (208, 130, 2))),
    ],
)
@pytest.mark.parametrize("rho", [0.0, 0.7])
def test_coverage_in_weeks_is_that_in_months(weeks, before, seasonality, rho):
    """Within the bounds of months, .935 to .970, less and plus two standard errors of 400 series."""
    periods = pd.period_range("2018-01-01", periods=weeks, freq="W-SUN")
    design = SegmentedModel(periods, resolve_interruption(periods[before], 0, "W-SUN"), "level", seasonality)
    draws = np.random.default_rng([weeks, int(10 * rho)]).normal(size=(400, weeks + 100))
    noise = lfilter([1], [1, -rho], draws, axis=1)[:, 100:]
    fits = fit_many(noise, design.matrix, contrasts=design.weights("level")[None, :])
    covered = float(np.mean((fits.lows[:, 0] <= 0) & (fits.highs[:, 0] >= 0)))
    error = 2 * (0.05 * 0.95 / len(noise)) ** 0.5
    assert 0.935 - error <= covered <= 0.970 + error


@pytest.mark.parametrize("change", ["2021-04-05", "2021-12-27"])
def test_weeks_with_bank_holidays_are_no_finding(change):
    """Fewer come in a week with a bank holiday, and the change begins in one: the interval still errs in one of twenty."""
    weeks = pd.period_range("2020-01-06", periods=156, freq="W-SUN")
    closed = country_holidays("GB", subdiv="ENG", years=range(2020, 2024))
    days = pd.Series([sum(day in closed for day in pd.date_range(week.start_time, periods=7)) for week in weeks])
    model = SegmentedModel(weeks, resolve_interruption(change, 0, "W-SUN"), "level", 2)
    errors = autoregressive_errors(np.random.default_rng(8), 300, len(weeks), 0.4) * 0.05
    fits = fit_many(errors - 0.06 * days.to_numpy(), model.matrix, contrasts=model.weights("level"))
    covered = float(np.mean((fits.lows[:, 0] <= 0) & (fits.highs[:, 0] >= 0)))
    assert covered >= 0.935 - 2 * (0.935 * 0.065 / 300) ** 0.5


class TestNumbers:
    """Periods 1, 2, ... have no dates: they are taken as they are, and the result says so."""

    numbers = np.arange(1, 49)
    values = 200 + np.random.default_rng(1).normal(0, 5, 48) + 20 * (numbers >= 25)

    def estimate(self, **options) -> ek.Effect:
        frame = pd.DataFrame({"period": self.numbers, "value": self.values})
        asked = {"outcome": "value", "time": "period", "interruption": 25, "seasonality": None}
        return ek.interrupted_time_series(frame, **asked | options)

    def test_they_give_what_months_give_and_are_said_to_be_numbers(self):
        months = pd.DataFrame({"period": pd.period_range("2014-01", periods=48, freq="M"), "value": self.values})
        dated = ek.interrupted_time_series(
            months, outcome="value", time="period", interruption="2016-01", seasonality=None
        )
        effect = self.estimate()
        assert effect.headline[["estimate", "low", "high"]].equals(dated.headline[["estimate", "low", "high"]])
        assert "The periods are numbers" in effect.notes[0]
        assert words.alt_text(effect, "falls", "here").startswith("Chart of falls at here, period 1 to period 48.")

    @pytest.mark.parametrize("when", ["25", 25.0, "0025"])
    def test_the_number_may_be_text_or_whole(self, when):
        assert self.estimate(interruption=when).interruptions == ("0025",)

    def test_a_transition_and_an_end_are_numbers_too(self):
        effect = self.estimate(transition=[24, 26], end=36)
        assert effect.series.loc[effect.series["in_transition"], "period"].tolist() == ["0024", "0025", "0026"]
        assert "change (period 25 to period 36)" in words.alt_text(effect, "falls", "here")

    @pytest.mark.parametrize(
        ("options", "says"),
        [
            ({"interruption": "2016-01"}, "the periods are numbers"),
            ({"interruption": 99}, "the data run from 1 to 48"),
            ({"transition": [30, 31]}, "around 25"),
            ({"per_day": True}, "no days"),
            ({"seasonality": 1}, "seasonality=None"),
        ],
    )
    def test_what_needs_a_date_is_refused(self, options, says):
        with pytest.raises(ek.EvaluationError, match=says):
            self.estimate(**options)

    @pytest.mark.parametrize("numbers", [[1.5, 2.5, 3.5], [-1, 0, 1], [4000, 4001, 4002]])
    def test_other_numbers_are_refused(self, numbers):
        frame = pd.DataFrame({"period": numbers, "value": [1.0, 2.0, 3.0]})
        with pytest.raises(ek.EvaluationError, match="neither years nor whole numbers"):
            ek.interrupted_time_series(frame, outcome="value", time="period", interruption=2)

    def test_places_with_other_numbers_of_start_are_compared(self):
        panel = pd.concat(
            pd.DataFrame(
                {"unit": f"u{i:02}", "period": self.numbers, "value": self.values + i, "start": 25 if i < 6 else None}
            )
            for i in range(30)
        )
        panel.loc[panel["start"].isna() & (panel["period"] >= 25), "value"] -= 20
        effect = ek.difference_in_differences(panel, outcome="value", unit="unit", time="period", treated_from="start")
        assert effect.headline["estimate"] == pytest.approx(20)

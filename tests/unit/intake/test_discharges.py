"""The daily discharges as they really are: returns that were not made, dates that moved, and what both do to a weekend."""

import csv
import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest

from evalkit import day_contrast, interrupted_time_series
from evalkit.catalogue.records.tables import FlagRule
from evalkit.errors import EvaluationError
from evalkit.intake.analysis_checks import check_analysis
from evalkit.intake.load import load_from
from evalkit.report import tables
from evalkit.report.wording.words import alt_text, period_word
from evalkit.runs.planning.notebook_templates import read_template
from tests.unit.conftest import ROOT
from tools.discharge_dates_moved import SOURCE, TARGET, moved

EVALUATION = "hundred-day-discharge-challenge-2022"
WINDOW = {"first": "2022-04-01", "last": "2022-09-30"}
ALL, STEADY, MOVED = "acute-trusts-2022", "acute-trusts-steady-dates-2022", "acute-trusts-moved-dates-2022"


def weeks(real, site, table="discharge-daily-2022-2025") -> pd.DataFrame:
    daily = load_from(real, site=site, measure="weekend-discharge-share", table=table, apart=True, **WINDOW)
    return day_contrast(daily, outcome="value", unit="unit", date="period", how="share", together="site")


def step(frame, when="2022-07-01", errors="ar1"):
    effect = interrupted_time_series(
        frame, outcome="value", time="period", interruption=when, model="step", seasonality=None, errors=errors
    )
    return effect.headline


class TestTheTable:
    def test_no_trust_has_a_figure_for_19_june_2022(self, real):
        daily = load_from(real, site=ALL, measure="hospital-discharges", apart=True, **WINDOW)
        day = daily[daily["period"] == pd.Period("2022-06-19", "D")]
        assert len(day) == 121
        assert day["value"].isna().all(), "a zero everywhere is a return that was not made"
        assert day["flag"].str.contains("empty_return").all()

    def test_a_sum_of_days_is_missing_wherever_one_trust_is(self, real):
        added_up = load_from(real, site=STEADY, measure="hospital-discharges", **WINDOW)
        apart = load_from(real, site=STEADY, measure="hospital-discharges", apart=True, **WINDOW)
        assert set(apart["site"]) == {STEADY}
        assert apart["unit"].nunique() == 65
        missing = apart.groupby("period")["value"].apply(lambda day: day.isna().any())
        assert (added_up.set_index("period")["value"].isna() == missing).all()

    def test_comparators_stay_themselves(self, real):
        frame = load_from(real, site="R0D", measure="hospital-discharges", comparators=["RJ7"], apart=True, **WINDOW)
        assert frame.groupby("unit")["site"].first().to_dict() == {"R0D": "R0D", "RJ7": "RJ7"}

    def test_flagged_rows_alone_are_not_safe(self, real):
        for site, wanted in ((MOVED, True), (STEADY, False)):
            about = load_from(real, site=site, measure="hospital-discharges", apart=True, **WINDOW).attrs["evalkit"]
            assert bool(about["needs_comparators"]) is wanted

    def test_the_derived_table_is_what_the_script_makes(self):
        with (ROOT / SOURCE).open(newline="", encoding="utf-8") as file:
            made = moved(list(csv.DictReader(file)))
        with (ROOT / TARGET).open(newline="", encoding="utf-8") as file:
            assert list(csv.DictReader(file)) == made

    def test_a_late_date_moves_back_and_nothing_else_changes(self, real):
        def of(table):
            rows = load_from(real, site="RXK", measure="weekend-discharge-share", table=table, **WINDOW)
            return rows.set_index(rows["period"].astype(str))["value"]

        there, here = of("discharge-daily-2022-2025"), of("discharge-daily-2022-dates-moved")
        assert there["2022-06-20"] == here["2022-06-19"]
        pd.testing.assert_series_equal(
            there.loc["2022-06-21":"2022-09-30"].reset_index(drop=True),
            here.loc["2022-06-20":"2022-09-29"].reset_index(drop=True),
        )
        pd.testing.assert_series_equal(there.loc[:"2022-06-18"], here.loc[:"2022-06-18"])


class TestMeanOfDays:
    def test_a_month_is_the_mean_over_its_days(self, real):
        raw = pd.read_csv(ROOT / "data/tables/discharge_daily_2022_2025.csv")
        own = raw[(raw["org_code"] == "R0D") & raw["date"].str.startswith("2022-05")]
        frame = load_from(real, site="R0D", measure="not-meeting-criteria-to-reside", first="2022-05", last="2022-06")
        assert frame["value"].iloc[0] == pytest.approx(own["not_meeting_criteria_to_reside"].mean())
        assert frame["flag"].iloc[0] == ""

    def test_one_day_without_a_return_is_said_and_left_out_of_the_mean(self, real):
        raw = pd.read_csv(ROOT / "data/tables/discharge_daily_2022_2025.csv")
        own = raw[(raw["org_code"] == "R0D") & raw["date"].str.startswith("2022-06") & (raw["date"] != "2022-06-19")]
        frame = load_from(real, site="R0D", measure="not-meeting-criteria-to-reside", first="2022-06", last="2022-06")
        assert frame["value"].iloc[0] == pytest.approx(own["not_meeting_criteria_to_reside"].mean())
        assert frame["flag"].iloc[0] == "empty_return;days_missing"

    def test_a_month_with_more_than_a_tenth_missing_is_missing(self, real):
        frame = load_from(real, site="RDU", measure="not-meeting-criteria-to-reside", first="2022-04", last="2022-09")
        assert frame["value"].isna().all(), "Frimley sent nothing on nearly every day of these months"
        assert frame["flag"].str.contains("days_missing").all()

    def test_a_doubt_about_a_day_is_none_about_a_month(self, real):
        about = load_from(real, site="RXK", measure="not-meeting-criteria-to-reside").attrs["evalkit"]
        assert about["needs_comparators"] == []

    def test_only_days_can_be_averaged(self, project, plain):
        project.edit("data/measures.yml", 'where: {ae_type: "1"}', 'where: {ae_type: "1"}\n      every: month')
        problems = [problem for problem in project.problems() if "every" in problem.what]
        plain(str(problems[0]), "averages days", "one row a month", "leave it out")


class TestMeanOfChosenDays:
    WEEKEND, WEEKDAYS = "discharges-saturday-and-sunday", "discharges-monday-to-friday"

    @pytest.fixture
    def raw(self) -> pd.DataFrame:
        raw = pd.read_csv(ROOT / "data/tables/discharge_daily_2022_2025.csv", parse_dates=["date"])
        return raw[(raw["org_code"] == "R0D") & (raw["date"].dt.strftime("%Y-%m") == "2022-05")]

    def test_a_month_is_the_mean_over_these_days_of_the_week(self, real, raw):
        at_weekend = raw["date"].dt.day_of_week >= 5
        for measure, days in ((self.WEEKEND, at_weekend), (self.WEEKDAYS, ~at_weekend)):
            frame = load_from(real, site="R0D", measure=measure, first="2022-05", last="2022-05")
            assert frame["value"].iloc[0] == pytest.approx(raw.loc[days, "discharges"].mean())
            assert frame["flag"].iloc[0] == ""

    def test_all_days_together_are_the_month(self, real, raw):
        frame = load_from(real, site="R0D", measure="discharges-a-day", first="2022-05", last="2022-05")
        assert frame["value"].iloc[0] == pytest.approx(raw["discharges"].mean())

    def test_a_weekend_day_without_a_return_is_more_than_a_tenth_of_them(self, real):
        for measure, missing in ((self.WEEKEND, True), (self.WEEKDAYS, False)):
            frame = load_from(real, site="R0D", measure=measure, first="2022-06", last="2022-06")
            assert frame["value"].isna().iloc[0] == missing, "19 June 2022 was a Sunday"

    def test_a_day_in_doubt_may_be_another_day_of_the_week(self, real):
        for measure, missing in ((self.WEEKEND, True), (self.WEEKDAYS, True), ("discharges-a-day", False)):
            frame = load_from(real, site="RXK", measure=measure, first="2022-09", last="2022-09")
            assert frame["value"].isna().iloc[0] == missing
            assert ("date_shift" in frame["flag"].iloc[0]) == missing

    def test_days_of_the_week_need_a_period_to_be_averaged_over(self, project, plain):
        project.edit("data/measures.yml", 'where: {ae_type: "1"}', 'where: {ae_type: "1"}\n      weekdays: [monday]')
        problems = [problem for problem in project.problems() if "weekdays" in problem.what]
        plain(str(problems[0]), "weekdays", "every")


class TestTheArtefact:
    """Against the figures of a first look with plain methods (data README, trap 3); a range, not a target."""

    def test_the_dates_as_published_show_a_rise_by_a_plain_method(self, real):
        naive = step(weeks(real, ALL), errors="newey_west(2)")
        assert 2.2 < naive["estimate"] < 3.0
        assert naive["low"] > 1.5

    def test_trusts_whose_dates_stayed_the_same_show_none(self, real):
        for errors in ("newey_west(2)", "ar1"):
            steady = step(weeks(real, STEADY), errors=errors)
            assert abs(steady["estimate"]) < 0.3
            assert steady["low"] < 0 < steady["high"]

    def test_nor_do_all_trusts_once_late_dates_are_moved_back(self, real):
        corrected = step(weeks(real, ALL, "discharge-daily-2022-dates-moved"))
        assert 0 < corrected["estimate"] < 0.6
        assert corrected["low"] < 0 < corrected["high"]

    def test_the_step_stands_on_20_june_and_only_where_dates_moved(self, real):
        assert step(weeks(real, MOVED), "2022-06-20")["low"] > 5
        elsewhere = step(weeks(real, STEADY), "2022-06-20")
        assert elsewhere["low"] < 0 < elsewhere["high"]

    def test_the_weeks_are_those_of_the_calendar(self, real):
        frame = weeks(real, STEADY)
        assert [str(week) for week in frame.loc[frame["value"].isna(), "period"]] == ["2022-06-13/2022-06-19"]
        assert str(frame["period"].iloc[0]) == "2022-04-04/2022-04-10"
        assert str(frame["period"].iloc[-1]) == "2022-09-19/2022-09-25"


class TestWeeksWithoutATrend:
    def test_a_step_alone_is_the_difference_of_the_two_means(self, real):
        frame = weeks(real, STEADY)
        effect = interrupted_time_series(
            frame,
            outcome="value",
            time="period",
            interruption="2022-07-01",
            model="step",
            seasonality=None,
            errors="independent",
        )
        starts = pd.PeriodIndex(frame["period"]).start_time
        before = frame.loc[starts < "2022-06-27", "value"].mean()
        assert effect.headline["estimate"] == pytest.approx(frame.loc[starts > "2022-07-01", "value"].mean() - before)
        assert list(effect.coefficients["term"]) == ["intercept", "level"]
        assert "level model" in set(effect.estimates["method"]), "with a trend, among the robustness rows"

    def test_a_week_is_called_a_week(self, real):
        effect = interrupted_time_series(
            weeks(real, STEADY),
            outcome="value",
            time="period",
            interruption="2022-07-01",
            model="step",
            seasonality=None,
        )
        assert "allows for weeks" in effect.method_of_interval
        assert "the first week kept" in effect.estimand
        assert "the week of 4 April 2022" in alt_text(effect, "the weekend's share", "65 trusts")
        assert period_word(effect.series["period"].iloc[0]) == "week"
        effects_named = set(tables.estimates(effect)["Effect"])
        assert not {name for name in effects_named if "month" in name}


@pytest.mark.parametrize(
    ("period", "word"), [("2022-07-01", "day"), ("2022-07", "month"), ("2022Q3", "quarter"), ("2022", "year")]
)
def test_what_a_point_is_called(period, word):
    assert period_word(period) == word


@pytest.mark.parametrize("rule", ["{}", '{"column": "date_shift_flag", "all_zero": ["discharges"]}'])
def test_a_flag_is_a_column_or_figures_that_are_zero(rule):
    with pytest.raises(ValueError, match="give either"):
        FlagRule.model_validate({**json.loads(rule), "name": "n", "means": "m"})


class TestOnPurpose:
    def problems_of(self, real, index, **parameters):
        record = real.evaluations[EVALUATION]
        filled = read_template(ROOT, "weekend").filled({**record.analyses[index].parameters, **parameters})
        return [
            problem for problem in check_analysis(real, record, index, filled).problems if problem.level == "refused"
        ]

    def test_the_evaluation_is_sound(self, real):
        for index, _ in enumerate(real.evaluations[EVALUATION].analyses):
            assert self.problems_of(real, index) == []

    def test_the_answer_may_not_use_moved_dates_or_another_date(self, real, plain):
        (problem,) = self.problems_of(real, 0, site=MOVED)
        plain(str(problem), "steady-dates", "the day before", "only safe in a comparison")
        (problem,) = self.problems_of(real, 0, interruption="2022-06-20")
        plain(str(problem), "not the start of the intervention")

    def test_an_empty_list_of_comparators_is_no_comparison(self, real, plain):
        (problem,) = self.problems_of(real, 0, comparators=[])
        plain(str(problem), "`comparators` is empty")

    def test_only_a_check_of_recording_may(self, project, plain):
        path = f"data/evaluations/{EVALUATION}.yml"
        shutil.copy(ROOT / path, project.root / path)
        project.edit(path, "role: primary\n", "role: primary\n    despite: We like it.\n")
        said = [problem for problem in project.problems() if "despite" in problem.what]
        plain(str(said[0]), "recording_check")

    def test_a_trust_that_ends_in_the_window_is_named_and_the_rest_counted(self, real, plain):
        wanted = {"site": ALL, "measure": "hospital-discharges", "first": "2022-04-01", "last": "2023-09-30"}
        with pytest.raises(EvaluationError) as error:
            load_from(replace(real, successors={}), **wanted)
        plain(str(error.value), "RA4 has no rows after 2023-04-30", "the 121 organisations cannot be added up")

    def test_one_whose_end_is_recorded_is_part_of_its_successor_from_then_on(self, real):
        wanted = {"measure": "hospital-discharges", "first": "2023-03-01", "last": "2023-04-30"}
        both, (old, new) = load_from(real, site="RH5", **wanted), (
            load_from(replace(real, successors={}), site=code, **wanted)["value"] for code in ("RA4", "RH5")
        )  # fmt: skip
        assert (old[31:].fillna(0) == 0).all()  # noughts of a code that is used no more
        assert both["value"][:31].tolist() == (old + new)[:31].tolist()
        assert both["value"][31:].tolist() == new[31:].tolist()

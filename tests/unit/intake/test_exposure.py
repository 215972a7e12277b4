"""A count is taken per day on which it can happen: all days, weekend days, working days, or over person-time."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import evalkit as ek
from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.sites import Organisation
from evalkit.catalogue.records.tables import SUBMISSION_COLUMNS, Table
from evalkit.errors import EvaluationError
from evalkit.intake.exposure import HOLIDAYS_KNOWN_TO, bank_holidays, days_of
from evalkit.intake.load import load_from
from evalkit.intake.scale_checks import check_scale
from evalkit.power import power

MONTHS = pd.period_range("2021-01", periods=48, freq="M")
WHEN = {"calendar_days": "day", "weekend_days": "weekend day", "working_days": "working day"}


def record(form: str = "count", **fields) -> dict:
    return {
        "id": "sent-home", "name": "Sent home", "plain_name": "people sent home", "definition": "People.", "form": form,
        "unit": "people", "direction": "increase", "type": "outcome", "domain": "timeliness-flow",
    } | fields  # fmt: skip


class TestDays:
    @pytest.mark.parametrize(
        ("month", "kind", "days"),
        [
            ("2022-02", "calendar_days", 28), ("2024-02", "calendar_days", 29),
            ("2022-05", "weekend_days", 9), ("2022-10", "weekend_days", 10), ("2022-02", "weekend_days", 8),
            # Of 30 days eight are of weekends; 2 and 3 June were holidays, one proclaimed for the jubilee.
            ("2022-06", "working_days", 20), ("2022-09", "working_days", 21), ("2023-05", "working_days", 20),
            ("2021-12", "working_days", 21),
        ],
    )  # fmt: skip
    def test_of_a_month(self, month, kind, days):
        assert days_of(pd.PeriodIndex([month], freq="M"), kind).tolist() == [days]

    @pytest.mark.parametrize("frequency", ["W-SUN", "W-WED"])
    def test_a_week_has_two_weekend_days_whenever_it_begins(self, frequency):
        weeks = pd.period_range("2021-01-04", periods=60, freq=frequency)
        assert set(days_of(weeks, "weekend_days")) == {2}

    @given(st.dates(date(2000, 1, 1), date(HOLIDAYS_KNOWN_TO - 3, 1, 1)), st.integers(1, 36))
    def test_months_add_up_to_the_days_of_a_calendar(self, start, count):
        months = pd.period_range(pd.Period(start, "M"), periods=count, freq="M")
        first, last = months[0].start_time.date(), months[-1].end_time.date()
        days = [first + timedelta(at) for at in range((last - first).days + 1)]
        weekend = [day for day in days if day.weekday() >= 5]
        free = [day for day in bank_holidays(first.year, last.year) if first <= day <= last and day.weekday() < 5]
        assert days_of(months, "calendar_days").sum() == len(days)
        assert days_of(months, "weekend_days").sum() == len(weekend)
        assert days_of(months, "working_days").sum() == len(days) - len(weekend) - len(free)

    def test_beyond_the_holidays_that_are_known(self, plain):
        later = pd.period_range(f"{HOLIDAYS_KNOWN_TO}-12", periods=2, freq="M")
        assert days_of(later[:1], "working_days") > 0
        assert days_of(later, "weekend_days").tolist() == [8, 10]
        with pytest.raises(EvaluationError) as error:
            days_of(later, "working_days")
        plain(
            str(error.value), str(HOLIDAYS_KNOWN_TO + 1), f"to the end of {HOLIDAYS_KNOWN_TO}", "end the window there"
        )


class TestRecord:
    @pytest.mark.parametrize(
        ("form", "exposure", "counted_on"),
        [("count", None, "calendar_days"), ("count", "weekend_days", "weekend_days"), ("proportion", None, "none"),
         ("rate", "none", "none")],
    )  # fmt: skip
    def test_what_it_is_counted_on(self, form, exposure, counted_on):
        measure = Measure(**record(form, exposure=exposure))
        assert measure.counted_on == counted_on
        assert measure.is_per_day == (form == "count")

    @pytest.mark.parametrize("form", ["proportion", "rate", "mean", "median"])
    @pytest.mark.parametrize("exposure", ["calendar_days", "working_days", "person_time"])
    def test_what_is_no_count_has_no_days(self, form, exposure):
        with pytest.raises(ValidationError, match="is not counted on days or over person-time"):
            Measure(**record(form, exposure=exposure))

    def test_person_time_has_to_be_counted(self):
        with pytest.raises(ValidationError, match="needs a `denominator`"):
            Measure(**record(exposure="person_time", recipes=[{"table": "t", "numerator": ["a"]}]))

    def test_per_day_of_none_is_refused_before_anything_runs(self):
        frame = pd.DataFrame({"unit": "ZZ901", "period": ["2022-01"], "value": [3.0]})
        none = Measure(**record(exposure="none"))
        told = check_scale(lambda what, name, level="refused": f"{name}: {what}", none, {"per_day": True}, frame)
        assert told == [
            "per_day: `sent-home` is counted on no days (`exposure: none` in data/measures.yml): write `per_day: false`."
        ]
        assert check_scale(lambda *_: "", none, {"per_day": False}, frame) == []


@pytest.fixture
def loaded(tmp_path):
    """Four years of a measure at one place, 100 on each day on which it is counted, and 10% more from the third on."""

    def make(kind: str, rise: float = 1.1, of=None) -> pd.DataFrame:
        days = days_of(MONTHS, kind if kind in WHEN else "calendar_days") if of is None else of
        numbers = np.round(100 * days * np.where(np.arange(48) < 24, 1, rise))
        lines = [
            f"ZZ901,{month},sent-home,{number:.0f},{whole if kind == 'person_time' else ''},"
            for month, number, whole in zip(MONTHS, numbers, days, strict=True)
        ]
        (tmp_path / "data" / "tables").mkdir(parents=True, exist_ok=True)
        text = "\n".join(["org_code,period,measure,numerator,denominator,note", *lines]) + "\n"
        (tmp_path / "data" / "tables" / "own.csv").write_text(text, encoding="utf-8")
        catalogue = Catalogue(
            tmp_path, tables={"own": Table.model_validate(DESCRIBED)},
            measures={"sent-home": Measure(**record(exposure=kind, adds_up_to="people"))},
            organisations={"ZZ901": Organisation(org_code="ZZ901", name="One (synthetic)")},
        )  # fmt: skip
        return load_from(catalogue, site="ZZ901", measure="sent-home")

    return make


def _effect(frame: pd.DataFrame, **wanted) -> ek.Effect:
    wanted = {"log": True, "per_day": True, "seasonality": None, "errors": "independent"} | wanted
    return ek.interrupted_time_series(
        frame, outcome="value", time="period", unit="unit", treated="ZZ901", interruption="2023-01", **wanted
    )


class TestFrameAndDesign:
    @pytest.mark.parametrize("kind", WHEN)
    def test_the_frame_and_the_axis_follow_the_measure(self, loaded, kind):
        frame = loaded(kind)
        assert frame["days"].tolist() == days_of(MONTHS, kind).tolist()
        effect = _effect(frame)
        assert effect.measure_unit == f"people per {WHEN[kind]}"
        assert effect.series["observed"].iloc[:24].tolist() == pytest.approx([100] * 24)
        assert effect.headline["estimate"] == pytest.approx(10, abs=1e-6)

    def test_what_was_added_is_told_in_people(self, loaded):
        frame = loaded("weekend_days")
        added = _effect(frame).estimates.query("scale == 'total'")["estimate"].iloc[0]
        assert added == pytest.approx(frame["numerator"].iloc[24:36].sum() / 11, rel=1e-6)

    def test_counts_over_person_time(self, loaded):
        beds = np.random.default_rng(1).integers(200, 900, 48).astype(float)
        frame = loaded("person_time", of=beds)
        for wanted in ({}, {"family": "poisson", "log": False}):
            effect = _effect(frame, **wanted)
            assert effect.measure_unit == "people per unit of person-time"
            assert effect.headline["estimate"] == pytest.approx(10, abs=0.1)

    def test_python_may_name_the_days(self, loaded):
        frame = loaded("calendar_days", of=days_of(MONTHS, "weekend_days"))
        effect = _effect(frame, per_day="weekend_days")
        assert effect.measure_unit == "people per weekend day"
        assert effect.headline["estimate"] == pytest.approx(10, abs=1e-6)
        own = pd.DataFrame(frame[["unit", "period", "value"]].to_dict("list"))
        assert _effect(own, per_day="weekend_days").headline["estimate"] == pytest.approx(10, abs=1e-6)

    def test_counts_of_few_events_follow_it_too(self, loaded):
        effect = _effect(loaded("weekend_days"), family="poisson", log=False)
        assert effect.measure_unit == "people per weekend day"
        assert effect.headline["estimate"] == pytest.approx(10, abs=1e-3)

    @pytest.mark.parametrize("wrong", ["weekend", 1])
    def test_days_that_are_none(self, loaded, plain, wrong):
        with pytest.raises(EvaluationError) as error:
            _effect(loaded("calendar_days"), per_day=wrong)
        plain(str(error.value), "per_day=", "'weekend_days'")

    def test_none_is_refused(self, loaded, plain):
        with pytest.raises(EvaluationError) as error:
            _effect(loaded("none"))
        plain(str(error.value), "counted on no days", "per_day=False")

    def test_a_day_may_have_no_weekend(self, plain):
        days = pd.DataFrame({"period": pd.date_range("2022-01-01", periods=60), "value": 5.0})
        with pytest.raises(EvaluationError) as error:
            ek.interrupted_time_series(
                days,
                outcome="value",
                time="period",
                interruption="2022-02-01",
                per_day="weekend_days",
                seasonality=None,
            )
        plain(str(error.value), "2022-01-03 has no weekend day", "weeks or longer periods")

    def test_the_power_of_a_series_is_that_per_weekend_day(self, loaded):
        random = np.random.default_rng(2)
        frame = loaded("weekend_days", 1, of=None)
        frame["value"] = np.round(frame["days"] * 100 * np.exp(random.normal(0, 0.03, 48)))
        wanted = {"outcome": "value", "time": "period", "log": True, "months_after": (12,), "seasonality": None}
        right = power(frame, per_day=True, **wanted).table["detectable"].iloc[0]
        wrong = power(frame, per_day="calendar_days", **wanted).table["detectable"].iloc[0]
        assert right < 0.7 * wrong


DESCRIBED = {
    "name": "own", "path": "tables/own.csv", "title": "Own", "description": "Invented.",
    "sources": [{"title": "Invented"}], "licenses": [{"name": "OGL-UK-3.0"}],
    "schema": {
        "fields": [
            {"name": name, "type": "number" if name.endswith("ator") else "string", "description": name}
            for name in SUBMISSION_COLUMNS
        ]
    },
    "evalkit": {
        "shape": "long", "grain": "month", "synthetic": True, "disclosure": {"rule": "synthetic", "because": "Invented."},
    },
}  # fmt: skip

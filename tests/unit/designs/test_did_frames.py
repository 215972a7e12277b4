"""Difference-in-differences: the same answer however the frame is written, and what is left out is said."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from tests.support.panels import FIRST, detectable_effect, differences, frame_of, noise, numbers

OUTCOME = noise(3, 22, 24)
STAGGERED = [8, 12]


def same(effect: ek.Effect, other: ek.Effect) -> None:
    pd.testing.assert_frame_equal(numbers(effect), numbers(other), rtol=1e-9, atol=1e-9)
    assert effect.estimates["term"].tolist() == other.estimates["term"].tolist()
    assert [(check.name, check.passed) for check in effect.checks] == [
        (check.name, check.passed) for check in other.checks
    ]
    assert detectable_effect(effect) == pytest.approx(detectable_effect(other), rel=1e-9, nan_ok=True)


def blanked(frame, unit, *months) -> pd.DataFrame:
    changed = frame.copy()
    changed.loc[(frame["unit"] == unit) & frame["month"].isin(months), "value"] = np.nan
    return changed


def without_months(frame, *months) -> pd.DataFrame:
    return frame[~frame["month"].isin(months)]


def member(effect: ek.Effect, unit: str) -> pd.Series:
    return effect.tables["members"].set_index("unit").loc[unit]


class TestGaps:
    @pytest.fixture
    def frame(self):
        return frame_of(OUTCOME, [12])

    @pytest.mark.parametrize("how", ["blank", "no row"])
    def test_a_comparator_that_misses_a_month_goes(self, frame, how):
        gappy = blanked(frame, "U005", "2016-04")
        effect = differences(gappy if how == "blank" else gappy.dropna(subset="value"))
        pd.testing.assert_frame_equal(numbers(effect), numbers(differences(frame[frame["unit"] != "U005"])))
        assert not member(effect, "U005")["used"]
        assert "2016-04" in member(effect, "U005")["reason"]
        assert member(effect, "U000")["used"]
        assert member(effect, "U000")["treated_from"] == "2017-01"
        assert any("1 of 21 comparators" in note for note in effect.notes)
        assert effect.comparators_used == 20

    def test_a_month_that_most_units_miss_goes(self, frame):
        gappy = blanked(frame, "U000", "2016-04")
        for number in range(1, 13):
            gappy = blanked(gappy, f"U{number:03d}", "2016-04")
        effect = differences(gappy)
        assert effect.tables["members"]["used"].all()
        expected = OUTCOME[0, 12:].mean() - OUTCOME[0, np.r_[0:3, 4:12]].mean()
        expected -= (OUTCOME[1:, 12:].mean(axis=1) - OUTCOME[1:, np.r_[0:3, 4:12]].mean(axis=1)).mean()
        assert effect.headline["estimate"] == pytest.approx(expected)
        same(effect, differences(without_months(frame, "2016-04")))

    @pytest.mark.parametrize("inference", ["placebo", "cluster"])
    def test_a_month_that_a_treated_unit_misses_goes_for_all(self, frame, inference):
        effect = differences(blanked(frame, "U000", "2016-04"), inference=inference)
        same(effect, differences(without_months(frame, "2016-04"), inference=inference))
        assert any("U000" in note and "2016-04" in note for note in effect.notes)

    def test_a_treated_unit_that_misses_too_much_goes(self):
        frame = frame_of(OUTCOME, [12, 12])
        gappy = blanked(frame, "U001", *[str(FIRST + step) for step in range(3, 9)])
        effect = differences(gappy)
        pd.testing.assert_frame_equal(numbers(effect), numbers(differences(frame[frame["unit"] != "U001"])))
        assert effect.treated_units == ("U000",)
        assert any("U001" in note and "treated" in note for note in effect.notes)
        assert member(effect, "U001")["treated_from"] == "2017-01"
        assert not member(effect, "U001")["used"]
        composition = next(check for check in effect.checks if check.name == "Same units throughout")
        assert composition.passed is False
        assert "U001" in composition.detail

    def test_the_only_treated_unit_misses_too_much(self, frame, plain):
        with pytest.raises(ek.errors.EvaluationError) as caught:
            differences(blanked(frame, "U000", *[str(FIRST + step) for step in range(3, 9)]))
        plain(str(caught.value), "U000", "2016-04", "too few periods")

    def test_the_missing_check_counts_what_the_treated_miss(self, frame):
        effect = differences(blanked(frame, "U000", "2016-04", "2016-09"))
        check = next(check for check in effect.checks if check.name == "Missing periods")
        assert check.passed is False
        assert "8%" in check.detail


class TestTransition:
    """One start in 2017-01 (position 12)."""

    frame = frame_of(OUTCOME, [12])

    def expected(self, before, after, treated=(0,)):
        change = OUTCOME[:, after].mean(axis=1) - OUTCOME[:, before].mean(axis=1)
        own = np.isin(np.arange(len(OUTCOME)), treated)
        return change[own].mean() - change[~own].mean()

    def months(self, first, last):
        return [str(FIRST + step) for step in range(first, last)]

    @pytest.mark.parametrize("inference", ["placebo", "cluster"])
    @pytest.mark.parametrize("transition", [3, ("2017-01", "2017-03")])
    def test_number_and_pair_leave_out_the_months_from_the_start_on(self, transition, inference):
        effect = differences(self.frame, transition=transition, inference=inference)
        assert effect.headline["estimate"] == pytest.approx(self.expected(slice(0, 12), slice(15, 24)))
        assert effect.series.loc[effect.series["in_transition"], "period"].tolist() == self.months(12, 15)
        later = without_months(self.frame, *self.months(12, 15)).replace({"start": {"2017-01": "2017-04"}})
        pd.testing.assert_frame_equal(numbers(effect), numbers(differences(later, inference=inference)))

    def test_a_pair_may_begin_before_the_start(self):
        effect = differences(self.frame, transition=("2016-11", "2017-02"))
        assert effect.headline["estimate"] == pytest.approx(self.expected(slice(0, 10), slice(14, 24)))

    def test_a_date_inside_a_month_leaves_that_month_out(self):
        inside = self.frame.replace({"start": {"2017-01": "2017-01-17"}})
        same(differences(inside), differences(self.frame, transition=1))
        assert differences(inside).interruptions == ("2017-01-17",)
        first = self.frame.replace({"start": {"2017-01": "2017-01-01"}})
        same(differences(first), differences(self.frame))

    @pytest.mark.parametrize("inference", ["placebo", "cluster"])
    def test_anticipation_leaves_out_the_months_before_the_start(self, inference):
        effect = differences(self.frame, anticipation=2, inference=inference)
        assert effect.headline["estimate"] == pytest.approx(self.expected(slice(0, 10), slice(12, 24)))

    def test_the_months_in_transition_do_not_touch_the_answer(self):
        disturbed = self.frame.copy()
        disturbed.loc[disturbed["month"].isin(self.months(12, 15)), "value"] += 1e3
        same(differences(self.frame, transition=3), differences(disturbed, transition=3))

    def test_a_treated_unit_may_miss_its_months_in_transition(self):
        gappy = blanked(self.frame, "U000", *self.months(12, 15))
        same(differences(self.frame, transition=3), differences(gappy, transition=3))

    @pytest.mark.parametrize("inference", ["placebo", "cluster"])
    def test_of_several_starts_each_has_its_own(self, inference):
        """A unit's own months in transition are never read, for the others it is no comparator from then on."""
        frame = frame_of(OUTCOME, STAGGERED)
        effect = differences(frame, transition=2, inference=inference)
        disturbed = frame.copy()
        for unit, start in (("U000", 8), ("U001", 12)):
            chosen = (frame["unit"] == unit) & frame["month"].isin(self.months(start, start + 2))
            disturbed.loc[chosen, "value"] += 1e3
        again = differences(disturbed, transition=2, inference=inference)
        assert effect.headline["estimate"] == pytest.approx(again.headline["estimate"])
        clean = OUTCOME[2:]
        paths = []
        for unit, start in enumerate(STAGGERED):
            until = STAGGERED[1 - unit]
            for position in range(start + 2, 24):
                others = np.vstack([clean, OUTCOME[1 - unit]]) if position < until else clean
                gap = OUTCOME[unit] - others.mean(axis=0)
                paths.append(gap[position] - gap[start - 1])
        assert effect.headline["estimate"] == pytest.approx(np.mean(paths))


def _lean(frame) -> ek.Effect:
    """Without the rows that are only shown beside the mean effect."""
    return differences(frame, headline="month 2")


def _periods(frame, how):
    index = pd.PeriodIndex(frame["month"], freq="M")
    return {
        "text": frame["month"],
        "first days": frame["month"] + "-01",
        "periods": pd.Series(index, index=frame.index),
        "datetimes": pd.Series(index.to_timestamp(), index=frame.index),
        "dates": pd.Series([period.start_time.date() for period in index], index=frame.index),
    }[how]


@pytest.mark.parametrize("starts", [[12], STAGGERED], ids=["one start", "two starts"])
class TestWritten:
    @pytest.mark.parametrize("how", ["first days", "periods", "datetimes", "dates"])
    def test_time(self, starts, how):
        frame = frame_of(OUTCOME, starts)
        same(_lean(frame.assign(month=_periods(frame, how))), _lean(frame))

    @pytest.mark.parametrize("how", ["first day", "British", "period", "timestamp", "date", "datetime64"])
    def test_treated_from(self, starts, how):
        frame = frame_of(OUTCOME, starts)
        write = {
            "first day": lambda text: f"{text}-01",
            "British": lambda text: pd.Timestamp(text).strftime("%d/%m/%Y"),
            "period": lambda text: pd.Period(text, "M"),
            "timestamp": pd.Timestamp,
            "date": lambda text: date(int(text[:4]), int(text[5:]), 1),
            "datetime64": pd.Timestamp,
        }[how]
        written = frame["start"].map(lambda start: write(start) if isinstance(start, str) else None)
        if how == "datetime64":
            written = pd.to_datetime(written)
            assert written.dtype.kind == "M"
        same(_lean(frame.assign(start=written)), _lean(frame))

    @pytest.mark.parametrize("how", ["floats", "objects", "text"])
    def test_years(self, starts, how):
        years = frame_of(OUTCOME[:, :20], starts)
        years["month"] = years["month"].map({str(FIRST + step): 1990 + step for step in range(24)})
        text = years["start"].map({str(FIRST + step): str(1990 + step) for step in range(24)})
        as_number = pd.to_numeric(text)
        started = {"floats": as_number, "objects": as_number.astype("Int64"), "text": text}[how]
        plain = differences(years.assign(start=as_number))
        same(differences(years.assign(start=started)), plain)
        monthly = differences(frame_of(OUTCOME[:, :20], starts))
        assert plain.headline["estimate"] == pytest.approx(monthly.headline["estimate"])
        assert plain.interruptions == tuple(str(1990 + start) for start in starts)


def test_a_start_after_the_window_is_no_start():
    frame = frame_of(OUTCOME, [12, 30])
    effect = differences(frame)
    assert effect.treated_units == ("U000",)
    same(effect, differences(frame_of(OUTCOME, [12])))


def test_months_that_nobody_has():
    frame = frame_of(OUTCOME, [12])
    effect = differences(without_months(frame, "2016-06"))
    assert effect.series["period"].tolist() == [str(FIRST + step) for step in range(24)]
    assert np.isnan(effect.series.set_index("period").loc["2016-06", "observed"])


def test_an_index_that_is_not_unique_does_no_harm():
    frame = frame_of(OUTCOME, STAGGERED)
    same(differences(frame.set_index(np.zeros(len(frame), int))), differences(frame))


def test_the_frame_is_not_changed():
    frame = frame_of(OUTCOME, [12])
    gappy = blanked(frame, "U000", "2017-01")
    before = gappy.copy()
    differences(gappy, transition=2)
    pd.testing.assert_frame_equal(gappy, before)

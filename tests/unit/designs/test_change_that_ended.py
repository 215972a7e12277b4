"""A pilot, or a closure for a time: during it, after it, and from the one to the other."""

import datetime
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit.report.figures import describe, picture
from evalkit.report.wording import over_time, words
from evalkit.verdict import Verdict, what_was_left

MONTHS = pd.period_range("2013-01", periods=84, freq="M")
ON = (np.arange(84) >= 36) & (np.arange(84) < 60)
OFF = np.arange(84) >= 60


def frame_of(during: float, after: float, noise: float = 4.0) -> pd.DataFrame:
    values = 500 + during * ON + after * OFF + np.random.default_rng(3).normal(0, noise, 84)
    return pd.DataFrame({"month": MONTHS.astype(str), "visits": values})


def estimate(frame: pd.DataFrame, **options) -> ek.Effect:
    asked = {"outcome": "visits", "time": "month", "interruption": "2016-01", "end": "2017-12", "seasonality": None}
    return ek.interrupted_time_series(frame, **asked | options)


@cache
def effect_of(during: float, after: float, noise: float = 4.0, **options) -> ek.Effect:
    """Made once, as several tests look at the same."""
    return estimate(frame_of(during, after, noise), **options)


def sizes(effect: ek.Effect) -> pd.Series:
    rows = effect.estimates[effect.estimates["role"].isin(("headline", "term"))]
    return rows.set_index("term")["estimate"]


class TestTheThree:
    def test_without_noise_they_are_exact(self):
        found = sizes(effect_of(-50, -10, noise=0.0, model="step", errors="newey_west"))
        assert found[["during", "after the end", "reversed"]].tolist() == pytest.approx([-50, -10, 40])

    def test_reversed_is_after_less_during_whatever_the_model(self):
        found = sizes(effect_of(-50, -10, model="level_and_slope"))
        assert found["reversed"] == pytest.approx(found["after the end"] - found["during"])

    def test_the_time_of_it_may_answer_the_question(self):
        effect = effect_of(-50, -10, headline="during")
        assert effect.headline["term"] == "during"
        assert effect.headline["low"] < effect.headline["estimate"] < effect.headline["high"]
        assert effect.estimand.startswith("the mean effect while the change lasted")

    def test_the_first_year_does_not_reach_beyond_the_end(self):
        assert "mean months 1 to 7" in sizes(effect_of(-50, -10, end="2016-07", errors="newey_west"))

    def test_nor_into_a_month_that_is_left_out(self):
        assert "mean months 1 to 10" in sizes(effect_of(-50, -10, end="2016-11-15", errors="newey_west"))

    def test_the_last_day_and_the_last_month_are_the_same_end(self):
        month, day = (effect_of(-50, -10, end=end, errors="newey_west") for end in ("2017-12", "2017-12-31"))
        assert sizes(month).equals(sizes(day))
        assert (month.end, day.end) == ("2017-12", "2017-12-31")

    def test_a_month_that_holds_both_belongs_to_neither(self):
        left_out = effect_of(-50, -10, end="2017-12-20", errors="newey_west").series.set_index("period")[
            "in_transition"
        ]
        assert left_out["2017-12"]
        assert left_out.sum() == 1

    def test_against_comparators_all_three_are_by_rank(self):
        random = np.random.default_rng(5)
        panel = {f"c{number:02}": 500 + random.normal(0, 4, 84) for number in range(20)}
        panel["here"] = frame_of(-50, -10)["visits"].to_numpy()
        frame = pd.DataFrame(panel).assign(month=MONTHS.astype(str)).melt("month", var_name="unit", value_name="visits")
        rows = estimate(frame, unit="unit", treated="here").estimates
        by_rank = rows[rows["method"] == "rank among comparators"]["term"]
        assert {"level", "mean months 1 to 12", "during", "after the end", "reversed"} <= set(by_rank)


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "says"),
        [
            ({"end": "2015-06"}, "before the change counts"),
            ({"end": "2016-01-20"}, "before the change counts"),
            ({"end": "2030-01"}, "no period after it"),
            ({"end": "soon"}, "is not a date or month"),
            ({"end": "2019-11"}, "during it or after its end"),
            ({"end": None, "headline": "during"}, "is not an effect of"),
            ({"headline": "reversed"}, "stands beside the answer"),
            ({"headline": "after the end"}, "stands beside the answer"),
        ],
    )
    def test_each_in_a_sentence(self, options, says):
        with pytest.raises(ek.EvaluationError, match=says):
            estimate(frame_of(-50, -10), **options)


class TestWhetherItPersisted:
    @pytest.mark.parametrize(
        ("after", "word"), [(-50, "persisted"), (0, "did_not_persist"), (50, "turned"), (-15, "unclear")]
    )
    def test_is_a_statement_of_equivalence(self, after, word):
        effect = effect_of(-50, after, noise=3.0)
        judged = Verdict("improved", "unit", 20.0, "low", ())
        assert what_was_left(effect, judged) == word
        told = dict(over_time.facts(effect, judged, ""))["After it ended"]
        assert over_time.WHAT_WAS_LEFT[word] in told

    @pytest.mark.parametrize("during", [0, 10])
    def test_what_was_not_there_cannot_persist(self, during):
        effect = effect_of(during, 50, noise=3.0)
        assert what_was_left(effect, Verdict("improved", "unit", 20.0, "low", ())) == "nothing"

    def test_without_a_minimum_nothing_is_said(self):
        effect = effect_of(-50, 0)
        assert what_was_left(effect, Verdict("increased", "unit", None, "low", ())) is None


class TestWholeYears:
    def test_under_a_year_of_it_is_told_and_counts(self):
        short, whole = (
            next(check for check in effect_of(-50, 0, end=end).checks if check.code == "whole_years")
            for end in ("2016-09", "2017-12")
        )
        assert whole.passed
        assert not short.passed
        assert short.lowers_certainty
        assert "9 months of the change" in short.detail


def test_a_page_says_where_an_estimate_holds_the_time_after_an_end():
    effect = ek.interrupted_time_series(
        frame_of(-50, 0), outcome="visits", time="month", interruption="2016-01", seasonality=None
    )
    effect = replace(effect, data={"last": "2019-12"})
    told = dict(over_time.facts(effect, None, "", datetime.date(2017, 12, 31)))
    assert told["After it ended"].startswith("The change ended on 31 December 2017, and this estimate holds")
    assert "After it ended" not in dict(over_time.facts(effect, None, "", datetime.date(2019, 12, 31)))


def test_the_figure_and_its_text_say_when_it_ended():
    effect = effect_of(-50, 0)
    figure = picture.draw(describe.time_series(effect, "visits", "here"))
    assert "ended Dec 2017" in [text.get_text() for text in figure.axes[0].texts]
    assert "change (2016-01 to 2017-12)" in words.alt_text(effect, "visits", "here")


def test_an_effect_with_an_end_survives_its_file():
    effect = effect_of(-50, 0).published("synthetic")
    assert ek.Effect.from_dict(effect.to_dict()).end == "2017-12"

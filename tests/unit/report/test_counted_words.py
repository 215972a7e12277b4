"""What readers see of points that are only described: never a size, a certainty or "no effect"."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import evalkit as ek
from evalkit.report import tables
from evalkit.report.figures import describe, page_figure, picture, sparkline
from evalkit.report.figures.described import NUMBERS, POINTS
from evalkit.report.figures.positions import position_of, positions
from evalkit.report.wording import beside, counted, finding, over_time, plain_answer, words
from evalkit.standing import Standing
from evalkit.verdict import Verdict
from tests.unit.designs.test_describe import WAVES, waves
from tests.unit.designs.test_describe import counted as count

NAME, PLACE = "staff who are confident", "Ashford"
CLAIMS = re.compile(
    r"no effect|no change|significan|improv|worsen|\brose\b|\bfell\b|increas|decreas|below what|above what",
    re.IGNORECASE,
)


def all_that_is_said(effect) -> list[str]:
    drawn, standing = describe.main_figure(effect, NAME, PLACE), Standing("secondary")
    return [
        counted.headline(effect, NAME, PLACE), counted.before_and_after(effect), counted.caption(effect),
        drawn.title, drawn.alt, drawn.answer, beside.says(standing, effect), beside.note(standing, effect),
        beside.headline(effect, standing, NAME, PLACE), finding.what_it_did(effect, None, standing),
        *plain_answer.decision(Verdict("described", "", None, None, ())),
    ]  # fmt: skip


def test_it_says_in_plain_words_why_there_is_no_estimate_and_what_was_counted():
    assert counted.headline(waves(), NAME, PLACE) == (
        "Staff who are confident at Ashford: too few points to estimate a change; here is what was counted before and after."
    )
    assert counted.before_and_after(waves(frame=WAVES)).startswith(
        "Before the change, in share: 52.5 (95% interval 41.7 to 63.1) in March 2022. After it: 61 (51.2 to 70.0) in March 2023 and"
    )


@pytest.mark.parametrize("count_of", [3, 12])
def test_nothing_that_is_said_claims_a_change_or_none(count_of):
    effect = waves() if count_of == 3 else count(list(range(2010, 2022)), [5] * 12, "2016")
    for text in all_that_is_said(effect):
        told = text.replace("no change was estimated", "").replace("no change, or", "")
        assert not CLAIMS.search(told), text


def test_of_many_points_the_range_is_told():
    effect = count(list(range(2010, 2022)), list(range(1, 13)), "2016")
    assert "6 points from 1 to 6, in 2010 to 2015" in counted.before_and_after(effect)


def test_a_side_without_a_figure_says_so():
    effect = waves(frame=WAVES.assign(share=[np.nan, 61.0, 77.5]))
    assert "Before the change, in share: no figure that can be shown in March 2022." in counted.before_and_after(effect)


def test_of_many_points_those_without_a_figure_are_counted():
    values = [float(number) for number in range(1, 13)]
    values[2] = np.nan
    effect = count(list(range(2010, 2022)), values, "2016")
    assert (
        "5 points from 1 to 6, in 2010 to 2015, and 1 without a figure that can be shown."
        in counted.before_and_after(effect)
    )


def test_what_a_finding_fills_in_has_no_size():
    standing = Standing("primary")
    assert finding.came_to(waves(), None, standing) == "described"
    for asked in ("size", "range", "missed"):
        assert finding.filled(asked, waves(), None, standing) == "a size that was not estimated"


def test_it_stands_beside_others_without_a_direction():
    assert beside.says(Standing("check"), waves()) == "Only described"
    assert beside.in_family(Standing("secondary", family=3), waves()) == ""
    assert over_time.facts(waves(), None, "visits") == []
    later = replace(waves(), data={"last": "2024-10"})
    ((label, text),) = over_time.facts(later, None, "visits", date(2024, 1, 31))
    assert (label, text) == (
        "After it ended",
        "The change ended on 31 January 2024; what was counted later stands among the points after its start.",
    )
    assert over_time.facts(later, None, "visits", date(2024, 10, 31)) == []
    assert words.VERDICT_WORDS["described"] == "Only described"


class TestTheFigure:
    def test_each_point_has_a_dot_and_a_whisker_and_nothing_joins_them(self):
        drawn = page_figure.drawing(describe.main_figure(waves(), NAME, PLACE), id="figure-a")
        assert drawn.count("<circle data-i=") == 3
        assert drawn.count('class="ek-whisker"') == 3
        assert "<path" not in drawn
        assert drawn.count('class="ek-start"') == 1

    def test_points_lie_where_they_are_in_time(self):
        drawn = page_figure.drawing(describe.main_figure(waves(), NAME, PLACE))
        x = [float(found) for found in re.findall(r'<circle data-i="\d" cx="([\d.]+)%', drawn)]
        assert (x[2] - x[1]) / (x[1] - x[0]) == pytest.approx(19 / 12, rel=0.01)
        start = float(re.search(r'class="ek-start" x1="([\d.]+)%', drawn)[1])
        assert x[0] < start < x[1]

    def test_what_holds_the_start_is_hollow_and_what_is_missing_can_be_read(self):
        effect = waves("2023-03-15", frame=WAVES.assign(share=[52.5, 61.0, np.nan]))
        drawn = page_figure.drawing(describe.main_figure(effect, NAME, PLACE))
        assert drawn.count('class="ek-out"') == 1
        assert re.search(r'data-i="2" [^>]*r="0"', drawn)

    def test_it_is_described_once_for_drawing_picture_and_table(self):
        described = describe.main_figure(waves(), NAME, PLACE)
        assert described.kind == POINTS
        assert tuple(described.points.columns[1:]) == NUMBERS[POINTS]
        assert len(described.table) == len(described.points)
        assert picture.draw(described).get_suptitle() == described.title
        assert ek.figure(waves()).get_suptitle() == "Share: 1 point before the change and 2 after it"

    def test_the_small_drawing_has_its_points_in_time_too(self):
        drawn = sparkline.drawing(sparkline.observed_series(waves()), "label")
        x = [float(found) for found in re.findall(r"M([\d.]+) [\d.]+h0", drawn)]
        assert (x[2] - x[1]) / (x[1] - x[0]) == pytest.approx(19 / 12, rel=0.02)


@given(
    st.lists(st.integers(0, 500), min_size=2, max_size=6, unique=True).map(sorted),
    st.sampled_from(["D", "M", "Q-DEC", "Y-DEC"]),
)
def test_positions_are_whole_periods_and_a_start_lies_before_its_period(places, frequency):
    first = pd.Period("1980-01-01", frequency)
    periods = [first + place for place in places]
    names = [str(period) for period in periods]
    assert positions(names) == [place - places[0] for place in places]
    begins = periods[-1].start_time.date().isoformat()
    assert position_of(begins, names) == places[-1] - places[0] - 0.5
    ends = periods[-1].end_time.date().isoformat()
    assert position_of(begins, names) <= position_of(ends, names) < places[-1] - places[0] + 0.5


def test_positions_of_weeks_and_of_numbers():
    weeks = ["2022-01-03/2022-01-09", "2022-01-17/2022-01-23"]
    assert positions(weeks) == [0, 2]
    assert position_of("2022-01-17", weeks) == 1.5
    assert positions(["0001", "0004"]) == [0, 3]
    assert position_of("0004", ["0001", "0004"]) == 2.5


class TestTheTable:
    def test_a_share_has_its_parts_and_a_count_is_its_own(self):
        assert list(tables.points(waves()).columns) == [
            "Period",
            "When",
            "Counted",
            "Of",
            "Observed",
            "Its own 95% interval",
        ]
        assert list(tables.points(count([2020, 2021], [1, 2], "2021")).columns) == [
            "Period",
            "When",
            "Observed",
            "Its own 95% interval",
        ]

    def test_a_mean_has_no_column_of_intervals(self):
        assert "Its own 95% interval" not in tables.points(waves(form="mean", numerator=None, denominator=None))


@pytest.mark.parametrize(
    "part", ["event study", "placebo", "weights", "decomposition", "estimates", "robustness", "model"]
)
def test_parts_of_an_estimate_say_that_there_is_none(part, capsys):
    ek.show(waves(), part)
    assert "Nothing was estimated here" in capsys.readouterr().out
    if part in ("event study", "placebo"):
        with pytest.raises(ek.EvaluationError, match="Nothing was estimated here"):
            ek.figure(waves(), part)


def test_the_other_parts_show_the_points(capsys):
    for part in ("data", "answer", "points", "checks"):
        ek.show(waves(), part)
    said = capsys.readouterr().out
    assert "41.7 to 63.1" in said
    assert "no test of a change" in said

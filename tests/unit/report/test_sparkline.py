"""Small drawings of a series: every point that was seen and none that was not."""

import math
import re

import pandas as pd
import pytest

from evalkit.report.figures import frame, sparkline
from tests.support.effects import made_effect


def _series(values, starts=("2017-07-04",)) -> sparkline.ObservedSeries:
    periods = [str(month) for month in pd.period_range("2016-04", periods=len(values), freq="M")]
    return sparkline.ObservedSeries(periods, list(values), list(starts), "visits")


def _points(drawn: str) -> list[tuple[float, float]]:
    path = re.search(r'class="ek-points" d="([^"]*)"', drawn)[1]
    return [(float(x), float(y)) for x, y in re.findall(r"M([\d.]+) ([\d.]+)h0", path)]


def test_what_is_missing_is_not_drawn_and_not_nought():
    effect = made_effect()
    effect.series.loc[3, "observed"] = math.nan
    seen = sparkline.observed_series(effect)
    assert seen.values[3] is None
    assert sparkline.as_text(seen)[3] == "missing"
    drawn = sparkline.drawing(seen, "label")
    assert len(_points(drawn)) == len(seen.values) - 1


def test_a_greater_value_stands_higher_and_all_lie_within_the_drawing():
    values = [100.0, 250.0, 180.0, 400.0]
    points = _points(sparkline.drawing(_series(values), "label"))
    heights = [y for _, y in points]
    assert sorted(range(4), key=lambda at: -heights[at]) == sorted(range(4), key=lambda at: values[at])
    assert all(frame.TOP <= y <= sparkline.HEIGHT - frame.BOTTOM for y in heights)
    assert [x for x, _ in points] == sorted(x for x, _ in points)


def test_a_flat_series_is_drawn():
    assert len(_points(sparkline.drawing(_series([5.0] * 6), "label"))) == 6


@pytest.mark.parametrize(("start", "between"), [("2017-04-01", (11, 12)), ("2016-04-10", (-1, 0))])
def test_the_change_is_marked_before_the_period_that_holds_it(start, between):
    drawn = sparkline.drawing(_series([1.0, 2.0] * 10, [start]), "label")
    points = dict(enumerate(x for x, _ in _points(drawn)))
    step = points[1] - points[0]
    at = frame.FINE / 100 * float(re.search(r'class="ek-start" x1="([\d.]+)%', drawn)[1])
    assert points[0] + step * between[0] < at < points[0] + step * between[1] + 1e-9


def test_words_for_those_who_can_not_see_it():
    text = sparkline.alt(_series([1.0, 2.0, None]), "visits", "Weston")
    assert (
        text
        == "Small chart of visits at Weston, April 2016 to June 2016: 2 points between 1.00 and 2.00 visits. Marked: the change in July 2017."
    )
    assert 'aria-label="a &quot;b&quot;"' in sparkline.drawing(_series([1.0, 2.0]), 'a "b"')


def test_a_scale_reads_easily_and_holds_both_ends():
    for low, high in ((61.2, 98.7), (3, 3.4), (0, 41234), (-12, 7)):
        left, right, step = frame.readable(low, high)
        assert left <= low < high <= right
        assert 2 <= round((right - left) / step) <= 5


def test_what_was_expected_is_drawn_where_it_is_known():
    effect = made_effect()
    drawn = sparkline.drawing(sparkline.observed_series(effect), "label")
    path = re.search(r'class="ek-expected" d="M([^"]*)"', drawn)[1]
    assert path.count("L") == effect.series["counterfactual"].notna().sum() - 1

"""What a result says in the words of a finding, and drawings that stand in the page."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.report.figures import describe, page_figure
from evalkit.report.figures.described import TIME_SERIES
from evalkit.report.figures.interval_bar import Size, bars
from evalkit.report.wording import finding
from evalkit.standing import Standing
from evalkit.verdict import Verdict
from tests.support.effects import estimate_row, made_effect

PRIMARY = Standing("primary")
ENDS = st.floats(-300, 300, allow_nan=False)


@pytest.mark.parametrize(
    ("word", "certainty", "came", "did"),
    [
        ("decreased", "high", "fall", "fell by about 16%"),
        ("slightly_decreased", "moderate", "fall", "probably fell by about 16%"),
        ("decreased", "low", "fall", "may have fallen by about 16%"),
        ("no_important_change", "very low", "no_important_change", "may not have changed much"),
        ("inconclusive", None, "unclear", "may have risen or fallen"),
        ("unclear", None, "unclear", "may have risen or fallen"),
        ("not_evaluable", None, "unclear", "may have risen or fallen"),
    ],
)
def test_an_answer_is_told_by_its_verdict_and_hedged_by_its_certainty(word, certainty, came, did):
    judged = Verdict(word, "percent", 5.0, certainty, ())
    assert finding.came_to(made_effect(), judged, PRIMARY) == came
    assert finding.what_it_did(made_effect(), judged, PRIMARY) == did


def test_one_that_also_looked_is_told_by_the_interval_that_allows_for_all():
    """Its own interval is clear of no change, and that of the family is not."""
    standing = Standing("secondary", low=-30.0, high=4.0, family=9, direction="unclear")
    assert finding.came_to(made_effect(), None, standing) == "unclear"
    assert finding.filled("range", made_effect(), None, standing) == "from a fall of 30.0% to a rise of 4.0%"
    clear = Standing("secondary", low=-30.0, high=-4.0, family=9, direction="fall")
    assert finding.what_it_did(made_effect(), None, clear) == "may have fallen by about 16%"


def test_a_check_is_told_by_its_own_interval():
    assert finding.came_to(made_effect(), None, Standing("check")) == "fall"
    wide = made_effect([estimate_row(low=-40.0, high=8.0)])
    assert finding.came_to(wide, None, Standing("check", held=True)) == "unclear"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("size", "about 16%"),
        ("range", "from 13.0 to 19.0%"),
        ("places", "1"),
        ("missed", "4.4%"),
    ],
)
def test_what_fills_a_sentence(asked, told):
    judged = Verdict("decreased", "percent", 5.0, "low", ())
    assert finding.filled(asked, made_effect(), judged, PRIMARY) == told


def test_small_changes_keep_their_decimal():
    small = made_effect([estimate_row(estimate=-0.4, low=-0.7, high=-0.1)])
    assert finding.filled("size", small, None, PRIMARY) == "about 0.4%"


class TestAFigureInThePage:
    def test_every_figure_counted_is_a_point_and_what_is_missing_is_none(self):
        effect = made_effect()
        effect.series.loc[3, "observed"] = math.nan
        drawn = page_figure.drawing(describe.time_series(effect, "visits & waits", "Weston"))
        assert drawn.count('r="3"/>') == len(effect.series) - 1
        assert drawn.count('class="ek-out"') == 1
        assert "visits &amp; waits at Weston" in drawn

    def test_all_of_it_lies_within_the_figure(self):
        drawn = page_figure.drawing(describe.time_series(made_effect(), "visits", "Weston"))
        across = [float(x) for x in re.findall(r'\b(?:cx|x1|x2|x)="([\d.-]+)%', drawn)]
        down = [float(y) for y in re.findall(r'\bcy="([\d.-]+)"', drawn)]
        assert 0 <= min(across) <= max(across) <= 100
        assert 0 <= min(down) <= max(down) <= page_figure.HEIGHTS[TIME_SERIES]

    def test_figures_of_a_story_share_their_scale(self):
        effect = made_effect()
        low, high = (
            describe.time_series(one, "visits", "Weston")
            for one in (effect, made_effect(series=effect.series.assign(observed=9000.0)))
        )
        scale = page_figure.scale_of([low, high])
        ticks = [re.findall(r">([\d,.k]+)</text>", page_figure.drawing(figure, scale))[:4] for figure in (low, high)]
        assert ticks[0] == ticks[1]
        assert scale[1] == 9000.0

    @pytest.mark.parametrize(
        ("starts", "told"), [(("2017-07-04",), ">Jul 2017<"), (("2017-07-04", "2018-01-01"), ">from Jul 2017<")]
    )
    def test_the_start_is_named(self, starts, told):
        drawn = page_figure.drawing(describe.time_series(made_effect(interruptions=starts), "visits", "Weston"))
        assert told in drawn
        assert drawn.count('class="ek-start"') == len(starts)


class TestBars:
    @given(st.lists(st.tuples(ENDS, ENDS, ENDS).map(sorted), min_size=1, max_size=8), st.none() | st.floats(0.1, 50))
    def test_every_bar_lies_within_its_drawing_and_keeps_the_order_of_numbers(self, ends, matters):
        sizes = [Size(middle, low, high) for low, middle, high in ends]
        estimates = []
        for drawn in bars(sizes, [matters] * len(sizes)):
            (x1, x2) = (float(re.search(rf'ek-interval-line"[^>]* {x}="([\d.]+)%', drawn)[1]) for x in ("x1", "x2"))
            at = float(re.search(r'cx="([\d.]+)%', drawn)[1])
            assert 0 <= x1 <= at <= x2 <= 100
            estimates.append(at)
        by_number = sorted(range(len(sizes)), key=lambda index: sizes[index].estimate)
        assert [estimates[index] for index in by_number] == sorted(estimates)

    @pytest.mark.parametrize("ends", [(-math.inf, math.inf), (math.nan, math.nan)])
    def test_an_interval_that_reaches_further_or_has_no_ends_is_cut_with_an_arrow(self, ends):
        (headline, unbounded) = bars([Size(-10, -15, -5), Size(2, *ends)], [None, None])
        assert "nan" not in unbounded
        assert "‹" not in headline
        assert "‹" in unbounded
        assert "›" in unbounded

    def test_what_has_no_estimate_has_no_bar(self):
        (_, nothing) = bars([Size(-10, -15, -5), Size(math.nan, math.nan, math.nan)], [None, None])
        assert "<circle" not in nothing

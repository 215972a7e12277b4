"""The rules of control charts, for blocks of series, are those of a direct reading, point by point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.charts.lines import lines
from evalkit.charts.rules import READINGS, RULES, natures, signals
from tests.support import chart_rules

LENGTH = 60


def blocks(made):
    """Series of any length as one block, missing after their end."""
    values, phases = np.full((len(made), LENGTH), np.nan), np.zeros((len(made), LENGTH), int)
    for row, (listed, of) in enumerate(made):
        values[row, : len(listed)] = [np.nan if value is None else value for value in listed]
        phases[row, : len(of)], phases[row, len(of) :] = of, of[-1]
    return values, phases


def differences(made, screen, reading) -> list[str]:
    values, phases = blocks(made)
    drawn = lines("xmr", values, phases, screen=screen)
    found = signals(values, drawn, phases, reading)
    wrong = []
    for row, (listed, of) in enumerate(made):
        for at, read in enumerate(chart_rules.xmr(listed, of, screen=screen, reading=reading)):
            ours = frozenset(rule for rule in RULES if getattr(found, rule)[row, at])
            if read is None:
                same = not ours and found.way[row, at] == 0
            else:
                here = [getattr(drawn, name)[row, at] for name in ("centre", "lower", "upper")]
                there = [read.centre, read.lower, read.upper]
                same = (
                    ours == read.rules
                    and found.way[row, at] == read.way
                    and np.allclose(here, there, rtol=1e-12, atol=1e-12, equal_nan=True)
                )
            if not same:
                wrong.append(f"series {row}, point {at}: {sorted(ours)} {found.way[row, at]}, read {read}: {listed}")
    return wrong


@pytest.mark.parametrize("screen", [False, True])
@pytest.mark.parametrize("reading", READINGS)
class TestNoDifferenceFromADirectReading:
    def test_in_hundreds_of_series(self, reading, screen):
        made = chart_rules.series(np.random.default_rng(1), 300)
        assert differences(made, screen, reading) == []

    @pytest.mark.slow
    def test_in_ten_thousand_series(self, reading, screen):
        made = chart_rules.series(np.random.default_rng(2), 10_000)
        assert differences(made, screen, reading) == []

    @given(
        st.lists(st.one_of(st.none(), st.integers(-4, 4).map(float)), min_size=2, max_size=LENGTH).filter(
            lambda values: any(value is not None for value in values)
        ),
        st.integers(0, LENGTH),
    )
    def test_in_any_series_of_few_different_values(self, reading, screen, values, cut):
        assert differences([(values, [int(at >= cut) for at in range(len(values))])], screen, reading) == []


def test_the_series_tried_raise_every_rule_both_ways_and_in_conflict():
    values, phases = blocks(chart_rules.series(np.random.default_rng(1), 300))
    for reading in READINGS:
        found = signals(values, lines("xmr", values, phases), phases, reading)
        for place in range(len(RULES)):
            assert {-1, 1} <= set(found.way[found.first_rule == place])
        assert found.both_ways.any()


def of(values, centre=0.0, spread=1.0, reading="mdc_2023", skip_centre=False):
    """The signals of one series against given lines."""
    block = np.array([values], float)
    drawn = lines("xmr", block, np.zeros(block.shape, int))
    flat = np.full_like(block, 1.0)
    placed = type(drawn)(
        centre * flat, (centre - 2.66 * spread) * flat, (centre + 2.66 * spread) * flat,
        (centre - 2.66 * spread * 2 / 3) * flat, (centre + 2.66 * spread * 2 / 3) * flat,
        spread * flat, drawn.screened, drawn.widened,
    )  # fmt: skip
    return signals(block, placed, np.zeros(block.shape, int), reading, skip_centre)


def marked(found, rule):
    return np.flatnonzero(getattr(found, rule)[0]).tolist()


class TestEachRule:
    """The cases of NHSRplotthedots' own tests (tests/testthat/test-ptd_calculate_point_type.R, 0.2.2), and its edges."""

    def test_seven_on_one_side_and_not_six(self):
        assert marked(of([1] * 6), "shift") == []
        assert marked(of([1] * 6 + [-1]), "shift") == []
        assert marked(of([1] * 8 + [-1]), "shift") == list(range(8))
        assert marked(of([-1] * 8 + [1]), "shift") == list(range(8))

    def test_a_point_on_the_centre_line_ends_a_run_but_on_a_run_chart(self):
        values = [1, 1, 1, 0, 1, 1, 1, 1]
        assert marked(of(values), "shift") == []
        assert marked(of(values, skip_centre=True), "shift") == [0, 1, 2, 4, 5, 6, 7]
        assert marked(of([1, 1, 1, np.nan, 1, 1, 1, 1], skip_centre=True), "shift") == []

    def test_seven_that_rise_or_fall_and_a_tie_breaks_them(self):
        assert marked(of([1, 2, 3, 4, 5, 6], 3.5, 9), "trend") == []
        assert marked(of([1, 2, 3, 3, 4, 5, 6], 3.5, 9), "trend") == []
        assert marked(of([1, 2, 3, 4, 5, 6, 7], 3.5, 9), "trend") == list(range(7))
        assert marked(of([2, 1, 2, 3, 4, 5, 6, 7, 3], 3.5, 9), "trend") == list(range(1, 8))
        falling = of([2, 7, 6, 5, 4, 3, 2, 1, 3], 3.5, 9)
        assert marked(falling, "trend") == list(range(1, 8))
        assert set(falling.way[0, 1:8]) == {-1}

    def test_a_turning_point_of_two_trends_goes_the_way_that_it_turns(self):
        found = of([*range(7), *range(5, -1, -1)], 3, 9)
        assert found.way[0].tolist() == [1] * 6 + [-1] * 7

    @pytest.mark.parametrize("after", [[6, 7, 8, 9, 10, 11, 12], [5, 6, 7, 8, 9, 10, 11]])
    def test_the_last_of_a_rise_is_no_fall_although_the_package_calls_it_one(self, after):
        """After a tie, or one step down, another rise follows."""
        values = [*range(7), *after]
        assert of(values, 50, 99).way[0, 6] == 1
        assert of(values, 50, 99, reading="nhsr_0_2_2").way[0, 6] == -1

    def test_two_of_three_marks_those_beyond_two_thirds_and_not_the_third(self):
        for values in ([2, 1, 2], [1, 2, 2], [2, 2, 1]):
            assert marked(of(values), "two_of_three") == [at for at, value in enumerate(values) if value == 2]
        assert marked(of([1, 1, 2, 1, 2, 1, 1]), "two_of_three") == [2, 4]
        assert marked(of([2, 1, 1, 2]), "two_of_three") == []
        assert marked(of([2, 1, 1, 2, 2]), "two_of_three") == [3, 4]

    def test_two_of_three_needs_all_three_on_one_side(self):
        assert marked(of([2, -1, 2]), "two_of_three") == []
        assert marked(of([1, -1, 2, -1, 2, -1, 1]), "two_of_three") == []
        assert marked(of([0, 2, 2]), "two_of_three") == []

    def test_since_2023_a_point_beyond_the_limit_counts_in_two_of_three(self):
        assert marked(of([3, 1, 2]), "two_of_three") == [0, 2]
        assert marked(of([3, 1, 2], reading="nhsr_0_2_2"), "two_of_three") == []
        # Two of 2022's cases (NHSRplotthedots, thread 153): over, over, near; and over, near, near.
        assert marked(of([3, 3, 2], reading="nhsr_0_2_2"), "two_of_three") == []
        assert marked(of([3, 2, 2], reading="nhsr_0_2_2"), "two_of_three") == [1, 2]
        assert of([3, 3, 2]).way[0].tolist() == [1, 1, 1]
        assert of([3, 3, 2], reading="nhsr_0_2_2").way[0].tolist() == [1, 1, 0]

    def test_a_point_on_a_limit_or_on_two_thirds_is_not_beyond_it(self):
        block = np.array([[2.0, 2.0, 1.0]])
        drawn = lines("xmr", block, np.zeros(block.shape, int))
        on = np.full_like(block, 2.0)
        placed = type(drawn)(0 * on, -on, on, -on, on, on, drawn.screened, drawn.widened)
        found = signals(block, placed, np.zeros(block.shape, int))
        assert not found.outside_limits.any()
        assert not found.two_of_three.any()

    def test_a_falling_trend_above_the_mean_is_low_and_says_that_it_is_both(self):
        found = of([17, 16, 15, 14, 13, 12, 11], 0, 99)
        assert found.way[0].tolist() == [-1] * 7
        assert found.both_ways[0].all()

    def test_no_run_goes_across_a_gap_or_a_rebasing(self):
        assert marked(of([1, 1, 1, 1, np.nan, 1, 1, 1, 1]), "shift") == []
        assert marked(of([1, 2, 3, np.nan, 4, 5, 6, 7], 9, 99), "trend") == []
        assert marked(of([2, np.nan, 2, 1]), "two_of_three") == []
        block = np.arange(12.0)[None]
        phases = (np.arange(12) >= 6).astype(int)[None]
        assert not signals(block, lines("xmr", block, phases), phases).trend.any()


def test_natures_follow_what_is_better():
    way = np.array([1, -1, 0])
    assert natures(way, np.array(1)).tolist() == ["improvement_high", "concern_low", "common_cause"]
    assert natures(way, np.array(-1)).tolist() == ["concern_high", "improvement_low", "common_cause"]
    assert natures(way, np.array(0)).tolist() == ["neutral_high", "neutral_low", "common_cause"]


@given(st.integers(2, 40), st.floats(-1e6, 1e6))
def test_equal_numbers_have_their_own_mean_and_nothing_special(points, level):
    block = np.full((1, points), level)
    drawn = lines("xmr", block, np.zeros(block.shape, int), screen=True)
    assert (drawn.centre == level).all()
    assert not signals(block, drawn, np.zeros(block.shape, int)).way.any()

"""Months unlike their neighbours: small ones, jumps in how many were recorded, jumps in a class's share."""

import pytest

from evalkit.flow import words
from evalkit.flow.jumps import extremes, jumps, latest_run, small_months
from evalkit.flow.waiting import TrustMonth, by_month

CLASSES = ("in_hospital", "out_of_hospital")
READINGS = {"review": ("in_hospital", "in_hospital"), "bed": ("out_of_hospital", "out_of_hospital")}


def _months(*pairs):
    rows = [
        TrustMonth("AAA", f"2025-{at:02}", {"review": review, "bed": bed}, None)
        for at, (review, bed) in enumerate(pairs, start=1)
    ]
    return by_month(rows, READINGS, CLASSES)


def test_twice_as_many_or_half_as_few_is_a_jump_and_less_is_none():
    assert [jump.second for jump in jumps(_months((50, 50), (100, 100), (51, 51), (26, 25)))] == ["2025-02", "2025-04"]


@pytest.mark.parametrize(("review", "found"), [(69, []), (70, ["in_hospital"]), (30, ["in_hospital"])])
def test_a_share_that_moves_by_twenty_in_a_hundred_is_one(review, found):
    assert [jump.name for jump in jumps(_months((50, 50), (review, 100 - review)))] == found


def test_a_small_month_is_marked_and_its_share_alone_is_no_jump():
    months = _months((13, 1), (60, 40), (60, 40))
    assert small_months(months) == {"2025-01"}
    (jump,) = jumps(months)
    assert jump.recorded == (14, 100)
    assert small_months(_months((34, 0), (50, 50), (50, 50))) == set()


def test_the_latest_run_begins_at_the_last_jump():
    assert latest_run(_months((50, 50), (100, 100), (49, 49), (50, 50))) == ["2025-03", "2025-04"]
    assert latest_run(_months((50, 50), (55, 50))) == ["2025-01", "2025-02"]


def test_a_slow_change_is_told_by_its_ends():
    assert extremes(_months((80, 0), (120, 0), (160, 0))) == ("2025-01", "2025-03")
    assert extremes(_months((81, 0), (120, 0), (160, 0))) is None


def test_a_jump_in_words():
    (jump,) = jumps(_months((60, 40), (10, 30)))
    assert words.jumped(jump, str) == (
        "From 2025-01 to 2025-02 the patients with a recorded reason went from 100 to 40 and “In hospital” went from 60 in 100 of"
        " them to 25 in 100."
    )
    (steady,) = jumps(_months((60, 40), (30, 20)))
    assert words.jumped(steady, str).endswith("went from 100 to 50.")

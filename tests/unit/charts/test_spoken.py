"""When each rule spoke: since when, of which way, and what that means for the last point."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evalkit as ek
from evalkit.charts.rules import RULES
from tests.unit.charts.test_control_chart import CALM, chart_of


def told(chart: ek.Chart) -> list[tuple]:
    return [(one.rule, one.side, one.since, one.until, one.points, one.at_last, one.decides) for one in chart.spoken]


def test_nothing_is_said_of_common_cause():
    assert chart_of(CALM).spoken == ()


def test_a_run_up_after_a_low_run_tells_both_with_their_months():
    """The icon says improving for seven rising points; that another rule spoke of low ones stands beside it."""
    values = [*([20, 21] * 5), *[5, 6, 5, 6, 5, 6, 5], 6, 7, 8, 9, 10, 11, 12]
    chart = chart_of(values)
    assert (chart.variation, chart.last["special_cause"]) == ("improvement_high", "trend")
    deciding = [one for one in chart.spoken if one.decides]
    assert [(one.rule, one.side, one.nature) for one in deciding] == [("trend", "high", "improvement_high")]
    assert (deciding[0].since, deciding[0].until, deciding[0].points) == ("2024-05", "2024-12", 8)
    (low,) = [one for one in chart.spoken if (one.rule, one.side) == ("shift", "low")]
    assert (low.since, low.nature, low.at_last) == ("2023-11", "concern_low", True)


def test_points_near_a_limit_are_told_as_one_although_one_between_is_not():
    values = [*CALM, 14.6, 11, 14.6]
    chart = chart_of(values)
    assert told(chart) == [("two_of_three", "high", "2024-05", "2024-07", 2, True, True)]


def test_a_gap_and_a_rebasing_end_what_a_rule_said():
    high = [*CALM[:15], *[13] * 8]
    assert [one.points for one in chart_of(high).spoken if one.rule == "shift"] == [8]
    gap = chart_of([*CALM[:15], *[13] * 8, np.nan, *[13] * 7])
    assert [(one.since, one.until) for one in gap.spoken if one.rule == "shift" and one.side == "high"] == [
        ("2024-04", "2024-11"), ("2025-01", "2025-07")
    ]  # fmt: skip
    cut = chart_of(high, rebase={"2024-08-01": "A second ward"})
    assert not [one for one in cut.spoken if one.rule == "shift"]


def test_a_turning_point_belongs_to_both_trends():
    chart = chart_of([*range(8), *range(6, -1, -1)])
    trends = [(one.side, one.since, one.until, one.points) for one in chart.spoken if one.rule == "trend"]
    assert trends == [("high", "2023-01", "2023-08", 8), ("low", "2023-08", "2024-03", 8)]


def test_points_on_the_median_of_a_run_chart_are_passed_over():
    chart = chart_of([9, 9, 11] * 5 + [10, 12, 12, 10, 12, 12, 10, 12, 12, 12], kind="run")
    (high,) = [one for one in chart.spoken if one.at_last]
    assert (high.rule, high.side, high.points, high.until) == ("shift", "high", 8, "2025-01")


@settings(max_examples=60)
@given(
    st.lists(st.one_of(st.none(), st.integers(-4, 4)), min_size=14, max_size=50).filter(
        lambda values: any(value is not None for value in values)
    ),
    st.integers(1, 49),
    st.sampled_from(["increase", "decrease", "neutral"]),
    st.sampled_from(["xmr", "run"]),
)
def test_what_is_told_is_what_the_points_say(values, cut, direction, kind):
    values = [np.nan if value is None else value for value in values]
    rebase = {}
    if cut < len(values) and np.isfinite(values[:cut]).any() and np.isfinite(values[cut:]).any():
        rebase = {f"{2023 + cut // 12}-{cut % 12 + 1:02}-01": "A reason"}
    chart = chart_of(values, direction=direction, kind=kind, rebase=rebase)
    points = chart.points.assign(month=chart.points["period"].astype(str)).set_index("month")
    for rule in RULES:
        mine = [one for one in chart.spoken if one.rule == rule]
        within = np.zeros(len(points), bool)
        for one in mine:
            within |= (points.index >= one.since) & (points.index <= one.until)
            assert points.loc[one.since, rule]
            assert points.loc[one.until, rule]
            assert points.loc[one.since : one.until, "phase"].nunique() == 1
        assert within[points[rule].to_numpy()].all()
    last = chart.last
    deciding = [one.rule for one in chart.spoken if one.decides]
    assert deciding == ([last["special_cause"]] if last["special_cause"] else [])
    at_last = {one.rule for one in chart.spoken if one.at_last}
    assert at_last == {rule for rule in RULES if last[rule]}
    if deciding and chart.variation != "not_enough_points":
        assert next(one.nature for one in chart.spoken if one.decides) == chart.variation
    assert ek.Chart.from_dict(chart.to_dict()).spoken == chart.spoken


@pytest.mark.parametrize("rule", ["mdc_2023", "nhsr_0_2_2"])
def test_both_readings_tell_their_own(rule):
    chart = chart_of([*CALM, 30, 16], rule=rule)
    rules = {one.rule for one in chart.spoken if one.at_last}
    assert rules == {name for name in RULES if chart.last[name]}

"""What a chart's target comes to, in words: where it lies against the limits, and in which months it was met."""

from datetime import date
from typing import Any

import pandas as pd

from evalkit.charts.amounts import bare, in_words, is_old, number, with_figures
from evalkit.charts.chart import Chart
from evalkit.charts.series import one_period

LATELY = 12  # points
UNJUDGED = ("no_target", "no_better_direction", "no_limits")
MOST_DECIMALS = 6


def assurance(chart: Chart, as_of: date | None = None, one_period_only: bool = False) -> str:
    """Where the target lies against the limits, and how many points met it; empty where none is judged.

    Without ``as_of`` it is told in the past. ``one_period_only`` says that it was set for one period: others would have
    met or missed it.

    Limits are of all points of the last phase, so that they can say "missed" of a target that is met lately: points are
    counted, and where the last twelve gainsay the limits a sentence says so.
    """
    if chart.target is None or chart.assurance in UNJUDGED:
        return ""
    point = chart.last
    what = "target" if pd.notna(point["target"]) else "planned value"
    unit = "%" if chart.measure_unit.startswith("%") else f" {chart.measure_unit}".rstrip()
    aim = f"The {what} of {chart.target:,.10g}{unit}"
    if chart.assurance == "not_enough_points":
        return f"{aim} is not judged yet, as there are not enough points for limits."
    lies = "lay" if as_of is None or is_old(point["period"], as_of) else "lies"
    lower, upper = (bare(chart, point[name]) for name in ("lower", "upper"))
    if chart.assurance == "hit_and_miss":
        where = f"within the limits of {lower} to {upper}"
    elif chart.target > point["upper"]:
        where = f"above the upper limit of {upper}"
    else:
        where = f"below the lower limit of {lower}"
    was = "would have been" if one_period_only else "was"
    return f"{aim} {lies} {where}; it {was} {counted(chart)}.{_no_longer(chart, was)}"


def counted(chart: Chart) -> str:
    """In how many points the target was met, and the last of them: ends "it was ..."; empty where none is judged."""
    if chart.target is None or chart.assurance in UNJUDGED:
        return ""
    met = met_at(chart)
    each = one_period(pd.Index(chart.points["period"]))
    many, of = int(met.sum()), len(met)
    if many in (0, of):
        return (
            f"{'met' if many else 'missed'} in {'each' if of > 1 else 'the one'} of {of} {each}{'s' if of > 1 else ''}"
        )
    last = in_words(chart.points.loc[met[met].index[-1], "period"])
    return f"met in {many:,} of {of:,} {each}s, the last {last}"


def met_at(chart: Chart) -> pd.Series:
    """Of each reported point that had a target, whether its reported value met it."""
    points = chart.points
    aim = points["target"] if pd.notna(chart.last["target"]) else points["trajectory"]
    there = points["value"].notna() & aim.notna()
    value, aim = points["value"][there], aim[there]
    return value >= aim if chart.direction == "increase" else value <= aim


def gainsaid(chart: Chart) -> bool:
    """Whether one of the last twelve reported points did otherwise than the icon says: met what limits miss, or the reverse."""
    if chart.target is None or chart.assurance not in ("pass", "fail"):
        return False
    lately = met_at(chart)[-LATELY:]
    return bool((lately != (chart.assurance == "pass")).any())


def in_period(chart: Chart, period: Any) -> str:
    """Whether the target was met in the period that it was set for, with the value; a sentence by itself."""
    if chart.target is None or chart.assurance in ("no_target", "no_better_direction"):
        return ""
    set_for = in_words(period)
    points = chart.points
    if period > chart.last["period"]:
        return f"It was set for {set_for}, and the figures here end before."
    row = points[(points["period"] == period) & points["value"].notna()]
    if row.empty:
        return f"It was set for {set_for}, of which there is no figure here."
    met = bool(met_at(chart)[row.index[0]])
    return f"In {set_for}, for which it was set, it was {'met' if met else 'missed'}: {_beside(chart, float(row['value'].iloc[0]))}."


def _no_longer(chart: Chart, was: str) -> str:
    """That the limits say otherwise than the last points do."""
    if not gainsaid(chart):
        return ""
    met, missed = met_at(chart)[-LATELY:], chart.assurance == "pass"
    against, each = int((met != missed).sum()), one_period(pd.Index(chart.points["period"]))
    phase = chart.points.loc[chart.points["phase"] == chart.last["phase"], "period"].iloc[0]
    there = chart.points.loc[met.index, "period"]
    return (
        f" It {was} {'missed' if missed else 'met'} in {against} of the last {len(met)} {each}s{with_figures(there)}, which limits of all since"
        f" {in_words(phase)} do not describe."
    )


def _beside(chart: Chart, value: float) -> str:
    """A value with figures enough to lie on its side of the target."""
    told, target = number(chart, value), float(chart.target or 0)
    decimals = len(told.partition(".")[2])
    while decimals < MOST_DECIMALS and value != target:
        decimals += 1
        rounded = round(value, decimals)
        if (rounded < target) == (value < target) and rounded != target:
            break
    unit = "%" if chart.measure_unit.startswith("%") else f" {chart.measure_unit}".rstrip()
    return f"{value:,.{decimals}f}".replace("-", "−") + unit

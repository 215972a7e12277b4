"""What a chart's rules leave out of their last point, in words: how it compares with a year before, and runs that ended."""

import numpy as np
import pandas as pd

from evalkit.charts.amounts import in_words, number
from evalkit.charts.chart import A_YEAR, Chart, Spoken

A_COUNT = "That is a count: no test, and no rule of the chart."
IN_A_ROW = 6  # months on the same side of the year before, from which on it is told
RECENT = 12  # points, within which a run has to have ended


def year_on_year(chart: Chart) -> str:
    """For how many periods in a row figures were higher, or lower, than a year before; empty below ``IN_A_ROW``.

    A count and no rule of the chart: where it rises or falls slowly the rules can be silent all the while.
    """
    periods = chart.points["period"]
    if not isinstance(periods.iloc[0], pd.Period) or periods.iloc[0].freqstr not in A_YEAR:
        return ""
    step = A_YEAR[periods.iloc[0].freqstr]
    values = chart.points["value"]
    sides = np.sign((values - values.shift(step)).loc[: chart.last.name].to_numpy(float))
    last = sides[-1] if len(sides) else 0
    if not np.isfinite(last) or last == 0:
        return ""
    others = np.flatnonzero(sides != last)
    row = len(sides) - 1 - int(others[-1]) if len(others) else len(sides)
    if row < IN_A_ROW:
        return ""
    one = {12: "month", 4: "quarter", 1: "year"}[step]
    before = "the year before" if step == 1 else f"the same {one} a year before"
    return f"{'Higher' if last > 0 else 'Lower'} than {before} in each of the last {row} {one}s."


def ended_run(chart: Chart) -> str:
    """The last run or trend that spoke and has ended within the last year, before whatever speaks at the last point."""
    reported = chart.points.loc[chart.points["value"].notna(), "period"]
    recent = {str(period) for period in reported.iloc[-_recent(chart) :]}
    speaking = [one.since for one in chart.spoken if one.at_last]
    first = min(speaking, default=None, key=list(chart.points["period"].astype(str)).index)
    order = {str(period): at for at, period in enumerate(chart.points["period"])}
    ended = [
        one
        for one in chart.spoken
        if one.rule in ("shift", "trend")
        and not one.at_last
        and one.until in recent
        and (first is None or order[one.until] < order[first])
    ]
    if not ended:
        return ""
    one = max(ended, key=lambda each: (order[each.until], each.points))
    period = chart.points["period"].iloc[order[one.until]]
    return f"A run of {one.points} {_of(chart, one)} ended in {in_words(period)}."


def against_year_before(chart: Chart) -> str:
    """``better``, ``worse`` or ``same``, or ``higher`` or ``lower`` where neither is better.

    The same are figures that are written alike. Two periods are compared, and nothing is tested; empty where there is no
    figure of a year before.
    """
    before, point = chart.year_before, chart.last
    if before is None:
        return ""
    value, then = float(point["value"]), float(before["value"])
    if number(chart, value) == number(chart, then):
        return "same"
    if chart.direction == "neutral":
        return "higher" if value > then else "lower"
    return "better" if (value > then) == (chart.direction == "increase") else "worse"


def _frequency(chart: Chart) -> str:
    period = chart.points["period"].iloc[0]
    return period.freqstr[0] if isinstance(period, pd.Period) else ""


def _periods(chart: Chart) -> str:
    return {"D": "days", "W": "weeks", "M": "months", "Q": "quarters", "Y": "years"}.get(_frequency(chart), "points")


def _recent(chart: Chart) -> int:
    """The points of the last year of days or weeks; of longer periods always as many."""
    return {"D": 365, "W": 52}.get(_frequency(chart), RECENT)


def _of(chart: Chart, one: Spoken) -> str:
    nature = {"improvement": " (improving)", "concern": " (concerning)"}.get(one.nature.split("_")[0], "")
    if one.rule == "trend":
        return f"{'rising' if one.side == 'high' else 'falling'} {_periods(chart)}{nature}"
    line = "median" if chart.kind in ("run", "g") else "mean"
    return f"{_periods(chart)} {'above' if one.side == 'high' else 'below'} the {line}{nature}"

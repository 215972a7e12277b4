"""Values and periods of a chart as people write them."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from evalkit.charts.chart import Chart
from evalkit.intake.periods import NUMBERED

MOST_DECIMALS = 9
WRITTEN_OUT = 1e15  # from here on a number has more figures than anybody reads
OLD_AFTER = 6  # months: a last point older than this is told in the past


def in_words(period: Any) -> str:
    """A period as people write it: March 2026; the week from 2 March 2026; 2 March 2026."""
    if not isinstance(period, pd.Period):
        return f"number {period}"
    frequency = period.freqstr
    if frequency == NUMBERED:
        return f"period {period.year}"
    begins = period.start_time
    if frequency == "M":
        return f"{begins:%B} {begins.year}"
    if frequency == "Q-DEC":
        return f"quarter {period.quarter} of {begins.year}"
    if frequency == "Y-DEC":
        return str(begins.year)
    day = f"{begins.day} {begins:%B} {begins.year}"
    if frequency == "D":
        return day
    return f"the week from {day}"


def with_figures(periods: pd.Series) -> str:
    """What is added to "the last 12 months" where some between them have no figure and are not counted."""
    first, last = periods.iloc[0], periods.iloc[-1]
    gaps = isinstance(last, pd.Period) and (last - first).n + 1 > len(periods)
    return " with figures" if gaps else ""


def amount(chart: Chart, value: float) -> str:
    """A value with its unit, as ``number`` writes it."""
    if chart.measure_unit.startswith("%"):
        return f"{number(chart, value)}%"
    return f"{number(chart, value)} {chart.measure_unit}".rstrip()


def bare(chart: Chart, value: float) -> str:
    """A value where its unit has been told: only per cent has it again."""
    return f"{number(chart, value)}%" if chart.measure_unit.startswith("%") else number(chart, value)


def number(chart: Chart, value: float) -> str:
    """A value to as many figures as the spread of the chart's points bears."""
    values = chart.points["value"].dropna().to_numpy(float)
    spread = float(np.ptp(values)) if len(values) else 0.0
    whole = bool((values == np.floor(values)).all()) and float(value).is_integer()
    decimals = 0 if spread >= 50 or whole else 1 if spread >= 2 else 2
    if 0 < spread < 0.1:
        decimals = min(int(np.ceil(-np.log10(spread))) + 1, MOST_DECIMALS)
    written = f"{value:,.{decimals}f}" if abs(value) < WRITTEN_OUT else f"{value:.3g}"
    return written.replace("-", "−")


def is_old(period: Any, as_of: date | None) -> bool:
    """Whether a period ended more than ``OLD_AFTER`` months before the month of ``as_of``."""
    if as_of is None or not isinstance(period, pd.Period) or period.freqstr == NUMBERED:
        return False
    ended = period.end_time
    return (as_of.year - ended.year) * 12 + as_of.month - ended.month > OLD_AFTER

"""Where periods lie in time, for points that are not evenly apart: counted in periods from the first, which is nought."""

import re
from collections.abc import Sequence

import pandas as pd

from evalkit.report.wording import words

FREQUENCIES = {"day": "D", "week": "D", "month": "M", "quarter": "Q-DEC", "year": "Y-DEC"}
A_WEEK = 7


def positions(periods: Sequence[str]) -> list[float]:
    """Of each period, as an effect writes it."""
    places = [_place(period) for period in periods]
    return [place - places[0] for place in places]


def position_of(start: str, periods: Sequence[str]) -> float:
    """Of the moment at which a start lies: the border before its period, unless it is a day within it."""
    kind = words.period_word(periods[0])
    if kind == "period":
        return float(int(start)) - int(periods[0]) - 0.5
    moment = _first_day(start)
    if kind == "week":
        return (moment - _first_day(periods[0])).days / A_WEEK - 0.5
    holds = pd.Period(moment, FREQUENCIES[kind])
    length = (holds.end_time.normalize() - holds.start_time).days + 1
    within = (moment - holds.start_time).days / length
    return holds.ordinal - pd.Period(periods[0], FREQUENCIES[kind]).ordinal - 0.5 + within


def _place(period: str) -> float:
    kind = words.period_word(period)
    if kind == "period":
        return float(int(period))
    if kind == "week":
        return pd.Period(period.split("/")[0], "D").ordinal / A_WEEK
    return float(pd.Period(period, FREQUENCIES[kind]).ordinal)


def _first_day(written: str) -> pd.Timestamp:
    """Of a day, month, quarter or year; of a week its own."""
    first = written.split("/")[0]
    return pd.Period(first, "Q-DEC").start_time if re.fullmatch(r"\d{4}Q\d", first) else pd.Timestamp(first)

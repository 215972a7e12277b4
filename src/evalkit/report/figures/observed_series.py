"""A series as it was observed, to be kept and drawn small."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class ObservedSeries:
    """Periods, values (None where missing), what was expected without the change, and the moments of change within it.

    ``at`` and ``marks`` say where points and starts lie in time, of points that are not evenly apart; else they are empty.
    """

    periods: list[str]
    values: list[float | None]
    starts: list[str]
    unit: str
    expected: list[float | None] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    marks: list[float] = field(default_factory=list)


def place_of(periods: Sequence[str], start: str) -> int:
    """The place of the period that holds a start, or of the last where it lies later."""
    begins = [period.split("/")[0] for period in periods]
    return max((at for at, first in enumerate(begins) if first <= start[: len(first)]), default=0)


def years(periods: Sequence[str]) -> list[tuple[int, str]]:
    """The first period of each year but a year that is cut short to nothing at the left; at most seven."""
    years = [period[:4] for period in periods]
    firsts = [at for at, year in enumerate(years) if at and year != years[at - 1]]
    if not firsts:
        return [(len(periods) // 2, years[0])] if years else []
    return [(at, years[at]) for at in firsts[:: math.ceil(len(firsts) / 7)]]


def short_period(period: str) -> str:
    """``Mar 2022``, ``14 Mar 2022`` for a day and the first of a week; others as they are."""
    first = period.split("/")[0]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", first):
        day = date.fromisoformat(first)
        return f"{day.day} {day:%b %Y}"
    if re.fullmatch(r"\d{4}-\d\d", first):
        return f"{date.fromisoformat(f'{first}-01'):%b %Y}"
    return period.lstrip("0") or "0" if re.fullmatch(r"[01]\d{3}", period) else period

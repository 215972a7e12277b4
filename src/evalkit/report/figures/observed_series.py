"""A series as it was observed, to be kept and drawn small."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ObservedSeries:
    """Periods, values (None where missing), what was expected without the change, and the moments of change within it."""

    periods: list[str]
    values: list[float | None]
    starts: list[str]
    unit: str
    expected: list[float | None] = field(default_factory=list)


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

"""Months that are unlike their neighbours: few patients recorded, or a jump in how many or in a class's share."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from evalkit.flow.waiting import Waiting

# Set by this project, as no published thresholds were found.
SMALL = 1 / 3  # of the middle month's recorded patients, below which a month is small
TIMES = 2  # as many or as few patients recorded as in the month before, from which that is a jump
POINTS = 0.2  # of 1, by which the ranges of a class's share are apart in two months, from which that is a jump

Months = Sequence[tuple[str, Waiting]]


@dataclass(frozen=True)
class Jump:
    """From one month to the next with figures; shares of 1.

    Attributes
    ----------
    recorded : patients with a reason in both months
    name : the class whose share moved the most, if it jumped; else empty
    before, after : the ends of its range
    """

    first: str
    second: str
    recorded: tuple[float, float]
    name: str
    before: tuple[float, float]
    after: tuple[float, float]


def small_months(months: Months) -> set[str]:
    """Months with fewer than a third of the recorded patients of the middle one."""
    middle = median(found.recorded for _, found in months)
    return {month for month, found in months if found.recorded < SMALL * middle}


def jumps(months: Months) -> list[Jump]:
    """Each jump between neighbouring months, in order.

    It is one where twice as many or half as few patients were recorded, or where a class's ranges lie apart by 20 in 100,
    unless one of the months is small and the jump is only in a share.
    """
    small, found = small_months(months), []
    for (first, one), (second, two) in pairwise(months):
        low, high = sorted((one.recorded, two.recorded))
        apart = [
            round(max(new.low - old.high, old.low - new.high, 0), 9)
            for old, new in zip(one.classes, two.classes, strict=True)
        ]
        moved = max(apart) >= POINTS and not small & {first, second}
        if high >= TIMES * low or moved:
            at = apart.index(max(apart))
            old, new = one.classes[at], two.classes[at]
            ends = (old.low, old.high), (new.low, new.high)
            name = old.name if max(apart) >= POINTS else ""
            found.append(Jump(first, second, (one.recorded, two.recorded), name, *ends))
    return found


def latest_run(months: Months) -> list[str]:
    """The months since the last jump, under one record; all of them without a jump."""
    found, names = jumps(months), [month for month, _ in months]
    return names[names.index(found[-1].second) :] if found else names


def extremes(months: Months) -> tuple[str, str] | None:
    """The months with the fewest and the most recorded patients, where these are twice as many or more; else None."""
    fewest = min(months, key=lambda row: row[1].recorded)
    most = max(months, key=lambda row: row[1].recorded)
    return (fewest[0], most[0]) if most[1].recorded >= TIMES * fewest[1].recorded else None

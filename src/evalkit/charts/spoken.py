"""When each rule spoke in one series, since when, and of which way: for who tells of more than the last point."""

import numpy as np
import pandas as pd

from evalkit.charts import rules
from evalkit.charts.chart import Spoken

# How many points further on a rule still speaks of the same thing: of three, two are marked.
NEAR = {"two_of_three": 2}


def spoken_in(
    found: rules.Signals, judged: np.ndarray, periods: pd.Index, direction: int, skip_centre: bool = False
) -> tuple[Spoken, ...]:
    """Each time that a rule spoke, oldest first, and of those that began together the one that decides first.

    Parameters
    ----------
    found : Signals
        Of one series, each (1, t).
    judged : (t,) float
        What the rules are of.
    direction : int
        1 where more is better, -1 where less is, 0 where neither.
    skip_centre : bool
        As ``rules.signals`` takes it.
    """
    reported = np.isfinite(judged)
    if not reported.any():
        return ()
    last = int(np.flatnonzero(reported)[-1])
    stretch, side = found.stretch[0], found.side[0]
    told = []
    for place, rule in enumerate(rules.RULES):
        marked = getattr(found, rule)[0]
        if rule == "trend":
            runs = _rises_and_falls(judged, stretch)
        else:
            runs = _together(marked, side, stretch, NEAR.get(rule, 1), passed_over=(side == 0) if skip_centre else None)
        for first, until, points, way in runs:
            decides = until == last and found.first_rule[0, last] == place
            told.append(
                (
                    first,
                    place,
                    Spoken(
                        rule, "high" if way > 0 else "low", str(rules.natures(np.array(way), np.array(direction))),
                        str(periods[first]), str(periods[until]), points, until == last, bool(decides),
                    ),
                )
            )  # fmt: skip
    return tuple(one for _, _, one in sorted(told, key=lambda entry: entry[:2]))


def _together(
    marked: np.ndarray, side: np.ndarray, stretch: np.ndarray, near: int, passed_over: np.ndarray | None
) -> list[tuple[int, int, int, int]]:
    """Marked points of one side that follow each other: first, last, how many, which side."""
    order = np.arange(len(marked)) if passed_over is None else np.cumsum(~passed_over)
    runs: list[tuple[int, int, int, int]] = []
    for at in np.flatnonzero(marked):
        if runs:
            first, before, points, way = runs[-1]
            if side[at] == way and stretch[at] == stretch[before] and order[at] - order[before] <= near:
                runs[-1] = (first, int(at), points + 1, way)
                continue
        runs.append((int(at), int(at), 1, int(side[at])))
    return runs


def _rises_and_falls(judged: np.ndarray, stretch: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Trends: first point, last, how many, which way; a turning point is the last of one and the first of the next."""
    step = np.zeros(len(judged), int)
    step[1:] = np.where(stretch[1:] == stretch[:-1], np.sign(np.nan_to_num(np.diff(judged))), 0)
    ends = np.flatnonzero(np.append(step[1:] != step[:-1], True))
    begins = np.append(0, ends[:-1] + 1)
    return [
        (int(first) - 1, int(until), int(until - first) + 2, int(step[first]))
        for first, until in zip(begins, ends, strict=True)
        if step[first] != 0 and until - first + 2 >= rules.LONG
    ]

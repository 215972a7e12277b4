"""The season of a series, by one stated rule.

When it is removed: for one series, where it is asked for (``season=``). For a measure that is charted at many places, where
the season of the middle place is strong: var(season) / (var(season) + var(noise)) is ``STRONG`` or more, noise being what
neither a straight line nor the calendar month explains, and season what chance does not (after Wang, Smith and Hyndman 2006,
Data Mining and Knowledge Discovery 13, 335-364; measured by ``tools/chart_alarms.py``). It holds for all places of the
measure, so that nobody chooses by what a chart shows; a place with fewer than ``YEARS_NEEDED`` years keeps its season, and
says so. Whether an icon is raised by chance less often is no part of the rule: a season that is left in widens the limits,
and so hides as well as raises.
"""

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError
from evalkit.intake.periods import name_of

SEASONS = {"M": ("months", 12), "Q-DEC": ("quarters", 4)}
YEARS_NEEDED = 3
STRONG = 0.1
RULE = (
    "Season is removed: from each value is taken by how much its calendar {one} lies above or below a straight line in all"
    " years, by least squares, with a level of its own for each phase{sources}."
)
SOURCES = " and on either side of a change of source"
TOO_SHORT = "Season is not removed: there are fewer than {years} years of some {one}s."


def removed(
    values: np.ndarray, phases: np.ndarray, periods: pd.PeriodIndex, by: str, sources: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    """The values (t,) without their season, and what moving ranges are to be multiplied by.

    Deviations of calendar months (or quarters), which add up to nought, are fitted by least squares together with a
    straight line and with a level for each phase and each of the ``sources`` (t,) of figures, so that neither growth nor a
    rebasing nor a change of source is taken for season. Only the deviations are taken off. With k whole years the
    difference of two neighbouring residuals has 1 - 1/k of the variance that it had, because each calendar month was
    fitted: the factor is the square root of n / (n - m), of n points and m calendar months.

    Raises
    ------
    EvaluationError
        Where the periods are neither months nor quarters as asked for, or fewer than three years of each were reported.
    """
    refuse_other_periods(periods, by)
    count = SEASONS[periods.freqstr][1]
    number, reported = _of_year(periods), np.isfinite(values)
    fewest = years_reported(values, periods)
    if fewest < YEARS_NEEDED:
        raise EvaluationError(
            f"season={by!r} needs each of the {count} {by} of a year reported {YEARS_NEEDED} times or more, and one was"
            f" reported {fewest} times: leave `season` out.",
            "season",
        )
    sides = phases if sources is None else phases * (int(sources.max()) + 1) + sources
    level = (sides[:, None] == np.unique(sides[reported])).astype(float)
    first, *_, last = np.flatnonzero(reported)
    line = 2 * (np.arange(len(values)) - first)[:, None] / (last - first) - 1
    of_year = (number[:, None] == np.arange(count)).astype(float)
    deviations = of_year[:, 1:] - of_year[:, :1]
    fitted = np.hstack([deviations, level, line])
    season = deviations @ np.linalg.lstsq(fitted[reported], values[reported], rcond=None)[0][: count - 1]
    points = int(reported.sum())
    return values - season, float(np.sqrt(points / (points - count)))


def refuse_other_periods(periods: pd.Index, by: str) -> None:
    """Refuse periods that are not the months or quarters asked for.

    Raises
    ------
    EvaluationError
    """
    given = periods.freqstr if isinstance(periods, pd.PeriodIndex) else ""
    if given not in SEASONS or SEASONS[given][0] != by:
        raise EvaluationError(
            f"season={by!r} needs {by}, and the periods are {name_of(given) or 'event'}s: leave `season` out.", "season"
        )


def years_reported(values: np.ndarray, periods: pd.PeriodIndex) -> int:
    """How many times the calendar month (or quarter) that was reported least often was reported, in ``values`` (t,)."""
    return int(np.bincount(_of_year(periods)[np.isfinite(values)], minlength=SEASONS[periods.freqstr][1]).min())


def in_words(periods: pd.Index, season: str | None, removed: bool = True, sources: bool = False) -> str:
    """What was done about season, for a note and for the icon's words; empty for periods that have none.

    ``removed`` is False where it was asked for and the series is too short; ``sources`` says that one gave way to another.
    """
    if not isinstance(periods, pd.PeriodIndex):
        return ""
    if season is not None and not removed:
        return TOO_SHORT.format(years=YEARS_NEEDED, one=SEASONS[periods.freqstr][0].removesuffix("s"))
    if season is not None:
        return RULE.format(one=SEASONS[periods.freqstr][0].removesuffix("s"), sources=SOURCES if sources else "")
    return "Season is not removed." if periods.freqstr in SEASONS or periods.freqstr[0] in "DW" else ""


def _of_year(periods: pd.PeriodIndex) -> np.ndarray:
    """Which calendar month (or quarter) each period is (t,), from 0."""
    return (periods.month if SEASONS[periods.freqstr][1] == 12 else periods.quarter).to_numpy() - 1

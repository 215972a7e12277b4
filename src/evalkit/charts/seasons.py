"""The season of a series, by one stated rule."""

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError
from evalkit.intake.periods import name_of

SEASONS = {"M": ("months", 12), "Q-DEC": ("quarters", 4)}
YEARS_NEEDED = 3
RULE = (
    "Season is removed: from each value is taken by how much its calendar {one} lies above or below the level of its phase"
    " in all years, by least squares."
)


def removed(values: np.ndarray, phases: np.ndarray, periods: pd.PeriodIndex, by: str) -> tuple[np.ndarray, float]:
    """The values (t,) without their season, and what moving ranges are to be multiplied by.

    Levels of phases and deviations of calendar months (or quarters), which add up to nought, are fitted together by least
    squares, so that a rebasing is no season. With k whole years the difference of two neighbouring residuals has 1 - 1/k
    of the variance that it had, because each calendar month was fitted: the factor is the square root of n / (n - m), of n
    points and m calendar months.

    Raises
    ------
    EvaluationError
        Where the periods are neither months nor quarters as asked for, or fewer than three years of each were reported.
    """
    refuse_other_periods(periods, by)
    number, count = _numbered(periods)
    reported = np.isfinite(values)
    fewest = _fewest(values, periods)
    if fewest < YEARS_NEEDED:
        raise EvaluationError(
            f"season={by!r} needs each of the {count} {by} of a year reported {YEARS_NEEDED} times or more, and one was"
            f" reported {fewest} times: leave `season` out.",
            "season",
        )
    kinds = np.unique(phases[reported])
    level = (phases[:, None] == kinds).astype(float)
    of_year = (number[:, None] == np.arange(count)).astype(float)
    deviations = of_year[:, 1:] - of_year[:, :1]
    coefficients = np.linalg.lstsq(np.hstack([level, deviations])[reported], values[reported], rcond=None)[0]
    season = deviations @ coefficients[len(kinds) :]
    points = int(reported.sum())
    return values - season, float(np.sqrt(points / (points - count)))


def refuse_other_periods(periods: pd.Index, by: str) -> None:
    """Refuse a season of months for what is not of months, and so on.

    Raises
    ------
    EvaluationError
    """
    given = periods.freqstr if isinstance(periods, pd.PeriodIndex) else ""
    if given not in SEASONS or SEASONS[given][0] != by:
        raise EvaluationError(
            f"season={by!r} needs {by}, and the periods are {name_of(given) or 'event'}s: leave `season` out.", "season"
        )


def enough(values: np.ndarray, periods: pd.PeriodIndex) -> bool:
    """Whether each calendar month, or quarter, was reported in as many years as its season needs."""
    return _fewest(values, periods) >= YEARS_NEEDED


def _fewest(values: np.ndarray, periods: pd.PeriodIndex) -> int:
    number, count = _numbered(periods)
    return int(np.bincount(number[np.isfinite(values)], minlength=count).min())


def _numbered(periods: pd.PeriodIndex) -> tuple[np.ndarray, int]:
    """Which month or quarter of its year each period is, from 0, and how many there are."""
    count = SEASONS[periods.freqstr][1]
    return (periods.month if count == 12 else periods.quarter).to_numpy() - 1, count


def in_words(periods: pd.Index, season: str | None) -> str:
    """What was done about season, for a note and for the icon's words; empty for periods that have none."""
    if not isinstance(periods, pd.PeriodIndex):
        return ""
    if season is not None:
        return RULE.format(one=SEASONS[periods.freqstr][0].removesuffix("s"))
    return "Season is not removed." if periods.freqstr in SEASONS or periods.freqstr[0] in "DW" else ""

"""95% intervals of single counts, rates and shares, each by itself: nothing is compared."""

import numpy as np
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

LEVEL = 0.05


def share_interval(part: np.ndarray, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends (n,) of the share of a whole, 0 to 1, by its score (Wilson 1927, JASA 22:209).

    Missing where either is, where nobody was counted, and where one is no whole number.

    Parameters
    ----------
    part, whole : (n,)
        Of a whole that is drawn by chance, how many have the property, and how many there are.
    """
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    known = _whole_numbers(part) & _whole_numbers(whole) & (whole > 0) & (part <= whole)
    low, high = np.full(part.shape, np.nan), np.full(part.shape, np.nan)
    low[known], high[known] = _score(part[known], whole[known])
    return low, high


def weighted_share_interval(share: np.ndarray, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends (n,) of a share that its publisher weighted, 0 to 1, by the score of as many unweighted answers.

    Weights make the true interval somewhat wider, by how much only who has every answer can tell (Kish 1965, Survey
    Sampling, 11.7). Missing where either is, and where nobody answered.

    Parameters
    ----------
    share : (n,)
        Weighted, 0 to 1; it need not be that of a whole number of people.
    answers : (n,)
        How many answered.
    """
    share, answers = np.asarray(share, float), np.asarray(answers, float)
    known = np.isfinite(share) & (share >= 0) & (share <= 1) & _whole_numbers(answers) & (answers > 0)
    low, high = np.full(share.shape, np.nan), np.full(share.shape, np.nan)
    low[known], high[known] = _score(share[known] * answers[known], answers[known])
    return low, high


def _score(part: np.ndarray, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = proportion_confint(part, whole, alpha=LEVEL, method="wilson")
    # Both are exact at the ends of the scale, which rounding can miss.
    return np.where(part == 0, 0.0, low), np.where(part == whole, 1.0, high)


def count_interval(events: np.ndarray, exposure: np.ndarray | float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends (n,) of the expected count for each unit of exposure: exact Poisson (Garwood 1936, Biometrika
    28:437), by quantiles of the gamma distribution.

    Missing where either is missing, where there is no exposure, and where a count is no whole number.

    Parameters
    ----------
    events : (n,)
        Counted independently of each other.
    exposure : (n,) or float
        What they are set against, which is taken as known.
    """
    events = np.asarray(events, float)
    exposure = np.broadcast_to(np.asarray(exposure, float), events.shape)
    known = _whole_numbers(events) & np.isfinite(exposure) & (exposure > 0)
    low, high = np.full(events.shape, np.nan), np.full(events.shape, np.nan)
    if known.any():
        low[known], high[known] = confint_poisson(events[known], exposure[known], method="exact-c", alpha=LEVEL)
    low[known & (events == 0)] = 0.0
    return low, high


def _whole_numbers(values: np.ndarray) -> np.ndarray:
    return np.isfinite(values) & (values >= 0) & (values % 1 == 0)

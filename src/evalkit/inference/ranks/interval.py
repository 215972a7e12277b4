"""Rank among other assignments, inverted to the interval of every effect that the rank test does not reject.

Fisher's randomisation test with a studentised statistic (Chung and Romano 2013; Conley and Taber 2011 for few treated
units among many).
"""

from dataclasses import replace

import numpy as np
from scipy import stats

from evalkit.inference.contrast import CONFIDENCE, POWER, Contrast

TEST_LEVEL = 1 - CONFIDENCE


def rank_p_value(statistic: float, others: np.ndarray) -> float:
    """Share of all assignments, the true one included, whose statistic is as large in size."""
    return float((1 + (np.abs(others) >= abs(statistic) * (1 - 1e-12)).sum()) / (1 + len(others)))


def _outer(count: int) -> int:
    """How many of ``count`` other assignments make the outer 5%; one where they are too few."""
    return max(int(np.floor(TEST_LEVEL * (1 + count) + 1e-9)), 1)


def critical_value(sizes: np.ndarray) -> float:
    """The size beyond which a statistic is in the outer 5% of ``sizes`` (B,); the largest where they are too few."""
    return float(np.sort(sizes)[-_outer(len(sizes))])


def least_p_value(count: int) -> float:
    """The least p-value that a rank among ``count`` other assignments can have."""
    return 1 / (1 + count)


def enough_assignments(count: int) -> bool:
    """Whether a rank among ``count`` other assignments can be in the outer 5%."""
    return (1 + count) * TEST_LEVEL >= 1


def rank_interval(
    estimate: float, scale: float, others: np.ndarray, scales: np.ndarray, carried: np.ndarray | None = None
) -> Contrast:
    """The interval of all effects that the rank test does not reject, and its p-value for no effect.

    Under the hypothesis that the effect was d, the treated units are put back by d before other units take their
    place; an assignment that shares treated units then has the statistic (others - d x carried) / scales, the true one
    (estimate - d) / scale. The interval reaches to the furthest d at which more than 5% of all assignments are as far
    out as the true one, and the p-value counts those that are so at no effect or further from the estimate: it is
    below 5% where the interval leaves no effect out. An end that no d limits is missing.

    Parameters
    ----------
    estimate, scale : float
        Of the true assignment.
    others, scales, carried : (B,) arrays
        Estimates under the other assignments, their scales, and the share of the true effect each would pick up.
    """
    carried = np.zeros(len(others)) if carried is None else carried
    lower, upper = _limits(estimate, scale, others, scales, carried)
    further = lower <= -estimate * (1 - 1e-12) if estimate > 0 else upper >= -estimate * (1 - 1e-12)
    p = float((1 + further.sum()) / (1 + len(others))) if estimate else 1.0
    low, high = _interval_ends(estimate, lower, upper)
    std_error = 0.5 * (high - low) / stats.norm.ppf(0.5 + CONFIDENCE / 2)
    return Contrast(float(estimate), float(low), float(high), float(std_error), p, np.inf)


def studentised_rank_interval(contrast: Contrast, studentised: np.ndarray, as_large: int) -> Contrast:
    """The contrast with the interval and p-value of its rank among changes elsewhere, each over its own half-width.

    The interval holds every change that, taken away, would leave the contrast over its half-width within the largest
    5% of ``studentised`` (B,), of which ``as_large`` are as large as it is. Where they are too few for a rank to be in the
    outer 5% it has no bounds.
    """
    enough = enough_assignments(len(studentised))
    critical = critical_value(np.abs(studentised)) if enough else np.nan
    to_the_end = (contrast.high - contrast.low) / 2 * critical
    p_value = (1 + as_large) / (1 + len(studentised))
    return replace(contrast, low=contrast.estimate - to_the_end, high=contrast.estimate + to_the_end, p_value=p_value)


def _limits(estimate, scale, others, scales, carried) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest u = d - estimate at which each assignment is as far out as the true one (B,), (B,).

    As far out means |rest - u carried| >= ratio |u|; one that carries more than its ratio is so however large u is.
    """
    ratio = scales / scale
    rest = others - estimate * carried
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.stack([rest / (carried + ratio), rest / (carried - ratio)])
    # One with the same treated units carries just its ratio: no effect tells the two apart, whatever rounding says.
    inside = ratio > np.abs(carried) * (1 + 1e-9)
    return np.where(inside, np.minimum(*ends), -np.inf), np.where(inside, np.maximum(*ends), np.inf)


def _interval_ends(estimate, lower: np.ndarray, upper: np.ndarray) -> tuple[float, float]:
    """Ends of the interval: the furthest d at which enough assignments are as far out as the true one."""
    needed = TEST_LEVEL * (1 + len(lower))
    if needed < 1:
        return np.nan, np.nan
    # Without the true one, at least this many must be as far out for an effect to stay in the interval.
    least = _outer(len(lower))
    low, high = min(np.sort(lower)[least - 1], 0.0), max(np.sort(upper)[-least], 0.0)
    return (
        estimate + low if np.isfinite(low) else np.nan,
        estimate + high if np.isfinite(high) else np.nan,
    )


def detectable_by_rank(scale: float, statistics: np.ndarray) -> float | None:
    """Smallest true effect found four times in five: the critical value and the 80th percentile of noise, in scales.

    ``statistics`` (B,) are studentised estimates where nothing changed; None where no effect could be found.
    """
    if not enough_assignments(len(statistics)):
        return None
    return float(scale * (critical_value(np.abs(statistics)) + np.quantile(statistics, POWER)))

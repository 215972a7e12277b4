"""Which units might have been treated instead, and what that says: rank tests over assignments, inverted to intervals.

Fisher's randomisation test with a studentised statistic (Chung and Romano 2013; Conley and Taber 2011 for few treated
units among many), and the interval of every effect that it does not reject.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np
from scipy import stats

from evalkit.inference.regression import CONFIDENCE, POWER, Contrast

DRAWS = 1999
EXACT_UP_TO = 5000
SIZE = 1 - CONFIDENCE


def assignments(count: int, starts: Sequence, seed: int = 0, with_treated: bool = True) -> np.ndarray:
    """Units that could have had the starts of the k treated ones.

    Parameters
    ----------
    count : int
        Units there are to choose from; with ``with_treated`` the treated are units 0..k-1 of them, in the order of
        ``starts``, and the true assignment is left out.
    starts : sequence of k hashable values

    Returns
    -------
    (B, k) array
        One row an assignment, one column a start: all of them where there are no more than 5,000, else 1,999 drawn
        with ``seed``.
    """
    k = len(starts)
    codes = [list(dict.fromkeys(starts)).index(one) for one in starts]
    if ways(count, starts) <= EXACT_UP_TO:
        found = np.array(_every(count, codes), dtype=int).reshape(-1, k)
    else:
        found = _draw(np.random.default_rng(seed), count, k)
    own = (_each_group_sorted(found, codes) == np.arange(k)).all(axis=1)
    return found[~own] if with_treated else found


def ways(count: int, starts: Sequence) -> int:
    """Number of different assignments of ``starts`` to ``count`` units: units that share a start may change places."""
    number, left = 1, count
    for times in Counter(starts).values():
        number *= comb(left, times)
        left -= times
    return number


def _every(count: int, codes: list[int]) -> list[list[int]]:
    """Every assignment once, units that share a start in rising order."""
    rows: list[dict[int, int]] = [{}]
    for code in dict.fromkeys(codes):
        columns = [index for index, one in enumerate(codes) if one == code]
        rows = [
            row | dict(zip(columns, chosen, strict=True))
            for row in rows
            for chosen in combinations([unit for unit in range(count) if unit not in row.values()], len(columns))
        ]
    return [[row[column] for column in range(len(codes))] for row in rows]


def _each_group_sorted(found: np.ndarray, codes: list[int]) -> np.ndarray:
    """Units that share a start in rising order: either order is the same assignment."""
    ordered = found.copy()
    for code in set(codes):
        columns = [index for index, one in enumerate(codes) if one == code]
        ordered[:, columns] = np.sort(found[:, columns], axis=1)
    return ordered


def _draw(generator: np.random.Generator, count: int, k: int) -> np.ndarray:
    """k different units, drawn for each of 1,999 rows."""
    if k * k > count:
        # So many would hardly ever differ by chance.
        return np.array([generator.permutation(count)[:k] for _ in range(DRAWS)])
    drawn = generator.integers(count, size=(DRAWS, k))
    while True:
        ordered = np.sort(drawn, axis=1)
        again = (np.diff(ordered, axis=1) == 0).any(axis=1)
        if not again.any():
            return drawn
        drawn[again] = generator.integers(count, size=(int(again.sum()), k))


def p_value(own: float, others: np.ndarray) -> float:
    """Share of all assignments, the true one included, whose statistic is as large in size."""
    return float((1 + (np.abs(others) >= abs(own) * (1 - 1e-12)).sum()) / (1 + len(others)))


def _outer(count: int) -> int:
    """How many of ``count`` other assignments make the outer 5%; one where they are too few."""
    return max(int(np.floor(SIZE * (1 + count) + 1e-9)), 1)


def critical(sizes: np.ndarray) -> float:
    """The size beyond which a statistic is in the outer 5% of ``sizes`` (B,); the largest where they are too few."""
    return float(np.sort(sizes)[-_outer(len(sizes))])


def can_reach(count: int) -> bool:
    """Whether a rank among ``count`` other assignments can be in the outer 5%."""
    return (1 + count) * SIZE >= 1


def ranked(
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
    low, high = _reach(estimate, lower, upper)
    std_error = 0.5 * (high - low) / stats.norm.ppf(0.5 + CONFIDENCE / 2)
    return Contrast(float(estimate), float(low), float(high), float(std_error), p, np.inf)


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


def _reach(estimate, lower: np.ndarray, upper: np.ndarray) -> tuple[float, float]:
    """Ends of the interval: the furthest d at which enough assignments are as far out as the true one."""
    needed = SIZE * (1 + len(lower))
    if needed < 1:
        return np.nan, np.nan
    # Without the true one, at least this many must be as far out for an effect to stay in the interval.
    least = _outer(len(lower))
    low, high = min(np.sort(lower)[least - 1], 0.0), max(np.sort(upper)[-least], 0.0)
    return (
        estimate + low if np.isfinite(low) else np.nan,
        estimate + high if np.isfinite(high) else np.nan,
    )


def detectable(scale: float, statistics: np.ndarray) -> float | None:
    """Smallest true effect found four times in five: the critical value and the 80th percentile of noise, in scales.

    ``statistics`` (B,) are studentised estimates where nothing changed; None where no effect could be found.
    """
    if not can_reach(len(statistics)):
        return None
    return float(scale * (critical(np.abs(statistics)) + np.quantile(statistics, POWER)))

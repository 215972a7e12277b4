"""Which units might have been treated instead: every such assignment, or 1,999 drawn at random."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np

DRAWS = 1999
EXACT_UP_TO = 5000


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
    codes = [list(dict.fromkeys(starts)).index(start) for start in starts]
    if number_of_assignments(count, starts) <= EXACT_UP_TO:
        units = np.array(_every(count, codes), dtype=int).reshape(-1, k)
    else:
        units = _draw(np.random.default_rng(seed), count, k)
    is_true = (_each_group_sorted(units, codes) == np.arange(k)).all(axis=1)
    return units[~is_true] if with_treated else units


def number_of_assignments(count: int, starts: Sequence) -> int:
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
        columns = [index for index, column_code in enumerate(codes) if column_code == code]
        rows = [
            row | dict(zip(columns, chosen, strict=True))
            for row in rows
            for chosen in combinations([unit for unit in range(count) if unit not in row.values()], len(columns))
        ]
    return [[row[column] for column in range(len(codes))] for row in rows]


def _each_group_sorted(units: np.ndarray, codes: list[int]) -> np.ndarray:
    """Units that share a start in rising order: either order is the same assignment."""
    ordered = units.copy()
    for code in set(codes):
        columns = [index for index, column_code in enumerate(codes) if column_code == code]
        ordered[:, columns] = np.sort(units[:, columns], axis=1)
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

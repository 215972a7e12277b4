"""Which figures of a table are sums of others: what a reader can use to find a withheld one."""

from collections.abc import Iterator
from itertools import permutations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

PERIODS = 4  # in which a sum has to hold: in fewer it may do so by chance
WINDOWS = range(2, 13)  # periods of a moving sum
DECOMPOSITIONS = 3  # of one series into others
CANDIDATES = 80

Place = tuple[int, int]  # period and series, by position


def found_sums(series: pd.DataFrame) -> list[tuple[Place, tuple[Place, ...]]]:
    """Every figure that is a sum, with its parts, each by its place.

    A series may be the sum of others in every period, run up from the start of a year, or be a moving sum of another.

    Parameters
    ----------
    series : DataFrame, periods x series
        Exact figures, missing where not reported.
    """
    values = series.to_numpy(float)
    told = [
        ((period, total), tuple((period, part) for part in parts))
        for total, parts in _across(values)
        for period in range(len(values))
        if np.isfinite(values[period, [total, *parts]]).all()
    ]
    for total, part in permutations(range(values.shape[1]), 2):
        told += _along(values[:, total], values[:, part], total, part)
    return told


def _across(values: np.ndarray) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Series that are the sum of others in every period."""
    for total in range(values.shape[1]):
        out: set[int] = set()
        for _ in range(DECOMPOSITIONS):
            parts = _parts(values, total, out)
            if not parts:
                break
            yield total, parts
            out |= set(parts)


def _parts(values: np.ndarray, total: int, out: set[int]) -> tuple[int, ...]:
    """The fewest series, but those left out, that add up to one; empty where none do."""
    whole = values[:, total]
    known = np.isfinite(whole)
    candidates = [
        at
        for at in range(values.shape[1])
        if at != total
        and at not in out
        and np.isfinite(values[known, at]).all()
        and (values[known, at] <= whole[known]).all()
        and values[known, at].any()
    ]
    if known.sum() < PERIODS or not whole[known].any() or not candidates or len(candidates) > CANDIDATES:
        return ()
    columns = values[known][:, candidates]
    found = milp(
        np.ones(len(candidates)),
        constraints=LinearConstraint(columns, whole[known], whole[known]),
        bounds=Bounds(0, 1),
        integrality=np.ones(len(candidates)),
    )
    if found.x is None:
        return ()
    chosen = np.round(found.x).astype(bool)
    return tuple(np.array(candidates)[chosen]) if (columns[:, chosen].sum(axis=1) == whole[known]).all() else ()


def _along(whole: np.ndarray, part: np.ndarray, total: int, other: int) -> list[tuple[Place, tuple[Place, ...]]]:
    """Figures of a series that run up another, or add up its last ones."""
    both = np.isfinite(whole) & np.isfinite(part)
    if both.sum() < PERIODS or (whole[both] == part[both]).all():
        return []
    runs_up = [at for at in range(1, len(whole)) if both[at] and both[at - 1] and whole[at] == whole[at - 1] + part[at]]
    begins = [at for at in range(len(whole)) if both[at] and whole[at] == part[at]]
    if part[both].any() and set(np.flatnonzero(both)) <= {*runs_up, *begins} and len(runs_up) >= PERIODS - 1:
        up = [((at, total), ((at - 1, total), (at, other))) for at in runs_up]
        return up + [((at, total), ((at, other),)) for at in begins if at not in runs_up]
    for window in WINDOWS:
        ends = [
            at for at in range(window - 1, len(whole)) if both[at] and np.isfinite(part[at - window + 1 : at + 1]).all()
        ]
        if len(ends) >= PERIODS and all(whole[at] == part[at - window + 1 : at + 1].sum() for at in ends):
            return [((at, total), tuple((at - back, other) for back in range(window))) for at in ends]
    return []

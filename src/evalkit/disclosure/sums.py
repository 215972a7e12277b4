"""Which figures of a table are sums of others: what a reader can use to find a withheld one."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

PERIODS = 4  # in which a sum has to hold, where there are so many: in fewer it may do so by chance
WINDOWS = range(2, 13)  # periods of a moving sum
DECOMPOSITIONS = 12  # of one series into others
MOST_SERIES = 200
NODES = 100  # of a search, after which there is taken to be no sum
A_PERIOD = (
    4  # series, with more of which some add up to another by chance, so that only those that stand together are tried
)

Place = tuple[int, int]  # period and series, by position


def found_sums(series: pd.DataFrame) -> list[tuple[Place, tuple[Place, ...]]]:
    """Every figure that is a sum, with its parts, each by its place.

    A series may be the sum of others in every period, run up from the start of a year, or be a moving sum of another.

    Parameters
    ----------
    series : DataFrame, periods x series
        Exact figures, missing where not reported; a series is called by its organisation, measure and part, a line each.

    Raises
    ------
    TooManySeries
        Where there are more than can be looked through.
    """
    values = series.to_numpy(float)
    told = [
        ((period, total), tuple((period, part) for part in parts))
        for total, parts in _across(values, _orders(series.columns))
        for period in range(len(values))
        if values[period, total] == values[period, list(parts)].sum()
    ]
    for total, part in permutations(range(values.shape[1]), 2):
        told += _along(values[:, total], values[:, part], total, part)
    return told


class TooManySeries(ValueError):
    """More series than sums can be looked for among."""


def _orders(names: Sequence[str]) -> list[list[int]]:
    """Series by measure and organisation, and the other way round: what makes up a total mostly stands together."""
    said = [tuple(name.split("\n")) for name in names]
    every = range(len(said))
    return [
        sorted(every, key=lambda at: (said[at][1:], said[at][0])),
        sorted(every, key=lambda at: (said[at][0], said[at][2:], said[at][1:])),
    ]


def _across(values: np.ndarray, orders: list[list[int]]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Series that are the sum of others, in all periods or in a part of them: a blank or a revision undoes no sum."""
    if values.shape[1] > MOST_SERIES:
        raise TooManySeries(f"{values.shape[1]} series")
    every = np.arange(len(values))
    least = min(PERIODS, len(values))
    halves = [part for part in np.array_split(every, 2) if len(part) >= PERIODS]
    windows = [values[list(part)] for part in dict.fromkeys(tuple(part) for part in (every, *halves))]
    together = _standing_together(windows, orders, least)
    for total in range(values.shape[1]):
        told = together[total]
        yield from ((total, parts) for parts in sorted(told))
        for window in windows:
            for _ in range(DECOMPOSITIONS):
                found = _parts(window, total, told, least)
                if not found:
                    break
                told.add(found)
                yield total, found


def _standing_together(windows: list[np.ndarray], orders: list[list[int]], least: int) -> list[set[tuple[int, ...]]]:
    """Of each series the sets of others, one after the other in an order, that add up to it; totals left out or by themselves."""
    told: list[set[tuple[int, ...]]] = [set() for _ in orders[0]]
    for window in windows:
        for order in orders:
            _add_runs(window, order, least, told)
    totals = {at for at, parts in enumerate(told) if parts}
    for window in windows:
        for order in orders:
            _add_runs(window, [at for at in order if at not in totals], least, told)
            _add_runs(window, [at for at in order if at in totals], least, told)
    return told


def _add_runs(values: np.ndarray, order: list[int], least: int, told: list[set[tuple[int, ...]]]) -> None:
    for total in range(values.shape[1]):
        reported = np.isfinite(values[:, total])
        if reported.sum() >= least and values[reported, total].any():
            others = np.array([at for at in order if at != total and np.isfinite(values[reported, at]).all()], int)
            told[total].update(_runs(values[reported], total, others))


def _runs(values: np.ndarray, total: int, others: np.ndarray) -> Iterator[tuple[int, ...]]:
    """Stretches of ``others`` that add up to a series in every period."""
    up_to = np.vstack([np.zeros(len(values)), values[:, others].T.cumsum(axis=0)])
    ends = {tuple(sums): end for end, sums in enumerate(up_to.tolist())}
    for start, sums in enumerate((up_to + values[:, total]).tolist()):
        end = ends.get(tuple(sums), start)
        if end > start:
            yield tuple(sorted(int(at) for at in others[start:end]))


def _parts(values: np.ndarray, total: int, known: set[tuple[int, ...]], least: int) -> tuple[int, ...]:
    """The fewest series that add up to one, but for sums that are known; empty where none do."""
    whole = values[:, total]
    reported = np.isfinite(whole)
    candidates = [
        at
        for at in range(values.shape[1])
        if at != total
        and np.isfinite(values[reported, at]).all()
        and (values[reported, at] <= whole[reported]).all()
        and values[reported, at].any()
    ]
    if reported.sum() < least or not whole[reported].any() or not 0 < len(candidates) <= A_PERIOD * reported.sum():
        return ()
    columns = values[reported][:, candidates]
    constraints = [LinearConstraint(columns, whole[reported], whole[reported])]
    for one in known:
        if set(one) <= set(candidates):
            constraints.append(LinearConstraint(np.isin(candidates, one).astype(float)[None, :], 0, len(one) - 1))
    found = milp(
        np.ones(len(candidates)),
        constraints=constraints,
        bounds=Bounds(0, 1),
        integrality=np.ones(len(candidates)),
        options={"node_limit": NODES},
    )
    if found.x is None:
        return ()
    chosen = np.round(found.x).astype(bool)
    exact = (columns[:, chosen].sum(axis=1) == whole[reported]).all()
    return tuple(int(at) for at in np.array(candidates)[chosen]) if exact else ()


def _along(whole: np.ndarray, part: np.ndarray, total: int, other: int) -> list[tuple[Place, tuple[Place, ...]]]:
    """Figures of a series that run up another, or add up its last ones."""
    both = np.isfinite(whole) & np.isfinite(part)
    if both.sum() < min(PERIODS, len(whole)) or both.sum() < 2 or (whole[both] == part[both]).all():
        return []
    if (whole[both] < part[both]).any():  # a part of what it is added up in
        return []
    runs_up = [at for at in range(1, len(whole)) if both[at] and both[at - 1] and whole[at] == whole[at - 1] + part[at]]
    begins = [at for at in range(len(whole)) if both[at] and whole[at] == part[at]]
    reached = {*runs_up, *begins, *np.flatnonzero(both)[:1]}  # it may have begun before the table
    if part[both].any() and set(np.flatnonzero(both)) <= reached and len(runs_up) >= min(PERIODS, len(whole)) - 1:
        up = [((at, total), ((at - 1, total), (at, other))) for at in runs_up]
        return up + [((at, total), ((at, other),)) for at in begins if at not in runs_up]
    for window in WINDOWS:
        ends = [
            at for at in range(window - 1, len(whole)) if both[at] and np.isfinite(part[at - window + 1 : at + 1]).all()
        ]
        if len(ends) >= PERIODS and all(whole[at] == part[at - window + 1 : at + 1].sum() for at in ends):
            return [((at, total), tuple((at - back, other) for back in range(window))) for at in ends]
    return []

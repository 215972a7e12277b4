"""Which figures of a table are sums of others: what a reader can use to find a withheld one."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

PERIODS = 4  # in which a sum has to hold, where there are so many: in fewer it may do so by chance
SHORTER = (3, 4)  # parts of the table in which a sum is looked for where it holds in neither all nor half of it
MOSTLY = 2 / 3  # of the periods in which a running or moving sum has to hold: a revision undoes the others
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

    A series may be the sum of others, run up from the start of a year, or be a moving sum of another. Blanks are read both
    ways: as no part of the total, which was then added up of what was reported, and as a period that tells nothing.

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
    reported = np.isfinite(values)
    told = [
        ((period, total), tuple((period, part) for part in parts if reported[period, part]))
        for total, parts in _across(values, _orders(series.columns))
        for period in np.flatnonzero(reported[:, list(parts)].any(axis=1)).tolist()
        if values[period, total] == np.nansum(values[period, list(parts)])
    ]
    told += _run_up_by_many(values, _orders(series.columns))
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
    least = min(PERIODS, len(values))
    windows, shorter = _windows(values)
    together = _standing_together([*windows, *shorter], orders, least)
    for total in range(values.shape[1]):
        told = together[total]
        yield from ((total, parts) for parts in sorted(told))
        for window in windows:
            for parts in _decompositions(window, total, told, least):
                yield total, parts
        for window in shorter if not told else ():
            for parts in _decompositions(window, total, told, least):
                yield total, parts


def _windows(values: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The table, its halves, and the periods without a blank in what is mostly reported; and shorter parts of it."""
    every = np.arange(len(values))
    usual = np.isfinite(values).sum(axis=0) > len(values) / 2
    whole = np.flatnonzero(np.isfinite(values[:, usual]).all(axis=1))
    wide = [every, *np.array_split(every, 2), whole]
    wide = [part for part in wide if len(part) >= PERIODS or part is every]
    shorter = [part for number in SHORTER for part in np.array_split(every, number) if len(part) >= 2 * PERIODS]
    return _rows(values, wide), _rows(values, shorter)


def _rows(values: np.ndarray, parts: list[np.ndarray]) -> list[np.ndarray]:
    return [values[list(part)] for part in dict.fromkeys(tuple(part.tolist()) for part in parts)]


def _decompositions(
    window: np.ndarray, total: int, told: set[tuple[int, ...]], least: int
) -> Iterator[tuple[int, ...]]:
    """Sets of others that add up to a series and are not ``told`` yet; they are then."""
    for _ in range(DECOMPOSITIONS):
        found = _parts(window, total, told, least)
        if not found:
            return
        told.add(found)
        yield found


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
        told[total].update(_runs_of(values, total, order, least))


def _runs_of(values: np.ndarray, total: int, order: list[int], least: int) -> set[tuple[int, ...]]:
    reported = np.isfinite(values[:, total])
    if reported.sum() < least or not values[reported, total].any():
        return set()
    others = np.array([at for at in order if at != total and np.isfinite(values[reported, at]).any()], int)
    return set(_runs(np.nan_to_num(values[reported]), total, others))


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
    counted = np.nan_to_num(values[reported])
    can = (counted <= whole[reported, None]).all(axis=0) & counted.any(axis=0)
    can[total] = False
    candidates = np.flatnonzero(can)
    if reported.sum() < least or not whole[reported].any() or not 0 < len(candidates) <= A_PERIOD * reported.sum():
        return ()
    columns = counted[:, candidates]
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
    return tuple(candidates[chosen].tolist()) if exact else ()


def _run_up_by_many(values: np.ndarray, orders: list[list[int]]) -> Iterator[tuple[Place, tuple[Place, ...]]]:
    """Figures of series that run up several others at once: a total of which no month is in the table."""
    reported, least = np.isfinite(values), min(PERIODS, len(values))
    for total in range(values.shape[1]):
        steps = np.diff(values[:, total], prepend=np.nan)
        known = np.isfinite(steps)
        if known.sum() < least or (steps[known] >= 0).mean() < MOSTLY:
            continue
        rises = values.copy()
        rises[:, total] = np.where(steps < 0, values[:, total], steps)  # it began again
        windows, shorter = _windows(rises)
        told = {parts for window in windows for order in orders for parts in _runs_of(window, total, order, least)}
        for window in (*windows, *shorter):
            told.update(_decompositions(window, total, told, least))
        for parts in sorted(told):
            held = (rises[:, total] == np.nansum(values[:, list(parts)], axis=1)) & reported[:, list(parts)].any(axis=1)
            for period in np.flatnonzero(held).tolist() if held[known].mean() >= MOSTLY else ():
                before = ((period - 1, total),) if steps[period] >= 0 else ()
                yield (period, total), (*before, *((period, part) for part in parts if reported[period, part]))


def _along(whole: np.ndarray, part: np.ndarray, total: int, other: int) -> list[tuple[Place, tuple[Place, ...]]]:
    """Figures of a series that run up another, or add up its last ones."""
    both = np.isfinite(whole) & np.isfinite(part)
    if both.sum() < min(PERIODS, len(whole)) or both.sum() < 2 or (whole[both] == part[both]).all():
        return []
    if (whole[both] < part[both]).mean() > 1 - MOSTLY:  # a part of what it is added up in
        return []
    before = np.r_[np.nan, whole[:-1]]
    runs_up = both & (whole == before + part)
    begins = both & (whole == part) & ~runs_up
    explained = runs_up | begins
    unknown = ~np.isfinite(before)  # it may have begun before the table, or there is a blank
    tells = both & ~unknown & (part > 0)  # where it is nought, any level series runs it up
    if _holds(runs_up, explained | unknown, both, tells, min(PERIODS, len(whole)) - 1) and part[both].any():
        up = [((at, total), ((at - 1, total), (at, other))) for at in np.flatnonzero(runs_up).tolist()]
        return up + [((at, total), ((at, other),)) for at in np.flatnonzero(begins).tolist()]
    for window in WINDOWS:
        if window > len(part):
            break
        last = np.r_[np.full(window - 1, np.nan), np.lib.stride_tricks.sliding_window_view(part, window).sum(axis=1)]
        ends, held = both & np.isfinite(last), both & (whole == last)
        if _holds(held, held, ends, ends & (last > 0), PERIODS):
            return [
                ((at, total), tuple((at - back, other) for back in range(window)))
                for at in np.flatnonzero(held).tolist()
            ]
    return []


def _holds(held: np.ndarray, explained: np.ndarray, every: np.ndarray, tells: np.ndarray, least: int) -> bool:
    """Whether a sum holds in every period, or mostly in those that can tell; all (n,) arrays of bool."""
    if explained[every].all():
        return held.sum() >= least
    return (held & tells).sum() >= max(least, MOSTLY * tells.sum())

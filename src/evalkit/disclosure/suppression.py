"""Which further cells of a table have to be withheld, so that sums do not give a withheld one back.

A reader knows of a cell that is shown that it lies within its rounding, and of one that is withheld that it is no less
than its least; and that every sum adds up. That is a polytope around the exact figures. A small cell is protected where
the reader finds figures in it that are at least ``SPREAD`` apart: each is proved by whole figures that add up.

Cells are chosen as in the incremental attack of Kelly, Golden and Assad (1992, Networks 22: 397-417): for the cell that is
found out, the cheapest further cells whose withholding makes room for it.
"""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack
from scipy.sparse.csgraph import connected_components

from evalkit.disclosure.attack import SPREAD, WHOLE, Attack

STANDARD_OUTPUT = 1


@dataclass(frozen=True)
class Sum:
    """A cell that is the sum of others, by their positions."""

    total: int
    parts: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Cells:
    """Exact figures, and what a reader would know of each.

    Attributes
    ----------
    values : (n,) array of int
    low, high : (n,) arrays
        Between which a cell is known to lie where it is shown.
    least, most : (n,) arrays
        Between which it is known to lie where it is withheld. Of a small cell the most is what the rule withholds: further
        cells have the same mark, but who knows how they are chosen can often tell that a cell is none of them.
    small : (n,) array of bool
        Those that have to be withheld and protected.
    settled : (n,) array of bool
        Those that were shown before, so that withholding them now hides nothing.
    sums : sequence of Sum
    withhold : (n,) array of bool, optional
        Those that have to be withheld in any case; the small ones where it is left out.
    """

    values: np.ndarray
    low: np.ndarray
    high: np.ndarray
    least: np.ndarray
    most: np.ndarray
    small: np.ndarray
    settled: np.ndarray
    sums: Sequence[Sum] = field(default=())
    withhold: np.ndarray | None = None

    @property
    def from_the_start(self) -> np.ndarray:
        """What is withheld before any sum is looked at (n,)."""
        return self.small.copy() if self.withhold is None else self.small | self.withhold

    def matrix(self) -> csr_array:
        """One row a sum: 1 at its total, -1 at its parts; all are nought."""
        rows, columns, signs = [], [], []
        for row, one in enumerate(self.sums):
            for column, sign in ((one.total, 1.0), *((part, -1.0) for part in one.parts)):
                rows.append(row)
                columns.append(column)
                signs.append(sign)
        return csr_array((signs, (rows, columns)), shape=(len(self.sums), len(self.values)))

    def room(self, withheld: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far below and above its exact figure a reader could think each cell (n,)."""
        below = np.where(withheld & ~self.settled, self.least, self.low) - self.values
        above = np.where(withheld & ~self.settled, self.most, self.high) - self.values
        return below.astype(float), above.astype(float)


class NotProtected(ValueError):
    """What was shown before gives a cell back, whatever is withheld now."""

    def __init__(self, cell: int):
        super().__init__(f"cell {cell} cannot be protected")
        self.cell = cell


def withheld_cells(cells: Cells) -> np.ndarray:
    """Which cells to withhold (n,): the small ones, and as few others as protect them.

    Raises
    ------
    NotProtected
        Where what was shown before gives a small cell back.
    """
    withheld = cells.from_the_start
    with _silent():
        for positions in _linked(cells):
            withheld[positions] = _withheld_in(_part(cells, positions))
    return withheld


@contextmanager
def _silent() -> Generator[None]:
    """HiGHS writes a line of its own now and then, past Python, among what a command says."""
    try:
        kept = os.dup(STANDARD_OUTPUT)
    except OSError:  # there is none
        yield
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, STANDARD_OUTPUT)
    os.close(nothing)
    try:
        yield
    finally:
        os.dup2(kept, STANDARD_OUTPUT)
        os.close(kept)


def feasible_range(cells: Cells, withheld: np.ndarray, cell: int) -> tuple[float, float]:
    """The least and the largest whole figure that a reader finds possible in a cell."""
    (positions,) = [group for group in _linked(cells) if cell in group] or [np.array([cell])]
    part, own = _part(cells, positions), int(np.flatnonzero(positions == cell)[0])
    attack = Attack(part.matrix())
    below, above = part.room(withheld[positions])
    ends = [attack.extreme(below, above, own, sign) for sign in (-1, 1)]
    value = float(cells.values[cell])
    return value + ends[0], value + ends[1]


def _linked(cells: Cells) -> list[np.ndarray]:
    """Cells that sums link, for each group that holds a small one."""
    if not cells.sums:
        return []
    matrix = cells.matrix()
    _, label = connected_components(abs(matrix.T) @ abs(matrix), directed=False)
    summed = np.zeros(len(cells.values), bool)
    summed[matrix.indices] = True
    return [np.flatnonzero(label == group) for group in np.unique(label[cells.small & summed])]


def _part(cells: Cells, positions: np.ndarray) -> Cells:
    place = {int(position): at for at, position in enumerate(positions)}
    sums = [Sum(place[one.total], tuple(place[part] for part in one.parts)) for one in cells.sums if one.total in place]
    names = ("values", "low", "high", "least", "most", "small", "settled")
    return Cells(*(getattr(cells, name)[positions] for name in names), sums, cells.from_the_start[positions])


def _withheld_in(cells: Cells) -> np.ndarray:
    """Of cells that sums link."""
    attack = Attack(cells.matrix())
    withheld = cells.from_the_start
    small = np.flatnonzero(cells.small)
    while len(found_out := attack.found_out(*cells.room(withheld), small)):
        for cell in found_out:
            if len(attack.found_out(*cells.room(withheld), np.array([cell]))):
                withheld |= _further(cells, attack, withheld, int(cell))
    return _without_those_not_needed(cells, attack, withheld, small)


def _further(cells: Cells, attack: Attack, withheld: np.ndarray, cell: int) -> np.ndarray:
    """The fewest further cells whose withholding lets a cell be thought ``SPREAD`` apart, on one side or the other; where
    its own room is too small for either, those that open one side, so that the other can follow."""
    below, above = cells.room(withheld)
    needed = [sign * SPREAD + attack.at_least(below, above, cell, -sign) for sign in (1, -1)]
    for wanted in (needed, np.clip(needed, below[cell], above[cell])):
        choices = [_cheapest(cells, attack, withheld, cell, one) for one in wanted]
        helpful = [chosen for chosen in choices if chosen is not None and chosen.any()]
        if helpful:
            return min(helpful, key=lambda chosen: (int(chosen.sum()), int(cells.values[chosen].sum())))
    raise NotProtected(cell)


def _cheapest(cells: Cells, attack: Attack, withheld: np.ndarray, cell: int, needed: float) -> np.ndarray | None:
    """The further cells to withhold so that a cell can be thought ``needed`` from its figure; None where none do."""
    for where in (attack.near(np.array([cell])), np.arange(attack.count)):
        chosen = _cheapest_among(cells, attack, withheld, cell, needed, where)
        if chosen is not None:
            return chosen
    return None


def _cheapest_among(
    cells: Cells, attack: Attack, withheld: np.ndarray, cell: int, needed: float, where: np.ndarray
) -> np.ndarray | None:
    """The same, moving nothing but the cells ``where`` something may move."""
    n = len(where)
    wide = float(4 * max(abs(needed), 1) + 10)
    shut_below, shut_above = (np.clip(room[where], -wide, wide) for room in cells.room(withheld))
    open_below, open_above = (np.clip(room[where], -wide, wide) for room in cells.room(np.ones(attack.count, bool)))
    own = int(np.flatnonzero(where == cell)[0])
    if not open_below[own] <= needed <= open_above[own]:
        return None
    # A nought is shown, or it would be known as none.
    can = (~withheld & ~cells.settled & (cells.values >= cells.least))[where]
    rows = np.flatnonzero(can)
    # Distances within the room, plus what withholding a cell adds to it: y is whether it is withheld.
    lower, upper = np.where(can, open_below, shut_below), np.where(can, open_above, shut_above)
    lower[own] = upper[own] = needed
    matrix = attack.matrix[:, where]
    matrix = matrix[np.unique(matrix.indices)]
    pick = csr_array((np.ones(len(rows)), (np.arange(len(rows)), rows)), shape=(len(rows), n))
    adds = csr_array((matrix.shape[0], len(rows)))
    constraints = [
        LinearConstraint(hstack([matrix, adds]), 0, 0),
        LinearConstraint(hstack([pick, _diagonal(shut_above[rows] - upper[rows])]), -np.inf, shut_above[rows]),
        LinearConstraint(hstack([pick, _diagonal(shut_below[rows] - lower[rows])]), shut_below[rows], np.inf),
    ]
    cost = 1 + 1e-3 * np.log1p(cells.values[where][rows])
    found = milp(
        np.r_[np.zeros(n), cost],
        constraints=constraints,
        bounds=Bounds(np.r_[lower, np.zeros(len(rows))], np.r_[upper, np.ones(len(rows))]),
        integrality=np.ones(n + len(rows)),
    )
    if found.x is None:
        return None
    chosen = np.zeros(attack.count, bool)
    chosen[where[rows]] = found.x[n:] > WHOLE
    return chosen


def _diagonal(values: np.ndarray) -> csr_array:
    return csr_array((values, (np.arange(len(values)), np.arange(len(values)))), shape=(len(values), len(values)))


def _without_those_not_needed(cells: Cells, attack: Attack, withheld: np.ndarray, small: np.ndarray) -> np.ndarray:
    """A cell that was withheld for one that later ones protect as well is shown again, the largest first."""
    further = np.flatnonzero(withheld & ~cells.from_the_start)
    for cell in sorted(further, key=lambda one: (-int(cells.values[one]), int(one))):
        fewer = withheld.copy()
        fewer[cell] = False
        room, near = cells.room(fewer), np.intersect1d(attack.near(np.array([cell])), small)
        if not any(len(attack.found_out(*room, some, first_only=True)) for some in (near, small)):
            withheld = fewer
    return withheld

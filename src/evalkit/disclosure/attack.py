"""Who knows sums and roundings: how far apart can each withheld cell be thought?"""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, csr_array

SPREAD = 3  # so that at least four figures are possible
NEAR = 3  # sums
FEW = 8  # cells
TURNS = 4  # of pushing many cells at once
ROUNDS = 8  # of what a sum leaves its cells
FAR = 30  # as far as a range is worth knowing
WIDE = 1e6
WHOLE = 1e-6


class Attack:
    """What a reader can find out, as whole-number programs over the distance of each cell from its exact figure.

    Every answer is kept: distances that add up stay possible as long as each lies within its cell's room.

    Parameters
    ----------
    sums : (sums, cells) array
        Rows that are nought for exact figures.
    """

    def __init__(self, sums: csr_array):
        self.count = sums.shape[1]
        self.matrix, self._by_row = csc_array(sums), sums
        self._found = [np.zeros(self.count)]

    def near(self, cells: np.ndarray, sums: int = NEAR) -> np.ndarray:
        """Cells that so many sums lead to from others, by position."""
        reached = np.unique(cells)
        for _ in range(sums):
            rows = np.unique(self.matrix[:, reached].indices)
            reached = np.unique(self._by_row[rows].indices)
        return reached

    def extreme(self, below: np.ndarray, above: np.ndarray, cell: int, sign: int) -> float:
        """How far a cell can be thought from its figure on one side, at most ``FAR``."""
        return float(self._pushed(below, above, *_one(cell, sign), np.array([FAR]))[cell])

    def at_least(self, below: np.ndarray, above: np.ndarray, cell: int, sign: int) -> float:
        """The same where only cells near to it move, which is quicker."""
        own, side = _one(cell, sign)
        return float(self._pushed(below, above, own, side, np.array([FAR]), self.near(own))[cell])

    def found_out(
        self, below: np.ndarray, above: np.ndarray, which: np.ndarray, first_only: bool = False
    ) -> np.ndarray:
        """Those cells that can be thought less than ``SPREAD`` apart; the first one that is met, where that is enough."""
        below, above = self._narrowed(below, above)
        by_one_sum = (above - below)[which] < SPREAD
        told = [int(cell) for cell in which[by_one_sum]]
        if first_only and told:
            return np.array(told[:1])
        low, high = self._known_possible(below, above)
        left = self._left_by_many(below, above, which[~by_one_sum], low, high)
        for cell in left:
            if high[cell] - low[cell] < SPREAD and not self._comes_apart(below, above, int(cell), low, high):
                told.append(int(cell))
                if first_only:
                    break
        return np.array(sorted(told), dtype=int)

    def _narrowed(self, below: np.ndarray, above: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Room that each sum leaves its cells by itself: whole figures fit into it as they did before."""
        below, above = np.maximum(below, -WIDE), np.minimum(above, WIDE)
        row, sign = self.matrix.indices, self.matrix.data
        column = np.repeat(np.arange(self.count), np.diff(self.matrix.indptr))
        plus = sign > 0
        for _ in range(ROUNDS):
            least = np.where(plus, below[column], -above[column])
            most = np.where(plus, above[column], -below[column])
            others_least = np.bincount(row, least, self.matrix.shape[0])[row] - least
            others_most = np.bincount(row, most, self.matrix.shape[0])[row] - most
            narrower_below, narrower_above = below.copy(), above.copy()
            np.maximum.at(narrower_below, column, np.where(plus, -others_most, others_least))
            np.minimum.at(narrower_above, column, np.where(plus, -others_least, others_most))
            if (narrower_below == below).all() and (narrower_above == above).all():
                break
            below, above = narrower_below, narrower_above
        return below, above

    def _known_possible(self, below: np.ndarray, above: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Between which distances of each cell answers so far still hold."""
        found = np.array(self._found)
        found = found[((found >= below) & (found <= above)).all(axis=1)]
        return found.min(axis=0), found.max(axis=0)

    def _left_by_many(
        self, below: np.ndarray, above: np.ndarray, cells: np.ndarray, low: np.ndarray, high: np.ndarray
    ) -> np.ndarray:
        """Cells that are not proved when many are pushed at once, some up and some down; ``low`` and ``high`` are widened."""
        left = cells[high[cells] - low[cells] < SPREAD]
        for turn in range(TURNS):
            if len(left) <= 1:
                break
            signs = np.where(left >> turn & 1, 1, -1)
            where = self.near(left) if len(left) <= FEW else None
            for way in (signs, -signs):
                self._widen(below, above, left, way, low, high, where)
            before, left = len(left), left[high[left] - low[left] < SPREAD]
            if len(left) == before:
                break
        return left

    def _comes_apart(self, below: np.ndarray, above: np.ndarray, cell: int, low: np.ndarray, high: np.ndarray) -> bool:
        """Whether a cell by itself can be thought ``SPREAD`` apart. Programs of what is near mostly tell, and are small."""
        if self._held_by_the_near(below, above, cell):
            return False
        for where in (self.near(np.array([cell]), NEAR + 1), None):
            for sign in (1, -1):
                self._widen(below, above, *_one(cell, sign), low, high, where)
                if high[cell] - low[cell] >= SPREAD:
                    return True
        return False

    def _held_by_the_near(self, below: np.ndarray, above: np.ndarray, cell: int) -> bool:
        """Whether the sums near a cell leave it less than ``SPREAD``, whatever those farther away would allow."""
        own = np.array([cell])
        where, rows = self.near(own), np.unique(self.matrix[:, self.near(own, NEAR - 1)].indices)
        matrix, at = self.matrix[:, where][rows], np.flatnonzero(where == cell)
        apart = 0.0
        for sign in (1, -1):
            goal = np.zeros(len(where))
            goal[at] = -sign
            found = _furthest(goal, matrix, below[where], above[where], whole=False)
            if found is None:
                return False
            apart += np.floor(sign * found[at[0]] + WHOLE)
        return apart < SPREAD

    def _widen(
        self,
        below: np.ndarray,
        above: np.ndarray,
        cells: np.ndarray,
        signs: np.ndarray,
        low: np.ndarray,
        high: np.ndarray,
        where: np.ndarray | None = None,
    ) -> None:
        """Push cells as far as is needed; what is found holds for all."""
        needed = np.where(signs > 0, low[cells], -high[cells]) + SPREAD
        pushed = self._pushed(below, above, cells, signs, needed, where)
        np.minimum(low, pushed, out=low)
        np.maximum(high, pushed, out=high)

    def _pushed(
        self,
        below: np.ndarray,
        above: np.ndarray,
        cells: np.ndarray,
        signs: np.ndarray,
        most: np.ndarray,
        where: np.ndarray | None = None,
    ) -> np.ndarray:
        """Distances that add up, with those of ``cells`` as far to their side as they go, up to ``most``; all others than
        those ``where`` something may move are nought."""
        goal = np.zeros(self.count)
        goal[cells] = -signs
        lower, upper = np.maximum(below, -WIDE), np.minimum(above, WIDE)
        up, down = cells[signs > 0], cells[signs < 0]
        upper[up] = np.minimum(upper[up], most[signs > 0])
        lower[down] = np.maximum(lower[down], -most[signs < 0])
        found = np.zeros(self.count)
        where = np.arange(self.count) if where is None else where
        matrix = self.matrix[:, where]
        matrix = matrix[np.unique(matrix.indices)]
        furthest = _furthest(goal[where], matrix, lower[where], upper[where])
        if furthest is not None:
            found[where] = furthest
        self._found.append(found)
        return found


def _one(cell: int, sign: int) -> tuple[np.ndarray, np.ndarray]:
    return np.array([cell]), np.array([sign])


def _furthest(
    goal: np.ndarray, matrix: csc_array, lower: np.ndarray, upper: np.ndarray, whole: bool = True
) -> np.ndarray | None:
    """Whole distances, or any, within bounds that add up to nought along each row, with the least goal; None without any.

    What is summed over places and over months has whole corners, so that the plain program mostly gives whole figures.
    """
    adds_up, bounds = LinearConstraint(matrix, 0, 0), Bounds(lower, upper)
    found = milp(goal, constraints=adds_up, bounds=bounds, options={"presolve": False}).x
    if not whole:
        return found
    if found is None or np.abs(found - np.round(found)).max() > WHOLE:
        found = milp(goal, constraints=adds_up, bounds=bounds, integrality=np.ones(len(goal))).x
    return None if found is None else np.round(found)

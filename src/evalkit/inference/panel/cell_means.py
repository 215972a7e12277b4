"""Group-time effects without covariates: differences of means of cohorts, with every unit's part in their error.

Callaway and Sant'Anna (2021, equation 2.4 and theorem 2) without covariates: the effect on cohort g in period t is what
its mean has moved by since the base period, less what the mean of the units untreated in both periods has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evalkit.inference.panel.cohort_panel import NEVER, CohortPanel


@dataclass(frozen=True, eq=False)
class CellMeans:
    """k cells of a panel of N units, T periods and H cohorts, those never treated among them.

    Attributes
    ----------
    outcome : (N, T) array
        Each unit's, less its own mean: levels cancel in every cell.
    weights, cohort_of : (N,) arrays
        ``cohort_of`` is a position in ``groups``.
    groups : (H,) int array
        First treated periods, ``NEVER`` first.
    cohorts, periods, bases : (k,) int arrays
    controls : (k, H) bool array
        Cohorts that each cell's is compared with.
    """

    outcome: np.ndarray
    weights: np.ndarray
    cohort_of: np.ndarray
    groups: np.ndarray
    cohorts: np.ndarray
    periods: np.ndarray
    bases: np.ndarray
    controls: np.ndarray

    @classmethod
    def of(cls, panel: CohortPanel, comparison: str, anticipation: int, base_period: str) -> tuple["CellMeans", int]:
        """The cells that there is anybody to compare with, and how many others there are."""
        groups, cohort_of = np.unique(panel.cohort, return_inverse=True)
        wanted = [
            (cohort, period, base)
            for cohort in groups[groups != NEVER].tolist()
            for period, base in _periods(cohort, panel.outcome.shape[1], anticipation, base_period)
        ]
        cohorts, periods, bases = np.array(wanted, dtype=int).T
        untreated = groups[None, :] == NEVER
        if comparison == "not_yet_treated":
            both_before = np.maximum(periods, bases) + anticipation
            untreated = untreated | ((groups > both_before[:, None]) & (groups != cohorts[:, None]))
        controls = np.broadcast_to(untreated, (len(cohorts), len(groups)))
        kept = controls.any(axis=1) | (periods == bases)  # the base itself is nought, whoever there is
        outcome = panel.outcome - panel.outcome.mean(axis=1, keepdims=True)
        cells = cls(
            outcome, panel.weights, cohort_of, groups, cohorts[kept], periods[kept], bases[kept], controls[kept]
        )
        return cells, int((~kept).sum())

    @cached_property
    def _masses(self) -> np.ndarray:
        """Weight of each cohort (H,)."""
        return np.bincount(self.cohort_of, self.weights)

    @cached_property
    def _sums(self) -> np.ndarray:
        """Weighted sum of each cohort in each period (H, T)."""
        sums = np.zeros((len(self.groups), self.outcome.shape[1]))
        for position, rows in enumerate(self._rows):
            sums[position] = self.weights[rows] @ self.outcome[rows]
        return sums

    @cached_property
    def _rows(self) -> Sequence[np.ndarray]:
        """Units of each cohort."""
        order = np.argsort(self.cohort_of, kind="stable")
        return np.split(order, np.cumsum(np.bincount(self.cohort_of))[:-1])

    @cached_property
    def _own(self) -> np.ndarray:
        """Position of each cell's cohort (k,)."""
        return np.searchsorted(self.groups, self.cohorts)

    @cached_property
    def _movements(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What the treated and their controls moved by since the base, and the weight of the controls: (k,) each."""
        since = self._sums[:, self.periods] - self._sums[:, self.bases]
        own = since[self._own, np.arange(len(self.cohorts))] / self._masses[self._own]
        mass = np.where(self.controls.any(axis=1), self.controls @ self._masses, 1.0)
        return own, np.einsum("kh,hk->k", self.controls.astype(float), since) / mass, mass

    @property
    def estimates(self) -> np.ndarray:
        """(k,) effects."""
        own, others, _ = self._movements
        return own - others

    def combined(self, weights: np.ndarray) -> np.ndarray:
        """(N, m) parts of the units in the errors of m combinations of the cells, by ``weights`` (k, m)."""
        own, others, mass = self._movements
        treated, compared = weights / self._masses[self._own][:, None], weights / mass[:, None]
        n_cohorts, n_periods, m = len(self.groups), self.outcome.shape[1], weights.shape[1]
        slopes = np.zeros((n_cohorts, n_periods, m))  # what a unit's outcome in a period counts for
        for periods, sign in ((self.periods, 1.0), (self.bases, -1.0)):
            np.add.at(slopes, (self._own, periods), sign * treated)
            for period in np.unique(periods):
                here = periods == period
                slopes[:, period] -= sign * self.controls[here].T.astype(float) @ compared[here]
        level = -self.controls.T.astype(float) @ (compared * others[:, None])
        np.add.at(level, self._own, treated * own[:, None])
        parts = np.empty((len(self.weights), m))
        for position, rows in enumerate(self._rows):
            parts[rows] = (self.outcome[rows] @ slopes[position] - level[position]) * self.weights[rows, None]
        return parts


def _periods(cohort: int, n_periods: int, anticipation: int, base_period: str) -> list[tuple[int, int]]:
    """Periods of a cohort's cells, each with the one it is compared with."""
    last = cohort - 1 - anticipation
    if base_period == "universal":
        return [(period, last) for period in range(n_periods)]
    before = [(period, period - 1) for period in range(1, cohort)]
    return before + [(period, last) for period in range(cohort, n_periods)]

"""What changed at treated units beyond their comparators, for the true assignment and for any other.

Every estimate is a weighted sum of gap paths: a unit's change since its base less that of units untreated both at the
time and in the base (Callaway and Sant'Anna 2021, equation 2.9 without covariates, unit by unit).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from evalkit.designs.difference_in_differences.panel.adoption import AdoptionPanel
from evalkit.effect import FEW_UNITS
from evalkit.inference.contrast import Contrast
from evalkit.inference.ranks.assignments import assignments
from evalkit.inference.ranks.interval import detectable_by_rank, rank_interval

LEAST_FREEDOM = 4
# With so many clean units a treated one, others stand in for the treated from among them alone, so that changes that
# differ between the treated units do not count as noise; with fewer the test has to be exact.
CLEAN_ENOUGH = 20


@dataclass(frozen=True, eq=False)
class Differences:
    """A panel, how changes are measured in it, and the assignments they are ranked among.

    Attributes
    ----------
    panel : AdoptionPanel, treated units first
    base : "mean" (all periods before; the two-by-two design) or "last" (the last one before; group-time effects)
    comparison : "not_yet_treated" or "never_treated"
    """

    panel: AdoptionPanel
    base: str
    comparison: str
    seed: int = 0

    @cached_property
    def count(self) -> int:
        return int(self.panel.is_treated.sum())

    @cached_property
    def own(self) -> np.ndarray:
        """The true assignment (1, k)."""
        return np.arange(self.count)[None, :]

    @property
    def few(self) -> bool:
        """Whether there are too few treated or untreated units for clustered errors."""
        return min(self.count, len(self.panel.units) - self.count) < FEW_UNITS

    @cached_property
    def clean_only(self) -> bool:
        """Whether assignments are drawn among the units that were never treated, the treated set aside."""
        return len(self.panel.units) - self.count >= CLEAN_ENOUGH * self.count

    @property
    def starts(self) -> list[tuple[int, int]]:
        """When each treated unit is treated from, and until when it is untreated."""
        return list(zip(self.panel.starts.tolist(), self._until.tolist(), strict=True))

    @cached_property
    def others(self) -> np.ndarray:
        """Assignments that might have been (B, k), numbered as in the panel."""
        aside = self.count if self.clean_only else 0
        return aside + assignments(len(self.panel.units) - aside, self.starts, self.seed, with_treated=not aside)

    @property
    def _until(self) -> np.ndarray:
        return self.panel.untreated_until[self.panel.is_treated]

    @cached_property
    def base_weights(self) -> np.ndarray:
        """What each treated unit's change is counted from (k, T); rows sum to one."""
        weights = np.zeros((self.count, len(self.panel.periods)))
        for row, until in zip(weights, self._until, strict=True):
            row[0 if self.base == "mean" else until - 1 : until] = 1
        return weights / weights.sum(axis=1, keepdims=True)

    @cached_property
    def after(self) -> np.ndarray:
        """Periods in which each treated unit counts as treated (k, T) bool."""
        after = np.arange(len(self.panel.periods)) >= self.panel.starts[:, None]
        if self.panel.is_treated.all():
            # From the last unit's start on nobody is untreated.
            after &= np.arange(len(self.panel.periods)) < self._until.max()
        return after

    @cached_property
    def compared_before(self) -> np.ndarray:
        """Treated units (k,) that somebody is there to compare with before their start: the last of all have nobody."""
        return self._until < self._until.max() if self.panel.is_treated.all() else np.ones(self.count, dtype=bool)

    @property
    def earliest(self) -> int:
        """The longest time before a start in which somebody is compared."""
        return int(self._until[self.compared_before].max(initial=0))

    def paths(self, outcome: np.ndarray, units: np.ndarray, aside: int = 0) -> np.ndarray:
        """Gap paths (B, k, T) of the assignments ``units`` (B, k) in ``outcome`` (N, T), the first ``aside`` units left
        out of the comparison; missing where nobody is untreated."""
        weight = np.ones(len(outcome)) if self.panel.weights is None else self.panel.weights
        # A unit's level drops out; taken away first, an outcome that never moves gives exact zeros.
        outcome = outcome - outcome[:, :1]
        weighed = outcome * weight[:, None]
        total, everybody = weighed[aside:].sum(axis=0), weight[aside:].sum()
        periods = np.arange(outcome.shape[1])
        alone = self.comparison == "never_treated"
        together = [(until, self._until == until) for until in np.unique(self._until)]
        paths = np.empty((*units.shape, outcome.shape[1]))
        for own_until, own_group in together:
            base = self.base_weights[np.argmax(own_group)]
            level = np.broadcast_to(total - base @ total, (len(units), len(total))).copy()
            people = np.full(level.shape, everybody)
            for until, group in together:
                # A comparator is of another start, and untreated in the period and in all that a change is counted from.
                gone = (periods >= until) | (until <= own_until) | alone
                left = weighed[units[:, group]].sum(axis=1)
                level -= np.where(gone, left - (left @ base)[:, None], 0.0)
                people -= np.where(gone, weight[units[:, group]].sum(axis=1)[:, None], 0.0)
            with np.errstate(divide="ignore", invalid="ignore"):
                compared = np.where(people > 1e-9 * everybody, level / people, np.nan)
            for own in np.flatnonzero(own_group):
                series = outcome[units[:, own]]
                paths[:, own] = series - (series @ base)[:, None] - compared
        return paths

    @cached_property
    def noise(self) -> np.ndarray:
        """How much each unit's gap moves about its own steps at every start (N,): its scale, blind to any effect.

        Standard deviation of the gap to the mean of all units within the segments between the starts; 1 for all
        where fewer than four degrees of freedom are left to measure it.
        """
        outcome = self.panel.outcome
        gap = outcome - outcome.mean(axis=0)
        cuts = np.unique(np.concatenate([self.panel.starts, self._until]))
        pieces = np.split(gap, cuts[(cuts > 0) & (cuts < gap.shape[1])], axis=1)
        freedom = gap.shape[1] - len(pieces)
        if freedom < LEAST_FREEDOM:
            return np.ones(len(gap))
        squares = sum(((piece - piece.mean(axis=1, keepdims=True)) ** 2).sum(axis=1) for piece in pieces)
        sizes = np.sqrt(squares / freedom)
        smallest = sizes[sizes > 1e-9 * max(sizes.max(), 1e-300)]
        return np.maximum(sizes, smallest.min() if len(smallest) else 1.0)

    def weights(self, kind: Literal["att"] | int | tuple[int, int]) -> np.ndarray:
        """Weights of (k, T) over gap paths: "att" every treated unit and period alike, or the period ``e`` after the
        start, or periods ``first`` to ``last`` after it (negative before). Rows of units without it are zero."""
        periods = np.arange(len(self.panel.periods))
        since = periods - self.panel.starts[:, None]
        before = periods - self._until[:, None]
        if kind == "att":
            return self.after.astype(float)
        first, last = kind if isinstance(kind, tuple) else (kind, kind)
        if first >= 0:
            return (self.after & (since >= first) & (since <= last)).astype(float)
        return (self.compared_before[:, None] & (before >= first) & (before <= last)).astype(float)

    def estimates(self, outcome: np.ndarray, units: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Weighted means of gap paths (B,): each unit and period by the unit's own weight times ``weights`` (k, T)."""
        return _average(self.paths(outcome, units), self._unit_weights(units), weights)

    def _unit_weights(self, units: np.ndarray) -> np.ndarray:
        return np.ones(units.shape) if self.panel.weights is None else self.panel.weights[units]

    def scales(self, units: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Scale of an assignment's estimate (B,): noise of its units, weighted as they are."""
        share = self._unit_weights(units) * weights.sum(axis=1)
        share = share / share.sum(axis=1, keepdims=True)
        return np.sqrt((share**2 * self.noise[units] ** 2).sum(axis=1))

    @cached_property
    def own_paths(self) -> np.ndarray:
        """Gap paths of the treated units (k, T)."""
        return self.paths(self.panel.outcome, self.own)[0]

    @cached_property
    def other_paths(self) -> np.ndarray:
        """Gap paths of the other assignments (B, k, T)."""
        return self.paths(self.panel.outcome, self.others, self.count if self.clean_only else 0)

    @cached_property
    def _carried_paths(self) -> np.ndarray:
        """Gap paths that other assignments have of the treated units' own effect, if it was 1."""
        indicator = np.zeros_like(self.panel.outcome)
        for row, until in enumerate(self._until):
            indicator[row, until:] = 1.0
        return self.paths(indicator, self.others)

    def pretending(self, start: int, until: int) -> "Differences":
        """The periods before ``until`` as if every treated unit had started at position ``start``."""
        panel = self.panel
        position = np.where(panel.is_treated, start, until)
        counts, exposure = (None if frame is None else frame.iloc[:until] for frame in (panel.counts, panel.exposure))
        pretended = replace(
            panel,
            values=panel.values.iloc[:until],
            counts=counts,
            exposure=exposure,
            untreated_until=position,
            treated_from=position,
        )
        return replace(self, panel=pretended)

    def effect(self, weights: np.ndarray) -> float:
        """The true assignment's estimate."""
        return self.effect_of_paths(weights)

    def effect_of_paths(self, weights: np.ndarray) -> float:
        """The true assignment's mean gap, whatever the effect is measured by."""
        return float(_average(self.own_paths[None], self._unit_weights(self.own), weights)[0])

    def placebo_paths(self, weights: np.ndarray) -> np.ndarray:
        """Mean gaps of the other assignments (B,)."""
        return _average(self.other_paths, self._unit_weights(self.others), weights)

    def placebos(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Estimates and scales (B,) of the other assignments, the treated units as they are."""
        return self.placebo_paths(weights), self.scales(self.others, weights)

    def contrast(self, weights: np.ndarray) -> Contrast:
        """The estimate with the interval and p-value of its rank among the assignments."""
        others, scales = self.placebos(weights)
        scale = float(self.scales(self.own, weights)[0])
        return rank_interval(self.effect(weights), scale, others, scales, self.carried(weights))

    def carried(self, weights: np.ndarray) -> np.ndarray:
        """Share of the true effect that each assignment would pick up (B,)."""
        if self.clean_only:
            return np.zeros(len(self.others))
        return _average(self._carried_paths, self._unit_weights(self.others), weights)

    def detectable(self, weights: np.ndarray) -> float | None:
        """Smallest true effect found four times in five."""
        others, scales = self.placebos(weights)
        rest = others - self.effect(weights) * self.carried(weights)
        return detectable_by_rank(float(self.scales(self.own, weights)[0]), rest / scales)


def _average(paths: np.ndarray, unit_weights: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean of paths (B, k, T) by unit weights (B, k) and weights (k, T); paths without comparators do not count."""
    used = weights.any(axis=0)
    by_unit = np.einsum("bkt,kt->bk", np.nan_to_num(paths[:, :, used]), weights[:, used])
    return (by_unit * unit_weights).sum(axis=1) / (unit_weights @ weights.sum(axis=1))

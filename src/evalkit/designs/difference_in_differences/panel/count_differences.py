"""Difference-in-differences of counts with their exposure: ratios of rates, or of odds, of whole groups and spans."""

from dataclasses import dataclass

import numpy as np

from evalkit.designs.difference_in_differences.panel.differences import Differences
from evalkit.errors import EvaluationError
from evalkit.inference.contrast import Contrast
from evalkit.inference.ranks.interval import rank_interval


@dataclass(frozen=True, eq=False)
class CountDifferences(Differences):
    """One start; changes are log ratios of summed rates (poisson) or odds (binomial).

    Without exposure this is the Poisson regression with unit and period effects, in closed form: treated after over
    before, divided by comparators after over before. Log rates of single periods only serve as scales and pictures.
    """

    family: str = "poisson"

    def __post_init__(self) -> None:
        """Refuse what has no ratio: groups or spans without a case, or (binomial) without anything but cases."""
        counts, exposure = self.counted
        spans = {"before": self.base_weights[0] > 0, "after": self.after.any(axis=0)}
        for who, units in (("the treated", self.panel.is_treated), ("the comparators", ~self.panel.is_treated)):
            for when, span in spans.items():
                cases, at_risk = counts[units][:, span].sum(), exposure[units][:, span].sum()
                if cases == 0 or (self.family == "binomial" and cases == at_risk):
                    held = "no case" if cases == 0 else "nothing but cases"
                    raise EvaluationError(
                        f"There is {held} among {who} {when} the change, so there is no ratio to compare: take a longer"
                        " window, or family='gaussian'."
                    )

    @property
    def counted(self) -> tuple[np.ndarray, np.ndarray]:
        """Counts and their exposure (N, T)."""
        counts, exposure = self.panel.counts, self.panel.exposure
        assert counts is not None  # a panel of counts has both
        assert exposure is not None
        return counts.to_numpy(float).T, exposure.to_numpy(float).T

    @property
    def clean_only(self) -> bool:
        """Always: a ratio that was multiplied cannot be put back in sums that share units."""
        return True

    def _ratios(self, units: np.ndarray, weights: np.ndarray, aside: int) -> np.ndarray:
        counts, exposure = self.counted
        counted = weights.any(axis=1)
        after, before = weights[counted][0] > 0, self.base_weights[0] > 0
        change = 0.0
        for span, sign in ((after, 1), (before, -1)):
            cases, at_risk = counts[:, span].sum(axis=1), exposure[:, span].sum(axis=1)
            every = cases[units], at_risk[units]
            inside = [drawn[:, counted].sum(axis=1) for drawn in every]
            outside = [
                by_unit[aside:].sum() - own.sum(axis=1) for by_unit, own in zip((cases, at_risk), every, strict=True)
            ]
            change = change + sign * (self._link(*inside) - self._link(*outside))
        return change

    def _link(self, cases: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
        """Log rate or log odds; half a case where there is none."""
        others = at_risk - cases if self.family == "binomial" else at_risk
        half = np.where((cases == 0) | (others == 0), 0.5, 0.0)
        return np.log((cases + half) / (others + half))

    def effect(self, weights: np.ndarray) -> float:
        """The true assignment's log ratio."""
        return float(self._ratios(self.own, weights, 0)[0])

    def placebos(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log ratios and scales (B,) of the other assignments."""
        return self._ratios(self.others, weights, self.count), self.scales(self.others, weights)

    def carried(self, weights: np.ndarray) -> np.ndarray:
        return np.zeros(len(self.others))

    def contrast(self, weights: np.ndarray) -> Contrast:
        """The log ratio with the interval and p-value of its rank among the clean units."""
        others, scales = self.placebos(weights)
        return rank_interval(self.effect(weights), float(self.scales(self.own, weights)[0]), others, scales)

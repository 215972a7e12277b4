"""Restricted wild cluster bootstrap of two-way fixed effects, its interval by inversion.

Everything the bootstrap needs is linear in the value tested, so the draws are made once and every further value
costs a few operations a draw (Roodman, MacKinnon, Nielsen and Webb 2019, section 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evalkit.errors import EvaluationError
from evalkit.inference.classical.least_squares import Fit
from evalkit.inference.contrast import CONFIDENCE, Contrast

if TYPE_CHECKING:
    from evalkit.inference.panel.two_way_panel import TwoWayPanel

# Webb 2014: six points of mean zero and variance one, so that few clusters still give many different draws.
WEBB = np.sqrt(np.array([1.5, 1.0, 0.5])) * np.array([[-1.0], [1.0]])
CHUNK = 500
FARTHEST = 1e4
STEPS = 60


def restricted(panel: TwoWayPanel, fitted: Fit, seed: int, replications: int) -> list[Contrast]:
    """A contrast for each regressor, the null imposed on it alone; ``fitted`` gives estimate and CR1 error."""
    return [_one(panel, fitted, index, seed, replications) for index in range(panel.k)]


def _one(panel: TwoWayPanel, fitted: Fit, index: int, seed: int, replications: int) -> Contrast:
    estimate = float(fitted.coefficients[index])
    std_error = float(np.sqrt(fitted.covariance[index, index]))
    if std_error == 0:
        return Contrast(estimate, estimate, estimate, 0.0, float(estimate == 0), fitted.df)
    draws = _Draws(panel, index, seed, replications)
    plain = draws.plain_error(estimate)
    if plain == 0:
        raise EvaluationError("The clusters leave nothing to resample: the wild bootstrap needs more of them.")

    def p_value(value: float) -> float:
        return draws.p_value(value, (estimate - value) / plain)

    ends = [_end(p_value, estimate, side * std_error) for side in (-1, 1)]
    return Contrast(estimate, ends[0], ends[1], std_error, p_value(0.0), fitted.df)


def _end(p_value, estimate: float, step: float) -> float:
    """Where the p-value falls to 5% on one side; infinite where it never does."""
    level = 1 - CONFIDENCE
    near, far = 0.0, 1.0
    while p_value(estimate + far * step) > level:
        near, far = far, 2 * far
        if far > FARTHEST:
            return float(np.copysign(np.inf, step))
    for _ in range(STEPS):
        middle = 0.5 * (near + far)
        if p_value(estimate + middle * step) > level:
            near = middle
        else:
            far = middle
    return estimate + far * step


class _Draws:
    """Numerators and squared errors of every draw, as polynomials in the value tested.

    Restricted residuals for the value b are ``a - b c``: outcome and regressor, each less units, periods and the
    other regressors.
    """

    def __init__(self, panel: TwoWayPanel, index: int, seed: int, replications: int):
        others = np.delete(panel.regressors, index, axis=0)
        weights = panel.weights
        products = np.einsum("ant,bnt,n->ab", others, others, weights, optimize=True)
        inverse = np.linalg.inv(products)

        def less_others(values: np.ndarray) -> np.ndarray:
            right = np.einsum("ant,nt,n->a", others, values, weights, optimize=True)
            return values - np.tensordot(inverse @ right, others, axes=1)

        left = (less_others(panel.outcome), less_others(panel.regressors[index]))
        course = left[1]
        self._norm = float(np.einsum("nt,nt,n->", course, course, weights))
        self._own = [panel.by_cluster(np.einsum("nt,nt,n->n", course, values, weights)) for values in left]
        sums = [panel.by_cluster(values * weights[:, None]) for values in left]
        shared = [
            panel.by_cluster(np.einsum("ant,nt,n->na", others, values, weights, optimize=True)) for values in left
        ]
        size = self._own[1]
        # Rows of `within` give what the period means and the other regressors take from each cluster's score.
        within = np.hstack([sums[1] / weights.sum(), shared[1] @ inverse])
        spread = [np.hstack([sums[side], shared[side]]) for side in (0, 1)]

        random = np.random.default_rng(seed)
        moments = []
        for start in range(0, replications, CHUNK):
            drawn = random.choice(WEBB.ravel(), size=(min(CHUNK, replications - start), panel.clusters))
            numerators = [drawn @ own / self._norm for own in self._own]
            score = [
                drawn * self._own[side] - (drawn @ spread[side]) @ within.T - np.outer(numerators[side], size)
                for side in (0, 1)
            ]
            pairs = ((0, 0), (0, 1), (1, 1))
            moments.append(np.vstack([*numerators, *[(score[a] * score[b]).sum(axis=1) for a, b in pairs]]))
        self._moments = np.hstack(moments)

    def plain_error(self, estimate: float) -> float:
        """Sandwich error of the estimate itself, without small-sample factors, as the draws have it."""
        score = self._own[0] - estimate * self._own[1]
        return float(np.sqrt(score @ score)) / self._norm

    def p_value(self, value: float, statistic: float) -> float:
        """Share of draws with as large a t-statistic, the sample itself counted among them."""
        first, second, square, cross, last = self._moments
        numerator = (first - value * second) ** 2
        variance = np.maximum(square - 2 * value * cross + value**2 * last, 0) / self._norm**2
        as_large = numerator >= statistic**2 * variance * (1 - 1e-12)
        return (1 + int(as_large.sum())) / (1 + self._moments.shape[1])

"""A balanced panel for two-way fixed effects: checked, and less its unit and period means."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evalkit.errors import EvaluationError


@dataclass(frozen=True, eq=False)
class TwoWayPanel:
    """A balanced panel, checked.

    Attributes
    ----------
    raw_outcome (N, T), raw_regressors (k, N, T) : as given
    outcome (N, T), regressors (k, N, T) : less unit and period means
    weights : (N,)
    group : (N,) int, number of the unit's cluster
    """

    raw_outcome: np.ndarray
    raw_regressors: np.ndarray
    weights: np.ndarray
    group: np.ndarray

    @property
    def k(self) -> int:
        """Number of regressors."""
        return len(self.raw_regressors)

    @property
    def clusters(self) -> int:
        """Number of clusters, G."""
        return int(self.group.max()) + 1

    @cached_property
    def outcome(self) -> np.ndarray:
        """Less unit and period means (N, T)."""
        return self.demeaned(self.raw_outcome)

    @cached_property
    def regressors(self) -> np.ndarray:
        """Less unit and period means (k, N, T)."""
        return np.stack([self.demeaned(regressor) for regressor in self.raw_regressors])

    @cached_property
    def gram(self) -> np.ndarray:
        """Weighted products of the regressors (k, k)."""
        return np.einsum("ant,bnt,n->ab", self.regressors, self.regressors, self.weights, optimize=True)

    @cached_property
    def coefficients(self) -> np.ndarray:
        """Least squares (k,)."""
        right = np.einsum("ant,nt,n->a", self.regressors, self.outcome, self.weights, optimize=True)
        return np.linalg.solve(self.gram, right)

    @cached_property
    def residuals(self) -> np.ndarray:
        """What unit, period and regressors leave (N, T)."""
        return self.outcome - np.tensordot(self.coefficients, self.regressors, axes=1)

    def demeaned(self, values: np.ndarray) -> np.ndarray:
        """Less unit means, then less weighted period means: exact in one pass on a balanced panel."""
        within = values - values.mean(axis=1, keepdims=True)
        return within - self.weights @ within / self.weights.sum()

    def by_cluster(self, values: np.ndarray) -> np.ndarray:
        """Sums over the units of each cluster: (N, ...) to (G, ...)."""
        if self.clusters == len(self.group) and (np.diff(self.group) == 1).all():
            return values
        out = np.zeros((self.clusters, *values.shape[1:]))
        np.add.at(out, self.group, values)
        return out


def two_way_panel(outcome, regressors, weights=None, cluster=None) -> TwoWayPanel:
    """The panel as ``two_way`` takes it; raises the errors that ``two_way`` documents."""
    outcome = np.asarray(outcome, dtype=float)
    regressors = np.asarray(regressors, dtype=float)
    regressors = regressors[None] if regressors.ndim == 2 else regressors
    if outcome.ndim != 2 or regressors.ndim != 3 or regressors.shape[1:] != outcome.shape:
        raise EvaluationError("The outcome has to be units by periods, and every regressor of the same shape.")
    if not (np.isfinite(outcome).all() and np.isfinite(regressors).all()):
        raise EvaluationError("The panel has gaps: leave out the units or periods that have no figure.")
    units = len(outcome)
    weights = np.ones(units) if weights is None else np.asarray(weights, dtype=float)
    if weights.shape != (units,) or not (np.isfinite(weights).all() and (weights > 0).all()):
        raise EvaluationError("Weights have to be one positive number a unit.")
    labels = np.arange(units) if cluster is None else np.asarray(cluster)
    if labels.shape != (units,):
        raise EvaluationError("Clusters have to be one label a unit.")
    group = np.unique(labels, return_inverse=True)[1].reshape(units)
    panel = TwoWayPanel(outcome, regressors, weights, group)
    if panel.clusters < 2:
        raise EvaluationError("All units lie in one cluster: give a finer `cluster`.")
    _refuse_collinear(panel)
    return panel


def _refuse_collinear(panel: TwoWayPanel) -> None:
    """Refuse regressors that unit effects, period effects or the others already hold."""
    before = np.einsum("ant,ant,n->a", panel.raw_regressors, panel.raw_regressors, panel.weights, optimize=True)
    left = np.diag(panel.gram)
    scale = np.sqrt(np.where(left > 0, left, 1.0))
    if (left <= 1e-10 * before).any() or np.linalg.matrix_rank(panel.gram / np.outer(scale, scale)) < panel.k:
        raise EvaluationError(
            "A regressor cannot be told from the unit and period effects or from another regressor:"
            " there must be units without the change, and periods before it."
        )


def cluster_scores(panel: TwoWayPanel) -> np.ndarray:
    """Each cluster's weighted products of regressors and residuals (G, k)."""
    return panel.by_cluster(np.einsum("ant,nt,n->na", panel.regressors, panel.residuals, panel.weights, optimize=True))

"""Two-way fixed effects on a balanced panel, with inference for few clusters.

Outcomes (N units, T periods), one effect for each unit and each period, and one or several regressors of interest.
Which interval to believe: ``cluster_t`` with few treated clusters; the others are too narrow there (MacKinnon and
Webb 2018), and serve as comparison rows.
"""

from typing import Literal

import numpy as np
from scipy import stats

from evalkit.errors import EvaluationError
from evalkit.inference.classical.least_squares import Fit
from evalkit.inference.contrast import CONFIDENCE, Contrast
from evalkit.inference.panel import wild_bootstrap
from evalkit.inference.panel.two_way_panel import TwoWayPanel, cluster_scores, two_way_panel

How = Literal["CR1", "CR3", "cluster_t", "wild_bootstrap"]
HOWS = ("CR1", "CR3", "cluster_t", "wild_bootstrap")


def two_way(
    outcome: np.ndarray,
    regressors: np.ndarray,
    weights: np.ndarray | None = None,
    cluster: np.ndarray | None = None,
    how: How = "CR1",
    seed: int = 0,
    replications: int = 9999,
    count_unit_effects: bool = False,
) -> list[Contrast]:
    """The coefficient of every regressor beside unit and period effects, with its 95% interval.

    Parameters
    ----------
    outcome : (N, T), none missing
    regressors : (k, N, T), or (N, T) for a single one
    weights : (N,), positive
        Of the units; by default alike.
    cluster : (N,)
        Labels of groups of units that move together; by default every unit is its own.
    how : str
        ``"CR1"``: sandwich times G/(G-1) (NT-1)/(NT-K), K = k + T, as fixest and Stata ``reghdfe`` count parameters
        where the unit effects lie within clusters; t with G-1 degrees of freedom.
        ``"CR3"``: jackknife by cluster (MacKinnon, Nielsen and Webb 2023, equation 9: (G-1)/G times the squared
        changes), t with G-1.
        ``"cluster_t"``: the coefficient worked out in each cluster, then a t-test between treated and other clusters
        (Donald and Lang 2007), G-2 degrees of freedom. All treated have to start together. With weights a cluster
        counts by the sum of its units' weights, so that the estimate stays that of the regression.
        ``"wild_bootstrap"``: restricted wild cluster bootstrap (Cameron, Gelbach and Miller 2008) with Webb's six
        points; the interval holds every value it does not reject. The standard error shown is CR1.
    seed, replications : int
        Of the bootstrap.
    count_unit_effects : bool
        CR1 with K = k + T + N - 1, as dummies in least squares and Stata ``areg`` have it. Wider:
        the sandwich already allows for unit effects that lie within clusters.

    Returns
    -------
    list of k Contrast

    Raises
    ------
    EvaluationError
        Where the panel has gaps, a regressor cannot be told from the rest, or the clusters do not allow ``how``.
    """
    panel = two_way_panel(outcome, regressors, weights, cluster)
    if how not in HOWS:
        raise EvaluationError(f"how={how!r} is not available: use {', '.join(map(repr, HOWS))}.")
    if how == "cluster_t":
        return _collapsed(panel)
    if how == "wild_bootstrap":
        return wild_bootstrap.restricted(panel, _sandwich(panel, count_unit_effects), seed, replications)
    fitted = _sandwich(panel, count_unit_effects) if how == "CR1" else _jackknife(panel)
    return [fitted.contrast(weights) for weights in np.eye(panel.k)]


def fit_two_way(
    outcome: np.ndarray,
    regressors: np.ndarray,
    weights: np.ndarray | None = None,
    cluster: np.ndarray | None = None,
    how: Literal["CR1", "CR3"] = "CR1",
) -> Fit:
    """Coefficients (k,) and their covariance, for means and joint tests of them; arguments and errors of ``two_way``."""
    panel = two_way_panel(outcome, regressors, weights, cluster)
    if how not in ("CR1", "CR3"):
        raise EvaluationError(f"how={how!r} has no covariance of coefficients: use 'CR1' or 'CR3'.")
    return _sandwich(panel, False) if how == "CR1" else _jackknife(panel)


def _sandwich(panel: TwoWayPanel, count_unit_effects: bool) -> Fit:
    count, rows = panel.clusters, panel.outcome.size
    units, periods = panel.outcome.shape
    estimated = panel.k + periods + (units - 1 if count_unit_effects else 0)
    factor = count / (count - 1) * (rows - 1) / (rows - estimated)
    inverse = np.linalg.inv(panel.gram)
    scores = cluster_scores(panel)
    covariance = factor * inverse @ (scores.T @ scores) @ inverse
    return Fit(panel.coefficients, covariance, float(count - 1), panel.residuals.ravel(), f"CR1, t with {count - 1} df")


def _jackknife(panel: TwoWayPanel) -> Fit:
    """Leave out each cluster, period effects estimated anew, from sums alone.

    The period means of what stays are differences of sums, so no panel is demeaned again.
    """
    within = panel.raw_regressors - panel.raw_regressors.mean(axis=2, keepdims=True)
    target = panel.raw_outcome - panel.raw_outcome.mean(axis=1, keepdims=True)
    both = np.concatenate([within, target[None]])
    products = panel.by_cluster(np.einsum("ant,bnt,n->nab", both, both, panel.weights, optimize=True))
    sums = panel.by_cluster(np.einsum("ant,n->nat", both, panel.weights, optimize=True))
    mass = panel.by_cluster(panel.weights)
    kept = sums.sum(axis=0) - sums
    moments = products.sum(axis=0) - products
    moments -= np.einsum("gat,gbt->gab", kept, kept, optimize=True) / (mass.sum() - mass)[:, None, None]
    gram = moments[:, :-1, :-1]
    share = np.diagonal(gram, axis1=1, axis2=2) / np.diag(panel.gram)
    if (share < 1e-9).any() or (np.linalg.matrix_rank(gram) < panel.k).any():
        raise EvaluationError("CR3 leaves out each cluster in turn, so two clusters or more have to be treated.")
    without = np.linalg.solve(gram, moments[:, :-1, -1:])[..., 0]
    moved = without - panel.coefficients
    count = panel.clusters
    covariance = (count - 1) / count * moved.T @ moved
    return Fit(panel.coefficients, covariance, float(count - 1), panel.residuals.ravel(), f"CR3, t with {count - 1} df")


def _collapsed(panel: TwoWayPanel) -> list[Contrast]:
    """Each cluster's own coefficients, then treated clusters against the others.

    Where all treated units share the same course of the regressors, least squares on the panel is the difference
    between the mean coefficients of treated and other units, each regressed on that course alone.
    """
    treated = (panel.raw_regressors != 0).any(axis=(0, 2))
    courses = panel.raw_regressors[:, treated]
    if (courses != courses[:, :1]).any():
        raise EvaluationError("cluster_t needs all treated units to start in the same period: use another `how`.")
    group_treated = panel.by_cluster(treated * panel.weights) / panel.by_cluster(panel.weights)
    if ((group_treated > 0) & (group_treated < 1)).any():
        raise EvaluationError("cluster_t needs clusters that are wholly treated or not at all: use another `how`.")
    if panel.clusters < 3:
        raise EvaluationError("cluster_t needs three clusters or more.")
    course = np.column_stack([np.ones(panel.outcome.shape[1]), courses[:, 0].T])
    own = panel.raw_outcome @ np.linalg.pinv(course).T[:, 1:]
    mass = panel.by_cluster(panel.weights)
    values = panel.by_cluster(own * panel.weights[:, None]) / mass[:, None]
    share = np.array([mass * (group_treated == 1), mass * (group_treated == 0)])
    share /= share.sum(axis=1, keepdims=True)
    means = share @ values
    left = values - np.where((group_treated == 1)[:, None], means[0], means[1])
    df = panel.clusters - 2
    variance = (mass @ left**2) / df
    std_errors = np.sqrt(variance * (share**2 / mass).sum())
    return [
        _student(float(estimate), float(error), float(df))
        for estimate, error in zip(means[0] - means[1], std_errors, strict=True)
    ]


def _student(estimate: float, std_error: float, df: float) -> Contrast:
    if std_error == 0:
        return Contrast(estimate, estimate, estimate, 0.0, float(estimate == 0), df)
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, df)) * std_error
    p_value = 2 * float(stats.t.sf(abs(estimate) / std_error, df))
    return Contrast(estimate, estimate - half, estimate + half, std_error, p_value, df)

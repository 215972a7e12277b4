"""Means of group-time effects over event time, cohorts and calendar periods, with all that is uncertain about them.

Weights are shares of units in cohorts; they are estimated too, so each mean has an influence function of two parts
(Callaway and Sant'Anna 2021, section 3 and corollary 2). The figures are those of R's ``did`` without bootstrap, with t
in place of normal quantiles.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from evalkit.errors import EvaluationError
from evalkit.inference.classical.least_squares import Fit
from evalkit.inference.contrast import Contrast
from evalkit.inference.panel.group_time import GroupTime

KINDS = ("simple", "event_study", "cohort", "calendar")


@dataclass(frozen=True, eq=False)
class Aggregation:
    """m means of group-time effects and their overall mean.

    Attributes
    ----------
    kind : str
    labels : (m,) int array
        Event study: periods since the first treated one, which is 0. Cohort: index of its first treated period. Calendar:
        index of the period. Empty for ``"simple"``, which is an overall mean only.
    estimates, influence : (m,), (N, m) arrays
        ``influence`` on the scale of ``GroupTime``.
    overall : Contrast
        Simple: all cells after treatment by size of cohort. Event study: mean of labels 0 and later. Cohort: by size of
        cohort. Calendar: mean of the periods.
    overall_influence : (N,) array
    clusters : (N,) int array
    """

    kind: str
    labels: np.ndarray
    estimates: np.ndarray
    influence: np.ndarray
    overall: Contrast
    overall_influence: np.ndarray
    clusters: np.ndarray

    @property
    def df(self) -> float:
        """Number of clusters less one."""
        return float(self.clusters.max())

    @property
    def covariance(self) -> np.ndarray:
        """(m, m) of ``estimates``."""
        return clustered_covariance(self.influence, self.clusters)

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        """One a label, in order."""
        pairs = zip(self.estimates, self.influence.T, strict=True)
        return tuple(_contrast(float(estimate), column, self.clusters) for estimate, column in pairs)

    def combination(self, weights: np.ndarray) -> Contrast:
        """``weights @ estimates`` for fixed ``weights`` (m,), for instance the mean of the first twelve months."""
        return _contrast(float(weights @ self.estimates), self.influence @ weights, self.clusters)

    def only(self, kept: np.ndarray) -> "Aggregation":
        """The same with the labels in the boolean mask ``kept`` (m,); the overall mean stays what it is."""
        return Aggregation(
            self.kind, self.labels[kept], self.estimates[kept], self.influence[:, kept],
            self.overall, self.overall_influence, self.clusters,
        )  # fmt: skip


@dataclass(frozen=True)
class JointTest:
    """Test that several effects are all nought: ``p_value`` by Hotelling's T-squared, ``p_chi2`` as R prints it."""

    statistic: float
    number: int
    p_value: float
    p_chi2: float


def aggregate(effects: GroupTime, kind: str, *, balance: int | None = None) -> Aggregation:
    """Means of the cells of ``effects``.

    Parameters
    ----------
    kind : str
        ``"simple"``, ``"event_study"``, ``"cohort"`` or ``"calendar"``.
    balance : int, optional
        Event study only: keep cohorts seen for ``balance`` periods after their first treated one, and labels up to
        ``balance``, so that every mean after treatment is over the same cohorts (R: ``balance_e``).

    Raises
    ------
    EvaluationError
        Where the kind is unknown, or no cell is left.
    """
    if kind not in KINDS:
        raise EvaluationError(f"kind={kind!r} is not known: use one of {', '.join(KINDS)}.")
    since = effects.event_times
    after = since >= 0
    if not after.any():
        raise EvaluationError("No effect after treatment could be estimated: nobody was still untreated then.")
    if kind == "simple":
        (estimate,), parts = _by_size(effects, [after])
        return _assembled(effects, kind, np.empty(0, dtype=int), np.empty(0), parts[:, :0], estimate, parts[:, 0])
    if kind == "event_study":
        kept = np.ones(len(since), dtype=bool)
        if balance is not None:
            kept = effects.cohorts + balance < effects.n_periods
            kept &= (since <= balance) & (since >= balance - (effects.n_periods - 1))
            if balance < 0 or not (kept & after).any():
                raise EvaluationError(f"balance={balance}: no cohort is seen for that long; use a smaller number.")
        labels = np.unique(since[kept])
        estimates, parts = _by_size(effects, [kept & (since == label) for label in labels])
        later = labels >= 0
        overall = float(estimates[later].mean()), parts[:, later].mean(axis=1)
        return _assembled(effects, kind, labels, estimates, parts, *overall)
    if kind == "calendar":
        labels = np.unique(effects.periods[after])
        estimates, parts = _by_size(effects, [after & (effects.periods == label) for label in labels])
        return _assembled(effects, kind, labels, estimates, parts, float(estimates.mean()), parts.mean(axis=1))
    labels = np.unique(effects.cohorts[after])
    chosen = np.column_stack([after & (effects.cohorts == label) for label in labels])
    weights = chosen / chosen.sum(axis=0)
    estimates, parts = effects.estimates @ weights, effects.parts.combined(weights)
    shares, moved = _shares(effects, labels, estimates)
    overall = float(shares @ estimates), parts @ shares + moved
    return _assembled(effects, kind, labels, estimates, parts, *overall)


def cells(effects: GroupTime) -> tuple[Contrast, ...]:
    """Each cohort's effect in each period with its interval, in the order of ``effects``; base periods are nought."""
    return tuple(
        _contrast(float(estimate), column, effects.clusters)
        for estimate, column in zip(effects.estimates, effects.influence.T, strict=True)
    )


def clustered_sums(influence: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """(G, m) sums of ``influence`` (N, m) within ``clusters`` (N,), numbered from 0."""
    if clusters.max() + 1 == len(clusters):
        return influence
    order = np.argsort(clusters, kind="stable")
    starts = np.searchsorted(clusters[order], np.arange(clusters.max() + 1))
    return np.add.reduceat(influence[order], starts, axis=0)


def clustered_covariance(influence: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """(m, m) from ``influence`` (N, m): the cross products of its sums within clusters."""
    sums = clustered_sums(influence, clusters)
    return sums.T @ sums


def joint_test(estimates: np.ndarray, covariance: np.ndarray, df: float) -> JointTest | None:
    """Test that all ``estimates`` (m,) are nought; None where the clusters are too few to test them together.

    The covariance is itself estimated from the clusters, ``df`` + 1 of them, so that the statistic over m is no
    F(m, df): (df - m + 1) / (df m) times it is F(m, df - m + 1) (Hotelling 1931).
    """
    number = len(estimates)
    spread = np.sqrt(np.diag(covariance))
    if not number or number > df or not (spread > 0).all():
        return None
    correlation = covariance / np.outer(spread, spread)
    if np.linalg.matrix_rank(correlation, tol=1e-8, hermitian=True) < number:
        return None
    scaled = estimates / spread
    statistic = float(scaled @ np.linalg.solve(correlation, scaled))
    left = df - number + 1
    p_value = float(stats.f.sf(statistic * left / (df * number), number, left))
    return JointTest(statistic, number, p_value, float(stats.chi2.sf(statistic, number)))


def pre_trend(effects: GroupTime) -> JointTest | None:
    """Wald test that no cohort moved against its comparators before treatment, over all cells (as R's ``did`` prints).

    The months of ``anticipation`` are not among them. None where there are no such cells, or too many for the clusters.
    """
    before = (effects.event_times < -effects.anticipation) & (effects.periods != effects.bases)
    weights = np.eye(len(effects.estimates))[:, before]
    covariance = clustered_covariance(effects.parts.combined(weights), effects.clusters)
    return joint_test(effects.estimates[before], covariance, effects.df)


def _shares(effects: GroupTime, cohorts: np.ndarray, estimates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of ``cohorts`` (m,) by size, summing to one, and what estimating them adds to each unit's part (N,).

    With s the sum of the shares before, a unit of weight w in cohort g moves the mean, by being there, by w / (s N) times
    the sum of (estimate - mean) over the estimates of g.
    """
    shares = effects.shares(cohorts)
    total = shares.sum()
    excess = np.bincount(cohorts + 1, estimates - shares @ estimates / total, minlength=effects.n_periods + 1)
    return shares / total, effects.weights * excess[effects.unit_cohorts + 1] / (total * len(effects.weights))


def _by_size(effects: GroupTime, chosen: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Means by size of the cells in each of m masks (k,), and the units' parts in their errors: (m,) and (N, m)."""
    weights, added = np.zeros((len(effects.estimates), len(chosen))), []
    for column, kept in enumerate(chosen):
        weights[kept, column], moved = _shares(effects, effects.cohorts[kept], effects.estimates[kept])
        added.append(moved)
    return effects.estimates @ weights, effects.parts.combined(weights) + np.column_stack(added)


def _assembled(effects, kind, labels, estimates, parts, overall: float, influence: np.ndarray) -> Aggregation:
    return Aggregation(
        kind=kind,
        labels=labels,
        estimates=estimates,
        influence=parts,
        overall=_contrast(overall, influence, effects.clusters),
        overall_influence=influence,
        clusters=effects.clusters,
    )


def _contrast(estimate: float, influence: np.ndarray, clusters: np.ndarray) -> Contrast:
    sums = clustered_sums(influence, clusters)
    fit = Fit(np.array([estimate]), np.array([[(sums**2).sum()]]), float(clusters.max()), np.empty(0), "influence")
    return fit.contrast(np.ones(1))

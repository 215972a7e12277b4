"""A balanced panel as arrays: looked at once, and as the long frame that diff-diff reads."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError

NEVER = -1
COMPARISONS = ("not_yet_treated", "never_treated")


@dataclass(frozen=True, eq=False)
class CohortPanel:
    """N units in T periods, every one observed.

    Attributes
    ----------
    outcome : (N, T) array
    cohort : (N,) int array
        Index of the first treated period, ``NEVER`` for units never treated.
    weights : (N,) array
        Ones unless ``weighted``.
    weighted : bool
    covariates : (N, k) array
    clusters : (N,) int array
        Numbered from 0; each unit by itself unless given.
    """

    outcome: np.ndarray
    cohort: np.ndarray
    weights: np.ndarray
    weighted: bool
    covariates: np.ndarray
    clusters: np.ndarray

    @classmethod
    def checked(
        cls,
        outcome: np.ndarray,
        cohort: np.ndarray,
        anticipation: int,
        weights: np.ndarray | None,
        covariates: np.ndarray | None,
        cluster: np.ndarray | None,
    ) -> "CohortPanel":
        """The panel, or ``EvaluationError``; ``anticipation`` -1 where units treated from the first period on are welcome."""
        outcome = np.asarray(outcome, dtype=float)
        cohort = np.asarray(cohort, dtype=int)
        n, n_periods = outcome.shape
        if cohort.shape != (n,) or cohort.min() < NEVER or cohort.max() >= n_periods:
            raise EvaluationError(
                f"`cohort` needs one number a unit, from 0 to {n_periods - 1}, or {NEVER} for never treated."
            )
        if not np.isfinite(outcome).all():
            units = int((~np.isfinite(outcome)).any(axis=1).sum())
            raise EvaluationError(
                f"{units} of {n} units lack a value in some period: keep units observed in every period."
            )
        if (cohort == NEVER).all():
            raise EvaluationError("No unit is ever treated: give at least one the period of its first treatment.")
        early = int(((cohort != NEVER) & (cohort <= anticipation)).sum())
        if early:
            allowed = f" and {anticipation} of anticipation" if anticipation else ""
            raise EvaluationError(
                f"{early} of {n} units have no period before treatment{allowed}: leave them out, or begin earlier."
            )
        if weights is not None and (
            np.shape(weights) != (n,) or not (np.isfinite(weights) & (np.asarray(weights) > 0)).all()
        ):
            raise EvaluationError("`weights` needs one positive number a unit.")
        values = np.empty((n, 0)) if covariates is None else np.asarray(covariates, dtype=float).reshape(n, -1)
        if not np.isfinite(values).all():
            raise EvaluationError("A covariate is missing for some unit: leave out the unit or the covariate.")
        if values.shape[1] and np.linalg.matrix_rank(_with_constant(values)) <= values.shape[1]:
            raise EvaluationError(
                "The covariates cannot be told apart from one another, or one never varies: leave one out."
            )
        clusters = np.arange(n) if cluster is None else np.unique(np.asarray(cluster), return_inverse=True)[1]
        if clusters.shape != (n,) or clusters.max() < 1:
            raise EvaluationError("`cluster` needs one number a unit and at least two different ones.")
        unit_weights = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
        return cls(outcome, cohort, unit_weights, weights is not None, values, clusters)

    def refuse_without_comparison(self, comparison: str) -> None:
        """Raise ``EvaluationError`` where nobody can be compared with."""
        if comparison not in COMPARISONS:
            raise EvaluationError(f"comparison={comparison!r} is not known: use 'not_yet_treated' or 'never_treated'.")
        if (self.cohort == NEVER).any():
            return
        if comparison == "never_treated":
            raise EvaluationError(
                "Every unit is treated at some time, so none can be compared as never treated: use comparison='not_yet_treated'."
            )
        if len(np.unique(self.cohort)) < 2:
            raise EvaluationError(
                "Every unit is treated at the same time, so there is nobody to compare with: add untreated units."
            )

    @property
    def smallest_cohort(self) -> int:
        return int(np.unique(self.cohort[self.cohort != NEVER], return_counts=True)[1].min())

    @property
    def covariate_names(self) -> list[str]:
        return [f"covariate {i}" for i in range(self.covariates.shape[1])]

    def frame(self) -> pd.DataFrame:
        """One row a unit and period: periods from 1, never treated 0."""
        n, n_periods = self.outcome.shape
        columns = {
            "unit": np.repeat(np.arange(n), n_periods),
            "time": np.tile(np.arange(1, n_periods + 1), n),
            "first": np.repeat(self.cohort + 1, n_periods),
            "outcome": self.outcome.ravel(),
            "cluster": np.repeat(self.clusters, n_periods),
        }
        if self.weighted:
            columns["weight"] = np.repeat(self.weights / self.weights.mean(), n_periods)
        for name, values in zip(self.covariate_names, self.covariates.T, strict=True):
            columns[name] = np.repeat(values, n_periods)
        return pd.DataFrame(columns)


def _with_constant(values: np.ndarray) -> np.ndarray:
    spread = values.std(axis=0)
    return np.column_stack([np.ones(len(values)), (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)])

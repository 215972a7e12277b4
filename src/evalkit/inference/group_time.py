"""Effects by cohort and period, imputation and the parts of two-way fixed effects, from diff-diff.

The one module that knows diff-diff. Arrays go in and come out; periods are indices from 0, a cohort is the index of its
first treated period, ``NEVER`` stands for units never treated. What diff-diff refuses or warns of comes out as an
``EvaluationError`` or as plain sentences in ``notes``.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError
from evalkit.inference.regression import Contrast, Fit

NEVER = -1
COMPARISONS = ("not_yet_treated", "never_treated")
BASE_PERIODS = ("varying", "universal")
PROPENSITY_LIMIT = 0.01
TOLERANCE = 1e-6

COMPARISON_WORDS = {
    "treated_vs_never": "treated with never treated",
    "earlier_vs_later": "earlier with later treated",
    "later_vs_earlier": "later with earlier treated (forbidden)",
}
SENTENCES = (
    (r"Low Events Per Variable", "Some cohorts have few units for the number of covariates: look at the estimate without them."),
    (r"propensity", "In some cohorts the covariates all but tell treated from untreated units, so that few comparators count."),
    (r"Rank-deficient|rank-deficient|collinear", "Some covariates cannot be told apart in some cohorts and were left out there."),
    (r"already treated|always-treated|always treated", "Units treated from the first period on count as untreated in the parts of two-way fixed effects."),
    (r"could not be estimated|cannot be imputed|not identified|unidentified", "Some cohorts could not be followed in some periods, because nobody was still untreated."),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class GroupTime:
    """Average effects on each cohort in each period (Callaway and Sant'Anna 2021, equation 2.4), k cells, N units.

    Attributes
    ----------
    cohorts, periods, bases : (k,) int arrays
        First treated period of the cell's cohort, the period itself and the one it is compared with, as indices from 0,
        sorted by cohort, then period. A cell with ``periods == bases`` is nought by definition.
    estimates : (k,) array
        In the unit of the outcome. Cells that could not be estimated are left out, with a note.
    influence : (N, k) array
        Each unit's part in the error of each estimate, scaled so that the covariance of the estimates is ``S.T @ S``,
        where ``S`` (G, k) holds the sums of the rows within each cluster: no further factor, as in R's ``did`` without
        bootstrap. R's own influence functions are N times these.
    unit_cohorts, weights, clusters : (N,) arrays
        Cohort of each unit, its weight (mean one) and its cluster, numbered from 0.
    n_periods, anticipation : int
    base_period : str
        ``"varying"``: a period before treatment is compared with the one just before it; ``"universal"``: every period
        with the last one before treatment, less ``anticipation``. Effects after treatment are the same.
    comparison : str
    notes : tuple of str
    """

    cohorts: np.ndarray
    periods: np.ndarray
    bases: np.ndarray
    estimates: np.ndarray
    influence: np.ndarray
    unit_cohorts: np.ndarray
    weights: np.ndarray
    clusters: np.ndarray
    n_periods: int
    anticipation: int
    base_period: str
    comparison: str
    notes: tuple[str, ...]

    @property
    def months_since(self) -> np.ndarray:
        """(k,) Periods since the cohort's first treated one, which is 0."""
        return self.periods - self.cohorts

    @property
    def df(self) -> float:
        """Number of clusters less one."""
        return float(self.clusters.max())

    @property
    def sizes(self) -> dict[int, int]:
        """Number of units in each cohort, in order of cohort."""
        found, counts = np.unique(self.unit_cohorts[self.unit_cohorts != NEVER], return_counts=True)
        return {int(cohort): int(count) for cohort, count in zip(found, counts, strict=True)}

    def shares(self, cohorts: np.ndarray) -> np.ndarray:
        """Weighted share of all units that belong to each of ``cohorts`` (m,)."""
        return (self.weights[:, None] * (self.unit_cohorts[:, None] == cohorts[None, :])).mean(axis=0)


def group_time(
    outcome: np.ndarray,
    cohort: np.ndarray,
    *,
    comparison: str = "not_yet_treated",
    anticipation: int = 0,
    base_period: str = "varying",
    weights: np.ndarray | None = None,
    covariates: np.ndarray | None = None,
    cluster: np.ndarray | None = None,
) -> GroupTime:
    """Group-time average treatment effects, before and after treatment, with their influence functions.

    Parameters
    ----------
    outcome : (N, T) array
        One row a unit, one column a period, none missing.
    cohort : (N,) int array
        Index of the first treated period, ``NEVER`` for units never treated.
    comparison : str
        ``"not_yet_treated"`` or ``"never_treated"``.
    anticipation : int
        Periods before treatment in which it may already work.
    base_period : str
        ``"varying"`` (as R's ``did``) or ``"universal"`` (for an event study, and for ``trend_sensitivity``).
    weights : (N,) array, optional
        Positive, for instance populations.
    covariates : (N, k) array, optional
        Fixed over time. Doubly robust then (Sant'Anna and Zhao 2020, equation 2.6).
    cluster : (N,) int array, optional
        What was treated together; each unit by itself by default.

    Raises
    ------
    EvaluationError
        Where the arrays cannot be used, or nothing can be estimated.
    """
    if base_period not in BASE_PERIODS:
        raise EvaluationError(f"base_period={base_period!r} is not known: use 'varying' or 'universal'.")
    panel = _Panel.checked(outcome, cohort, anticipation, weights, covariates, cluster)
    panel.refuse_without_comparison(comparison)
    from diff_diff import CallawaySantAnna

    names = panel.covariate_names
    with _quietly() as caught:
        estimator = CallawaySantAnna(
            control_group=comparison,
            anticipation=anticipation,
            estimation_method="dr" if names else "reg",
            base_period=base_period,
            pscore_trim=PROPENSITY_LIMIT,
        )
        found = estimator.fit(panel.frame(), **panel.columns, covariates=names, survey_design=panel.design())
    cells = {key: cell for key, cell in found.group_time_effects.items() if np.isfinite(cell["effect"])}
    keys = sorted(cells)
    influence = _influence(found, keys, cells, len(panel.cohort))
    cohorts, periods = (np.array([int(key[i]) - 1 for key in keys]) for i in (0, 1))
    last = cohorts - 1 - anticipation
    bases = last if base_period == "universal" else np.where(periods >= cohorts, last, periods - 1)
    notes = _notes(caught, lost=len(found.group_time_effects) - len(keys))
    return GroupTime(
        cohorts=cohorts,
        periods=periods,
        bases=bases,
        estimates=np.array([float(cells[key]["effect"]) for key in keys]),
        influence=influence,
        unit_cohorts=panel.cohort,
        weights=panel.weights / panel.weights.mean(),
        clusters=panel.clusters,
        n_periods=panel.outcome.shape[1],
        anticipation=anticipation,
        base_period=base_period,
        comparison=comparison,
        notes=(*notes, *_alone(panel.cohort)),
    )


def imputation(
    outcome: np.ndarray,
    cohort: np.ndarray,
    *,
    anticipation: int = 0,
    weights: np.ndarray | None = None,
    cluster: np.ndarray | None = None,
) -> tuple[Contrast, tuple[str, ...]]:
    """Mean effect on the treated, from what untreated months predict (Borusyak, Jaravel and Spiess 2024, theorem 2).

    Arrays as in ``group_time``. Returns the effect, its standard error conservative as in theorem 3 and its degrees of
    freedom the number of clusters less one, and notes.

    Raises
    ------
    EvaluationError
        Where the arrays cannot be used, or nothing can be estimated.
    """
    panel = _Panel.checked(outcome, cohort, anticipation, weights, None, cluster)
    panel.refuse_without_comparison("not_yet_treated")
    from diff_diff import ImputationDiD

    with _quietly() as caught:
        estimator = ImputationDiD(anticipation=anticipation, cluster="cluster")
        found = estimator.fit(panel.frame(), **panel.columns, survey_design=panel.design())
    effect, std_error = float(found.overall_att), float(found.overall_se)
    if not np.isfinite(effect) or not np.isfinite(std_error):
        raise EvaluationError("Imputation found no effect it could estimate: more untreated periods are needed.")
    fit = Fit(np.array([effect]), np.array([[std_error**2]]), float(panel.clusters.max()), np.empty(0), "imputation")
    return fit.contrast(np.ones(1)), _notes(caught)


@dataclass(frozen=True, eq=False)
class Decomposition:
    """What two-way fixed effects average (Goodman-Bacon 2021, theorem 1).

    Attributes
    ----------
    estimate : float
        The two-way fixed effects estimate: the sum of weight times estimate.
    table : DataFrame
        One row a kind of comparison: comparison, weight, estimate, forbidden.
    pairs : DataFrame
        One row a pair of cohorts: comparison, treated, control (indices of first treated periods, ``NEVER`` for units
        never treated), weight, estimate, forbidden.
    notes : tuple of str
    """

    estimate: float
    table: pd.DataFrame
    pairs: pd.DataFrame
    notes: tuple[str, ...]


def bacon(outcome: np.ndarray, cohort: np.ndarray) -> Decomposition:
    """The two-by-two comparisons that the two-way fixed effects estimate is a weighted mean of.

    ``outcome`` (N, T) and ``cohort`` (N,) as in ``group_time``; units treated from the first period on count as untreated.

    Raises
    ------
    EvaluationError
        Where the arrays cannot be used, or all units are treated at the same time.
    """
    panel = _Panel.checked(outcome, cohort, -1, None, None, None)
    panel.refuse_without_comparison("not_yet_treated")
    from diff_diff import BaconDecomposition

    with _quietly() as caught:
        found = BaconDecomposition(weights="exact").fit(panel.frame(), **panel.columns)
    rows = [
        {
            "comparison": COMPARISON_WORDS[one.comparison_type],
            "treated": int(one.treated_group) - 1,
            "control": NEVER if one.comparison_type == "treated_vs_never" else int(one.control_group) - 1,
            "weight": float(one.weight),
            "estimate": float(one.estimate),
            "forbidden": one.comparison_type == "later_vs_earlier",
        }
        for one in found.comparisons
    ]
    if not rows:
        raise EvaluationError("No two groups of units were treated at different times: there is nothing to take apart.")
    pairs = pd.DataFrame(rows).sort_values(["forbidden", "comparison", "treated", "control"], ignore_index=True)
    kinds = []
    for words in COMPARISON_WORDS.values():
        of_kind = pairs[pairs["comparison"] == words]
        weight = float(of_kind["weight"].sum())
        if weight > 0:
            mean = float((of_kind["weight"] * of_kind["estimate"]).sum()) / weight
            forbidden = bool(of_kind["forbidden"].iloc[0])
            kinds.append({"comparison": words, "weight": weight, "estimate": mean, "forbidden": forbidden})
    return Decomposition(float(found.twfe_estimate), pd.DataFrame(kinds), pairs, _notes(caught))


@dataclass(frozen=True, eq=False)
class _Panel:
    """Arrays that were looked at, and the frame that diff-diff reads: periods from 1, never treated 0."""

    outcome: np.ndarray
    cohort: np.ndarray
    weights: np.ndarray
    weighted: bool
    covariates: np.ndarray
    clusters: np.ndarray

    columns = {"outcome": "outcome", "unit": "unit", "time": "time", "first_treat": "first"}

    @classmethod
    def checked(cls, outcome, cohort, anticipation, weights, covariates, cluster) -> "_Panel":
        """The panel; ``anticipation`` -1 where units treated from the first period on are welcome."""
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
        given = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
        return cls(outcome, cohort, given, weights is not None, values, clusters)

    def refuse_without_comparison(self, comparison: str) -> None:
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
    def covariate_names(self) -> list[str] | None:
        return [f"covariate {i}" for i in range(self.covariates.shape[1])] or None

    def frame(self) -> pd.DataFrame:
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
        for name, values in zip(self.covariate_names or (), self.covariates.T, strict=True):
            columns[name] = np.repeat(values, n_periods)
        return pd.DataFrame(columns)

    def design(self):
        """diff-diff's way to say that units have weights."""
        if not self.weighted:
            return None
        from diff_diff import SurveyDesign

        return SurveyDesign(weights="weight")


def _with_constant(values: np.ndarray) -> np.ndarray:
    spread = values.std(axis=0)
    return np.column_stack([np.ones(len(values)), (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)])


def _influence(found, keys: list, cells: dict, n: int) -> np.ndarray:
    """(N, k) from diff-diff's store, which is not part of its public face: every column must give the cell's own error."""
    kit = getattr(found, "_aggregation_kit", None)
    parts = getattr(kit, "influence", None) or {}
    influence = np.zeros((n, len(keys)))
    for column, key in enumerate(keys):
        if cells[key].get("is_reference"):
            continue
        part = parts.get(key)
        if part is None:
            raise EvaluationError("This version of diff-diff does not give influence functions: install 3.13.")
        influence[part["treated_idx"], column] = part["treated_inf"]
        influence[part["control_idx"], column] += part["control_inf"]
    errors = np.array([0.0 if cells[key].get("is_reference") else cells[key]["se"] for key in keys])
    if not np.allclose(np.linalg.norm(influence, axis=0), errors, rtol=TOLERANCE, atol=1e-12):
        raise EvaluationError("This version of diff-diff scales influence functions otherwise: install 3.13.")
    return influence


@contextmanager
def _quietly() -> Iterator[list[warnings.WarningMessage]]:
    """Collect warnings; turn what diff-diff refuses into one sentence."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        try:
            yield caught
        except (ValueError, np.linalg.LinAlgError) as error:
            text = str(error)
            if "Propensity" in text or "propensity" in text or "logit" in text.lower():
                sentence = "The covariates tell treated from untreated units completely: use fewer covariates, or none."
            elif "Could not estimate any" in text:
                sentence = "No cohort could be compared with untreated units in any period: add units never treated."
            else:
                sentence = "These data do not hold what group-time effects need: look at who is treated when."
            raise EvaluationError(sentence) from error


def _notes(caught: list[warnings.WarningMessage], lost: int = 0) -> tuple[str, ...]:
    """Warnings as plain sentences, each once, in order of the list above; unknown ones in general words."""
    texts = [str(one.message) for one in caught if issubclass(one.category, UserWarning)]
    found = [sentence for pattern, sentence in SENTENCES if any(re.search(pattern, text) for text in texts)]
    if lost and SENTENCES[-1][1] not in found:
        found.append(SENTENCES[-1][1])
    unknown = [text for text in texts if not any(re.search(pattern, text) for pattern, _ in SENTENCES)]
    if unknown:
        found.append("The calculation gave a warning that has no plain words yet: have a statistician look at it.")
    return tuple(found)


def _alone(cohort: np.ndarray) -> tuple[str, ...]:
    """A cohort of one shows no spread of its own: its influence is nought by construction."""
    _, counts = np.unique(cohort[cohort != NEVER], return_counts=True)
    alone = int((counts == 1).sum())
    if not alone:
        return ()
    who = "One cohort is a single unit" if alone == 1 else f"{alone} cohorts are single units"
    return (f"{who}, whose own variation the standard errors cannot see: trust the placebo comparison instead.",)

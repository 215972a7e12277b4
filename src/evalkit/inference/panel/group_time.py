"""Effects by cohort and period, imputation and the parts of two-way fixed effects.

Those without covariates are differences of means (``cell_means``); the others are from diff-diff, and this is the one
module that knows it. Arrays go in and come out; periods are indices from 0, a cohort is the index of its
first treated period, ``NEVER`` stands for units never treated. What diff-diff refuses or warns of comes out as an
``EvaluationError`` or as plain sentences in ``notes``.
"""

import re
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError
from evalkit.inference.classical.least_squares import Fit
from evalkit.inference.contrast import Contrast
from evalkit.inference.panel.cell_means import CellMeans
from evalkit.inference.panel.cohort_panel import NEVER, CohortPanel

BASE_PERIODS = ("varying", "universal")
DIFF_DIFF_COLUMNS: dict[str, Any] = {"outcome": "outcome", "unit": "unit", "time": "time", "first_treat": "first"}
PROPENSITY_LIMIT = 0.01
UNITS_FOR_PROPENSITY = 5
TOLERANCE = 1e-6

NOBODY_LEFT = "No cohort could be compared with untreated units in any period: add units never treated."
REGRESSION_ONLY = (
    "Some cohorts have few units for the number of covariates, so the covariates are adjusted for by regression among"
    " comparators only, not by weights as well."
)

COMPARISON_WORDS = {
    "treated_vs_never": "treated with never treated",
    "earlier_vs_later": "earlier with later treated",
    "later_vs_earlier": "later with earlier treated (forbidden)",
}
SENTENCES = (
    (r"Low Events Per Variable", "Some cohorts have few units for the number of covariates: look at the estimate without them."),
    (r"[Pp]ropensity", "In some cohorts the covariates all but tell treated from untreated units, so that few comparators count."),
    (r"Rank-deficient matrix|collinear|[Rr]ank-deficient covariate", "Some covariates cannot be told apart in some cohorts and were left out there."),
    (r"always-treated", "Units treated from the first period on count as untreated in the parts of two-way fixed effects."),
    (r"could not be estimated|Rank condition violated|cannot be imputed|not identified|unidentified", "Some cohorts could not be followed in some periods, because nobody was still untreated."),
)  # fmt: skip
# Another way to the same numbers, and weights scaled to mean one.
OF_NO_CONSEQUENCE = ("falling back to a sparse LSMR", "weights normalized")


@dataclass(frozen=True, eq=False)
class DenseParts:
    """The parts of N units in the errors of k cells, written out."""

    influence: np.ndarray

    def combined(self, weights: np.ndarray) -> np.ndarray:
        """(N, m) for m combinations of the cells, by ``weights`` (k, m)."""
        return self.influence @ weights


@dataclass(frozen=True, eq=False)
class GroupTime:
    """Average effects on each cohort in each period (Callaway and Sant'Anna 2021, theorem 1), k cells, N units.

    Attributes
    ----------
    cohorts, periods, bases : (k,) int arrays
        First treated period of the cell's cohort, the period itself and the one it is compared with, as indices from 0,
        sorted by cohort, then period. A cell with ``periods == bases`` is nought by definition.
    estimates : (k,) array
        In the unit of the outcome. Cells that could not be estimated are left out, with a note.
    parts : CellMeans or DenseParts
        Each unit's part in the error of each estimate, as ``influence`` has it, held so that thousands of cells of
        thousands of units need not be written out: ask for combinations.
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
    parts: CellMeans | DenseParts
    unit_cohorts: np.ndarray
    weights: np.ndarray
    clusters: np.ndarray
    n_periods: int
    anticipation: int
    base_period: str
    comparison: str
    notes: tuple[str, ...]

    @property
    def influence(self) -> np.ndarray:
        """(N, k) Each unit's part in the error of each estimate.

        Scaled so that the covariance of the estimates is ``S.T @ S``, where ``S`` (G, k) holds the sums of the rows within
        each cluster: no further factor, as in R's ``did`` without bootstrap. R's own influence functions are N times these.
        """
        return self.parts.combined(np.eye(len(self.estimates)))

    @property
    def event_times(self) -> np.ndarray:
        """(k,) Event time: periods since the cohort's first treated one, which is 0."""
        return self.periods - self.cohorts

    @property
    def df(self) -> float:
        """Number of clusters less one."""
        return float(self.clusters.max())

    @property
    def sizes(self) -> dict[int, int]:
        """Number of units in each cohort, in order of cohort."""
        cohorts, counts = np.unique(self.unit_cohorts[self.unit_cohorts != NEVER], return_counts=True)
        return {int(cohort): int(count) for cohort, count in zip(cohorts, counts, strict=True)}

    def shares(self, cohorts: np.ndarray) -> np.ndarray:
        """Weighted share of all units that belong to each of ``cohorts`` (m,)."""
        # Cohorts begin at NEVER, -1.
        masses = np.bincount(self.unit_cohorts + 1, self.weights, minlength=self.n_periods + 1)
        return masses[np.asarray(cohorts) + 1] / len(self.weights)


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
        Fixed over time. Doubly robust then (Sant'Anna and Zhao 2020, section 2); by outcome regression only, with a
        note, where a cohort has fewer than five units more than covariates.
    cluster : (N,) int array, optional
        What was treated together; each unit by itself by default.

    Raises
    ------
    EvaluationError
        Where the arrays cannot be used, or nothing can be estimated.
    """
    if base_period not in BASE_PERIODS:
        raise EvaluationError(f"base_period={base_period!r} is not known: use 'varying' or 'universal'.")
    panel = CohortPanel.checked(outcome, cohort, anticipation, weights, covariates, cluster)
    panel.refuse_without_comparison(comparison)
    made = (_doubly_robust if panel.covariate_names else _of_means)(panel, comparison, anticipation, base_period)
    last = made.cohorts - 1 - anticipation
    return GroupTime(
        cohorts=made.cohorts,
        periods=made.periods,
        bases=last if base_period == "universal" else np.where(made.periods >= made.cohorts, last, made.periods - 1),
        estimates=made.estimates,
        parts=made.parts,
        unit_cohorts=panel.cohort,
        weights=panel.weights / panel.weights.mean(),
        clusters=panel.clusters,
        n_periods=panel.outcome.shape[1],
        anticipation=anticipation,
        base_period=base_period,
        comparison=comparison,
        notes=(*made.notes, *_alone(panel.cohort)),
    )


@dataclass(frozen=True, eq=False)
class _Cells:
    """Cells of cohort and period with their effects (k,), however they were made."""

    cohorts: np.ndarray
    periods: np.ndarray
    estimates: np.ndarray
    parts: CellMeans | DenseParts
    notes: tuple[str, ...]


def _of_means(panel: CohortPanel, comparison: str, anticipation: int, base_period: str) -> _Cells:
    means, lost = CellMeans.of(panel, comparison, anticipation, base_period)
    if (means.periods == means.bases).all():
        raise EvaluationError(NOBODY_LEFT)
    return _Cells(means.cohorts, means.periods, means.estimates, means, _notes([], lost))


def _doubly_robust(panel: CohortPanel, comparison: str, anticipation: int, base_period: str) -> _Cells:
    """With covariates; by outcome regression only where cohorts are too small for a propensity score."""
    from diff_diff import CallawaySantAnna

    names = panel.covariate_names
    # A score cannot be fitted to a handful of treated units; R's did asks for five more than covariates too.
    few = panel.smallest_cohort < UNITS_FOR_PROPENSITY + len(names)
    with _quietly() as caught:
        estimator = CallawaySantAnna(
            control_group=comparison,
            anticipation=anticipation,
            estimation_method="reg" if few else "dr",
            base_period=base_period,
            pscore_trim=PROPENSITY_LIMIT,
        )
        results = estimator.fit(panel.frame(), **DIFF_DIFF_COLUMNS, covariates=names, survey_design=_design(panel))
    cells = {key: cell for key, cell in results.group_time_effects.items() if np.isfinite(cell["effect"])}
    keys = sorted(cells)
    cohorts, periods = (np.array([int(key[i]) - 1 for key in keys]) for i in (0, 1))
    estimates = np.array([float(cells[key]["effect"]) for key in keys])
    influence = _influence(results, keys, cells, len(panel.cohort))
    notes = _notes(caught, lost=len(results.group_time_effects) - len(keys))
    return _Cells(cohorts, periods, estimates, DenseParts(influence), (*notes, *((REGRESSION_ONLY,) if few else ())))


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
    panel = CohortPanel.checked(outcome, cohort, anticipation, weights, None, cluster)
    panel.refuse_without_comparison("not_yet_treated")
    from diff_diff import ImputationDiD

    with _quietly() as caught:
        estimator = ImputationDiD(anticipation=anticipation, cluster="cluster")
        results = estimator.fit(panel.frame(), **DIFF_DIFF_COLUMNS, survey_design=_design(panel))
    effect, std_error = float(results.overall_att), float(results.overall_se)
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
    panel = CohortPanel.checked(outcome, cohort, -1, None, None, None)
    panel.refuse_without_comparison("not_yet_treated")
    from diff_diff import BaconDecomposition

    with _quietly() as caught:
        decomposition = BaconDecomposition(weights="exact").fit(panel.frame(), **DIFF_DIFF_COLUMNS)
    rows = [
        {
            "comparison": COMPARISON_WORDS[pair.comparison_type],
            "treated": int(pair.treated_group) - 1,
            "control": NEVER if pair.comparison_type == "treated_vs_never" else int(pair.control_group) - 1,
            "weight": float(pair.weight),
            "estimate": float(pair.estimate),
            "forbidden": pair.comparison_type == "later_vs_earlier",
        }
        for pair in decomposition.comparisons
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
    return Decomposition(float(decomposition.twfe_estimate), pd.DataFrame(kinds), pairs, _notes(caught))


def _design(panel: CohortPanel):
    """diff-diff's way to say that units have weights."""
    if not panel.weighted:
        return None
    from diff_diff import SurveyDesign

    return SurveyDesign(weights="weight")


def _influence(results, keys: list, cells: dict, n: int) -> np.ndarray:
    """(N, k) from diff-diff's store, which is not part of its public face: every column must give the cell's own error."""
    kit = getattr(results, "_aggregation_kit", None)
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
def _quietly() -> Generator[list[warnings.WarningMessage]]:
    """Collect warnings; turn what diff-diff refuses into one sentence."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        try:
            yield caught
        except (ValueError, ArithmeticError, RuntimeError, np.linalg.LinAlgError) as error:
            text = str(error)
            if "Propensity" in text or "propensity" in text or "logit" in text.lower():
                sentence = "The covariates tell treated from untreated units completely: use fewer covariates, or none."
            elif "Could not estimate any" in text:
                sentence = NOBODY_LEFT
            else:
                sentence = "These data do not hold what group-time effects need: look at who is treated when."
            raise EvaluationError(sentence) from error


def _notes(caught: list[warnings.WarningMessage], lost: int = 0) -> tuple[str, ...]:
    """Warnings as plain sentences, each once, in order of the list above; unknown ones in general words."""
    texts = [str(warning.message) for warning in caught if issubclass(warning.category, UserWarning)]
    sentences = [sentence for pattern, sentence in SENTENCES if any(re.search(pattern, text) for text in texts)]
    if lost and SENTENCES[-1][1] not in sentences:
        sentences.append(SENTENCES[-1][1])
    known = (*(pattern for pattern, _ in SENTENCES), *OF_NO_CONSEQUENCE)
    unknown = [text for text in texts if not any(re.search(pattern, text) for pattern in known)]
    if unknown:
        sentences.append("The calculation gave a warning that has no plain words yet: have a statistician look at it.")
    return tuple(sentences)


def _alone(cohort: np.ndarray) -> tuple[str, ...]:
    """A cohort of one shows no spread of its own: its influence is nought by construction."""
    _, counts = np.unique(cohort[cohort != NEVER], return_counts=True)
    alone = int((counts == 1).sum())
    if not alone:
        return ()
    who = "One cohort is a single unit" if alone == 1 else f"{alone} cohorts are single units"
    return (f"{who}, whose own variation the standard errors cannot see: trust the placebo comparison instead.",)

"""A treated series less its comparators, and every comparator put through the same procedure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from evalkit import check_register
from evalkit.check_register import Check
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.errors import EvaluationError, did_you_mean, named
from evalkit.inference.autoregressive.fit import fit_many
from evalkit.inference.contrast import Contrast
from evalkit.inference.ranks.interval import TEST_LEVEL, least_p_value, studentised_rank_interval

ENOUGH_COMPARATORS = 19
KINDS = ("pool", "synthetic", "factors")
STARTS = "treated_from"  # the column in which `ek.load` says when each unit began
# Pulls synthetic weights towards equal ones: as much as one more month of data with the comparators' own variance.
RIDGE = 1.0
MANY_FACTORS_FROM = 24


@dataclass(frozen=True, eq=False)
class Gap:
    """The comparators of a treated unit.

    Attributes
    ----------
    values : (n, c) array of the comparators used, complete wherever ``level`` is
    used : labels of those c
    level : (n,) what they suggest for the treated unit; missing where most did not report
    members : DataFrame of every comparator named: unit, used, weight, reason
    kind : pool, synthetic or factors
    before : (n,) bool, the periods weights may be learned from
    """

    values: np.ndarray
    used: tuple[str, ...]
    level: np.ndarray
    members: pd.DataFrame
    kind: str
    before: np.ndarray

    @property
    def enough(self) -> bool:
        """Whether a rank among them can reach 5%."""
        return len(self.used) >= ENOUGH_COMPARATORS

    def check(self) -> Check:
        """Passed with 19 comparators or more, which a 5% rank test needs."""
        count, named = len(self.used), len(self.members)
        left = f", {named - count} of those named left out for missing months" if named > count else ""
        least = (
            ""
            if self.enough
            else f" The least p-value that a rank among so few can have is {least_p_value(count):.2g}."
        )
        return check_register.ENOUGH_COMPARATORS.result(
            self.enough, f"{count} comparator{'s' if count != 1 else ''}{left}.{least}"
        )


def gap(values: pd.DataFrame, labels: list[str], comparators: str | Sequence[str], design: SegmentedModel) -> Gap:
    """The comparators among the columns of ``values`` (n periods x units).

    A period that most comparators miss is missing for all; a comparator that misses any other period is left out,
    so that the comparison is always with the same units. Weights are learned from the periods before the change only.

    Parameters
    ----------
    comparators : "pool" (their mean), "synthetic" (weights that sum to one and follow the treated unit before the
        change), "factors" (common factors of the comparators), or a list of labels to pool

    Raises
    ------
    EvaluationError
        Where a label is unknown, or no comparator is complete.
    """
    others = [unit for unit in values.columns if unit not in labels]
    if isinstance(comparators, str) and comparators not in KINDS:
        raise EvaluationError(
            f"comparators={comparators!r} is not available: use 'pool', 'synthetic', 'factors' or a list of labels."
        )
    named = others if isinstance(comparators, str) else [str(label) for label in comparators]
    if named and not others:
        raise EvaluationError(f"`comparators` names {named[0]!r}, but the frame holds no unit besides {labels[0]!r}.")
    for label in named:
        if label not in others:
            what = "is a treated unit" if label in labels else "is not a unit of the frame"
            raise EvaluationError(f"The comparator {label!r} {what}{did_you_mean(label, others)}.")
    if not named:
        raise EvaluationError(f"{labels[0]} has no comparators: name some, or leave `comparators` out.")
    block = values[named]
    reported = block.notna().mean(axis=1).to_numpy() > 0.5
    complete = block[reported].notna().all(axis=0)
    used = [label for label in named if complete[label]]
    if not used:
        raise EvaluationError(
            "No comparator has every month of the window: shorten the window, or name other comparators."
        )
    chosen = np.where(reported[:, None], block[used].to_numpy(float), np.nan)
    own = values[labels].mean(axis=1, skipna=False).to_numpy()
    kind = comparators if isinstance(comparators, str) else "pool"
    before = reported & ~design.after & ~design.in_transition
    level, weights = _expected(kind, chosen, own, before & ~np.isnan(own))
    members = pd.DataFrame(
        {
            "unit": named,
            "used": [bool(complete[label]) for label in named],
            "weight": [float(weights[used.index(label)]) if complete[label] else 0.0 for label in named],
            "reason": ["" if complete[label] else _missing(block[label][reported]) for label in named],
        }
    )
    return Gap(chosen, tuple(used), level, members, kind, before)


def _expected(kind: str, others: np.ndarray, target: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the others (n, c) suggest for the target (n,), and their weights (c,); zero weights for factors."""
    count = others.shape[1]
    if kind == "synthetic" and count > 1:
        weights = _synthetic_weights(others[before], target[before])
        return others @ weights, weights
    if kind == "factors" and count > 1:
        return _by_factors(others, target, before), np.zeros(count)
    return others.mean(axis=1), np.full(count, 1 / count)


def _synthetic_weights(others: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Non-negative weights (c,) that sum to one and bring the others' course nearest to the target's, levels aside.

    Abadie, Diamond and Hainmueller 2010 with an intercept (Doudchenko and Imbens 2016) and a ridge, since there are
    more comparators than months.
    """
    centred, wanted = others - others.mean(axis=0), target - target.mean()
    count = others.shape[1]
    heavy = 1e3 * max(float(np.abs(centred).max()), 1e-12)
    ridge = np.sqrt(RIDGE * len(others) * max(float(centred.var()), 1e-24))
    system = np.vstack([centred, np.full((1, count), heavy), ridge * np.eye(count)])
    right = np.concatenate([wanted, [heavy], np.full(count, ridge / count)])
    weights = nnls(system, right, maxiter=50 * count)[0]
    return weights / weights.sum()


def _by_factors(others: np.ndarray, target: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The target regressed, before the change, on the first common factors of the others (Xu 2017, without its EM step)."""
    known = ~np.isnan(others[:, 0])
    centred = others - others[before].mean(axis=0)
    spread = centred[before].std(axis=0)
    scaled = centred[known] / np.where(spread > 0, spread, 1.0)
    factors = np.full((len(others), 2 if before.sum() >= MANY_FACTORS_FROM else 1), np.nan)
    left, sizes, _ = np.linalg.svd(scaled, full_matrices=False)
    factors[known] = (left * sizes)[:, : factors.shape[1]]
    columns = np.column_stack([np.ones(len(others)), factors])
    return columns @ np.linalg.lstsq(columns[before], target[before], rcond=None)[0]


def _missing(series: pd.Series) -> str:
    missing = [str(period) for period in series.index[series.isna()]]
    return f"no figure in {', '.join(missing[:3])}" + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")


def nearest(comparators: Gap, own: np.ndarray) -> Gap | None:
    """The third of the comparators (at least 19) whose mean before the change is nearest to the treated unit's."""
    size = max(ENOUGH_COMPARATORS, len(comparators.used) // 3)
    if size >= len(comparators.used):
        return None
    before = comparators.before & ~np.isnan(own)
    distance = np.abs(comparators.values[before].mean(axis=0) - own[before].mean())
    chosen = np.sort(np.argsort(distance, kind="stable")[:size])
    values = comparators.values[:, chosen]
    level, _ = _expected(comparators.kind, values, own, before)
    return Gap(
        values,
        tuple(comparators.used[index] for index in chosen),
        level,
        comparators.members,
        comparators.kind,
        comparators.before,
    )


@dataclass(frozen=True, eq=False)
class Placebo:
    """What the procedure finds at comparators, where nothing is known to have changed.

    Attributes
    ----------
    units : labels (c,)
    estimates, half_widths : (c,) on the model's scale; half-widths of the calibrated interval
    """

    units: tuple[str, ...]
    estimates: np.ndarray
    half_widths: np.ndarray

    @cached_property
    def studentised(self) -> np.ndarray:
        """Each change over its calibrated half-width (c,): noisy and steady units become comparable."""
        return self.estimates / np.where(self.half_widths > 0, self.half_widths, np.inf)

    def ranked(self, contrast: Contrast) -> Contrast:
        """The contrast with the interval and p-value of the rank test.

        The interval holds every change that, taken away, would leave the treated unit's studentised change within
        the largest 5% of the comparators': estimate +- half-width x the m-th largest, m = floor(0.05 (c + 1)).
        """
        return studentised_rank_interval(contrast, self.studentised, self.as_large(contrast))

    def as_large(self, own: Contrast) -> int:
        """How many comparators changed as much for their noise, or more; ``own`` has its calibrated interval."""
        return int((np.abs(self.studentised) >= abs(_studentised(own))).sum())

    def table(self, own: Contrast, scale: str) -> pd.DataFrame:
        """The treated unit first, then every comparator: unit, estimate, studentised, scale, treated."""
        return pd.DataFrame(
            {
                "unit": ["treated", *self.units],
                "estimate": [own.estimate, *self.estimates],
                "studentised": [_studentised(own), *self.studentised],
                "scale": scale,
                "treated": [True] + [False] * len(self.units),
            }
        )

    def check(self, own: Contrast, claimed: bool) -> Check:
        """Where a change is claimed among 19 comparators or more: passed if at most 5% of them changed as much."""
        count = len(self.units)
        if count < 2:
            return check_register.COMPARATORS_INVENTED_START.result(
                None, "One comparator leaves nobody to compare it with."
            )
        as_large = self.as_large(own)
        passed = (1 + as_large) / (1 + count) <= TEST_LEVEL if claimed and count >= ENOUGH_COMPARATORS else None
        detail = (
            f"{as_large} of {count} comparators, where nothing is known to have changed, moved as much for their noise."
        )
        return check_register.COMPARATORS_INVENTED_START.result(passed, detail)


def _studentised(contrast: Contrast) -> float:
    half = (contrast.high - contrast.low) / 2
    return contrast.estimate / half if half > 0 else 0.0


def placebos(
    comparators: Gap, design: SegmentedModel, used: np.ndarray, terms: Sequence[str], calibrated: bool = True
) -> list[Placebo]:
    """Every comparator against the others by the same kind of gap, as if it had been treated: one for each effect."""
    values = comparators.values[used]
    count = values.shape[1]
    if count < 2:
        return [Placebo(comparators.used, np.zeros(count), np.full(count, np.inf)) for _ in terms]
    if comparators.kind == "pool":
        gaps = values - (values.sum(axis=1, keepdims=True) - values) / (count - 1)
    else:
        expected = partial(_expected, comparators.kind, before=comparators.before[used])
        gaps = np.column_stack(
            [
                values[:, column] - expected(np.delete(values, column, axis=1), values[:, column])[0]
                for column in range(count)
            ]
        )
    weights = np.array([design.weights(term) for term in terms])
    fits = fit_many(gaps.T, design.matrix[used], np.flatnonzero(used), weights, calibrated, with_p_values=False)
    half_widths = (fits.highs - fits.lows) / 2
    return [
        Placebo(comparators.used, fits.estimates[:, column], half_widths[:, column]) for column in range(len(terms))
    ]


def without_other_starts(frame: pd.DataFrame, unit: str | None, treated: Any) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Units in which a change began too, as the column of `ek.load` says, are nothing to compare with."""
    if unit is None or treated is None or STARTS not in frame or unit not in frame:
        return frame, ()
    units = frame[unit].astype(str)
    labels = [treated] if isinstance(treated, str) else [str(label) for label in treated]
    others = sorted(units[frame[STARTS].notna() & ~units.isin(labels)].unique())
    if not others:
        return frame, ()
    return frame[~units.isin(others)], (f"Not compared with, as a change has its date there too: {named(others)}.",)

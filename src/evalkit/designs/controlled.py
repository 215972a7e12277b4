"""A treated series less its comparators, and every comparator put through the same procedure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.designs.segmented import SegmentedModel
from evalkit.effect import Check
from evalkit.errors import EvaluationError, did_you_mean
from evalkit.inference.regression import Contrast

ENOUGH_COMPARATORS = 19


@dataclass(frozen=True, eq=False)
class Gap:
    """The comparators of a treated unit.

    Attributes
    ----------
    values : (n, c) array of the comparators used, complete wherever their mean is
    used : labels of those c
    level : (n,) their unweighted mean; missing where most did not report
    members : DataFrame of every comparator named: unit, used, reason
    """

    values: np.ndarray
    used: tuple[str, ...]
    level: np.ndarray
    members: pd.DataFrame

    def check(self) -> Check:
        """Passed with 19 comparators or more, which a 5% rank test needs."""
        count, named = len(self.used), len(self.members)
        left = f", {named - count} of those named left out for missing months" if named > count else ""
        return Check("Enough comparators", count >= ENOUGH_COMPARATORS, f"{count} comparators{left}.")


def gap(values: pd.DataFrame, labels: list[str], comparators: str | Sequence[str]) -> Gap:
    """The comparators among the columns of ``values`` (n periods x units).

    A period that most comparators miss is missing for all; a comparator that misses any other period is left out,
    so that the mean is always over the same units.

    Raises
    ------
    EvaluationError
        Where a label is unknown, or no comparator is complete.
    """
    others = [unit for unit in values.columns if unit not in labels]
    if isinstance(comparators, str) and comparators != "pool":
        raise EvaluationError(f"comparators={comparators!r} is not available: use 'pool' or a list of labels.")
    named = others if isinstance(comparators, str) else [str(one) for one in comparators]
    for label in named:
        if label not in others:
            what = "is a treated unit" if label in labels else "is not a unit of the frame"
            raise EvaluationError(f"The comparator {label!r} {what}{did_you_mean(label, others)}.")
    block = values[named]
    reported = block.notna().mean(axis=1).to_numpy() > 0.5
    complete = block[reported].notna().all(axis=0)
    used = [label for label in named if complete[label]]
    if not used:
        raise EvaluationError(
            "No comparator has every month of the window: shorten the window, or name other comparators."
        )
    members = pd.DataFrame(
        {
            "unit": named,
            "used": [bool(complete[label]) for label in named],
            "reason": ["" if complete[label] else _missing(block[label][reported]) for label in named],
        }
    )
    chosen = block[used].to_numpy(float)
    level = np.where(reported, np.nanmean(np.where(reported[:, None], chosen, 0.0), axis=1), np.nan)
    return Gap(chosen, tuple(used), level, members)


def _missing(series: pd.Series) -> str:
    missing = [str(period) for period in series.index[series.isna()]]
    return f"no figure in {', '.join(missing[:3])}" + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")


def closest(found: Gap, own: np.ndarray, design: SegmentedModel, used: np.ndarray) -> Gap | None:
    """The third of the comparators (at least 6) whose mean before the change is nearest to the treated unit's."""
    size = max(6, len(found.used) // 3)
    if size >= len(found.used):
        return None
    before = used & ~design.after
    distance = np.abs(found.values[before].mean(axis=0) - own[before].mean())
    order = np.argsort(distance, kind="stable")[:size]
    chosen = np.sort(order)
    values = found.values[:, chosen]
    level = np.where(np.isnan(found.level), np.nan, values.mean(axis=1))
    return Gap(values, tuple(found.used[index] for index in chosen), level, found.members)


def placebo(
    found: Gap, design: SegmentedModel, used: np.ndarray, headline: str, errors: str, treated: Contrast, scale: str
) -> tuple[pd.DataFrame, Check]:
    """Every comparator against the others, as if it had been treated: unit, estimate, scale, treated.

    The check passes where the treated unit's change is larger than all but 5% of theirs, and is for information
    where its interval includes no change or the comparators are fewer than 19.
    """
    weights = design.weights(headline)
    values = found.values[used]
    count = values.shape[1]
    name = "Comparators with an invented start"
    if count < 2:
        table = pd.DataFrame({"unit": ["treated"], "estimate": [treated.estimate], "scale": scale, "treated": True})
        return table, Check(name, None, "One comparator leaves nobody to compare it with.")
    others = (values.sum(axis=1, keepdims=True) - values) / (count - 1)
    coefficients = np.linalg.lstsq(design.matrix[used], values - others, rcond=None)[0]
    estimates = weights @ coefficients
    table = pd.DataFrame(
        {
            "unit": ["treated", *found.used],
            "estimate": [treated.estimate, *estimates],
            "scale": scale,
            "treated": [True] + [False] * count,
        }
    )
    as_large = int((np.abs(estimates) >= abs(treated.estimate)).sum())
    share = (as_large + 1) / (count + 1)
    clear = treated.low > 0 or treated.high < 0
    passed = share <= 0.05 if clear and count >= ENOUGH_COMPARATORS else None
    return table, Check(
        name,
        passed,
        f"{as_large} of {count} comparators, where nothing is known to have changed, moved as much or more.",
    )

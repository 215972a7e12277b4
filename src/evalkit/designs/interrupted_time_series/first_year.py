"""What a change added or avoided over its first year, in what is counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import special

from evalkit.designs.interrupted_time_series.segmented_model import FIRST_YEAR
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.designs.series_frame import SeriesFrame, series_frame
from evalkit.inference.contrast import Contrast


@dataclass(frozen=True, eq=False)
class Counted:
    """What was counted in each period (n,), and of how many: what one unit of the effect stands for (n,)."""

    numbers: np.ndarray
    wholes: np.ndarray


def counted(
    frame: pd.DataFrame, case: SeriesFit, data: SeriesFrame, labels: Sequence[str], outcome: str, time: str,
    unit: str | None, scale: str,
) -> Counted | None:  # fmt: skip
    """The numbers behind a series, added up over the treated units; nothing where they do not add up over time.

    Those of a loaded measure add up where its record says so, those of a person's own frame where they are modelled as
    counts, or per day: whole numbers may be anything, such as minutes.
    """
    about = frame.attrs.get("evalkit")
    loaded = bool(about) and outcome == "value"
    if loaded and not about.get("adds_up"):
        return None
    if case.family != "gaussian":
        return Counted(case.own, case.at_risk)
    at_risk = np.ones(data.values.shape) if data.at_risk is None else data.at_risk
    of_labels = at_risk[:, data.values.columns.get_indexer(list(labels))].sum(axis=1)
    if not loaded:
        return Counted(_column(frame, outcome, data, labels, time, unit), of_labels) if data.per else None
    numbers = _column(frame, "numerator", data, labels, time, unit)
    if scale == "log" or about["adds_up"] == "count":
        return Counted(numbers, of_labels)
    of = _column(frame, "denominator", data, labels, time, unit)
    return Counted(numbers, of / 100 if scale == "points" else of)


def _column(
    frame: pd.DataFrame, name: str, data: SeriesFrame, labels: Sequence[str], time: str, unit: str | None
) -> np.ndarray:
    values = series_frame(frame, name, time, unit, log=False, per_day=False).values.reindex(data.values.index)
    return values[list(labels)].sum(axis=1, skipna=False).to_numpy(float)


def total(
    case: SeriesFit, contrasts: Mapping[str, Contrast], scale: str, seen: Counted, shown: pd.DataFrame
) -> Contrast | None:
    """What a change added over its first year, positive, or avoided, in what is counted.

    With d_t the effect in period t: on the log scale y_t (1 - exp(-d_t)) added up, the numbers seen less those expected
    with the same luck. Of counts m_t (exp(d_t) - 1), m_t being what the model expects without the change: few events seen
    say little of how many were to be expected. Of shares by log odds n_t (expit(l_t + d_t) - expit(l_t)); else n_t d_t.
    The interval moves every d_t by as much as the ends of the interval of their mean lie from it. A period that was not
    reported counts as fitted.

    Parameters
    ----------
    contrasts : of every period of the first year, as ``month 1`` and so on, and of their mean; a period without is nought
    scale : log, log_odds, points or unit: that of the contrasts
    shown : the series as it is shown, with fitted and expected figures in the measure's unit
    """
    design = case.design
    used = np.flatnonzero(design.first_year & ~design.in_transition)
    wholes = seen.wholes[used]
    if np.isnan(wholes).all() or np.isnan(shown["fitted"].to_numpy(float)[used]).any():
        return None
    n = np.where(np.isnan(wholes), np.nanmean(wholes), wholes)
    first, mean = int(np.argmax(design.after)), contrasts[design.resolved(FIRST_YEAR)]
    terms = [f"month {position - first + 1}" for position in used]
    d = np.array([contrasts[term].estimate if term in contrasts else 0.0 for term in terms])
    expected, fitted = (shown[name].to_numpy(float)[used] for name in ("counterfactual", "fitted"))
    y = np.where(np.isnan(seen.numbers[used]), fitted * n, seen.numbers[used])

    def added(by: float) -> float:
        if case.family == "poisson":
            return float((expected * n * np.expm1(d + by)).sum())
        if case.family == "binomial":
            odds = special.logit(expected / 100)
            return float((n * (special.expit(odds + d + by) - special.expit(odds))).sum())
        if scale == "log":
            return float((y * -np.expm1(-(d + by))).sum())
        return float((n * (d + by)).sum())

    low, high = (added(end - mean.estimate) if np.isfinite(end) else end for end in (mean.low, mean.high))
    return replace(mean, estimate=added(0.0), low=low, high=high, std_error=np.nan, p_value=np.nan)

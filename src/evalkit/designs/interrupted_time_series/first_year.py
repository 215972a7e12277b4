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

    Those of a loaded measure add up where its record says so, those of a person's own frame where all are whole numbers.
    """
    if case.family != "gaussian":
        return Counted(case.own, np.ones(len(case.own)) if case.exposure is None else case.exposure)
    about = frame.attrs.get("evalkit")
    if about and outcome == "value":
        if not about.get("adds_up"):
            return None
        numbers = _column(frame, "numerator", data, labels, time, unit)
        if scale == "points":
            return Counted(numbers, _column(frame, "denominator", data, labels, time, unit) / 100)
        if scale == "unit" and about["adds_up"] != "count":
            return Counted(numbers, _column(frame, "denominator", data, labels, time, unit))
    else:
        numbers = _column(frame, outcome, data, labels, time, unit)
        if scale not in ("log", "unit") or not (numbers[~np.isnan(numbers)] % 1 == 0).all():
            return None
    return Counted(numbers, data.days if data.per_day else np.ones(len(numbers)))


def _column(
    frame: pd.DataFrame, name: str, data: SeriesFrame, labels: Sequence[str], time: str, unit: str | None
) -> np.ndarray:
    values = series_frame(frame, name, time, unit, log=False, per_day=False).values.reindex(data.values.index)
    return values[list(labels)].sum(axis=1, skipna=False).to_numpy(float)


def total(case: SeriesFit, contrasts: Mapping[str, Contrast], scale: str, seen: Counted) -> Contrast | None:
    """The numbers seen in the first year less those expected without the change: positive where they were added.

    On the log scale y_t (1 - exp(-d_t)) added up, d_t being the effect in period t; on the log-odds scale
    y_t - n_t expit(logit(y_t / n_t) - d_t); else n_t d_t. The interval moves every d_t by as much as the ends of the
    interval of their mean lie from it, so that it is clear of nought where that is.

    Parameters
    ----------
    contrasts : of every period of the first year, as ``month 1`` and so on, and of their mean
    scale : log, log_odds, points or unit: that of the contrasts
    """
    design = case.design
    known = ~np.isnan(seen.numbers) & ~np.isnan(seen.wholes)
    used = np.flatnonzero(design.first_year & ~design.in_transition & known)
    if not len(used):
        return None
    first = int(np.argmax(design.after))
    mean = contrasts[design.resolved(FIRST_YEAR)]
    d = np.array([contrasts[f"month {position - first + 1}"].estimate for position in used])
    y, n = seen.numbers[used], seen.wholes[used]

    def added(by: float) -> float:
        if scale == "log":
            return float((y * -np.expm1(-(d + by))).sum())
        if scale == "log_odds":
            return float((y - n * special.expit(special.logit(y / n) - (d + by))).sum())
        return float((n * (d + by)).sum())

    low, high = (added(end - mean.estimate) if np.isfinite(end) else end for end in (mean.low, mean.high))
    return replace(mean, estimate=added(0.0), low=low, high=high, std_error=np.nan)

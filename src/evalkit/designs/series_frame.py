"""From a frame to one gap-free series a unit, checked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError, did_you_mean
from evalkit.intake.periods import NUMBERED, days_in, to_periods


@dataclass(frozen=True, eq=False)
class SeriesFrame:
    """Outcome by period and unit: ``values`` is n periods x units, periods without gaps, missing where not reported.

    On the model's scale: per day and logged where asked for. ``days`` (n,) is the length of each period.
    """

    values: pd.DataFrame
    days: np.ndarray
    log: bool
    per_day: bool

    @property
    def periods(self) -> pd.PeriodIndex:
        return pd.PeriodIndex(self.values.index)


def series_frame(
    frame: pd.DataFrame, outcome: str, time: str, unit: str | None, *, log: bool, per_day: bool
) -> SeriesFrame:
    """Check the frame and lay it out by period and unit.

    Raises
    ------
    EvaluationError
        Naming the column, unit and period of what is wrong.
    """
    for name, column in (("outcome", outcome), ("time", time), ("unit", unit)):
        if column is not None and column not in frame.columns:
            hint = did_you_mean(str(column), [str(heading) for heading in frame.columns])
            raise EvaluationError(f"{name}={column!r} is not a column of the frame{hint}.")
    if frame.empty:
        raise EvaluationError("The frame has no rows: there is nothing to estimate.")
    periods = to_periods(frame[time], time)
    numbers = pd.to_numeric(frame[outcome], errors="coerce")
    if unit and frame[unit].isna().any():
        row = int(frame[unit].isna().to_numpy().argmax())
        raise EvaluationError(f"Column `{unit}` has no unit in {periods[row]}: fill it in, or leave the row out.")
    units = frame[unit].astype(str) if unit else pd.Series("series", index=frame.index)
    unreadable = numbers.isna() & frame[outcome].notna()
    for wrong, what in ((unreadable, "is not a number"), (np.isinf(numbers), "is infinite")):
        if wrong.any():
            row = int(np.argmax(wrong.to_numpy()))
            where = f"{units.iloc[row]}, {periods[row]}" if unit else str(periods[row])
            raise EvaluationError(
                f"Column `{outcome}` {what} in {where}: correct it, or leave it blank if it is missing."
            )
    long = pd.DataFrame({"unit": units.to_numpy(), "period": periods, "value": numbers.to_numpy(float)})
    twice = long[long.duplicated(["unit", "period"])]
    if len(twice):
        repeated_row = twice.iloc[0]
        which = f"{repeated_row['unit']} has" if unit else "There are"
        raise EvaluationError(
            f"{which} two rows for {repeated_row['period']} in column `{time}`: keep one, or name"
            " the column of units in `unit`."
        )
    values = long.pivot(index="period", columns="unit", values="value")
    values = values.reindex(pd.period_range(values.index.min(), values.index.max(), name="period"))
    days = days_in(pd.PeriodIndex(values.index)).to_numpy(float)
    if per_day and periods.freqstr == NUMBERED:
        raise EvaluationError(f"Column `{time}` holds numbers, which have no days: use per_day=False.")
    if per_day:
        values = values.div(days, axis=0)
    if log:
        _refuse_not_positive(values, outcome)
        values = np.log(values)
    return SeriesFrame(values, days, log, per_day)


def counts_of(
    frame: pd.DataFrame, data: SeriesFrame, time: str, family: str, exposure: str | None, per_day: bool
) -> np.ndarray:
    """The exposure of a single series of counts (n,): a column, or the days in each period.

    Raises
    ------
    EvaluationError
        Where it is missing, or nowhere above zero.
    """
    if exposure is None:
        if family == "binomial":
            raise EvaluationError("family='binomial' needs `exposure`, the column of denominators.")
        return data.days if per_day else np.ones(len(data.days))
    if exposure not in frame.columns:
        hint = did_you_mean(exposure, [str(heading) for heading in frame.columns])
        raise EvaluationError(f"exposure={exposure!r} is not a column of the frame{hint}.")
    exposures = (
        series_frame(frame, exposure, time, None, log=False, per_day=False).values.iloc[:, 0].reindex(data.values.index)
    )
    if not (exposures > 0).any():
        raise EvaluationError(f"Column `{exposure}` is zero in every period: an exposure has to be above zero.")
    numbers = exposures.where(exposures > 0).to_numpy(float)
    return numbers * data.days if per_day and family == "poisson" else numbers


def refuse_scale_of_another_form(frame: pd.DataFrame, outcome: str, *, log: bool, per_day: bool = False) -> None:
    """Refuse a share, a rate or a mean per day or on a log scale, where `ek.load` says that the values are one.

    Raises
    ------
    EvaluationError
        Naming the argument.
    """
    form = frame.attrs.get("evalkit", {}).get("form", "count")
    asked = "log" if log else "per_day" if per_day else ""
    if outcome == "value" and form != "count" and asked:
        scale = "on a log scale" if log else "counted per day"
        raise EvaluationError(f"Column `value` holds a {form}, which is not {scale}: use {asked}=False.", asked)


def _refuse_not_positive(values: pd.DataFrame, outcome: str) -> None:
    wrong = values <= 0
    if wrong.to_numpy().any():
        period, unit = wrong.stack()[lambda is_wrong: is_wrong].index[0]
        where = f"{unit}, {period}" if unit != "series" else str(period)
        raise EvaluationError(
            f"Column `{outcome}` is {values.loc[period, unit]:g} in {where}, which has no logarithm: use log=False, or family='poisson' for a count."
        )


def treated_labels(treated: str | Sequence[str] | None, unit: str | None, units: Sequence[str]) -> list[str]:
    """The treated units, checked against those in the frame."""
    if unit is None:
        if treated is not None:
            raise EvaluationError("`treated` needs `unit`, the column that says which unit a row belongs to.")
        return list(units)
    if treated is None:
        if len(units) == 1:
            return list(units)
        raise EvaluationError("`unit` needs `treated`, the label of the unit where the change happened.")
    labels = [treated] if isinstance(treated, str) else [str(label) for label in treated]
    if not labels:
        raise EvaluationError("`treated` is empty: name the unit where the change happened.")
    for label in labels:
        if label not in units:
            raise EvaluationError(f"treated={label!r} is not in column `{unit}`{did_you_mean(label, list(units))}.")
    return labels

"""From a frame to one gap-free series a unit, checked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError, did_you_mean
from evalkit.intake.exposure import DAYS, at_risk_days, divisor
from evalkit.intake.periods import to_periods


@dataclass(frozen=True, eq=False)
class SeriesFrame:
    """Outcome by period and unit: ``values`` is n periods x units, periods without gaps, missing where not reported.

    On the model's scale: divided and logged where asked for.

    Attributes
    ----------
    per : what the values are divided by, as ``exposure.divisor`` names it
    at_risk : (n, units) that; None where they are not divided
    """

    values: pd.DataFrame
    log: bool
    per: str | None
    at_risk: np.ndarray | None

    @property
    def periods(self) -> pd.PeriodIndex:
        return pd.PeriodIndex(self.values.index)


def series_frame(
    frame: pd.DataFrame, outcome: str, time: str, unit: str | None, *, log: bool, per_day: bool | str
) -> SeriesFrame:
    """Check the frame and lay it out by period and unit.

    Parameters
    ----------
    per_day : bool or str
        Whether to divide by what the measure of the frame is counted on, or by days of this kind.

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
    per = divisor(frame, per_day)
    at_risk = None if per is None else _at_risk(frame, values, time, unit, per)
    if at_risk is not None:
        # The same for all units: divided along one axis, which leaves the order of sums, and with it every last digit.
        values = values.div(at_risk[:, 0], axis=0) if per in DAYS else values / at_risk
    if log:
        _refuse_not_positive(values, outcome)
        values = np.log(values)
    return SeriesFrame(values, log, per, at_risk)


def _at_risk(frame: pd.DataFrame, values: pd.DataFrame, time: str, unit: str | None, per: str) -> np.ndarray:
    """What each value is divided by (n, units); missing where it is nought or not known."""
    periods = pd.PeriodIndex(values.index)
    if per in DAYS:
        return np.repeat(at_risk_days(periods, per, time)[:, None], values.shape[1], axis=1)
    wholes = series_frame(frame, "denominator", time, unit, log=False, per_day=False).values
    if unit is None:  # one series, whatever it is called
        wholes.columns = values.columns
    wholes = wholes.reindex(index=values.index, columns=values.columns)
    return wholes.where(wholes > 0).to_numpy(float)


def counts_of(
    frame: pd.DataFrame, data: SeriesFrame, time: str, family: str, exposure: str | None, per_day: bool | str
) -> np.ndarray:
    """The exposure of a single series of counts (n,): a column, or what the measure is counted on in each period.

    Raises
    ------
    EvaluationError
        Where it is missing, or nowhere above zero.
    """
    if exposure is None:
        if family == "binomial":
            raise EvaluationError("family='binomial' needs `exposure`, the column of denominators.")
        per = divisor(frame, per_day)
        return np.ones(len(data.values)) if per is None else _at_risk(frame, data.values, time, None, per)[:, 0]
    if exposure not in frame.columns:
        hint = did_you_mean(exposure, [str(heading) for heading in frame.columns])
        raise EvaluationError(f"exposure={exposure!r} is not a column of the frame{hint}.")
    exposures = (
        series_frame(frame, exposure, time, None, log=False, per_day=False).values.iloc[:, 0].reindex(data.values.index)
    )
    if not (exposures > 0).any():
        raise EvaluationError(f"Column `{exposure}` is zero in every period: an exposure has to be above zero.")
    numbers = exposures.where(exposures > 0).to_numpy(float)
    per = divisor(frame, per_day) if family == "poisson" else None
    return numbers if per is None or per not in DAYS else numbers * at_risk_days(data.periods, per, time)


def refuse_scale_of_another_form(frame: pd.DataFrame, outcome: str, *, log: bool, per_day: bool | str = False) -> None:
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

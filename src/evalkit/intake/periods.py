"""Periods: what month, week, quarter or year something belongs to, however it was written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.errors import EvaluationError

GRAINS = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q-DEC", "year": "Y-DEC"}
NAMES = {"D": "day", "W-SUN": "week", "M": "month", "Q-DEC": "quarter", "Y-DEC": "year"}
WRITTEN_MONTHS = ("%Y-%m", "%Y-%m-%d", "%b-%y", "%b-%Y", "%b %Y", "%B %Y", "%d/%m/%Y")
GAPS = {
    1: "D",
    7: "W-SUN",
    28: "M",
    29: "M",
    30: "M",
    31: "M",
    90: "Q-DEC",
    91: "Q-DEC",
    92: "Q-DEC",
    365: "Y-DEC",
    366: "Y-DEC",
}


def parse_periods(written: pd.Series, grain: str) -> pd.Series:
    """Text to periods of ``grain``; what cannot be read becomes missing.

    Months may be written 2016-04, 2016-04-01, Apr-16, Apr 2016, April 2016 or 01/04/2016 (day first). A month
    must be its first day when a day is given.
    """
    text = written.astype(str).str.strip()
    moments = pd.Series(pd.NaT, index=written.index, dtype="datetime64[ns]")
    formats = WRITTEN_MONTHS if grain in ("month", "quarter") else ("%Y-%m-%d", "%d/%m/%Y")
    for written_as in formats:
        todo = moments.isna()
        if not todo.any():
            break
        moments[todo] = pd.to_datetime(text[todo], format=written_as, errors="coerce")
    if grain == "month":
        moments = moments.where(moments.dt.day == 1)
    return moments.dt.to_period(GRAINS[grain])


def to_periods(values: Any, column: str) -> pd.PeriodIndex:
    """The periods in ``values``: datetimes, periods, text such as ``2017-07``, or whole years.

    Raises
    ------
    EvaluationError
        Where a value cannot be read, or the spacing is neither daily, weekly, monthly, quarterly nor yearly.
    """
    values = pd.Series(values).reset_index(drop=True)
    if values.isna().any():
        row = int(values.isna().to_numpy().argmax()) + 1
        raise EvaluationError(f"Column `{column}` has no period in row {row}: fill it in, or leave the row out.")
    if isinstance(values.dtype, pd.PeriodDtype):
        return pd.PeriodIndex(values)
    if pd.api.types.is_numeric_dtype(values):
        if ((values % 1 == 0) & values.between(1000, 2999)).all():
            return pd.PeriodIndex(values.astype(int).astype(str), freq="Y")
        raise EvaluationError(
            f"Column `{column}` holds numbers that are not years: give dates or text such as 2017-07."
        )
    if not pd.api.types.is_datetime64_any_dtype(values):
        if values.map(lambda value: isinstance(value, pd.Period)).all():
            return pd.PeriodIndex(values)
        text = values.astype(str).str.strip()
        for pattern, frequency in ((r"\d{4}-\d{2}", "M"), (r"\d{4}", "Y")):
            if text.str.fullmatch(pattern).all():
                try:
                    return pd.PeriodIndex(text, freq=frequency)
                except ValueError:
                    break
        moments = parse_periods(text, "day")
        if moments.isna().any():
            row = int(moments.isna().to_numpy().argmax())
            raise EvaluationError(
                f"Column `{column}`, row {row + 1}: {text[row]!r} is not a period; write months as 2017-07."
            )
        values = moments.dt.to_timestamp()
    if values.dt.tz is not None:
        values = values.dt.tz_localize(None)
    return pd.PeriodIndex(values.dt.to_period(_frequency(values, column)))


def _frequency(moments: pd.Series, column: str) -> str:
    unique = moments.drop_duplicates().sort_values()
    if len(unique) < 2:
        return "M"
    gaps = unique.diff().dropna().dt.days
    found = GAPS.get(int(gaps.min()))
    if found == "M" and unique.dt.to_period("M").duplicated().any():
        found = None
    if found == "W-SUN" and unique.dt.dayofweek.nunique() == 1:
        found = f"W-{unique.iloc[0].day_name()[:3].upper()}"
    if found is None or (found.startswith("W") and (gaps % 7 != 0).any()):
        raise EvaluationError(
            f"Column `{column}` mixes frequencies: its dates are {int(gaps.min())} to {int(gaps.max())} days apart."
            " Give one row a day, week, month, quarter or year."
        )
    return found


def name_of(frequency: str) -> str:
    """``month`` for ``M``, and so on."""
    return NAMES.get(frequency, "week" if frequency.startswith("W") else frequency)


@dataclass(frozen=True)
class Interruption:
    """The first period of a change, what is left out around it, and the first period kept.

    Attributes
    ----------
    label : str
        As it was given.
    period : Period
        The period that holds the date.
    transition : tuple of Period
        Left out of the fit.
    first_kept : Period
        First period of the change that counts.
    """

    label: str
    period: pd.Period
    transition: tuple[pd.Period, ...]
    first_kept: pd.Period


def resolve_interruption(when: Any, transition: int | Sequence, frequency: str) -> Interruption:
    """Turn a date or period, and a transition, into periods.

    A period that contains the date belongs to the transition unless the date is the period's first day.

    Parameters
    ----------
    when : str, date, Timestamp or Period
    transition : int or pair
        Number of periods left out from the interruption on, or the first and last period left out.
    frequency : str
        pandas period frequency of the series.

    Raises
    ------
    EvaluationError
    """
    period, inside = _period_of(when, frequency)
    if isinstance(transition, (list, tuple)):
        if len(transition) != 2:
            raise EvaluationError(
                f"transition is {transition!r}: give a number of periods, or the first and last left out."
            )
        first, last = (_period_of(end, frequency)[0] for end in transition)
        if last < first:
            raise EvaluationError(f"transition ends ({last}) before it begins ({first}): swap the two.")
        if last < period - 1 or first > period + 1:
            raise EvaluationError(
                f"transition {first} to {last} does not touch the interruption in {period}: correct one."
            )
        left_out = set(pd.period_range(first, last))
    elif isinstance(transition, bool) or not isinstance(transition, int) or transition < 0:
        raise EvaluationError(
            f"transition is {transition!r}: give a number of periods (0 or more), or a first and last."
        )
    else:
        left_out = {period + step for step in range(transition)}
    if inside:
        left_out.add(period)
    first_kept = max((one + 1 for one in left_out if one + 1 > period), default=period)
    return Interruption(str(when), period, tuple(sorted(left_out)), first_kept)


def inside(interruption: Interruption, periods: pd.PeriodIndex) -> None:
    """Refuse an interruption with nothing before it or nothing after it."""
    span = f"the data run from {periods[0]} to {periods[-1]}"
    if interruption.period <= periods[0]:
        raise EvaluationError(f"The interruption {interruption.label} has no period before it: {span}.")
    if interruption.first_kept > periods[-1]:
        raise EvaluationError(f"The interruption {interruption.label} has no period after it that counts: {span}.")


def _period_of(when: Any, frequency: str) -> tuple[pd.Period, bool]:
    """The period that holds ``when``, and whether ``when`` is a day inside it (not its first)."""
    if isinstance(when, pd.Period):
        return pd.Period(when.start_time, frequency), False
    written_as_period = isinstance(when, int) or (isinstance(when, str) and len(when.strip()) <= 7)
    try:
        moment = pd.Timestamp(str(when).strip()) if isinstance(when, (str, int)) else pd.Timestamp(when)
        if moment is pd.NaT:
            raise ValueError
    except (ValueError, TypeError) as error:
        raise EvaluationError(f"{when!r} is not a date or month: write 2017-07-04 or 2017-07.") from error
    period = pd.Period(moment, frequency)
    return period, not written_as_period and moment.normalize() != period.start_time.normalize()


def days_in(periods: pd.PeriodIndex) -> pd.Index:
    """Number of days in each period."""
    return (periods.end_time.normalize() - periods.start_time.normalize()).days + 1

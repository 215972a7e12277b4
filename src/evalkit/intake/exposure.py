"""What a count is divided by where it is taken per day: days on which it can happen, or person-time."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError
from evalkit.intake.periods import NUMBERED, days_in

CALENDAR, WEEKEND, WORKING, PERSON_TIME, NONE = (
    "calendar_days",
    "weekend_days",
    "working_days",
    "person_time",
    "none",
)
DAYS: Mapping[str, str] = {CALENDAR: "day", WEEKEND: "weekend day", WORKING: "working day"}
# Days of the week that count, Monday first, as numpy writes them.
WEEK = {WEEKEND: "0000011", WORKING: "1111100"}
# The package `holidays` makes bank holidays of any year by rule, and has those proclaimed by the day of its release (0.109 has
# one of 2026); for a later year than this a further day may yet be proclaimed.
HOLIDAYS_KNOWN_TO = 2027


@cache
def bank_holidays(first: int, last: int) -> frozenset[date]:
    """Bank holidays in England, from the first year to the last."""
    from holidays import country_holidays

    return frozenset(country_holidays("GB", subdiv="ENG", years=range(first, last + 1)))


def days_of(periods: pd.PeriodIndex, kind: str) -> np.ndarray:
    """(p,) How many calendar, weekend or working days each period has.

    Weekend days are Saturdays and Sundays; working days are the others without bank holidays in England.

    Raises
    ------
    EvaluationError
        Where the bank holidays of a year are not known yet.
    """
    if kind not in WEEK:
        return days_in(periods).to_numpy(float)
    holidays: list[date] = []
    if kind == WORKING:
        last = int(periods.end_time.year.max())
        if last > HOLIDAYS_KNOWN_TO:
            raise EvaluationError(
                f"The periods reach into {last}, and bank holidays in England are known to the end of {HOLIDAYS_KNOWN_TO}, so that"
                " working days cannot be counted: end the window there, or update evalkit."
            )
        holidays = sorted(bank_holidays(int(periods.start_time.year.min()), last))
    starts = periods.start_time.to_numpy().astype("datetime64[D]")
    ends = periods.end_time.to_numpy().astype("datetime64[D]") + 1
    return np.busday_count(starts, ends, weekmask=WEEK[kind], holidays=holidays).astype(float)


def per_in_words(kind: str | None) -> str:
    """What a unit ends in where it is divided by this: " per weekend day"; nothing where it is not."""
    if kind is None:
        return ""
    return f" per {DAYS[kind]}" if kind in DAYS else " per unit of person-time"


def divisor(frame: pd.DataFrame, per_day: bool | str) -> str | None:
    """What the values of a frame are divided by: what ``per_day`` names, or the exposure that the measure's record says.

    Raises
    ------
    EvaluationError
        Where the record says that there is none.
    """
    if isinstance(per_day, str):
        return per_day
    if not per_day:
        return None
    kind = frame.attrs.get("evalkit", {}).get("exposure", CALENDAR)
    if kind == NONE:
        raise EvaluationError("The measure of this frame is counted on no days: use per_day=False.", "per_day")
    return kind


def refuse_unless_per_day(per_day: bool | str) -> None:
    """Refuse what is neither yes, no nor a kind of day.

    Raises
    ------
    EvaluationError
    """
    named = isinstance(per_day, str) and per_day in DAYS
    if not (named or isinstance(per_day, bool | np.bool_)):
        words = ", ".join(map(repr, DAYS))
        what = (
            f"per_day={per_day!r} is neither True nor False: write one of them, without quotation marks, or the days by name"
            f" ({words})."
        )
        raise EvaluationError(what, "per_day")


def at_risk_days(periods: pd.PeriodIndex, kind: str, time: str) -> np.ndarray:
    """(p,) The days to divide by, none of which is nought.

    Raises
    ------
    EvaluationError
        Where periods have no days, or one of them none of these.
    """
    if periods.freqstr == NUMBERED:
        raise EvaluationError(f"Column `{time}` holds numbers, which have no days: use per_day=False.")
    days = days_of(periods, kind)
    if (days == 0).any():
        raise EvaluationError(
            f"{periods[(days == 0).argmax()]} has no {DAYS[kind]}, so that nothing is counted per {DAYS[kind]} there: use weeks or"
            " longer periods, or per_day=False."
        )
    return days

"""Periods: what month, week, quarter or year something belongs to, however it was written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError, described

GRAINS = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q-DEC", "year": "Y-DEC"}
# Periods that are numbers, 1 to n: they have no date and no length. Kept as years that nobody writes, such as 0025.
NUMBERED = "Y-JAN"
NAMES = {"D": "day", "M": "month", "Q-DEC": "quarter", "Y-DEC": "year", NUMBERED: "period"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Whole periods, so that 104 weeks or 730 days are two years of data.
PERIODS_A_YEAR = {"D": 365, "W": 52, "M": 12, "Q": 4, "Y": 1}
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
YEARS = range(1900, 2101)
NUMBERS = range(1900)

# The closed list of what a date or period may look like, with the frequency it names. Days come before months,
# as in Britain; nothing else is guessed at.
DAYS = ("%Y-%m-%d", "%d/%m/%Y")
QUARTER = "2017Q3"
LONGEST = 10_000  # periods of a transition
FORMS = {"%Y": "Y-DEC", "%Y-%m": "M", QUARTER: "Q-DEC", **dict.fromkeys(DAYS, "D")}
AS_SPREADSHEETS_WRITE = ("%b-%y", "%b-%Y", "%b %Y", "%B %Y")
FORMS_IN_TABLES = {
    "day": DAYS,
    "week": DAYS,
    "month": ("%Y-%m", *DAYS, *AS_SPREADSHEETS_WRITE),
    "quarter": (QUARTER, "%Y-%m", *DAYS, *AS_SPREADSHEETS_WRITE),
    "year": ("%Y",),
}
EXAMPLES = {"day": "2017-07-04", "week": "2017-07-03", "month": "2017-07", "quarter": "2017Q3", "year": "2017"}


def _first_moment(text: str, form: str) -> datetime | None:
    """When what ``text`` says begins, where it is written in this form."""
    if form == QUARTER:
        quarter = re.fullmatch(r"(\d{4})Q([1-4])", text)
        text, form = (f"{quarter[1]}-{3 * int(quarter[2]) - 2}" if quarter else ""), "%Y-%m"
    try:
        moment = datetime.strptime(text, form)
    except ValueError:
        return None
    return moment if moment.year in YEARS else None


def _read(text: str, forms: Sequence[str]) -> tuple[datetime, str] | None:
    """When what ``text`` says begins, and the form it is written in; nothing where it is in none of them."""
    for form in forms:
        moment = _first_moment(text, form)
        if moment is not None:
            return moment, form
    return None


def parse_period(written: str, grain: str, frequency: str | None = None) -> pd.Period | None:
    """Text to the period of ``grain`` that it says, or nothing.

    Months may be written 2016-04, 2016-04-01, Apr-16, Apr 2016, April 2016 or 01/04/2016 (day first). A month
    must be its first day when a day is given. ``frequency`` says on which weekday weeks begin, if not on Monday.
    """
    moment = _moment_in_table(written, grain)
    return None if moment is None else pd.Period(moment, frequency or GRAINS[grain])


def parse_periods(written: pd.Series, grain: str) -> pd.Series:
    """``parse_period`` of every row; what cannot be read becomes missing. Weeks are those that the dates name."""
    position, different = pd.factorize(written.astype(str))
    moments = [_moment_in_table(text, grain) for text in different]
    frequency = GRAINS[grain]
    if grain == "week":
        frequency = _weeks(pd.Series(moments).dropna(), str(written.name)) or frequency
    periods = pd.PeriodIndex(
        [(moment and pd.Period(moment, frequency)) or pd.NaT for moment in moments], freq=frequency
    )
    return pd.Series(periods.take(position), index=written.index)


def _moment_in_table(written: str, grain: str) -> datetime | None:
    read = _read(written.strip(), FORMS_IN_TABLES[grain])
    return None if read is None or (grain == "month" and read[0].day != 1) else read[0]


def _weeks(moments: pd.Series, column: str) -> str | None:
    """The weeks that dates on one weekday name, as a frequency; nothing where they are on several.

    A date is taken for the first day of its week, or for the last where the name of its column speaks of an end.
    """
    weekdays = pd.DatetimeIndex(moments).day_of_week.unique()
    if len(weekdays) != 1:
        return None
    last = int(weekdays[0]) if "end" in column.lower() else int(weekdays[0]) - 1
    return f"W-{WEEKDAYS[last][:3].upper()}"


def weeks_in_words(periods: pd.PeriodIndex) -> tuple[str, ...]:
    """On which weekdays weeks begin, as a sentence; nothing for weeks from Monday to Sunday and for other periods."""
    if not periods.freqstr.startswith("W") or periods.freqstr == GRAINS["week"]:
        return ()
    first, last = (WEEKDAYS[day.day_of_week] for day in (periods[0].start_time, periods[0].end_time))
    return (
        f"Weeks run from {first} to {last}, as the dates have it: a date is taken for the first day of its week unless the"
        " name of its column speaks of an end.",
    )


def to_periods(values: Any, column: str) -> pd.PeriodIndex:
    """The periods in ``values``: datetimes, periods, text such as ``2017-07``, whole years, or numbers from 0 or 1 on.

    Raises
    ------
    EvaluationError
        Where a value cannot be read, or the spacing is neither daily, weekly, monthly, quarterly nor yearly.
    """
    values = pd.Series(values).reset_index(drop=True)
    if values.empty:
        raise EvaluationError(f"Column `{column}` has no rows: give at least one period.")
    if values.isna().any():
        row = int(values.isna().to_numpy().argmax()) + 1
        raise EvaluationError(f"Column `{column}` has no period in row {row}: fill it in, or leave the row out.")
    if isinstance(values.dtype, pd.PeriodDtype):
        return pd.PeriodIndex(values)
    if values.dtype == object and values.map(lambda value: isinstance(value, pd.Period)).all():
        return _one_frequency(values, column)
    if pd.api.types.is_numeric_dtype(values):
        if pd.api.types.is_complex_dtype(values):
            raise EvaluationError(f"Column `{column}` holds complex numbers: give dates or text such as 2017-07.")
        if values.isin(YEARS).all():
            return pd.PeriodIndex(values.astype(int).astype(str), freq="Y")
        if values.isin(NUMBERS).all():
            return pd.PeriodIndex([_numbered(number) for number in values], freq=NUMBERED)
        raise EvaluationError(
            f"Column `{column}` holds numbers that are neither years nor whole numbers from 0 to {NUMBERS[-1]:,}: give"
            " those, dates or text such as 2017-07."
        )
    if not pd.api.types.is_datetime64_any_dtype(values):
        position, different = pd.factorize(values)
        written = pd.Series(different).astype(str).str.strip()
        values, frequency = _moments_of_text(written.take(position).reset_index(drop=True), column)
        if frequency != "D":
            return pd.PeriodIndex(values.dt.to_period(frequency))
    if values.dt.tz is not None:
        values = values.dt.tz_localize(None)
    frequency = _frequency(values, column)
    if frequency == GRAINS["week"]:
        frequency = _weeks(values, column) or frequency
    return pd.PeriodIndex(values.dt.to_period(frequency))


def _numbered(number: Any) -> pd.Period:
    return pd.Period(year=int(number), freq=NUMBERED)


def numbers_in_words(periods: pd.PeriodIndex) -> tuple[str, ...]:
    """That periods are numbers, as a sentence; nothing for those that have dates."""
    if periods.freqstr != NUMBERED:
        return ()
    return ("The periods are numbers, so that they have no dates, no length and no season.",)


def _one_frequency(periods: pd.Series, column: str) -> pd.PeriodIndex:
    frequencies = list(dict.fromkeys(period.freqstr for period in periods))
    if len(frequencies) > 1:
        listed = " and ".join(f"{name_of(frequency)}s" for frequency in frequencies)
        raise EvaluationError(
            f"Column `{column}` mixes frequencies: it holds {listed}. Give one row a day, week, month, quarter or year."
        )
    return pd.PeriodIndex(periods)


def _moments_of_text(text: pd.Series, column: str) -> tuple[pd.Series, str]:
    """The first moment of what each row says, and the one frequency that all of them name."""
    position, different = pd.factorize(text)
    moments, frequencies = [], []
    for which, written in enumerate(different):
        read = _read(written, tuple(FORMS))
        if read is None:
            raise EvaluationError(
                f"Column `{column}`, row {int(np.argmax(position == which)) + 1}, holds {described(written)}, which is"
                " not a period: write months as 2017-07."
            )
        moments.append(read[0])
        frequencies.append(FORMS[read[1]])
        if frequencies[which] != frequencies[0]:
            raise EvaluationError(
                f"Column `{column}`, row {int(np.argmax(position == which)) + 1}, is not written as row 1 is: write every"
                " row in the same way."
            )
    first_moments = pd.DatetimeIndex(pd.to_datetime(moments))
    return pd.Series(first_moments.take(position)), frequencies[0]


def _frequency(moments: pd.Series, column: str) -> str:
    unique = moments.drop_duplicates().sort_values()
    if len(unique) < 2:
        return "M"
    gaps = unique.diff().dropna().dt.days
    frequency = GAPS.get(int(gaps.min()))
    if frequency is None or not _fits(unique, frequency):
        raise EvaluationError(
            f"Column `{column}` mixes frequencies: its dates are {int(gaps.min())} to {int(gaps.max())} days apart."
            " Give one row a day, week, month, quarter or year."
        )
    return frequency


def _fits(moments: pd.Series, frequency: str) -> bool:
    """One date a period, weeks named by one weekday, and no more periods absent than there.

    Months followed by days would otherwise pass for days of which most are absent.
    """
    periods = moments.dt.to_period(frequency)
    one_weekday = frequency != "W-SUN" or moments.dt.day_of_week.nunique() == 1
    implied = (periods.iloc[-1] - periods.iloc[0]).n + 1
    return one_weekday and not periods.duplicated().any() and 2 * len(periods) >= implied


def name_of(frequency: str) -> str:
    """``month`` for ``M``, and so on."""
    return NAMES.get(frequency, "week" if frequency.startswith("W") else frequency)


def a_year(frequency: str) -> int:
    """Whole periods in a year, of a pandas period frequency such as ``M`` or ``W-SUN``.

    Raises
    ------
    EvaluationError
        Where the periods are neither days, weeks, months, quarters nor years.
    """
    if frequency[0] not in PERIODS_A_YEAR:
        raise EvaluationError(
            f"The periods are {name_of(frequency)}: give one row a day, week, month, quarter or year."
        )
    return PERIODS_A_YEAR[frequency[0]]


@dataclass(frozen=True)
class Interruption:
    """The first period of a change, what is left out around it, and the first period kept.

    Attributes
    ----------
    label : str
        What was given, written as 2017-07-04, 2017-07, 2017Q3 or 2017.
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
        Text is one of 2017, 2017-07, 2017Q3, 2017-07-04 or 04/07/2017 (day first).
    transition : int or pair
        Number of periods left out from the interruption on, or the first and last period left out.
    frequency : str
        pandas period frequency of the series.

    Raises
    ------
    EvaluationError
    """
    if frequency == NUMBERED:
        return _resolve_number(when, transition)
    named = _named_by(when)
    moment = named.start_time.normalize()
    period = pd.Period(moment, frequency)
    if isinstance(transition, (list, tuple)):
        if len(transition) != 2:
            raise EvaluationError(
                f"transition is {transition!r}: give a number of periods, or the first and last left out."
            )
        first, last = (pd.Period(_named_by(end).start_time, frequency) for end in transition)
        if last < first:
            raise EvaluationError(f"transition ends ({last}) before it begins ({first}): swap the two.")
        # One that began later would leave the first periods of the change among those before it.
        if last < period - 1 or first > period:
            raise EvaluationError(
                f"transition {first} to {last} does not touch the interruption in {period}: begin it in {period}"
                f" or earlier, and end it in {period - 1} or later."
            )
        left_out = set(pd.period_range(first, last))
    elif isinstance(transition, bool) or not isinstance(transition, int | np.integer) or not 0 <= transition <= LONGEST:
        raise EvaluationError(
            f"transition is {transition!r}: give a number of periods (0 to {LONGEST:,}), or a first and last."
        )
    else:
        left_out = {period + step for step in range(int(transition))}
    if moment != period.start_time:
        left_out.add(period)
    first_kept = max((omitted + 1 for omitted in left_out if omitted + 1 > period), default=period)
    return Interruption(str(named), period, tuple(sorted(left_out)), first_kept)


def _resolve_number(when: Any, transition: int | Sequence) -> Interruption:
    """As ``resolve_interruption``, for periods that are numbers."""
    period = when if isinstance(when, pd.Period) else _number_of(when, "The interruption")
    if isinstance(transition, (list, tuple)):
        ends = [_number_of(end, "transition") for end in transition] if len(transition) == 2 else []
        if not ends or not ends[0] <= period <= ends[1] + 1:
            raise EvaluationError(
                f"transition is {transition!r}: give a number of periods, or the first and last left out around {period.year}."
            )
        left_out = tuple(pd.period_range(*ends, freq=NUMBERED))
    elif isinstance(transition, bool) or not isinstance(transition, int | np.integer) or not 0 <= transition <= LONGEST:
        raise EvaluationError(f"transition is {transition!r}: give a number of periods (0 to {LONGEST:,}).")
    else:
        left_out = tuple(period + step for step in range(int(transition)))
    first_kept = max((omitted + 1 for omitted in left_out if omitted + 1 > period), default=period)
    return Interruption(str(period), period, left_out, first_kept)


def _number_of(written: Any, what: str) -> pd.Period:
    """The period that a number names, such as 25, 25.0 or the text 25."""
    text = str(written).strip().removesuffix(".0")
    if not re.fullmatch(r"\d{1,4}", text) or int(text) not in NUMBERS:
        raise EvaluationError(f"{what} is {written!r}, but the periods are numbers: write a number such as 25.")
    return _numbered(text)


def resolve_end(last: Any, frequency: str) -> Interruption:
    """The first time without a change, from the last day, month, quarter or year of it.

    A period that holds both belongs to neither, as with a start.

    Raises
    ------
    EvaluationError
        Where it is not a date or month.
    """
    if frequency == NUMBERED:
        end = last if isinstance(last, pd.Period) else _number_of(last, "The end")
        return replace(_resolve_number(end + 1, 0), label=str(end))
    named = _named_by(last)
    return replace(resolve_interruption(named + 1, 0, frequency), label=str(named))


def inside(interruption: Interruption, periods: pd.PeriodIndex) -> None:
    """Refuse an interruption with nothing before it or nothing after it."""
    label, (first, last) = interruption.label, (periods[0], periods[-1])
    if periods.freqstr == NUMBERED:
        label, first, last = int(label), first.year, last.year
    span = f"the data run from {first} to {last}"
    if interruption.period <= periods[0]:
        raise EvaluationError(f"The interruption {label} has no period before it: {span}.")
    if interruption.first_kept > periods[-1]:
        raise EvaluationError(f"The interruption {label} has no period after it that counts: {span}.")


def _named_by(when: Any) -> pd.Period:
    """The day, month, quarter or year that ``when`` names; a period as it is."""
    if isinstance(when, pd.Period):
        named = when
    elif isinstance(when, (date, np.datetime64)):
        named = pd.Period(pd.Timestamp(when).tz_localize(None), "D")
    else:
        read = _read(str(when).strip(), tuple(FORMS))
        named = pd.NaT if read is None else pd.Period(read[0], FORMS[read[1]])
    if pd.isna(named) or named.start_time.year not in YEARS:
        raise EvaluationError(f"{when!r} is not a date or month: write 2017-07-04 or 2017-07.")
    return named


def date_text(when: Any) -> str:
    """A date, Timestamp, Period, whole year or text, as text that every design reads.

    Raises
    ------
    EvaluationError
        Where it is not a date or month.
    """
    named = _named_by(when)
    # A week is written by its two ends, which nothing reads again: its first day stands for it.
    return str(named) if named.freqstr in FORMS.values() else f"{named.start_time:%Y-%m-%d}"


def days_in(periods: pd.PeriodIndex) -> pd.Index:
    """Number of days in each period."""
    return (periods.end_time.normalize() - periods.start_time.normalize()).days + 1

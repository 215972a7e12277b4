"""Seven-day services: daily counts to one contrast of weekend and weekday a unit and week, or month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date as Date

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError, did_you_mean
from evalkit.intake.exposure import NONE, bank_holidays
from evalkit.intake.measure_rows import CANONICAL_COLUMNS, NO_DENOMINATOR, all_flags
from evalkit.intake.periods import GRAINS, days_in, parse_period, to_periods

NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKEND = ("saturday", "sunday")
HOW = ("log_ratio", "difference", "share")
PERIODS = ("week", "month")
# A measure's unit that begins so is a logarithm already: designs report it on the scale of logs, and in per cent.
LOGGED = "log of "
MISSING_DAYS, NONE_TO_COUNT, SOME_LEFT_OUT = "missing_days", "none_to_count", "some_left_out"
BANK_HOLIDAY, NO_LOGARITHM = "bank_holiday", "no_logarithm"
# Of the organisations that are added up, how many a period needs.
WHOLE_AT_LEAST = 0.8
UNITS_NAMED = 3


def day_contrast(
    daily: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    date: str,
    days: str | Sequence[str] = "weekend",
    how: str = "share",
    period: str = "week",
    holidays: str | Iterable[Date] | None = "england",
    together: str | None = None,
) -> pd.DataFrame:
    """How the chosen days of each week differ from its other days.

    With m1 the mean per chosen day and m0 the mean per other day of a period: ``log_ratio`` log(m1 / m0),
    ``difference`` m1 - m0, ``share`` 100 n m1 / (n m1 + (7 - n) m0) with n chosen days a week. The share is that of a
    week with all its days: in a week without a bank holiday it is the plain share of the week's total, and a week
    with one has no larger share because a weekday is left out.

    Parameters
    ----------
    daily : DataFrame
        One row a unit and day; what was not reported is missing, or has no row.
    outcome, unit, date : str
        Columns: a count of 0 or more, the unit, the day (date, period or text; of a date with a time zone, the day on
        the clock there).
    days : "weekend" or names of days
        The chosen days, such as ``["friday"]``.
    how : {"log_ratio", "difference", "share"}
        Of the two means, as above.
    period : {"week", "month"}
        Weeks begin on Monday.
    holidays : "england", dates, or None
        Days left out of both sides, reported or not: neither a weekday like others nor part of the weekend. ``None``
        leaves none out.
    together : str, optional
        Column of groups of units. Each group becomes one unit: means are added up over those of its units that
        reported every day of the period, and the period is missing where fewer than four in five did.

    Returns
    -------
    DataFrame
        ``unit, period, value, numerator, denominator, days, flag`` as ``load`` gives, which every design takes. Part
        weeks at either end are left out. A period with a day missing is missing, ``missing_days`` in ``flag``; a mean
        of zero has no logarithm, and is missing. ``numerator`` and ``denominator`` are m1 and m0, or for a share
        n m1 and n m1 + (7 - n) m0; ``days`` is how many days count. Columns of ``daily`` that hold one value for each
        unit, such as ``treated_from``, and ``attrs["evalkit"]`` are carried over.

    Raises
    ------
    EvaluationError
        For columns, dates and counts that cannot be used, naming unit and day.

    Examples
    --------
    The weekend's share of discharges at one trust, where three bank holidays are left out:

    >>> import evalkit as ek
    >>> daily = ek.load(
    ...     site="R0D", measure="weekend-discharge-share",
    ...     first="2022-05-02", last="2022-06-12",
    ... )
    >>> weekly = ek.day_contrast(
    ...     daily, outcome="value", unit="unit", date="period", how="share"
    ... )
    >>> weekly = weekly[["period", "value", "days"]].round({"value": 1})
    >>> print(weekly.to_string(index=False))
                   period  value  days
    2022-05-02/2022-05-08   25.5     6
    2022-05-09/2022-05-15   17.7     7
    2022-05-16/2022-05-22   17.1     7
    2022-05-23/2022-05-29   19.7     7
    2022-05-30/2022-06-05   15.3     5
    2022-06-06/2022-06-12   22.7     7
    """
    chosen = _chosen(days)
    for name, value, known in (("how", how, HOW), ("period", period, PERIODS)):
        if value not in known:
            raise EvaluationError(f"{name}={value!r} is not available: use {', '.join(map(repr, known))}.")
    rows = _rows(daily, outcome, unit, date, together)
    left_out = _holidays(holidays, rows["day"])
    periods = _whole_periods(rows["day"], GRAINS[period])
    about = daily.attrs.get("evalkit")
    contrast = _Contrast(how, len(chosen))
    units = _by_unit(rows, periods, chosen, left_out)
    frame = contrast.applied_to(_added_up(units) if together is not None else units)
    frame = _carried(frame, daily, together or unit, {outcome, unit, date, together, *CANONICAL_COLUMNS})
    if about is not None:
        frame.attrs["evalkit"] = {
            **{name: value for name, value in about.items() if name != "form"},  # a contrast of counts is none
            "exposure": NONE,
            "measure_unit": contrast.unit(about.get("measure_unit", outcome), days, period),
            "notes": [*about.get("notes", ()), *_notes(frame, units, period, left_out, about.get("place"))],
        }
    return frame


def _carried(frame: pd.DataFrame, daily: pd.DataFrame, unit: str, used: set) -> pd.DataFrame:
    """With the columns of ``daily`` that say one thing of each unit, such as from when it was treated."""
    units = daily[unit].astype(str)
    for column in daily.columns:
        if column in used:
            continue
        by_unit = daily[column].groupby(units)
        if (by_unit.nunique(dropna=False) == 1).all():
            frame[column] = frame["unit"].map(by_unit.first())
    return frame


def _chosen(days: str | Sequence[str]) -> tuple[int, ...]:
    """Numbers of the days, Monday 0."""
    names = WEEKEND if days == "weekend" else (days,) if isinstance(days, str) else tuple(days)
    for name in names:
        if str(name).lower() not in NAMES:
            hint = did_you_mean(str(name).lower(), ("weekend", *NAMES))
            raise EvaluationError(f"days={name!r} is not a day{hint}: write 'weekend', or names such as ['friday'].")
    chosen = tuple(sorted({NAMES.index(str(name).lower()) for name in names}))
    if not 0 < len(chosen) < len(NAMES):
        raise EvaluationError(
            f"days={days!r} leaves nothing to compare: choose some days of the week, not all or none."
        )
    return chosen


def _rows(daily: pd.DataFrame, outcome: str, unit: str, date: str, together: str | None) -> pd.DataFrame:
    """The checked rows: unit, group, day, value, flag."""
    for name, column in (("outcome", outcome), ("unit", unit), ("date", date), ("together", together)):
        if column is not None and column not in daily.columns:
            hint = did_you_mean(str(column), [str(known) for known in daily.columns])
            raise EvaluationError(f"{name}={column!r} is not a column of the frame{hint}.")
    if daily.empty:
        raise EvaluationError("The frame has no rows: there are no days to compare.")
    for column in filter(None, (unit, together)):
        if daily[column].isna().any():
            row = int(daily[column].isna().to_numpy().argmax()) + 1
            raise EvaluationError(f"Column `{column}` is blank in row {row}: fill it in, or leave the row out.")
    rows = pd.DataFrame(
        {
            "unit": daily[unit].astype(str).to_numpy(),
            "group": daily[together or unit].astype(str).to_numpy(),
            "day": _days(daily[date], date),
            "written": daily[outcome].to_numpy(),
            "value": pd.to_numeric(daily[outcome], errors="coerce").to_numpy(float),
            "flag": daily["flag"].fillna("").astype(str).to_numpy() if "flag" in daily.columns else "",
        }
    )
    unreadable = rows["value"].isna() & rows["written"].notna()
    for wrong, what in (
        (unreadable, f"column `{outcome}` is not a number: correct it, or leave it blank if it was not reported"),
        (np.isinf(rows["value"]), f"column `{outcome}` is infinite: correct it"),
        (rows["value"] < 0, f"column `{outcome}` is below zero, and a count cannot be: correct it"),
        (rows.duplicated(["unit", "day"]), "there are two rows: keep the one that is right"),
    ):
        if wrong.any():
            first = rows[wrong].iloc[0]
            raise EvaluationError(f"{first['unit']} on {first['day']}: {what}.")
    groups = rows.groupby("unit")["group"].nunique()
    if (groups > 1).any():
        raise EvaluationError(f"{groups.idxmax()} belongs to several groups of `{together}`: keep it in one.")
    return rows.drop(columns="written")


def _days(written: pd.Series, column: str) -> pd.PeriodIndex:
    days = to_periods(written, column)
    if days.freqstr != "D":
        raise EvaluationError(f"Column `{column}` does not hold days: give one row a unit and day, such as 2022-07-01.")
    return days


def _holidays(holidays, days: pd.Series) -> frozenset[pd.Period]:
    """The days to leave out, among the years of the data."""
    if holidays is None:
        return frozenset()
    if isinstance(holidays, str):
        if holidays != "england":
            raise EvaluationError(f"holidays={holidays!r} is not known: use 'england', a list of dates, or None.")
        holidays = bank_holidays(days.min().year, days.max().year)
    try:
        dates = list(holidays)
    except TypeError:
        raise EvaluationError(f"holidays={holidays!r} is not known: use 'england', a list of dates, or None.") from None
    return frozenset(_holiday(date) for date in dates)


def _holiday(date) -> pd.Period:
    """The day that a date names; a number or a month names none."""
    if isinstance(date, str):
        day = parse_period(date, "day")
    elif isinstance(date, pd.Period):
        day = date if date.freqstr == "D" else None
    else:
        is_date = isinstance(date, (Date, np.datetime64)) and not pd.isna(date)
        day = pd.Period(pd.Timestamp(date).tz_localize(None), "D") if is_date else None
    if day is None or pd.isna(day):
        raise EvaluationError(f"`holidays` holds {date!r}, which is not a date: write dates such as 2022-06-03.")
    return day


def _whole_periods(days: pd.Series, frequency: str) -> pd.PeriodIndex:
    """The weeks or months that lie wholly between the first and the last day."""
    first, last = days.min(), days.max()
    periods = pd.period_range(first.asfreq(frequency), last.asfreq(frequency), freq=frequency)
    inside = (periods.asfreq("D", "start") >= first) & (periods.asfreq("D", "end") <= last)
    if not inside.any():
        raise EvaluationError(f"The days from {first} to {last} hold no whole period: give at least one.")
    return periods[inside]


def _by_unit(rows: pd.DataFrame, periods: pd.PeriodIndex, chosen: tuple[int, ...], left_out) -> pd.DataFrame:
    """For every unit and period: group, means m1 and m0, days that count, flag, whether every day was reported."""
    day = pd.PeriodIndex(rows["day"])
    holiday = day.isin(pd.PeriodIndex(sorted(left_out), freq="D"))
    on = np.isin(day.day_of_week, chosen)
    rows = rows.assign(period=day.asfreq(periods.freqstr), holiday=holiday)
    counts = rows["value"].notna().to_numpy() & ~holiday
    for name, side in (("on", on), ("off", ~on)):
        rows[f"sum_{name}"] = rows["value"].where(counts & side, 0.0)
        rows[f"days_{name}"] = (counts & side).astype(int)
    names = ["sum_on", "days_on", "sum_off", "days_off"]
    groups = rows.groupby("unit")["group"].first()
    every = pd.MultiIndex.from_product([sorted(groups.index), periods], names=["unit", "period"])
    table = rows.groupby(["unit", "period"])[names].sum().reindex(every, fill_value=0)
    flags = rows[(rows["flag"] != "") & ~holiday].groupby(["unit", "period"])["flag"].agg(all_flags)
    flag = flags.reindex(every, fill_value="").astype(object)

    off_days = pd.PeriodIndex(sorted(left_out), freq="D").asfreq(periods.freqstr).value_counts()
    in_period = table.index.get_level_values("period")
    free = off_days.reindex(in_period, fill_value=0).to_numpy()
    wanted = days_in(pd.PeriodIndex(in_period)).to_numpy() - free
    counted = table["days_on"] + table["days_off"]
    both = (table["days_on"] > 0) & (table["days_off"] > 0)
    whole = (counted == wanted) & both
    table = pd.DataFrame(
        {
            "m1": (table["sum_on"] / table["days_on"].where(table["days_on"] > 0)).where(whole),
            "m0": (table["sum_off"] / table["days_off"].where(table["days_off"] > 0)).where(whole),
            "days": counted,
            "whole": whole,
            "flag": flag,
        }
    )
    for holds, name in ((free > 0, BANK_HOLIDAY), (counted < wanted, MISSING_DAYS)):
        table["flag"] = _with(table["flag"], holds, name)
    table["flag"] = _with(table["flag"], (counted == wanted) & ~both, NONE_TO_COUNT)
    table = table.reset_index()
    table.insert(0, "group", table["unit"].map(groups))
    return table


def _with(flag: pd.Series, holds, name: str) -> pd.Series:
    """``name`` added to the flags where it holds."""
    return flag.mask(holds, flag + np.where(flag == "", name, f";{name}"))


def _added_up(units: pd.DataFrame) -> pd.DataFrame:
    """Each group as one unit, from those of its units with every day of the period."""
    keys = ["group", "period"]
    grouped = units.groupby(keys)
    share = grouped["whole"].mean()
    table = grouped[["m1", "m0"]].sum().where(share >= WHOLE_AT_LEAST)
    table["days"] = grouped["days"].max()
    # What is said of single days of units left out is not said of the sum.
    names = units.where(units["whole"]).dropna(subset="group").groupby(keys)["flag"].agg(all_flags)
    table["flag"] = names.reindex(table.index, fill_value="").astype(object)
    table["flag"] = _with(table["flag"], (share < 1) & (share >= WHOLE_AT_LEAST), SOME_LEFT_OUT)
    table["flag"] = _with(table["flag"], share < WHOLE_AT_LEAST, MISSING_DAYS)
    return table.reset_index().rename(columns={"group": "unit"})


@dataclass(frozen=True)
class _Contrast:
    """What is made of the two means, and how it is called."""

    how: str
    days: int

    def applied_to(self, table: pd.DataFrame) -> pd.DataFrame:
        """The canonical columns."""
        m1, m0, flag = table["m1"], table["m0"], table["flag"]
        numerator, denominator = m1, m0
        if self.how == "share":
            numerator = self.days * m1
            denominator = numerator + (len(NAMES) - self.days) * m0
            nobody = denominator == 0
            value, flag = 100 * numerator / denominator.mask(nobody), _with(flag, nobody, NO_DENOMINATOR)
        elif self.how == "difference":
            value = m1 - m0
        else:
            zero = (m1 == 0) | (m0 == 0)
            value = np.log(m1.mask(zero)) - np.log(m0.mask(zero))
            flag = _with(flag, zero, NO_LOGARITHM)
        frame = table.assign(value=value, numerator=numerator, denominator=denominator, flag=flag.astype("str"))
        return frame[list(CANONICAL_COLUMNS)].sort_values(["unit", "period"], ignore_index=True)

    def unit(self, counted: str, days: str | Sequence[str], period: str) -> str:
        """The unit of the contrast, in words."""
        when, other = ("weekend day", "weekday") if days == "weekend" else (_list(days), "other day")
        if self.how == "share":
            return f"% of a week's {counted} {'at the weekend' if days == 'weekend' else f'on a {when}'}"
        if self.how == "difference":
            return f"{counted} per {when} less those per {other}"
        return f"{LOGGED}{counted} per {when} over those per {other}"


def _list(days: str | Sequence[str]) -> str:
    names = [days] if isinstance(days, str) else list(days)
    return " or ".join(str(name).capitalize() for name in names)


def _notes(frame: pd.DataFrame, units: pd.DataFrame, period: str, left_out, place: str | None) -> list[str]:
    """What a reader must know of how the periods were made; ``place`` is the name of the one group that is a site."""
    notes = []
    span = frame["period"].min().start_time, frame["period"].max().end_time
    free = sorted(day for day in left_out if span[0] <= day.start_time <= span[1])
    if free:
        listed = ", ".join(f"{day.day} {day.strftime('%B %Y')}" for day in free)
        notes.append(f"Bank holidays are left out of both sides: {listed}.")
    members = units.groupby("group")["unit"].nunique()
    several = list(members.index[members > 1])
    called = place[:1].upper() + place[1:] if place else None
    names = {group: called if called and several == [group] else group for group in members.index}
    for group in several:
        whole = units[units["group"] == group].groupby("period")["whole"].sum()
        used = whole[whole >= WHOLE_AT_LEAST * members[group]]
        if len(used) and used.min() < members[group]:
            notes.append(
                f"{names[group]}: each {period} is made of the organisations that reported all its days,"
                f" {used.min()} to {used.max()} of {members[group]}."
            )
    hit = frame[frame["value"].isna()]
    why = "not every day was reported, or one side is zero; left missing."
    if hit["unit"].nunique() > UNITS_NAMED:
        notes.append(f"{len(hit)} {period}s of {hit['unit'].nunique()} units: {why}")
        return notes
    for unit, rows in hit.groupby("unit"):
        starts = ", ".join(f"{missing.start_time.day} {missing.start_time:%B %Y}" for missing in rows["period"])
        notes.append(f"{names.get(unit, unit)}, {period} of {starts}: {why}")
    return notes

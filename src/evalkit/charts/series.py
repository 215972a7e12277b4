"""From a frame to the one series that a chart draws, checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError, did_you_mean
from evalkit.intake.periods import date_text, name_of, resolve_interruption, to_periods

LARGEST = 1e100  # squares and sums of more have no room
# What is dated and explained, by its argument: one of it, and several.
EVENTS = {"rebase": ("rebasing", "rebasings"), "source_changes": ("change of source", "changes of source")}


@dataclass(frozen=True, eq=False)
class Series:
    """One row a period without gaps, or one an event, oldest first; missing where not reported.

    ``rows`` has the columns asked for, as numbers, under the names of their parts: ``outcome``, ``denominator``, ...
    ``periods`` is a PeriodIndex, or for events whatever tells them apart.
    """

    periods: pd.Index
    rows: pd.DataFrame

    def part(self, name: str) -> np.ndarray:
        """One column (t,) as floats; all missing where it was not asked for."""
        if name not in self.rows:
            return np.full(len(self.rows), np.nan)
        return self.rows[name].to_numpy(float)


def of_one_unit(frame: pd.DataFrame, unit: str | None, label: str | None) -> tuple[pd.DataFrame, str]:
    """The rows of one unit, and what it is called.

    Raises
    ------
    EvaluationError
        Where rows of several units could be meant.
    """
    refuse_unknown_columns(frame, unit=unit)
    if unit is None:
        if label is not None:
            raise EvaluationError("`label` needs `unit`, the column that says whose a row is.", "label")
        unit = "unit" if "unit" in frame.columns else None
    if unit is None:
        return frame, ""
    if frame[unit].isna().any():
        row = int(frame[unit].isna().to_numpy().argmax()) + 1
        raise EvaluationError(f"Column `{unit}` has no unit in row {row}: fill it in, or leave the row out.", "unit")
    units = frame[unit].astype(str)
    known = list(dict.fromkeys(units))
    label = None if label is None else str(label)
    if label is None and len(known) > 1:
        raise EvaluationError(
            f"Column `{unit}` names {len(known)} units and a chart is of one: say which with `unit` and `label`.",
            "label",
        )
    if label is not None and label not in known:
        raise EvaluationError(f"label={label!r} is not in column `{unit}`{did_you_mean(label, known)}.", "label")
    return (frame, known[0] if known else "") if label is None else (frame[units == label], label)


def of_periods(frame: pd.DataFrame, time: str, columns: Mapping[str, str | None]) -> Series:
    """A row for every period from the first to the last.

    Raises
    ------
    EvaluationError
        Naming the column and period of what is wrong.
    """
    rows = numbers_in(frame, time, columns)
    periods = to_periods(frame[time], time)
    twice = periods[periods.duplicated()]
    if len(twice):
        raise EvaluationError(
            f"There are two rows for {twice[0]} in column `{time}`: keep one, or say whose rows are meant with `unit` and"
            " `label`."
        )
    every = pd.period_range(periods.min(), periods.max(), name="period")
    return Series(every, rows.set_axis(periods).reindex(every).reset_index(drop=True))


def of_events(frame: pd.DataFrame, time: str, columns: Mapping[str, str | None]) -> Series:
    """A row for every event, in the order of their dates; of numbered cases, of their numbers.

    Raises
    ------
    EvaluationError
        Naming the column and row of what is wrong.
    """
    rows = numbers_in(frame, time, columns)
    when = frame[time].reset_index(drop=True)
    if when.isna().any():
        raise EvaluationError(
            f"Column `{time}` has no date in row {int(when.isna().to_numpy().argmax()) + 1}: fill it in, or leave the row out."
        )
    if pd.api.types.is_numeric_dtype(when):
        order: Any = when.to_numpy()
    else:
        order = pd.PeriodIndex([date_text(value) for value in when], freq="D")
    events = pd.Index(order, name="period")
    in_order = events.argsort(kind="stable")
    return Series(events[in_order], rows.iloc[in_order].reset_index(drop=True))


def days_between(events: pd.Index) -> np.ndarray:
    """Days (t,) from each event to the next one; missing for the first, which has none before it.

    Raises
    ------
    EvaluationError
        Where events have numbers and no dates.
    """
    if not isinstance(events, pd.PeriodIndex):
        raise EvaluationError(
            "The events have numbers and no dates: give the time between them as `outcome`.", "outcome"
        )
    if len(events) < 2:
        raise EvaluationError("There is one event, and the time between events needs two: there is nothing to draw.")
    days = np.full(len(events), np.nan)
    days[1:] = np.diff(events.asi8)
    return days


def refuse_unknown_columns(frame: pd.DataFrame, **columns: str | None) -> None:
    """Refuse what is not a column, under the name of its argument.

    Raises
    ------
    EvaluationError
    """
    if not isinstance(frame, pd.DataFrame):
        raise EvaluationError("A chart is made of a pandas DataFrame, and this is none.", "frame")
    for name, column in columns.items():
        if column is not None and list(frame.columns).count(column) > 1:
            raise EvaluationError(f"The frame has several columns {column!r}: keep one.", name)
        if column is not None and column not in frame.columns:
            hint = did_you_mean(str(column), [str(heading) for heading in frame.columns])
            raise EvaluationError(f"{name}={column!r} is not a column of the frame{hint}.", name)


def numbers_in(frame: pd.DataFrame, time: str, columns: Mapping[str, str | None]) -> pd.DataFrame:
    """The columns as numbers, under the names of their parts; those that are None are left out.

    Raises
    ------
    EvaluationError
        Naming the column and period of what is no number.
    """
    if frame.empty:
        raise EvaluationError("The frame has no rows: there is nothing to draw.")
    parts = {}
    for name, column in columns.items():
        if column is None:
            continue
        if pd.api.types.is_complex_dtype(frame[column]):
            raise EvaluationError(f"Column `{column}` holds complex numbers: give real ones.", name)
        numbers = pd.to_numeric(frame[column], errors="coerce")
        for wrong, what in (
            (numbers.isna() & frame[column].notna(), "is not a number"),
            (np.isinf(numbers), "is infinite"),
            (numbers.abs() > LARGEST, "is too large for a chart"),
        ):
            if wrong.any():
                when = frame[time].iloc[int(np.argmax(wrong.to_numpy()))]
                raise EvaluationError(
                    f"Column `{column}` {what} in {when}: correct it, or leave it blank if it is missing.", name
                )
        parts[name] = numbers.to_numpy(float)
    return pd.DataFrame(parts, index=range(len(frame)))


def phases_of(periods: pd.Index, events: Any, argument: str = "rebase") -> tuple[np.ndarray, list[str]]:
    """The phase (t,) of each point, 0, 1, ..., and why each begins; nothing for the first.

    Parameters
    ----------
    periods : Index
        PeriodIndex, or numbers of events.
    events : mapping of date to reason, or pairs of both, or None
        A phase begins with the first period that begins on the date or after it.
    argument : str
        Which of ``EVENTS`` they are.

    Raises
    ------
    EvaluationError
        For a date without a reason, out of the series, or that begins no phase of its own.
    """
    one, several = EVENTS[argument]
    begins: dict[int, str] = {}
    for when, reason in _dated_reasons(events, argument):
        first = _first_at(periods, when, argument)
        if not 0 < first < len(periods):
            raise EvaluationError(
                f"The {one} of {when} leaves nothing before it or after it: the series runs from {periods[0]} to"
                f" {periods[-1]}.",
                argument,
            )
        if first in begins:
            raise EvaluationError(f"Two {several} begin in {periods[first]}: keep one.", argument)
        begins[first] = f"{reason} ({_as_text(when)})" if argument == "rebase" else reason
    starts = sorted(begins)
    return np.searchsorted(starts, np.arange(len(periods)), side="right"), ["", *(begins[start] for start in starts)]


def _dated_reasons(events: Any, argument: str) -> list[tuple[Any, str]]:
    if events is None:
        return []
    remedy = "give dates with their reasons, as {'2024-10-01': 'The discharge team began'}"
    if isinstance(events, Mapping):
        pairs = list(events.items())
    elif isinstance(events, Iterable) and not isinstance(events, str):
        pairs = list(events)
    else:
        raise EvaluationError(f"{argument} is {events!r}: {remedy}.", argument)
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise EvaluationError(
                f"{argument} holds {pair!r}, a date without a reason. Only a known event is told so: {remedy}.",
                argument,
            )
        if not isinstance(pair[1], str) or not pair[1].strip():
            raise EvaluationError(f"The {EVENTS[argument][0]} of {pair[0]} has no reason: {remedy}.", argument)
    return [(when, reason.strip().rstrip(".")) for when, reason in pairs]


def _as_text(when: Any) -> str:
    return str(when) if isinstance(when, int) else date_text(when)


def _first_at(periods: pd.Index, when: Any, argument: str) -> int:
    if not isinstance(periods, pd.PeriodIndex):
        if isinstance(when, bool) or not isinstance(when, int | float):
            raise EvaluationError(
                f"The events have numbers, but the {EVENTS[argument][0]} is of {when!r}: give a number.", argument
            )
        return int(np.searchsorted(periods.to_numpy(), when))
    begins = resolve_interruption(when, 0, periods.freqstr).first_kept
    return int(np.searchsorted(periods.asi8, begins.ordinal))


def one_period(periods: pd.Index) -> str:
    """What one point stands for: month, week, event, ..."""
    return name_of(periods.freqstr) if isinstance(periods, pd.PeriodIndex) else "event"

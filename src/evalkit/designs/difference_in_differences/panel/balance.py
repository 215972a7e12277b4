"""Starts as they are written in a frame, and the panel that they leave: the same units in every period."""

from typing import Any

import numpy as np
import pandas as pd

from evalkit.designs.series_frame import SeriesFrame
from evalkit.errors import EvaluationError, described
from evalkit.intake.periods import Interruption, resolve_interruption, to_periods

# A treated unit's missing months are left out for everybody up to this share; beyond it the unit is left out.
LEFT_OUT_AT_MOST = 0.1


def starts_in(frame, data: SeriesFrame, unit, time, column, transition) -> dict[str, Interruption]:
    """The start of each treated unit."""
    units = frame[unit].astype(str)
    blank = frame[column].map(lambda value: isinstance(value, str) and not value.strip())
    known = frame[column].notna() & ~blank.astype(bool)
    if not known.any():
        raise EvaluationError(f"Column `{column}` is blank everywhere: give the first treated period of treated units.")
    reported = known.groupby(units).agg(["any", "all"])
    partly = reported.index[reported["any"] & ~reported["all"]]
    if len(partly):
        label = partly[0]
        off = pd.Series(to_periods(frame[time], time), index=frame.index)[(units == label) & ~known].min()
        raise EvaluationError(
            f"Column `{column}` has a start for {label} in some rows and none in others (first in {off}): a treatment that"
            " switches off is not a single start; give every row of the unit the same start, or end the data before it"
            " switches off."
        )
    pairs = pd.DataFrame({"unit": units[known], "start": frame.loc[known, column]}).drop_duplicates()
    pairs["written"] = [_written(value) for value in pairs["start"]]
    pairs = pairs.drop_duplicates(["unit", "written"]).sort_values("unit", kind="stable")
    twice = pairs[pairs.duplicated("unit", keep=False)]
    if len(twice):
        label, first, second = twice["unit"].iloc[0], *twice["written"].iloc[:2]
        raise EvaluationError(
            f"{label} has two start dates in column `{column}`, {first} and {second}: a unit starts once."
        )
    read: dict[str, Interruption] = {}
    for pair in pairs.drop_duplicates("written").itertuples():
        if pair.written == "0":
            raise EvaluationError(
                f"Column `{column}` is 0 for {pair.unit}: leave it blank for a unit that was never treated."
            )
        when = pair.written if isinstance(pair.start, (int, float, np.number)) else pair.start
        if isinstance(pair.start, (bool, np.bool_)) or pair.written == "1":
            raise EvaluationError(
                f"Column `{column}` is {pair.written} for {pair.unit}: it has to say from when a"
                " unit was treated, such as"
                " 2017-07, not whether it was."
            )
        try:
            read[pair.written] = resolve_interruption(when, transition, data.periods.freqstr)
        except EvaluationError as error:
            said = str(error).replace(repr(when), described(when))  # a cell that cannot be read is not repeated
            raise EvaluationError(f"Column `{column}`, {pair.unit}: {said}") from None
    return {pair.unit: read[pair.written] for pair in pairs.itertuples()}


def _written(value: Any) -> str:
    """How a start is written: whole numbers, such as years read beside blanks, without their decimal."""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value.date()) if isinstance(value, pd.Timestamp) else str(value)


def finished(starts: dict[str, Interruption], periods: pd.PeriodIndex, anticipation: int):
    """Starts with a period after them in the data, and labels of units whose start has begun but leaves none."""
    unfinished = [
        label
        for label, start in starts.items()
        if start.first_kept > periods[-1] and min((*start.transition, start.period)) - anticipation <= periods[-1]
    ]
    return {label: start for label, start in starts.items() if label not in unfinished}, unfinished


def balanced(data: SeriesFrame, starts: dict[str, Interruption], unfinished: list[str]):
    """Periods kept (n,) bool, units kept, the table of members, and what to say of it."""
    values = data.values
    interruptions = list(starts.values())
    if not interruptions:
        raise EvaluationError(
            f"No unit has a period after its start: the data run from {data.periods[0]} to {data.periods[-1]};"
            " correct the starts, or add later periods."
        )
    for label, start in starts.items():
        # A month in transition is never read, so a missing one there may hold anything.
        if start.transition:
            blank = values[label].isna() & data.periods.isin(start.transition)
            if blank.any():
                values.loc[blank, label] = values[label].mean()
    known = values.notna().to_numpy()
    held = known.mean(axis=1) > 0.5
    if len({(start.transition, start.first_kept) for start in interruptions}) == 1:
        held &= ~data.periods.isin(interruptions[0].transition)
    notes = []
    reasons = dict.fromkeys(unfinished, "its start leaves no period after it in the data")
    for label in sorted(starts):
        missing = held & ~known[:, values.columns.get_loc(label)]
        if missing.sum() > LEFT_OUT_AT_MOST * held.sum():
            reasons[label] = _missing(data.periods[missing])
        elif missing.any():
            held &= ~missing
            notes.append(
                f"{label} has {_missing(data.periods[missing])}: left out for every unit, so that the comparison is always"
                " with the same units."
            )
    if unfinished:
        notes.append(f"Left out, as the start leaves no period after it: {', '.join(sorted(unfinished))}.")
    for position in np.flatnonzero(~known[held].all(axis=0)):
        label = values.columns[position]
        reasons.setdefault(label, _missing(data.periods[held & ~known[:, position]]))
    kept = [label for label in values.columns if label not in reasons]
    lost = [label for label in starts if label in reasons]
    if lost and not any(label in starts for label in kept):
        raise EvaluationError(f"{lost[0]} has {reasons[lost[0]]}: too few periods are left to estimate its change.")
    if lost:
        notes.append(f"Left out although treated, for missing periods: {', '.join(lost)}.")
    comparators = [label for label in reasons if label not in starts and label not in unfinished]
    if comparators and all(label in starts for label in kept) and len(set(interruptions)) == 1:
        raise EvaluationError(
            f"Every comparator has a missing period ({comparators[0]}: {reasons[comparators[0]]}): shorten the window, or"
            " name other comparators."
        )
    if comparators:
        notes.append(
            f"{len(comparators)} of {len(values.columns) - len(starts)} comparators were left out for missing periods."
        )
    members = pd.DataFrame(
        {
            "unit": list(values.columns),
            "used": [label not in reasons for label in values.columns],
            "treated_from": [starts[label].label if label in starts else "" for label in values.columns],
            "reason": [reasons.get(label, "") for label in values.columns],
        }
    )
    return held, kept, members, notes


def _missing(periods: pd.PeriodIndex) -> str:
    shown = ", ".join(str(period) for period in periods[:3])
    return f"no figure in {shown}" + (f" and {len(periods) - 3} more" if len(periods) > 3 else "")

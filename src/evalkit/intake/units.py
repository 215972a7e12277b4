"""Rows of a table as the units of an analysis: complete over the window, organisations of one site added up."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from evalkit.catalogue.records.measures import Measure
from evalkit.errors import EvaluationError
from evalkit.intake.measure_rows import MISSING, all_flags
from evalkit.intake.successions import WITHDRAWN, Lineage

NAMED_AT_MOST = 6


def units_of(
    rows: pd.DataFrame, lineages: Mapping[str, Lineage], periods: pd.PeriodIndex, measure: Measure
) -> pd.DataFrame:
    """Every unit in every period, in the order of ``lineages``; what the table does not hold is missing.

    A sum is missing wherever one of its parts is.

    Raises
    ------
    EvaluationError
        Where a unit cannot be added up: a code of it begins or ends within the window, has no figures at all while it is
        part of the unit, or the measure is none that adds up.
    """
    for unit, one in lineages.items():
        if one.events:
            _refuse_what_does_not_add_up(measure, unit, one, periods)
            _refuse_absent(rows, unit, one, periods)
        else:
            _refuse_mergers(rows, one.in_order, periods)
    codes = list(dict.fromkeys(code for one in lineages.values() for code in one.in_order))
    complete = _complete(rows, codes, periods)
    if len(codes) == len(lineages) and not any(one.events for one in lineages.values()):
        return complete.assign(unit=pd.array(np.repeat(list(lineages), len(periods)), dtype="str"))
    place = {code: at * len(periods) for at, code in enumerate(codes)}
    parts = []
    for unit, one in lineages.items():
        of_codes = [_of_code(complete, place[code], one, code, periods) for code in one.in_order]
        together = pd.concat(of_codes) if len(of_codes) > 1 else of_codes[0]
        parts.append(_added_up(together, unit) if len(of_codes) > 1 else together.assign(unit=unit))
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(unit=frame["unit"].astype("str"))


def _of_code(complete: pd.DataFrame, at: int, one: Lineage, code: str, periods: pd.PeriodIndex) -> pd.DataFrame:
    """The rows of a code in those periods in which it is part of a unit; none of its figures after it was withdrawn."""
    own = complete.iloc[at : at + len(periods)]
    for event in one.events:
        if not event.after and code in event.before:
            over = periods.start_time.date >= event.since
            own = own.assign(
                **{part: own[part].mask(over) for part in ("numerator", "denominator")},
                flag=own["flag"].mask(over, WITHDRAWN),
            )
    return own[one.counts(code, periods)] if len(one.stages) > 1 else own


def _refuse_what_does_not_add_up(measure: Measure, unit: str, one: Lineage, periods: pd.PeriodIndex) -> None:
    together = np.sum([one.counts(code, periods) for code in one.codes], axis=0) > 1
    if measure.form == "median" and together.any():
        raise EvaluationError(
            f"{measure.name} is a median, and {unit} is several organisations in {periods[together.argmax()]}, whose medians do"
            " not add up to one: shorten the window, or use a measure that is a mean."
        )


def _refuse_absent(rows: pd.DataFrame, unit: str, one: Lineage, periods: pd.PeriodIndex) -> None:
    """A part without any figure would leave the whole unit without one."""
    usable = rows[rows["numerator"].notna()]
    for code in one.in_order:
        counts = one.counts(code, periods)
        own = usable["period"][usable["unit"] == code]
        if counts.any() and not own.isin(periods[counts]).any():
            span = periods[counts]
            raise EvaluationError(
                f"{code} is part of {unit} from {span[0]} to {span[-1]} and has no figures there, so that {unit} cannot be added up:"
                " add them, shorten the window, or leave it out."
            )


def _refuse_mergers(rows: pd.DataFrame, codes: list[str], periods: pd.PeriodIndex) -> None:
    """A site's code that begins or ends in the window would make the sum missing before or after it.

    Judged against the months that the table has for anybody, so that a month it lacks altogether is no ending.
    """
    if len(codes) == 1:
        return
    in_window = rows[rows["period"].between(periods[0], periods[-1])]
    first, last = in_window["period"].min(), in_window["period"].max()
    by_code = in_window[in_window["unit"].isin(codes)].groupby("unit")["period"]
    begins, ends = by_code.min().to_dict(), by_code.max().to_dict()
    for code in codes:
        if code not in ends:
            what = f"has no rows from {periods[0]} to {periods[-1]}"
        elif ends[code] < last:
            what = f"has no rows after {ends[code]}"
        elif begins[code] > first:
            what = f"has no rows before {begins[code]}"
        else:
            continue
        together = " and ".join(codes) if len(codes) <= NAMED_AT_MOST else f"the {len(codes)} organisations"
        raise EvaluationError(
            f"{code} {what}, so {together} cannot be added up: use the code of the merged trust, shorten the window, or say in"
            " data/successors.csv what became of it."
        )


def _complete(rows: pd.DataFrame, codes: Sequence[str], periods: pd.PeriodIndex) -> pd.DataFrame:
    """Every code in every period, in that order; what the table does not hold is missing."""
    of_code = pd.Index(codes).get_indexer(rows["unit"])
    month = rows["period"].array.asi8 - periods[0].ordinal
    held = np.flatnonzero((of_code >= 0) & (month >= 0) & (month < len(periods)))
    source = np.full(len(codes) * len(periods), -1)
    source[of_code[held] * len(periods) + month[held]] = held
    complete = rows.drop(columns=["unit", "period"]).reset_index(drop=True).reindex(source)
    complete.insert(0, "unit", pd.array(np.repeat(list(codes), len(periods)), dtype="str"))
    complete.insert(1, "period", periods[np.tile(np.arange(len(periods)), len(codes))].array)
    complete["flag"] = complete["flag"].fillna(MISSING)
    return complete.reset_index(drop=True)


def _added_up(rows: pd.DataFrame, label: str) -> pd.DataFrame:
    """The organisations of a unit as one; missing wherever one of them is."""
    periods = rows.groupby("period", sort=True)
    parts = {}
    for name in ("numerator", "denominator"):
        missing = rows[name].isna().groupby(rows["period"]).any()
        parts[name] = periods[name].sum().mask(missing)
    return pd.DataFrame({**parts, "flag": periods["flag"].agg(all_flags)}).reset_index().assign(unit=label)

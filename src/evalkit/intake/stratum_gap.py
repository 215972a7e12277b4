"""Equity: figures of two groups of people to the gap between them, a unit and period, which every design takes."""

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError, did_you_mean, repeated
from evalkit.intake.day_contrast import LOGGED
from evalkit.intake.exposure import NONE
from evalkit.intake.measure_rows import CANONICAL_COLUMNS
from evalkit.intake.periods import to_periods

HOW = ("log_ratio", "difference")
ZERO = "no_logarithm"


def stratum_gap(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    stratum: str,
    between: tuple[str, str],
    how: str = "log_ratio",
) -> pd.DataFrame:
    """How far two groups of people are apart, so that a design says by how much a change widened or narrowed the gap.

    An effect on the gap is a difference of differences: what changed in the first group less what changed in the second.
    A unit's figures for both groups are of the same months, so that what struck both alike is not in it.

    Parameters
    ----------
    frame : DataFrame
        One row a unit, period and group; what was not reported or is withheld is missing, or has no row.
    outcome, unit, time, stratum : str
        Columns: the figure, the unit, the period, and which group of people it is of.
    between : pair of str
        The two groups, such as ``("most deprived fifth", "least deprived fifth")``: the first is set against the second.
    how : {"log_ratio", "difference"}
        Of the figures a and b of the two groups: log(a / b), or a - b.

    Returns
    -------
    DataFrame
        ``unit, period, value, numerator, denominator, days, flag`` as ``load`` gives: ``value`` is the gap, ``numerator``
        and ``denominator`` are the two figures. A gap of which one side is missing is missing, never zero; a figure of zero
        has no logarithm. Columns that hold one value for each unit, such as ``treated_from``, are carried over.

    Raises
    ------
    EvaluationError
        For columns, groups and figures that cannot be used.

    Examples
    --------
    An invented place where waits fell by ten in the least deprived group only, so that the gap widened by ten:

    >>> import pandas as pd
    >>> import evalkit as ek
    >>> months = pd.period_range("2022-01", periods=3, freq="M").astype(str)
    >>> frame = pd.DataFrame({
    ...     "place": "ZZ901", "month": [*months, *months],
    ...     "fifth": ["most"] * 3 + ["least"] * 3,
    ...     "waits": [60, 62, 61, 50, 51, 40],
    ... })
    >>> gap = ek.stratum_gap(
    ...     frame, outcome="waits", unit="place", time="month",
    ...     stratum="fifth", between=("most", "least"), how="difference",
    ... )
    >>> gap["value"].tolist()
    [10.0, 11.0, 21.0]
    """
    if how not in HOW:
        raise EvaluationError(f"how={how!r} is not available: use {' or '.join(map(repr, HOW))}.")
    named = {"outcome": outcome, "unit": unit, "time": time, "stratum": stratum}
    for name, column in named.items():
        if column not in frame.columns:
            hint = did_you_mean(str(column), [str(known) for known in frame.columns])
            raise EvaluationError(f"{name}={column!r} is not a column of the frame{hint}.")
    rows = _rows(frame, outcome, unit, time, stratum, between)
    first, second = (
        rows[rows["stratum"] == group].set_index(["unit", "period"])["value"] for group in map(str, between)
    )
    index = pd.MultiIndex.from_product(
        [sorted(rows["unit"].unique()), pd.period_range(rows["period"].min(), rows["period"].max())],
        names=["unit", "period"],
    )
    first, second = first.reindex(index), second.reindex(index)
    zero = (first == 0) | (second == 0) if how == "log_ratio" else pd.Series(False, index=index)
    value = np.log(first.mask(zero)) - np.log(second.mask(zero)) if how == "log_ratio" else first - second
    gap = pd.DataFrame(
        {
            "value": value,
            "numerator": first,
            "denominator": second,
            "days": [period.days_in_month if period.freqstr == "M" else 1 for _, period in index],
            "flag": np.where(zero, ZERO, ""),
        }
    ).reset_index()[list(CANONICAL_COLUMNS)]
    return _carried(gap, frame, unit, outcome, {*named.values(), *CANONICAL_COLUMNS}, between, how)


def _rows(frame: pd.DataFrame, outcome: str, unit: str, time: str, stratum: str, between) -> pd.DataFrame:
    """The checked rows of the two groups: unit, period, stratum, value."""
    groups = [str(group) for group in between] if isinstance(between, list | tuple) else []
    if len(groups) != 2 or groups[0] == groups[1]:
        raise EvaluationError(f"between={between!r}: name two different groups of column `{stratum}`.")
    known = frame[stratum].astype(str).unique()
    for group in groups:
        if group not in known:
            raise EvaluationError(f"No row of column `{stratum}` is of {group!r}{did_you_mean(group, known)}.")
    value = pd.to_numeric(frame[outcome], errors="coerce")
    wrong = (value.isna() & frame[outcome].notna()) | np.isinf(value) | (value < 0)
    if wrong.any():
        at = int(wrong.to_numpy().argmax())
        raise EvaluationError(
            f"Column `{outcome}`, row {at + 1}, holds {frame[outcome].iloc[at]!r}, which is no figure of 0 or more: correct it,"
            " or leave it blank if it was not reported or is withheld."
        )
    rows = pd.DataFrame(
        {
            "unit": frame[unit].astype(str).to_numpy(),
            "period": to_periods(frame[time], time),
            "stratum": frame[stratum].astype(str).to_numpy(),
            "value": value.to_numpy(float),
        }
    )
    rows = rows[rows["stratum"].isin(groups)]
    twice = repeated(f"{one.unit} in {one.period} ({one.stratum})" for one in rows.itertuples())
    if twice:
        raise EvaluationError(f"{twice[0]} has two rows: keep the one that is right.")
    return rows


def _carried(
    gap: pd.DataFrame, frame: pd.DataFrame, unit: str, outcome: str, used: set[str], between, how: str
) -> pd.DataFrame:
    """With what the frame says of each unit, and what it is a gap of."""
    units = frame[unit].astype(str)
    for column in frame.columns:
        if column not in used and (frame[column].groupby(units).nunique(dropna=False) == 1).all():
            gap[column] = gap["unit"].map(frame[column].groupby(units).first())
    about = frame.attrs.get("evalkit")
    if about is not None:
        counted = about.get("measure_unit", outcome)
        told = (
            f"{counted}, {between[0]} over {between[1]}"
            if how == "log_ratio"
            else f"{counted}, {between[0]} less {between[1]}"
        )
        gap.attrs["evalkit"] = {
            **about,
            "exposure": NONE,
            "measure_unit": f"{LOGGED if how == 'log_ratio' else ''}{told}",
        }
    return gap

"""What was counted, as rows of the book's long table: nothing invented, and no count of none taken for a gap."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

import pandas as pd

from evalkit.aggregate import query
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.tables import SUBMISSION_COLUMNS
from evalkit.disclosure.dominance import LARGEST
from evalkit.disclosure.marks import MEDIAN, PARTLY_COUNTED, SYNTHETIC, marked
from evalkit.errors import EvaluationError

FREQUENCIES = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q-DEC"}
STRATA_AT_MOST = 40
LONGEST_ID = 80
DECIMALS = 6
INVENTED = re.compile(r"ZZ\d+")


def added_up(passes: list[pd.DataFrame]) -> pd.DataFrame:
    """Figures of several passes over different rows, in the columns of each; a median is of one pass alone."""
    if len(passes) == 1:
        return passes[0]
    keys, figures = ["organisation", "period", "part"], ["numerator", "denominator"]
    rows = pd.concat([one.astype(dict.fromkeys(figures, "float64")) for one in passes], ignore_index=True)
    return rows.groupby(keys, dropna=False)[figures].sum(min_count=1).reset_index()


def filled(measure: Measure, part: str | None, counted: pd.DataFrame, there: pd.DataFrame, period: str) -> pd.DataFrame:
    """Rows of one measure, where any record is: 0 counted is 0, and the mean of nobody has 0 people.

    Parameters
    ----------
    counted : DataFrame
        Columns organisation, period, part, numerator, denominator.
    there : DataFrame
        Every organisation and period with a record.

    Returns
    -------
    DataFrame
        The columns of ``counted``. A value of a stratum that an organisation never has gets no rows there.
    """
    recipe = query.recipe_of(measure)
    if recipe.weekdays:  # of a day that is another weekday nothing was asked
        days = {query.WEEKDAYS.index(day) for day in recipe.weekdays}
        there = there[pd.to_datetime(there["period"]).dt.day_of_week.isin(days)] if period == "day" else there
    keys = ["organisation", "period"]
    if part:
        keys += ["part"]
        if part == "weekday":
            days = pd.DataFrame({"part": [query.WEEKDAYS.index(day) + 1 for day in recipe.weekdays or query.WEEKDAYS]})
            there = there.merge(days, how="cross")
        else:
            there = there.merge(counted[["organisation", "part"]].drop_duplicates(), on="organisation")
    rows = there.merge(counted if part else counted.drop(columns="part"), on=keys, how="left")
    for name in ("numerator", "denominator"):
        rows[name] = pd.to_numeric(rows[name], errors="coerce").astype(float)
    if measure.form != "median":
        rows["numerator"] = rows["numerator"].fillna(0)
    if measure.form != "count":
        rows["denominator"] = rows["denominator"].fillna(0)
    return rows if part else rows.assign(part=None)


def part_ids(measure: Measure, part: str, values: Iterable) -> dict:
    """The id of a measure's part, by weekday or by the value of its column.

    Raises
    ------
    EvaluationError
        Where the column has too many values, or two that give one id; the values are not said.
    """
    if part == "weekday":
        return {day: f"{measure.id}-{query.WEEKDAYS[int(day) - 1]}" for day in values}
    column, values = query.recipe_of(measure).stratum, list(values)
    if len(values) > STRATA_AT_MOST:
        raise EvaluationError(
            f"`{column}`, the stratum of `{measure.id}`, has {len(values):,} values, and {STRATA_AT_MOST} at most make"
            " measures of their own: name a column of few groups."
        )
    ids = {value: f"{measure.id}-{_slug(value)}" for value in values}
    if len(set(ids.values())) < len(values) or any(id.endswith("-") or len(id) > LONGEST_ID for id in ids.values()):
        raise EvaluationError(
            f"`{column}`, the stratum of `{measure.id}`, has values of which no ids can be made: they need letters or"
            f" figures, differ in more than signs and capital letters, and give an id of {LONGEST_ID} characters at most."
        )
    return ids


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def long_rows(measure: Measure, ids: pd.Series | str, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as the long table has them, but for the period, which stays a date."""
    note = rows["organisation"].str.fullmatch(INVENTED.pattern).map({True: SYNTHETIC, False: ""})
    if measure.form == "median":
        note = note.map(lambda written: marked(written, MEDIAN))
    largest = list(rows.columns.intersection(LARGEST))
    figures = {name: rows[name].astype(float).round(DECIMALS) for name in ("numerator", "denominator", *largest)}
    named = {"org_code": rows["organisation"], "period": rows["period"], "measure": ids}
    return pd.DataFrame({**named, **figures, "note": note})[[*SUBMISSION_COLUMNS, *largest]]


def period_of(day: date, period: str) -> pd.Period:
    """The period that a day lies in."""
    return pd.Period(day, FREQUENCIES[period])


def written(period: pd.Period, grain: str) -> str:
    """A period as the long table has it: 2024-03, 2024Q1, or the first day of a week."""
    if grain == "month":
        return period.strftime("%Y-%m")
    return f"{period.year}Q{period.quarter}" if grain == "quarter" else period.start_time.date().isoformat()


def without_partly_counted(
    table: pd.DataFrame, grain: str, first: date, last: date, with_last: bool
) -> tuple[pd.DataFrame, list[str]]:
    """The table without the last period, where records do not reach its last day, and what to tell of it.

    With ``with_last`` it stays, and its rows say so. Periods become text.
    """
    told, final = [], period_of(last, grain)
    partly = final.end_time.date() > last
    is_last = pd.to_datetime(table["period"]).dt.to_period(FREQUENCIES[grain]) == final
    of_last = f"The last {grain}, {written(final, grain)}, is partly counted: records end on {last.isoformat()}."
    if partly and with_last:
        told.append(f"{of_last} Its rows say so.")
        notes = table["note"].map(lambda written: marked(written, PARTLY_COUNTED))
        table = table.assign(note=table["note"].mask(is_last, notes))
    elif partly:
        told.append(f"{of_last} It is left out; --with-last keeps it.")
        table = table[~is_last]
    opening = period_of(first, grain)
    if opening.start_time.date() < first:
        told.append(
            f"The first {grain}, {written(opening, grain)}, may be partly counted: records begin on {first.isoformat()}."
        )
    texts = {day: written(period_of(day, grain), grain) for day in table["period"].unique()}
    return table.assign(period=table["period"].map(texts).astype("str")), told

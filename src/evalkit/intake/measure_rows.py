"""One measure, from whatever table, in the canonical columns."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from evalkit.catalogue.records.measures import Measure, Recipe
from evalkit.errors import EvaluationError
from evalkit.intake.periods import GRAINS, WEEKDAYS, days_in
from evalkit.intake.read_table import TableRows, holds

MISSING, NO_DENOMINATOR, DAYS_MISSING = "missing", "no_denominator", "days_missing"
# Days that a mean over a week or month can do without.
DAYS_REPORTED_AT_LEAST = 0.9
CANONICAL_COLUMNS = ("unit", "period", "value", "numerator", "denominator", "days", "flag")


def rows_of(rows: TableRows, measure: Measure, recipe: Recipe | None) -> pd.DataFrame:
    """Every unit and period of ``measure`` in a table: unit, period, numerator, denominator, flag.

    A figure that is blank, withheld, flagged unusable or part of an incomplete sum is missing, never zero;
    ``flag`` says why, names joined by ``;``.

    Parameters
    ----------
    recipe : Recipe or None
        How a wide table holds the measure; ``None`` for a submission in long form.

    Raises
    ------
    EvaluationError
        Where a numerator exceeds its denominator.
    """
    return _rows_of(rows, measure.model_dump_json(), recipe.model_dump_json() if recipe else None)


@lru_cache(maxsize=64)
def _rows_of(rows: TableRows, measure_json: str, recipe_json: str | None) -> pd.DataFrame:
    measure = Measure.model_validate_json(measure_json)
    recipe = Recipe.model_validate_json(recipe_json) if recipe_json else None
    frame = rows.frame[rows.frame[rows.table.layout.unit] != ""]
    frame = _long(rows, frame, measure) if recipe is None else _wide(rows, frame, recipe)
    if measure.form != "count":
        _check_parts(rows, frame, measure)
    if recipe is not None and recipe.every:
        frame = _averaged(rows, frame, GRAINS[recipe.every], recipe.weekdays)
    return frame.sort_values(["unit", "period"], ignore_index=True)


def _long(rows: TableRows, frame: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    frame = frame[frame["measure"] == measure.id]
    alone = measure.form == "count" and measure.counted_on != "person_time"
    parts = ["numerator"] if alone else ["numerator", "denominator"]
    figures = frame.reindex(columns=["numerator", "denominator"])
    withheld = rows.suppressed.reindex(index=frame.index, columns=parts, fill_value=False)
    blank = figures[parts].isna() & ~withheld
    if not alone:
        _check_wholes(rows, frame["org_code"], blank, measure)
    flag = _joined(_no_flag(frame), withheld.any(axis=1), "suppressed")
    flag = _joined(flag, blank.any(axis=1), MISSING)
    return pd.DataFrame({"unit": frame["org_code"], "period": frame["period"], **figures, "flag": flag})


def _check_wholes(rows: TableRows, unit: pd.Series, blank: pd.DataFrame, measure: Measure) -> None:
    """A submission with parts and no whole anywhere has no value in any row, which nobody means."""
    counted = blank[~blank["numerator"]]
    without = counted["denominator"].groupby(unit).all()
    if without.any():
        over = " over person-time" if measure.form == "count" else ""
        raise EvaluationError(
            f"data/{rows.table.path}: {measure.name} is a {measure.form}{over}, but the organisation of line"
            f" {unit.index[unit == without.idxmax()].min()} has no denominator in any row: fill in the column `denominator`, or {'give it another `exposure`' if over else 'make the measure a count'}."
        )


def _wide(rows: TableRows, frame: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    layout = rows.table.layout
    for column, wanted in recipe.where.items():
        frame = frame[frame[column].astype(str) == wanted]
    # A part may belong to the whole as well; it is still one column.
    columns = list(dict.fromkeys([*recipe.numerator, *recipe.denominator]))
    used = frame[columns].copy()
    withheld = rows.suppressed.loc[frame.index, columns]
    blank = used.isna() & ~withheld
    flag = _joined(_no_flag(frame), withheld.any(axis=1), "suppressed")
    for rule in layout.flags:
        hit_rows = holds(rule, frame)
        hit = [column for column in columns if column in rule.missing]
        if rule.missing and not hit:
            continue
        used.loc[hit_rows, hit] = float("nan")
        blank.loc[hit_rows, hit] = False
        flag = _joined(flag, hit_rows, rule.name)
    flag = _joined(flag, blank.any(axis=1), MISSING)
    table = pd.DataFrame(
        {
            "unit": frame[layout.unit],
            "period": frame[layout.period],
            "numerator": used[recipe.numerator].sum(axis=1, skipna=False),
            "denominator": used[recipe.denominator].sum(axis=1, skipna=False) if recipe.denominator else float("nan"),
            "flag": flag,
        }
    )
    if recipe.complement:
        table["numerator"] = table["denominator"] - table["numerator"]
    if layout.category and layout.category not in recipe.where:
        table = _sum_categories(table, frame[layout.category], with_denominator=bool(recipe.denominator))
    return table


def _averaged(rows: TableRows, frame: pd.DataFrame, frequency: str, weekdays: Sequence[str] = ()) -> pd.DataFrame:
    """Daily rows as their mean over each period; missing where more than a tenth of its days are.

    Of chosen ``weekdays`` a day that is in doubt is missing: it may be another day of the week.
    """
    parts = ["numerator", "denominator"] if frame["denominator"].notna().any() else ["numerator"]
    keys = ["unit", "period"]
    chosen = [WEEKDAYS.index(day.capitalize()) for day in weekdays] or list(range(len(WEEKDAYS)))
    frame = frame[pd.PeriodIndex(frame["period"]).day_of_week.isin(chosen)]
    days = frame.assign(period=pd.PeriodIndex(frame["period"]).asfreq(frequency))
    in_doubt = {rule.name for rule in rows.table.layout.flags if rule.of_single_days}
    whole = days[parts].notna().all(axis=1)
    if weekdays:
        whole &= days["flag"].map({flag: in_doubt.isdisjoint(flag.split(";")) for flag in days["flag"].unique()})
    grouped = days.assign(whole=whole, **{part: days[part].where(whole) for part in parts}).groupby(keys)
    averaged = grouped[parts].mean()
    reported = grouped["whole"].sum() / _days_of(pd.PeriodIndex(averaged.index.get_level_values("period")), chosen)
    averaged = averaged.mask(reported < DAYS_REPORTED_AT_LEAST)
    unsaid = {MISSING} if weekdays else {MISSING, *in_doubt}
    flags = {flag: all_flags([flag], unsaid) for flag in days["flag"].unique()}
    days["flag"] = days["flag"].map(flags)
    flag = (
        days[days["flag"] != ""]
        .groupby(keys)["flag"]
        .agg(all_flags)
        .reindex(averaged.index, fill_value="")
        .astype("str")
    )
    averaged["flag"] = _joined(flag, reported < 1, DAYS_MISSING)
    return averaged.reset_index().reindex(columns=["unit", "period", "numerator", "denominator", "flag"])


def _days_of(periods: pd.PeriodIndex, weekdays: Sequence[int]) -> np.ndarray:
    """How many days of each period fall on ``weekdays``, Monday being 0."""
    if len(weekdays) == len(WEEKDAYS):
        return days_in(periods).to_numpy()
    mask = "".join("1" if day in weekdays else "0" for day in range(len(WEEKDAYS)))
    first = periods.start_time.to_numpy().astype("datetime64[D]")
    after = (periods + 1).start_time.to_numpy().astype("datetime64[D]")
    return np.busday_count(first, after, weekmask=mask)


def _no_flag(frame: pd.DataFrame) -> pd.Series:
    return pd.Series("", index=frame.index, dtype="str")


def _joined(flag: pd.Series, holds: pd.Series, name: str) -> pd.Series:
    """``name`` added to the flags of the rows where it holds."""
    flag = flag.copy()
    flag[holds] = flag[holds].map(lambda flags: f"{flags};{name}" if flags else name)
    return flag


def all_flags(flags: Iterable[str], without: Iterable[str] = ()) -> str:
    """The flags of rows that are added up, each name once."""
    return ";".join(sorted({name for flag in flags for name in flag.split(";")} - {"", *without}))


def _sum_categories(table: pd.DataFrame, category: pd.Series, with_denominator: bool) -> pd.DataFrame:
    """Add up categories; a category reported before and after a month, but not in it, leaves the sum missing."""
    parts = ["numerator", "denominator"] if with_denominator else ["numerator"]
    keys = ["unit", "period"]
    table = table.assign(category=category)
    grouped = table.groupby(keys)
    incomplete = table[parts].isna().groupby([table["unit"], table["period"]]).any()
    summed = grouped[parts].sum().mask(incomplete)
    flagged = table[table["flag"] != ""].groupby(keys)["flag"]
    summed["flag"] = flagged.agg(all_flags).reindex(summed.index, fill_value="")
    spans = table.groupby(["unit", "category"])["period"].agg(["min", "max", "count"])
    length = spans["max"].astype("int64") - spans["min"].astype("int64") + 1
    for (unit, name), span in spans[spans["count"] < length].iterrows():
        there = set(table.loc[(table["unit"] == unit) & (table["category"] == name), "period"])
        for period in pd.period_range(span["min"], span["max"]):
            if period not in there and (unit, period) in summed.index:
                summed.loc[(unit, period), parts] = float("nan")
                flags = filter(None, [summed.loc[(unit, period), "flag"], "partly_reported"])
                summed.loc[(unit, period), "flag"] = ";".join(flags)
    if not with_denominator:
        summed["denominator"] = float("nan")
    first_line = table.index.to_series().groupby([table["unit"], table["period"]]).min()
    lines = first_line.reindex(summed.index).to_numpy()
    return summed.reset_index()[["unit", "period", "numerator", "denominator", "flag"]].set_index(lines)


def _check_parts(rows: TableRows, frame: pd.DataFrame, measure: Measure) -> None:
    if measure.form != "proportion":
        return
    wrong = frame[(frame["numerator"] > frame["denominator"]) | (frame["numerator"] < 0)]
    if len(wrong):
        first = wrong.iloc[0]
        raise EvaluationError(
            f"data/{rows.table.path}, line {wrong.index.min()}: {measure.name} counts more in {first['period']} than its"
            f" denominator allows ({len(wrong)} such rows); correct the row."
        )


def value_of(frame: pd.DataFrame, measure: Measure) -> pd.Series:
    """The measure's value: the count or median, or 100 x numerator / denominator for a proportion, or the plain ratio."""
    if measure.form in ("count", "median"):
        return frame["numerator"]
    ratio = frame["numerator"] / frame["denominator"].where(frame["denominator"] > 0)
    return 100 * ratio if measure.form == "proportion" else ratio


def flag_of(frame: pd.DataFrame) -> pd.Series:
    """The flags, with the reason where only the division left no value: nobody was counted."""
    unsaid = frame["value"].isna() & (frame["flag"] == "")
    return frame["flag"].mask(unsaid, NO_DENOMINATOR)

"""One measure, from whatever table, in the canonical columns."""

from functools import lru_cache

import pandas as pd

from evalkit.catalogue.records import Measure, Recipe
from evalkit.errors import EvaluationError
from evalkit.intake.tables import TableRows

COLUMNS = ("unit", "period", "value", "numerator", "denominator", "days", "flag")


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
    return frame.sort_values(["unit", "period"], ignore_index=True)


def _long(rows: TableRows, frame: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    frame = frame[frame["measure"] == measure.id]
    none = pd.Series(float("nan"), index=frame.index)
    parts = [name for name in ("numerator", "denominator") if name in rows.suppressed]
    return pd.DataFrame(
        {
            "unit": frame["org_code"],
            "period": frame["period"],
            "numerator": frame["numerator"],
            "denominator": frame.get("denominator", none),
            "flag": rows.suppressed.loc[frame.index, parts].any(axis=1).map({True: "suppressed", False: ""}),
        }
    )


def _wide(rows: TableRows, frame: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    layout = rows.table.layout
    for column, wanted in recipe.where.items():
        frame = frame[frame[column].astype(str) == wanted]
    columns = [*recipe.numerator, *recipe.denominator]
    used = frame[columns].copy()
    withheld = rows.suppressed.loc[frame.index].reindex(columns=columns, fill_value=False).any(axis=1)
    flag = withheld.map({True: "suppressed", False: ""})
    for rule in layout.flags:
        holds = frame[rule.column] == rule.when
        hit = [column for column in columns if column in rule.missing]
        if rule.missing and not hit:
            continue
        used.loc[holds, hit] = float("nan")
        flag = flag.where(~holds, _joined(flag, rule.name))
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


def _joined(flag: pd.Series, name: str) -> pd.Series:
    return flag.map(lambda one: f"{one};{name}" if one else name)


def _sum_categories(table: pd.DataFrame, category: pd.Series, with_denominator: bool) -> pd.DataFrame:
    """Add up categories; a category reported before and after a month, but not in it, leaves the sum missing."""
    parts = ["numerator", "denominator"] if with_denominator else ["numerator"]
    keys = ["unit", "period"]
    table = table.assign(category=category)
    grouped = table.groupby(keys)
    incomplete = table[parts].isna().groupby([table["unit"], table["period"]]).any()
    summed = grouped[parts].sum().mask(incomplete)
    flagged = table[table["flag"] != ""].groupby(keys)["flag"]
    summed["flag"] = flagged.agg(lambda one: ";".join(sorted(set(one)))).reindex(summed.index, fill_value="")
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
    return summed.reset_index()[["unit", "period", "numerator", "denominator", "flag"]]


def _check_parts(rows: TableRows, frame: pd.DataFrame, measure: Measure) -> None:
    if measure.form != "proportion":
        return
    wrong = frame[(frame["numerator"] > frame["denominator"]) | (frame["numerator"] < 0)]
    if len(wrong):
        first = wrong.iloc[0]
        raise EvaluationError(
            f"data/{rows.table.path}, {first['unit']} in {first['period']}: {measure.name} counts more than its"
            f" denominator allows ({len(wrong)} such rows); correct the row."
        )


def value_of(frame: pd.DataFrame, measure: Measure) -> pd.Series:
    """The measure's value: the count, or 100 x numerator / denominator for a proportion, or the plain ratio."""
    if measure.form == "count":
        return frame["numerator"]
    ratio = frame["numerator"] / frame["denominator"].where(frame["denominator"] > 0)
    return 100 * ratio if measure.form == "proportion" else ratio

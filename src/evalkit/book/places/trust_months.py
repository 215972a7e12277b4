"""Recorded reasons and patients ready to leave at every organisation and month, from the tables; kept for the next time."""

from collections import defaultdict
from dataclasses import asdict

import pandas as pd

from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.measures import Measure, Recipe
from evalkit.catalogue.records.tables import Table
from evalkit.files import content_sha256
from evalkit.flow.waiting import TrustMonth
from evalkit.intake.measure_rows import rows_of
from evalkit.intake.read_table import holds, read_table
from evalkit.memory import Memory
from evalkit.runs.planning.code_dependencies import code_of, reached_from

READY, LEFT = "not-meeting-criteria-to-reside", "discharges-a-day"


def recorded_in(catalogue: Catalogue) -> tuple[Measure, Recipe] | None:
    """The measure that counts the reasons of ``data/delay_reasons.csv``, with its recipe; None where there is none."""
    read = set(catalogue.delay_reasons)
    return next(
        (
            (measure, recipe)
            for measure in catalogue.measures.values()
            for recipe in measure.recipes
            if read and set(recipe.numerator) <= read
        ),
        None,
    )


def trust_months(catalogue: Catalogue) -> list[TrustMonth]:
    """A row for each organisation and month that any of the tables speaks of; empty where no reasons were read.

    Raises
    ------
    InputRefused
        Where a table cannot be read.
    """
    found = recorded_in(catalogue)
    if found is None:
        return []
    measure, recipe = found
    memory = Memory.of_project(catalogue.root, "trust-months")
    beside = [(catalogue.measures[id], _of_days(catalogue, id)) for id in (READY, LEFT) if id in catalogue.measures]
    used = [(measure, recipe), *((one, daily) for one, daily in beside if daily is not None)]
    depends = {
        "tables": [_table(catalogue, each.table) for _, each in used],
        "measures": [one.model_dump_json() for one, _ in used],
        "code": code_of(reached_from(frozenset({__name__}))),
    }
    kept = memory.recall("all", depends)
    if kept is not None:
        return [TrustMonth(**row) for row in kept.content]
    rows = _read(catalogue, recipe, {one.id: (one, daily) for one, daily in beside if daily is not None})
    memory.remember("all", depends, [asdict(row) for row in rows])
    return rows


def _of_days(catalogue: Catalogue, id: str) -> Recipe | None:
    """The recipe by which a measure is the mean of a month's days."""
    recipes = catalogue.measures[id].recipes
    recipe = next((one for one in recipes if catalogue.tables[one.table].layout.grain == "day"), None)
    return recipe and recipe.model_copy(update={"every": "month"})


def _table(catalogue: Catalogue, name: str) -> list[str]:
    table = catalogue.tables[name]
    return [content_sha256(str(catalogue.root / "data" / table.path)), table.model_dump_json(by_alias=True)]


def _read(catalogue: Catalogue, recipe: Recipe, beside: dict[str, tuple[Measure, Recipe]]) -> list[TrustMonth]:
    counts = _counts(catalogue, catalogue.tables[recipe.table], recipe)
    means: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
    for id, (measure, daily) in beside.items():
        rows = rows_of(read_table(catalogue.root, catalogue.tables[daily.table]), measure, daily)
        rows = rows[rows["numerator"].notna()]
        for code, month, value in zip(rows["unit"], rows["period"].astype(str), rows["numerator"], strict=True):
            means[id][str(code), str(month)] = float(value)
    months = {month for _, month in counts}
    keys = sorted({*counts, *(key for each in means.values() for key in each if key[1] in months)})
    return [
        TrustMonth(code, month, counts.get((code, month)), means[READY].get((code, month)), means[LEFT].get((code, month)))
        for code, month in keys
    ]  # fmt: skip


def _counts(catalogue: Catalogue, table: Table, recipe: Recipe) -> dict[tuple[str, str], dict[str, float]]:
    """Patients by reason, where anything was reported; a single reason that is blank is left out of its row."""
    read = read_table(catalogue.root, table)
    frame = read.frame
    figures = frame[recipe.numerator].astype(float)
    for rule in table.layout.flags:
        hit = [column for column in rule.missing if column in figures]
        figures.loc[holds(rule, frame), hit] = float("nan")
    units, months = frame[table.layout.unit].astype(str), frame[table.layout.period].astype(str)
    found = {}
    for code, month, row in zip(units, months, figures.to_numpy(), strict=True):
        there = {reason: float(value) for reason, value in zip(recipe.numerator, row, strict=True) if pd.notna(value)}
        if code and there:
            found[code, str(pd.Period(month, "M"))] = there
    return found

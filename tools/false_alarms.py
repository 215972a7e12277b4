"""How often the method claims a change at places and dates where nobody made one: real series, invented dates.

``python -m tools.false_alarms`` prints the rates, with the share of injected steps found in the same run by the
same rule, and writes ``data/false_alarms.csv``, which the pages read.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evalkit.catalogue import find_root, read_catalogue
from evalkit.designs.interrupted_time_series.against_comparators import Placebo
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.inference.autoregressive.fit import fit_many
from evalkit.inference.classical.least_squares import fit_least_squares
from evalkit.inference.contrast import Contrast
from evalkit.intake.measure_rows import rows_of, value_of
from evalkit.intake.periods import days_in, resolve_interruption
from evalkit.intake.read_table import read_table

MONTHS_BEFORE = (12, 15, 18, 21, 24)
STEP = {"count": 0.10, "proportion": 5.0}
COLUMNS = ("measure", "table", "first", "last", "design", "units", "dates", "claimed", "found", "step")


@dataclass(frozen=True)
class Window:
    """Whole series of one measure in one table."""

    measure: str
    table: str
    first: str
    last: str


WINDOWS = [
    Window(measure, table, first, last)
    for measure in (
        "ae-attendances-type-1", "ae-attendances-all", "ae-four-hour-type-1", "ae-four-hour-all", "emergency-admissions",
    )
    for table, first, last in (("ae-monthly-2016-2019", "2016-04", "2019-03"), ("ae-monthly-2020-2026", "2021-07", "2024-06"))
]  # fmt: skip


def series(catalogue, window: Window) -> tuple[np.ndarray, pd.PeriodIndex, list[str]]:
    """Complete series (n, units) of trusts with a major department, logged per day for counts."""
    measure = catalogue.measures[window.measure]
    table = catalogue.tables[window.table]
    rows = read_table(catalogue.root, table)
    periods = pd.period_range(window.first, window.last, freq="M")

    def wide(name: str) -> pd.DataFrame:
        named_measure = catalogue.measures[name]
        recipe = next(recipe for recipe in named_measure.recipes if recipe.table == window.table)
        counts = rows_of(rows, named_measure, recipe)
        counts = counts.assign(value=value_of(counts, named_measure))
        return counts.pivot(index="period", columns="unit", values="value").reindex(periods)

    major = wide("ae-attendances-type-1")
    major = [unit for unit in major.columns if (major[unit] > 0).all()]
    values = wide(window.measure)[major].dropna(axis=1)
    if measure.form == "count":
        values = values.loc[:, (values > 0).all()]
        values = np.log(values.div(days_in(periods).to_numpy(float), axis=0))
    values = values.loc[:, values.std() > 0]
    return values.to_numpy(float), periods, list(values.columns)


def trial(values: np.ndarray, periods: pd.PeriodIndex, step: float) -> dict[str, tuple[float, float]]:
    """By design: share of units and dates where a change is claimed, and where an injected ``step`` is found."""
    counted: dict[str, list[tuple[float, float]]] = {"least squares": [], "alone": [], "controlled": []}
    units = values.shape[1]
    for before in MONTHS_BEFORE:
        design = SegmentedModel(periods, resolve_interruption(periods[before], 0, "M"), seasonality=1)
        weights = design.weights("level")[None, :]
        for column in values.T:
            plain = fit_least_squares(column, design.matrix, "independent").contrast(weights[0])
            counted["least squares"].append((_clear(plain, 0.0), _clear(plain, step)))
        alone = fit_many(values.T, design.matrix, contrasts=weights)
        counted["alone"] += [
            (_clear(alone.contrasts(unit)[0], 0.0), _clear(alone.contrasts(unit)[0], step)) for unit in range(units)
        ]
        gaps = values - (values.sum(axis=1, keepdims=True) - values) / (units - 1)
        apart = fit_many(gaps.T, design.matrix, contrasts=weights)
        half = (apart.highs - apart.lows)[:, 0] / 2
        for unit in range(units):
            others = np.arange(units) != unit
            placebo = Placebo(tuple(map(str, np.flatnonzero(others))), apart.estimates[others, 0], half[others])
            own = apart.contrasts(unit)[0]
            moved = Contrast(own.estimate + step, own.low + step, own.high + step, own.std_error, own.p_value, own.df)
            counted["controlled"].append((_clear(placebo.ranked(own), 0.0), _clear(placebo.ranked(moved), 0.0)))
    return {name: tuple(np.mean(rows, axis=0)) for name, rows in counted.items()}


def _clear(contrast: Contrast, step: float) -> bool:
    return contrast.low + step > 0 or contrast.high + step < 0


def main() -> None:
    """Measure every window, print and write."""
    catalogue = read_catalogue(find_root())
    rows = []
    for window in WINDOWS:
        values, periods, units = series(catalogue, window)
        step = STEP[catalogue.measures[window.measure].form]
        for design, (claimed, detected) in trial(values, periods, step).items():
            row = (window.measure, window.table, window.first, window.last, design, len(units), len(MONTHS_BEFORE))
            rows.append((*row, f"{claimed:.4f}", f"{detected:.4f}", f"{step:g}"))
            print(
                f"{window.measure:24} {window.first} {design:14} {len(units):4} units: claims {claimed:6.1%}, finds {detected:6.1%}"
            )
            sys.stdout.flush()
    with Path(catalogue.root / "data" / "false_alarms.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


if __name__ == "__main__":
    main()

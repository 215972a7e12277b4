"""How often a change is claimed where nobody made one, and found where one was put in, in Wales and Scotland.

``python -m tools.false_alarms_nations`` asks of every unit in turn, at dates that were invented, what the controlled and the single
interrupted time series of the book would say, by the book's own code, with steps of several sizes added; it writes
``data/false_alarms_nations.csv``, which the pages read. Standard errors are clustered by unit, as dates of one unit
resemble each other.
"""

import csv
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evalkit.catalogue import find_root, read_catalogue
from evalkit.designs.interrupted_time_series.against_comparators import Gap
from evalkit.designs.interrupted_time_series.few_comparators import DATES
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.inference.contrast import Contrast
from evalkit.inference.ranks.interval import least_p_value
from evalkit.intake.measure_rows import rows_of, value_of
from evalkit.intake.periods import days_in, resolve_interruption
from evalkit.intake.read_table import read_table

SEASONALITY = 2  # as the evaluations of the book have
STEPS = {"count": (5.0, 10.0, 20.0), "proportion": (2.5, 5.0, 10.0)}  # percent, and percentage points
SCALES = {"count": "percent", "proportion": "points"}
WINDOWS = (("2016-04", "2019-03"), ("2021-07", "2024-06"))
COLUMNS = (
    "nation", "units_are", "grain", "measure", "table", "first", "last", "design", "units", "dates", "least_p", "happened",
    "scale", "claimed", "error",
)  # fmt: skip


@dataclass(frozen=True)
class Panel:
    """What is asked: measures of one table, their units in words, and which rows are units: all, or those of a kind or type.

    Small units that a Welsh board counts together are of another kind, and no single place.
    """

    nation: str
    units_are: str
    grain: str
    table: str
    measures: tuple[str, ...]
    kind: str = ""
    department_type: str = ""


PANELS = (
    Panel("wales", "hospitals", "month", "wales-ae-hospital-monthly-2009-2025",
          ("wales-ae-attendances", "wales-ae-four-hour", "wales-ae-twelve-hour"), kind="hospital"),
    Panel("scotland", "emergency departments", "month", "scotland-ae-hospital-monthly-2007-2025",
          ("scotland-ae-attendances", "scotland-ae-four-hour"), department_type="1"),
    Panel("scotland", "health boards", "week", "scotland-ae-board-weekly-2015-2026",
          ("scotland-ae-attendances-weekly", "scotland-ae-four-hour-weekly", "scotland-ae-twelve-hour")),
)  # fmt: skip


def series(catalogue, panel: Panel, name: str, first: str, last: str) -> tuple[np.ndarray, pd.PeriodIndex]:
    """Complete series (n, units) of one measure, logged per day for counts."""
    measure, table = catalogue.measures[name], catalogue.tables[panel.table]
    table_rows = read_table(catalogue.root, table)
    recipe = next(recipe for recipe in measure.recipes if recipe.table == panel.table)
    rows = rows_of(table_rows, measure, recipe)
    if panel.department_type:
        frame = table_rows.frame
        of_kind = frame.loc[frame["department_type"].astype(str) == panel.department_type, table.layout.unit]
        rows = rows[rows["unit"].isin(set(of_kind))]
    if panel.kind:
        known = catalogue.organisations
        rows = rows[[known[unit].kind == panel.kind for unit in rows["unit"]]]
    rows = rows.assign(value=value_of(rows, measure))
    wide = rows.pivot(index="period", columns="unit", values="value").sort_index()
    periods = pd.PeriodIndex(wide.index)
    inside = (periods.start_time >= pd.Period(first, "M").start_time) & (
        periods.end_time <= pd.Period(last, "M").end_time
    )
    wide, periods = wide[inside].dropna(axis=1), periods[inside]
    if measure.form == "count":
        wide = wide.loc[:, (wide > 0).all()]
        wide = np.log(wide.div(days_in(periods).to_numpy(float), axis=0))
    return wide.loc[:, wide.std() > 0].to_numpy(float), periods


def cases(values: np.ndarray, design: SegmentedModel) -> Iterator[tuple[SeriesFit, SeriesFit]]:
    """Each unit in turn, alone and against all the others."""
    size, count = values.shape
    before = ~design.after
    for unit in range(count):
        others = np.delete(values, unit, axis=1)
        labels = tuple(str(column) for column in range(count) if column != unit)
        members = pd.DataFrame({"unit": labels, "used": True, "weight": 1 / len(labels), "reason": ""})
        gap = Gap(others, labels, others.mean(axis=1), members, "pool", before)
        alone = SeriesFit(design, values[:, unit], np.ones(size, bool), "ar1")
        yield alone, replace(alone, gap=gap)


def trial(values: np.ndarray, periods: pd.PeriodIndex, steps: tuple[float, ...]) -> dict[str, np.ndarray]:
    """By design whether a change was claimed (units, dates, steps), with each step added after the invented date."""
    claimed = defaultdict(list)
    for position in sorted({round(part) for part in np.linspace(len(periods) / 3, 2 * len(periods) / 3, DATES)}):
        start = resolve_interruption(periods[position], 0, periods.freqstr)
        design = SegmentedModel(periods, start, "level", SEASONALITY)
        weights = design.weights("level")[None, :]
        of_date = defaultdict(list)
        for alone, controlled in cases(values, design):
            calibrated = controlled.estimated(weights).contrasts[0]
            # A step moves estimate and interval alike: by rank and by pooled dates the width comes from the other units.
            answers = {
                "alone": alone.headline("level"),
                "calibrated": calibrated,
                "controlled": controlled.placebo("level").ranked(calibrated)
                if controlled.by_rank
                else controlled.widened("level", calibrated),
            }
            for name, answer in answers.items():
                of_date[name].append([_clear(answer.shifted(step)) for step in steps])
        for name, rows in of_date.items():
            claimed[name].append(rows)
    return {name: np.array(dates, dtype=float).transpose(1, 0, 2) for name, dates in claimed.items()}


def clustered(claims: np.ndarray) -> tuple[float, float]:
    """Share of claims (units, dates), with its standard error clustered by unit."""
    of_unit = claims.mean(axis=1)
    return float(of_unit.mean()), float(of_unit.std(ddof=1) / np.sqrt(len(of_unit)))


def _clear(contrast: Contrast) -> bool:
    return contrast.low > 0 or contrast.high < 0


def _on_the_scale(form: str, step: float) -> float:
    return float(np.log1p(step / 100)) if form == "count" else step


def main() -> None:
    """Measure every panel, print and write."""
    catalogue, begun = read_catalogue(find_root()), time.perf_counter()
    with (catalogue.root / "data" / "false_alarms_nations.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for panel in PANELS:
            for name in panel.measures:
                form = catalogue.measures[name].form
                steps = (0.0, *STEPS[form])
                for first, last in WINDOWS:
                    values, periods = series(catalogue, panel, name, first, last)
                    found = trial(values, periods, tuple(_on_the_scale(form, step) for step in steps))
                    units = values.shape[1]
                    print(f"{name} {first} {units} units, {time.perf_counter() - begun:.0f} s")
                    for design, claims in found.items():
                        least = "" if design == "alone" else f"{least_p_value(units - 1):.4f}"
                        rates = [clustered(claims[:, :, at]) for at in range(len(steps))]
                        about = (panel.nation, panel.units_are, panel.grain, name, panel.table, first, last, design)
                        for step, (share, error) in zip(steps, rates, strict=True):
                            row = (*about, units, claims.shape[1], least, f"{step:g}", SCALES[form])
                            writer.writerow((*row, f"{share:.4f}", f"{error:.4f}"))
                        print(f"  {design:12}", *(f"{share:6.1%} ({error:.1%})" for share, error in rates))
                    sys.stdout.flush()


if __name__ == "__main__":
    main()

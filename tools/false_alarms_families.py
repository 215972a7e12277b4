"""How often a family of analyses claims a change where nobody made one, when its comparators are too few for ranks.

``python -m tools.false_alarms_families`` draws groups of units from real series, asks of every unit in turn, at dates that were invented,
what the book's rule for families of several sizes says against the others of its group, and writes
``data/false_alarms_families.csv``. ``claimed`` is the share of trials in which one analysis is clear at its share of the
level, times the number of analyses: what a family of so many would claim at most (Bonferroni's bound). Standard errors are
clustered by unit.
"""

import csv

import numpy as np
import pandas as pd

from evalkit.catalogue import find_root, read_catalogue
from evalkit.designs.interrupted_time_series.few_comparators import DATES
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.inference.simultaneous import FAMILY_LEVEL, critical_value_of_largest
from evalkit.intake.periods import resolve_interruption
from tools.false_alarms_nations import SEASONALITY, Panel, cases, series

GROUP = 24  # units: one is asked of, against 23 others, as in Glasgow
FAMILIES = (2, 3, 5, 7, 10, 14)
COLUMNS = (
    "nation", "measure", "table", "first", "last", "comparators", "units", "trials", "family", "claimed", "error",
)  # fmt: skip
ENGLAND = (
    ("ae-monthly-2016-2019", "2016-04", "2019-03",
     ("ae-attendances-all", "ae-four-hour-all", "emergency-admissions", "ae-attendances-type-1", "ae-four-hour-type-1")),
    ("ae-monthly-2020-2026", "2021-07", "2024-06", ("ae-attendances-all", "ae-four-hour-all", "emergency-admissions")),
)  # fmt: skip
SCOTLAND = "scotland-ae-hospital-monthly-2007-2025"
SCOTTISH_WINDOWS = (("2010-04", "2013-03"), ("2013-04", "2016-03"), ("2016-04", "2019-03"), ("2021-07", "2024-06"))


def panels() -> list[tuple[Panel, str, str, str]]:
    """What is asked: table and units, measure, first and last month."""
    english = [
        (Panel("england", "trusts", "month", table, measures), measure, first, last)
        for table, first, last, measures in ENGLAND
        for measure in measures
    ]
    measures = ("scotland-ae-attendances", "scotland-ae-four-hour")
    scottish = Panel("scotland", "emergency departments", "month", SCOTLAND, measures, department_type="1")
    return english + [(scottish, measure, first, last) for measure in measures for first, last in SCOTTISH_WINDOWS]


def trial(values: np.ndarray, periods: pd.PeriodIndex, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Unit of each trial (t,), and its statistic over the critical value of each family (t, families)."""
    units, over = [], []
    for position in sorted({round(part) for part in np.linspace(len(periods) / 3, 2 * len(periods) / 3, DATES)}):
        design = SegmentedModel(
            periods, resolve_interruption(periods[position], 0, periods.freqstr), "level", SEASONALITY
        )
        order = random.permutation(values.shape[1])
        for at in range(0, len(order) - GROUP + 1, GROUP):
            group = order[at : at + GROUP]
            for unit, (_, controlled) in zip(group, cases(values[:, group], design), strict=True):
                own = controlled.estimated(design.weights("level")[None, :]).contrasts[0]
                sizes = pd.DataFrame(np.abs(controlled.placebo("level").studentised))
                size = abs(own.estimate) / ((own.high - own.low) / 2)
                units.append(int(unit))
                over.append([size / critical_value_of_largest(sizes, FAMILY_LEVEL / family) for family in FAMILIES])
    return np.array(units), np.array(over)


def bound(units: np.ndarray, claimed: np.ndarray, family: int) -> tuple[float, float]:
    """Bonferroni's bound of a family's rate, with its standard error clustered by unit."""
    of_unit = pd.Series(claimed).groupby(units).mean()
    return family * float(claimed.mean()), family * float(of_unit.std(ddof=1) / np.sqrt(len(of_unit)))


def main() -> None:
    """Measure every panel and write."""
    catalogue, random = read_catalogue(find_root()), np.random.default_rng(1)
    with (catalogue.root / "data" / "false_alarms_families.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for panel, name, first, last in panels():
            values, periods = series(catalogue, panel, name, first, last)
            units, over = trial(values, periods, random)
            about = (panel.nation, name, panel.table, first, last, GROUP - 1, len(set(units)), len(units))
            for column, family in enumerate(FAMILIES):
                share, error = bound(units, (over[:, column] > 1).astype(float), family)
                writer.writerow((*about, family, f"{share:.4f}", f"{error:.4f}"))
            print(name, first, len(units), f"{share:.1%} ({error:.1%})", flush=True)


if __name__ == "__main__":
    main()

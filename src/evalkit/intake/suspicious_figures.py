"""Figures that can be read and are hardly true: worth a look, never changed."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from evalkit.catalogue.records.tables import NUMBERS
from evalkit.errors import Problem
from evalkit.intake.read_table import TableRows, holds

# A small count can repeat by chance; two different figures, one of them large, hardly do. A part that is its whole is no second.
COPIED_FROM = 100
COPIED_FIGURES = 2
# A department may close, and counts nobody from then on; for one month between two such as these it hardly does.
BUSY = 1000
# The same in a series of a person's own, and an end of it below two thirds of the lowest of the 12 figures next to it: on
# real series of trusts at most one end in 500 is (tests/validation/test_suspicious_ends.py).
OWN_BUSY, PARTLY, NEXT_TO_IT = 30, 2 / 3, 12
LEAST_SERIES = 3  # periods, for a zero between two figures


def odd_figures(values: Sequence[float], labels: Sequence) -> dict[int, str]:
    """Positions of figures of a series that may be no figures, with a sentence each: a lone zero, an end partly counted.

    Parameters
    ----------
    values : (n,), missing where not reported
    labels : (n,) what the periods are called
    """
    numbers = np.asarray(values, float)
    found = {}
    for position in np.flatnonzero(numbers[1:-1] == 0) + 1:
        if min(numbers[position - 1], numbers[position + 1]) >= OWN_BUSY:
            found[int(position)] = (
                f"{labels[position]} has 0 between figures of {OWN_BUSY} and more: leave it blank if it was not reported."
            )
    for position, which, others in (
        (0, "first", numbers[1 : NEXT_TO_IT + 1]),
        (len(numbers) - 1, "last", numbers[-NEXT_TO_IT - 1 : -1]),
    ):
        if len(others) == NEXT_TO_IT and others.min() >= OWN_BUSY and numbers[position] < PARTLY * others.min():
            found[position] = (
                f"{labels[position]}, the {which}, is below two thirds of the lowest of the {NEXT_TO_IT} figures next to it:"
                " leave it out if it was counted in part."
            )
    return found


def odd_submissions(rows: TableRows) -> list[Problem]:
    """The same in a table of a site's own, by organisation and measure, and what may be percentages."""
    layout = rows.table.layout
    if layout.shape != "long":
        return []
    frame = rows.frame.sort_values(["org_code", "measure", layout.period])
    series = frame.groupby(["org_code", "measure"], sort=False).ngroup().to_numpy()
    figures, periods = frame["numerator"].to_numpy(float), frame[layout.period].array
    starts = np.flatnonzero(np.diff(series, prepend=-1))
    problems = [
        Problem(f"data/{rows.table.path}", line, f"column `numerator` {what}", "look")
        for line, what in percentages(rows.frame).values()
    ]
    for start, end in zip(starts, [*starts[1:], len(series)], strict=True):
        if end - start < LEAST_SERIES:
            continue
        for position, what in odd_figures(figures[start:end], periods[start:end]).items():
            line = int(frame.index[start + position])
            problems.append(Problem(f"data/{rows.table.path}", line, f"column `numerator`: {what}", "look"))
    return problems


ALONE = (
    "has fractions and no denominator: people are counted in whole numbers, and a percentage needs its two counts, the part and"
    " the whole. Leave it where these are hours, days or money."
)
OF_HUNDRED = (
    "has fractions of a denominator that is always 100: a percentage needs its two counts, the part and the whole, as a month of"
    " few people tells less than one of many."
)


def percentages(frame: pd.DataFrame) -> dict[str, tuple[int, str]]:
    """What may be a percentage in place of its two counts: by measure of a long table the first line, and a sentence."""
    found = {}
    for measure, rows in frame.groupby("measure", sort=False):
        broken = rows.index[rows["numerator"] % 1 > 0]
        wholes = rows["denominator"].dropna() if "denominator" in rows else pd.Series(dtype=float)
        if len(broken) and (wholes.empty or (wholes == 100).all()):
            found[str(measure)] = (int(broken[0]), ALONE if wholes.empty else OF_HUNDRED)
    return found


def copied(rows: TableRows) -> list[Problem]:
    """Months that copy the year before exactly, where no flag says so."""
    layout = rows.table.layout
    if layout.grain != "month" or layout.shape != "wide":
        return []
    key = [layout.unit] + ([layout.category] if layout.category else [])
    frame = rows.frame[rows.frame[layout.unit] != ""]
    numbers = [name for name, kind in rows.table.column_types.items() if kind in NUMBERS]
    before = frame[[*key, layout.period, *numbers]].copy()
    before[layout.period] = before[layout.period] + 12
    both = frame.rename_axis("line in file").reset_index()
    both = both.merge(before, on=[*key, layout.period], suffixes=("", "_before"))
    same = pd.Series(len(numbers) > 1, index=both.index)
    for name in numbers:
        same &= (both[name] == both[f"{name}_before"]) | (both[name].isna() & both[f"{name}_before"].isna())
    same &= (both[numbers].max(axis=1) >= COPIED_FROM) & (
        both[numbers].where(both[numbers] > 0).nunique(axis=1) >= COPIED_FIGURES
    )
    for rule in layout.flags:
        same &= ~(holds(rule, both) & (len(rule.missing) > 0))
    return [
        Problem(
            f"data/{rows.table.path}",
            row["line in file"],
            f"{row[layout.period]} repeats the same month a year earlier exactly: ask the publisher.",
            "look",
        )
        for _, row in both[same].iterrows()
    ]


def zeros(rows: TableRows, counted: Collection[str]) -> list[Problem]:
    """A zero among thousands, in the columns ``counted`` by some measure, where no flag says so."""
    layout = rows.table.layout
    if layout.shape != "wide":
        return []
    key = [layout.unit] + ([layout.category] if layout.category else [])
    frame = rows.frame[rows.frame[layout.unit] != ""].sort_values([*key, layout.period])
    units = frame.groupby(key)
    names = [name for name, kind in rows.table.column_types.items() if kind in NUMBERS and name in counted]
    columns_by_line: dict[int, list[str]] = {}
    for name in names:
        around = pd.concat([units[name].shift(1), units[name].shift(-1)], axis=1).min(axis=1, skipna=False)
        odd = (frame[name] == 0) & (around >= BUSY)
        for rule in layout.flags:
            if name in rule.missing:
                odd &= ~holds(rule, frame)
        for line in frame.index[odd]:
            columns_by_line.setdefault(line, []).append(f"`{name}`")
    return [
        Problem(
            f"data/{rows.table.path}",
            line,
            f"{frame.loc[line, layout.period]} has 0 in {' and '.join(columns)},"
            f" with {BUSY:,} or more just before and after: ask the publisher, and flag it if it was not reported.",
            "look",
        )
        for line, columns in columns_by_line.items()
    ]

"""Codes that take over another: a trust that grows by a jump in the month in which another code ends is another trust."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

AROUND = 3  # periods on each side that a jump is read from
GROWN_BY = 0.3  # of what a unit was
SHARE_OF_THE_OTHER = (2 / 3, 3 / 2)  # how much of what has ended a jump is


@dataclass(frozen=True)
class Merger:
    """A unit that grew when another ended."""

    unit: str
    period: str
    ended: str
    grew_by: float  # share of what it was, beside what everybody grew by
    share: float  # of the other, that it grew by

    def in_words(self) -> str:
        """What happened, with the codes."""
        return f"{self.unit} grew by {self.grew_by:.0%} in {self.period}, when {self.ended} ended"


def mergers(rows: pd.DataFrame, units: Iterable[str], periods: pd.PeriodIndex) -> list[Merger]:
    """Units that took over another within these periods; where several ended at once, the one of the nearest size.

    Parameters
    ----------
    rows : DataFrame of every unit of the table: unit, period, numerator, denominator
    units : those that an analysis uses
    """
    volume = rows["denominator"].where(rows["denominator"].notna(), rows["numerator"])
    wide = rows.assign(volume=volume).pivot_table(
        index="period", columns="unit", values="volume", aggfunc="sum", min_count=1
    )
    wide = wide.reindex(pd.period_range(wide.index.min(), wide.index.max())) if len(wide) else wide
    figures = wide.to_numpy(float)
    found: dict[tuple[str, int], Merger] = {}
    for column, ended in enumerate(wide.columns):
        held = np.flatnonzero(figures[:, column] > 0)
        at = int(held[-1]) + 1 if len(held) else 0
        if not AROUND <= at <= len(wide) - AROUND or not periods[0] < wide.index[at] <= periods[-1]:
            continue
        before, after = figures[at - AROUND : at].mean(axis=0), figures[at : at + AROUND].mean(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            growth = np.where(before > 0, after / before, np.nan)
        growth[column] = np.nan
        for unit in {*units} & {*wide.columns} - {ended}:
            position = wide.columns.get_loc(unit)
            others = np.delete(growth, position)
            usual = float(np.nanmedian(others)) if np.isfinite(others).any() else 1.0  # what everybody grew by
            grew_by = growth[position] / usual - 1  # missing where a figure is
            share = before[position] * usual * grew_by / before[column]
            if grew_by > GROWN_BY and SHARE_OF_THE_OTHER[0] <= share <= SHARE_OF_THE_OTHER[1]:
                merger = Merger(str(unit), str(wide.index[at]), str(ended), float(grew_by), float(share))
                known = found.get((str(unit), at))
                if known is None or abs(math.log(merger.share)) < abs(math.log(known.share)):
                    found[str(unit), at] = merger
    return sorted(found.values(), key=lambda merger: (merger.unit, merger.period, merger.ended))

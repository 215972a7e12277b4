"""Codes that take over another: a trust that grows by a jump in the month in which another code ends is another trust."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

AROUND = 3  # periods on each side that a jump is read from
GROWN_BY = 0.3  # of what a unit was
SHARE_OF_THE_OTHER = (0.5, 1.5)  # how much of what has ended a jump is


@dataclass(frozen=True)
class Merger:
    """A unit that grew when another ended."""

    unit: str
    period: str
    ended: str
    grew_by: float  # share of what it was

    def in_words(self) -> str:
        """What happened, with the codes."""
        return f"{self.unit} grew by {self.grew_by:.0%} in {self.period}, when {self.ended} ended"


def mergers(rows: pd.DataFrame, units: Iterable[str], periods: pd.PeriodIndex) -> list[Merger]:
    """Units that took over another within these periods.

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
    reported = (wide > 0).to_numpy()
    positions = np.arange(len(wide))
    found = []
    for column, ended in enumerate(wide.columns):
        held = np.flatnonzero(reported[:, column])
        if not len(held) or held[-1] + 1 >= len(wide):
            continue
        at = int(held[-1]) + 1
        if not (periods[0] < wide.index[at] <= periods[-1]) or at < AROUND or at + AROUND > len(wide):
            continue
        before, after = (positions >= at - AROUND) & (positions < at), (positions >= at) & (positions < at + AROUND)
        gone = float(np.nanmean(wide.iloc[at - AROUND : at, column]))
        for unit in units:
            if unit == ended or unit not in wide.columns:
                continue
            was, now = wide[unit].to_numpy()[before].mean(), wide[unit].to_numpy()[after].mean()
            jump = now - was  # missing where a figure is
            if jump > GROWN_BY * was and SHARE_OF_THE_OTHER[0] <= jump / gone <= SHARE_OF_THE_OTHER[1]:
                found.append(Merger(str(unit), str(wide.index[at]), str(ended), float(jump / was)))
    return sorted(found, key=lambda merger: (merger.unit, merger.period, merger.ended))

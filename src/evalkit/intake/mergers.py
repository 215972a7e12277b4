"""Codes that take over another: a trust that grows by a jump in the month in which another code ends is another trust."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from evalkit.catalogue.records.measures import Measure, Recipe
from evalkit.intake.measure_rows import rows_of
from evalkit.intake.read_table import TableRows

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


@dataclass(frozen=True, eq=False)
class Ending:
    """How every unit grew when the code of one ended.

    Attributes
    ----------
    code, period : what ended, and the first period without it
    position : of the period in the table
    size : of what ended, before it did
    before, growth : (u,) of every unit, the mean of the periods before, and that after over it; missing where a figure is
    """

    code: str
    period: pd.Period
    size: float
    before: np.ndarray
    growth: np.ndarray


@dataclass(frozen=True, eq=False)
class Endings:
    """Every code of a measure in a table that ended before the table did."""

    units: pd.Index
    all: tuple[Ending, ...]


def endings(rows: TableRows, measure: Measure, recipe: Recipe | None) -> Endings:
    """The endings of a measure in a table."""
    return _endings(rows, measure.model_dump_json(), recipe.model_dump_json() if recipe else None)


@lru_cache(maxsize=64)
def _endings(rows: TableRows, measure_json: str, recipe_json: str | None) -> Endings:
    measure = Measure.model_validate_json(measure_json)
    return endings_in(rows_of(rows, measure, Recipe.model_validate_json(recipe_json) if recipe_json else None))


def endings_in(frame: pd.DataFrame) -> Endings:
    """The endings in rows of every unit: unit, period, numerator, denominator."""
    volume = frame["denominator"].where(frame["denominator"].notna(), frame["numerator"])
    wide = frame.assign(volume=volume).pivot_table(
        index="period", columns="unit", values="volume", aggfunc="sum", min_count=1
    )
    wide = wide.reindex(pd.period_range(wide.index.min(), wide.index.max())) if len(wide) else wide
    figures = wide.to_numpy(float)
    found = []
    for column, code in enumerate(wide.columns):
        held = np.flatnonzero(figures[:, column] > 0)
        at = int(held[-1]) + 1 if len(held) else 0
        if not AROUND <= at <= len(wide) - AROUND:
            continue
        before, after = figures[at - AROUND : at].mean(axis=0), figures[at : at + AROUND].mean(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            growth = np.where(before > 0, after / before, np.nan)
        growth[column] = np.nan
        found.append(Ending(str(code), wide.index[at], float(before[column]), before, growth))
    return Endings(wide.columns, tuple(found))


def mergers(ended: Endings, units: Iterable[str], periods: pd.PeriodIndex) -> list[Merger]:
    """Units that took over another within these periods; where several ended at once, the one of the nearest size.

    Parameters
    ----------
    units : those that an analysis uses
    """
    positions = ended.units.get_indexer(sorted({*units} & {*ended.units}))
    found: dict[tuple[str, pd.Period], Merger] = {}
    for ending in ended.all:
        if not periods[0] < ending.period <= periods[-1]:
            continue
        usual = _median_of_others(ending.growth)[positions]  # what everybody grew by
        grew_by = ending.growth[positions] / usual - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            share = ending.before[positions] * usual * grew_by / ending.size
        took_over = (grew_by > GROWN_BY) & (share >= SHARE_OF_THE_OTHER[0]) & (share <= SHARE_OF_THE_OTHER[1])
        for index in np.flatnonzero(took_over):
            unit = str(ended.units[positions[index]])
            merger = Merger(unit, str(ending.period), ending.code, float(grew_by[index]), float(share[index]))
            known = found.get((unit, ending.period))
            if known is None or abs(math.log(merger.share)) < abs(math.log(known.share)):
                found[unit, ending.period] = merger
    once = [merger for merger in found.values() if not _seen_from_beside(merger, found.values())]
    return sorted(once, key=lambda merger: (merger.unit, merger.period, merger.ended))


def _seen_from_beside(merger: Merger, others: Iterable[Merger]) -> bool:
    """Whether it is the larger jump of the same unit, a month or two away, seen from other months."""
    return any(
        other.unit == merger.unit
        and other.grew_by > merger.grew_by
        and abs((pd.Period(other.period) - pd.Period(merger.period)).n) < AROUND
        for other in others
    )


def _median_of_others(values: np.ndarray) -> np.ndarray:
    """For each of ``values`` (u,), the median of the others that are not missing; 1 where there is none."""
    known = np.flatnonzero(~np.isnan(values))
    ordered = known[np.argsort(values[known], kind="stable")]
    rank = np.full(len(values), len(ordered))  # one that is missing leaves all others
    rank[ordered] = np.arange(len(ordered))
    left = np.where(rank < len(ordered), len(ordered) - 1, len(ordered))
    low, high = (left - 1) // 2, left // 2
    padded = np.append(values[ordered], [1.0, 1.0])

    def nth(position: np.ndarray) -> np.ndarray:
        return padded[np.where(position < rank, position, position + 1)]

    return np.where(left > 0, (nth(np.maximum(low, 0)) + nth(high)) / 2, 1.0)

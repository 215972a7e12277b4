"""Every partner in the newest month that most of them reported, each by how much is counted there."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from evalkit.catalogue.records.measures import Measure
from evalkit.charts.funnel import WITHIN, Funnel, funnel
from evalkit.errors import EvaluationError

MOST = 0.8  # of partners, which a month needs
YEAR = 12  # months
STEPS = 40  # along the limits
FORMS = {"proportion": "share", "rate": "rate"}


@dataclass(frozen=True)
class PlaceFunnel:
    """Shares or rates of partners in one period, on the scale of the measure.

    Attributes
    ----------
    period : the month, or what else it is of, in words
    codes, values, denominators : of each partner with figures, by code
    centre : all numerators over all denominators
    along : denominators at which limits are drawn
    limits : lower and upper limits there, within which 95 and 99.8 of 100 partners would lie, by chance and their usual spread
    outside : of each partner 1 above the wider limits, -1 below, 0 within
    outside_by_chance : how many lie outside limits that are made of chance alone
    months : of each partner, how many months of a period of several its figures are of; empty where it is one month
    """

    period: str
    codes: list[str]
    values: list[float]
    denominators: list[float]
    centre: float
    along: list[float]
    limits: list[list[float]]
    outside: list[int]
    outside_by_chance: int
    months: list[int] = field(default_factory=list)

    def by_name(self, names: Mapping[str, str]) -> "PlaceFunnel":
        """The same in the alphabetical order of names, each of a code."""
        order = sorted(range(len(self.codes)), key=lambda at: (names[self.codes[at]].casefold(), self.codes[at]))

        def ordered(values: list) -> list:
            return [values[at] for at in order] if values else []

        return replace(
            self,
            codes=ordered(self.codes),
            values=ordered(self.values),
            denominators=ordered(self.denominators),
            outside=ordered(self.outside),
            months=ordered(self.months),
        )


def funnel_of(frame: pd.DataFrame, measure: Measure) -> PlaceFunnel | None:
    """The funnel of a share or rate; None of another measure, or where no month has figures of most partners.

    Parameters
    ----------
    frame : DataFrame
        ``unit, period, numerator, denominator``.
    """
    if measure.form not in FORMS:
        return None
    there = frame[frame["numerator"].notna() & (frame["denominator"] > 0)]
    reported = there.groupby("period")["unit"].nunique()
    enough = reported[reported >= MOST * frame["unit"].nunique()]
    if enough.empty:
        return None
    newest = enough.index.max()
    month = there[there["period"] == newest].sort_values("unit")
    scale = 100.0 if measure.form == "proportion" else 1.0
    name = f"{newest:%B} {newest.year}"
    return place_funnel(month, FORMS[measure.form], scale, name)


def funnel_of_year(frame: pd.DataFrame) -> PlaceFunnel | None:
    """The funnel of a share over the last twelve months, of partners that reported at least half of them."""
    newest = frame.loc[frame["value"].notna(), "period"].max()
    year = frame[(frame["period"] > newest - YEAR) & frame["numerator"].notna()]
    months = year.groupby("unit")["period"].nunique()
    regular = year[year["unit"].isin(months.index[months >= YEAR / 2])]
    first = newest - YEAR + 1
    name = f"{first:%B} {first.year} to {newest:%B} {newest.year}"
    sums = regular.groupby("unit")[["numerator", "denominator"]].sum().round().reset_index()
    made = place_funnel(sums, "share", 100.0, name)
    return made and replace(made, months=[int(months[code]) for code in made.codes])


def place_funnel(rows: pd.DataFrame, kind: str, scale: float, period: str) -> PlaceFunnel | None:
    """The funnel of these places, ``unit, numerator, denominator``; None where there are too few.

    Parameters
    ----------
    scale : what shares and rates are multiplied by
    """
    counts, wholes = rows["numerator"].to_numpy(float), rows["denominator"].to_numpy(float)
    try:
        made, by_chance = funnel(counts, wholes, kind), funnel(counts, wholes, kind, widen=False)
    except EvaluationError:
        return None
    along = np.linspace(wholes.min() * 0.9, wholes.max() * 1.02, STEPS)
    return PlaceFunnel(
        period,
        [str(code) for code in rows["unit"]],
        _rounded(made.values * scale),
        _rounded(wholes),
        float(f"{made.centre * scale:.5g}"),
        _rounded(along),
        [_rounded(edge * scale) for within in WITHIN for edge in made.limits(along, within)],
        made.outside().tolist(),
        _count_outside(by_chance),
    )


def _count_outside(made: Funnel) -> int:
    return int((made.outside() != 0).sum())


def _rounded(values: np.ndarray) -> list[float]:
    return [float(f"{value:.5g}") for value in values]

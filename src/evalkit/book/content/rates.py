"""How often methods and words err, as measured on real series: what pages say beside a result, and what stands with a method."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from evalkit.catalogue.records.false_alarms import (
    DifferenceAlarms,
    FalseAlarms,
    FamilyAlarms,
    NationAlarms,
    WordGiven,
    read_difference_alarms,
    read_false_alarms,
    read_family_alarms,
    read_nation_alarms,
    read_words_given,
)
from evalkit.catalogue.records.measures import Measure
from evalkit.design_register import design_called
from evalkit.effect import FEW_UNITS, Effect, as_percent
from evalkit.files import sha256_of
from evalkit.report.wording import words

ONE_IN_TWENTY = 0.05
COUNTED_FROM = 0.3  # of the largest changes that were put in: where fewer are found, few false alarms say nothing
NO_RESULT_YET = "interrupted-time-series"  # the page of methods for an analysis that has none


@dataclass(frozen=True)
class MeasuredRates:
    """All that was measured."""

    of_series: list[FalseAlarms]
    of_differences: list[DifferenceAlarms]
    of_words: list[WordGiven]
    of_nations: list[NationAlarms] = field(default_factory=list)
    of_families: list[FamilyAlarms] = field(default_factory=list)

    @classmethod
    def read(cls, root: Path) -> "MeasuredRates":
        """From the tables below ``data``.

        Raises
        ------
        InputRefused
            Naming the line that cannot be read.
        """
        return cls(
            read_false_alarms(root),
            read_difference_alarms(root),
            read_words_given(root),
            read_nation_alarms(root),
            read_family_alarms(root),
        )

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of them, which is asked for by every page that shows any."""
        every = (self.of_series, self.of_differences, self.of_words, self.of_nations, self.of_families)
        return sha256_of([[rate.model_dump() for rate in rates] for rates in every])


@dataclass(frozen=True)
class RateRow:
    """One measure and window, with the rates of each design."""

    measure: str
    rate: FalseAlarms
    step: str
    by: dict[str, FalseAlarms] = field(default_factory=dict)


@dataclass(frozen=True)
class DifferenceRateRow:
    """One measure, window and number treated, with the rates of each design; ``few`` are judged by rank."""

    measure: str
    first: str
    last: str
    treated: int
    units: int
    step: str
    pooled: bool
    few: bool
    by: dict[str, DifferenceAlarms] = field(default_factory=dict)


@dataclass(frozen=True)
class FoundOf:
    """How often a change of one size was found, in words."""

    size: str
    share: float


@dataclass(frozen=True)
class NationRate:
    """One measure, window and design of a nation.

    ``counted`` is False where even the largest change is found so seldom that few claims say nothing for the interval.
    """

    measure: str
    units_are: str
    grain: str
    first: str
    last: str
    design: str
    units: int
    dates: int
    by_rank: bool
    least_p: float | None
    claimed: float
    error: float
    within: bool
    counted: bool
    found: list[FoundOf]


@dataclass(frozen=True)
class AlarmsBeside:
    """Rates of a result's measure, for its design; where nothing was measured, ``unmeasured`` is the page of the method."""

    alarms: list[FalseAlarms]
    difference_alarms: list[DifferenceAlarms]
    unmeasured: str | None
    of_nation: list[NationRate] = field(default_factory=list)


def series_rows(measures: dict[str, Measure], rates: Sequence[FalseAlarms]) -> list[RateRow]:
    """By measure and window, the designs side by side."""
    rows: dict[tuple[str, str], RateRow] = {}
    for rate in rates:
        measure = measures[rate.measure]
        empty = RateRow(measure.name, rate, _step_of(measure, rate.step))
        rows.setdefault((rate.measure, rate.first), empty).by[rate.design] = rate
    return list(rows.values())


def nation_rows(measures: dict[str, Measure], rates: Sequence[NationAlarms]) -> list[NationRate]:
    """By measure, window and design, in the order of the table."""
    return [_nation_rate(measures[of_one[0].measure].name, of_one) for of_one in _by_design(rates)]


@dataclass(frozen=True)
class FamilyRate:
    """What a family of so many analyses claims at most where nobody made a change, over all series, with its standard error."""

    family: int
    comparators: int
    series: int
    trials: int
    claimed: float
    error: float

    @property
    def within(self) -> bool:
        """Whether it is at most one in twenty, give or take two standard errors."""
        return self.claimed <= ONE_IN_TWENTY + 2 * self.error


def family_rows(rates: Sequence[FamilyAlarms]) -> list[FamilyRate]:
    """By size of the family, each measure and window with as much weight as it has trials."""
    return [_family_rate([rate for rate in rates if rate.family == size]) for size in sorted({r.family for r in rates})]


def _family_rate(rates: Sequence[FamilyAlarms]) -> FamilyRate:
    trials = sum(rate.trials for rate in rates)
    claimed = sum(rate.trials * rate.claimed for rate in rates) / trials
    error = math.hypot(*(rate.trials * rate.error for rate in rates)) / trials
    return FamilyRate(rates[0].family, rates[0].comparators, len(rates), trials, claimed, error)


def _by_design(rates: Sequence[NationAlarms]) -> list[list[NationAlarms]]:
    rows: dict[tuple[str, str, str], list[NationAlarms]] = {}
    for rate in rates:
        rows.setdefault((rate.measure, rate.first, rate.design), []).append(rate)
    return list(rows.values())


def _nation_rate(name: str, rates: Sequence[NationAlarms]) -> NationRate:
    nothing = next(rate for rate in rates if rate.happened == 0)
    put_in = sorted((rate for rate in rates if rate.happened), key=lambda rate: rate.happened)
    by_rank = nothing.design == "controlled" and nothing.least_p is not None and nothing.least_p <= ONE_IN_TWENTY
    return NationRate(
        name, nothing.units_are, nothing.grain, nothing.first, nothing.last, nothing.design, nothing.units,
        nothing.dates, by_rank, nothing.least_p, nothing.claimed, nothing.error,
        within=nothing.claimed <= ONE_IN_TWENTY + 2 * nothing.error,
        counted=put_in[-1].claimed >= COUNTED_FROM,
        found=[FoundOf(words.size(rate.happened, rate.scale), rate.claimed) for rate in put_in],
    )  # fmt: skip


def difference_rows(measures: dict[str, Measure], rates: Sequence[DifferenceAlarms]) -> list[DifferenceRateRow]:
    """By measure, window and number treated, the designs side by side."""
    rows: dict[tuple[Any, ...], DifferenceRateRow] = {}
    for rate in rates:
        pooled = rate.design.startswith("pooled")
        measure = measures[rate.measure]
        empty = DifferenceRateRow(
            measure.name, rate.first, rate.last, rate.treated, rate.units, _step_of(measure, rate.step), pooled,
            rate.treated < FEW_UNITS,
        )  # fmt: skip
        rows.setdefault((rate.measure, rate.first, rate.treated, pooled), empty).by[rate.design] = rate
    return list(rows.values())


def alarms_beside(rates: MeasuredRates, effect: Effect | None, measure: str) -> AlarmsBeside:
    """What was measured for the design of an effect: of the nearest number treated, in a difference-in-differences."""
    series, differences, page, nation = [], [], NO_RESULT_YET, []
    tried = "series"
    if effect is not None:
        design = design_called(effect.design)
        tried, page = design.false_alarms, design.methods_page
    if tried == "series":
        # A rate was measured for one series alone, and by rank among comparators.
        series = [
            rate for rate in rates.of_series if rate.design in ("alone", "controlled") and rate.measure == measure
        ]
        compares = effect is not None and design_called(effect.design).compares
        asked = "controlled" if compares else "alone"
        own = [rate for rate in rates.of_nations if rate.measure == measure and rate.design == asked]
        nation = [_nation_rate(measure, of_one) for of_one in _by_design(own)]
    elif tried == "differences" and effect is not None:
        differences = _of_differences(rates, effect, measure)
    return AlarmsBeside(series, differences, None if series or differences or nation else page, nation)


def has_placebos(effect: Effect) -> bool:
    """Whether it was judged among changes elsewhere."""
    return len(effect.tables.get("placebo", ())) > 1


def _of_differences(rates: MeasuredRates, effect: Effect, measure: str) -> list[DifferenceAlarms]:
    """Those of the nearest number treated; weighted comparators and clustered errors have others, not measured."""
    tried = "by rank, several starts" if len(effect.interruptions) > 1 else "by rank, one start"
    here = [rate for rate in rates.of_differences if rate.measure == measure and rate.design == tried]
    if "weights" in effect.tables or not has_placebos(effect):
        return []
    treated = len(effect.treated_units)
    nearest = min((abs(rate.treated - treated) for rate in here), default=0)
    return [rate for rate in here if abs(rate.treated - treated) == nearest]


def _step_of(measure: Measure, step: float) -> str:
    return words.size(as_percent(step), "percent") if measure.form == "count" else words.size(step, "points")

"""How much is used for each head of the people that a place's trusts are modelled to serve."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.book.partners.measure_charts import MeasureCharts, PartnerChart
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.sites import Organisation
from evalkit.report.wording.words import month_name

YEAR = 12
# Measure, how a year of it is taken together, and per how many people.
RATES = (
    ("ae-attendances-all", "sum", 1000),
    ("emergency-admissions", "sum", 1000),
    ("not-meeting-criteria-to-reside", "mean", 100_000),
)
SOURCE = "trust-catchments-2026"  # in data/sources.yml
HOW = {"sum": "in a year", "mean": "on an average day"}


@dataclass(frozen=True)
class PerHead:
    """One measure for each head, or why there is no rate; ``trusts`` have a whole year to its last month."""

    measure: str
    name: str
    rate: str
    last: str
    trusts: int
    people: int
    why_not: str


def per_head(
    organisations: Sequence[Organisation], charts: Sequence[MeasureCharts], measures: dict[str, Measure]
) -> list[PerHead]:
    """Each measure of ``RATES`` that is charted: the trusts with a whole year, over the sum of their modelled catchments."""
    people = {one.org_code: one.catchment_population for one in organisations}
    names = {one.org_code: one.name for one in organisations}
    by_measure = {one.measure: one for one in charts}
    found = []
    for id, how, per in RATES:
        chart = by_measure.get(id)
        if chart is None or not chart.newest:
            continue
        whole = {one.code: year for one in chart.partners if one.code in people and (year := _year(one, chart.newest))}
        name, last = measures[id].name, month_name(chart.newest)
        if not whole:
            why = f"no trust here has a figure in each of the twelve months to {last}"
            found.append(PerHead(id, name, "", last, 0, 0, why))
            continue
        without = sorted(names[code] for code in whole if not people[code])
        if without:
            why = f"no population is held for {', '.join(without)}, and none is put in its place"
            found.append(PerHead(id, name, "", last, len(whole), 0, why))
            continue
        total = sum(people[code] or 0 for code in whole)
        used = sum(sum(year) if how == "sum" else sum(year) / YEAR for year in whole.values())
        rate = f"{per * used / total:,.0f} for each {per:,} people {HOW[how]}"
        found.append(PerHead(id, name, rate, last, len(whole), total, ""))
    return found


def _year(chart: PartnerChart, newest: str) -> list[float] | None:
    """The twelve months to the newest, as reported; None where one of them is missing."""
    values = dict(zip(chart.months, chart.reported, strict=True))
    wanted = [str(month) for month in pd.period_range(end=newest, periods=YEAR, freq="M")]
    year = [values.get(month) for month in wanted]
    return None if any(value is None for value in year) else [value for value in year if value is not None]

"""Weekends against weekdays as one ratio, the same on every page, and which measures of days cannot be divided into it."""

import pandas as pd

from evalkit.book.content.book_content import BookContent
from evalkit.book.partners.measure_charts import MeasureCharts, PartnerChart

WEEKDAYS_TO_WEEKEND = 5 / 2  # days of the one for each of the other
ALIKE = 100 * 2 / 7  # per cent of a week that a weekend has where every day is alike


def weekend_charts(content: BookContent) -> MeasureCharts | None:
    """The charts of the weekend's share; None where none is charted."""
    entries = content.catalogue.control_charts
    return next((one for one in content.partner_charts if entries[one.measure].contrast == "share"), None)


def measures_by_weekday(content: BookContent) -> list[str]:
    """Ids of the charted measures that count some days of the week only, bank holidays as the weekday they fall on."""
    found = []
    for charts in content.partner_charts:
        measure, table = (
            content.catalogue.measures[charts.measure],
            content.catalogue.control_charts[charts.measure].table,
        )
        if any(recipe.weekdays for recipe in measure.recipes if recipe.table == table):
            found.append(measure.id)
    return found


def shares_by_month(chart: PartnerChart) -> dict[str, float]:
    """As reported; what is missing is not there."""
    return {month: value for month, value in zip(chart.months, chart.reported, strict=True) if value is not None}


def ratio(share: float | None) -> str:
    """Of the means of a weekend's day and a weekday: a share s of a week is s / (100 - s) of its weekdays."""
    return "not known" if share is None else f"{WEEKDAYS_TO_WEEKEND * share / (100 - share):.2f}"


def last_ratios(chart: PartnerChart) -> tuple[str, str]:
    """In the last month that was reported, and in the same month a year before."""
    shares, last = shares_by_month(chart), pd.Period(chart.last, "M")
    return ratio(shares.get(str(last))), ratio(shares.get(str(last - 12)))

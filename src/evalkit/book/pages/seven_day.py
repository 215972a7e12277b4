"""Seven-day services: weekends against weekdays at every partner, and what was estimated of them."""

from collections import Counter
from dataclasses import dataclass

import pandas as pd

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, Pages
from evalkit.book.partners import drawings
from evalkit.book.partners.cells import Cell, cell_of, is_old, newest_of, sheet
from evalkit.book.partners.chance import by_chance, rates_of
from evalkit.book.partners.measure_charts import MeasureCharts, PartnerChart
from evalkit.book.partners.place_funnel import PlaceFunnel
from evalkit.catalogue.records.chart_alarms import read_chart_alarms
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import Outcome

TEMPLATE = "weekend"
WEEKDAYS_TO_WEEKEND = 5 / 2  # days of the one for each of the other
ALIKE = 100 * 2 / 7  # per cent of a week that a weekend has where every day is alike
LATER = (6, 12)  # months after a start
WEEKS = {6: 26, 12: 52}
SEVERAL = 5  # partners that a median is told of


@dataclass(frozen=True)
class WeekendResult:
    """One analysis of weekends: what it says, and what it says of six and of twelve months after the start."""

    evaluation: str
    evaluation_title: str
    id: str
    title: str
    role: str
    says: str
    estimate: str
    later: list[tuple[int, str]]


@dataclass(frozen=True)
class AfterStart:
    """The weekend's share, as it was counted, in a start's month and later; the median of the partners with all of them."""

    evaluation: str
    evaluation_title: str
    partners: int
    months: list[tuple[str, str]]
    note: str


@dataclass(frozen=True)
class WeekendRow:
    """A partner: its discharges on a day of a weekend for each on a weekday, in its last month and the same a year before."""

    code: str
    name: str
    ratio: str
    before: str
    in_doubt: int
    cell: Cell


@dataclass(frozen=True)
class SevenDayPage:
    """Weekends against weekdays.

    Attributes
    ----------
    measure : the id of the share that is charted; empty without one
    left_out : names of organisations without a chart, with the reason
    """

    measure: str
    newest: str
    old: bool
    rows: list[WeekendRow]
    left_out: list[tuple[str, str]]
    notes: list[str]
    funnel: PlaceFunnel | None
    results: list[WeekendResult]
    after: list[AfterStart]

    def write(self, pages: Pages) -> None:
        """The page."""
        cells = [row.cell for row in self.rows]
        now = [cell for cell in cells if cell.has_icon]
        drawn = drawings.funnel(self.funnel, _alt(self.funnel), "funnel") if self.funnel else ""
        pages.page(
            "partners/seven-day.html",
            "seven-day.html.jinja",
            self,
            icons=sheet(cells),
            chance=by_chance(
                len(now),
                sum(cell.is_special for cell in now),
                [cell.rate.alarms if cell.rate else None for cell in now],
            ),
            funnel_drawing=drawn,
            names={row.code: row.name for row in self.rows},
            alike=ALIKE,
        )


def pages(content: BookContent) -> NamedPages:
    """The one page."""
    catalogue, newest = content.catalogue, newest_of(content.partner_charts)
    charted = next(
        (one for one in content.partner_charts if catalogue.control_charts[one.measure].contrast == "share"), None
    )
    results, after = [], []
    for evaluation in content.evaluations:
        pairs = [pair for pair in content.analyses[evaluation.id] if pair[0].analysis.template == TEMPLATE]
        results += [_result(content, plan, outcome) for plan, outcome in pairs]
        asked = [plan for plan, _ in pairs if plan.analysis.role in ("primary", "secondary")]
        if asked and charted:
            after.append(_after_start(content, asked[0], charted))
    if charted is None:
        yield "seven-day", SevenDayPage("", "", False, [], [], [], None, results, [])
        return
    measure = catalogue.measures[charted.measure]
    rates = rates_of(read_chart_alarms(catalogue.root).values(), measure.id)
    rows = [
        _row(_name(content, chart.code), chart, cell_of(measure, charted, chart, newest, rates, []))
        for chart in charted.partners
    ]
    yield (
        "seven-day",
        SevenDayPage(
            measure.id,
            charted.newest,
            is_old(charted.newest, newest),
            sorted(rows, key=lambda row: (row.name.casefold(), row.code)),
            sorted((_name(content, code), why) for code, why in charted.left_out),
            charted.notes,
            charted.funnel,
            results,
            after,
        ),
    )


def _name(content: BookContent, code: str) -> str:
    known = content.catalogue.organisations.get(code)
    return known.name if known else code


def _row(name: str, chart: PartnerChart, cell: Cell) -> WeekendRow:
    shares = _shares(chart)
    last = pd.Period(chart.last, "M")
    missing = sum(value is None for value in chart.values)
    return WeekendRow(
        chart.code, name, _ratio(shares.get(str(last))), _ratio(shares.get(str(last - 12))), missing, cell
    )


def _shares(chart: PartnerChart) -> dict[str, float]:
    """As reported, by month; what is missing is not there."""
    values = chart.observed or chart.values
    return {month: value for month, value in zip(chart.months, values, strict=True) if value is not None}


def _ratio(share: float | None) -> str:
    """Of the means of a weekend's day and a weekday: a share s of a week is s / (100 - s) of its weekdays."""
    return "not known" if share is None else f"{WEEKDAYS_TO_WEEKEND * share / (100 - share):.2f}"


def _result(content: BookContent, plan: Plan, outcome: Outcome) -> WeekendResult:
    evaluation = plan.evaluation
    summary = content.summaries[evaluation.id].of(plan.analysis.id)
    later = []
    if outcome.result is not None:
        estimates = outcome.result.effect.estimates
        by_week = plan.analysis.parameters.get("period") == "week"
        for months in LATER:
            rows = estimates[
                (estimates["month"] == (WEEKS[months] if by_week else months))
                & estimates["role"].isin(("headline", "term"))
            ]
            if len(rows):
                row = rows.iloc[0]
                later.append(
                    (months, f"{row['estimate']:+.1f} ({row['low']:+.1f} to {row['high']:+.1f})".replace("-", "−"))
                )
    said = (summary.says or "") if summary.done else "No result at present"
    size = f"{summary.estimate}{' points' if summary.points else ''} ({summary.interval})" if summary.done else ""
    return WeekendResult(
        evaluation.id, evaluation.title, plan.analysis.id, plan.analysis.title, summary.role, said, size, later
    )


def _after_start(content: BookContent, plan: Plan, charted: MeasureCharts) -> AfterStart:
    """As counted, and no estimate: what would have been without the change is not in it."""
    evaluation = plan.evaluation
    codes = set(content.catalogue.codes(plan.analysis.parameters["site"]))
    start = pd.Period(evaluation.intervention.start, "M")
    wanted = [str(start + months) for months in (0, *LATER)]
    shares = [_shares(chart) for chart in charted.partners if chart.code in codes]
    whole = [one for one in shares if all(month in one for month in wanted)]
    if len(whole) < SEVERAL:
        note = f"{len(whole)} partners have figures in all of these months, too few for a median."
        return AfterStart(evaluation.id, evaluation.title, len(whole), [], note)
    months = [(month, f"{pd.Series([one[month] for one in whole]).median():.1f}%") for month in wanted]
    return AfterStart(evaluation.id, evaluation.title, len(whole), months, "")


def _alt(made: PlaceFunnel) -> str:
    count = Counter(way != 0 for way in made.outside)[True]
    return (
        f"Funnel of the weekend's share of discharges at {len(made.codes)} partners, {made.period}, by discharges:"
        f" {count} lie outside the limits within which 99.8 of 100 would lie."
    )

"""Seven-day services: weekends against weekdays at every partner, and what was estimated of them."""

from collections import Counter
from dataclasses import dataclass

import pandas as pd

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, Pages
from evalkit.book.pages.icon_key import icon_key
from evalkit.book.pages.own_place import Place, boards_of, organisation_name, places_of, regions_of
from evalkit.book.pages.weekend_ratio import ALIKE, last_ratios, ratio, shares_by_month, weekend_charts
from evalkit.book.partners import drawings
from evalkit.book.partners.cells import Cell, cell_of, is_old, newest_of, sheet
from evalkit.book.partners.chance import by_chance, rates_of
from evalkit.book.partners.measure_charts import MeasureCharts, PartnerChart
from evalkit.book.partners.place_funnel import YEAR, PlaceFunnel
from evalkit.catalogue.records.chart_alarms import read_chart_alarms
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import Outcome

TEMPLATE = "weekend"
LATER = (6, 12)  # months after a start
WEEKS = {6: 26, 12: 52}
WAYS = {1: "above the limits", 0: "within the limits", -1: "below the limits"}
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
    """A partner: its discharges on a day of a weekend for each on a weekday, in its last month and the same a year before.

    Attributes
    ----------
    year : its share over the months of the funnel, beside that of all
    without : how many months have no figure
    why : the same by their reasons
    """

    code: str
    name: str
    year: str
    ratio: str
    before: str
    without: int
    why: str
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
    places: list[Place]
    left_out: list[tuple[str, str]]
    notes: list[str]
    funnel: PlaceFunnel | None
    results: list[WeekendResult]
    after: list[AfterStart]

    def write(self, pages: Pages) -> None:
        """The page."""
        cells = [row.cell for row in self.rows]
        shown = [cell for cell in cells if cell.has_icon]
        drawn = drawings.funnel(self.funnel, _alt(self.funnel), "funnel") if self.funnel else ""
        pages.page(
            "partners/seven-day.html",
            "seven-day.html.jinja",
            self,
            icons=sheet(cells),
            key=icon_key(name for cell in shown for name in (cell.icon, cell.aim_icon) if name),
            chance=by_chance(
                len(shown),
                sum(cell.is_special for cell in shown),
                [cell.rate.alarms if cell.rate else None for cell in shown],
            ),
            regions=regions_of(self.places),
            boards=boards_of(self.places),
            place_of={place.code: place for place in self.places},
            reached=[months for months in LATER if any(months == at for one in self.results for at, _ in one.later)],
            without=sum(row.without for row in self.rows),
            outside=_outside(self.funnel),
            funnel_drawing=drawn,
            together=ratio(self.funnel.centre) if self.funnel else "",
            names={row.code: row.name for row in self.rows},
            alike=ALIKE,
        )


def pages(content: BookContent) -> NamedPages:
    """The one page."""
    catalogue, newest = content.catalogue, newest_of(content.partner_charts)
    charted = weekend_charts(content)
    results, after = [], []
    for evaluation in content.evaluations:
        pairs = [pair for pair in content.analyses[evaluation.id] if pair[0].analysis.template == TEMPLATE]
        results += [_result(content, plan, outcome) for plan, outcome in pairs]
        asked = [plan for plan, _ in pairs if plan.analysis.role in ("primary", "secondary")]
        if asked and charted:
            after.append(_after_start(content, asked[0], charted))
    if charted is None:
        yield "seven-day", SevenDayPage("", "", False, [], [], [], [], None, results, [])
        return
    measure = catalogue.measures[charted.measure]
    rates = rates_of(read_chart_alarms(catalogue.root).values(), measure.id)
    known, codes = catalogue.organisations, {chart.code for chart in charted.partners}
    names = {chart.code: organisation_name(known, chart.code) for chart in charted.partners}
    funnel = charted.funnel and charted.funnel.by_name(names)
    rows = [
        _row(names[chart.code], chart, cell_of(measure, charted, chart, newest, rates, []), funnel)
        for chart in charted.partners
    ]
    yield (
        "seven-day",
        SevenDayPage(
            measure.id,
            charted.newest,
            is_old(charted.newest, newest),
            sorted(rows, key=lambda row: (row.name.casefold(), row.code)),
            places_of(one for one in content.partners if one.org_code in codes),
            sorted((organisation_name(known, code), why) for code, why in charted.left_out),
            charted.notes,
            funnel,
            results,
            after,
        ),
    )


def _row(name: str, chart: PartnerChart, cell: Cell, funnel: PlaceFunnel | None) -> WeekendRow:
    without = sum(value is None for value in chart.reported)
    reasons = [(chart.in_doubt, "dates in doubt"), (without - chart.in_doubt, "a day missing")]
    why = ", ".join(f"{count} with {reason}" for count, reason in reasons if count)
    return WeekendRow(chart.code, name, _of_the_year(chart.code, funnel), *last_ratios(chart), without, why, cell)


def _of_the_year(code: str, funnel: PlaceFunnel | None) -> str:
    """The share of one partner over the months of the funnel, how many of them have figures, and that of all."""
    if funnel is None:
        return ""
    if code not in funnel.codes:
        return f"fewer than {YEAR // 2} of these {YEAR} months have figures"
    at = funnel.codes.index(code)
    count = funnel.months[at]
    figures = "all with figures" if count == YEAR else f"of which {count} months have figures"
    return (
        f"{funnel.values[at]:.1f}% of the week's discharges, {figures}; all partners {funnel.centre:.1f}%;"
        f" {WAYS[funnel.outside[at]]}"
    )


def _outside(funnel: PlaceFunnel | None) -> dict[str, list[float]]:
    """The shares that lie outside the limits of the funnel, by the side."""
    if funnel is None:
        return {"above": [], "below": []}
    pairs = list(zip(funnel.values, funnel.outside, strict=True))
    return {name: sorted(value for value, way in pairs if way == side) for side, name in ((1, "above"), (-1, "below"))}


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
    shares = [shares_by_month(chart) for chart in charted.partners if chart.code in codes]
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

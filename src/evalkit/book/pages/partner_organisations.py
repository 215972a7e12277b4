"""One organisation: what changed lately, what is noise, what is too old to say, and every chart with its numbers."""

from collections import defaultdict
from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import Pages
from evalkit.book.pages.icon_key import by_chance_in_words, icon_key
from evalkit.book.pages.own_place import organisation_name
from evalkit.book.pages.partner_matrix import FOLDER, why_missing
from evalkit.book.pages.weekend_ratio import last_ratios, measures_by_weekday, weekend_charts
from evalkit.book.partners import drawings
from evalkit.book.partners.cells import Cell, months_of, sheet
from evalkit.book.partners.chance import SLOWLY, UNREAD_GROUP, by_chance
from evalkit.book.places.flow_shown import FlowShown
from evalkit.catalogue.records.control_charts import Target
from evalkit.catalogue.records.sites import Organisation
from evalkit.catalogue.records.successors import events_of
from evalkit.charts.past_words import A_COUNT
from evalkit.report.wording.words import month_name

FEW_STRETCHES = 4  # of lines, that a caption has room for
NATURES = {"H": "improving", "L": "improving", "h": "concerning", "l": "concerning", "u": "", "d": ""}
HIGHER = "Hhu"
# How a measure stands against a year before (``Cell.against_year_before``), in the order of the page.
STANDINGS = {
    "better": "Better",
    "worse": "Worse",
    "higher": "Higher, neither better nor worse",
    "lower": "Lower, neither better nor worse",
    "jumped": "Figures jumped in between, so neither is said",
    "unclear": "No clear difference",
    "unknown": "No comparable figure a year before",
    "old": "Too old to say",
}


@dataclass(frozen=True)
class OrganisationPage:
    """One partner: what is unlike before, what is within the usual, what is too old to say, and every chart.

    Attributes
    ----------
    targets : by measure, what it is held against
    missing : measures without a chart here, with their ids and the reason
    sites : where it is, or is part of, a site of this book
    weekend : the measure that is the weekend's share, where it is charted here
    weekend_ratio : its last month as a ratio, as the page of seven-day services has it
    by_weekday : measures that count bank holidays as the weekday they fall on, which that ratio leaves out
    flow : whom its patients waited for when they were ready to leave; None where that is not known
    places : that it belongs to
    staff : what its staff said in the last yearly survey that they can change; empty where they were not asked
    became : what it merged into, with the code of that trust where it has a page, and where that can be read
    """

    organisation: Organisation
    cells: list[Cell]
    targets: dict[str, Target]
    missing: list[tuple[str, str, str]]
    sites: list[tuple[str, str]]
    weekend: str
    weekend_ratio: str
    by_weekday: list[str]
    flow: FlowShown | None
    places: list[tuple[str, str]]
    staff: str
    became: list[tuple[str, str, str]]

    def write(self, pages: Pages) -> None:
        """Its page, with the charts."""
        code = self.organisation.org_code
        shown = [cell for cell in self.cells if cell.has_icon]
        expected = [cell.rate.alarms if cell.rate else None for cell in shown]
        special = [cell for cell in shown if cell.is_special]
        unread = [cell for cell in self.cells if cell.unread]
        used = (name for cell in self.cells for name in (cell.icon, cell.aim_icon) if name)
        pages.page(
            f"{FOLDER}/organisations/{code}.html",
            "partner.html.jinja",
            self,
            icons=sheet(self.cells),
            key=icon_key(used),
            newest=max((cell.chart.last for cell in self.cells), default=""),
            until=until([*shown, *unread]),
            compared=_compared(self.cells),
            slow_words=UNREAD_GROUP,
            slowly=SLOWLY,
            months_of=months_of,
            lately=sum(cell.began_lately for cell in special),
            a_count=A_COUNT,
            special=special,
            groups=[(words, cells) for words, cells in _by_onset(special) if cells],
            unread=unread,
            usual=[cell for cell in shown if not cell.is_special],
            unsaid=[cell for cell in self.cells if not cell.is_current],
            chance=by_chance(len(shown), sum(cell.is_special for cell in shown), expected),
            by_chance_in_words=by_chance_in_words,
            charts=[
                (cell, _drawn(self.organisation.name, cell), _table(cell), _lines_in_words(cell)) for cell in self.cells
            ],
        )


def organisation_page(
    content: BookContent, organisation: Organisation, own: dict[str, Cell], sites: list[tuple[str, str]]
) -> OrganisationPage:
    """The page of one organisation, from its cells by measure."""
    catalogue, code = content.catalogue, organisation.org_code
    entries = catalogue.control_charts
    missing = [
        (charts.measure, catalogue.measures[charts.measure].name, why_missing(charts, code))
        for charts in content.partner_charts
        if charts.measure not in own
    ]
    weekends = weekend_charts(content)
    weekend = weekends.measure if weekends and weekends.measure in own else ""
    return OrganisationPage(
        organisation,
        list(own.values()),
        {id: target for id in own if (target := entries[id].target) is not None},
        missing,
        sites,
        weekend,
        last_ratios(own[weekend].chart)[0] if weekend else "",
        measures_by_weekday(content) if weekend else [],
        content.flow_of_trust(organisation),
        content.places_of(code),
        content.staff_in_a_sentence(code),
        _became(content, code),
    )


def _became(content: BookContent, code: str) -> list[tuple[str, str, str]]:
    """The trusts that an organisation went into, by the record."""
    names, charted = content.catalogue.organisations, {one.org_code for one in content.partners}
    told = []
    for event in events_of(content.catalogue.successors.values()):
        if code not in event.ended:
            continue
        sources = "; ".join(dict.fromkeys(line.source for line in event.lines if line.source))
        for after in sorted(event.after):
            month = month_name(f"{event.since:%Y-%m}")
            told.append((f"{organisation_name(names, after)} in {month}", after if after in charted else "", sources))
    return told


def _by_onset(special: list[Cell]) -> list[tuple[str, list[Cell]]]:
    """What began lately first, the latest of it at the top."""
    newest = sorted(special, key=lambda cell: cell.chart.began, reverse=True)
    return [
        ("Began within the twelve months up to it", [cell for cell in newest if cell.began_lately]),
        ("Goes on for longer", [cell for cell in newest if not cell.began_lately]),
    ]


def until(cells: list[Cell]) -> str:
    """The last months of charts with icons, newest first, and which charts end in each; empty without any."""
    ends: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        ends[cell.chart.last].append(cell)
    months = sorted(ends, reverse=True)
    most = max(months, key=lambda month: len(ends[month]), default="")
    told = []
    for month in [month for month in months if month != most] + [most] * bool(most):
        names = "; ".join(cell.name for cell in ends[month])
        others = f"the other {len(ends[month])}" if len(ends[month]) > 1 else names
        which = "" if len(months) == 1 else f" ({others if month == most else names})"
        told.append(f"{month_name(month)}{which}")
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def _compared(cells: list[Cell]) -> list[tuple[str, list[str]]]:
    """By how they stand against a year before, the measures with their figures; what must not be taken for alike stands apart."""
    found: dict[str, list[str]] = defaultdict(list)
    for cell in cells:
        way = cell.against_year_before
        found[way].append(cell.name if way in ("old", "unknown") else cell.compared)
    return [(said, found[way]) for way, said in STANDINGS.items() if found[way] or way in ("better", "worse")]


def _alt(place: str, cell: Cell) -> str:
    months = cell.chart.months
    return f"Control chart of {cell.name}, {place}, {month_name(months[0])} to {month_name(months[-1])}."


def _drawn(place: str, cell: Cell) -> str:
    alt = f"{_alt(place, cell)} {cell.brief} {_lines_in_words(cell)}"
    return drawings.chart(cell.chart, alt, f"chart-{cell.measure}", cell.target)


def _lines_in_words(cell: Cell) -> str:
    """Where the lines of the chart lie, phase by phase; that the table has them where they move."""
    stretches, months = cell.chart.lines, cell.chart.months
    if len(stretches) > FEW_STRETCHES:
        return "Its limits move with how much is counted, and stand in its table."
    told = []
    for stretch in stretches:
        since = "" if len(stretches) == 1 else f" from {month_name(months[stretch.first])} on"
        limits = "" if stretch.lower is None else f", limits {stretch.lower:,.5g} to {stretch.upper:,.5g}"
        told.append(f"{'Median' if stretch.lower is None else 'Mean'} {stretch.centre:,.5g}{limits}{since}.")
    if any(stretch.lower is not None for stretch in stretches):
        told.append(outside_in_words(cell.chart.outside, cell.chart.of))
    return " ".join(told)


def outside_in_words(outside: int, of: int) -> str:
    """How many months lie outside the limits, which nearly none does where nothing special is at work."""
    return f"{outside or 'None'} of {of} months {'lies' if outside == 1 else 'lie'} outside the limits."


@dataclass(frozen=True)
class PointTable:
    """The points of a chart in words: headings, and a row a month."""

    heads: list[str]
    rows: list[list[str]]


def _table(cell: Cell) -> PointTable:
    chart = cell.chart
    with_lines = len(chart.lines) > FEW_STRETCHES
    heads = ["Month", "Reported"] + (["Season removed"] if chart.season_removed else [])
    heads += ["Lower limit", "Upper limit"] if with_lines else []
    limits = {at: stretch for stretch in chart.lines for at in range(stretch.first, stretch.last + 1)}
    rows = []
    for at, month in enumerate(chart.months):
        columns = [chart.reported[at], chart.judged[at]] if chart.season_removed else [chart.reported[at]]
        row = [month, *("not reported" if value is None else f"{value:,.6g}" for value in columns)]
        if with_lines:
            ends = (limits[at].lower, limits[at].upper) if at in limits else (None, None)
            row += ["" if end is None else f"{end:,.5g}" for end in ends]
        rows.append([*row, nature_in_words(chart.natures[at])])
    return PointTable([*heads, "Special cause"], rows)


def nature_in_words(letter: str) -> str:
    """What a point is, of its letter in ``PartnerChart.natures``; empty where it is not special."""
    if letter not in NATURES:
        return ""
    return ", ".join(filter(None, (NATURES[letter], "higher" if letter in HIGHER else "lower")))

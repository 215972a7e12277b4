"""What a page says of one measure at one partner, at the time of the newest figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from evalkit.book.partners.chance import ChanceRate
from evalkit.book.partners.figure_changes import jumps_in_words
from evalkit.book.partners.measure_charts import MeasureCharts, PartnerChart
from evalkit.catalogue.records.measures import Measure, RecordingChange
from evalkit.charts.amounts import OLD_AFTER
from evalkit.charts.icons import UNREAD, name_of, symbols, used_icon
from evalkit.report.wording.words import month_name

LATELY = 12  # months
NO_AIM = ("no_target", "no_better_direction", "no_limits", "not_enough_points")


@dataclass(frozen=True)
class Pointer:
    """An evaluation of a change with a partner among its places, in the same measure; where its page is, below generated/."""

    title: str
    page: str


@dataclass(frozen=True)
class Cell:
    """One measure at one partner.

    Attributes
    ----------
    age : how many months that lies before the newest of all
    alike, partners : how many have the same icon of variation, of those that have an icon; this one counts
    """

    measure: str
    name: str
    plain_name: str
    unit: str
    target: float | None
    chart: PartnerChart
    age: int
    rate: ChanceRate | None
    evaluations: list[Pointer] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # on months at every partner, such as a change of source
    recording: list[RecordingChange] = field(default_factory=list)  # that lies in the charted months
    alike: int = 0
    partners: int = 0

    @property
    def old(self) -> bool:
        """Whether its last month is too long ago for an icon."""
        return self.age > OLD_AFTER

    @property
    def month(self) -> str:
        """Its last reported month; of one that is old, how long before the newest of this book."""
        age = f", {self.age} months before the newest here" if self.old else ""
        return f"{month_name(self.chart.last)}{age}"

    @property
    def short(self) -> str:
        """Its last month in a sentence with why, where the measure's name stands beside it."""
        return self._told(f"{self._was}{self.chart.state}")

    @property
    def sentence(self) -> str:
        """The same by itself."""
        return f"{self.plain_name[:1].upper()}{self.plain_name[1:]} in {self.short}"

    @property
    def brief(self) -> str:
        """``short`` without why, with how often its target was met."""
        return self.in_brief()

    def in_brief(self, say_season: bool = True) -> str:
        """The same; without ``say_season`` for a page that says what was done about season once."""
        return f"{self._told(f'{self._was}{self.chart.brief}', say_season)} {self.aim_in_brief}".rstrip()

    @property
    def told(self) -> str:
        """All that a list says of it: ``brief``, what its rules leave out, how many are alike, and what its figures are of."""
        beside = []
        if self.unread or (self.has_icon and not self.is_special):
            beside.append(self.chart.year_on_year)
        if self.has_icon and not self.is_special:
            beside.append(self.chart.ended_run)
        sources = [f"Another source since {month_name(change.since)}." for change in self.chart.source_changes]
        recorded = [f"Recording changed, {months_of(change)}." for change in self.recording]
        return " ".join(
            filter(None, (self.brief, *beside, self.same_elsewhere, *self.chart.altered, *recorded, *sources))
        )

    def _told(self, state: str, say_season: bool = True) -> str:
        chart = self.chart
        season = "" if chart.season_removed or not say_season else " Season is not removed."
        if self.slow and chart.is_judged:
            return f"{self.month}: {chart.value}. The six months to it: {chart.lately}.{season}"
        return "; ".join(filter(None, (f"{self.month}: {chart.value}", chart.level, state))) + season

    @property
    def _was(self) -> str:
        return "this was " if self.old and self.chart.is_judged else ""

    @property
    def jumps(self) -> str:
        """Every jump of its figures in a sentence; empty without any."""
        return jumps_in_words(self.chart.changes)

    @property
    def aim_in_brief(self) -> str:
        """In how many months its target was met; empty without one that is judged."""
        return f"Target {self.chart.aim_counted}." if self.is_current and self.chart.assurance not in NO_AIM else ""

    @property
    def same_elsewhere(self) -> str:
        """How many partners have the same icon, in a sentence; empty unless its own says that the last point is special."""
        if not (self.has_icon and self.is_special):
            return ""
        return f"The same icon at {self.alike} of {self.partners} organisations."

    @property
    def slow(self) -> bool:
        """Whether chance raises its icons too often for one to be shown."""
        return self.rate is not None and self.rate.says_little

    @property
    def is_current(self) -> bool:
        """Whether it is recent, and long enough, to say anything."""
        return not self.old and self.chart.is_judged

    @property
    def unread(self) -> bool:
        """Whether that is so, and yet no icon of it can be read."""
        return self.is_current and self.slow

    @property
    def has_icon(self) -> bool:
        """Whether its icon of variation says what its last point is."""
        return self.is_current and not self.slow

    @property
    def is_special(self) -> bool:
        """Whether its last point is, as far as its rules can be read."""
        return self.chart.is_judged and not self.slow and self.chart.variation != "common_cause"

    @property
    def began_lately(self) -> bool:
        """Whether what its last point is began within the twelve months that end with it."""
        return (pd.Period(self.chart.last, "M") - pd.Period(self.chart.began, "M")).n < LATELY

    @property
    def hollow(self) -> bool:
        """Whether its icon is raised by chance too often to be taken as it stands."""
        return self.is_special and self.rate is not None and self.rate.too_often

    @property
    def icon(self) -> str:
        """The name of its icon of variation; empty without one."""
        if self.unread:
            return UNREAD
        return name_of(self.chart.variation, hollow=self.hollow) if self.has_icon else ""

    @property
    def aim_icon(self) -> str:
        """The name of its icon of assurance; empty without a target."""
        judged = self.has_icon and self.chart.assurance not in NO_AIM
        return name_of(self.chart.assurance, of_assurance=True, hollow=self.chart.aim_gainsaid) if judged else ""

    @property
    def drawn_icons(self) -> str:
        """Both as SVG, beside words that say the same."""
        return "".join(used_icon(name) for name in (self.icon, self.aim_icon) if name)

    @property
    def against_year_before(self) -> str:
        """How it stands against the same month a year before, where that is more than a difference of two months.

        ``better``, ``worse``, ``higher`` or ``lower`` where the last six months or more lay on that side of a year before,
        or a special cause of now points the same way; ``unclear`` where neither; ``jumped`` where the figures did so between
        the two months; ``unknown`` without a figure to hold it against, and ``old`` where the last month is too long ago.
        """
        if self.old:
            return "old"
        way = self.chart.against_year_before
        if not way:
            return "unknown"
        year = pd.Period(self.chart.last, "M") - LATELY
        if any(one.grew is not None and pd.Period(one.since, "M") > year for one in self.chart.changes):
            return "jumped"
        if way != "same" and (self.chart.run_of_year or self._points(way)):
            return way
        return "unclear"

    def _points(self, way: str) -> bool:
        """Whether its special cause points the same way as the year before."""
        kind, _, side = self.chart.variation.partition("_")
        return self.is_special and way == {"improvement": "better", "concern": "worse"}.get(
            kind, "higher" if side == "high" else "lower"
        )

    @property
    def compared(self) -> str:
        """Its figures of now and of a year before, and for how many months the difference has lasted."""
        run = abs(self.chart.run_of_year)
        return f"{self.name}, {self.chart.value}{f', {run} months running' if run else ''}"


def months_of(change: RecordingChange) -> str:
    """From when to when recording changed, in words."""
    return " to ".join(month_name(month) for month in dict.fromkeys((change.first, change.last)))


def sheet(cells: Sequence[Cell]) -> str:
    """The icons that these cells use, once for their page."""
    return symbols(name for cell in cells for name in (cell.icon, cell.aim_icon) if name)


def newest_of(charts: Sequence[MeasureCharts]) -> str:
    """The last month of any measure, such as ``2026-02``; empty without any."""
    return max((one.newest for one in charts), default="")


def is_old(month: str, newest: str) -> bool:
    """Whether a month is more than six months before the newest of all."""
    return age_of(month, newest) > OLD_AFTER


def age_of(month: str, newest: str) -> int:
    """How many months a month lies before the newest of all; nought without any."""
    return (pd.Period(newest, "M") - pd.Period(month, "M")).n if month and newest else 0


def peers_of(charts: MeasureCharts, newest: str) -> Counter[str]:
    """How many partners have each icon of variation, of those that have one."""
    return Counter(one.variation for one in charts.partners if one.is_judged and not is_old(one.last, newest))


def cell_of(
    measure: Measure,
    charts: MeasureCharts,
    chart: PartnerChart,
    newest: str,
    rates: dict[str, ChanceRate],
    evaluations: list[Pointer],
    peers: Mapping[str, int] | None = None,
) -> Cell:
    """The cell of one partner; ``rates`` are those of the measure by season, ``peers`` as ``peers_of`` counts them."""
    rate = rates.get("months" if chart.season_removed else "left")
    recording = [
        change for change in measure.recording_changes if change.first <= chart.last and change.last >= chart.first
    ]
    return Cell(
        measure.id, measure.name, measure.plain_name, charts.unit, charts.target, chart, age_of(chart.last, newest), rate,
        evaluations, charts.notes, recording, (peers or {}).get(chart.variation, 0), sum((peers or {}).values()),
    )  # fmt: skip

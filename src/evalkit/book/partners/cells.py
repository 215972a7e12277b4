"""What a page says of one measure at one partner, at the time of the newest figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from evalkit.book.partners.chance import NOT_MEASURED, ChanceRate
from evalkit.book.partners.measure_charts import MeasureCharts, PartnerChart
from evalkit.catalogue.records.measures import Measure, RecordingChange
from evalkit.charts.amounts import OLD_AFTER
from evalkit.charts.icons import name_of, symbols, used_icon
from evalkit.report.wording.words import month_name

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
    old : whether its last month is too long ago for an icon
    alike, partners : how many have the same icon of variation, of those that have an icon; this one counts
    """

    measure: str
    name: str
    plain_name: str
    unit: str
    target: float | None
    chart: PartnerChart
    old: bool
    rate: ChanceRate | None
    evaluations: list[Pointer] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # on months at every partner, such as a change of source
    recording: list[RecordingChange] = field(default_factory=list)  # that lies in the charted months
    alike: int = 0
    partners: int = 0

    @property
    def month(self) -> str:
        """Its last reported month."""
        return month_name(self.chart.last)

    @property
    def state(self) -> str:
        """What its last point is, or was."""
        return self.chart.was if self.old else self.chart.now

    @property
    def short(self) -> str:
        """Its last month in a sentence, where the measure's name stands beside it."""
        season = "" if self.chart.season_removed else " Season is not removed."
        return f"{self.month}: {self.chart.value}; {self.state}{season}"

    @property
    def sentence(self) -> str:
        """The same by itself."""
        return f"{self.plain_name[:1].upper()}{self.plain_name[1:]} in {self.short}"

    @property
    def aim(self) -> str:
        """What its target comes to; empty without one."""
        return self.chart.aim_was if self.old else self.chart.aim_now

    @property
    def brief(self) -> str:
        """``short`` without why, with how often its target was met."""
        season = "" if self.chart.season_removed else " Season is not removed."
        was = "this was " if self.old and self.chart.is_judged else ""
        return f"{self.month}: {self.chart.value}; {was}{self.chart.brief}{season} {self.aim_in_brief}".rstrip()

    @property
    def aim_in_brief(self) -> str:
        """In how many months its target was met; empty without an icon of it."""
        return f"Target {self.chart.aim_counted}." if self.aim_icon else ""

    @property
    def same_elsewhere(self) -> str:
        """How many partners have the same icon, in a sentence; empty unless its own says that the last point is special."""
        if not (self.has_icon and self.is_special):
            return ""
        return f"The same icon at {self.alike} of {self.partners} organisations."

    @property
    def has_icon(self) -> bool:
        """Whether it says anything of now."""
        return not self.old and self.chart.is_judged

    @property
    def is_special(self) -> bool:
        """Whether its last point is."""
        return self.chart.is_judged and self.chart.variation != "common_cause"

    @property
    def hollow(self) -> bool:
        """Whether its icon is raised by chance too often to be taken as it stands."""
        return self.is_special and self.rate is not None and self.rate.too_often

    @property
    def icon(self) -> str:
        """The name of its icon of variation; empty without one."""
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
    def chance(self) -> str:
        """How often its icon is raised by chance, for the side of it."""
        if self.rate is None:
            return NOT_MEASURED
        return f"{self.rate.beside}, so the icon is hollow" if self.hollow else self.rate.beside


def sheet(cells: Sequence[Cell]) -> str:
    """The icons that these cells use, once for their page."""
    return symbols(name for cell in cells for name in (cell.icon, cell.aim_icon) if name)


def newest_of(charts: Sequence[MeasureCharts]) -> str:
    """The last month of any measure, such as ``2026-02``; empty without any."""
    return max((one.newest for one in charts), default="")


def is_old(month: str, newest: str) -> bool:
    """Whether a month is more than six months before the newest of all."""
    return bool(month and newest) and (pd.Period(newest, "M") - pd.Period(month, "M")).n > OLD_AFTER


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
        measure.id, measure.name, measure.plain_name, charts.unit, charts.target, chart, is_old(chart.last, newest), rate,
        evaluations, charts.notes, recording, (peers or {}).get(chart.variation, 0), sum((peers or {}).values()),
    )  # fmt: skip

"""How many icons would be raised where nothing happened, as far as that was measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evalkit.catalogue.records.chart_alarms import ChartAlarms

TOO_OFTEN = 0.05  # an icon that is raised by chance more often than this is drawn hollow
SLOW = 1 / 3  # where more stable series than this raise an icon, none is shown
SLOWLY = "It wanders so slowly that its rules cannot be read as signals: compare with a year before."
UNREAD_GROUP = (
    "Chance alone raises icons of these in more than a third of series in which nothing happens, as they wander so slowly. So"
    " none is shown: read the last six months, and hold them against a year before."
)
NOT_MEASURED = "chance rate not measured yet"


@dataclass(frozen=True)
class ChanceRate:
    """Of one measure, by what was done about season: the share of stable series whose last point raises an icon.

    Attributes
    ----------
    alarms, upper : that share, and the upper end of its interval
    series, months : how many series of how many points it was measured on
    """

    alarms: float
    upper: float
    series: int
    months: int

    @property
    def too_often(self) -> bool:
        """Whether its icons are drawn hollow."""
        return self.alarms > TOO_OFTEN

    @property
    def says_little(self) -> bool:
        """Whether no icon of it is shown."""
        return self.alarms > SLOW

    @property
    def short(self) -> str:
        """For a heading."""
        return f"about {self.alarms:.0%} by chance"

    @property
    def beside(self) -> str:
        """For the side of an icon."""
        return f"Chance alone raises one, either way, in about {self.alarms:.0%} of such series that are stable"

    @property
    def in_words(self) -> str:
        """For a sentence by itself."""
        hollow = ""
        if self.says_little:
            hollow = f" That is more than a third, so no icon is shown. {SLOWLY}"
        elif self.too_often:
            hollow = f" That is more than {TOO_OFTEN:.0%}, so its icons are drawn hollow: each is only weak evidence."
        return (
            f"Where nothing happens, about {self.alarms:.1%} of charts like this raise an icon at their last point, either way"
            f" ({self.series:,} made-up stable series of {self.months} months, as sluggish as the real ones; upper bound"
            f" {self.upper:.1%}). Real steps and bends count as sluggishness, so that it is rather less.{hollow}"
        )


def rates_of(alarms: Iterable[ChartAlarms], measure: str) -> dict[str, ChanceRate]:
    """By season (``months``, ``left``), of the series that are longest."""
    found: dict[str, ChanceRate] = {}
    for one in sorted(alarms, key=lambda alarm: alarm.months):
        if one.measure == measure:
            found[one.season] = ChanceRate(one.raised, one.raised_at_most, one.series, one.months)
    return found


def by_chance(shown: int, raised: int, expected: Sequence[float | None]) -> str:
    """How many icons of special causes there are, and how many chance alone would raise.

    Parameters
    ----------
    shown : charts that have an icon
    raised : those whose icon says that the last point is special
    expected : the chance rate of each that is shown, None where it was not measured
    """
    if not shown:
        return "No chart is recent enough for an icon."
    one = shown == 1
    lead = f"Of {shown:,} icon{'' if one else 's'}, {raised:,} {'shows' if raised == 1 else 'show'} a special cause in the last month"
    measured = [rate for rate in expected if rate is not None]
    if not measured:
        return f"{lead}; how many chance alone would raise was not measured yet."
    count = f"about {sum(measured):,.0f}" if sum(measured) >= 1 else "fewer than one"
    if len(measured) == shown:
        return f"{lead}; {count} would do so by chance alone."
    return (
        f"{lead}; by chance alone {count} of the {len(measured):,} for which that was measured would, and of the other"
        f" {shown - len(measured):,} it is not known yet."
    )

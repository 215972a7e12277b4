"""What a figure shows, once: the drawing in a page, the picture to keep, the table and the download all come from it."""

from dataclasses import dataclass

import pandas as pd

TIME_SERIES, EVENT_STUDY, FUNNEL, HISTOGRAM = "time-series", "event-study", "funnel", "histogram"
POINTS, CONTROL_CHART = "points", "control-chart"
WHOLE = 100.0  # per cent: no share is more, though a line fitted to shares may be
NUMBERS = {
    TIME_SERIES: ("observed", "fitted", "expected", "low", "high", "left_out"),
    EVENT_STUDY: ("position", "estimate", "low", "high", "base"),
    FUNNEL: ("noise", "estimate", "marked"),
    HISTOGRAM: ("from", "to", "count"),
    POINTS: ("position", "observed", "low", "high", "left_out"),
    CONTROL_CHART: ("judged", "centre", "lower", "upper", "target", "trajectory", "nature"),
}


@dataclass(frozen=True)
class Mark:
    """A line across the figure: where, in the units of the horizontal axis, and what it is called."""

    at: float
    label: str


@dataclass(frozen=True)
class Described:
    """A figure before it is drawn.

    Attributes
    ----------
    kind : str
        One of the keys of ``NUMBERS``.
    title : str
        What it found.
    alt : str
        The same for those who cannot see it.
    across, up : str
        What the axes measure, with their units.
    points : DataFrame
        One row a point, in reading order: ``name``, then the numbers of its kind, and of a control chart what each point is;
        missing where there is none.
    table : DataFrame
        The same rows in words, as a page shows them.
    caption : str
        Of the table.
    marks : tuple of Mark
        Starts and ends, or what is set apart. Periods are counted from nought, and a start lies before its period; of points
        by themselves it lies where it is.
    synthetic : bool
        Whether any of it is invented.
    answer : str
        Place, size and 95% interval, for those who meet the picture alone; empty where the title has them.
    source : str
        Where the data are from, and their licence; empty where that is not known.
    """

    kind: str
    title: str
    alt: str
    across: str
    up: str
    points: pd.DataFrame
    table: pd.DataFrame
    caption: str
    marks: tuple[Mark, ...] = ()
    synthetic: bool = False
    answer: str = ""
    source: str = ""

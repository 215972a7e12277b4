"""The staff survey at one trust, drawn in the page: each year's share with its interval, and how its group lay."""

import html
from collections.abc import Sequence

from evalkit.report.figures.frame import Frame
from evalkit.staff.survey import Spread, SurveyYear

HEIGHT = 190
HALF = 0.22  # of a year, that the box of a group reaches to each side
ENDS = (0.14, 0.06)  # of a year: halves of the strokes at the ends of a range and of an interval
Marks = list[tuple[float, float, float] | None]


def survey(years: Sequence[SurveyYear], alt: str, id: str) -> str:
    """The figure of a trust as SVG; each year has its number, by which ``figure.js`` finds it."""
    frame = frame_of(years)
    parts = [*backdrop(years, frame), *_own(years, frame)]
    label = html.escape(alt, quote=True)
    return f'<svg id="{id}" class="ek-figure" height="{HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def of_group(years: Sequence[SurveyYear]) -> str:
    """The same without what is a trust's own, to be filled in by the reader's browser (``staff.js``)."""
    parts = [*backdrop(years, frame_of(years)), *_own(years, None)]
    return f'<svg class="ek-figure" height="{HEIGHT}" aria-hidden="true">{"".join(parts)}</svg>'


def marks(years: Sequence[SurveyYear]) -> Marks:
    """How far down lie each year's share and the ends of its interval, in pixels; None where there is none."""
    frame = frame_of(years)
    told: Marks = []
    for year in years:
        if year.rate is None or year.low is None or year.high is None:
            told.append(None)
        else:
            told.append(
                (round(frame.down(year.rate), 1), round(frame.down(year.low), 1), round(frame.down(year.high), 1))
            )
    return told


def frame_of(years: Sequence[SurveyYear]) -> Frame:
    """Alike for all trusts of a group, so that their figures compare."""
    spreads = [year.spread for year in years if year.spread is not None]
    ends = [end for spread in spreads for end in (spread.lowest, spread.highest)]
    ends = ends or [value for year in years for value in (year.low, year.high) if value is not None] or [0.0, 100.0]
    return Frame.around((-0.5, len(years) - 0.5), (min(ends), max(ends)), HEIGHT, 100.0)


def backdrop(years: Sequence[SurveyYear], frame: Frame) -> list[str]:
    """Grid, years, and of each year the range and the middle half of the group."""
    parts = [*frame.grid(), *frame.names_below((at, str(year.year)) for at, year in enumerate(years))]
    for at, year in enumerate(years):
        if year.spread is not None:
            parts += _spread(year.spread, at, frame)
    return parts


def _spread(spread: Spread, at: int, frame: Frame) -> list[str]:
    x, left, right = frame.across(at), frame.across(at - HALF), frame.across(at + HALF)
    top, bottom = frame.down(spread.upper_quarter), frame.down(spread.lower_quarter)
    parts = [
        f'<rect class="ek-band" x="{left:.1f}%" width="{right - left:.1f}%" y="{top:.1f}" height="{bottom - top:.1f}"/>'
    ]
    for end, edge in ((spread.highest, top), (spread.lowest, bottom)):
        y, half = frame.down(end), frame.across(at + ENDS[0]) - x
        parts.append(f'<line class="ek-range" x1="{x:.1f}%" x2="{x:.1f}%" y1="{y:.1f}" y2="{edge:.1f}"/>')
        parts.append(f'<line class="ek-range" x1="{x - half:.1f}%" x2="{x + half:.1f}%" y1="{y:.1f}" y2="{y:.1f}"/>')
    return parts


def _own(years: Sequence[SurveyYear], frame: Frame | None) -> list[str]:
    """Interval and dot of each year; without a frame at the top, for whoever puts them into their places."""
    across = frame or frame_of(years)
    parts = []
    for at, place in enumerate(marks(years) if frame else [None] * len(years)):
        x = f"{across.across(at):.1f}%"
        rate, low, high = place or (0.0, 0.0, 0.0)
        parts.append(f'<line class="ek-whisker" x1="{x}" x2="{x}" y1="{low}" y2="{high}"/>')
        parts.append(f'<circle data-i="{at}" cx="{x}" cy="{rate or across.floor}" r="{4 if place else 0}"/>')
    return parts

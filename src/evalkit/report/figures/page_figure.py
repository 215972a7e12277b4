"""A described figure drawn in the page itself: it follows its width, light and dark, and its letters stay letters.

Each point has its number, by which ``figure.js`` finds it when the figure is pointed at or read by keyboard.
"""

import html
import math
from collections.abc import Sequence

import numpy as np

from evalkit.report.figures import control_chart, event_study
from evalkit.report.figures.described import (
    CONTROL_CHART,
    EVENT_STUDY,
    FUNNEL,
    HISTOGRAM,
    POINTS,
    TIME_SERIES,
    WHOLE,
    Described,
)
from evalkit.report.figures.frame import TOP, Frame, short
from evalkit.report.figures.line_names import LineName, line_names
from evalkit.report.figures.observed_series import short_period, years
from evalkit.report.wording.captions import FARTHER

HEIGHTS = {TIME_SERIES: 148, POINTS: 170, EVENT_STUDY: 220, FUNNEL: 300, HISTOGRAM: 220, CONTROL_CHART: 220}
STARTS_SHOWN = 4
APART = 18  # per cent of the width between names of points, which a phone has room for
NAMED_FROM = 120  # pixels: in lower drawings the names of lines would lie on the lines of others
DRAWN = ("observed", "fitted", "expected", "low", "high")


def drawing(
    described: Described, scale: tuple[float, float] | None = None, height: int | None = None, id: str = ""
) -> str:
    """The figure as SVG, of its width whatever that is.

    Parameters
    ----------
    scale : (float, float), optional
        Least and greatest value, where a time series, or single points, shares them with others.
    height : int, optional
        In pixels; its kind's own where it is left out.
    id : str, optional
        By which its table names it.
    """
    height = height or HEIGHTS[described.kind]
    if described.kind in OF_A_MEASURE:
        parts = OF_A_MEASURE[described.kind](described, scale or scale_of([described]), height)
    else:
        drawers = {
            EVENT_STUDY: _event_study, FUNNEL: _funnel, HISTOGRAM: _histogram, CONTROL_CHART: control_chart.in_page
        }  # fmt: skip
        parts = drawers[described.kind](described, height)
    label = html.escape(described.alt, quote=True)
    own = f' id="{id}"' if id else ""
    return f'<svg{own} class="ek-figure" height="{height}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def scale_of(figures: Sequence[Described]) -> tuple[float, float]:
    """Least and greatest value drawn in several time series or of single points, for a scale that they share."""
    drawn = [described.points[described.points.columns.intersection(DRAWN)] for described in figures]
    values = np.concatenate([points.to_numpy(float).ravel() for points in drawn])
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)


def _time_series(described: Described, scale: tuple[float, float], height: int) -> list[str]:
    points = described.points
    left_out = points["left_out"].to_numpy(bool)
    most = WHOLE if described.up.startswith("%") and points["observed"].max() <= WHOLE else math.inf
    frame = Frame.around((0, max(len(points) - 1, 1)), scale, height, most)
    parts = frame.grid()
    for first, last in _runs(left_out):
        x, wide = frame.across(first - 0.5), frame.across(last + 0.5) - frame.across(first - 0.5)
        parts.append(
            f'<rect class="ek-shade" x="{x:.1f}%" width="{wide:.1f}%" y="{TOP}" height="{frame.floor - TOP}"/>'
        )
    parts.append(frame.stretched(_lines(described, frame)))
    parts += _names_of_lines(names_in(described, height), frame)
    parts += frame.names_below(years(points["name"].tolist()))
    shown = described.marks[:STARTS_SHOWN]
    several = len([mark for mark in described.marks if not mark.label.startswith("ended")]) > 1
    for place, mark in enumerate(shown):
        label = f"{'from ' if several else ''}{mark.label}" if not place else ""
        parts.append(frame.mark(mark.at, html.escape(label)))
    for at, value in enumerate(points["observed"]):
        known = math.isfinite(value)  # what is missing is no point, and yet a place that can be read
        kind = ' class="ek-out"' if known and left_out[at] else ""
        y, size = (frame.down(value), 3) if known else (frame.floor, 0)
        parts.append(f'<circle{kind} data-i="{at}" cx="{frame.across(at):.1f}%" cy="{y:.1f}" r="{size}"/>')
    return parts


def _points(described: Described, scale: tuple[float, float], height: int) -> list[str]:
    """Each point with its whisker, at its place in time."""
    points = described.points
    position = points["position"].to_numpy(float)
    most = WHOLE if described.up.startswith("%") and points["observed"].max() <= WHOLE else math.inf
    ends = [float(end) for end in (position.min(), position.max(), *(mark.at for mark in described.marks))]
    room = max(ends[1] - ends[0], 1.0) / 20
    frame = Frame.around((min(ends) - room, max(ends) + room), scale, height, most)
    parts = [*frame.grid(), *frame.names_below(_far_enough_apart(described, frame))]
    parts += [frame.mark(mark.at, html.escape(mark.label)) for mark in described.marks]
    for at, row in enumerate(points.itertuples()):
        x, known = f"{frame.across(row.position):.1f}%", math.isfinite(row.observed)
        if math.isfinite(row.low) and math.isfinite(row.high):
            low, high = frame.down(row.low), frame.down(row.high)
            parts.append(f'<line class="ek-whisker" x1="{x}" x2="{x}" y1="{low:.1f}" y2="{high:.1f}"/>')
        kind = ' class="ek-out"' if known and row.left_out else ""
        y, size = (frame.down(row.observed), 4) if known else (frame.floor, 0)
        parts.append(f'<circle{kind} data-i="{at}" cx="{x}" cy="{y:.1f}" r="{size}"/>')
    return parts


def _far_enough_apart(described: Described, frame: Frame) -> list[tuple[float, str]]:
    """Names of points as far as there is room for them, from the first on."""
    told: list[tuple[float, str]] = []
    for at, name in zip(described.points["position"], described.points["name"], strict=True):
        if not told or frame.across(at) - frame.across(told[-1][0]) >= APART:
            told.append((float(at), short_period(name)))
    return told


OF_A_MEASURE = {TIME_SERIES: _time_series, POINTS: _points}


def names_in(described: Described, height: int | None = None) -> list[LineName]:
    """Names that lines of a time series have in a drawing of that height."""
    high_enough = (height or HEIGHTS[described.kind]) >= NAMED_FROM
    return line_names(described.points) if described.kind == TIME_SERIES and high_enough else []


def _names_of_lines(names: Sequence[LineName], frame: Frame) -> list[str]:
    told = []
    for name in names:
        y = frame.down(name.clear_of)
        y = max(y - 8, TOP - 6) if name.above else min(y + 18, frame.floor - 4)
        first, _, rest = name.tells.partition(" ")
        wide = f'<tspan class="ek-only-wide"> {rest}</tspan>' if rest else ""
        told.append(
            f'<text class="ek-before ek-names-{name.line}" x="{frame.across(name.at):.1f}%" y="{y:.1f}">{first}{wide}</text>'
        )
    return told


def _lines(described: Described, frame: Frame) -> list[str]:
    """The stretched part: the range of what was expected, then both lines."""
    points = described.points
    column = {name: points[name].to_numpy(float) for name in DRAWN}
    every = range(len(points))
    turns = [mark.at for mark in described.marks if mark.label.startswith("ended")]
    after, left_out = np.isfinite(column["expected"]), points["left_out"].to_numpy(bool)
    if after.any():
        turns.append(int(np.argmax(after & ~left_out)) - 0.5)
    sides = np.digitize(every, sorted(turns))

    def path(name: str, at: Sequence[int]) -> str:
        return frame.path([(i, column[name][i]) for i in at if math.isfinite(column[name][i])])

    parts = []
    bounded = [i for i in every if math.isfinite(column["low"][i]) and math.isfinite(column["high"][i])]
    if bounded:
        back = path("low", bounded[::-1]).replace("M", "L")
        parts.append(f'<path class="ek-band" d="{path("high", bounded)}{back}Z"/>')
    fitted = "".join(path("fitted", [i for i in every if sides[i] == side]) for side in range(len(turns) + 1))
    return [
        *parts, f'<path class="ek-fitted" d="{fitted}"/>', f'<path class="ek-expected" d="{path("expected", every)}"/>'
    ]  # fmt: skip


def _event_study(described: Described, height: int) -> list[str]:
    points = described.points
    bottom, top = event_study.axis_limits(points)
    positions = points["position"].to_numpy(float)
    frame = Frame.around((positions.min() - 0.5, positions.max() + 0.5), (bottom, top), height)
    parts = [*frame.grid(), *frame.names_below(_from_start(positions)), _nought(frame), frame.mark(0, "start")]
    for at, row in enumerate(points.itertuples()):
        x = f"{frame.across(row.position):.1f}%"
        ends = [edge if not math.isfinite(end) else end for end, edge in ((row.low, frame.low), (row.high, frame.high))]
        kind = "ek-interval-line" if math.isfinite(row.low) and math.isfinite(row.high) else "ek-unbounded"
        parts.append(
            f'<line class="{kind}" x1="{x}" x2="{x}" y1="{frame.down(ends[0]):.1f}" y2="{frame.down(ends[1]):.1f}"/>'
        )
        for beyond, edge, arrow in ((row.low < frame.low, frame.floor + 4, "▼"), (row.high > frame.high, TOP + 6, "▲")):
            if beyond:
                parts.append(f'<text class="ek-year" x="{x}" y="{edge}">{arrow}</text>')
        side = ' class="ek-out"' if row.position < 0 else ""
        parts.append(f'<circle{side} data-i="{at}" cx="{x}" cy="{frame.down(row.estimate):.1f}" r="3.5"/>')
    return parts


def _funnel(described: Described, height: int) -> list[str]:
    points = described.points
    noise, estimate = points["noise"].to_numpy(float), points["estimate"].to_numpy(float)
    frame = Frame.around((0, 1.04 * noise.max()), (min(estimate.min(), 0), max(estimate.max(), 0)), height)
    along = np.linspace(0, frame.last, 40)
    curved = described.up.endswith("%")  # a change in per cent was found on the log scale
    paths, names = [], []
    for kind, wide in (("ek-fitted", 1.0), ("ek-expected", FARTHER)):
        for sign in (-1, 1):
            values = 100 * np.expm1(sign * wide * along / 100) if curved else sign * wide * along
            inside = [(float(x), float(y)) for x, y in zip(along, values, strict=True) if frame.low <= y <= frame.high]
            paths.append(f'<path class="{kind}" d="{frame.path(inside)}"/>')
            if sign > 0 and inside:
                names.append(_name_of_bound(frame, *inside[-1], kind))
    parts = [*frame.grid(), _nought(frame), frame.stretched(paths), *names]
    low, high, step = _ticks(frame.last)
    parts += frame.names_below((at, name) for at, name in zip(low, short(low, step), strict=True) if at <= high)
    last = ""
    for at, row in enumerate(points.itertuples()):
        x, y = frame.across(row.noise), frame.down(row.estimate)
        if row.marked:
            last = f'<rect class="ek-marked" data-i="{at}" x="{x:.1f}%" y="{y - 5:.1f}" width="10" height="10"/>'
        else:
            parts.append(f'<circle class="ek-other" data-i="{at}" cx="{x:.1f}%" cy="{y:.1f}" r="3"/>')
    return [*parts, last]


def _name_of_bound(frame: Frame, at: float, value: float, line: str) -> str:
    """Of an upper bound, beside where it leaves the drawing."""
    share = {"ek-fitted": "95%", "ek-expected": "99.8%"}[line]
    return f'<text class="ek-before" x="{frame.across(at):.1f}%" y="{frame.down(value) + 14:.1f}">{share}</text>'


def _histogram(described: Described, height: int) -> list[str]:
    points, (mark,) = described.points, described.marks
    first, last = (float(points[end].agg(how)) for end, how in (("from", "min"), ("to", "max")))
    across = (min(first, mark.at, -1.1), max(last, mark.at, 1.1))
    frame = Frame.around(across, (0, float(points["count"].max())), height)
    whole = range(math.ceil(across[0]), math.floor(across[1]) + 1)
    parts = [*frame.grid(), *frame.names_below((at, f"{at}".replace("-", "−")) for at in whole)]
    for at, row in enumerate(points.to_dict("records")):
        x, wide = frame.across(row["from"]), frame.across(row["to"]) - frame.across(row["from"])
        y = frame.down(row["count"])
        parts.append(
            f'<rect class="ek-column" data-i="{at}" x="{x:.1f}%" width="{wide:.1f}%" y="{y:.1f}" height="{frame.floor - y:.1f}"/>'
        )
    parts += [frame.mark(edge) for edge in (-1, 1)]
    return [*parts, frame.mark(mark.at, html.escape(mark.label), "ek-strong")]


def _nought(frame: Frame) -> str:
    return f'<line class="ek-nought" x1="0" x2="100%" y1="{frame.down(0):.1f}" y2="{frame.down(0):.1f}"/>'


def _ticks(last: float) -> tuple[list[float], float, float]:
    """From nought, to the end, in steps that read easily."""
    power = 10.0 ** math.floor(math.log10(last / 4))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= last / 5)
    return [step * at for at in range(int(last / step) + 1)], last, step


def _from_start(positions: np.ndarray) -> list[tuple[float, str]]:
    """At most some ten round numbers of periods before and after the start."""
    reach = int(np.abs(positions).max())
    step = next(size for size in (1, 2, 3, 6, 12, 24, 52, 104, 1000) if np.ptp(positions) / size <= 9)
    marks = [*range(-(reach // step) * step, 0, step), *range(step, reach + 1, step)]
    return [(at, f"{at}".replace("-", "−")) for at in marks if positions.min() <= at <= positions.max()]


def _runs(marked: np.ndarray) -> list[tuple[int, int]]:
    """First and last of each run of what is marked."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(int), [0]])))
    return [(int(first), int(last) - 1) for first, last in zip(edges[::2], edges[1::2], strict=True)]

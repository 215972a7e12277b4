"""The figure of a control chart: described, drawn in the page, and as a picture.

Special points have a shape behind them: a circle where they improve, a diamond where they concern, a triangle where neither
direction is better. Lines begin anew at each rebasing.
"""

import html
import math
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from evalkit.charts import icons, words
from evalkit.charts.amounts import number
from evalkit.charts.chart import Chart
from evalkit.report.figures.described import CONTROL_CHART, NUMBERS, Described, Mark
from evalkit.report.figures.frame import Frame
from evalkit.report.figures.observed_series import years

NOTHING = 1e-9
LINES = ("judged", "centre", "lower", "upper", "target", "trajectory")
NATURE_WORDS = {"improvement": "improving", "concern": "concerning", "neutral": "special", "common": ""}
MARKERS = {
    "improvement": ("o", icons.IMPROVEMENT), "concern": ("D", icons.CONCERN),
    "neutral_high": ("^", icons.NEUTRAL), "neutral_low": ("v", icons.NEUTRAL),
}  # fmt: skip
# Behind a point at (0, 0), in pixels.
SHAPES = {
    "improvement": ("ek-improving", "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0Z"),
    "concern": ("ek-concerning", "M0-9L9 0L0 9L-9 0Z"),
    "neutral_high": ("ek-special", "M0-10L9 6H-9Z"),
    "neutral_low": ("ek-special", "M0 10L9-6H-9Z"),
}


def control_chart(
    chart: Chart, name: str, place: str = "", synthetic: bool = False, as_of: date | None = None
) -> Described:
    """What a chart shows.

    Parameters
    ----------
    name, place : the measure and the place in plain words; no place where there is one only
    as_of : date, optional
        A last point six months older than this is told in the past.
    """
    points = chart.points[[*LINES, "nature"]].reset_index(drop=True)
    points.insert(0, "name", chart.points["period"].astype(str).to_numpy())
    finding = words.last_point(chart, name, as_of).removesuffix(".")
    where = f"{place[:1].upper()}{place[1:]}. " if place else ""
    reported = chart.points[chart.points["value"].notna()]
    first, last = (words.in_words(reported["period"].iloc[end]) for end in (0, -1))
    alt = f"Control chart of {name}{f' at {place}' if place else ''}, {first} to {last}. {finding}."
    unit = chart.measure_unit or name
    made_anew = chart.phases[chart.phases["reason"] != ""]["first"]
    at = {period: position for position, period in enumerate(points["name"])}
    return Described(
        CONTROL_CHART, finding, alt, "", unit[:1].upper() + unit[1:], points[["name", *NUMBERS[CONTROL_CHART]]],
        _table(chart), f"The chart's numbers, in {unit}",
        tuple(Mark(at[str(period)] - 0.5, f"from {words.in_words(period)}") for period in made_anew),
        synthetic, f"{where}{words.assurance(chart, as_of)}".strip(),
    )  # fmt: skip


def _table(chart: Chart) -> pd.DataFrame:
    points = chart.points

    def told(column: str) -> list[str]:
        return ["" if math.isnan(value) else number(chart, value) for value in points[column]]

    table = pd.DataFrame({"Period": points["period"].astype(str), "Value": told("value")})
    if not points["judged"].equals(points["value"]):
        table["Season removed"] = told("judged")
    table["Centre"] = told("centre")
    if points["lower"].notna().any():
        table["Lower limit"], table["Upper limit"] = told("lower"), told("upper")
    for column in ("target", "trajectory"):
        if points[column].notna().any():
            table[column.title()] = told(column)
    table["Special cause"] = [_nature_in_words(nature) for nature in points["nature"]]
    return table


def _nature_in_words(nature: str) -> str:
    kind, _, side = nature.partition("_")
    if not kind:
        return "not reported"
    return f"{NATURE_WORDS[kind]}, {'higher' if side == 'high' else 'lower'}" if NATURE_WORDS[kind] else "none"


def _kind(nature: str) -> str:
    """Which shape a point has behind it; empty for common cause and what is missing."""
    kind = nature.split("_")[0]
    return nature if kind == "neutral" else kind if kind in SHAPES else ""


def in_page(described: Described, height: int) -> list[str]:
    """The parts of its drawing in a page."""
    points = described.points
    column = {name: points[name].to_numpy(float) for name in LINES}
    drawn = np.concatenate([values[np.isfinite(values)] for values in column.values()])
    low, high = float(drawn.min()), float(drawn.max())
    if high - low < NOTHING * max(abs(high), 1):  # what only rounding tells apart has no scale of its own
        low = high
    frame = Frame.around((0, max(len(points) - 1, 1)), (low, high), height)
    sides = _sides(described)

    def path(name: str, kind: str) -> str:
        parts = [
            frame.path([(at, column[name][at]) for at in part if math.isfinite(column[name][at])])
            for part in (sides if name in ("centre", "lower", "upper") else [range(len(points))])
        ]
        return f'<path class="{kind}" d="{"".join(parts)}"/>'

    joined = "".join(
        frame.path([(at, column["judged"][at]) for at in stretch])
        for side in sides
        for stretch in _stretches(column["judged"], side)
    )
    lines = [
        f'<path class="ek-joined" d="{joined}"/>',
        path("centre", "ek-fitted"), path("lower", "ek-expected"), path("upper", "ek-expected"),
        path("target", "ek-target"), path("trajectory", "ek-target"),
    ]  # fmt: skip
    parts = [*frame.grid(), frame.stretched(lines), *frame.names_below(years(points["name"].tolist()))]
    parts += [frame.mark(mark.at, html.escape(mark.label)) for mark in described.marks]
    for at, (value, nature) in enumerate(zip(column["judged"], points["nature"], strict=True)):
        known = math.isfinite(value)
        x, y = f"{frame.across(at):.1f}%", frame.down(value) if known else frame.floor
        if known and (kind := _kind(nature)):
            css, shape = SHAPES[kind]
            parts.append(f'<svg x="{x}" y="{y:.1f}" overflow="visible"><path class="{css}" d="{shape}"/></svg>')
        parts.append(f'<circle data-i="{at}" cx="{x}" cy="{y:.1f}" r="{3 if known else 0}"/>')
    return parts


def on_axes(described: Described, axes) -> None:
    """Its drawing as a picture."""
    # Pages are made without them: what draws pictures takes a second to load.
    from matplotlib.lines import Line2D

    from evalkit.report.figures.charts import EXPECTED, FITTED, INK, MUTED, PAPER

    points = described.points
    column = {name: points[name].to_numpy(float) for name in LINES}
    x = np.arange(len(points), dtype=float)
    for part in _sides(described):
        axes.plot(x[part], column["judged"][part], color=MUTED, linewidth=1)
        axes.plot(x[part], column["centre"][part], color=FITTED, linewidth=2)
        for limit in ("lower", "upper"):
            axes.plot(x[part], column[limit][part], color=EXPECTED, linewidth=1.8, dashes=(4, 2.4))
    for name in ("target", "trajectory"):
        axes.plot(x, column[name], color=INK, linewidth=1.6, linestyle=":")
    natures = points["nature"].map(_kind)
    for kind, (marker, color) in MARKERS.items():
        here = (natures == kind).to_numpy()
        axes.scatter(x[here], column["judged"][here], s=95, marker=marker, color=color, edgecolor=INK, zorder=3)
    axes.scatter(x, column["judged"], s=22, color=INK, zorder=4)
    handles = [
        Line2D([], [], color=FITTED, linewidth=2, label="Centre"),
        *([Line2D([], [], color=EXPECTED, linewidth=1.8, dashes=(4, 2.4), label="Limits")] if _any(column["upper"]) else []),
        *(Line2D([], [], color=INK, linewidth=1.6, linestyle=":", label=name.title()) for name in ("target", "trajectory") if _any(column[name])),
        *(
            Line2D([], [], linestyle="", marker=marker, markersize=9, color=color, markeredgecolor=INK, label=_label(kind))
            for kind, (marker, color) in MARKERS.items() if (natures == kind).any()
        ),
    ]  # fmt: skip
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=6, frameon=False, facecolor=PAPER, borderaxespad=0.2,
        columnspacing=1.2, handletextpad=0.5,
    )  # fmt: skip
    axes.margins(x=0.02, y=0.1)


def _label(kind: str) -> str:
    side = {"neutral_high": ", higher", "neutral_low": ", lower"}.get(kind, "")
    return f"{NATURE_WORDS[kind.split('_')[0]].capitalize()}{side}"


def _any(values: np.ndarray) -> bool:
    return bool(np.isfinite(values).any())


def _sides(described: Described) -> list[np.ndarray]:
    """The places of each phase."""
    at = np.arange(len(described.points))
    side = np.digitize(at, sorted(mark.at for mark in described.marks))
    return [at[side == number] for number in range(len(described.marks) + 1)]


def _stretches(values: np.ndarray, side: np.ndarray) -> list[Sequence[int]]:
    """The places of each stretch of a phase without a gap."""
    there = side[np.isfinite(values[side])]
    return [part.tolist() for part in np.split(there, np.flatnonzero(np.diff(there) > 1) + 1) if len(part)]

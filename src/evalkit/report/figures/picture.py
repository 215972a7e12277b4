"""A described figure as a picture to keep: 16 to 9, with what it found and its source in it.

The time series follows Turner et al. 2021 (Research Synthesis Methods 12:106): every point shown and not joined, fitted
lines solid, the counterfactual in another dash pattern, the interruption labelled, the transition shaded.
"""

from textwrap import fill

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from evalkit.report.figures import control_chart
from evalkit.report.figures import event_study as events
from evalkit.report.figures.charts import EXPECTED, FITTED, INK, MUTED, PAPER, SHADE, STYLE, banner
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
from evalkit.report.figures.line_names import line_names
from evalkit.report.figures.observed_series import short_period
from evalkit.report.wording import words
from evalkit.report.wording.captions import FARTHER

INCHES = (9.6, 5.4)
NAMES_APART = 0.11  # of the width
TITLE_WIDTH, SOURCE_WIDTH = 74, 140  # letters that one line has room for
HALO = [withStroke(linewidth=3, foreground=PAPER)]
EDGE = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}


def draw(described: Described) -> Figure:
    """The picture, which ``savefig`` writes in any format; nothing global changes."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=INCHES, facecolor=PAPER, layout="constrained")
        axes = figure.add_subplot()
        axes.set_facecolor(PAPER)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color=SHADE, linewidth=0.8)
        axes.set_axisbelow(True)
        DRAWERS[described.kind](described, axes)
        if described.across and described.kind not in (TIME_SERIES, POINTS):
            axes.set_xlabel(described.across)
        axes.set_ylabel(fill(described.up, 44))
        figure.suptitle(fill(described.title, TITLE_WIDTH), x=0.01, ha="left", fontsize=15, fontweight="bold")
        below = f"{described.answer} {described.source}".strip()
        if below:
            figure.supxlabel(fill(below, SOURCE_WIDTH), x=0.01, ha="left", fontsize=9.5, color=MUTED)
        if described.synthetic:
            banner(axes)
    return figure


def _time_series(described: Described, axes) -> None:
    points = described.points
    x = np.arange(len(points), dtype=float)
    column = {name: points[name].to_numpy(float) for name in ("observed", "fitted", "expected", "low", "high")}
    left_out = points["left_out"].to_numpy(bool)
    for position in x[left_out]:
        axes.axvspan(position - 0.5, position + 0.5, color=SHADE, linewidth=0)
    axes.fill_between(x, column["low"], column["high"], color=EXPECTED, alpha=0.13, linewidth=0)
    after = np.isfinite(column["expected"])
    turns = [mark.at for mark in described.marks if mark.label.startswith("ended")]
    if after.any():
        turns.append(int(np.argmax(after & ~left_out)) - 0.5)
    sides = np.digitize(x, sorted(turns))
    for side in range(len(turns) + 1):
        part = sides == side
        axes.plot(x[part], column["fitted"][part], color=FITTED, linewidth=2.4, solid_capstyle="round")
    axes.plot(x[after], column["expected"][after], color=EXPECTED, linewidth=2, dashes=(4, 2.4))
    axes.scatter(x[~left_out], column["observed"][~left_out], s=22, color=INK, zorder=3)
    axes.scatter(x[left_out], column["observed"][left_out], s=24, facecolor=PAPER, edgecolor=INK, zorder=3)
    named = line_names(points)
    for name in named:
        axes.annotate(
            name.tells, (name.at, name.clear_of), xytext=(0, 7 if name.above else -7), textcoords="offset points",
            ha="right", va="bottom" if name.above else "top", color={"expected": EXPECTED, "fitted": FITTED}[name.line],
            fontweight="bold", path_effects=HALO,
        )  # fmt: skip
    axes.margins(x=0.02, y=0.1 if named else None)
    _marks(described, axes, len(points))
    if described.up.startswith("%") and np.nanmax(column["observed"]) <= WHOLE:
        axes.set_yticks([tick for tick in axes.get_yticks() if axes.get_ylim()[0] <= tick <= WHOLE])
    _periods(axes, points["name"].tolist())
    _key_of_series(axes, bool(left_out.any()), bool(named))


def _points(described: Described, axes) -> None:
    """Each point with its whisker, at its place in time, named as far as there is room."""
    points = described.points
    at, seen, low, high = (points[name].to_numpy(float) for name in ("position", "observed", "low", "high"))
    left_out = points["left_out"].to_numpy(bool)
    bounded = np.isfinite(low) & np.isfinite(high)
    axes.vlines(at[bounded], low[bounded], high[bounded], color=MUTED, linewidth=1.8)
    axes.scatter(at[~left_out], seen[~left_out], s=34, color=INK, zorder=3)
    axes.scatter(at[left_out], seen[left_out], s=36, facecolor=PAPER, edgecolor=INK, zorder=3)
    ends = [*at, *(mark.at for mark in described.marks)]
    span = max(max(ends) - min(ends), 1.0)
    axes.set_xlim(min(ends) - span / 15, max(ends) + span / 15)
    named: list[int] = []
    for index in range(len(at)):
        if not named or at[index] - at[named[-1]] >= span * NAMES_APART:
            named.append(index)
    axes.set_xticks([at[index] for index in named], [short_period(points["name"].iloc[index]) for index in named])
    axes.margins(y=0.12)
    _marks(described, axes, int(span))
    handles = [Line2D([], [], marker="o", linestyle="", color=INK, markersize=6, label="Seen")]
    if left_out.any():
        handles.append(
            Line2D(
                [], [], marker="o", linestyle="", markerfacecolor=PAPER, markeredgecolor=INK, label="Holds the start"
            )
        )
    if bounded.any():
        handles.append(Line2D([], [], color=MUTED, linewidth=1.8, label="Its own 95% interval"))
    _legend(axes, handles)


def _control_chart(described: Described, axes) -> None:
    control_chart.on_axes(described, axes)
    _marks(described, axes, len(described.points))
    _periods(axes, described.points["name"].tolist())


def _event_study(described: Described, axes) -> None:
    gaps = described.points
    x, estimate = gaps["position"].to_numpy(float), gaps["estimate"].to_numpy(float)
    low, high = gaps["low"].to_numpy(float), gaps["high"].to_numpy(float)
    before = x < 0
    bottom, top = events.axis_limits(gaps)
    axes.set_ylim(bottom, top)
    axes.axhline(0, color=INK, linewidth=1)
    for side, color in ((before, MUTED), (~before, FITTED)):
        bounded = side & np.isfinite(low) & np.isfinite(high)
        axes.vlines(x[bounded], low[bounded], high[bounded], color=color, linewidth=1.4)
        for index in np.flatnonzero(side & ~bounded):
            ends = (
                low[index] if np.isfinite(low[index]) else bottom,
                high[index] if np.isfinite(high[index]) else top,
            )
            axes.vlines(x[index], *ends, color=color, linewidth=1.1, linestyle=":")
    below, above = events.cut_off(gaps)
    for cut, edge, marker in ((below, bottom, "v"), (above, top, "^")):
        for side, color in ((before, MUTED), (~before, FITTED)):
            at = x[cut & side]
            axes.plot(
                at, np.full(len(at), edge), linestyle="", marker=marker, markersize=7, color=color, clip_on=False,
                zorder=4,
            )  # fmt: skip
    axes.scatter(x[before], estimate[before], s=24, facecolor=PAPER, edgecolor=INK, linewidth=1.2, zorder=3)
    axes.scatter(x[~before], estimate[~before], s=24, marker="D", color=FITTED, zorder=3)
    for mark in described.marks:
        _mark(axes, mark.at, mark.label, right=True)
    axes.margins(x=0.02)


def _funnel(described: Described, axes) -> None:
    points = described.points
    noise, estimate, marked = (points[name].to_numpy() for name in ("noise", "estimate", "marked"))
    marked = marked.astype(bool)
    along = np.linspace(0, 1.04 * float(noise.max()), 60)
    curved = described.up.endswith("%")  # a change in per cent was found on the log scale
    for wide, style in ((1.0, {"color": FITTED}), (FARTHER, {"color": EXPECTED, "dashes": (4, 2.4)})):
        for sign in (-1, 1):
            axes.plot(along, 100 * np.expm1(sign * wide * along / 100) if curved else sign * wide * along, **style)
    axes.axhline(0, color=INK, linewidth=1)
    axes.scatter(noise[~marked], estimate[~marked], s=24, facecolor="none", edgecolor=MUTED, linewidth=1.2, zorder=3)
    axes.scatter(noise[marked], estimate[marked], s=70, marker="s", color=INK, zorder=4)
    handles = [
        Line2D([], [], marker="s", linestyle="", color=INK, markersize=8, label=str(points["name"][marked].iloc[0])),
        Line2D([], [], marker="o", linestyle="", markerfacecolor="none", markeredgecolor=MUTED, markersize=5,
               label=f"{(~marked).sum()} other places"),
    ]  # fmt: skip
    _legend(axes, handles)
    room = 0.06 * (np.ptp(estimate) or 1.0)
    axes.set_ylim(min(estimate.min(), 0) - room, max(estimate.max(), 0) + room)
    axes.set_xlim(0, along[-1])
    for wide, share in ((1.0, "95%"), (FARTHER, "99.8%")):
        bound = 100 * np.expm1(wide * along / 100) if curved else wide * along
        inside = np.flatnonzero(bound <= axes.get_ylim()[1])
        axes.annotate(
            share, (along[inside[-1]], bound[inside[-1]]), xytext=(-8, -4), textcoords="offset points", ha="right", va="top",
            path_effects=HALO,
        )  # fmt: skip


def _histogram(described: Described, axes) -> None:
    import seaborn

    points, (mark,) = described.points, described.marks
    low, high = points["from"].to_numpy(float), points["to"].to_numpy(float)
    seaborn.histplot(
        x=(low + high) / 2, weights=points["count"], bins=[*low, high[-1]], ax=axes, color=MUTED, edgecolor=PAPER,
        alpha=0.75,
    )  # fmt: skip
    axes.axvline(mark.at, color=FITTED, linewidth=2.6)
    axes.margins(y=0.16)
    for edge in (-1, 1):
        axes.axvline(edge, color=INK, linewidth=0.8, linestyle=":")
    right = mark.at <= (low.min() + high.max()) / 2
    axes.annotate(
        fill(mark.label, 24), (mark.at, 1), xycoords=("data", "axes fraction"), xytext=(4 if right else -4, -2),
        textcoords="offset points", va="top", ha="left" if right else "right", color=FITTED, fontweight="bold",
    )  # fmt: skip
    axes.yaxis.get_major_locator().set_params(integer=True)


def _marks(described: Described, axes, count: int) -> None:
    """Each with its label above the data, in as many rows as keep labels apart; of many only the first and last are told."""
    marks = described.marks
    labelled = marks if len(marks) <= words.NAMED_STARTS else (marks[0], marks[-1])
    ends: list[float] = []  # where the last label of each row ends, in periods
    rows = {}
    for mark in labelled:
        width = len(mark.label) * 0.012 * count
        right = mark.at < count * 0.65
        left = mark.at if right else mark.at - width
        row = next((index for index, end in enumerate(ends) if end <= left), len(ends))
        ends[row : row + 1] = [left + width]
        rows[mark] = (row, right)
    bottom, top = axes.get_ylim()
    axes.set_ylim(bottom, top + 0.08 * len(ends) * (top - bottom))
    for mark in marks:
        row, right = rows.get(mark, (0, True))
        _mark(axes, mark.at, mark.label if mark in rows else "", right, row)


def _mark(axes, at: float, label: str, right: bool, row: int = 0) -> None:
    axes.axvline(at, color=INK, linewidth=1, linestyle=":")
    if label:
        axes.annotate(
            label, (at, 1), xycoords=("data", "axes fraction"), xytext=(4 if right else -4, -1 - 18 * row),
            textcoords="offset points", va="top", ha="left" if right else "right", bbox=EDGE,
        )  # fmt: skip


def _periods(axes, names: list[str]) -> None:
    """A tick on every January (or first period), labelled with its year; at most ten labels. Weeks by month."""
    import pandas as pd

    if all("/" in name for name in names):
        months = [name[:7] for name in names]
        starts = [index for index, month in enumerate(months) if month not in months[:index]]
        step = max(1, -(-len(starts) // 10))
        axes.set_xticks(starts[::step], [pd.Period(months[index], "M").strftime("%b %Y") for index in starts[::step]])
    else:
        starts = [index for index, name in enumerate(names) if name.endswith("-01")] or [0]
        if all(len(name) == 4 for name in names):
            starts = list(range(len(names)))
        step = max(1, -(-len(starts) // 10))
        axes.set_xticks(starts[::step], [names[index][:4] for index in starts[::step]])
    axes.tick_params(length=4)


def _key_of_series(axes, left_out: bool, named: bool) -> None:
    """What points are, and lines where they have no name of their own."""
    handles = [
        Line2D([], [], marker="o", linestyle="", color=INK, markersize=5, label="Seen"),
        Line2D(
            [], [], marker="o", linestyle="", markerfacecolor=PAPER, markeredgecolor=INK, markersize=5, label="Left out"
        ),
        Line2D([], [], color=FITTED, linewidth=2.4, label="Fitted"),
        Line2D([], [], color=EXPECTED, linewidth=2, dashes=(4, 2.4), label="Expected without it"),
    ]
    if named:
        del handles[2:]
    if not left_out:
        del handles[1]
    _legend(axes, handles)


def _legend(axes, handles: list[Line2D]) -> None:
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False, borderaxespad=0.2, columnspacing=1.2,
        handletextpad=0.5,
    )  # fmt: skip


DRAWERS = {
    TIME_SERIES: _time_series,
    POINTS: _points,
    EVENT_STUDY: _event_study,
    FUNNEL: _funnel,
    HISTOGRAM: _histogram,
    CONTROL_CHART: _control_chart,
}

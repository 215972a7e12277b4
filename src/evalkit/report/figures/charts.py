"""Figures of an Effect, drawn without pyplot so that nothing global changes.

The time series figure follows Turner et al. 2021 (Research Synthesis Methods 12:106): every point shown and not
joined, fitted lines solid, the counterfactual in another dash pattern, the interruption labelled, the transition shaded.
"""

import io
from textwrap import fill
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from evalkit.design_register import design_called
from evalkit.effect import Effect
from evalkit.report import typefaces
from evalkit.report.figures import event_study as events
from evalkit.report.wording import captions, words

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType  # since 3.11

INK, MUTED, PAPER = "#1d2a35", "#5b6873", "#ffffff"
FITTED, EXPECTED, SHADE = "#0b4f8a", "#9c4a00", "#e4e7ea"
INCHES = (6.4, 4.5)
STYLE: "dict[RcKeyType, Any]" = {
    "font.family": typefaces.FAMILY,
    "font.size": 12.5,
    "svg.hashsalt": "evalkit",
    "svg.fonttype": "path",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a name or a unit is a dollar sign
    "xtick.color": MUTED,
    "ytick.color": MUTED,
}
SYNTHETIC = "Synthetic data"


def time_series(effect: Effect, name: str, synthetic: bool = False) -> Figure:
    """Observed points, fitted line and what was expected.

    Parameters
    ----------
    name : str
        The measure in plain words; the finding is made from the effect.
    synthetic : bool
        Print a banner in the figure itself.
    """
    series = effect.series
    x = np.arange(len(series), dtype=float)
    column = {label: pd.to_numeric(series[label]).to_numpy(float) for label in series.columns[1:6]}
    left_out = series["in_transition"].to_numpy(bool)
    with matplotlib.rc_context(STYLE):
        figure, axes = _blank()
        _shade(axes, x, left_out)
        band = np.where(np.isfinite(column["counterfactual"]), 1.0, np.nan)
        axes.fill_between(
            x, column["counterfactual_low"] * band, column["counterfactual_high"] * band,
            color=EXPECTED, alpha=0.13, linewidth=0,
        )  # fmt: skip
        after = np.isfinite(column["counterfactual"])
        begins = int(np.argmax(after & ~left_out)) if after.any() else len(x)
        ends = _nearest(series["period"].tolist(), effect.end) + 1 if effect.end else len(x)
        for part in (x < begins, (x >= begins) & (x < ends), x >= ends):
            axes.plot(x[part], column["fitted"][part], color=FITTED, linewidth=2.4, solid_capstyle="round")
        axes.plot(x[after], column["counterfactual"][after], color=EXPECTED, linewidth=2, dashes=(4, 2.4))
        axes.scatter(x[~left_out], column["observed"][~left_out], s=20, color=INK, zorder=3)
        axes.scatter(x[left_out], column["observed"][left_out], s=22, facecolor=PAPER, edgecolor=INK, zorder=3)
        _label_interruptions(axes, effect, series["period"].tolist())
        _ticks(axes, series["period"].tolist())
        unit = words.sentence_case(effect.measure_unit)
        unit += f", mean of {len(effect.treated_units)} places" if words.is_mean(effect) else ""
        axes.set_ylabel(fill(unit, 36))
        axes.margins(x=0.02)
        _finish(figure, axes, words.figure_title(effect, name), synthetic)
        _legend(figure, bool(left_out.any()))
    return figure


def event_study(effect: Effect, name: str, synthetic: bool = False) -> Figure:
    """The gap to comparators in each period from the start, with its interval; hollow before the start, filled after."""
    gaps = events.rows(effect)
    x, estimate = gaps["position"].to_numpy(float), gaps["estimate"].to_numpy(float)
    low, high = gaps["low"].to_numpy(float), gaps["high"].to_numpy(float)
    before = x < 0
    with matplotlib.rc_context({**STYLE, "font.size": 14}):  # many small marks: large letters, for a phone
        figure, axes = _blank()
        bottom, top = events.axis_limits(gaps)
        axes.set_ylim(bottom, top)
        axes.axhline(0, color=INK, linewidth=1)
        axes.axvline(0, color=INK, linewidth=1, linestyle=":")
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
                    at,
                    np.full(len(at), edge),
                    linestyle="",
                    marker=marker,
                    markersize=7,
                    color=color,
                    clip_on=False,
                    zorder=4,
                )
        axes.scatter(x[before], estimate[before], s=24, facecolor=PAPER, edgecolor=INK, linewidth=1.2, zorder=3)
        axes.scatter(x[~before], estimate[~before], s=24, marker="D", color=FITTED, zorder=3)
        period = words.period_noun(effect)
        _ticks_from_start(axes, x, period)
        axes.annotate(
            "start", (0, 1), xycoords=("data", "axes fraction"), xytext=(4, -2), textcoords="offset points", va="top",
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip
        axes.set_xlabel(f"{words.sentence_case(period)}s before and after the start")
        axes.set_ylabel(fill(events.axis_label(effect), 36))
        axes.margins(x=0.02)
        _finish(figure, axes, events.title(effect, name), synthetic)
    return figure


def _ticks_from_start(axes, x: np.ndarray, period: str) -> None:
    """Ticks at the ends of whole years where periods are months or quarters; signs as words of the axis label."""
    step = {"month": 6, "quarter": 4, "week": 13, "day": 28}.get(period, 2)
    while np.ptp(x) / step > 10:
        step *= 2
    reach = int(np.max(np.abs(x)))
    marks = list(range(step, reach + 1, step))
    marks = [*(-mark for mark in reversed(marks)), 1, *marks]
    marks = [mark for mark in dict.fromkeys(marks) if x.min() <= mark <= x.max()]
    axes.set_xticks(marks, [f"−{-mark}" if mark < 0 else str(mark) for mark in marks])
    axes.tick_params(length=4)


def placebo(effect: Effect, place: str, synthetic: bool = False) -> Figure:
    """Where the treated unit's change, for its own noise, lies among those of its comparators."""
    import seaborn

    table = effect.tables["placebo"]
    treated = table["treated"].to_numpy(bool)
    values = table["studentised"].to_numpy(float)
    true_change = values[treated][0]
    right = true_change <= (np.nanmin(values) + np.nanmax(values)) / 2
    label = "Those that changed" if words.is_mean(effect) else place
    with matplotlib.rc_context(STYLE):
        figure, axes = _blank()
        seaborn.histplot(x=values[~treated], ax=axes, color=MUTED, edgecolor=PAPER, alpha=0.75, bins="fd")
        axes.axvline(true_change, color=FITTED, linewidth=2.4)
        axes.margins(y=0.16)
        for edge in (-1, 1):
            axes.axvline(edge, color=INK, linewidth=0.8, linestyle=":")
        axes.annotate(
            fill(label, 24), (true_change, 1), xycoords=("data", "axes fraction"), xytext=(4 if right else -4, -2),
            textcoords="offset points", va="top", ha="left" if right else "right", color=FITTED, fontweight="bold",
        )  # fmt: skip
        axes.set_xlabel("Change found, in half-widths of its own 95% interval")
        axes.set_ylabel(captions.placebo_kind(effect))
        axes.yaxis.get_major_locator().set_params(integer=True)
        _finish(figure, axes, captions.placebo_title(effect), synthetic)
    return figure


def coverage(table: pd.DataFrame, length: int) -> Figure:
    """Coverage by correlation at one length, a line and marker a method, labelled at its end."""
    here = table[table["length"] == length]
    with matplotlib.rc_context(STYLE):
        figure, axes = _blank()
        axes.axhline(95, color=INK, linewidth=1, linestyle=":")
        for (name, of_method), marker in zip(here.groupby("method", sort=False), "osD^v", strict=False):
            ours = name == here["method"].iloc[0]
            color = FITTED if ours else MUTED
            axes.plot(
                of_method["correlation"],
                100 * of_method["coverage"],
                color=color,
                marker=marker,
                linewidth=2.6 if ours else 1.2,
                label=name,
            )
        axes.set_xlabel("How alike neighbouring months are (correlation)")
        axes.set_ylabel("Intervals that hold the truth, %")
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
        _finish(figure, axes, f"With {length} months: of 95% intervals, how many hold the true change", False)
    return figure


def as_png(figure: Figure) -> bytes:
    """PNG at twice screen resolution, without a date."""
    FigureCanvasAgg(figure)
    out = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(out, format="png", dpi=150, metadata={"Software": None})
    return out.getvalue()


def as_svg(figure: Figure) -> str:
    """SVG with letters as outlines, without a date, the same bytes for the same figure.

    The title is taken from the drawing and kept as the title of the file: a page has it above, in words that wrap.
    """
    drawn = [figure.get_suptitle(), *(axes.get_title(loc="left") for axes in figure.axes)]
    title = " ".join(" ".join(drawn).split())
    if figure.get_suptitle():
        figure.suptitle("")
    for axes in figure.axes:
        axes.set_title("", loc="left")
    out = io.StringIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
    return out.getvalue()


def _blank():
    figure = Figure(figsize=INCHES, facecolor=PAPER, layout="constrained")
    axes = figure.add_subplot()
    axes.set_facecolor(PAPER)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=SHADE, linewidth=0.8)
    axes.set_axisbelow(True)
    return figure, axes


def _shade(axes, x: np.ndarray, left_out: np.ndarray) -> None:
    for position in x[left_out]:
        axes.axvspan(position - 0.5, position + 0.5, color=SHADE, linewidth=0)


def _label_interruptions(axes, effect: Effect, periods: list[str]) -> None:
    if len(effect.interruptions) > 1 and design_called(effect.design).figure == "alongside":
        _label_starts(axes, effect.interruptions, periods)
        return
    marks = [(label, words.month_name(label[:7]), 0) for label in effect.interruptions]
    if effect.end:
        marks.append((effect.end, f"ended {words.month_name(effect.end[:7])}", 1))
    for label, text, below in marks:
        nearest = _nearest(periods, label)
        if nearest < 0:
            continue
        position = nearest - 0.5 + below
        axes.axvline(position, color=INK, linewidth=1, linestyle=":")
        right = position < len(periods) * 0.65
        axes.annotate(
            text, (position, 1), xycoords=("data", "axes fraction"),
            xytext=(4 if right else -4, -1 - 18 * below), textcoords="offset points", va="top",
            ha="left" if right else "right", bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip


def _nearest(periods: list[str], label: str) -> int:
    """The last period that begins no later than ``label``; -1 where none does."""
    firsts = [str(period).split("/")[0] for period in periods]
    return max((index for index, first in enumerate(firsts) if first <= label[: len(first)]), default=-1)


def _label_starts(axes, starts: tuple[str, ...], periods: list[str]) -> None:
    """Several starts, each a dotted line with its label above the data, in as many rows as keep labels apart.

    With many starts only the first and the last are told.
    """
    places: dict[int, str] = {}
    begins = [str(period).split("/")[0] for period in periods]
    for label in starts:
        earlier = [index for index, first in enumerate(begins) if first <= label[: len(first)]]
        if earlier:
            places[earlier[-1]] = label
    if not places:
        return
    labelled = sorted(places) if len(places) <= words.NAMED_STARTS else [min(places), max(places)]
    ends: list[float] = []  # where the last label of each row ends, in periods
    rows = {}
    for position in labelled:
        text = _start_name(places[position])
        width = len(text) * 0.0175 * len(periods)
        right = position < len(periods) * 0.65
        left = position if right else position - width
        row = next((index for index, end in enumerate(ends) if end <= left), len(ends))
        ends[row : row + 1] = [left + width]
        rows[position] = (text, row, right)
    bottom, top = axes.get_ylim()
    axes.set_ylim(bottom, top + 0.1 * len(ends) * (top - bottom))
    for position in places:
        axes.axvline(position - 0.5, color=INK, linewidth=1, linestyle=":")
    for position, (text, row, right) in rows.items():
        axes.annotate(
            text, (position - 0.5, 1), xycoords=("data", "axes fraction"),
            xytext=(4 if right else -4, -1 - 18 * row), textcoords="offset points", va="top",
            ha="left" if right else "right", bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip


def _start_name(label: str) -> str:
    """``Apr 2018``: short, where several stand side by side."""
    name = words.month_name(label[:7])
    month, _, year = name.partition(" ")
    return f"{month[:3]} {year}" if year else name


def _ticks(axes, periods: list[str]) -> None:
    """A tick on every January (or first period), labelled with its year; at most eight labels. Weeks by month."""
    if all("/" in str(period) for period in periods):
        months = [str(period)[:7] for period in periods]
        starts = [index for index, month in enumerate(months) if month not in months[:index]]
        step = max(1, -(-len(starts) // 8))
        axes.set_xticks(starts[::step], [pd.Period(months[index], "M").strftime("%b %Y") for index in starts[::step]])
        axes.tick_params(length=4)
        return
    starts = [index for index, period in enumerate(periods) if str(period).endswith("-01")] or [0]
    if all(len(str(period)) == 4 for period in periods):
        starts = list(range(0, len(periods), max(1, len(periods) // 7)))
    step = max(1, -(-len(starts) // 8))
    axes.set_xticks(starts[::step], [str(periods[index])[:4] for index in starts[::step]])
    axes.tick_params(length=4)


def _legend(figure: Figure, left_out: bool) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], marker="o", linestyle="", color=INK, markersize=5, label="Seen"),
        Line2D(
            [], [], marker="o", linestyle="", markerfacecolor=PAPER, markeredgecolor=INK, markersize=5, label="Left out"
        ),
        Line2D([], [], color=FITTED, linewidth=2.4, label="Fitted"),
        Line2D([], [], color=EXPECTED, linewidth=2, dashes=(4, 2.4), label="Expected without it"),
    ]
    if not left_out:
        del handles[1]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=4, frameon=False, columnspacing=1.2, handletextpad=0.5
    )


def _finish(figure: Figure, axes, title: str, synthetic: bool) -> None:
    axes.set_title(fill(title, 52), loc="left", fontsize=14, fontweight="bold", pad=10)
    if synthetic:
        banner(axes)


def banner(axes) -> None:
    """Say in the figure itself that its data are invented."""
    axes.text(
        0.5, 0.5, SYNTHETIC, transform=axes.transAxes, ha="center", va="center", fontsize=30,
        color=MUTED, alpha=0.35, rotation=20,
    )  # fmt: skip

"""Figures of an Effect, drawn without pyplot so that nothing global changes.

The time series figure follows Turner et al. 2021 (Research Synthesis Methods 12:106): every point shown and not
joined, fitted lines solid, the counterfactual in another dash pattern, the interruption labelled, the transition shaded.
"""

import io
from textwrap import fill

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from evalkit.effect import Effect
from evalkit.report import words

INK, MUTED, PAPER = "#1d2a35", "#5b6873", "#ffffff"
FITTED, EXPECTED, SHADE = "#0b4f8a", "#9c4a00", "#e4e7ea"
SIZE = (6.4, 4.5)
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 11.5,
    "svg.hashsalt": "evalkit",
    "svg.fonttype": "path",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "text.color": INK,
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
    column = {one: pd.to_numeric(series[one]).to_numpy(float) for one in series.columns[1:6]}
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
        for part in (x < begins, x >= begins):
            axes.plot(x[part], column["fitted"][part], color=FITTED, linewidth=2.4, solid_capstyle="round")
        axes.plot(x[after], column["counterfactual"][after], color=EXPECTED, linewidth=2, dashes=(4, 2.4))
        axes.scatter(x[~left_out], column["observed"][~left_out], s=20, color=INK, zorder=3)
        axes.scatter(x[left_out], column["observed"][left_out], s=22, facecolor=PAPER, edgecolor=INK, zorder=3)
        _label_interruptions(axes, effect, series["period"].tolist())
        _ticks(axes, series["period"].tolist())
        axes.set_ylabel(words.sentence_case(effect.measure_unit))
        axes.margins(x=0.02)
        _finish(figure, axes, words.figure_title(effect, name), synthetic)
        _legend(figure)
    return figure


def placebo(effect: Effect, place: str, synthetic: bool = False) -> Figure:
    """Where the treated unit's change, for its own noise, lies among those of its comparators."""
    import seaborn

    table = effect.tables["placebo"]
    treated = table["treated"].to_numpy(bool)
    values = table["studentised"].to_numpy(float)
    with matplotlib.rc_context(STYLE):
        figure, axes = _blank()
        seaborn.histplot(x=values[~treated], ax=axes, color=MUTED, edgecolor=PAPER, alpha=0.75, bins="fd")
        axes.axvline(values[treated][0], color=FITTED, linewidth=2.4)
        for edge in (-1, 1):
            axes.axvline(edge, color=INK, linewidth=0.8, linestyle=":")
        axes.annotate(
            place, (values[treated][0], 1), xycoords=("data", "axes fraction"), xytext=(4, -2),
            textcoords="offset points", va="top", color=FITTED, fontweight="bold",
        )  # fmt: skip
        axes.set_xlabel("Change found, in half-widths of its own 95% interval")
        axes.set_ylabel("Comparators")
        axes.yaxis.get_major_locator().set_params(integer=True)
        _finish(figure, axes, "The same analysis at places where nothing is known to have changed", synthetic)
    return figure


def coverage(table: pd.DataFrame, length: int) -> Figure:
    """Coverage by correlation at one length, a line and marker a method, labelled at its end."""
    here = table[table["length"] == length]
    with matplotlib.rc_context(STYLE):
        figure, axes = _blank()
        axes.axhline(95, color=INK, linewidth=1, linestyle=":")
        for (name, one), marker in zip(here.groupby("method", sort=False), "osD^v", strict=False):
            ours = name == here["method"].iloc[0]
            color = FITTED if ours else MUTED
            axes.plot(
                one["correlation"],
                100 * one["coverage"],
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
    """SVG with letters as outlines, without a date, the same bytes for the same figure."""
    out = io.StringIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def _blank():
    figure = Figure(figsize=SIZE, facecolor=PAPER, layout="constrained")
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
    for label in effect.interruptions:
        nearest = [index for index, period in enumerate(periods) if str(period) <= label[: len(str(period))]]
        if not nearest:
            continue
        position = nearest[-1] - 0.5
        axes.axvline(position, color=INK, linewidth=1, linestyle=":")
        right = position < len(periods) * 0.65
        axes.annotate(
            words.month_name(label[:7]), (position, 1), xycoords=("data", "axes fraction"),
            xytext=(4 if right else -4, -1), textcoords="offset points", va="top", ha="left" if right else "right",
        )  # fmt: skip


def _ticks(axes, periods: list[str]) -> None:
    """A tick on every January (or first period), labelled with its year; at most eight labels."""
    starts = [index for index, period in enumerate(periods) if str(period).endswith("-01")] or [0]
    if all(len(str(period)) == 4 for period in periods):
        starts = list(range(0, len(periods), max(1, len(periods) // 7)))
    step = max(1, -(-len(starts) // 8))
    axes.set_xticks(starts[::step], [str(periods[index])[:4] for index in starts[::step]])
    axes.tick_params(length=4)


def _legend(figure: Figure) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], marker="o", linestyle="", color=INK, markersize=5, label="Seen"),
        Line2D(
            [], [], marker="o", linestyle="", markerfacecolor=PAPER, markeredgecolor=INK, markersize=5, label="Left out"
        ),
        Line2D([], [], color=FITTED, linewidth=2.4, label="Fitted"),
        Line2D([], [], color=EXPECTED, linewidth=2, dashes=(4, 2.4), label="Expected without it"),
    ]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=4, frameon=False, columnspacing=1.2, handletextpad=0.5
    )


def _finish(figure: Figure, axes, title: str, synthetic: bool) -> None:
    axes.set_title(fill(title, 54), loc="left", fontsize=12.5, fontweight="bold", pad=10)
    if synthetic:
        banner(axes)


def banner(axes) -> None:
    """Say in the figure itself that its data are invented."""
    axes.text(
        0.5, 0.5, SYNTHETIC, transform=axes.transAxes, ha="center", va="center", fontsize=30,
        color=MUTED, alpha=0.35, rotation=20,
    )  # fmt: skip

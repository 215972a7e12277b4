"""The look of every picture, drawn without pyplot so that nothing global changes, and the pictures as files."""

import io
from textwrap import fill
from typing import TYPE_CHECKING, Any

import matplotlib
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from evalkit.report import typefaces

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


def as_svg(figure: Figure, titled: bool = False) -> str:
    """SVG with letters as outlines, without a date, the same bytes for the same figure.

    Unless it is to stay ``titled``, its title is taken from the drawing: a page has it above, in words that wrap. It is the
    title of the file in any case.
    """
    drawn = [figure.get_suptitle(), *(axes.get_title(loc="left") for axes in figure.axes)]
    title = " ".join(" ".join(drawn).split())
    if not titled:
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

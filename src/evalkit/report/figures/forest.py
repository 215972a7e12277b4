"""The figure of a pooled effect: every site, their mean, and what a new site would see."""

from collections.abc import Mapping
from textwrap import fill

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from evalkit.effect import Effect
from evalkit.report.figures.charts import FITTED, INCHES, INK, MUTED, PAPER, SHADE, STYLE, banner
from evalkit.report.wording import words

# Heights in inches: of a row with one line, of a further line in a label, and of all around the rows.
ROW, LINE, AROUND = 0.4, 0.16, 1.7
AXIS = {
    "percent": "Change, per cent",
    "points": "Change, percentage points",
    "unit": "Change",
    "log": "Change on the log scale",
    "log_odds": "Change, log odds",
}
LABEL_WIDTH, SOURCE_WIDTH = 24, 140  # letters in a line


def forest(
    effect: Effect, name: str, names: Mapping[str, str] | None = None, synthetic: bool = False, source: str = ""
) -> Figure:
    """Sites in alphabetical order, then a diamond for their mean and a thin line for the prediction interval.

    A square's area is the site's weight.

    Parameters
    ----------
    name : str
        The measure in plain words.
    names : mapping of site label to plain name, optional
    synthetic : bool
        Print a banner in the figure itself.
    source : str
        Where the data are from, and their licence.
    """
    sites = words.site_rows(effect, names)
    scale = effect.headline["scale"]
    pooled, new = (words.pooled_row(effect, term) for term in ("pooled", "prediction interval"))
    weights = effect.tables["weights"].set_index("unit")["weight"].to_numpy(float).clip(min=0)
    largest = weights.max() or 1.0
    by_label = dict(zip(effect.tables["weights"]["unit"], weights / largest, strict=True))
    rows = np.arange(len(sites))
    labels = [fill(place, LABEL_WIDTH) for _, place, _ in sites]
    height = ROW + LINE * max(label.count("\n") for label in labels)
    mean_at, new_at = len(sites) + 0.3, len(sites) + 1.3
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(INCHES[0], AROUND + height * (len(sites) + 2)), facecolor=PAPER, layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.grid(axis="x", color=SHADE, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.axvline(0, color=INK, linewidth=1, linestyle=":")
        for position, (label, _, row) in zip(rows, sites, strict=True):
            axes.plot([row["low"], row["high"]], [position] * 2, color=INK, linewidth=1.6)
            axes.scatter(row["estimate"], position, marker="s", s=18 + 75 * by_label[label], color=INK, zorder=3)
        axes.axhline(len(sites) - 0.35, color=MUTED, linewidth=0.8)
        corners = [(pooled["low"], 0), (pooled["estimate"], -0.3), (pooled["high"], 0), (pooled["estimate"], 0.3)]
        axes.add_patch(Polygon([(x, mean_at + y) for x, y in corners], facecolor=FITTED, edgecolor=FITTED, zorder=3))
        axes.plot([new["low"], new["high"]], [new_at] * 2, color=FITTED, linewidth=1.1, marker="|", markersize=9)
        axes.autoscale_view()
        axes.set_ylim(new_at + 0.7, -0.7)
        axes.set_yticks([*rows, mean_at, new_at], [*labels, "All sites together", "At a new site"], color=INK)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel(AXIS[scale])
        # Over the whole width: beside the names of the sites it would not fit.
        title = fill(words.pooled_title(effect, name), 54)
        figure.suptitle(title, x=0.01, ha="left", fontsize=14, fontweight="bold")
        if source:
            figure.supxlabel(fill(source, SOURCE_WIDTH), x=0.01, ha="left", fontsize=9.5, color=MUTED)
        if synthetic:
            banner(axes)
    return figure

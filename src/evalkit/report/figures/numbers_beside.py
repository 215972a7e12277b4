"""The numbers that a figure draws, as a table beside it."""

import numpy as np
import pandas as pd

from evalkit.design_register import design_called
from evalkit.effect import Effect
from evalkit.report import tables
from evalkit.report.figures import event_study
from evalkit.report.wording import captions, words


def placebo(effect: Effect) -> str:
    """The histogram of placebos as a table: how many lie between which changes."""
    table = effect.tables["placebo"]
    treated = table["treated"].to_numpy(bool)
    values = table["studentised"].to_numpy(float)
    placebos = values[~treated & np.isfinite(values)]
    counts, edges = np.histogram(placebos, bins="fd")
    rows = [
        (f"{_signed(low)} to {_signed(high)}", str(count))
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    ]
    rows.append(
        ("Those that changed" if words.is_mean(effect) else "The place that changed", _signed(values[treated][0]))
    )
    kind = captions.placebo_kind(effect)
    frame = pd.DataFrame(rows, columns=["Change, in half-widths of its own interval", kind])
    return tables.as_html(frame, f"{kind} by the change found there; the last row is the change itself")


def figure_table(effect: Effect, part: str) -> str:
    """The table of one part of a notebook that draws a figure; empty where it has none.

    Parameters
    ----------
    part : ``figure``, ``event study`` or ``placebo``, as ``evalkit.show`` calls them
    """
    if part == "figure" and design_called(effect.design).figure == "forest":
        return tables.as_html(tables.estimates(effect), "The figure's numbers")
    if part == "figure" and len(effect.series):
        return tables.as_html(tables.series(effect), f"The figure's numbers, in {effect.measure_unit}")
    if part == "event study" and not event_study.rows(effect).empty:
        period = words.period_noun(effect)
        return tables.as_html(event_study.table(effect), f"The gap in numbers, {period} by {period}")
    if part == "placebo" and len(effect.tables.get("placebo", ())) > 1:
        return placebo(effect)
    return ""


def folded(table: str) -> str:
    """A table that opens on request; empty stays empty."""
    return f"<details><summary>The figure's numbers</summary>\n{table}\n</details>" if table else ""


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")

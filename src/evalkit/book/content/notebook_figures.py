"""Figures in executed notebooks: drawn in the page as in all others, with words of their own and their numbers."""

import re
from collections.abc import Mapping
from dataclasses import replace

from nbformat import NotebookNode

from evalkit.book.content.page_figures import page_figure_of
from evalkit.design_register import design_called
from evalkit.effect import Effect
from evalkit.project import FIGURE_MIME
from evalkit.report.figures import describe

SHOWN = re.compile(r"""\bshow\(\s*\w+\s*,\s*["'](figure|event study|placebo)["']\s*\)""")
SCRIPT = '<script defer src="../../../../_static/figure.js"></script>'


def with_figures_in_words(
    notebook: NotebookNode, title: str, effect: Effect, name: str, place: str, names: Mapping[str, str]
) -> None:
    """Let every picture's alt text name its analysis, and draw each in the page with a table of what it shows.

    The picture stays for those who take the notebook away. What a notebook itself brings as such a figure is left out.
    The page of the evaluation shows some of the same figures: who reads by ear should not meet one text twice.

    Parameters
    ----------
    name, place, names : the measure, the place, and places by their labels, in plain words
    """
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            output.get("data", {}).pop(FIGURE_MIME, None)
        pictures = [output for output in cell.outputs if "image/png" in output.get("metadata", {})]
        for output in pictures:
            about = output.metadata["image/png"]
            if about.get("alt"):
                about["alt"] = f"{title}. {about['alt']}"
                cell.metadata["mystnb"] = {"image": {"alt": about["alt"]}}
        match = SHOWN.search(cell.source)
        if pictures and match:
            drawn = _drawn(effect, match[1], title, name, place, names)
            if drawn:
                pictures[0].data[FIGURE_MIME] = drawn


def _drawn(effect: Effect, part: str, title: str, name: str, place: str, names: Mapping[str, str]) -> str:
    if part == "figure" and design_called(effect.design).figure == "forest":
        return ""
    described = describe.of_part(effect, part, name, place, names)
    if described is None:
        return ""
    figure = page_figure_of(replace(described, alt=f"{title}. {described.alt}"), part.replace(" ", "-"))
    return f"{figure.whole()}{folded(figure.table)}{SCRIPT}"


def folded(table: str) -> str:
    """A table that opens on request."""
    return f"<details><summary>The figure’s numbers</summary>\n{table}\n</details>"

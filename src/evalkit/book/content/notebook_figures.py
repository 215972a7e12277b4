"""Figures in executed notebooks: drawn in the page as in all others, with words of their own and their numbers."""

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup
from nbformat import NotebookNode

from evalkit.book.content.page_figures import PageFigure, page_figure_of
from evalkit.catalogue.records.evaluations import Analysis
from evalkit.design_register import design_called
from evalkit.effect import Effect
from evalkit.project import FIGURE_MIME
from evalkit.report.figures import describe
from evalkit.report.figures.described import Described

SHOWN = re.compile(r"""\bshow\(\s*\w+\s*,\s*["'](figure|event study|placebo)["']\s*\)""")
FILES = {
    "figure": "",
    "event study": "-event-study",
    "placebo": "-comparators",
}  # what a part's files are called, after the analysis
SCRIPT = '<script defer src="../../../../_static/figure.js"></script>'


@dataclass(frozen=True)
class NotebookFigure:
    """A figure of a notebook, and its picture as PNG."""

    figure: PageFigure
    picture: bytes


def with_figures_in_words(
    notebook: NotebookNode,
    folder: str,
    analysis: Analysis,
    effect: Effect,
    name: str,
    place: str,
    names: Mapping[str, str],
) -> list[NotebookFigure]:
    """Let every picture's alt text name its analysis, and draw each in the page with a table of what it shows.

    The picture stays for those who take the notebook away. What a notebook itself brings as such a figure is left out.
    The page of the evaluation shows some of the same figures: who reads by ear should not meet one text twice.

    Parameters
    ----------
    folder : where their files are to be had, as a page names it
    name, place, names : the measure, the place, and places by their labels, in plain words
    """
    title, found = analysis.title, []
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
            described = _described(effect, match[1], name, place, names)
            if described is None:
                continue
            described = replace(described, alt=f"{title}. {described.alt}")
            shown = NotebookFigure(
                page_figure_of(described, f"{analysis.id}{FILES[match[1]]}"), b64decode(pictures[0].data["image/png"])
            )
            pictures[0].data[FIGURE_MIME] = _as_shown(shown.figure, folder)
            found.append(shown)
    return found


def _described(effect: Effect, part: str, name: str, place: str, names: Mapping[str, str]) -> Described | None:
    if part == "figure" and design_called(effect.design).figure == "forest":
        return None
    return describe.of_part(effect, part, name, place, names)


def _as_shown(figure: PageFigure, folder: str) -> str:
    take = Markup(
        '<p class="ek-take"><span class="ek-label">Take it with you:</span>'
        ' <a href="{0}{1}.csv" download>numbers (CSV)<span class="ek-hidden">: {2}</span></a>,'
        ' <a href="{0}{1}.png" download>picture (PNG)<span class="ek-hidden">: {2}</span></a></p>'
    ).format(folder, figure.file, figure.described.title)
    return f"{figure.whole()}{take}{folded(figure.table)}{SCRIPT}"


def folded(table: str) -> str:
    """A table that opens on request."""
    return f"<details><summary>The figure’s numbers</summary>\n{table}\n</details>"

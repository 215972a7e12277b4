"""Figures in executed notebooks: drawn in the page as in all others, with words of their own and their numbers."""

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup
from nbformat import NotebookNode

from evalkit.book.content.analysis_entry import EstimatedEntry
from evalkit.book.content.page_figures import PageFigure, page_figure_of
from evalkit.design_register import design_called
from evalkit.project import FIGURE_MIME
from evalkit.report.figures import describe
from evalkit.report.figures.described import POINTS, TIME_SERIES, Described
from evalkit.report.wording import words

SHOWN = re.compile(r"""\bshow\(\s*\w+\s*,\s*["'](figure|event study|placebo)["']\s*\)""")
FILES = {
    "figure": "",
    "event study": "-event-study",
    "placebo": "-comparators",
}  # what a part's files are called, after the analysis
SCRIPT = '<script defer src="../../../../_static/figure.js"></script>'


@dataclass(frozen=True)
class NotebookFigure:
    """A figure of a notebook, and its picture as PNG; None where the notebook's has another title."""

    figure: PageFigure
    picture: bytes | None


def with_figures_in_words(
    notebook: NotebookNode, folder: str, entry: EstimatedEntry, names: Mapping[str, str]
) -> list[NotebookFigure]:
    """Let every picture's alt text name its analysis, and draw each in the page with a table of what it shows.

    The picture stays for those who take the notebook away. What a notebook itself brings as such a figure is left out.
    The page of the evaluation shows some of the same figures: who reads by ear should not meet one text twice.

    Parameters
    ----------
    folder : where their files are to be had, as a page names it
    names : of places, by their labels
    """
    title, found, loads = entry.analysis.title, [], SCRIPT
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
            described = _described(entry, match[1], names)
            if described is None:
                continue
            titled = titled_by_standing(described, entry)
            figure = page_figure_of(
                replace(titled, alt=f"{title}. {described.alt}"), f"{entry.analysis.id}{FILES[match[1]]}"
            )
            pictures[0].data[FIGURE_MIME] = _as_shown(figure, folder) + loads
            loads = ""
            kept = b64decode(pictures[0].data["image/png"]) if titled.title == described.title else None
            found.append(NotebookFigure(figure, kept))
    return found


def _described(entry: EstimatedEntry, part: str, names: Mapping[str, str]) -> Described | None:
    if part == "figure" and design_called(entry.effect.design).figure == "forest":
        return None
    return describe.of_part(entry.effect, part, entry.measure.plain_name, entry.place, names)


def titled_by_standing(described: Described, entry: EstimatedEntry) -> Described:
    """With a title that says no more than the analysis may: a check is called one, and what is not clear beside the others
    that also looked is not told as clear."""
    standing = entry.standing
    if described.kind == POINTS:  # which says no more than any analysis may
        return described
    if standing.kind == "check":
        return replace(described, title=f"{entry.analysis.title}. {described.title}")
    if described.kind == TIME_SERIES and standing.direction == "unclear":
        allowing = f", allowing for the {standing.family} that also looked" if (standing.family or 0) > 1 else ""
        name = words.sentence_case(entry.measure.plain_name)
        return replace(described, title=f"{name}: not clear whether it changed{allowing}")
    return described


def _as_shown(figure: PageFigure, folder: str) -> str:
    take = Markup(
        '<p class="ek-take"><span class="ek-label">Take it with you:</span>'
        ' <a href="{0}{1}.csv" download>numbers (CSV)<span class="ek-hidden">: {2}</span></a>,'
        ' <a href="{0}{1}.png" download>picture (PNG)<span class="ek-hidden">: {2}</span></a></p>'
    ).format(folder, figure.file, figure.described.title)
    return f"{figure.whole()}{take}{folded(figure.table)}"


def folded(table: str) -> str:
    """A table that opens on request."""
    return f"<details><summary>The figure’s numbers</summary>\n{table}\n</details>"

"""Figures in executed notebooks: words of their own, and their numbers beside them."""

import re

from nbformat import NotebookNode
from nbformat.v4 import new_output

from evalkit.effect import Effect
from evalkit.report.figures import numbers_beside

SHOWN = re.compile(r"""\bshow\(\s*\w+\s*,\s*["'](figure|event study|placebo)["']\s*\)""")


def with_figures_in_words(notebook: NotebookNode, title: str, effect: Effect) -> None:
    """Let every picture's alt text name its analysis, and put a table of what is drawn behind each, in place.

    The page of the evaluation shows some of the same pictures: who reads by ear should not meet one text twice.
    """
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        pictures = [output for output in cell.outputs if "image/png" in output.get("metadata", {})]
        for output in pictures:
            about = output.metadata["image/png"]
            if about.get("alt"):
                about["alt"] = f"{title}. {about['alt']}"
                cell.metadata["mystnb"] = {"image": {"alt": about["alt"]}}
        match = SHOWN.search(cell.source)
        if pictures and match:
            table = numbers_beside.folded(numbers_beside.figure_table(effect, match[1]))
            if table:
                at = cell.outputs.index(pictures[0]) + 1
                cell.outputs.insert(
                    at, new_output("display_data", {"text/html": table, "text/plain": "The figure's numbers"})
                )

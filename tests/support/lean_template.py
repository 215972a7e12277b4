"""The template without its checks, so that the run engine and not the statistics is timed."""

from pathlib import Path

import nbformat

from tests.support.programme import TEMPLATES, use_template

TEMPLATE, LEAN = "interrupted-time-series", "interrupted-time-series-without-checks"
SHOWN_IN_CHECKS = ('"robustness"', '"checks"', '"model"')
# What remains is the estimate with its interval, the check of length that every model needs, and the cheap influence.
SWITCHED_OFF = """\
import importlib

design = importlib.import_module("evalkit.designs.interrupted_time_series.design")
design.robustness.sensitivity = lambda *given: []
design.robustness.comparison = lambda *given: []
design.all_checks = lambda case, headline, judged, *given: (judged.as_check(),)
design.merger_check = lambda *given: ()
"""
LEFT_OUT = (
    "left out: the robustness rows (other choices, other methods), every check but that of length, and the cells that"
    " show robustness, checks and the model; the estimate, its figure and publishing stay"
)


def without_checks(root: Path) -> None:
    """Put the programme on a copy of the template with its checks switched off."""
    notebook = nbformat.read(root / TEMPLATES / f"{TEMPLATE}.ipynb", as_version=4)
    notebook.cells = [cell for cell in notebook.cells if not any(part in cell.source for part in SHOWN_IN_CHECKS)]
    fit = next(cell for cell in notebook.cells if "interrupted_time_series(" in cell.source)
    fit.source = SWITCHED_OFF + fit.source
    nbformat.write(notebook, root / TEMPLATES / f"{LEAN}.ipynb")
    use_template(root, LEAN)

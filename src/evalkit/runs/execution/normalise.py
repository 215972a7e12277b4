"""An executed notebook without anything that differs from run to run, ready for readers."""

import re

import nbformat
from nbformat import NotebookNode

from evalkit.errors import EvaluationError
from evalkit.report.notebook import MIME

# All but letters, figures and what is no sign of Markdown in a line that has begun as a heading.
NOT_PLAIN = re.compile(r"[^\w ,.;:?!()'\"/%+–—’‘“”-]|_")
KEPT_METADATA = ("tags", "mystnb")


def normalise(notebook: NotebookNode) -> NotebookNode:
    """A copy without times, paths, papermill's notes and warnings; cells numbered; images with their own alt text."""
    notebook = nbformat.from_dict(notebook)
    notebook.metadata = NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
    )
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number}"
        cell.metadata = NotebookNode({name: cell.metadata[name] for name in KEPT_METADATA if name in cell.metadata})
        if cell.cell_type != "code":
            continue
        cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        for output in cell.outputs:
            alt = output.get("metadata", {}).get("image/png", {}).get("alt")
            if alt:
                cell.metadata["mystnb"] = {"image": {"alt": alt}}
    return notebook


def for_readers(notebook: NotebookNode, title: str, standing: str = "") -> NotebookNode:
    """The same under a title of its own, the template's defaults hidden where the run's own parameters follow them.

    ``standing`` is a sentence of the book's own below the title: how much the analysis may say.
    """
    notebook = nbformat.from_dict(notebook)
    if notebook.cells and notebook.cells[0].cell_type == "markdown":
        heading = notebook.cells[0]
        below = f"\n\n**{as_markdown(standing)}**" if standing else ""
        heading.source = re.sub(r"\A# .*", lambda _: f"# {as_markdown(title)}{below}", heading.source)
    tags = [cell.metadata.get("tags", []) for cell in notebook.cells]
    if any("injected-parameters" in cell_tags for cell_tags in tags):
        for cell in notebook.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.metadata["tags"] = ["parameters", "remove-cell"]
    return notebook


def as_markdown(text: str) -> str:
    """One line of Markdown that shows the text as it is.

    Signs are written as numeric character references, which "cannot be used in place of symbols indicating structure in
    CommonMark documents" (CommonMark 0.31, section 2.5).
    """
    return NOT_PLAIN.sub(lambda sign: f"&#{ord(sign[0])};", " ".join(text.split()))


def effect_of(notebook: NotebookNode) -> dict:
    """The one effect the notebook published, as plain values.

    Raises
    ------
    EvaluationError
        Where there is none, or more than one.
    """
    effects = [
        output["data"][MIME]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if MIME in output.get("data", {})
    ]
    if len(effects) != 1:
        raise EvaluationError(f"The notebook published {len(effects)} effects: end it with one `ek.publish(effect)`.")
    return effects[0]

"""What a hand-written page may say of itself to Sphinx: nothing that computes, starts a kernel or leads elsewhere."""

import json
import re
from pathlib import Path

from evalkit.catalogue.files.plain_text import NOTEBOOK_AT_MOST, text_of
from evalkit.catalogue.files.yaml_lines import FRONT_MATTER, Lines, read_yaml
from evalkit.errors import Problem

OF_MARKDOWN = {"orphan", "nosearch", "tocdepth", "title"}
OF_NOTEBOOKS = OF_MARKDOWN | {
    "kernelspec",
    "language_info",
    "papermill",
    "widgets",
    "vscode",
    "celltoolbar",
    "toc",
    "colab",
    "authors",
    "orig_nbformat",
}
ENDINGS = (".md", ".ipynb")
LONGEST = 200  # characters of a setting


def check_pages(root: Path, generated: Path) -> list[Problem]:
    """Problems with the pages below ``book/`` that people wrote."""
    problems = []
    by_hand = [top for top in (root / "book").glob("*") if top != generated]
    for path in sorted(path for top in by_hand for path in (top, *top.rglob("*"))):
        if path.suffix in ENDINGS:
            shown = path.relative_to(root).as_posix()
            text, unreadable = text_of(path, shown, NOTEBOOK_AT_MOST)
            problems += unreadable if text is None else page_problems(text, shown)
    return problems


def page_problems(text: str, shown: str) -> list[Problem]:
    """Problems with the fields at the top of a page, or with a notebook's metadata.

    Parameters
    ----------
    shown : str
        Where the page is; its ending says what it is.
    """
    if shown.endswith(".ipynb"):
        return _of_notebook(text, shown)
    text = re.sub(r"\r\n?", "\n", text)
    if not text.startswith("---"):
        return []
    match = FRONT_MATTER.match(text)
    if match is None:
        what = "begins with --- and has no fields closed by another line ---: close them, or begin with the title."
        return [Problem(shown, 1, what)]
    fields, lines, problems = read_yaml(match["fields"], shown)
    return problems or _unknown(fields, lines, OF_MARKDOWN, shown)


def _of_notebook(text: str, shown: str) -> list[Problem]:
    try:
        metadata = json.loads(text)["metadata"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return [Problem(shown, 0, "is not a notebook: save it again from Jupyter.")]
    return _unknown(metadata, Lines(), OF_NOTEBOOKS, shown)


def _unknown(fields: object, lines: Lines, known: set[str], shown: str) -> list[Problem]:
    if not isinstance(fields, dict):
        return [Problem(shown, 1, "should hold `field: value` lines at its top, one field a line.")]
    problems = []
    for name, value in fields.items():
        place = (shown, lines.line_of((name,)))
        if name not in known:
            what = f"`{name}` is no setting of a page here, as settings can compute, run code or lead elsewhere: take it out."
            problems.append(Problem(*place, what))
        elif isinstance(value, str) and len(value) > LONGEST:
            problems.append(Problem(*place, f"`{name}` has {len(value):,} characters: shorten it to {LONGEST}."))
    return problems

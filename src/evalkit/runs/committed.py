"""Run every template with its default parameters and keep the outputs that nbval compares against.

``python -m evalkit.runs.committed``, or ``make templates``.
"""

import tempfile
from pathlib import Path

import nbformat
import papermill

from evalkit.catalogue import find_root
from evalkit.runs.files import write_if_changed
from evalkit.runs.normalise import normalise
from evalkit.runs.templates import FOLDER, read_template, template_names


def refresh(root: Path) -> list[Path]:
    """Execute each template in place; returns those that changed."""
    changed = []
    for name in template_names(root):
        path = read_template(root, name).path
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / path.name
            papermill.execute_notebook(path, output, kernel_name="python3", progress_bar=False, cwd=root / FOLDER)
            notebook = normalise(nbformat.read(output, as_version=4))
        if write_if_changed(path, nbformat.writes(notebook) + "\n"):
            changed.append(path)
    return changed


if __name__ == "__main__":
    for path in refresh(find_root()):
        print(f"refreshed {path.name}")

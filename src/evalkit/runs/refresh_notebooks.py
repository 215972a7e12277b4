"""Run every template and method notebook as it stands and keep the outputs that nbval compares against.

``python -m evalkit.runs.refresh_notebooks``, or ``make templates``.
"""

import tempfile
from pathlib import Path

import nbformat
import papermill

from evalkit.catalogue import find_root
from evalkit.files import write_if_changed
from evalkit.runs.execution.normalise import normalise

FOLDERS = (Path("book", "notebooks"), Path("book", "methods"))


def refresh(root: Path) -> list[Path]:
    """Execute each notebook in place; returns those that changed."""
    changed = []
    for path in sorted(path for folder in FOLDERS for path in (root / folder).glob("*.ipynb")):
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / path.name
            papermill.execute_notebook(path, output, kernel_name="python3", progress_bar=False, cwd=path.parent)
            notebook = normalise(nbformat.read(output, as_version=4))
        if write_if_changed(path, nbformat.writes(notebook) + "\n"):
            changed.append(path)
    return changed


if __name__ == "__main__":
    for path in refresh(find_root()):
        print(f"refreshed {path.name}")

"""Run every template and method notebook as it stands and keep the outputs that nbval compares against.

``python -m evalkit.runs.refresh_notebooks``, or ``make templates``; with names, such as ``describe``, only those.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat
import papermill

from evalkit.catalogue import find_root
from evalkit.errors import EvaluationError, did_you_mean
from evalkit.files import write_if_changed
from evalkit.runs.execution.normalise import normalise

FOLDERS = (Path("book", "notebooks"), Path("book", "methods"))


def refresh(root: Path, names: Sequence[str] = ()) -> list[Path]:
    """Execute each notebook in place, or those of some names; returns those that changed.

    Raises
    ------
    EvaluationError
        For a name that no notebook has.
    """
    changed = []
    paths = {path.stem: path for path in sorted(path for folder in FOLDERS for path in (root / folder).glob("*.ipynb"))}
    for name in names:
        if name not in paths:
            raise EvaluationError(
                f"`{name}` is no notebook of {' or '.join(map(str, FOLDERS))}{did_you_mean(name, paths)}."
            )
    for path in (path for name, path in paths.items() if not names or name in names):
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / path.name
            papermill.execute_notebook(path, output, kernel_name="python3", progress_bar=False, cwd=path.parent)
            notebook = normalise(nbformat.read(output, as_version=4))
        if write_if_changed(path, nbformat.writes(notebook) + "\n"):
            changed.append(path)
    return changed


if __name__ == "__main__":
    for path in refresh(find_root(), sys.argv[1:]):
        print(f"refreshed {path.name}")

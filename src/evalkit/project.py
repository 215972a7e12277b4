"""Where the project is."""

import os
from pathlib import Path

from evalkit.errors import EvaluationError

MARK = Path("data", "datapackage.json")
PRIVATE = Path("data", "private")  # exact figures of people, which are in no commit
GENERATED = Path("book", "generated")  # pages that evalkit writes
# Of a figure in an executed notebook, drawn in its page.
FIGURE_MIME = "application/vnd.evalkit.figure+html"


def find_root(start: Path | None = None) -> Path:
    """The nearest folder at or above ``start`` that holds ``data/datapackage.json``, or ``EVALKIT_ROOT``.

    Raises
    ------
    EvaluationError
        Where there is none.
    """
    root = os.environ.get("EVALKIT_ROOT")
    if root:
        if not (Path(root) / MARK).is_file():
            raise EvaluationError(f"EVALKIT_ROOT is {root}, but {root}/{MARK.as_posix()} does not exist.")
        return Path(root).resolve()
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / MARK).is_file():
            return folder
    raise EvaluationError(
        f"No evalkit project here: neither {start} nor a folder above it holds {MARK.as_posix()}."
        " Change to the project's folder, or set EVALKIT_ROOT to it."
    )

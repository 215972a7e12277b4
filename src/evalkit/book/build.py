"""Make the book: pages, then HTML in a folder of its own that takes the old one's place when it is whole."""

import http.server
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from evalkit.book.pages import write_pages
from evalkit.catalogue import Catalogue
from evalkit.errors import EvaluationError
from evalkit.runs.files import replace_folder, write_if_changed
from evalkit.runs.outcomes import RESULTS, read_outcomes, write_results
from evalkit.runs.plan import Plan

HTML = Path("_build", "html")
NEXT = Path("_build", "next")
GENERATED = Path("book", "generated")
LOG = Path("_build", "book.log")
MADE = ("_build", "results", GENERATED.as_posix())


def build(root: Path, catalogue: Catalogue, plans: Sequence[Plan], console: Console | None = None) -> Path:
    """Write every page and build the HTML.

    Returns
    -------
    Path
        The home page.

    Raises
    ------
    EvaluationError
        Where there is nothing to publish, or Sphinx fails; the book built before stays as it was.
    """
    if not plans:
        raise EvaluationError(
            "No evaluation is published, so there is no book to build: set `status: published` in one, or run"
            " `evalkit new evaluation`."
        )
    outcomes = read_outcomes(root, catalogue, plans)
    write_results(root, outcomes)
    pages = write_pages(root / GENERATED, catalogue, plans, outcomes)
    with (console or Console(stderr=True)).status("Building the book"):
        _sphinx(root)
    missing = [page for page in pages if not (root / NEXT / "_build" / "html" / page).is_file()]
    if missing:
        raise EvaluationError(
            f"{len(missing)} pages were not built ({missing[0]} and so on): is their pattern in _toc.yml? See {LOG.as_posix()}."
        )
    shutil.copytree(root / RESULTS, root / NEXT / "_build" / "html" / RESULTS)
    replace_folder(root / NEXT / "_build" / "html", root / HTML)
    return root / HTML / "index.html"


def _sphinx(root: Path) -> None:
    """Jupyter Book from the sources alone: HTML afresh, so that a page that is gone is gone; doctrees kept for speed."""
    shutil.rmtree(root / NEXT / "_build" / "html", ignore_errors=True)
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    command += ["build", str(root), "--path-output", str(root / NEXT), "--keep-going", "-n"]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, encoding="utf-8")
    write_if_changed(root / LOG, done.stdout + done.stderr)
    for line in (done.stdout + done.stderr).splitlines():
        if any(word in line for word in ("WARNING:", "ERROR:", "CRITICAL:")):
            print(line.replace(f"{root}{os.sep}", ""), file=sys.stderr)
    if done.returncode != 0:
        raise EvaluationError(
            f"The book could not be built; {LOG.as_posix()} says why. The book built before is unchanged."
        )


def serve(root: Path, port: int) -> None:
    """Show the built book on this machine only.

    Raises
    ------
    EvaluationError
        Where it has not been built, or the port is taken.
    """
    if not (root / HTML / "index.html").is_file():
        raise EvaluationError("There is no book yet: run `evalkit book` first.")
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(root / HTML))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise EvaluationError(f"Port {port} cannot be used ({error.strerror}): choose another with --port.") from None
    with server:
        print(f"The book is at http://127.0.0.1:{port}/ until you press Ctrl-C.")
        server.serve_forever()


def clean(root: Path) -> list[str]:
    """Delete what was made; nothing else."""
    deleted = []
    for name in MADE:
        if (root / name).exists():
            shutil.rmtree(root / name)
            deleted.append(name)
    return deleted

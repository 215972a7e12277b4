"""Make the book: outcomes to pages, pages to HTML; show it; delete what was made."""

import http.server
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from evalkit.book.page_writer import write_pages
from evalkit.book.sphinx.folder_exchange import restore
from evalkit.book.sphinx.html import HTML, make_html, sphinx_for
from evalkit.book.sphinx.process import SphinxProcess
from evalkit.catalogue import Catalogue
from evalkit.disclosure.gate import STAY_HERE
from evalkit.errors import EvaluationError, InputRefused
from evalkit.project import GENERATED
from evalkit.runs.kernels.fork_client import SERVER
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import RESULTS, Outcome

MADE = ("results", GENERATED.as_posix(), "_build")  # the lock, which is in the last, goes last


def build(
    root: Path,
    catalogue: Catalogue,
    plans: Sequence[Plan],
    outcomes: Sequence[Outcome],
    *,
    incremental: bool = False,
    sphinx: SphinxProcess | None = None,
    console: Console | None = None,
) -> Path:
    """Write every page and build the HTML, from outcomes whose results were written.

    Parameters
    ----------
    incremental : bool
        Go on from the last build: faster, and the same book. A build to publish starts from an empty folder.
    sphinx : SphinxProcess, optional
        One that was started before, to save its loading.

    Returns
    -------
    Path
        The home page.

    Raises
    ------
    EvaluationError
        Where there is nothing to publish, or Sphinx fails; the book built before stays as it was.
    InputRefused
        Where it would publish a site's own figures, or what identifies people.
    """
    if not plans:
        raise EvaluationError(
            "No evaluation is published, so there is no book to build: set `status: published` in one, or run"
            " `evalkit new evaluation`."
        )
    _refuse_what_stays_here(catalogue, plans)
    restore(root / HTML)
    with (
        (console or Console(stderr=True)).status("Building the book"),
        sphinx or sphinx_for(root, incremental) as process,
    ):
        # It has the libraries loaded that draw the figures, if notebooks were run.
        written = SERVER.call(write_pages, root / GENERATED, catalogue, plans, outcomes)
        make_html(root, process, written.html, root / RESULTS, incremental)
    for told in written.to_write_again:
        (console or Console(stderr=True)).print(told, markup=False, highlight=False, soft_wrap=True)
    return root / HTML / "index.html"


def _refuse_what_stays_here(catalogue: Catalogue, plans: Sequence[Plan]) -> None:
    """Whatever became of the analyses: what one that failed says may be of its figures too."""
    problems = []
    for plan in plans:
        if catalogue.tables[plan.table].layout.disclosure.rule in STAY_HERE:
            what = (
                f"({plan.analysis.id}) is of table {plan.table}, whose figures nobody has published: a"
                " result stays in results/ on this machine and in no book, as no rule for small numbers was named. Set"
                " `status: draft`, or describe in data/datapackage.json where the table was published."
            )
            place = ("analyses", plan.evaluation.analyses.index(plan.analysis))
            problems.append(catalogue.problem("evaluations", plan.evaluation.id, place, what))
    if problems:
        raise InputRefused(problems)


def serve(root: Path, port: int) -> None:
    """Show the built book on this machine only.

    Raises
    ------
    EvaluationError
        Where it has not been built, or the port is taken.
    """
    restore(root / HTML)
    if not (root / HTML / "index.html").is_file():
        raise EvaluationError("There is no book yet: run `evalkit book` first.")
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(root / HTML))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or "there is no such port"
        raise EvaluationError(f"Port {port} cannot be used ({why}): choose another with --port.") from None
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

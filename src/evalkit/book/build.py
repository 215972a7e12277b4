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
from evalkit.disclosure_gate import STAY_HERE
from evalkit.errors import EvaluationError, InputRefused
from evalkit.project import GENERATED
from evalkit.runs.kernels.fork_client import SERVER
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import RESULTS, Outcome

MADE = ("_build", "results", GENERATED.as_posix())


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
        Where it would publish a site's own figures.
    """
    if not plans:
        raise EvaluationError(
            "No evaluation is published, so there is no book to build: set `status: published` in one, or run"
            " `evalkit new evaluation`."
        )
    _refuse_what_stays_here(catalogue, outcomes)
    restore(root / HTML)
    with (
        (console or Console(stderr=True)).status("Building the book"),
        sphinx or sphinx_for(root, incremental) as process,
    ):
        # It has the libraries loaded that draw the figures, if notebooks were run.
        pages = SERVER.call(write_pages, root / GENERATED, catalogue, plans, outcomes)
        make_html(root, process, pages, root / RESULTS, incremental)
    return root / HTML / "index.html"


def _refuse_what_stays_here(catalogue: Catalogue, outcomes: Sequence[Outcome]) -> None:
    problems = []
    for outcome in outcomes:
        if outcome.effect is not None and outcome.effect.data.get("disclosure") in STAY_HERE:
            analyses = catalogue.evaluations[outcome.evaluation].analyses
            index = next(index for index, analysis in enumerate(analyses) if analysis.id == outcome.analysis)
            what = (
                f"({outcome.analysis}) is of table {outcome.effect.data['table']}, whose figures nobody has published: the"
                " result is in results/ on this machine and in no book until a rule for small numbers is agreed. Set"
                " `status: draft`, or describe in data/datapackage.json where the table was published."
            )
            problems.append(catalogue.problem("evaluations", outcome.evaluation, ("analyses", index), what))
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

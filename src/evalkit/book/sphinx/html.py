"""Pages to HTML, in a folder of Sphinx's own; the book is exchanged for the new one only when that is whole.

``_build/next`` is where Sphinx reads and writes, and keeps what it needs to go on from there. ``_build/html`` is the book.
"""

import errno
import hashlib
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evalkit.book.content import downloads
from evalkit.book.sphinx.folder_exchange import exchange, files_of
from evalkit.book.sphinx.process import SphinxProcess
from evalkit.catalogue.files.plain_text import no_links
from evalkit.disclosure.leak_scan import refuse_leaks
from evalkit.disclosure.people import without_numbers
from evalkit.errors import EvaluationError, InputRefused
from evalkit.files import files_below, touches
from evalkit.runs.state.complete_run import state_of_runs, whole

HTML = Path("_build", "html")
NEXT = Path("_build", "next")
WORKING = NEXT / "_build"
NEXT_HTML = WORKING / "html"
NAME = "book"
LOG = Path("_build", "book.log")
MAKE_AGAIN = ("foundation", "sources", "working")  # where these differ Sphinx has to work
LEAST_FREE = 1_000_000  # bytes on the disk: with fewer, a failed build is put down to that
HTML_LIBRARIES = (
    "docutils",
    "jinja2",
    "jupyter-book",
    "markdown-it-py",
    "mdit-py-plugins",
    "myst-nb",
    "myst-parser",
    "nh3",
    "pygments",
    "sphinx",
    "sphinx-external-toc",
)


def sphinx_for(root: Path, incremental: bool) -> SphinxProcess:
    """The process that ``make_html`` needs, not started yet.

    Parameters
    ----------
    incremental : go on from the last build; otherwise the HTML folder is empty at the start
    """
    return SphinxProcess(
        root,
        root / NEXT,
        root / LOG,
        lambda: _foundation(root),
        lambda foundation: _clear(root, incremental, foundation),
    )


def _clear(root: Path, incremental: bool, foundation: str) -> None:
    """Leave in Sphinx's folder only what it may go on from."""
    stale = [] if incremental else [root / NEXT_HTML]
    finished = whole(root).entry(NAME)
    if finished is None or (finished.depends["foundation"], finished.depends["working"]) != (
        foundation,
        touches(root / WORKING),
    ):
        stale = [root / NEXT]
    if stale:
        whole(root).forget(NAME)
    for path in stale:
        shutil.rmtree(path, ignore_errors=True)


def make_html(root: Path, sphinx: SphinxProcess, pages: list[str], results: Path, incremental: bool) -> None:
    """Build the HTML of everything below ``root/book`` and put it in the place of the book there was.

    Parameters
    ----------
    pages : files the build must give, relative to its output folder
    results : folder that is published with the pages
    incremental : build nothing where the last build was from the same

    Raises
    ------
    EvaluationError
        Where Sphinx fails or leaves out a page; the book built before stays as it was.
    InputRefused
        Where a file of it holds what identifies people; so does the book then.
    """
    now = _state(root)
    before = whole(root).entry(NAME)
    if not incremental or before is None or any(before.depends.get(part) != now[part] for part in MAKE_AGAIN):
        sphinx.start()
        # What an interrupted Sphinx leaves can not be told from what is whole: with nothing kept all is made afresh.
        whole(root).forget(NAME)
        _build(root, sphinx)
    missing = [page for page in pages if not (root / NEXT_HTML / page).is_file()]
    if missing:
        raise EvaluationError(
            f"{len(missing)} pages were not built ({missing[0]} and so on): is their pattern in _toc.yml? See {LOG.as_posix()}."
        )
    # Put there while the book was being made, they would be followed.
    links = no_links(root, ("book", results.name))
    if links:
        raise InputRefused(links)
    untouched = before is not None and before.depends["published"] == now["published"]
    sources = {Path(): root / NEXT_HTML, Path(results.name): results} | downloads.published(root)
    refuse_leaks(root, {name: path for name, (path, _) in files_of(sources).items()})
    exchange(sources, root / HTML, by_content=not untouched)
    whole(root).remember(NAME, now | {"working": touches(root / WORKING), "published": touches(root / HTML)})


def is_current(root: Path) -> bool:
    """Whether the book there is was made from all that there is now, and nobody has touched it since."""
    return whole(root).recall(NAME, _state(root)) is not None


def _state(root: Path) -> dict[str, Any]:
    """What stands for everything a book is made from, and for the book itself."""
    return {
        **state_of_runs(root),
        "foundation": _foundation(root),
        "sources": touches(root / "book"),
        "working": touches(root / WORKING),
        "published": touches(root / HTML),
    }


def _foundation(root: Path) -> str:
    """SHA-256 of what every page rests on: settings, contents, styles, templates, the extension, the libraries."""
    static = [root / "book" / "_static" / name for name in files_below(root / "book" / "_static")]
    digest = hashlib.sha256(repr([(name, version(name)) for name in HTML_LIBRARIES] + [sys.version]).encode())
    for path in (root / "_config.yml", root / "_toc.yml", *static, *sorted(Path(__file__).parent.glob("*.py"))):
        digest.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _build(root: Path, sphinx: SphinxProcess) -> None:
    """Let Sphinx work, and repeat its warnings."""
    status = sphinx.build()
    for line in (root / LOG).read_text(encoding="utf-8", errors="replace").splitlines():
        if any(word in line for word in ("WARNING:", "ERROR:", "CRITICAL:")):
            print(without_numbers(line.replace(f"{root}{os.sep}", "")), file=sys.stderr)
    if status != 0:
        if shutil.disk_usage(root / NEXT.parent).free < LEAST_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), NEXT.parent.as_posix())
        raise EvaluationError(
            f"The book could not be built; {LOG.as_posix()} says why. The book built before is unchanged."
        )

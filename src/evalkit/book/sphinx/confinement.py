"""A page shows what lies below ``book/``, whatever it asks for, and a browser runs nothing but the book's own scripts."""

import mimetypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError
from sphinx.util import logging

from evalkit.catalogue.files.page_settings import ENDINGS, page_problems

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'"
)
FOR_FORMULAS = " 'unsafe-inline'"  # MathJax draws with styles that stand in the page
BOOK = "book"

logger = logging.getLogger(__name__)


def content_security_policy(has_formulas: bool) -> str:
    """Of a page: nothing inline and nothing foreign runs or is loaded."""
    return POLICY.format(styles=FOR_FORMULAS if has_formulas else "")


class _ReadingPages:
    """Refuses, while Sphinx reads a page, to open for reading what is neither the book's nor a library's."""

    def __init__(self) -> None:
        self.page: str | None = None
        self.folders: tuple[str, ...] = ()
        self._is_looking = False

    def __call__(self, event: str, arguments: tuple) -> None:
        if self.page is None or event != "open" or self._is_looking:
            return
        path, mode, flags = arguments
        writes = (flags or 0) & (os.O_WRONLY | os.O_RDWR) if mode is None else not mode.startswith("r")
        if isinstance(path, int) or writes:
            return
        self._is_looking = True
        try:
            real = Path(os.fsdecode(path)).resolve()
            # Libraries look into folders that are not there; there is nothing to read in those.
            if not str(real).startswith(self.folders) and real.exists() and not real.is_dir():
                words = f"{self.page} asks for {os.fsdecode(path)}, which lies outside {BOOK}/"
                logger.error("%s: put the file itself there.", words)
                raise PermissionError(words)
        finally:
            self._is_looking = False


_reading = _ReadingPages()


def _begin(app: Sphinx) -> None:
    """No directive of a page inserts a file."""
    app.env.settings["file_insertion_enabled"] = False
    mimetypes.init()  # reads the system's list
    libraries = [
        Path(folder) for folder in (sys.prefix, sys.base_prefix, *sys.path) if not _is_below(app.srcdir, folder)
    ]
    below = [Path(app.srcdir, BOOK), Path(app.outdir).parent, *libraries]
    _reading.folders = _real(below)


def _read(app: Sphinx, docname: str, source: list[str]) -> None:
    path = Path(app.env.doc2path(docname))
    if path.suffix in ENDINGS:
        _stop_for(map(str, page_problems(source[0], path.relative_to(app.srcdir).as_posix())))
    _reading.page = docname


def _has_read(app: Sphinx, doctree) -> None:
    _reading.page = None


def _shows_only_its_own(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pictures and downloads are copied after reading."""
    folders = _real([Path(app.srcdir, BOOK), Path(app.outdir).parent / "jupyter_execute"])
    shown = {name: pages for files in (env.images, env.dlfiles) for name, (pages, _) in files.items()}
    _stop_for(
        f"{min(pages)} shows {name}, which lies outside {BOOK}/: put the file itself there."
        for name, pages in sorted(shown.items())
        if not os.path.realpath(Path(app.srcdir, name)).startswith(folders)
    )
    return []


def _real(folders: Iterable[Path]) -> tuple[str, ...]:
    """How the real path of every file below one of the folders begins."""
    return tuple(f"{os.path.realpath(folder)}{os.sep}" for folder in folders)


def _is_below(path: str | Path, folder: str | Path) -> bool:
    return Path(path).resolve().is_relative_to(Path(folder).resolve())


def _stop_for(faults: Iterable[str]) -> None:
    """Tell all of them, and build nothing."""
    told = list(faults)
    for fault in told:
        logger.error("%s", fault)
    if told:
        raise SphinxError("A page asks for what it may not have.")


def _no_settings_in_pages(app: Sphinx) -> None:
    """Sphinx and myst-parser would write those of MathJax into the page as a script: formulas.js has them."""
    app.config.mathjax3_config = None


def connect(app: Sphinx) -> None:
    """From before the first page is read until all are."""
    if not _reading.folders:
        sys.addaudithook(_reading)
    app.connect("builder-inited", _begin)
    app.connect("builder-inited", _no_settings_in_pages, priority=900)
    app.connect("source-read", _read)
    app.connect("doctree-read", _has_read, priority=0)
    app.connect("env-updated", _shows_only_its_own)

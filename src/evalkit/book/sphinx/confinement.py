"""A page shows what lies below ``book/``, whatever it asks for, and a browser runs nothing but the book's own scripts."""

import mimetypes
import os
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError
from sphinx.util import logging

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
            real = os.path.realpath(os.fsdecode(path))
        finally:
            self._is_looking = False
        if not real.startswith(self.folders):
            raise PermissionError(f"{self.page} asks for {os.fsdecode(path)}, which lies outside {BOOK}/.")


_reading = _ReadingPages()


def _begin(app: Sphinx) -> None:
    """No directive of a page inserts a file, and no link leads out of the book; both before a page is read."""
    app.env.settings["file_insertion_enabled"] = False
    mimetypes.init()  # reads the system's list
    below = [Path(app.srcdir, BOOK), Path(app.outdir).parent, sys.prefix, sys.base_prefix, *filter(None, sys.path)]
    _reading.folders = tuple(f"{os.path.realpath(folder)}{os.sep}" for folder in below)
    book = Path(app.srcdir, BOOK)
    _refuse([path for path in sorted(book.rglob("*")) if path.is_symlink() and not _is_below(path, book)], app)


def _read(app: Sphinx, docname: str, source: list[str]) -> None:
    _reading.page = docname


def _has_read(app: Sphinx, doctree) -> None:
    _reading.page = None


def _shows_only_its_own(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pictures and downloads are copied after reading."""
    shown = [*env.images, *env.dlfiles]
    folders = (Path(app.srcdir, BOOK), Path(app.outdir).parent / "jupyter_execute")
    paths = [Path(app.srcdir, name) for name in shown]
    _refuse([path for path in paths if not any(_is_below(path, folder) for folder in folders)], app)
    return []


def _is_below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _refuse(paths: list[Path], app: Sphinx) -> None:
    shown_by = {**{name: docs for name, (docs, _) in app.env.images.items()}, **dict(_downloads(app.env))}
    for path in paths:
        name = os.path.relpath(path, app.srcdir)
        pages = sorted(shown_by.get(Path(name).as_posix(), ()))
        by = f", which {', '.join(pages)} would show," if pages else ""
        logger.error("%s%s leads outside %s/: put a copy of the file there.", name, by, BOOK)
    if paths:
        raise SphinxError(f"{len(paths)} files lie outside {BOOK}/.")


def _downloads(env: BuildEnvironment):
    return ((name, docs) for name, (docs, _) in env.dlfiles.items())


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

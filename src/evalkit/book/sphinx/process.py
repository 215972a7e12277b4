"""Jupyter Book as by hand, in a process of its own: sets are put in order by a seed that only a new process takes.

Its libraries, settings and memory of the last build take more than a second to load, so it is started while notebooks
still run, and waits until it is told to go on. It ends with the process that started it.
"""

import contextlib
import gc
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

GO = b"\n"
PAGE_TEMPLATES = ("page.html", "layout.html", "search.html")


class SphinxProcess:
    """Builds the book of ``root`` into ``output``; ends, whatever it does, with the ``with`` block.

    Parameters
    ----------
    log : file that takes what it says
    foundation : gives a hash of the settings that it loads before it is told to go on
    clear : takes out of ``output`` what it must not go on from, given that hash
    """

    def __init__(
        self, root: Path, output: Path, log: Path, foundation: Callable[[], str], clear: Callable[[str], None]
    ):
        self._root, self._output, self._log = root, output, log
        self._foundation, self._clear = foundation, clear
        self._process: subprocess.Popen | None = None
        self._loaded = ""
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_) -> None:
        with self._lock:
            self._end()

    def start(self) -> None:
        """Let it load, unless that was begun before."""
        with self._lock:
            self._start()

    def _start(self) -> subprocess.Popen:
        if self._process is not None:
            return self._process
        self._loaded = self._foundation()
        self._clear(self._loaded)
        arguments = ["build", str(self._root), "--path-output", str(self._output), "--keep-going", "-n"]
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, *arguments],
                cwd=self._root, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, bufsize=0,
            )  # fmt: skip
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            with self._process:  # closes what it listens to, and waits
                self._process.kill()
            self._process = None

    def build(self) -> int:
        """Read and write; its exit status."""
        with self._lock:
            if self._process is not None and self._foundation() != self._loaded:
                self._end()  # somebody has changed the settings since
            process = self._start()
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended already, and its status says how
            process.stdin.write(GO)
        return process.wait()


def _obey(told_to_go_on: threading.Event) -> None:
    """One word comes through standard input; then it ends when the process at the other end is gone."""
    if os.read(0, 1) == GO:
        told_to_go_on.set()
        os.read(0, 1)
    os._exit(1)


def _main() -> None:
    told_to_go_on = threading.Event()
    threading.Thread(target=_obey, args=(told_to_go_on,), daemon=True).start()
    gc.disable()  # to look through what is loaded takes five times as long as to load it
    import jupyter_book.sphinx
    import myst_nb.sphinx_ext  # noqa: F401
    import nbformat
    from jupyter_book.cli.main import main
    from sphinx.application import Sphinx
    from sphinx.builders.html import StandaloneHTMLBuilder

    class Patient(Sphinx):
        """Reads its settings and what it kept of the last build, and then waits: pages are read when it goes on."""

        def build(self, *arguments, **named) -> None:
            # The first notebook and the first code of a process take a tenth of a second more than the next.
            nbformat.reads(nbformat.writes(nbformat.v4.new_notebook()), as_version=4)
            assert isinstance(self.builder, StandaloneHTMLBuilder)
            self.builder.highlighter.highlight_block("pass", "ipython3")
            for template in PAGE_TEMPLATES:
                self.builder.templates.environment.get_template(template)
            gc.freeze()  # it stays
            gc.enable()
            told_to_go_on.wait()
            super().build(*arguments, **named)

    jupyter_book.sphinx.Sphinx = Patient  # ty: ignore[invalid-assignment]  # it makes ours instead
    main()


if __name__ == "__main__":
    _main()

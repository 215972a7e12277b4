"""Files that a disk, a copy or somebody changed behind evalkit's back: noticed and made whole by the next `evalkit book`."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.small_project import SmallProject, small_project

PUBLISHED = ("results", "_build/html")
MADE = (*PUBLISHED, "book/generated")
# One of each kind of file that is kept or published, but for the log and the lock, which nothing is read from.
KEPT = (
    "_build/runs/**/*.ipynb", "_build/runs/**/*.json", "_build/memory/runs/**/*.kept", "_build/memory/results/**/*.kept",
    "_build/memory/checks/tables/*.kept", "_build/memory/checks/analyses/**/*.kept", "_build/memory/pages/about/*.kept",
    "_build/memory/pages/evaluations/*.kept", "_build/memory/whole/run.kept", "_build/memory/whole/book.kept", "_build/templates/*.cache",
    "results/**/*.json", "results/results.csv", "book/generated/**/*.html", "book/generated/**/*.svg",
    "_build/next/_build/html/**/board.html", "_build/next/_build/.doctrees/**/*.doctree", "_build/next/_build/.doctrees/environment.pickle",
    "_build/html/**/board.html", "_build/html/index.html", "_build/html/_static/*.js", "_build/html/_static/*.css", "_build/html/downloads/**/*.svg",
    "_build/html/results/**/*.json", "_build/html/downloads/**/*.csv", "_build/html/downloads/**/*.ipynb", "_build/html/downloads/**/*.pptx", "_build/html/searchindex.js",
)  # fmt: skip


def _flipped(raw: bytes) -> bytes:
    """One bit of one byte in the middle."""
    middle = len(raw) // 2
    return raw[:middle] + bytes([raw[middle] ^ 4]) + raw[middle + 1 :]


def _other_figure(raw: bytes) -> bytes:
    """Another figure where one stands, at the end of the file; a file that holds none is flipped."""
    for figure, other in ((b"1", b"7"), (b"2", b"9")):
        at = raw.rfind(figure)
        if at >= 0:
            return raw[:at] + other + raw[at + 1 :]
    return _flipped(raw)


def _cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def _emptied(raw: bytes) -> bytes:
    return b""


def _spoil(project: SmallProject, pattern: str, change: Callable[[bytes], bytes]) -> Path:
    """Change the first file of a kind; its time is set back, and mostly its size stays."""
    path = next(path for path in sorted(project.root.glob(pattern)) if path.is_file())
    raw, stat = path.read_bytes(), path.stat()
    assert change(raw) != raw
    path.write_bytes(change(raw))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[SmallProject, dict[str, bytes]]:
    project = small_project(tmp_path_factory.mktemp("corruptions") / "programme", 2)
    said = project.evalkit("book")
    assert said.status == 0, said.err
    return project, project.snapshot(*MADE)


def _made_whole(built: tuple[SmallProject, dict[str, bytes]]) -> None:
    project, whole = built
    said = project.evalkit("book")
    assert said.status == 0, said.err
    made = project.snapshot(*MADE)
    assert made.keys() == whole.keys()
    assert [name for name in whole if made[name] != whole[name]] == []


@pytest.mark.parametrize("change", [_other_figure, pytest.param(_flipped, marks=pytest.mark.slow)])
def test_all_kinds_of_files_at_once(built, change):
    for pattern in KEPT:
        _spoil(built[0], pattern, change)
    _made_whole(built)


@pytest.mark.slow
@pytest.mark.parametrize("change", [_flipped, _other_figure, _cut, _emptied])
@pytest.mark.parametrize("pattern", KEPT)
def test_each_by_itself(built, pattern, change):
    """A file by itself must be noticed too, where nothing else gives a reason to make it again."""
    _spoil(built[0], pattern, change)
    _made_whole(built)

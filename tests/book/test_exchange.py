"""The old folder or the new one, and nothing beside it."""

import contextlib
import errno
import os
from pathlib import Path

import pytest

from evalkit.book.sphinx import folder_exchange as module
from evalkit.book.sphinx.folder_exchange import exchange, restore


@pytest.fixture(params=["one step", "two steps"])
def folders(request, tmp_path, monkeypatch) -> tuple[Path, Path]:
    """A new folder and an old one that share a file."""
    if request.param == "two steps":
        monkeypatch.setattr(module, "_swap", lambda folder, other: False)
    new, old = tmp_path / "new", tmp_path / "book"
    for folder in (new, old):
        (folder / "deep").mkdir(parents=True)
        (folder / "deep" / "same.txt").write_text("same")
    (new / "page.html").write_text("new")
    (old / "page.html").write_text("old")
    (old / "gone.html").write_text("old")
    return new, old


def _texts(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_the_new_folder_takes_the_place_of_the_old(folders, tmp_path):
    new, old = folders
    results = tmp_path / "results"
    results.mkdir()
    (results / "one.json").write_text("{}")
    exchange({Path(): new, Path("results"): results}, old)
    assert _texts(old) == {"deep/same.txt": "same", "page.html": "new", "results/one.json": "{}"}
    assert _texts(new) == {"deep/same.txt": "same", "page.html": "new"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book", "new", "results"]


def test_a_full_disk_leaves_the_old_folder_and_nothing_beside_it(folders, tmp_path, monkeypatch):
    new, old = folders
    before = _texts(old)

    def full(source, target):
        Path(target).write_text("ha")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(source))

    monkeypatch.setattr(module.shutil, "copy2", full)
    with pytest.raises(OSError, match="No space left on device") as refused:
        exchange({Path(): new}, old)
    assert refused.value.filename == str(old)
    assert _texts(old) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book", "new"]


def test_a_source_may_be_one_file(folders, tmp_path):
    new, old = folders
    (tmp_path / "one.csv").write_text("1")
    exchange({Path(): new, Path("downloads", "deep", "two.csv"): tmp_path / "one.csv"}, old)
    assert _texts(old) == {"deep/same.txt": "same", "page.html": "new", "downloads/deep/two.csv": "1"}


def test_a_file_of_the_new_folder_can_be_written_over_without_harm_to_the_other(folders):
    new, old = folders
    exchange({Path(): new}, old)
    (new / "page.html").write_text("newer")
    exchange({Path(): new}, old)
    for path in (new / "page.html", new / "deep" / "same.txt"):
        path.write_text("written in place")
    assert _texts(old) == {"deep/same.txt": "same", "page.html": "newer"}


def test_the_first_book_needs_no_old_one(folders, tmp_path):
    new, _ = folders
    exchange({Path(): new}, tmp_path / "_build" / "html")
    assert _texts(tmp_path / "_build" / "html") == _texts(new)


@pytest.mark.parametrize("moment", ["shutil.copy2", "pathlib.Path.replace", "shutil.rmtree"])
def test_after_a_kill_the_old_or_the_new_folder_is_there(folders, tmp_path, monkeypatch, moment):
    """Whatever call is the last one to be reached."""
    new, old = folders
    wanted = [_texts(old), _texts(new)]

    class Killed(BaseException):
        pass

    def kill(*arguments, **options):
        raise Killed

    monkeypatch.setattr(module, "restore", lambda target: None)
    monkeypatch.setattr(moment, kill)
    with contextlib.suppress(Killed):
        exchange({Path(): new}, old)
    monkeypatch.undo()
    restore(old)
    assert _texts(old) in wanted
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book", "new"]


def test_the_old_folder_comes_back_where_a_kill_left_none(tmp_path):
    (tmp_path / ".book.old").mkdir()
    (tmp_path / ".book.old" / "page.html").write_text("old")
    (tmp_path / ".book.new").mkdir()
    restore(tmp_path / "book")
    assert _texts(tmp_path) == {"book/page.html": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["book"]

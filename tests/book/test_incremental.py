"""A build into what is there gives the same book as a build from nothing, and writes only what has changed."""

import errno
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from evalkit.book.build import build
from evalkit.book.sphinx.html import HTML, LOG, NEXT, NEXT_HTML, is_current, sphinx_for
from evalkit.book.sphinx.navigation import MANY_CHILDREN
from evalkit.errors import EvaluationError
from evalkit.memory import MEMORY
from evalkit.runs.state.outcomes import RESULTS
from tests.support.small_project import until
from tests.support.synthetic_book import made_up, make_project, site_id

BOOK = MEMORY / "whole" / "book.kept"
EVALUATIONS = Path("book", "generated", "evaluations")


def _build(
    folder: Path, numbers: Sequence[int], incremental: bool = True, titles: dict[int, str] | None = None
) -> Path:
    """The HTML of a book of these evaluations, one result file each."""
    catalogue, plans, outcomes = made_up(folder, numbers)
    for number, title in (titles or {}).items():
        plans = [_retitled(plan, title) if plan.evaluation.id == site_id(number) else plan for plan in plans]
    shutil.rmtree(folder / RESULTS, ignore_errors=True)
    for number in numbers:
        (folder / RESULTS / site_id(number)).mkdir(parents=True)
        (folder / RESULTS / site_id(number) / "visits.json").write_text("{}")
    build(folder, catalogue, plans, outcomes, incremental=incremental)
    return folder / HTML


def _retitled(plan, title: str):
    return replace(plan, evaluation=plan.evaluation.model_copy(update={"title": title}))


def _contents(html: Path) -> dict[str, bytes]:
    return {path.relative_to(html).as_posix(): path.read_bytes() for path in html.rglob("*") if path.is_file()}


def _times(folder: Path) -> dict[str, int]:
    pages = (folder / NEXT_HTML / "book").rglob("*.html")
    return {path.relative_to(folder / NEXT_HTML).as_posix(): path.stat().st_mtime_ns for path in pages}


def _traces(folder: Path, number: int) -> list[str]:
    """Everything below the book and Sphinx's folders that has the evaluation's id or code in its name or its text."""
    words = (site_id(number).encode(), f"ZZ{number:04}".encode(), f"zz{number:04}".encode())
    traces = []
    for path in (folder / "_build").rglob("*"):
        if path.is_file() and path.suffix != ".log":
            text = path.relative_to(folder).as_posix().encode() + b"\n" + path.read_bytes()
            traces += [path.relative_to(folder).as_posix() for word in words if word in text]
    return traces


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Path:
    """A book of more evaluations than a contents list shows, published."""
    folder = tmp_path_factory.mktemp("book")
    make_project(folder)
    _build(folder, range(1, MANY_CHILDREN + 3), incremental=False)
    return folder


def _in_contents(html: Path) -> int:
    page = (html / EVALUATIONS / site_id(3) / "visits.html").read_text(encoding="utf-8")
    contents = re.search(r'<nav class="ek-contents".*?</nav>', page, re.DOTALL)[0]
    assert "visits.html" in contents or 'href="#"' in contents
    return contents.count("<li>")


def test_the_contents_of_a_page_do_not_grow_with_the_book(first):
    before = _in_contents(first / HTML)
    assert _in_contents(_build(first, range(1, MANY_CHILDREN + 6))) == before


def test_only_pages_that_show_a_title_are_written_again(first):
    numbers = range(1, MANY_CHILDREN + 6)
    _build(first, numbers)
    before = _times(first)
    _build(first, numbers, titles={2: "Another name for the second"})
    after = _times(first)
    assert after.keys() == before.keys()
    own = (EVALUATIONS / site_id(2)).as_posix()
    assert {name for name in after if after[name] != before[name]} == {
        f"{own}/board.html",
        f"{own}/files.html",
        f"{own}/index.html",
        f"{own}/visits.html",
        f"{EVALUATIONS.as_posix()}/index.html",
        f"book/generated/sites/{site_id(2)}.html",
        "book/generated/board-pack.html",
        "book/generated/equity.html",
        "book/generated/find.html",
        "book/generated/glance.html",
        "book/generated/protocols.html",
        "book/generated/measures/made-up-visits.html",
        "book/generated/measures/index.html",  # Sphinx writes the parent of what it writes
        "book/generated/sites/index.html",
        "book/index.html",
    }
    # Nothing changed: Sphinx is not even started.
    of_sphinx = list((first / NEXT).rglob("*"))
    kept = {path: path.stat().st_mtime_ns for path in of_sphinx}
    _build(first, numbers, titles={2: "Another name for the second"})
    assert {*(first / NEXT).rglob("*")} == set(of_sphinx)
    assert {path: path.stat().st_mtime_ns for path in of_sphinx} == kept


def test_added_removed_and_renamed_evaluations_give_the_same_book_as_a_fresh_build(first, tmp_path):
    numbers = [*range(2, MANY_CHILDREN + 3), 90, 91]  # 1 withdrawn, 90 and 91 new
    titles = {5: "Another name for the fifth"}
    html = _build(first, numbers, titles=titles)
    assert _traces(first, 90)
    assert _traces(first, 1) == []
    fresh = tmp_path / "fresh"
    make_project(fresh)
    wanted = _contents(_build(fresh, numbers, incremental=False, titles=titles))
    updated = _contents(html)
    assert updated.keys() == wanted.keys()
    assert [name for name in wanted if updated[name] != wanted[name]] == []


def test_a_withdrawn_evaluation_vanishes_from_a_published_book(first):
    assert _traces(first, 4)
    _build(first, [2, 3], incremental=False)
    assert _traces(first, 4) == []


def test_an_interrupted_build_is_made_good_by_the_next(first):
    wanted = _contents(_build(first, [1, 2, 3]))
    (first / BOOK).unlink()
    damaged = first / NEXT_HTML / EVALUATIONS / site_id(2) / "index.html"
    damaged.write_text("half a pa")
    (first / HTML).replace(first / "_build" / ".html.old")
    (first / "_build" / ".html.new").mkdir()
    (first / "_build" / ".html.new" / "index.html").write_text("half a bo")
    assert _contents(_build(first, [1, 2, 3])) == wanted
    left = sorted(path.name for path in (first / "_build").iterdir())
    assert left == ["book.log", "html", "memory", "next", "templates"]


def test_a_page_put_back_from_an_older_copy_is_read(first):
    page = first / "book" / "about" / "data.md"
    now = page.read_text(encoding="utf-8")
    page.write_text(now + "\nA sentence added for a while.\n", encoding="utf-8")
    html = _build(first, [1, 2, 3])
    assert "added for a while" in (html / "book" / "about" / "data.html").read_text(encoding="utf-8")
    page.write_text(now, encoding="utf-8")
    os.utime(page, (1, 1))
    _build(first, [1, 2, 3])
    assert "added for a while" not in (html / "book" / "about" / "data.html").read_text(encoding="utf-8")


def test_a_page_of_the_same_size_and_time_is_read(first):
    _build(first, [1, 2, 3])
    page = first / "book" / "about" / "data.md"
    stat, text = page.stat(), page.read_text(encoding="utf-8")
    page.write_text(text.replace("licence", "LICENCE"), encoding="utf-8")
    os.utime(page, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    html = _build(first, [1, 2, 3])
    assert "LICENCE" in (html / "book" / "about" / "data.html").read_text(encoding="utf-8")
    page.write_text(text, encoding="utf-8")


def test_a_failed_incremental_build_leaves_the_book_before_and_calls_a_full_disk_so(first, monkeypatch):
    wanted = _contents(_build(first, [1, 2, 3]))
    settings = (first / "_config.yml").read_text(encoding="utf-8")
    (first / "_config.yml").write_text("title: [", encoding="utf-8")
    with pytest.raises(EvaluationError, match="book built before is unchanged"):
        _build(first, [1, 2])
    assert _contents(first / HTML) == wanted
    with monkeypatch.context() as patch:
        patch.setattr("evalkit.book.sphinx.html.shutil.disk_usage", lambda path: SimpleNamespace(free=4096))
        with pytest.raises(OSError, match=f"{os.strerror(errno.ENOSPC)}.*_build"):
            _build(first, [1, 2])
    (first / "_config.yml").write_text(settings, encoding="utf-8")
    assert _contents(_build(first, [1, 2, 3])) == wanted


def test_a_damaged_memory_of_the_last_build_is_none(first):
    """Whatever stands there is nothing, says `tests/unit/test_memory.py`."""
    wanted = _contents(_build(first, [1, 2, 3]))
    (first / BOOK).write_text("null", encoding="utf-8")
    assert _contents(_build(first, [1, 2, 3])) == wanted


def _same_size_and_time(path):
    """Another letter in a file, which looks untouched."""
    stat = path.stat()
    raw = path.read_bytes()
    path.write_bytes(raw[:-9] + b"\x00" + raw[-8:])
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize(
    "touch",
    [
        lambda html: _same_size_and_time(html / "search.html"),
        lambda html: _same_size_and_time(html.parent / "next" / "_build" / "html" / "search.html"),
        lambda html: (html / "search.html").unlink(),
        lambda html: (html / "search.html").write_text("altered"),
        lambda html: (html / "stray.html").write_text("put here by hand"),
    ],
    ids=["altered unseen", "altered where Sphinx works", "gone", "altered", "stray"],
)
def test_a_published_book_that_somebody_touched_is_put_right(first, touch):
    wanted = _contents(_build(first, [1, 2, 3]))
    assert is_current(first)
    touch(first / HTML)
    assert not is_current(first)
    assert _contents(_build(first, [1, 2, 3])) == wanted
    assert is_current(first)


@pytest.mark.parametrize("incremental", [True, False])
def test_settings_that_change_while_sphinx_waits_are_the_ones_that_count(first, incremental):
    catalogue, plans, outcomes = made_up(first, [1, 2, 3])
    title = f"Another book, {incremental}"
    with sphinx_for(first, incremental) as sphinx:
        sphinx.start()
        until(lambda: b"Running Sphinx" in (first / LOG).read_bytes())  # it has read its settings
        config = first / "_config.yml"
        config.write_text(re.sub("(?m)^title: .*$", f"title: {title}", config.read_text()))
        build(first, catalogue, plans, outcomes, incremental=incremental, sphinx=sphinx)
    pages = list((first / HTML / "book").rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        assert title in page.read_text(), page

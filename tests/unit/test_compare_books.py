"""Two made-up books, one changed in one place: the comparing script tells that place and no other."""

import json
from pathlib import Path

import pytest

from tools.compare_books import main

CHECKS = [
    {"name": "Enough points", "passed": True, "detail": "36 points."},
    {"name": "Missing periods", "passed": None, "detail": "None."},
]
RESULT = {
    "schema_version": 1,
    "verdict": {"word": "improved"},
    "effect": {"estimates": {"columns": ["term", "estimate"], "rows": [["level", 1.5]]}, "checks": CHECKS},
    "provenance": {"code_version": "evalkit 0.1.0 (aaaaaaaaaaaa)", "template_sha256": "a" * 64, "key": "b" * 64},
}
PAGE = """<html><head><title>A page</title><script src="a.js?v=1234abcd">let a = 1;</script></head><body>
<p>Fewer <em>visits</em> by night.</p><a href="other.html">Other</a>
<a href="_images/{picture}.png"><img src="_images/{picture}.png" alt="A line that falls"></a>
<p>evalkit 0.1.0 ({code}), template <code>its</code></p><p>sha256:{data}</p><pre>one
two</pre></body></html>"""
RESULT_FILE = "results/weston/all-types.json"
PAGE_FILE = "_build/html/index.html"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _book(folder: Path, code: str = "a" * 12) -> Path:
    _write(folder / RESULT_FILE, json.dumps(RESULT))
    _write(folder / "results/results.csv", "analysis,estimate,code_version\nall-types,1.5,evalkit 0.1.0\n")
    _write(folder / PAGE_FILE, PAGE.format(code=code, picture=code * 4, data="d" * 64))
    return folder


def _changed(book: Path, *, path: tuple, value) -> None:
    result = json.loads((book / RESULT_FILE).read_text(encoding="utf-8"))
    inner = result
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    _write(book / RESULT_FILE, json.dumps(result))


@pytest.fixture
def books(tmp_path):
    return _book(tmp_path / "before"), _book(tmp_path / "after")


def _compared(books, capsys) -> tuple[int, str]:
    status = main([str(book) for book in books])
    return status, capsys.readouterr().out


def test_the_same_book_twice_is_the_same(books, capsys):
    assert _compared(books, capsys) == (0, "The two books say the same.\n")


def test_stamps_are_left_out(books, capsys):
    _, after = books
    _book(after, code="b" * 12)
    _changed(after, path=("schema_version",), value=2)
    provenance = {"code_version": "evalkit 0.2.0 (b)", "template_sha256": "c" * 64, "key": "d" * 64}
    _changed(after, path=("provenance",), value=provenance)
    checks = [{**check, "code": "points", "domain": "data"} for check in CHECKS]
    _changed(after, path=("effect", "checks"), value=checks)
    table = (after / "results/results.csv").read_text(encoding="utf-8")
    _write(after / "results/results.csv", table.replace("0.1.0", "0.2.0"))
    assert _compared(books, capsys)[0] == 0


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("verdict", "word"), "worse", 'verdict.word: "improved" -> "worse"'),
        (("effect", "estimates", "rows", 0, 1), 1.6, "effect.estimates.rows[0].estimate: 1.5 -> 1.6"),
        (("effect", "checks", 0, "passed"), False, "effect.checks[Enough points].passed: true -> false"),
        (("effect", "checks"), CHECKS[1:], f"effect.checks[Enough points]: {json.dumps(CHECKS[0])} -> nothing"),
        (("effect", "checks"), CHECKS[::-1], "effect.checks: in another order"),
        (("verdict", "code"), "x", 'verdict.code: nothing -> "x"'),
    ],
)
def test_a_changed_field_is_told_by_its_path(books, capsys, path, value, line):
    _changed(books[1], path=path, value=value)
    assert _compared(books, capsys) == (
        1,
        f"{RESULT_FILE}: 1 difference\n  {line}\n1 difference in 1 file.\n",
    )


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("by night", "by day", 'text: "Fewer visits by night." -> "Fewer visits by day."'),
        ("d" * 64, "e" * 64, 'text: "sha256:' + "d" * 64 + '" -> "sha256:' + "e" * 64 + '"'),
        ("two", "three", 'text: "two" -> "three"'),
        ("other.html", "another.html", 'link: "other.html" -> "another.html"'),
        ("that falls", "that rises", 'words for a picture: "A line that falls" -> "A line that rises"'),
        ("<p>Fewer <em>visits</em> by night.</p>", "", 'text: "Fewer visits by night." -> nothing'),
    ],
)
def test_a_changed_page_is_told_by_what_a_reader_sees(books, capsys, before, after, line):
    page = books[1] / PAGE_FILE
    _write(page, page.read_text(encoding="utf-8").replace(before, after))
    assert _compared(books, capsys) == (1, f"{PAGE_FILE}: 1 difference\n  {line}\n1 difference in 1 file.\n")


def test_markup_and_line_breaks_of_the_source_are_no_difference(books, capsys):
    page = books[1] / PAGE_FILE
    text = page.read_text(encoding="utf-8").replace("<em>visits</em> by", "<b class='c'>visits</b>\n  by")
    _write(page, text.replace("let a = 1;", "let a = 2;"))
    assert _compared(books, capsys)[0] == 0


def test_a_changed_cell_and_a_file_that_only_one_book_has(books, capsys):
    before, after = books
    _write(after / "results/results.csv", "analysis,estimate,code_version\nall-types,1.6,evalkit 0.1.0\n")
    (after / RESULT_FILE).unlink()
    _write(after / "results/weston/new.json", "{}")
    status, printed = _compared((before, after), capsys)
    assert status == 1
    assert 'rows[0].estimate: "1.5" -> "1.6"' in printed
    assert f"{RESULT_FILE}: 1 difference\n  is in the first book only" in printed
    assert "results/weston/new.json: 1 difference\n  is in the second book only" in printed


def test_many_differences_of_a_file_are_counted_not_all_told(books, capsys):
    for book, value in zip(books, (0, 1), strict=True):
        _changed(book, path=("verdict",), value=[value] * 30)
    _, printed = _compared(books, capsys)
    assert f"{RESULT_FILE}: 30 differences" in printed
    assert printed.count("verdict[") == 20
    assert "and 10 more" in printed


def test_long_values_are_told_from_where_they_part(books, capsys):
    for book, last in zip(books, ("a", "b"), strict=True):
        _changed(book, path=("verdict", "word"), value="x" * 1000 + last)
    _, printed = _compared(books, capsys)
    assert f'verdict.word: …{"x" * 40}a" -> …{"x" * 40}b"\n' in printed


def test_what_is_no_book_is_refused_in_a_sentence(books, tmp_path, capsys):
    assert main([str(books[0]), str(tmp_path / "nowhere")]) == 2
    assert "holds nothing to compare: run `make book`" in capsys.readouterr().err
    _write(books[1] / RESULT_FILE, "{")
    assert main([str(book) for book in books]) == 2
    assert "is not JSON" in capsys.readouterr().err

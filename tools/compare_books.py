"""Whether two built books say the same: ``python tools/compare_books.py BEFORE AFTER``.

Each is a project's folder after ``make book``, with ``results/`` and ``_build/html/``.
Exit status 0: the same; 1: they differ, and every difference is told by file; 2: there is nothing to compare.

Compared
    JSON field by field and CSV cell by cell, below ``results/`` and among the book's downloads;
    of every HTML page the text, the addresses its links name, and the words that stand for pictures (``alt``,
    ``aria-label``); files that are in one book only.
Left out, as stamps
    JSON: ``schema_version``, ``code_version``, ``template_sha256``, ``key``, ``result_sha256`` (hashes over code),
    and ``code`` and ``domain`` of a check.  CSV: the column ``code_version``.
    HTML: the version and hash behind the word evalkit; in addresses the query ``?v=`` and the hash that names a picture.
Not compared
    Pictures, styles, scripts, the search index and downloaded notebooks.
"""

import argparse
import csv
import difflib
import io
import json
import re
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

FOLDERS = ("results", "_build/html")
STAMPS = {"schema_version", "code_version", "template_sha256", "key", "result_sha256"}
NEW_IN_A_CHECK = {"code", "domain"}
VERSION = re.compile(r"\bevalkit \d+(\.\w+)+( \([0-9a-f]+\))?")
HASH_IN_ADDRESS = re.compile(r"\?v=[0-9a-f]+|(?<=_images/)[0-9a-f]{40,}")
UNSEEN = ("script", "style", "template", "noscript")
WITHIN_A_LINE = {
    "a", "abbr", "b", "cite", "code", "em", "i", "kbd", "label", "mark", "q", "small", "span", "strong", "sub", "sup",
    "time", "tspan", "var",
}  # fmt: skip
LINE_ENDS = "\x1e"
ABSENT = object()
SHOWN = 20  # differences of a file that are told one by one
LONGEST = 160  # characters of a value that are told
LEAD = 40  # characters told of what two long values begin with alike


class Unreadable(Exception):
    """A sentence that says which file or folder cannot be compared, and why."""


def main(arguments: list[str] | None = None) -> int:
    """Tell the differences; the exit status is 0 without, 1 with differences, 2 where there is nothing to compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    books = parser.parse_args(arguments)
    try:
        differences = compare_books(books.before, books.after)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 2
    for file, sentences in differences.items():
        print(f"{file}: {_counted(len(sentences), 'difference')}")
        print(*(f"  {sentence}" for sentence in sentences[:SHOWN]), sep="\n")
        if len(sentences) > SHOWN:
            print(f"  and {len(sentences) - SHOWN} more")
    total = sum(map(len, differences.values()))
    summary = f"{_counted(total, 'difference')} in {_counted(len(differences), 'file')}."
    print(summary if total else "The two books say the same.")
    return 1 if total else 0


def compare_books(before: Path, after: Path) -> dict[str, list[str]]:
    """The differences of two books, as sentences by file.

    Raises
    ------
    Unreadable
        Where a folder holds no built book, or a file in it cannot be read.
    """
    files_before, files_after = _files(before), _files(after)
    differences = {}
    for file in sorted(files_before | files_after):
        if file not in files_after:
            differences[file] = ["is in the first book only"]
        elif file not in files_before:
            differences[file] = ["is in the second book only"]
        elif sentences := list(COMPARE[Path(file).suffix](before / file, after / file)):
            differences[file] = sentences
    return differences


def _files(book: Path) -> set[str]:
    files = set()
    for folder in FOLDERS:
        inside = {path.relative_to(book).as_posix() for path in (book / folder).rglob("*") if path.suffix in COMPARE}
        if not inside:
            raise Unreadable(f"{book / folder} holds nothing to compare: run `make book` in {book} first.")
        files |= inside
    return files


def _compare_json(before: Path, after: Path) -> Iterator[str]:
    return _compare_values(_json(before), _json(after), "")


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except ValueError:
        raise Unreadable(f"{path} is not JSON: build that book again.") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Unreadable(f"{path} cannot be read as text: build that book again.") from None


def _compare_values(before: Any, after: Any, path: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        left_out = STAMPS | (NEW_IN_A_CHECK if {"name", "passed"} <= before.keys() & after.keys() else set())
        columns = before.get("columns") if before.get("columns") == after.get("columns") else None
        for name in [*before, *(name for name in after if name not in before)]:
            if name in left_out:
                continue
            inner = before.get(name, ABSENT), after.get(name, ABSENT), f"{path}.{name}".lstrip(".")
            if name == "rows" and columns and ABSENT not in inner[:2]:
                yield from _compare_rows(*inner, columns)
            else:
                yield from _compare_values(*inner)
    elif isinstance(before, list) and isinstance(after, list):
        named_before, named_after = _by_name(before), _by_name(after)
        if named_before and named_after:
            for name in [*named_before, *(name for name in named_after if name not in named_before)]:
                yield from _compare_values(
                    named_before.get(name, ABSENT), named_after.get(name, ABSENT), f"{path}[{name}]"
                )
            kept = [name for name in named_before if name in named_after]
            if kept != [name for name in named_after if name in named_before]:
                yield f"{path}: in another order"
        else:
            for index, (old, new) in enumerate(zip_longest(before, after, fillvalue=ABSENT)):
                yield from _compare_values(old, new, f"{path}[{index}]")
    elif type(before) is not type(after) or before != after:
        yield f"{path}: {_change(before, after)}"


def _compare_rows(before: list, after: list, path: str, columns: list[str]) -> Iterator[str]:
    """Rows of a table whose columns are named beside them: a cell is told by the name of its column."""
    for index, (old, new) in enumerate(zip_longest(before, after, fillvalue=ABSENT)):
        if isinstance(old, list) and isinstance(new, list) and len(old) == len(new) == len(columns):
            for column, *cells in zip(columns, old, new, strict=True):
                if column not in STAMPS:
                    yield from _compare_values(*cells, f"{path}[{index}].{column}")
        else:
            yield from _compare_values(old, new, f"{path}[{index}]")


def _by_name(values: list) -> dict[str, Any] | None:
    """The entries of a list by their names, so that one dropped does not shift the rest; None without such names."""
    names = [value["name"] for value in values if isinstance(value, dict) and isinstance(value.get("name"), str)]
    if len(set(names)) < len(values):
        return None
    return dict(zip(names, values, strict=True))


def _compare_csv(before: Path, after: Path) -> Iterator[str]:
    header_before, *rows_before = _csv(before)
    header_after, *rows_after = _csv(after)
    if header_before != header_after:
        yield f"columns: {_change(header_before, header_after)}"
    elif len(rows_before) != len(rows_after):
        yield f"rows: {len(rows_before)} -> {len(rows_after)}"
    yield from _compare_rows(rows_before, rows_after, "rows", header_before if header_before == header_after else [])


def _csv(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(_text(path)))) or [[]]


def _compare_html(before: Path, after: Path) -> Iterator[str]:
    pages = _without_stamps(_text(before)), _without_stamps(_text(after))
    if pages[0] == pages[1]:
        return
    for kind, old, new in zip(("text", "link", "words for a picture"), *map(_page, pages), strict=True):
        for change, i, j, m, n in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if change != "equal":
                for line, line_after in zip_longest(old[i:j], new[m:n], fillvalue=ABSENT):
                    yield f"{kind}: {_change(line, line_after)}"


def _without_stamps(html: str) -> str:
    return VERSION.sub("evalkit", HASH_IN_ADDRESS.sub("", html))


def _page(html: str) -> tuple[list[str], list[str], list[str]]:
    """The lines of text that a page shows, the addresses it links to, and its words for pictures."""
    page = BeautifulSoup(html, "html.parser")
    for tag in page(UNSEEN):
        tag.decompose()
    addresses = [str(tag["href"]) for tag in page("a", href=True)]
    words = [str(tag[name]) for tag in page(True) for name in ("alt", "aria-label") if tag.get(name)]
    for string in (string for tag in page("pre") for string in tag.find_all(string=True)):
        string.replace_with(string.replace("\n", LINE_ENDS))  # elsewhere a line that the source breaks is one line
    for tag in page(True):
        if tag.name not in WITHIN_A_LINE:
            tag.insert_before(LINE_ENDS)
            tag.insert_after(LINE_ENDS)
    lines = (" ".join(line.split()) for line in page.get_text().split(LINE_ENDS))
    return [line for line in lines if line], addresses, words


def _change(before: Any, after: Any) -> str:
    """Both values, each from shortly before where they part."""
    old, new = _shown(before), _shown(after)
    alike = 0
    if max(len(old), len(new)) > LONGEST:
        alike = next(
            (place for place, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
        )
    return " -> ".join(_shortened(text, max(alike - LEAD, 0)) for text in (old, new))


def _shown(value: Any) -> str:
    return "nothing" if value is ABSENT else json.dumps(value, ensure_ascii=False)


def _shortened(text: str, start: int) -> str:
    part = text[start : start + LONGEST]
    return ("…" if start else "") + part + ("…" if start + LONGEST < len(text) else "")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


COMPARE = {".json": _compare_json, ".csv": _compare_csv, ".html": _compare_html}

if __name__ == "__main__":
    sys.exit(main())

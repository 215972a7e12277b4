"""Nothing of a person leaves with the book: every file of a new book is read before it takes the old one's place.

Read are HTML (text, attributes, comments, scripts), JSON, CSV, notebooks (sources, outputs, metadata), SVG, the search index and any
other text; the text chunks of PNG pictures, in files and inside other files; and the parts of Word, PowerPoint, Excel and ZIP
files, one inside another too. Looked for are

- columns and fields by name: headers of CSV and of tables in HTML and Office files, keys of JSON, attributes ``data-...``, the first
  line of a printed frame, and in notebooks names in quotation marks that have an underscore;
- numbers of people, and what a label says, in any text (``people.found_in``);
- rows of CSV that are a name and a date of birth each, with headings or without;
- full postcodes that are a whole cell of CSV or of a table in a notebook or an Office file, or a whole value of JSON.

What passes unseen is what ``people`` says, and: what is drawn in a picture; PDF, fonts and pictures that are no PNG (data in other
binary forms, as Parquet or SQLite, are refused unread); keys in scripts and words of the search index, which are those of the pages; a number cut in two by markup; a postcode in prose or in a table of a
page with no label, as the addresses of hospitals are published.

Most files are told at once, by their bytes, to hold nothing of the kind; only the others are taken apart. A file that was read and
has not changed since is not read again.
"""

import csv
import html
import io
import json
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from evalkit.disclosure import people
from evalkit.disclosure.pictures import PNG, chunks, without_pictures
from evalkit.errors import InputRefused, Problem
from evalkit.files import file_sha256
from evalkit.memory import Mark, Memory

NAME = "clean"
DAYS = (b"/00", b"0-00-0", b".00.00", b"0 A", b"0-A")  # what days look like in such a shape
RECORDS_LOOKED_AT = 300  # rows that tell what a table is
DEEPEST = 4  # files inside files
LARGEST_PART = 200_000_000  # bytes of a part of a ZIP file, unpacked
UNCHANGED = "the book built before is unchanged"
REMEDY = f"take it out of what the book is made from; {UNCHANGED}."
UNREAD = f"cannot be read, so nobody knows whether people are in it: put a whole file in its place; {UNCHANGED}."
NOT_READ = f"is of a kind in which nobody looks for records on people: publish it as CSV instead; {UNCHANGED}."

# What readers of packed and damaged files raise: a password and too many levels are runtime errors too.
UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, LookupError, RuntimeError, ValueError)  # fmt: skip

BINARY = (".woff2", ".woff", ".ttf", ".otf", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".pdf")
_DATA = "parquet feather arrow xls xlsb ods sav dta sas7bdat rds rdata db sqlite mdb pkl npy npz h5 gz bz2 xz zst 7z rar tar"
DATA_NOT_READ = tuple(f".{ending}" for ending in _DATA.split())
MARKUP = (".html", ".htm", ".svg", ".xml", ".xhtml")
PACKED = (".docx", ".pptx", ".xlsx", ".zip")
HEAD = re.compile(rb"<th\b[^>]*>(.*?)</th>", re.DOTALL)
FIRST_ROW = re.compile(rb"<table\b.{0,2000}?<tr\b[^>]*>(.*?)</tr>", re.DOTALL)
CELL = re.compile(rb"<t[dh]\b[^>]*>(.*?)</t[dh]>", re.DOTALL)
ATTRIBUTE = re.compile(rb"data-([\w-]{2,40})=")
WORD = re.compile(rb"(\S+)")
KEY = re.compile(rb'"([^"\\\n]{2,40})"\s*:')
PRINTED = re.compile(rb'"text(?:/plain)?":\s*\[?\s*"( [^"\\]*)')
QUOTED = re.compile(rb"[\"']([A-Za-z]\w*_\w+)\\?[\"']")
VALUE = re.compile(rb'"\s*([A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2})\s*\\?"')
NO_DIGITS = str.maketrans("0123456789", " " * 10)
GEOMETRY = re.compile(r"\s(?:d|points|transform|viewBox)=(\"[^\"]*\"|'[^']*')")
SCRIPT_DATA = re.compile(rb"<script\b[^>]*json[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
ESCAPED_BLANK = re.compile(r"&nbsp;|&#160;|&#xa0;|\\u00a0|\\u2009|\\u2011|\\u2013|\\u202f|\\[nrt]")
OFFICE_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)|</(?:\w+:)?(p|si|c|tc)>|<(?:\w+:)?v>([^<]*)")
OFFICE_ROW = re.compile(rb"<(?:w|a):tbl\b.*?<(?:w|a):tr\b(.*?)</(?:w|a):tr>", re.DOTALL)


class Leak(NamedTuple):
    """What was found, and where in its file: a line (0 where it has none), and words that follow a colon."""

    kind: str
    line: int
    place: str = ""


def refuse_leaks(root: Path, files: Mapping[str, str]) -> None:
    """Read every file of a book that was not read before as it is.

    Parameters
    ----------
    root : the project's folder, where it is kept what was read
    files : path of each file to read, by its place in the book

    Raises
    ------
    InputRefused
        With every place that holds what identifies people, and its kind; never with what stands there.
    """
    memory, depends = Memory.of_project(root, "leaks"), {"read by": _readers()}
    kept = memory.entry(NAME)
    before = kept.content if kept is not None and kept.depends == depends else {}
    clean, problems = {}, []
    for name, path in files.items():
        if name in before and Mark(**before[name]).holds(path):
            clean[name] = before[name]
            continue
        mark = Mark.of(path)
        found = problems_of(name, Path(path).read_bytes())
        problems += found
        if not found:
            clean[name] = asdict(mark)
    if clean != before:
        memory.remember(NAME, depends, clean)
    if problems:
        raise InputRefused(problems)


def _readers() -> list[str]:
    here = Path(__file__)
    return [
        file_sha256(module)
        for module in (here, here.with_name("people.py"), here.with_name("pictures.py"), here.parents[1] / "memory.py")
    ]


def problems_of(name: str, raw: bytes) -> list[Problem]:
    """What of people a file of the book holds, a sentence for each place.

    Parameters
    ----------
    name : its place in the book; its ending says how it is read
    """
    shown = people.without_numbers(name)
    problems = [Problem(shown, 0, f"its name holds {found.kind}: {REMEDY}") for found in people.numbers_in(name)]
    if name.lower().endswith(DATA_NOT_READ):
        return [*problems, Problem(shown, 0, NOT_READ)]
    try:
        for leak in dict.fromkeys(leaks_in(name, raw)):
            where = people.without_numbers(f"{leak.place} " if leak.place else "")
            problems.append(Problem(shown, leak.line, f"{where}holds {leak.kind}: {REMEDY}"))
    except UNREADABLE:
        problems.append(Problem(shown, 0, UNREAD))
    return problems


def leaks_in(name: str, raw: bytes, deep: int = 0) -> Iterator[Leak]:
    """Everything of people in a file, read as its ending and its first bytes say; raises ``UNREADABLE`` where it is not that."""
    suffix = Path(name).suffix.lower()
    if raw.startswith(PNG):
        for text in chunks(raw):
            yield from _in_text(text.encode(), "a text chunk of the picture")
        return
    if suffix in PACKED or raw.startswith(b"PK\x03\x04"):
        yield from _in_parts(raw, deep)
        return
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raw = raw.decode("utf-16").encode()
    if name == "objects.inv":
        raw = zlib.decompress(raw.split(b"\n", 4)[4])
    if suffix in BINARY:
        return
    raw, pictures = without_pictures(raw)
    for picture in pictures:
        for text in chunks(picture):
            yield from _in_text(text.encode(), "a text chunk of a picture inside")
    if suffix == ".ipynb":
        yield from _in_notebook(raw)
    elif suffix in MARKUP:
        yield from _in_markup(raw)
    elif suffix in (".csv", ".tsv"):
        yield from _in_csv(raw)
    elif suffix == ".json":
        yield from _in_json(raw)
        yield from _in_text(raw)
    else:
        yield from _in_text(raw)


def _in_text(raw: bytes, place: str = "") -> Iterator[Leak]:
    """In any text, its markup too."""
    numbers, labels = people.may_hold_numbers(raw), people.may_hold_labels(raw)
    if not (numbers or labels):
        return
    text = ESCAPED_BLANK.sub(_padded, raw.decode(errors="replace"))
    text = GEOMETRY.sub(lambda match: match[0].translate(NO_DIGITS), text)
    found = [*(people.numbers_in(text) if numbers else ()), *(people.labelled_in(text) if labels else ())]
    for one in found:
        yield Leak(one.kind, 0 if place else text.count("\n", 0, one.start) + 1, place)


def _padded(match: re.Match) -> str:
    """A blank as it is read, as long as it was written: a place in the text is then one in the file."""
    return (" " if match[0].startswith("\\") and len(match[0]) == 2 else "\u00a0").ljust(len(match[0]), "\0")


def _in_markup(raw: bytes, place: str = "", cells: bool = False) -> Iterator[Leak]:
    """HTML and SVG: headers, attributes, fields of the data in scripts, and all text.

    Parameters
    ----------
    cells : whether its tables are data, in which a postcode is the postcode of somebody
    """
    yield from _named(raw, HEAD, place)
    yield from _named(raw, ATTRIBUTE, place)
    for row in FIRST_ROW.finditer(raw):
        yield from _named(row[1], CELL, place, _line(raw, row.start(1)))
    for data in SCRIPT_DATA.finditer(raw):
        yield from _named(data[1], KEY, place, _line(raw, data.start(1)))
    if cells:
        for cell in CELL.finditer(raw):
            if people.is_postcode(_plain(cell[1])):
                yield Leak(people.POSTCODE, 0, place)
    yield from _in_text(raw, place)


def _named(raw: bytes, pattern: re.Pattern, place: str, first_line: int = 1) -> Iterator[Leak]:
    """The columns that a pattern finds and that name people."""
    for match in pattern.finditer(raw):
        if _names_a_person(match[1]):
            yield Leak(people.COLUMN, 0 if place else first_line + raw.count(b"\n", 0, match.start(1)), place)


@lru_cache(maxsize=100_000)  # pages have the same headers and attributes
def _names_a_person(name: bytes) -> bool:
    return people.names_a_person(_plain(name))


def _line(raw: bytes, offset: int) -> int:
    return raw.count(b"\n", 0, offset) + 1


def _plain(cell: bytes) -> str:
    return html.unescape(people.MARK.sub("", cell.decode(errors="replace"))).strip()


def _in_json(raw: bytes, place: str = "") -> Iterator[Leak]:
    """Keys, and values that are a postcode; its text is read beside this."""
    yield from _named(raw, KEY, place)
    if b"0AA" in raw.translate(people.SHAPE):
        for match in VALUE.finditer(raw):
            if people.is_postcode(match[1].decode()):
                yield Leak(people.POSTCODE, 0 if place else _line(raw, match.start()), place)


def _in_csv(raw: bytes) -> Iterator[Leak]:
    """The names of columns, in the first line of several cells, and cells that hold a number or are a postcode."""
    text = raw.decode("utf-8-sig", errors="replace")
    for line, row in _rows(text):
        yield from (
            Leak(people.COLUMN, line, f"column {n}") for n, cell in enumerate(row, 1) if people.names_a_person(cell)
        )
        if len(row) > 1:
            break
    shape = raw.translate(people.SHAPE)
    if any(day in shape for day in DAYS) and people.are_records(
        [row for _, row in islice(_rows(text), RECORDS_LOOKED_AT)]
    ):
        yield Leak(people.RECORDS, 1)
    if b"0AA" in shape or people.may_hold_numbers(raw, shape):
        for line, row in _rows(text):
            for number, cell in enumerate(row, start=1):
                if people.is_postcode(cell):
                    yield Leak(people.POSTCODE, line, f"column {number}")
                for found in people.numbers_in(cell):
                    yield Leak(found.kind, line, f"column {number}")
    if people.may_hold_labels(raw):
        for found in people.labelled_in(text):
            yield Leak(found.kind, text.count("\n", 0, found.start) + 1)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    delimiter = max(",;\t", key=text[:2_000].count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for row in rows:
            yield line, row
            line = rows.line_num + 1
    except csv.Error:  # it is no CSV, so each line is a cell
        yield from ((line, [cell]) for line, cell in enumerate(text.split("\n"), start=1))


def _in_notebook(raw: bytes) -> Iterator[Leak]:
    """Its cells and what they gave. One that is no JSON is read as text."""
    names = {match[1] for pattern in (KEY, QUOTED, HEAD) for match in pattern.finditer(raw)}
    printed = {name for match in PRINTED.finditer(raw) for name in match[1].split()}
    if not (
        any(map(_names_a_person, names | printed))
        or b"0AA" in raw.translate(people.SHAPE)
        or people.may_hold_numbers(raw)
        or people.may_hold_labels(raw)
    ):
        return
    try:
        notebook = json.loads(raw)
        cells = notebook["cells"]
        texts = list(_texts_of(cells))
        rest = _plain_json({name: value for name, value in notebook.items() if name != "cells"})
    except (ValueError, KeyError, TypeError, AttributeError):
        yield from _in_json(raw)
        yield from _in_text(raw)
        return
    for place, kind, text in [*texts, ("the metadata of the notebook", "json", rest)]:
        if kind == "markup":
            yield from _in_markup(text, place, cells=True)
            continue
        if kind == "json":
            yield from _in_json(text, place)
        elif kind == "source":
            yield from _named(text, QUOTED, place)
        elif kind == "frame" and text.startswith(b" "):
            yield from _named(text.partition(b"\n")[0], WORD, place)
        yield from _in_text(text, place)


def _texts_of(cells: list) -> Iterator[tuple[str, str, bytes]]:
    """Place, kind and text of everything in the cells of a notebook."""
    for number, cell in enumerate(cells, start=1):
        where = f"cell {number}"
        yield f"the source of {where}", "source", _joined(cell.get("source", ""))
        aside = {name: cell.get(name) for name in ("metadata", "attachments", "id") if name in cell}
        yield f"the metadata of {where}", "json", _plain_json(aside)
        for position, output in enumerate(cell.get("outputs", ()), start=1):
            place = f"output {position} of {where}"
            for mime, content in output.get("data", {}).items():
                kind = "markup" if mime in ("text/html", "image/svg+xml") else "frame"
                kind, content = (
                    ("json", _plain_json(content).decode()) if isinstance(content, dict) else (kind, content)
                )
                yield place, kind, _joined(content)
            aside = {name: value for name, value in output.items() if name not in ("data", "text", "traceback")}
            yield place, "json", _plain_json(aside)
            yield place, "frame", _joined(output.get("text", ""))
            yield place, "text", _joined(output.get("traceback", ""))


def _joined(lines: str | list[str]) -> bytes:
    return (lines if isinstance(lines, str) else "".join(map(str, lines))).encode(errors="replace")


def _plain_json(value) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(errors="replace")


def _in_parts(raw: bytes, deep: int) -> Iterator[Leak]:
    """The parts of a ZIP file, as Office files are."""
    if deep >= DEEPEST:
        raise zipfile.BadZipFile
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        for part in parts.infolist():
            if part.file_size > LARGEST_PART:
                raise zipfile.BadZipFile
            inside = f"its part {part.filename}"
            content = parts.read(part)
            if part.filename.lower().endswith((".xml", ".rels")):
                leaks = _in_office(content)
            else:
                leaks = leaks_in(part.filename, content, deep + 1)
            for leak in leaks:
                at = f", line {leak.line}" if leak.line else ""
                yield Leak(leak.kind, 0, f"{inside}{at}" + (f", {leak.place}" if leak.place else ""))


def _in_office(raw: bytes) -> Iterator[Leak]:
    """An XML part: the first row of each table, shared cells, and its text, whose paragraphs are in pieces."""
    columns = [cell for row in OFFICE_ROW.finditer(raw) for cell in _paragraphs(row[1])]
    shared = _paragraphs(raw) if b"<sst" in raw or b"inlineStr" in raw else []
    if any(people.names_a_person(name) for name in (*columns, *shared)):
        yield Leak(people.COLUMN, 0)
    if any(map(people.is_postcode, shared)):
        yield Leak(people.POSTCODE, 0)
    for text in ("\n".join(_paragraphs(raw)).encode(), raw):
        yield from (Leak(leak.kind, 0) for leak in _in_text(text))


def _paragraphs(raw: bytes) -> list[str]:
    text = b"".join(b"\n" if end else piece or number for piece, end, number in OFFICE_TEXT.findall(raw))
    return [html.unescape(line) for line in text.decode(errors="replace").split("\n") if line]

"""A record on a person in any file of a book keeps the book from being published; the file is named, the record is not."""

import base64
import io
import json
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Cm

from evalkit.book.sphinx.html import HTML, LOG, NEXT_HTML, make_html
from evalkit.disclosure import leak_scan
from evalkit.disclosure.leak_scan import problems_of, refuse_leaks
from evalkit.disclosure.people import BIRTH, COLUMN, NAME, NHS, POSTCODE, RECORDS, check_digit
from evalkit.errors import InputRefused
from evalkit.files import files_below

NUMBER = f"999000001{check_digit('999000001')}"
APART = f"{NUMBER[:3]} {NUMBER[3:6]} {NUMBER[6:]}"
VALUES = (NUMBER, APART, "Smith", "1961", "ZZ9 4TQ")
PAGE = "<html><head><title>A page</title></head>\n<body>\n{}\n</body></html>"


def page(inside: str) -> bytes:
    return PAGE.format(inside).encode()


def notebook(source: str = "1", outputs=(), metadata=None, of_cell=None) -> bytes:
    cell = {
        "cell_type": "code",
        "metadata": of_cell or {},
        "source": [source],
        "outputs": list(outputs),
        "execution_count": 1,
    }
    whole = {"cells": [cell], "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1).encode()


def output(**data) -> dict:
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {key.replace("_", "/"): text for key, text in data.items()},
    }


def png(kind: bytes, content: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return leak_scan.PNG + head + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(kind, content) + chunk(b"IEND", b"")


def slide(said: str) -> bytes:
    deck = Presentation()
    shape = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_textbox(0, 0, Cm(5), Cm(2))
    shape.text_frame.text = said[:5]
    shape.text_frame.paragraphs[0].add_run().text = said[5:]
    return _saved(deck)


def chart(*categories: str) -> bytes:
    """Its figures are in a workbook inside the slide."""
    deck, data = Presentation(), CategoryChartData()
    data.categories = categories
    data.add_series("Visits", range(len(categories)))
    deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_chart(XL_CHART_TYPE.LINE, 0, 0, Cm(5), Cm(5), data)
    return _saved(deck)


def letter(*header: str, said: str = "") -> bytes:
    document = Document()
    document.add_paragraph(said[:5]).add_run(said[5:])
    if header:
        table = document.add_table(2, len(header))
        for cell, text in zip(table.rows[0].cells, header, strict=True):
            cell.text = text
    return _saved(document)


def _saved(document) -> bytes:
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def packed(name: str, content: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as parts:
        parts.writestr(name, content)
    return held.getvalue()


PICTURE = png(b"tEXt", f"Comment\0{NUMBER}".encode())
SEEDED = {
    "text of a page": ("a.html", page(f"<p>Seen: {APART}.</p>"), NHS, "line 3"),
    "text with blanks of HTML": ("a.html", page(f"<p>{APART.replace(' ', '&nbsp;')}</p>"), NHS, "line 3"),
    "attribute": ("a.html", page(f'<p title="{NUMBER}">One</p>'), NHS, "line 3"),
    "name of an attribute": ("a.html", page('<p data-nhs-number="x">One</p>'), COLUMN, "line 3"),
    "comment": ("a.html", page(f"<!-- {NUMBER} -->"), NHS, "line 3"),
    "script": ("a.html", page(f'<script>let x = [{NUMBER}, 2]</script>'), NHS, "line 3"),
    "data of a script": ("a.html", page('<script type="application/json">{"date_of_birth": 1}</script>'), COLUMN, "line 3"),
    "value in data of a script": ("a.html", page(f'<script type="application/json">{{"a": "x\\n{NUMBER}"}}</script>'), NHS, "line 3"),
    "header of a table": ("a.html", page("<table><tr><th><p>NHS number</p></th></tr></table>"), COLUMN, "line 3"),
    "first row of a table": ("a.html", page("<table>\n<tr><td>Surname</td><td>Age</td></tr></table>"), COLUMN, "line 4"),
    "label in a table": ("a.html", page("<tr><th>Date of<br>birth:</th><td>3 Feb 1961</td></tr>"), BIRTH, ""),
    "label on a page": ("a.html", page("<b>Date of birth</b> <i>03/02/1961</i>"), BIRTH, "line 3"),
    "label of a name": ("a.html", page("<b>Surname:</b> Smith"), NAME, "line 3"),
    "picture in a page": ("a.html", page(f'<img src="data:image/png;base64,{base64.b64encode(PICTURE).decode()}">'), NHS, "a text chunk"),
    "key of JSON": ("a.json", b'{"data": [{\n"patient_id": 7}]}', COLUMN, "line 2"),
    "value of JSON": ("a.json", f'{{"data": [\n{NUMBER}]}}'.encode(), NHS, "line 2"),
    "label in JSON": ("a.json", b'{"note": "DOB:\\n03/02/1961"}', BIRTH, "line 1"),
    "postcode in JSON": ("a.json", b'{"place": "ZZ9 4TQ"}', POSTCODE, "line 1"),
    "header of CSV": ("a.csv", b"org_code,Date of birth\nRA3,1\n", COLUMN, "line 1: column 2"),
    "header below a title": ("a.csv", b"An extract\norg_code;surname\nRA3;x\n", COLUMN, "line 2: column 2"),
    "value of CSV": ("a.csv", f"org_code,value\nRA3,{NUMBER}\n".encode(), NHS, "line 2: column 2"),
    "value of CSV as a float": ("a.csv", f"org_code,value\nRA3,{NUMBER}.0\n".encode(), NHS, "line 2: column 2"),
    "postcode in CSV": ("a.csv", b'org_code,value\nRA3,"ZZ9 4TQ"\n', POSTCODE, "line 2: column 2"),
    "people in CSV without headings": ("a.csv", b"Ann Smith,14/02/1934\nJohn O'Neill,03/11/1941\nMary Jones,30/06/1928\n", RECORDS, "line 1"),
    "people in CSV under other headings": ("a.csv", b"a;b;c\nSmith;Ann;1934-02-14\nJones;John;1981-11-03\nO'Neill;Mary;1992-06-30\n", RECORDS, "line 1"),
    "people in CSV, years of two figures": ("a.csv", b"1,\"Smith, Ann\",14 Feb 34\n2,\"Jones, John\",3 Nov 41\n3,\"O'Neill, Mary\",30 Jun 92\n", RECORDS, "line 1"),
    "note in CSV": ("a.csv", b'org_code,note\nRA3,"seen, DOB 03/02/1961"\n', BIRTH, "line 2"),
    "source of a notebook": ("a.ipynb", notebook(f"x = '{APART}'"), NHS, "the source of cell 1"),
    "column in a source": ("a.ipynb", notebook("frame['nhs_number']"), COLUMN, "the source of cell 1"),
    "printed frame": ("a.ipynb", notebook(outputs=[output(text_plain="   surname  age\n0  Smith  3")]), COLUMN, "output 1 of cell 1"),
    "shown frame": ("a.ipynb", notebook(outputs=[output(text_html="<table><th>DOB</th></table>")]), COLUMN, "output 1 of cell 1"),
    "value in an output": ("a.ipynb", notebook(outputs=[output(text_plain=["0\n", NUMBER])]), NHS, "output 1 of cell 1"),
    "postcode in an output": ("a.ipynb", notebook(outputs=[output(text_html="<td>ZZ9 4TQ</td>")]), POSTCODE, "output 1 of cell 1"),
    "printed text": ("a.ipynb", notebook(outputs=[{"output_type": "stream", "name": "stdout", "text": [NUMBER]}]), NHS, "output 1 of cell 1"),
    "picture in a notebook": ("a.ipynb", notebook(outputs=[output(image_png=base64.b64encode(PICTURE).decode())]), NHS, "a text chunk"),
    "metadata of a notebook": ("a.ipynb", notebook(metadata={"papermill": {"parameters": {"id": NUMBER}}}), NHS, "the metadata of the notebook"),
    "metadata of a cell": ("a.ipynb", notebook(of_cell={"surname": 1}), COLUMN, "the metadata of cell 1"),
    "a notebook that is none": ("a.ipynb", f'{{"cells": {NUMBER}'.encode(), NHS, "line 1"),
    "SVG text": ("a.svg", f"<svg>\n<text>{APART}</text></svg>".encode(), NHS, "line 2"),
    "SVG title": ("a.svg", b"<svg><title>Surname: Smith</title></svg>", NAME, "line 1"),
    "PNG text": ("a.png", PICTURE, NHS, "a text chunk"),
    "PNG packed text": ("a.png", png(b"zTXt", b"Comment\0\0" + zlib.compress(APART.encode())), NHS, "a text chunk"),
    "PNG text of all languages": ("a.png", png(b"iTXt", b"Comment\0\0\0en\0\0" + NUMBER.encode()), NHS, "a text chunk"),
    "search index": ("searchindex.js", f'Search.setIndex({{"terms":{{"{NUMBER}":[1,2]}}}})'.encode(), NHS, "line 1"),
    "list of names": ("objects.inv", b"# 1\n# 2\n# 3\n# 4\n" + zlib.compress(f"a std:label -1 a.html {NUMBER}".encode()), NHS, "line 1"),
    "style": ("a.css", f"/* {NUMBER} */".encode(), NHS, "line 1"),
    "text in another encoding": ("a.txt", NUMBER.encode("utf-16"), NHS, "line 1"),
    "slide": ("a.pptx", slide(APART), NHS, "its part ppt/slides/slide1.xml"),
    "workbook in a slide": ("a.pptx", chart("January", APART), NHS, ".xlsx, its part xl/sharedStrings.xml"),
    "column of a workbook": ("a.pptx", chart("Surname", "Smith"), COLUMN, ".xlsx, its part xl/sharedStrings.xml"),
    "paragraph of Word": ("a.docx", letter(said=f"Seen: {APART}"), NHS, "its part word/document.xml"),
    "table of Word": ("a.docx", letter("Age", "Date of birth"), COLUMN, "its part word/document.xml"),
    "file in a file": ("a.zip", packed("b.csv", b"org_code,surname\n"), COLUMN, "its part b.csv, line 1, column 2"),
    "name of a file": (f"{NUMBER}.csv", b"a,b\n", NHS, "its name"),
}  # fmt: skip


@pytest.mark.parametrize("seeded", SEEDED)
def test_a_leak_is_found_wherever_it_is(seeded):
    name, raw, kind, place = SEEDED[seeded]
    said = [str(problem) for problem in problems_of(name, raw)]
    assert [one for one in said if kind in one and place in one], said
    assert all(one.startswith(name.replace(NUMBER, "[number of a person]")) and one.endswith(".") for one in said)
    assert not [value for value in VALUES if value in "".join(said)]


@pytest.mark.parametrize("seeded", ["text of a page", "value of CSV", "PNG text", "slide", "value in an output"])
def test_without_it_there_is_none(seeded):
    clean = {
        "text of a page": page("<p>Seen: 1,234,567 people.</p>"),
        "value of CSV": b"org_code,value\nRA3,0.9990000018\n",
        "PNG text": png(b"tEXt", b"Comment\0none"),
        "slide": slide("Seen: nobody"),
        "value in an output": notebook(outputs=[output(text_plain="   value\n0  3")]),
    }
    assert problems_of(SEEDED[seeded][0], clean[seeded]) == []


@pytest.mark.parametrize(
    "rows",
    [
        "Leeds General,2016-04-01\nYork District,2017-04-01\nHull Royal,2018-04-01\n",  # dates of starts
        "St James Hospital,1934-04-01\nYork District Hospital,1977-04-01\nHull Royal Infirmary,1968-04-01\n",
        "Lower Back,1934-02-14\nLower Back,1941-11-03\nLower Back,1928-06-30\n",  # the same again and again
        "Ann Smith,14\nJohn Jones,3\nMary Green,30\n",
        "Ann Smith,14/02/1934\nJohn Jones,03/11/1941\n",  # too few to tell
    ],
)
def test_what_rows_without_headings_may_hold(rows):
    assert problems_of("a.csv", rows.encode()) == []


@pytest.mark.parametrize(
    "said",
    [
        '<path d="M 999 000 0018 L 5 5"/>', f'<a href="https://example.org/{NUMBER}">One</a>', "<code>nhs_number</code> is refused",
        "<p>Weston General Hospital, Grange Road, Uphill, ZZ9 4TQ</p>", "<table><tr><th>Patients</th></tr></table>", f"<p>Tel. {NUMBER}</p>",
    ],
)  # fmt: skip
def test_what_a_page_may_say(said):
    assert problems_of("a.html", page(said)) == []


@pytest.mark.parametrize(
    ("name", "raw"), [("a.docx", b"none"), ("a.pptx", slide("One")[:2000]), ("a.png", png(b"zTXt", b"Comment\0\0none"))]
)
def test_a_file_that_cannot_be_read_is_not_published(name, raw):
    (problem,) = problems_of(name, raw)
    assert "cannot be read" in str(problem)


@pytest.mark.parametrize("name", ["a.parquet", "downloads/A.XLS", "a.csv.gz"])
def test_data_in_a_form_that_is_not_read_are_not_published(name):
    (problem,) = problems_of(name, b"PAR1")
    assert str(problem).startswith(
        f"{name}: is of a kind in which nobody looks for records on people: publish it as CSV"
    )


def test_the_whole_book_passes(html, tmp_path):
    files = {name: f"{html}/{name}" for name in files_below(html)}
    assert len(files) > 500
    refuse_leaks(tmp_path, files)


def _files(folder: Path) -> dict[str, str]:
    return {name: f"{folder}/{name}" for name in files_below(folder)}


class TestOnlyWhatChangedIsReadAgain:
    @pytest.fixture
    def read(self, monkeypatch) -> list[str]:
        """The files that are read, as they are."""
        names: list[str] = []

        def noted(name: str, raw: bytes):
            names.append(name)
            return problems_of(name, raw)

        monkeypatch.setattr(leak_scan, "problems_of", noted)
        return names

    @pytest.fixture
    def pages(self, tmp_path) -> Path:
        folder = tmp_path / "pages"
        folder.mkdir()
        for name in ("a.html", "b.html"):
            (folder / name).write_bytes(page(name))
        return folder

    @pytest.mark.parametrize(
        ("change", "again"),
        [
            (lambda pages: None, []),
            (lambda pages: (pages / "b.html").write_bytes(page("b.html")), []),
            (lambda pages: (pages / "b.html").write_bytes(page("c.html")), ["b.html"]),
            (lambda pages: shutil.copy(pages / "a.html", pages / "c.html"), ["c.html"]),
        ],
        ids=["nothing", "the same again", "another", "a new one"],
    )
    def test_a_change(self, tmp_path, pages, read, change: Callable, again):
        refuse_leaks(tmp_path, _files(pages))
        read.clear()
        change(pages)
        refuse_leaks(tmp_path, _files(pages))
        assert read == again

    def test_a_file_with_a_leak_is_told_again_and_again(self, tmp_path, pages):
        (pages / "b.html").write_bytes(page(NUMBER))
        for _ in range(2):
            with pytest.raises(InputRefused, match=r"b\.html, line 3: .*NHS number") as refused:
                refuse_leaks(tmp_path, _files(pages))
            assert NUMBER not in str(refused.value)

    def test_other_rules_read_everything(self, tmp_path, pages, read, monkeypatch):
        refuse_leaks(tmp_path, _files(pages))
        read.clear()
        monkeypatch.setattr(leak_scan, "_readers", lambda: ["another"])
        refuse_leaks(tmp_path, _files(pages))
        assert read == ["a.html", "b.html"]


class Sphinx:
    """In its place: gives one page, and says nothing."""

    def __init__(self, root: Path):
        self._root = root

    def start(self) -> None:
        """Nothing has to load."""

    def build(self) -> int:
        (self._root / NEXT_HTML).mkdir(parents=True, exist_ok=True)
        (self._root / NEXT_HTML / "index.html").write_bytes(page("One"))
        (self._root / LOG).touch()
        return 0


def test_the_book_there_was_stays(tmp_path):
    results = tmp_path / "results"
    for folder in (results, tmp_path / "book"):
        folder.mkdir()
    for name in ("_config.yml", "_toc.yml"):
        (tmp_path / name).touch()
    (results / "results.csv").write_text("org_code,value\nRA3,5\n")
    make_html(tmp_path, Sphinx(tmp_path), ["index.html"], results, incremental=True)
    before = {name: (tmp_path / HTML / name).read_bytes() for name in files_below(tmp_path / HTML)}
    assert set(before) == {"index.html", "results/results.csv"}
    (results / "results.csv").write_text(f"org_code,value\nRA3,{NUMBER}\n")
    with pytest.raises(InputRefused, match=r"^results/results\.csv, line 2: column 2 holds an NHS number"):
        make_html(tmp_path, Sphinx(tmp_path), ["index.html"], results, incremental=True)
    assert {name: (tmp_path / HTML / name).read_bytes() for name in files_below(tmp_path / HTML)} == before

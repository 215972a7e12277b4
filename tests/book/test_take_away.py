"""What a reader takes to a meeting: a slide, a page of Word, a codebook of the results, and a board pack."""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from docx import Document
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_MARKER_STYLE
from pptx.enum.dml import MSO_FILL, MSO_LINE

from evalkit.book.content import word_page
from evalkit.book.content.word_page import Paragraph
from evalkit.book.page_writer import write_pages
from evalkit.catalogue import read_catalogue
from evalkit.catalogue.records.evaluations import Analysis, Protocol
from evalkit.catalogue.records.fields import EstimateScale
from evalkit.certainty import CERTAINTIES
from evalkit.report.wording.words import VERDICT_WORDS
from evalkit.runs.state import codebook
from evalkit.standing import Kind
from tests.support.browsing import browser_only
from tests.support.synthetic_book import made_up, make_project

GENERATED = Path("book", "generated")
SERIES = {"Seen": "observed", "Fitted": "fitted", "Expected without it": "counterfactual"}
BOUNDS = {"Expected, from": "counterfactual_low", "Expected, to": "counterfactual_high"}
HOSTILE = "<b>bold</b> & {{ 7 * 7 }} </w:t> ]]> =1+1 &amp;"


@pytest.fixture(scope="module")
def catalogue(root):
    return read_catalogue(root)


@pytest.fixture(scope="module")
def answers(html, catalogue) -> dict[str, dict]:
    """The result of the primary analysis of each evaluation of the book, by its id."""
    files = {id: html / "results" / id / f"{one.primary.id}.json" for id, one in catalogue.evaluations.items()}
    return {id: json.loads(file.read_text(encoding="utf-8")) for id, file in files.items() if file.is_file()}


def download(html: Path, evaluation: str, ending: str) -> Path:
    return html / "downloads" / evaluation / f"{evaluation}.{ending}"


def page(html: Path, name: str) -> str:
    """A generated page's main part."""
    text = (html / GENERATED / f"{name}.html").read_text(encoding="utf-8")
    return text[text.index('<main id="main-content"') : text.index("</main>")]


def plain(text: str) -> str:
    """Text without tags, one space between words."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def finding(html: Path, evaluation: str) -> str:
    block = re.search(r'class="ek-finding">(.*?)</div>', page(html, f"evaluations/{evaluation}/board"), re.DOTALL)
    return plain(block[1])


def words_of(slide) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def chart_of(slide):
    charts = [shape.chart for shape in slide.shapes if shape.has_chart]
    assert len(charts) == 1
    return charts[0]


def text_of(document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


# ---- the slide ----


def test_a_slide_has_the_finding_four_facts_what_is_not_ruled_out_and_its_source(html, answers):
    assert len(answers) >= 8
    for id, result in answers.items():
        file = Presentation(str(download(html, id, "pptx")))
        assert len(file.slides) == 1
        assert file.slide_width / file.slide_height == pytest.approx(16 / 9, rel=1e-3)
        slide = file.slides[0]
        assert slide.shapes.title.text_frame.text == finding(html, id)
        said, own = words_of(slide), page(html, f"evaluations/{id}/index")
        facts = re.search(r'<dl class="ek-four">(.*?)</dl>', own, re.DOTALL)[1]
        for label, fact in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", facts, re.DOTALL):
            assert plain(label) in said
            assert plain(fact) in said
        rivals = re.search(r"Not ruled out</span>(.*?)(?:<a |</p>)", own, re.DOTALL)
        assert rivals is None or f"Not ruled out: {plain(rivals[1])}" in said
        cited = plain(re.search(r"<dt>Cite as</dt><dd>(.*?)</dd>", own, re.DOTALL)[1])
        assert cited in said
        for told in (result["provenance"]["table_title"], *result["provenance"]["licences"]):
            assert told in said
        assert ("Synthetic data" in said) == result["synthetic"]


def test_the_chart_of_a_slide_holds_the_numbers_of_the_result_and_can_be_edited(html, answers, tmp_path):
    for id, result in answers.items():
        file = Presentation(str(download(html, id, "pptx")))
        chart, drawn = chart_of(file.slides[0]), result["effect"]["series"]
        plotted = {one.name: list(one.values) for one in chart.plots[0].series}
        banded = any(row[drawn["columns"].index("counterfactual_low")] is not None for row in drawn["rows"])
        series = SERIES | (BOUNDS if banded else {})
        assert list(plotted) == list(series)
        for name, column in series.items():
            assert plotted[name] == [row[drawn["columns"].index(column)] for row in drawn["rows"]]
        title = chart.chart_title.text_frame.text
        assert result["effect"]["measure_unit"][1:] in title  # whose first letter is a capital
        seen, fitted, expected, *bounds = chart.plots[0].series
        assert {bound.format.line.dash_style for bound in bounds} <= {MSO_LINE.ROUND_DOT}
        assert seen.format.line.fill.type == MSO_FILL.BACKGROUND
        assert seen.marker.style == XL_MARKER_STYLE.CIRCLE
        assert fitted.marker.style == expected.marker.style == XL_MARKER_STYLE.NONE
        assert fitted.format.line.dash_style == MSO_LINE.SOLID
        assert expected.format.line.dash_style == MSO_LINE.DASH
        other = CategoryChartData()
        other.categories = list(chart.plots[0].categories)
        for name, values in plotted.items():
            other.add_series(name, [values[0] and 2 * values[0], *values[1:]])
        chart.replace_data(other)
        file.save(tmp_path / "edited.pptx")
        again = chart_of(Presentation(str(tmp_path / "edited.pptx")).slides[0])
        assert again.plots[0].series[0].values[0] == 2 * plotted["Seen"][0]


def test_the_chart_of_a_slide_has_words_for_those_who_cannot_see_it(html, answers):
    for id in answers:
        slide = Presentation(str(download(html, id, "pptx"))).slides[0]
        (frame,) = (shape for shape in slide.shapes if shape.has_chart)
        assert len(frame._element.nvGraphicFramePr.cNvPr.get("descr")) > 40


# ---- the page of Word ----


def test_a_word_page_says_what_the_page_for_boards_says(html, answers, catalogue):
    for id, result in answers.items():
        file = Document(str(download(html, id, "docx")))
        section, said = file.sections[0], text_of(file)
        assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
        assert len(file.inline_shapes) == 1
        assert len(file.inline_shapes[0]._inline.docPr.get("descr")) > 40
        assert finding(html, id) in said
        own = page(html, f"evaluations/{id}/board")
        headline = plain(re.search(r'class="ek-headline">(.*?)</p>', own, re.DOTALL)[1])
        assert headline in said
        rivals = re.search(r'class="ek-board-rivals">(.*?)</ul>', own, re.DOTALL)[1]
        for rival in re.findall(r"<li>(.*?)</li>", rivals, re.DOTALL):
            assert plain(rival) in said
        for label, fact in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", own, re.DOTALL):
            assert f"{plain(label)}: {plain(fact)}" in said
        asked = re.search(r"Ask before you act\.</strong>(.*?)</p>", own, re.DOTALL)[1]
        assert all(question.strip() in said for question in re.findall(r"[^?]+\?", plain(asked)))
        assert result["provenance"]["table_title"] in said
        verdict = result["verdict"]
        rows = result["effect"]["estimates"]
        column = rows["columns"].index
        row = next(
            row
            for row in rows["rows"]
            if row[column("role")] == "headline" and row[column("scale")] == verdict["scale"]
        )
        if verdict["scale"] in ("percent", "points"):
            for end in ("estimate", "low", "high"):
                assert row[column(end)] is None or f"{abs(row[column(end)]):.1f}" in said


def test_a_word_page_is_one_page(html, answers):
    for id in answers:
        file = Document(str(download(html, id, "docx")))
        room = word_page.WHOLE
        (picture,) = file.inline_shapes
        room -= picture.height.pt + word_page.BELOW_A_PICTURE
        for paragraph in file.paragraphs:
            layout = paragraph.paragraph_format
            room -= (layout.space_before.pt if layout.space_before else 0) + layout.space_after.pt
            if not paragraph.text:
                continue
            style = "point" if paragraph.style.name == "List Bullet" else "text"
            size = paragraph.runs[0].font.size.pt
            runs = tuple((run.text, bool(run.bold)) for run in paragraph.runs)
            room -= word_page.lines_of(Paragraph(style, runs), size) * layout.line_spacing.pt
        assert room >= 0, id


def test_no_paragraph_takes_more_lines_in_arial_than_were_counted(html, answers, monkeypatch):
    """Arial has the widths of Helvetica, which matplotlib has the measures of; other letters count as wide as high."""
    import matplotlib

    widths = {}
    for bold, name in enumerate(("Helvetica", "Helvetica-Bold")):
        file = Path(matplotlib.get_data_path(), "fonts", "pdfcorefonts", f"{name}.afm")
        measures = re.findall(r"^C (\d+) ; WX (\d+)", file.read_text(encoding="latin-1"), re.MULTILINE)
        widths[bool(bold)] = {chr(int(code)): int(wide) / 1000 for code, wide in measures if int(code) < 127}
    told = [
        Paragraph("text", tuple((run.text, bool(run.bold)) for run in paragraph.runs))
        for id in answers
        for paragraph in Document(str(download(html, id, "docx"))).paragraphs
        if paragraph.text
    ]
    assert len(told) > 100
    sizes = (7.5, 8.0, 8.5, 9.0, 9.5, 14.0)
    counted = [word_page.lines_of(paragraph, size) for paragraph in told for size in sizes]
    monkeypatch.setattr(
        word_page, "width_of", lambda text, size, bold: size * sum(widths[bold].get(letter, 1.0) for letter in text)
    )
    in_arial = [word_page.lines_of(paragraph, size) for paragraph in told for size in sizes]
    assert all(arial <= lines for arial, lines in zip(in_arial, counted, strict=True))
    assert sum(in_arial) < sum(counted)


def test_whatever_a_record_says_a_word_page_stays_one_page_and_says_that_more_was_written():
    long = Paragraph("text", ((" ".join(["word"] * 700), False),))
    above, below, size, high = word_page.fitted([long] * 6, [long] * 6)
    assert word_page.height([*above, *below], size) + high <= word_page.ROOM
    assert high > 0
    assert all(paragraph.runs[-1][0].endswith(word_page.MORE) for paragraph in (*above, *below))
    endless = Paragraph("point", (("w" * 5000, False),))
    above, below, size, high = word_page.fitted([endless], [endless])
    assert word_page.height([*above, *below], size) + high <= word_page.ROOM


# ---- made-up records ----


@pytest.fixture
def made(tmp_path):
    make_project(tmp_path)
    return tmp_path, *made_up(tmp_path, [1, 2])


def _files(folder: Path) -> dict[str, bytes]:
    below = folder / GENERATED / "evaluations"
    return {path.name: path.read_bytes() for path in sorted(below.glob("*/*.*")) if path.suffix in (".pptx", ".docx")}


def _parts(content: bytes) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    """Of an archive, and of the archives in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.infolist():
            yield part, archive.read(part)
            if part.filename.endswith(".xlsx"):
                yield from _parts(archive.read(part))


def test_files_are_the_same_bytes_whenever_they_are_made_and_name_nobody(made, tmp_path):
    write_pages(made[0] / GENERATED, *made[1:])
    first = _files(made[0])
    assert len(first) == 4
    again = tmp_path / "again"
    make_project(again)
    write_pages(again / GENERATED, *made_up(again, [1, 2]))
    assert _files(again) == first
    for content in first.values():
        for part, inside in _parts(content):
            assert part.date_time == (1980, 1, 1, 0, 0, 0)
            if part.filename == "docProps/core.xml":
                text = inside.decode()
                assert set(re.findall(r">(\d{4}-\d\d-\d\d)T", text)) == {"2026-01-01"}  # the protocol's
                assert not re.search(r"<(dc:creator|cp:lastModifiedBy)>[^<]", text)


def test_files_are_not_made_again_where_nothing_changed(made, monkeypatch):
    write_pages(made[0] / GENERATED, *made[1:])
    files = [*(made[0] / GENERATED / "evaluations").glob("*/*.pptx"), *(made[0] / GENERATED).glob("*/*/*.docx")]
    assert len(files) == 4
    times = [file.stat().st_mtime_ns for file in files]
    monkeypatch.setattr("evalkit.book.content.office_files.saved", lambda *_: pytest.fail("was made again"))
    write_pages(made[0] / GENERATED, *made[1:])
    assert [file.stat().st_mtime_ns for file in files] == times


def test_libraries_are_loaded_only_where_an_evaluation_is_written():
    code = "import sys, evalkit.book.build; print(sorted({'docx', 'lxml', 'pptx', 'xlsxwriter'} & sys.modules.keys()))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_an_evaluation_without_a_result_has_no_files_and_no_links_to_them(made):
    folder, catalogue, plans, outcomes = made
    outcomes[0] = replace(outcomes[0], status="failed", sentence="It failed for a reason.", result=None)
    write_pages(folder / GENERATED, catalogue, plans, outcomes)
    assert {name.partition(".")[0] for name in _files(folder)} == {"example-0002"}
    own = folder / GENERATED / "evaluations" / "example-0001"
    for name in ("index.html", "board.html"):
        assert ".pptx" not in (own / name).read_text(encoding="utf-8")
    pack = (folder / GENERATED / "board-pack.html").read_text(encoding="utf-8")
    assert pack.count("No result at present") >= 2
    assert "It failed for a reason." in pack


def test_invented_data_are_labelled_wherever_they_are_taken(made):
    folder = made[0]
    write_pages(folder / GENERATED, *made[1:])
    own = folder / GENERATED / "evaluations" / "example-0001" / "example-0001"
    slide = Presentation(f"{own}.pptx").slides[0]
    assert "Synthetic data" in words_of(slide)
    assert "(synthetic data)" in chart_of(slide).chart_title.text_frame.text
    assert "Synthetic data" in text_of(Document(f"{own}.docx"))


def test_hostile_words_arrive_as_text(made):
    folder, catalogue, plans, outcomes = made
    rival = plans[0].evaluation.rival_explanations[0]
    rival = rival.model_copy(update={"grade_reason": HOSTILE, "affects": ["visits"]})
    hostile = {"title": HOSTILE, "question": f"{HOSTILE}\x0b?", "not_measured": HOSTILE, "rival_explanations": [rival]}
    site = catalogue.sites["example-0001"]
    catalogue.sites["example-0001"] = site.model_copy(update={"name": HOSTILE})
    plans[0] = replace(plans[0], evaluation=plans[0].evaluation.model_copy(update=hostile))
    catalogue.evaluations["example-0001"] = plans[0].evaluation
    write_pages(folder / GENERATED, catalogue, plans, outcomes)
    own = folder / GENERATED / "evaluations" / "example-0001" / "example-0001"
    slide = Presentation(f"{own}.pptx").slides[0]
    assert HOSTILE in slide.shapes.title.text_frame.text  # the finding names the place
    assert HOSTILE in words_of(slide).partition("Cite as:")[2]
    assert HOSTILE in chart_of(slide).chart_title.text_frame.text
    assert text_of(Document(f"{own}.docx")).count(HOSTILE) >= 4
    pack = (folder / GENERATED / "board-pack.html").read_text(encoding="utf-8")
    assert "<b>bold" not in pack
    assert plain(pack).count(HOSTILE) >= 5


# ---- the codebook ----


def test_the_codebook_has_a_row_for_every_column_of_the_results_and_no_other(html, answers):
    folders = [html / "results", *(html / "results" / id for id in answers)]
    for folder in folders:
        with (folder / "results.csv").open(encoding="utf-8", newline="") as table:
            header = next(csv.reader(table))
        with (folder / "codebook.csv").open(encoding="utf-8", newline="") as table:
            rows = list(csv.DictReader(table))
        assert [row["name"] for row in rows] == header
        assert list(rows[0]) == ["name", "type", "unit", "means", "values"]
        assert all(row["type"] and row["means"].endswith(".") and row["values"] for row in rows)
    for id in answers:
        assert f'href="../../../../results/{id}/codebook.csv"' in page(html, f"evaluations/{id}/files")


def _listed(column: str) -> set[str]:
    values = next(one.values for one in codebook.columns() if one.name == column)
    return {value for value in values.split("; ") if not value.startswith("empty: ")}


def test_the_words_of_the_codebook_are_those_of_the_code():
    assert _listed("role") == set(get_args(Analysis.model_fields["role"].annotation))
    assert _listed("standing") == set(get_args(Kind))
    assert _listed("verdict") == set(VERDICT_WORDS)
    assert _listed("certainty") == set(CERTAINTIES)
    assert _listed("scale") == set(get_args(EstimateScale))
    assert _listed("protocol_status") == set(get_args(Protocol.model_fields["status"].annotation))


def test_every_value_is_one_that_the_codebook_allows(html):
    with (html / "results" / "results.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) > 50
    for column in codebook.columns():
        for value in {row[column.name] for row in rows} - {""}:
            if column.type in (codebook.WORD, codebook.YES_NO):
                assert value in _listed(column.name), column.name
            elif column.type in (codebook.NUMBER, codebook.WHOLE):
                number = float(value)
                assert column.type == codebook.NUMBER or number == int(number)
                assert column.unit != "probability" or 0 <= number <= 1
        if any(row[column.name] == "" for row in rows):
            assert "empty" in column.values, column.name


# ---- the board pack ----


def _sheets(html: Path) -> dict[str, str]:
    """The HTML of each sheet of the pack, by its evaluation."""
    _, *parts = page(html, "board-pack").split('<section class="ek-board" id="sheet-')
    return {part.partition('"')[0]: part.partition(">")[2] for part in parts}


def test_the_pack_says_of_each_evaluation_what_its_own_page_says(html, catalogue):
    sheets = _sheets(html)
    assert list(sheets) == sorted(catalogue.evaluations, key=lambda id: catalogue.evaluations[id].title.casefold())
    for id, sheet in sheets.items():
        own = page(html, f"evaluations/{id}/board").partition('<div class="ek-board">')[2]
        own = re.sub(r'<details class="ek-board-numbers.*?</details>', "", own, flags=re.DOTALL)
        own = own.partition('<ul class="ek-take-away')[0]
        title, _, rest = sheet.partition("</h2>")
        assert plain(f"<{title}") == catalogue.evaluations[id].title
        rest = rest.partition("<script")[0].rpartition("</section>")[0] if id == list(sheets)[-1] else rest
        assert plain(rest) == plain(own)
        figures = [
            [
                re.sub(r' id="[^"]*"| aria-label="[^"]*"', "", drawing)
                for drawing in re.findall(r"<svg[^>]*ek-figure.*", text)
            ]
            for text in (rest, own)
        ]
        assert figures[0] == figures[1] != []


def test_the_cover_has_contents_words_and_the_date_of_the_data(html, catalogue):
    cover = page(html, "board-pack").partition('<section class="ek-board"')[0]
    assert "Figures to " in plain(cover)
    for id in catalogue.evaluations:
        assert f'href="#sheet-{id}"' in cover
        assert finding(html, id) in plain(cover)
    terms = re.search(r'<dl class="ek-pack-words">(.*?)</dl>', cover, re.DOTALL)[1]
    assert terms.count("<dt>") == 8
    assert '/board-pack.html"' in page(html, "routes/boards-and-commissioners")
    for id in catalogue.evaluations:
        board = page(html, f"evaluations/{id}/board")
        assert f'href="../../board-pack.html?evaluations={id}"' in board
        assert f'href="../../../../downloads/{id}/{id}.pptx"' in board
        assert f'href="../../../../downloads/{id}/{id}.docx"' in board


def test_headings_go_down_step_by_step_and_ids_are_unique(html):
    text = page(html, "board-pack")
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", text)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_a_pack_has_room_for_a_number_of_evaluations_and_says_how_many_are_left_out(made, monkeypatch):
    folder, catalogue, plans, outcomes = made
    monkeypatch.setattr("evalkit.book.pages.board_pack.MOST", 1)
    write_pages(folder / GENERATED, catalogue, plans, outcomes)
    pack = (folder / GENERATED / "board-pack.html").read_text(encoding="utf-8")
    assert pack.count('<section class="ek-board"') == 1
    assert "room for 1 evaluation" in plain(pack)
    assert "1 more has a sheet of its own" in plain(pack)


class TestInABrowser:
    pytestmark = browser_only

    def test_choosing_one_leaves_one_and_the_choice_stands_in_the_address(self, browser, html, catalogue):
        page = browser.new_page()
        page.goto((html / GENERATED / "board-pack.html").as_uri())
        sheets, boxes = page.locator(".ek-board:visible"), page.locator("#ek-pack input[type=checkbox]")
        assert sheets.count() == boxes.count() == len(catalogue.evaluations)
        assert all(boxes.nth(at).is_checked() for at in range(boxes.count()))
        page.locator("#ek-pack-none").press("Enter")
        assert sheets.count() == 0
        assert page.locator("#ek-pack-print").is_disabled()
        chosen = page.locator('#ek-pack input[value="weston-overnight-closure-2017"]')
        chosen.press("Space")
        assert sheets.count() == page.locator(".ek-pack-contents > li:visible").count() == 1
        assert page.url.endswith("?evaluations=weston-overnight-closure-2017")
        page.reload()
        assert page.locator(".ek-board:visible h2").text_content() == "Closing Weston General's A&E at night"
        page.go_back()
        assert sheets.count() == 0
        page.goto(
            (html / GENERATED / "board-pack.html").as_uri()
            + "?evaluations=grantham-overnight-closure-2016,weston-overnight-closure-2017"
        )
        assert sheets.count() == 2
        page.close()

    def test_every_board_of_the_pack_prints_on_a_sheet_of_its_own(self, browser, html, catalogue):
        address = (html / GENERATED / "board-pack.html").as_uri()
        for scripts in (True, False):
            context = browser.new_context(java_script_enabled=scripts)
            page = context.new_page()
            page.goto(address)
            sheets = re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True))
            assert len(sheets) - len(catalogue.evaluations) in (1, 2)  # what is in it, and the words
            context.close()
        page = browser.new_page()
        for id in catalogue.evaluations:
            page.goto(f"{address}?evaluations={id}")
            sheets = re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True))
            assert len(sheets) == 2, id
        page.close()

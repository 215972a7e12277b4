"""The built book, read as files and in a real browser."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from evalkit.catalogue import read_catalogue

MOST_BYTES = 3_000_000
PICTURE = re.compile(r"\.(svg|png|jpe?g)\b", re.IGNORECASE)


class Page(HTMLParser):
    """Links, ids, images and headings of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.images: list[dict[str, str]] = []
        self.drawings: list[dict[str, str]] = []
        self.headings = 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if values.get("id"):
            self.ids.add(values["id"])
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        if tag in ("link", "script", "img") and (values.get("href") or values.get("src")):
            self.links.append(values.get("href") or values.get("src"))
        if tag == "img":
            self.images.append(values)
        if tag == "svg" and values.get("role") == "img" and "aria-labelledby" not in values:
            self.drawings.append(values)
        self.headings += tag == "h1"


@pytest.fixture(scope="module")
def pages(html) -> dict[Path, Page]:
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(html.rglob("*.html"))}
    assert len(pages) > 40
    return pages


def test_the_build_warns_of_nothing(real_book):
    project, said = real_book
    assert said.status == 0, said.err
    log = (project.root / "_build" / "book.log").read_text(encoding="utf-8")
    assert "WARNING" not in log
    assert "ERROR" not in log
    assert "CRITICAL" not in log


def test_every_evaluation_analysis_and_site_has_a_page(html, root):
    catalogue = read_catalogue(root)
    for evaluation in catalogue.evaluations.values():
        folder = html / "book" / "generated" / "evaluations" / evaluation.id
        assert (folder / "index.html").is_file()
        for analysis in evaluation.analyses:
            assert (folder / f"{analysis.id}.html").is_file()
            assert (html / "results" / evaluation.id / f"{analysis.id}.json").is_file()
    for site in catalogue.sites:
        assert (html / "book" / "generated" / "sites" / f"{site}.html").is_file()
    assert (html / "results" / "results.csv").is_file()


def test_links_resolve(pages, html):
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "mailto", "data"):
                continue
            assert not parts.scheme, (path, link)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), f"{path.relative_to(html)} links to {link}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].ids, f"{path.relative_to(html)} links to {link}"


def test_every_figure_has_words_of_its_own(pages, html):
    described: dict[str, str] = {}
    wrong = []
    for path, page in pages.items():
        name = path.relative_to(html).as_posix()
        for image in [*page.images, *page.drawings]:
            alt = image.get("alt", "") or image.get("aria-label", "")
            if len(alt) < 40 or "Figure size" in alt or "/" in alt.split(" ")[0] or PICTURE.search(alt):
                wrong.append(f"{name}: {alt!r} is not what {image.get('src', '')[-60:]} shows")
            if alt in described:
                wrong.append(f"{name}: {alt[:100]!r} is said of a figure of {described[alt]} too")
            described[alt] = name
    assert not wrong, "\n".join(wrong)
    assert len(described) > 30


def test_no_page_is_heavy(pages, html):
    """With what is its own: not with scripts, styles and fonts, which every page shares."""
    heavy = {}
    for path, page in pages.items():
        sources = {unquote(urlsplit(image.get("src", "")).path) for image in page.images}
        own = {path} | {(path.parent / source).resolve() for source in sources if "_static" not in source}
        weight = sum(file.stat().st_size for file in own if file.is_file())
        if weight > MOST_BYTES:
            heavy[path.relative_to(html).as_posix()] = weight
    assert not heavy


def test_search_knows_words_and_passes_over_bare_numbers_as_its_form_does(html):
    index = json.loads((html / "searchindex.js").read_text("utf-8").removeprefix("Search.setIndex(").removesuffix(")"))
    assert [word for word in (*index["terms"], *index["titleterms"]) if word.isdecimal()] == []
    assert index["filenames"] == []  # which no hit shows
    assert "discharg" in index["terms"]  # words are kept by their stems
    assert {word for word in index["terms"] if re.fullmatch("r[a-z0-9]{2}", word)}  # codes of trusts have letters


def test_titles_tell_pages_apart(pages):
    titles = {}
    for path in pages:
        title = re.search(r"<title>(.*?)</title>", path.read_text(encoding="utf-8"), re.DOTALL)[1]
        assert title not in titles, (path, titles[title])
        titles[title] = path


def test_one_main_heading_a_page(pages, html):
    for path, page in pages.items():
        if path.name not in ("index.html", "search.html") or path.parent != html:
            assert page.headings == 1, path


def test_the_answer_comes_first_and_has_its_reasons(html, root):
    for result in sorted((html / "results").glob("*/*.json")):
        record = json.loads(result.read_text(encoding="utf-8"))
        if record["role"] != "primary":
            continue
        text = (html / "book" / "generated" / "evaluations" / record["evaluation"] / "index.html").read_text(
            encoding="utf-8"
        )
        order = [
            text.index(mark)
            for mark in ('class="ek-finding"', 'class="ek-figure"', 'class="ek-answer"', "What else could explain it</")
        ]
        assert order == sorted(order)
        for reason in record["verdict"]["reasons"]:
            before_a_code = re.split(r"\b[A-Z][A-Z0-9]{2}\b", reason)[0]  # of which pages give the name
            assert before_a_code.split(".")[0].split("&")[0][:40] in text.replace("&#39;", "'")


def test_words_that_are_never_used(pages):
    for path in pages:
        ours = re.sub(r"<cite>.*?</cite>", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)  # not others' titles
        text = re.sub(r"<[^>]+>", " ", ours)
        text = re.sub(r"\b[\w.-]+\.[a-z]{2,}/\S*", " ", text)  # nor the addresses that hold them
        assert not re.search(r"(?<!statistically )\bsignificant", text, re.IGNORECASE), path
        assert "Traceback" not in text
        assert "````" not in text, path


def test_nothing_of_this_machine_is_published(html, real_book):
    project, _ = real_book
    for path in html.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert str(project.root).encode() not in raw, path
            assert b"papermill" not in raw or path.suffix in (".html", ".js", ".txt"), path


def test_no_source_of_real_organisations_is_missing(root):
    for evaluation in read_catalogue(root).evaluations.values():
        assert evaluation.intervention.sources
        for result in evaluation.independent_results:
            assert result.source.where


def test_a_difference_in_differences_has_its_event_study_its_starts_and_eight_steps(html, root):
    catalogue = read_catalogue(root)
    seen = 0
    for result in sorted((html / "results").glob("*/*.json")):
        record = json.loads(result.read_text(encoding="utf-8"))
        if record["role"] != "primary":
            continue
        page = html / "book" / "generated" / "evaluations" / record["evaluation"] / "index.html"
        text = page.read_text(encoding="utf-8")
        differences = record["effect"]["design"] == "difference-in-differences"
        seen += differences
        assert ("in eight steps" in text) == differences
        assert (f"/{record['analysis']}-event-study.svg" in text) == differences
        if differences:
            steps = text.split('class="ek-steps-of-a-method"')[1].split("</ol>")[0]
            assert steps.count("<h3>") == 8
            assert record["effect"]["estimand"][1:60] in steps
            assert "<p></p>" not in steps
        intervention = catalogue.evaluations[record["evaluation"]].intervention
        for when in intervention.starts.values():
            assert f"{when.day} {when:%B %Y}" in text
    assert seen >= 2

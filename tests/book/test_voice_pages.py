"""What patients and carers told us, and the invented example: answers everywhere, help everywhere, and nothing invented among it."""

import json
import re

import pytest

from tests.support.browsing import NARROW, WIDE, browser_only

PAGE = "book/generated/learning/patients-and-carers.html"
EXAMPLE = "book/generated/take-part/example-site.html"
VOICES = ("grantham-campaign", "chorley-petition", "weston-readers-dismayed")
HELP = "patients-and-carers.html#where-to-get-help-or-complain"
IN_A_BROWSER, WITH_CHROMIUM = browser_only
LEADS_TO_THE_EXAMPLE = {EXAMPLE, "book/take-part/index.html"}


def read(html, name: str) -> str:
    return (html / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("id", VOICES)
def test_a_voice_says_what_was_done_and_came_of_it_and_where_to_get_help(html, id):
    said = read(html, f"book/generated/learning/items/{id}.html")
    for asked in ("What was done", "What came of it", "Agreement", "Saw it as it stands here", "Told what came of it"):
        assert re.search(rf"<dt>{asked}</dt>\s*<dd>\s*\S", said), asked
    assert HELP in said
    assert "PALS" in said


def test_the_page_has_every_voice_with_three_answers(html):
    said = read(html, PAGE)
    voices = said.split('class="ek-voice"')[1:]
    assert len(voices) == len(VOICES)
    for voice in voices:
        for asked in ("What was said", "What was done", "What came of it"):
            assert re.search(rf"<dt>{asked}</dt>\s*<dd>\s*\S", voice), asked
    assert 'id="where-to-get-help-or-complain"' in said
    assert "ombudsman" in said.lower()


def test_wherever_a_voice_is_named_there_is_help(html):
    for path in sorted((html / "book").rglob("*.html")):
        said = path.read_text(encoding="utf-8")
        main = said[said.find("<main") : said.find("</main>")]
        if re.search(r'class="ek-kind ek-patient_voice"', main):
            assert HELP in main, path


def test_the_sample_stands_on_one_page_and_beside_no_hospital(html):
    said = read(html, PAGE)
    assert "Labelling not possible" in said
    assert "not a rate" in said
    for path in (html / "book" / "generated").rglob("*.html"):
        if path != html / PAGE:
            assert "Labelling not possible" not in path.read_text(encoding="utf-8"), path


class TestTheInventedExample:
    def test_a_banner_stands_over_every_record(self, html):
        said = read(html, EXAMPLE)
        records = re.findall(r"<h2>(A voice|The journey|How patients|A pulse)[^§]*?ek-synthetic", said)
        assert len(records) == 4
        assert said.count("ek-banner ek-synthetic") == 5
        assert "Example entry, nobody said this" in said

    def test_it_has_no_words_in_the_first_person(self, html):
        said = read(html, EXAMPLE)
        main = re.sub(r"<[^>]+>", " ", said[said.find("<main") : said.find("</main>")])
        assert not re.search(r"\b(I|my|me|we|our|us)\b", main.replace("Life", ""))

    def test_no_list_count_or_search_has_it(self, html):
        index = read(html, "searchindex.js").removeprefix("Search.setIndex(").removesuffix(")")
        known = json.loads(index)
        number = known["docnames"].index(EXAMPLE.removesuffix(".html"))
        for words in (known["terms"], known["titleterms"]):
            found = [word for word, pages in words.items() if number in (pages if isinstance(pages, list) else [pages])]
            assert found == []
        for path in html.rglob("*"):
            if path.suffix in (".html", ".csv", ".json", ".xml") and path.relative_to(html).as_posix() != EXAMPLE:
                said = path.read_text(encoding="utf-8")
                assert "Nowhere General" not in said, path
                if path.relative_to(html).as_posix() not in LEADS_TO_THE_EXAMPLE:
                    assert "example-site.html" not in said, path

    def test_it_opens_nothing_beside_real_places(self, html):
        for path in (html / "book" / "generated" / "sites").glob("*.html"):
            assert "the-journey-step-by-step" not in path.read_text(encoding="utf-8"), path


@IN_A_BROWSER
@WITH_CHROMIUM
@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_words_of_the_journey_do_not_lie_on_each_other(html, browser, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((html / EXAMPLE).as_uri())
    boxes = page.evaluate(
        """() => [...document.querySelectorAll("svg.ek-journey")].map(svg => {
            const frame = svg.getBoundingClientRect();
            return {right: frame.right, label: svg.getAttribute("aria-label"),
                words: [...svg.querySelectorAll("text")].map(text => text.getBoundingClientRect().toJSON())};
        })"""
    )
    assert len(boxes) == 2
    for drawing in boxes:
        assert len(drawing["label"]) >= 40
        assert drawing["right"] <= width
        words = drawing["words"]
        assert max(word["right"] for word in words) <= drawing["right"] + 1
        for at, one in enumerate(words):
            for other in words[at + 1 :]:
                apart = one["bottom"] <= other["top"] + 1 or other["bottom"] <= one["top"] + 1
                assert apart, (one, other)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()

"""What people said, and the invented example: answers everywhere, help everywhere, and nothing invented among it."""

import json
import re

import pytest

from evalkit.catalogue import read_catalogue
from tests.support.browsing import NARROW, WIDE, browser_only

PAGE = "book/generated/learning/patients-and-carers.html"
EXAMPLE = "book/generated/take-part/example-site.html"
VOICES = ("grantham-campaign", "chorley-petition", "weston-readers-dismayed")
HELP = "read/help-or-complain.html"
NEVER_TRUE_HERE = ("told us", "voices of patients", "patients and carers say")
IN_A_BROWSER, WITH_CHROMIUM = browser_only
LEADS_TO_THE_EXAMPLE = {EXAMPLE, "book/take-part/index.html"}


def read(html, name: str) -> str:
    return (html / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("id", VOICES)
def test_a_voice_says_what_was_done_and_came_of_it_and_where_to_get_help(html, id):
    said = read(html, f"book/generated/learning/items/{id}.html")
    for asked in (
        "What was answered",
        "What was done",
        "What came of it",
        "Agreement",
        "Saw it as it stands here",
        "Told what came of it",
    ):
        assert re.search(rf"<dt>{asked}</dt>\s*<dd>\s*\S", said), asked
    assert HELP in said
    assert "PALS" in said


def test_the_page_has_every_voice_with_three_answers(html):
    said = read(html, PAGE)
    voices = said.split('class="ek-voice"')[1:]
    assert len(voices) == len(VOICES)
    for voice in voices:
        for asked in ("What was said, in our words", "What was answered", "What was done", "What came of it"):
            assert re.search(rf"<dt>{asked}</dt>\s*<dd>\s*\S", voice), asked
    assert HELP in said
    assert "A reply is reported to 2 of 3, an action after 1, and what came of it for 3." in said
    assert "Here are 3 accounts from 3 places: one campaign group, one petition and one newspaper’s readers." in said


def test_nothing_says_that_patients_or_carers_spoke_to_this_book(html):
    """None of the speakers is one, and nobody told it to the book."""
    assert "<h1>What people said in public about these changes" in read(html, PAGE)
    assert "No patient or carer has yet spoken to this book" in read(html, PAGE)
    for path in html.rglob("*.html"):
        if "changes" not in path.name and path.relative_to(html).as_posix() != "book/take-part/index.html":
            said = path.read_text(encoding="utf-8")
            main = said[said.find("<main") : said.find("</main>")]
            for words in NEVER_TRUE_HERE:
                assert words not in main, path


def test_every_evaluation_says_that_none_was_heard_and_of_which_change_something_was_said(html, root):
    for id in read_catalogue(root).evaluations:
        said = read(html, f"book/generated/evaluations/{id}/index.html")
        assert "No patient or carer has been heard about this change." in said, id
        assert "Patient involvement in this evaluation: not recorded." in said, id
    assert "of another change there: " in read(
        html, "book/generated/evaluations/urgent-treatment-centres-2016-18/index.html"
    )
    assert "<strong>of this change</strong>" in read(
        html, "book/generated/evaluations/grantham-overnight-closure-2016/index.html"
    )


def test_what_can_be_asked_of_the_book_has_its_address_or_says_that_there_is_none(html, root):
    assert read_catalogue(root).contact is None
    words = read(html, "book/generated/take-part/your-words.html")
    assert "You cannot yet add your words yourself" in words
    for name in ("book/take-part/index.html", "book/about/accessibility.html"):
        assert "This book has no address yet" in read(html, name), name
    assert "voice:" not in words


def test_help_names_whose_each_address_is(html):
    said = read(html, "book/read/help-or-complain.html")
    for whose in (
        "website of the NHS",
        "VoiceAbility",
        "Healthwatch England",
        "ombudsman’s website",
        "Llais",
        "PASS",
        "Patient and Client Council",
    ):
        assert whose in said, whose
    assert "sepsis" not in said


def test_what_could_not_be_labelled_comes_first(html):
    said = read(html, PAGE)
    assert (
        "Of 5,096 comments, 1,198 could not be labelled and 222 were given no theme. Most common among the rest:"
        in said
    )
    assert "Of 2,812 comments, 487 could not be labelled" in said
    assert "45 themes that comments could be sorted into" in said
    assert "4 of them had no comment in this sample" in said
    assert "Friends and Family Test" in said


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

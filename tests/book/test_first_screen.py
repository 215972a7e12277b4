"""What stands on the first screen of an evaluation and of home, how long pages are, and that what is folded is not lost."""

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from evalkit.book.page_writer import write_pages
from evalkit.catalogue import read_catalogue
from evalkit.catalogue.records.findings import FindingSentence, StoryStep
from tests.support.browsing import browser_only
from tests.support.synthetic_book import made_up, make_project, with_result

GENERATED = Path("book", "generated")
SCREENS = {"phone": {"width": 390, "height": 844}, "laptop": {"width": 1280, "height": 800}}
# Highest that a page may be, with room for blocks to come, which are folded.
HEIGHTS = {"weston-overnight-closure-2017": (8_000, 10_000)}
HIGHEST = (12_000, 16_000)
RECORDS_SHOWN = (
    "limits", "rival_explanations", "intervention", "expectations", "independent_results", "question", "plain_words",
)  # fmt: skip
KEYS = {"id", "certainty", "change", "measure", "grade", "affects", "analyses", "at", "kind", "scale", "beside"}


def _plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def _texts(record) -> list[str]:
    """Every text of a record that is words and no key."""
    if isinstance(record, str):
        return [" ".join(record.split())]
    if isinstance(record, dict):
        return [text for key, value in record.items() if key not in KEYS for text in _texts(value)]
    return [text for value in record for text in _texts(value)] if isinstance(record, list) else []


def test_nothing_of_a_record_is_lost_by_folding(html, root):
    for id, evaluation in read_catalogue(root).evaluations.items():
        page = re.sub(
            r"\s", "", _plain((html / GENERATED / "evaluations" / id / "index.html").read_text(encoding="utf-8"))
        )
        record = evaluation.model_dump(mode="json", include=set(RECORDS_SHOWN))
        record["intervention"] = {key: record["intervention"][key] for key in ("what", "until", "sources")}
        texts = [text for text in _texts(record) if len(text) > 20 and not re.fullmatch(r"\d{4}-\d\d-\d\d", text)]
        assert len(texts) > 20
        assert [text for text in texts if re.sub(r"\s", "", text) not in page] == [], id


def test_every_finding_is_shown_as_its_results_say_so(html, root):
    for id, evaluation in read_catalogue(root).evaluations.items():
        page = (html / GENERATED / "evaluations" / id / "index.html").read_text(encoding="utf-8")
        shown = re.findall(r"<p>(.*?)</p>", re.search(r'class="ek-finding">(.*?)</div>', page, re.DOTALL)[1])
        assert len(shown) == len(evaluation.finding) == 2, id
        for sentence, written in zip(shown, evaluation.finding, strict=True):
            begins = re.split(r"[{&']", " ".join(written.says.split()))[0]
            assert sentence.startswith(begins), id
            assert "{" not in sentence
        first = re.search(r'class="ek-minute".*?</section>', page, re.DOTALL)[0]
        assert first.count('class="ek-figure"') == max(len(evaluation.story), 1)


@pytest.fixture
def made(tmp_path):
    make_project(tmp_path)
    return tmp_path, *made_up(tmp_path, [1])


def _with_finding(made, came: str):
    """The made-up evaluation with a finding and a story that say this of its answer, and what writing it told."""
    folder, catalogue, plans, outcomes = made
    id, analysis = plans[0].evaluation.id, plans[0].analysis.id
    sentence = {"says": f"Visits {{{analysis}}} here.", "rests_on": {analysis: came}}
    story = [StoryStep.model_validate(sentence | {"draws": analysis})] * 2
    evaluation = plans[0].evaluation.model_copy(
        update={"finding": [FindingSentence.model_validate(sentence)], "story": story}
    )
    catalogue.evaluations[id] = evaluation
    written = write_pages(folder / GENERATED, catalogue, [replace(plans[0], evaluation=evaluation)], outcomes)
    return written, (folder / GENERATED / "evaluations" / id / "index.html").read_text(encoding="utf-8")


def test_a_finding_that_its_result_does_not_bear_out_is_not_shown_and_that_is_told(made):
    result = json.loads(made[3][0].result.published)
    came = "fall" if result["effect"]["estimates"]["rows"][0][5] < 0 else "rise"
    result["verdict"] |= {"word": "decreased" if came == "fall" else "increased", "certainty": "low"}
    made[3][0] = with_result(made[3][0], result)
    written, page = _with_finding(made, came)
    assert written.to_write_again == []
    assert " here.</p>" in page
    assert page.count('class="ek-figure"') == 2
    written, page = _with_finding(made, "unclear")
    assert " here.</p>" not in page
    assert page.count('class="ek-figure"') == 1
    assert re.search(r'class="ek-finding">\s*<p>[A-Z][^<]* may have (fallen|risen) by about [^<]*\.</p>', page)
    assert len(written.to_write_again) == 3
    assert (
        f"says unclear of {made[2][0].analysis.id}, whose result is {came}: write it again."
        in written.to_write_again[0]
    )


class TestInABrowser:
    pytestmark = browser_only

    @pytest.mark.parametrize("screen", SCREENS)
    def test_the_first_screen_has_finding_figure_facts_doubts_and_doors(self, browser, html, root, screen):
        page = browser.new_page(viewport=SCREENS[screen])
        heights, beyond = {}, []
        for id, evaluation in read_catalogue(root).evaluations.items():
            page.goto((html / GENERATED / "evaluations" / id / "index.html").as_uri())
            parts = [".ek-finding", ".ek-figure", ".ek-four", ".ek-not-ruled-out", ".ek-doors"]
            if evaluation.story and screen == "phone":
                parts = parts[:2]  # the others of its figures stand below the first
            for part in parts:
                box = page.locator(part).first.bounding_box()
                if box["y"] + box["height"] > SCREENS[screen]["height"]:
                    beyond.append((id, part, box["y"] + box["height"]))
            heights[id] = page.evaluate("document.documentElement.scrollHeight")
            assert page.evaluate("document.documentElement.scrollWidth") <= SCREENS[screen]["width"]
        page.close()
        assert beyond == []
        at = list(SCREENS)[::-1].index(screen)
        assert {id: high for id, high in heights.items() if high > HEIGHTS.get(id, HIGHEST)[at]} == {}

    def test_home_shows_every_change_in_a_row_each_from_the_first_screen_on(self, browser, html, root):
        page = browser.new_page(viewport=SCREENS["laptop"])
        page.goto((html / "book" / "index.html").as_uri())
        eighth = page.locator(".ek-strip tbody tr").nth(7).bounding_box()
        assert eighth["y"] + eighth["height"] <= SCREENS["laptop"]["height"]
        names = page.locator(".ek-strip tbody th a").all_text_contents()
        assert len(names) == len(read_catalogue(root).evaluations)
        assert names == sorted(names, key=str.casefold)
        page.close()

    def test_no_interval_breaks(self, browser, html):
        for viewport in SCREENS.values():
            page = browser.new_page(viewport=viewport)
            page.goto((html / GENERATED / "evaluations" / "urgent-treatment-centres-2016-18" / "index.html").as_uri())
            lines = page.eval_on_selector_all(
                ".ek-bars td.ek-number .ek-note", "cells => cells.map(cell => cell.getClientRects().length)"
            )
            assert len(lines) > 20
            assert set(lines) == {1}
            page.close()

    def test_a_link_into_what_is_folded_opens_it_and_print_opens_all_but_numbers(self, browser, html):
        page = browser.new_page(viewport=SCREENS["laptop"])
        address = (html / GENERATED / "evaluations" / "weston-overnight-closure-2017" / "index.html").as_uri()
        page.goto(f"{address}#sources")
        assert page.locator("#sources").get_attribute("open") is not None
        assert page.locator("#sources li").first.is_visible()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        closed = page.eval_on_selector_all("main details:not([open])", "all => all.map(one => one.id)")
        assert closed == ["figure-numbers"]
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("main details[open]").count() == 1
        page.close()
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(address)
        page.emulate_media(media="print")
        assert page.locator("#sources li").first.is_visible()
        assert not page.locator("#figure-numbers table").first.is_visible()
        context.close()

"""Metrics across all partners as they are used: by keyboard, at the own place, with a wrong address, without scripts, printed."""

from pathlib import Path

import pytest

from tests.support.browsing import browser_only

pytestmark = browser_only
PARTNERS = Path("book", "generated", "partners")
TORBAY, ROYAL_FREE, MEDWAY = "RA9", "RAL", "RPA"
WIDTHS = [390, 1280]


@pytest.fixture
def opened_at(browser, html):
    """Opens a page of partners by its name at a width; nothing may complain or ask for anything outside."""
    contexts, complaints = [], []

    def open_at(name: str, width: int = 1280, **options):
        if not contexts or options or contexts[-1][1] != width:
            contexts.append((browser.new_context(viewport={"width": width, "height": 900}, **options), width))
        page = contexts[-1][0].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: None if asked.url.startswith("file:") else complaints.append(asked.url))
        name, _, query = name.partition("?")
        page.goto((html / PARTNERS / name).as_uri() + (f"?{query}" if query else ""))
        return page

    yield open_at
    for context, _ in contexts:
        context.close()
    assert complaints == []


def _status(page) -> str:
    return page.locator("#ek-partners-status").inner_text()


class TestFunnel:
    @pytest.mark.parametrize("width", WIDTHS)
    def test_the_chosen_one_has_a_ring_and_its_name(self, opened_at, width):
        page = opened_at(f"seven-day.html?organisation={MEDWAY}", width)
        rings, names = page.locator("#funnel .ek-own"), page.locator("#funnel .ek-own-name")
        assert (rings.count(), names.count()) == (1, 1)
        row = page.locator('[data-of="funnel"] tbody tr', has=page.get_by_text(MEDWAY, exact=True))
        assert names.text_content() in (
            row.locator("th").text_content(),
            MEDWAY,
        )  # the code where a name has no room
        at = row.evaluate("row => row.sectionRowIndex")
        mark, ring = (page.locator(f"#funnel {name}").bounding_box() for name in (f'[data-i="{at}"]', ".ek-own"))
        for start, size in (("x", "width"), ("y", "height")):
            assert abs(mark[start] + mark[size] / 2 - ring[start] - ring[size] / 2) < 1.5
        name, frame = names.bounding_box(), page.locator("#funnel").bounding_box()
        assert frame["x"] - 1 <= name["x"]
        assert name["x"] + name["width"] <= frame["x"] + frame["width"] + 1
        said = page.locator("#ek-partner-one").inner_text()
        share = row.locator("td").nth(1).text_content()
        assert f"{share}% of the week's discharges" in said
        page.locator("#ek-partner").select_option("")
        assert rings.count() == 0

    def test_its_table_is_by_name_with_codes(self, opened_at):
        page = opened_at("seven-day.html")
        rows = page.locator('table[data-of="funnel"] tbody tr')
        names = rows.locator("th").all_text_contents()
        assert len(names) > 90
        assert names == sorted(names, key=str.casefold)
        codes = rows.locator("td:nth-child(2)").all_text_contents()
        assert codes[names.index(page.locator(f'[data-place="{MEDWAY}"] a').text_content())] == MEDWAY
        assert len(set(codes)) == len(names)


class TestKeyboard:
    def test_the_matrix_is_one_stop_and_arrow_keys_go_from_icon_to_icon(self, opened_at):
        page = opened_at("index.html")
        stops = page.locator("#ek-partners-all a[tabindex='0']")
        assert stops.count() == 1
        stops.focus()
        first = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert page.locator("#ek-partners-said").inner_text() == first
        page.keyboard.press("ArrowRight")
        second = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert second != first
        assert second.split(",")[0] == first.split(",")[0]
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')").split(",")[0] != first.split(",")[0]
        page.keyboard.press("Home")
        assert page.evaluate("document.activeElement.closest('th') !== null")
        page.keyboard.press("ArrowLeft")  # there is nothing further to the left
        assert page.evaluate("document.activeElement.closest('th') !== null")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#ek-partners-all') === null")

    def test_the_link_in_focus_is_seen_and_leads_to_its_chart(self, opened_at):
        page = opened_at("index.html")
        page.locator("#ek-partners-all a[tabindex='0']").focus()
        for _ in range(12):
            page.keyboard.press("ArrowDown")
        assert page.evaluate(
            """() => {
              const box = document.activeElement.getBoundingClientRect();
              const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
              return document.activeElement.contains(there) && getComputedStyle(document.activeElement).outlineStyle !== "none";
            }"""
        )
        page.keyboard.press("Enter")
        page.wait_for_url("**/organisations/*.html#*")
        assert page.evaluate("document.getElementById(location.hash.slice(1)) !== null")

    def test_a_small_chart_says_each_month(self, opened_at):
        page = opened_at(f"measures/ae-four-hour-all.html?organisation={TORBAY}")
        line = page.locator(".ek-sparks > li:not([hidden]) [role=slider]")
        assert line.count() == 1
        line.focus()
        page.keyboard.press("Home")
        assert line.inner_text().startswith("July 2021: ")
        page.keyboard.press("ArrowRight")
        assert line.inner_text().startswith("August 2021: ")
        assert line.get_attribute("aria-valuetext") == line.inner_text()


class TestOwnPlace:
    @pytest.mark.parametrize("width", WIDTHS)
    @pytest.mark.parametrize("name", ["index.html", "seven-day.html", "measures/ae-four-hour-all.html"])
    def test_it_is_kept_from_page_to_page_and_is_said(self, opened_at, width, name):
        page = opened_at(f"index.html?organisation={TORBAY.lower()}", width)
        page.locator("#ek-partner").select_option(ROYAL_FREE)
        page.locator("#ek-partner").select_option(TORBAY)
        page = opened_at(name, width)
        assert page.locator("#ek-partner").input_value() == TORBAY
        assert "that you chose last" in _status(page)
        shown = page.locator("#ek-partner-one:visible, .ek-sparks > li:visible").all_inner_texts()
        assert len(shown) == 1
        assert "Torbay and South Devon" in shown[0]
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    @pytest.mark.parametrize("width", WIDTHS)
    def test_the_answer_to_a_choice_is_told_and_comes_into_sight(self, opened_at, width):
        page = opened_at("index.html", width)
        assert page.locator("#ek-partners-status").get_attribute("role") == "status"
        page.locator("#ek-partner").select_option(ROYAL_FREE)
        assert _status(page).startswith("Royal Free London NHS Foundation Trust, below: ")
        assert "in the last month, of " in _status(page)
        assert 0 <= page.locator("#ek-partner-one h2").bounding_box()["y"] < 900
        assert "with North Middlesex University Hospital NHS Trust: not comparable with before" in (
            page.locator("#ek-partner-one").inner_text()
        )

    @pytest.mark.parametrize("code", [ROYAL_FREE, MEDWAY, TORBAY])
    def test_the_card_says_what_the_page_of_the_organisation_says(self, opened_at, code):
        """What reverses a reading of a recent chart stands in both: runs against a year before, recording, source, mergers and jumps."""
        page = opened_at(f"index.html?organisation={code}")
        cards = {
            item.locator("a").first.get_attribute("href").partition("#")[2]: item.locator("div").inner_text()
            for item in page.locator("#ek-partner-one .ek-charted > li").all()
        }
        page = opened_at(f"organisations/{code}.html")
        items = page.locator(".ek-charted > li:has(svg) > div").all()
        assert len(items) > 6
        for item in items:
            measure = item.locator("a[href^='#']").first.get_attribute("href").removeprefix("#")
            said = item.inner_text().partition(". ")[2].partition(" Chart")[0]
            assert said in cards[measure]

    def test_a_small_chart_leads_to_its_table(self, opened_at):
        page = opened_at(f"measures/ae-four-hour-all.html?organisation={MEDWAY}")
        page.locator(".ek-sparks > li:not([hidden]) figcaption a", has_text="Table").click()
        page.wait_for_url("**/organisations/*.html#numbers-*")
        table = page.locator("#numbers-ae-four-hour-all")
        assert table.locator("tbody tr").count() > 50

    @pytest.mark.parametrize("name", ["index.html", "seven-day.html"])
    def test_a_wrong_address_says_so_and_shows_what_there_is(self, opened_at, name):
        page = opened_at(f"{name}?organisation=<b>none")
        assert "The address asks for “<b>none”, which is not among the choices here. " in _status(page)
        assert page.locator(".ek-partners-box tbody tr:visible").count() > 50
        assert page.locator("#ek-partner-one").is_hidden()

    def test_a_region_narrows_and_none_in_both_is_said(self, opened_at):
        page = opened_at("seven-day.html?region=London")
        inside = page.locator(".ek-partners-box tbody tr:visible").count()
        assert 5 < inside < 50
        assert _status(page).startswith(f"{inside} organisations.")
        page.locator("#ek-board").select_option("NHS Devon Integrated Care Board")
        assert "No organisation is in both" in _status(page)
        page = opened_at(f"seven-day.html?region=London&organisation={TORBAY}")
        assert page.locator("#ek-region").input_value() == ""
        assert "Torbay" in page.locator("#ek-partner-one").inner_text()

    def test_a_column_without_any_icon_is_left_out_and_named_once(self, opened_at):
        page = opened_at("index.html")
        cells = page.locator("#ek-partners-all tbody tr").first.locator("td").count()
        assert cells == page.locator("#ek-partners-all thead th").count() - 1
        for column in range(cells):
            icons = page.locator(f"#ek-partners-all tbody td:nth-of-type({column + 1}) svg")
            assert icons.count() > 0


class TestWithoutMuch:
    @pytest.mark.parametrize("width", WIDTHS)
    def test_without_scripts_every_place_and_number_is_there(self, opened_at, width):
        page = opened_at("index.html", width, java_script_enabled=False)
        assert page.locator(".ek-partner-list a").count() > 100
        assert page.locator("#ek-partners").is_hidden()
        assert page.locator(".ek-icon-key li").first.is_visible()
        assert (
            "once that is more than six months ago it says nothing of the present" in page.locator("main").inner_text()
        )
        page = opened_at("seven-day.html", width, java_script_enabled=False)
        assert page.locator(".ek-partners-box tbody tr:visible").count() > 50

    def test_on_a_phone_the_key_is_closed_and_opens(self, opened_at):
        page = opened_at(f"index.html?organisation={TORBAY}", 390)
        assert page.locator(".ek-icon-key li").first.is_hidden()
        page.locator(".ek-icon-key summary").click()
        assert page.locator(".ek-icon-key li").first.is_visible()

    def test_printed_the_matrix_is_whole(self, opened_at):
        page = opened_at("index.html", 700)  # as wide as a page of A4
        page.emulate_media(media="print")
        assert page.locator("#ek-partners").is_hidden()
        assert page.locator("#ek-partners-all tbody tr:visible").count() > 100
        box = page.locator("#ek-partners-all")
        assert box.evaluate("box => box.scrollHeight - box.clientHeight") <= 1

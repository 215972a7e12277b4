"""Figures of the built book: pointed at, touched, read by keyboard, taken away, printed, and there without any script."""

import re
from pathlib import Path

import matplotlib.image
import pandas as pd
import pytest

from evalkit.catalogue import read_catalogue
from tests.support.browsing import browser_only

GENERATED = Path("book", "generated")
WESTON = "evaluations/weston-overnight-closure-2017/index.html"
VANGUARDS = "evaluations/urgent-and-emergency-care-vanguards-2015/index.html"
NOTEBOOK = "evaluations/weston-overnight-closure-2017/type-1-controlled.html"
LARGEST_SCRIPT = 15_000
LEAST_LETTERS = 13
OPEN = "document.querySelectorAll('main details').forEach(one => { one.open = true; })"


def test_the_script_is_small_and_uses_nothing_of_others(html):
    text = (html / "_static" / "figure.js").read_text(encoding="utf-8")
    assert len(text.encode()) <= LARGEST_SCRIPT
    assert not re.search(r"\bimport\b|\brequire\b|fetch\(|innerHTML|\beval\b|\.style\b", text)


def test_every_drawing_has_its_table_and_every_table_its_drawing(html):
    pages = [path for path in (html / GENERATED).rglob("*.html") if "data-figure" in path.read_text(encoding="utf-8")]
    assert len(pages) > 50
    for path in pages:
        text = path.read_text(encoding="utf-8")
        tables, drawings = re.findall(r'data-of="([^"]+)"', text), re.findall(r'<svg id="([^"]+)"', text)
        if path.name == "board.html":
            continue  # whose drawings print, and whose tables open on request
        assert sorted(tables) == sorted(drawings), path
        assert text.count("_static/figure.js") >= 1, path


def test_what_can_be_taken_away_is_there_and_says_the_same(html, root):
    checked = 0
    for id in read_catalogue(root).evaluations:
        text = (html / GENERATED / "evaluations" / id / "index.html").read_text(encoding="utf-8")
        links = re.findall(r'href="\.\./\.\./\.\./\.\./(downloads/[^"]+\.(?:csv|png|svg))"', text)
        assert len(links) >= 3
        for link in links:
            assert (html / link).stat().st_size > 500, link
        for link in (one for one in set(links) if one.endswith(".png")):
            high, wide, _ = matplotlib.image.imread(html / link).shape
            assert wide / high == pytest.approx(16 / 9, abs=0.01), link
        for file in re.findall(r'data-figure="time-series" data-of="figure-([^"]+)"', text):
            table = re.search(rf'data-of="figure-{file}".*?</table>', text, re.DOTALL)[0]
            shown = [
                [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
                for row in re.findall(r"<tr>(.*?)</tr>", table)
            ][1:]
            kept = pd.read_csv(html / "downloads" / id / f"{file}.csv")
            assert [row[0] for row in shown] == kept["period"].astype(str).tolist()
            for row, observed in zip(shown, kept["observed"], strict=True):
                assert (row[1] == "") == pd.isna(observed)
                if row[1]:
                    assert float(row[1].replace(",", "").replace("−", "-")) == pytest.approx(
                        observed, rel=0.01, abs=0.5
                    )
                    checked += 1
    assert checked > 300


class TestInABrowser:
    pytestmark = browser_only

    @pytest.fixture
    def page(self, browser):
        context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True, has_touch=True)
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
        yield page
        assert page.complaints == []
        context.close()

    def test_arrow_keys_say_each_point_as_the_table_has_it(self, page, html):
        page.goto((html / GENERATED / WESTON).as_uri())
        slider = page.locator("[role=slider]").first
        slider.focus()
        page.keyboard.press("Home")
        rows = page.locator("table[data-figure=time-series]").first.locator("tbody tr")
        assert int(slider.get_attribute("aria-valuemax")) == rows.count()
        for step in range(3):
            seen = rows.nth(step).locator("td").first.text_content()
            said = slider.get_attribute("aria-valuetext")
            assert f": {seen} attendances per day." in said
            assert slider.text_content() == said
            assert slider.get_attribute("aria-valuenow") == str(step + 1)
            assert page.locator(".ek-on").get_attribute("data-i") == str(step)
            page.keyboard.press("ArrowRight")
        page.keyboard.press("End")
        assert slider.get_attribute("aria-valuenow") == str(rows.count())
        assert "Expected without the change:" in slider.text_content()
        page.keyboard.press("ArrowRight")
        assert slider.get_attribute("aria-valuenow") == str(rows.count())

    def test_the_tab_key_enters_and_leaves_a_figure_in_one_step_each(self, page, html):
        page.goto((html / GENERATED / WESTON).as_uri())
        page.locator("[role=slider]").first.focus()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('.ek-figure, .ek-said')") is None
        assert page.locator(".ek-on").count() == 0
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.getAttribute('role')") == "slider"

    def test_a_pointer_and_a_finger_say_the_point_that_is_nearest(self, page, html):
        page.goto((html / GENERATED / VANGUARDS).as_uri())
        page.evaluate(OPEN)
        for kind in ("time-series", "event-study", "histogram"):
            table = page.locator(f"table[data-figure={kind}]").first
            drawing = page.locator(f"#{table.get_attribute('data-of')}")
            drawing.scroll_into_view_if_needed()
            mark = drawing.locator("[data-i='4']").bounding_box()
            x, y = mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2
            page.touchscreen.tap(x, y)
            assert drawing.locator(".ek-on").get_attribute("data-i") == "4"
            assert page.locator(".ek-speaks").last.text_content()
            page.mouse.move(x, y)
            page.mouse.move(1, 1)
            assert drawing.locator(".ek-on").count() == 0

    def test_a_funnel_says_the_place_under_the_finger(self, page, html):
        page.goto((html / GENERATED / WESTON).as_uri())
        page.evaluate(OPEN)
        table = page.locator("table[data-figure=funnel]")
        drawing = page.locator(f"#{table.get_attribute('data-of')}")
        drawing.scroll_into_view_if_needed()
        mark = drawing.locator("[data-i='0']").bounding_box()
        page.mouse.move(mark["x"] + 5, mark["y"] + 5)
        said = page.locator(".ek-speaks").text_content()
        assert said.startswith("Weston General Hospital. Change found: −13.9%.")

    @pytest.mark.parametrize("width", [320, 390, 1280])
    def test_letters_are_never_small_and_nothing_overflows(self, page, html, width, root):
        page.set_viewport_size({"width": width, "height": 800})
        pages = [f"evaluations/{id}/index.html" for id in read_catalogue(root).evaluations]
        others = ["measures/ae-four-hour-all.html", "across/urgent-treatment-centres-visits.html", NOTEBOOK]
        for name in [*pages, *others]:
            page.goto((html / GENERATED / name).as_uri())
            page.evaluate(OPEN)
            letters = page.evaluate(
                "[...document.querySelectorAll('main svg text')].map(one => parseFloat(getComputedStyle(one).fontSize))"
            )
            assert min(letters, default=LEAST_LETTERS) >= LEAST_LETTERS, name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            outside = page.evaluate(
                "[...document.querySelectorAll('main svg.ek-figure text')].filter(one => { const box = one.getBoundingClientRect(),"
                " all = one.closest('svg.ek-figure').getBoundingClientRect(); return box.width && (box.left < all.left - 4 ||"
                " box.right > all.right + 6); }).map(one => one.textContent)"
            )
            assert outside == [], name

    def test_without_scripts_and_in_print_the_figure_is_there(self, browser, html):
        context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
        page = context.new_page()
        page.goto((html / GENERATED / WESTON).as_uri())
        assert page.locator("[role=slider]").count() == 0
        assert page.locator("svg.ek-figure").first.bounding_box()["height"] > 100
        assert "95% interval" in page.locator("svg.ek-figure").first.get_attribute("aria-label")
        context.close()

    def test_in_print_nothing_is_left_of_pointing(self, page, html):
        page.goto((html / GENERATED / WESTON).as_uri())
        page.locator("[role=slider]").first.focus()
        page.emulate_media(media="print")
        assert not page.locator(".ek-said").first.is_visible()
        assert not page.locator(".ek-cursor").first.is_visible()
        assert page.locator("svg.ek-figure").first.is_visible()

    def test_a_notebook_shows_the_same_figure(self, page, html):
        page.goto((html / GENERATED / NOTEBOOK).as_uri())
        figures = page.locator("svg.ek-figure")
        assert figures.count() == 2
        notebook = figures.first.locator("circle").evaluate_all("all => all.map(one => one.getAttribute('cy'))")
        page.goto((html / GENERATED / WESTON).as_uri())
        first = page.locator("svg.ek-figure").first.locator("circle")
        assert notebook == first.evaluate_all("all => all.map(one => one.getAttribute('cy'))")

    def test_forced_colours_keep_every_mark(self, page, html):
        page.emulate_media(forced_colors="active")
        page.goto((html / GENERATED / WESTON).as_uri())
        colours = page.evaluate(
            "['circle', '.ek-fitted', '.ek-expected'].map(kind => { const one = getComputedStyle(document.querySelector("
            "'svg.ek-figure ' + kind)); return kind === 'circle' ? one.fill : one.stroke; })"
        )
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper not in colours

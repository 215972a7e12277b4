"""The typefaces that the book brings: light, licensed, whole, and what every reader sees whatever the machine has."""

import os
import re
import sys
from html import unescape
from pathlib import Path

import matplotlib
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from evalkit.report import typefaces
from tests.support.browsing import CHROMIUM, OPTIONS, PHONE, browser_only

PAGES = Path("book", "_static", "fonts")
MOST = 50_000
# Characters that the typefaces do not have, so that the system's own are shown, and why that does no harm.
ELSEWHERE = ""
EXAMPLES = (
    "book/index.html",
    "book/generated/evaluations/weston-overnight-closure-2017/index.html",
    "book/generated/evaluations/urgent-treatment-centres-2016-18/board.html",
)
# Two machines as unlike as can be: fonts that matplotlib brings, for all that a page asks for, and letters fitted to the grid or not.
MACHINES = {"cmtt10": "hintfull", "STIXGeneral": "hintnone"}
SETTINGS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>{fonts}</dir><cachedir>{cache}</cachedir>
<match target="pattern">
<edit name="family" mode="assign" binding="strong"><string>{family}</string></edit>
<edit name="hintstyle" mode="assign"><const>{hinting}</const></edit>
</match>
</fontconfig>"""


def characters_in(html: Path) -> dict[str, str]:
    """Every character that a page shows outside code, with the page that shows it; those of styles and scripts too."""
    shown: dict[str, str] = {}
    for path in (*sorted(html.rglob("*.html")), *sorted((html / "_static").glob("*.css"))):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            text = unescape(re.sub(r"<(script|style|pre|code)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL))
        shown = dict.fromkeys(text, path.name) | shown
    return {character: page for character, page in shown.items() if character.isprintable()}


def test_the_typefaces_are_light_and_have_their_licence(root):
    files = sorted((root / PAGES).glob("*.woff2"))
    assert len(files) == 4
    assert sum(path.stat().st_size for path in files) <= MOST
    for folder in (root / PAGES, typefaces.FOLDER):
        licence = (folder / "OFL.txt").read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence
        assert "Source Sans 3" in licence


def test_figures_are_drawn_in_the_typeface_of_the_pages():
    for weight in typefaces.FACES:
        path = font_manager.findfont(
            font_manager.FontProperties(family=typefaces.FAMILY, weight=weight), fallback_to_default=False
        )
        assert Path(path) == typefaces.FOLDER / typefaces.FACES[weight]


def test_every_character_of_the_book_is_in_its_typeface(html):
    shown = characters_in(html)
    assert len(shown) > 90
    for name in typefaces.FACES.values():
        has = TTFont(typefaces.FOLDER / name).getBestCmap()
        missing = {
            character: page
            for character, page in shown.items()
            if ord(character) not in has and character not in ELSEWHERE
        }
        assert not missing


class TestInABrowser:
    pytestmark = browser_only

    def test_the_pages_typeface_is_read_and_has_every_character_of_the_figures(self, browser, html):
        """Which font drew a character, Chromium says itself."""
        has = TTFont(typefaces.FOLDER / typefaces.FACES[400]).getBestCmap()
        letters = "".join(filter(str.isprintable, map(chr, sorted(has))))
        page = _read(browser, html / "book" / "index.html")
        page.evaluate(
            """letters => {
              document.body.replaceChildren(...[400, 700].map(weight => Object.assign(
                document.createElement('p'), {textContent: letters, style: `font-weight: ${weight}`})));
              return document.fonts.ready.then(() => undefined);
            }""",
            letters,
        )
        assert _fonts(page, "p") == [{("evalkit Sans", True)}] * 2

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_a_page_is_drawn_in_the_books_typefaces(self, browser, html, name):
        page = _read(browser, html / name)
        drawn = {font for fonts in _fonts(page, "main :is(h1, h2, p, li, tr):not(:has(code))") for font in fonts}
        assert drawn == {("evalkit Sans", True), ("evalkit Serif", True)}

    @pytest.mark.skipif(sys.platform != "linux", reason="Only on Linux does a file say which fonts there are")
    def test_a_machine_with_other_fonts_shows_the_same_pages(self, browser, html, tmp_path):
        fonts = Path(matplotlib.get_data_path(), "fonts", "ttf")
        pages = []
        for family, hinting in MACHINES.items():
            settings = tmp_path / f"{family}.conf"
            settings.write_text(SETTINGS.format(fonts=fonts, cache=tmp_path / "cache", family=family, hinting=hinting))
            machine = {**os.environ, "FONTCONFIG_FILE": str(settings)}
            with browser.browser_type.launch(executable_path=CHROMIUM, args=OPTIONS, env=machine) as other:
                page = _read(other, html / EXAMPLES[1])
                pages.append([_tops(page)])
                for name, family_of_machine in (("--sans", "sans-serif"), ("--serif", "serif")):
                    page.evaluate(f"document.documentElement.style.setProperty('{name}', '{family_of_machine}')")
                pages[-1].append(_tops(page))
        (first, first_without), (second, second_without) = pages
        assert first == second
        assert first_without != second_without  # the machines do differ


def _read(browser, path: Path):
    """A page on a phone, with its typefaces."""
    page = browser.new_page(viewport=PHONE)
    page.goto(path.as_uri())
    page.evaluate("document.fonts.ready.then(() => undefined)")
    return page


def _fonts(page, selector: str) -> list[set[tuple[str, bool]]]:
    """For each element: families that drew its text, and whether the page brought them."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    top = session.send("DOM.getDocument")["root"]["nodeId"]
    nodes = session.send("DOM.querySelectorAll", {"nodeId": top, "selector": selector})["nodeIds"]
    drawn = [session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"] for node in nodes]
    return [{(font["familyName"], font["isCustomFont"]) for font in fonts} for fonts in drawn]


def _tops(page) -> list[float]:
    """Where every part of the text begins, and where the page ends."""
    tops = page.eval_on_selector_all(
        "main *:not(svg *, code, pre *), footer", "all => all.map(one => one.getBoundingClientRect().top)"
    )
    assert len(tops) > 20
    return tops

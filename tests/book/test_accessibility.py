"""axe-core (WCAG 2.2 A and AA) over pages of every kind, and in the slow form over all, light and dark, narrow and wide."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.browsing import NARROW, WIDE, browser_only, by_width
from tests.support.page_kinds import pages_of_every_kind, pages_of_form, short_and_long

pytestmark = browser_only
HERE = Path(__file__).parent


def _scripts() -> list[Path]:
    return [Path(find_spec("axe_playwright_python").origin).parent / "axe.min.js", HERE / "accessibility.js"]


def _page(browser, width: int):
    """A page in which axe-core is loaded before anything of its own."""
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, reduced_motion="reduce")
    for script in _scripts():
        context.add_init_script(path=script)
    return context.new_page()


def _findings(page, address: str) -> list[str]:
    """Everything serious or critical on a page in light and in dark, with all that can be opened open."""
    page.emulate_media(color_scheme="light")
    page.goto(address)
    page.evaluate("audit.openEverything()")
    findings = [f"light: {finding}" for finding in page.evaluate("audit.everyRule()")]
    page.emulate_media(color_scheme="dark")
    return findings + [f"dark: {finding}" for finding in page.evaluate("audit.colourRules()")]


def _findings_of_width(page, address: str, known: set[str]) -> list[str]:
    """As ``_findings`` in light, of what a narrow page has that a wide one has not: sizes, and what else is shown.

    Kinds of what is shown go into ``known``, and are not looked at again.
    """
    page.emulate_media(color_scheme="light")
    page.goto(address)
    page.set_viewport_size({"width": WIDE, "height": 900})
    page.evaluate("audit.keepWhatIsShown()")
    page.set_viewport_size({"width": NARROW, "height": 900})
    seen = page.evaluate("known => audit.rulesOfWidth(known)", list(known))
    known.update(seen["kinds"])
    return [f"light: {finding}" for finding in seen["findings"]]


@by_width
@short_and_long
def test_axe_finds_nothing_serious(html, browser, width, form):
    """What axe-core says of an element rests on its tag, attributes and style: the short form reads each kind of them.

    Most of it is the same at every width, so it asks every rule at one, and at the other what may differ there.
    """
    pages = pages_of_form(html, form)
    page = _page(browser, width)
    known: set[str] = set()
    found = {
        name: _findings_of_width(page, address, known)
        if (form, width) == ("short", NARROW)
        else _findings(page, address)
        for name, address in pages.items()
    }
    page.context.close()
    findings = [f"{name}: {finding}" for name, of_page in found.items() for finding in of_page]
    assert not findings, f"{len(findings)} findings:\n" + "\n".join(findings)


SAME = "<p>same</p>" * 5
DARK = "@media (prefers-color-scheme: dark)"


@pytest.mark.parametrize(
    ("rule", "schemes", "body"),
    [
        ("color-contrast", "light dark", "<p style='color: #999'>Faint</p>"),
        ("color-contrast", "dark", f"<style>{DARK} {{ p {{ color: #eee }} }}</style><p>Faint</p>"),
        ("color-contrast", "light dark", "<details><summary>More</summary><p style='color: #999'>Faint</p></details>"),
        ("color-contrast", "light dark", f"{SAME}<p style='background: #444'>other</p>"),
        ("color-contrast", "light dark", f"{SAME}<p style='opacity: 0.4'>other</p>"),
        ("color-contrast", "light dark", "<table><tr><td>12<td>12<td>12<td>12<td style='color: #bbb'>12</table>"),
        ("image-alt", "light", "<img src='data:,'>"),
        ("image-alt", "dark", f"<style>img {{ display: none }} {DARK} {{ img {{ display: inline }} }}</style><img src='data:,'>"),
        ("link-name", "light", "<a href='#x'></a>"),
        ("label", "light", "<input type='text'>"),
        ("target-size", "light", "<a href='#x' style='display: block; font-size: 8px; height: 9px'>a</a>" * 2),
        ("nested-interactive", "light", "<div role='button' tabindex='0'>More <button>now</button></div>"),
        ("link-in-text-block", "light dark", "<style>a { color: #222; text-decoration: none }</style><p>See <a href='#x'>it</a> here.</p>"),
    ],
)  # fmt: skip
def test_a_fault_would_be_found(browser, tmp_path, rule, schemes, body):
    page = _page(browser, WIDE)
    findings = _findings(page, _written(tmp_path, body))
    page.context.close()
    assert [finding.split(" ")[:2] for finding in findings] == [
        [f"{scheme}:", f"{rule}:"] for scheme in schemes.split()
    ]


def _written(folder: Path, body: str) -> str:
    """The address of a page."""
    path = folder / "page.html"
    html = f"<!doctype html><html lang='en'><title>Page</title><main><h1>Page</h1>{body}</main></html>"
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


SMALL = "a { display: block; font-size: 8px; height: 9px }"


@pytest.mark.parametrize(
    ("rule", "style", "body"),
    [
        ("target-size", SMALL, "<a href='#x'>a</a>" * 2),
        ("color-contrast", ".own { color: #999 }", "<p>Dark</p><p class='own'>Faint</p>"),
        ("button-name", "button { display: block }", "<style>@media (width > 400px) { button { display: none } }</style><button></button>"),
        ("image-alt", "img { visibility: visible }", "<style>img { visibility: hidden }</style><details><summary>More</summary><img src='data:,'></details>"),
    ],
)  # fmt: skip
def test_a_fault_of_narrow_pages_would_be_found(browser, tmp_path, rule, style, body):
    """Once, where pages have it alike."""
    address = _written(tmp_path, f"{body}<style>@media (width <= 400px) {{ {style} }}</style>")
    page, known = _page(browser, NARROW), set()
    first, again = (_findings_of_width(page, address, known) for _ in range(2))
    page.context.close()
    assert [finding.split(" ")[:2] for finding in first] == [["light:", f"{rule}:"]]
    assert again == ([] if rule in ("button-name", "image-alt") else first)


def test_the_short_form_leaves_out_only_pages_without_a_kind_of_element_of_their_own(tmp_path):
    same = "<p class='a'><a href='x'>More</a></p>"
    pages = {
        "class": "<p class='b'><a href='x'>More</a></p>",
        "attribute": "<p class='a'><a href='x' role='button'>More</a></p>",
        "no value": "<p class='a'><a href=''>More</a></p>",
        "empty": "<p class='a'><a href='x'> </a></p>",
        "another element": f"<div>{same}</div>",
    }
    for name, body in (pages | dict.fromkeys(("first", "second", "third"), same)).items():
        (tmp_path / f"{name}.html").write_text(f"<html><body>{body}</body></html>", encoding="utf-8")
    chosen = pages_of_every_kind(tmp_path)
    assert chosen >= {f"{name}.html" for name in pages}
    assert len(chosen & {"first.html", "second.html", "third.html"}) <= 1

"""axe-core (WCAG 2.2 A and AA) over every page, light and dark, narrow and wide."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.book.browsing import addresses, browser_only, opened

pytestmark = browser_only
HERE = Path(__file__).parent
WIDTHS = (320, 1280)


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
    found = [f"light: {one}" for one in page.evaluate("audit.everyRule()")]
    page.emulate_media(color_scheme="dark")
    return found + [f"dark: {one}" for one in page.evaluate("audit.colourRules()")]


def _findings_at(html: Path, width: int) -> list[str]:
    with opened() as browser:
        page = _page(browser, width)
        return [
            f"{width} px: {name}: {one}"
            for name, address in addresses(html).items()
            for one in _findings(page, address)
        ]


def test_axe_finds_nothing_serious_on_any_page(html):
    """A browser for each width, so that both cores of a small machine are used."""
    with ThreadPoolExecutor(len(WIDTHS)) as threads:
        found = [one for part in threads.map(partial(_findings_at, html), WIDTHS) for one in part]
    assert not found, f"{len(found)} findings:\n" + "\n".join(found)


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
    path = tmp_path / "page.html"
    html = f"<!doctype html><html lang='en'><title>Page</title><main><h1>Page</h1>{body}</main></html>"
    path.write_text(html, encoding="utf-8")
    page = _page(browser, 1280)
    found = _findings(page, path.as_uri())
    page.context.close()
    assert [one.split(" ")[:2] for one in found] == [[f"{scheme}:", f"{rule}:"] for scheme in schemes.split()]

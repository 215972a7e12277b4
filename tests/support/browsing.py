"""What every test needs that reads pages in headless Chromium."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {"width": 375, "height": 667}
browser_only = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: the pages were not read in a browser"),
]
NARROW, WIDE = 320, 1280
by_width = pytest.mark.parametrize("width", [NARROW, WIDE])


@contextmanager
def opened() -> Iterator:
    """Chromium, for one thread."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install '.[test]'")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


def is_on_screen(page, selector: str) -> bool:
    """Whether the first element is seen whole without scrolling, in the typefaces of the book."""
    page.evaluate("document.fonts.ready.then(() => undefined)")
    return page.locator(selector).first.evaluate(
        """element => {
          const box = element.getBoundingClientRect();
          return box.height > 0 && box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
        }"""
    )


# Pages that look otherwise when their address says what is chosen or asked for.
ASKED = (
    "book/generated/find.html?kind=barrier&kind=enabler&theme=leadership",
    "book/generated/find.html?words=nothing+is+called+so",
    "book/generated/find.html?theme=no-such-theme",
    "book/generated/board-pack.html?evaluations=weston-overnight-closure-2017",
    "book/generated/board-pack.html?evaluations=no-such-evaluation",
    "book/generated/sites/index.html?trust=RBA",
    "book/generated/sites/index.html?trust=none",
    "book/generated/partners/index.html?organisation=RA7",
    "book/generated/partners/index.html?region=London",
    "book/generated/partners/staff.html?organisation=RTF",
    "book/generated/partners/staff.html?region=London",
    "search.html?q=Weston",
    "search.html?q=nothingiscalledso",
)


def addresses(html: Path) -> dict[str, str]:
    """The address of every page by its name, but for the front door, which leads on at once; with what may be asked."""
    pages = [path for path in sorted(html.rglob("*.html")) if path != html / "index.html"]
    by_name = {path.relative_to(html).as_posix(): path.as_uri() for path in pages}
    for name in ASKED:
        page, _, query = name.partition("?")
        by_name[name] = f"{by_name[page]}?{query}"
    return by_name

"""What every test needs that reads pages in headless Chromium."""

import shutil
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
browser_only = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: the pages were not read in a browser"),
]


def names_of_pages(html: Path) -> list[str]:
    """Every page but the front door, which leads on at once."""
    return [path.relative_to(html).as_posix() for path in sorted(html.rglob("*.html")) if path != html / "index.html"]

"""The book the tests read: made once from a clean copy."""

from pathlib import Path

import pytest

from tests.book.browsing import CHROMIUM, OPTIONS


@pytest.fixture(scope="module")
def browser():
    """Chromium, for the tests of one module."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install '.[test]'")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def html(real_book) -> Path:
    project, said = real_book
    assert said.status == 0, said.err
    return project.root / "_build" / "html"

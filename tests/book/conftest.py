"""The book the tests read: made once from a clean copy."""

from pathlib import Path

import pytest

from tests.book.browsing import opened


@pytest.fixture(scope="module")
def browser():
    """Chromium, for the tests of one module."""
    with opened() as browser:
        yield browser


@pytest.fixture(scope="session")
def html(real_book) -> Path:
    project, said = real_book
    assert said.status == 0, said.err
    return project.root / "_build" / "html"

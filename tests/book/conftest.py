"""The book the tests read: made once from a clean copy."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def html(real_book) -> Path:
    project, said = real_book
    assert said.status == 0, said.err
    return project.root / "_build" / "html"

"""The book the tests read: made once from a clean copy."""

import os
import shutil
from pathlib import Path

import pytest

from tests.support.browsing import opened


@pytest.fixture(scope="module")
def browser():
    """Chromium, for the tests of one module."""
    with opened() as browser:
        yield browser


@pytest.fixture(scope="session")
def html(real_book) -> Path:
    """The pages; kept in the folder that EVALKIT_TESTED_BOOK names, for who publishes what was tested."""
    project, said = real_book
    assert said.status == 0, said.err
    made, kept = project.root / "_build" / "html", os.environ.get("EVALKIT_TESTED_BOOK")
    if kept and not Path(kept).exists():
        shutil.copytree(made, kept)
    return made

"""The book the tests read: made once from a clean copy."""

import os
import shutil
from functools import cache
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from evalkit.report.figures.charts import as_png
from tests.support.browsing import opened

LOOK_AT_PICTURES = {"test_take_away", "test_page_cache"}


@pytest.fixture(scope="module")
def browser():
    """Chromium, for the tests of one module."""
    with opened() as browser:
        yield browser


@pytest.fixture(scope="module", autouse=True)
def _one_picture(request):
    """Made-up books have one picture for all figures, as pictures are most of their time."""
    with pytest.MonkeyPatch.context() as patch:
        if request.module.__name__.rpartition(".")[2] not in LOOK_AT_PICTURES:
            patch.setattr("evalkit.book.pages.evaluation._pictures", lambda described: _picture())
        yield


@cache
def _picture() -> tuple[bytes, str]:
    return as_png(Figure(figsize=(1.6, 0.9))), "<svg></svg>"


@pytest.fixture(scope="session")
def html(real_book) -> Path:
    """The pages; kept in the folder that EVALKIT_TESTED_BOOK names, for who publishes what was tested."""
    project, said = real_book
    assert said.status == 0, said.err
    made, kept = project.root / "_build" / "html", os.environ.get("EVALKIT_TESTED_BOOK")
    if kept and not Path(kept).exists():
        shutil.copytree(made, kept)
    return made

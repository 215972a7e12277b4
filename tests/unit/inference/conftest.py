"""Calibrations as they are: how exact they are is what is asked here."""

import pytest


@pytest.fixture(scope="module")
def rough_calibrations() -> None:
    """None, in place of the rough ones of the other tests of units."""

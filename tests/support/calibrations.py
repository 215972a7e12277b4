"""Calibrations for tests of what is done with an interval, not of how exact it is."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from evalkit.inference.autoregressive import calibration, calibration_store


@contextmanager
def rough() -> Iterator[None]:
    """Simulate them from a tenth of the series, and keep them apart from those that are exact.

    It moves an interval by a thousandth of its width.
    """
    exact = calibration_store.folder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "MOST_DIRECTIONS", calibration.MOST_DIRECTIONS // 10)
        patch.setattr(calibration, "FEWEST_DIRECTIONS", calibration.MOST_DIRECTIONS)
        patch.setattr(calibration, "_memory", OrderedDict())
        patch.setattr(calibration_store, "folder", lambda: exact / "rough")
        yield

"""How often the last or first figure of a real series is called counted in part, where nothing is known to be wrong with it."""

import numpy as np
import pytest

from evalkit.catalogue import read_catalogue
from evalkit.intake.suspicious_figures import NEXT_TO_IT, odd_figures
from tools.false_alarms import WINDOWS, series


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: f"{window.measure} {window.first}")
def test_one_end_in_hundreds(root, window):
    catalogue = read_catalogue(root)
    values, periods, units = series(catalogue, window)
    values = np.exp(values) if catalogue.measures[window.measure].form == "count" else values
    length = NEXT_TO_IT + 1
    asked = flagged = 0
    for unit in range(len(units)):
        for first in range(len(periods) - length + 1):
            found = odd_figures(values[first : first + length, unit], periods[first : first + length].astype(str))
            asked += 2
            flagged += len(found)
    assert asked > 4000
    assert flagged / asked <= 0.002

"""Few events: how often the default finds a change where there is none, and where the events are halved."""

import numpy as np
import pandas as pd
import pytest

from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.inference.autoregressive.counts import fit_counts
from evalkit.inference.simulation import autoregressive_errors
from evalkit.intake.periods import resolve_interruption

MONTHS = pd.period_range("2014-01", periods=48, freq="M")
STEP = SegmentedModel(MONTHS, resolve_interruption(MONTHS[24], 0, "M"), "step")
LONG = pytest.param(2000, marks=pytest.mark.slow)


def found(mean: float, halved: bool, spread: float, correlation: float, series: int) -> float:
    """The share of series, 24 months before and 24 after, in which a change is claimed."""
    random = np.random.default_rng([int(10 * mean), halved, int(10 * spread), int(10 * correlation)])
    latent = autoregressive_errors(random, series, 48, correlation) * spread - spread**2 / 2
    rate = mean * np.exp(latent) * np.where(halved & STEP.after, 0.5, 1.0)
    claims = []
    for counts in random.poisson(rate).astype(float):
        if counts[:24].sum() and counts[24:].sum():
            (level,) = fit_counts(counts, STEP.matrix, contrasts=STEP.weights("level")).contrasts
            claims.append(level.low > 0 or level.high < 0)
    return float(np.mean(claims))


@pytest.mark.parametrize("mean", [0.5, 2, 5])
@pytest.mark.parametrize(
    ("spread", "correlation", "at_most"),
    # Counts so few cannot show a spread of a half that carries over from month to month; quasi-Poisson errs in .11 to .39.
    [(0.0, 0.0, 0.05), (0.25, 0.4, 0.05), (0.5, 0.0, 0.05), (0.5, 0.4, 0.05), (0.5, 0.8, 0.10)],
)
@pytest.mark.parametrize("series", [40, LONG])
def test_nothing_is_found_where_nothing_changed(mean, spread, correlation, at_most, series):
    assert found(mean, False, spread, correlation, series) <= at_most + 2 * (at_most * (1 - at_most) / series) ** 0.5


@pytest.mark.parametrize("series", [150, LONG])
def test_two_a_month_that_become_one_are_found(series):
    """Quasi-Poisson finds .80 of them; the model with a latent series in every case found .45."""
    assert found(2, True, 0.0, 0.0, series) >= 0.67 - 2 * (0.67 * 0.33 / series) ** 0.5

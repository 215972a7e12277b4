"""What is avoided or added over the first year, in simulated counts: how often the interval holds it."""

import numpy as np
import pandas as pd
import pytest

from evalkit.designs.interrupted_time_series import first_year
from evalkit.designs.interrupted_time_series.first_year import Counted
from evalkit.designs.interrupted_time_series.segmented_model import FIRST_YEAR, SegmentedModel
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.inference.autoregressive.fit import fit_many
from evalkit.inference.simulation import autoregressive_errors
from evalkit.intake.periods import resolve_interruption

MONTHS = pd.period_range("2014-01", periods=60, freq="M")
SERIES = 200
SHOWN = pd.DataFrame({"fitted": np.ones(60), "counterfactual": np.ones(60)})  # nothing is missing, nothing a count


@pytest.mark.parametrize("correlation", [0.0, 0.4])
@pytest.mark.parametrize(("model", "each_month"), [("level", 0.0), ("level_and_slope", -0.01)])
def test_the_interval_holds_what_the_change_did(model, each_month, correlation):
    """Logs of counts near 3,000 with a fall of 10% that stays or grows; the truth is of the same luck without it."""
    design = SegmentedModel(MONTHS, resolve_interruption("2017-01", 0, "M"), model)
    since = np.arange(60) - 36
    effect = np.where(since >= 0, -0.1 + each_month * since, 0.0)
    errors = autoregressive_errors(np.random.default_rng(12), SERIES, 60, correlation) * 0.05
    terms = [design.resolved(FIRST_YEAR), *(f"month {month}" for month in range(1, 13))]
    held = []
    for error in errors:
        seen = np.log(3000) + effect + error
        case = SeriesFit(design, seen, np.ones(60, bool), "ar1")
        weights = np.array([design.weights(term) for term in terms])
        contrasts = dict(zip(terms, case.estimated(weights, [True] + 12 * [False]).contrasts, strict=True))
        total = first_year.total(case, contrasts, "log", Counted(np.exp(seen), np.ones(60)), SHOWN)
        truth = (np.exp(seen) - np.exp(seen - effect))[36:48].sum()
        held.append(total.low <= truth <= total.high)
    assert 0.92 <= np.mean(held) <= 0.99


@pytest.mark.parametrize("shape", ["a step", "builds", "fades"])
def test_a_curve_shows_the_first_year_of_any_shape(shape):
    """Of a model of one step the mean would be a half of what builds over six months, and twice what fades."""
    since = np.arange(60) - 36
    effect = {
        "a step": (since >= 0) * 1.0,
        "builds": np.clip((since + 1) / 6, 0, 1),
        "fades": np.where(since >= 0, np.clip(1 - since / 6, 0, 1), 0),
    }[shape]
    design = SegmentedModel(MONTHS, resolve_interruption("2017-01", 0, "M"), "curve")
    errors = autoregressive_errors(np.random.default_rng(3), SERIES, 60, 0.4)
    weights = design.weights(design.resolved(FIRST_YEAR))
    fits = fit_many(errors + 3 * effect, design.matrix, contrasts=weights, with_p_values=False)
    truth = 3 * effect[36:48].mean()
    assert fits.estimates.mean() == pytest.approx(truth, rel=0.15)
    assert 0.92 <= np.mean((fits.lows <= truth) & (fits.highs >= truth)) <= 0.99

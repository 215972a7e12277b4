"""Random-effects pooling against what R metafor prints for the thirteen trials of the BCG vaccine (its README)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.inference.meta_analysis.random_effects import fit_random_effects

TRIALS = pd.read_csv(Path(__file__).parent / "data" / "bcg.csv")


def log_risk_ratios() -> tuple[np.ndarray, np.ndarray]:
    cases, controls = TRIALS["vaccinated_cases"], TRIALS["control_cases"]
    treated, others = cases + TRIALS["vaccinated_well"], controls + TRIALS["control_well"]
    estimates = np.log((cases / treated) / (controls / others))
    return estimates.to_numpy(), np.diag(1 / cases - 1 / treated + 1 / controls - 1 / others)


def test_hartung_knapp():
    estimates, covariance = log_risk_ratios()
    fit = fit_random_effects(estimates, covariance, np.ones((13, 1)))
    mean = fit.contrast(np.ones(1))
    assert fit.tau2 == pytest.approx(0.3132, abs=5e-5)
    assert mean.estimate == pytest.approx(-0.7145, abs=5e-5)
    assert mean.std_error == pytest.approx(0.1808, abs=5e-5)
    assert (mean.low, mean.high) == pytest.approx((-1.1084, -0.3206), abs=5e-5)
    assert mean.p_value == pytest.approx(0.0019, abs=5e-5)
    assert mean.df == 12
    assert fit.heterogeneity == pytest.approx(152.2330, abs=5e-5)
    assert fit.inconsistency == pytest.approx(0.9222, abs=5e-5)
    new = fit.prediction(np.ones(1))
    assert np.exp([new.low, new.high]) == pytest.approx([0.14, 1.76], abs=0.005)


def test_spread_by_q_profile():
    """confint(rma(yi, vi)) in metafor: tau2 0.1197 to 1.1115."""
    estimates, covariance = log_risk_ratios()
    tau = fit_random_effects(estimates, covariance, np.ones((13, 1))).tau
    assert (tau.low**2, tau.high**2) == pytest.approx((0.1197, 1.1115), abs=5e-5)


def test_meta_regression_on_latitude():
    estimates, covariance = log_risk_ratios()
    matrix = np.column_stack([np.ones(13), TRIALS["latitude"]])
    fit = fit_random_effects(estimates, covariance, matrix)
    # 0.076348 at the maximum: metafor's iteration stops when a step is below 1e-5, and prints 0.0764.
    assert fit.tau2 == pytest.approx(0.0764, abs=6e-5)
    assert fit.heterogeneity == pytest.approx(30.7331, abs=5e-5)
    assert fit.inconsistency == pytest.approx(0.6839, abs=5e-5)
    intercept, slope = (fit.contrast(weights) for weights in np.eye(2))
    assert (intercept.estimate, intercept.std_error) == pytest.approx((0.2515, 0.2839), abs=5e-5)
    assert (slope.estimate, slope.std_error) == pytest.approx((-0.0291, 0.0082), abs=5e-5)
    assert (slope.low, slope.high) == pytest.approx((-0.0472, -0.0111), abs=5e-5)
    assert slope.p_value == pytest.approx(0.0046, abs=5e-5)

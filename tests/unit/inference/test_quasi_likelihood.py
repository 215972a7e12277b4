"""Quasi-likelihood beside iteratively reweighted least squares written out (McCullagh and Nelder 1989, sections 2.5 and 9.2)."""

import numpy as np
import pytest

from evalkit.inference.classical.quasi_likelihood import fit_quasi

MONTHS = 36
MATRIX = np.column_stack([np.ones(MONTHS), np.arange(MONTHS), np.arange(MONTHS) >= 18]).astype(float)


def by_hand(outcome, matrix, exposure, family):
    """Coefficients, Pearson's scale and standard errors."""
    coefficients = np.zeros(matrix.shape[1])
    if family == "poisson":
        coefficients[0] = np.log(outcome.sum() / exposure.sum())
    for _ in range(50):
        linear = matrix @ coefficients
        if family == "poisson":
            expected = exposure * np.exp(linear)
            variance = expected
        else:
            share = 1 / (1 + np.exp(-linear))
            expected, variance = exposure * share, exposure * share * (1 - share)
        information = matrix.T @ (variance[:, None] * matrix)
        coefficients = coefficients + np.linalg.solve(information, matrix.T @ (outcome - expected))
    some = variance > 0
    scale = ((outcome - expected)[some] ** 2 / variance[some]).sum() / (len(outcome) - matrix.shape[1])
    return coefficients, scale, np.sqrt(np.diag(np.linalg.inv(information)) * scale)


@pytest.mark.parametrize("family", ["poisson", "binomial"])
@pytest.mark.parametrize("size", [12, 400, 90_000])
@pytest.mark.parametrize("spread", [0.0, 0.4])
def test_estimates_and_standard_errors(family, size, spread):
    random = np.random.default_rng(size)
    exposure = random.integers(size // 2, size * 2, MONTHS).astype(float)
    latent = -1 + 0.01 * MATRIX[:, 1] + 0.3 * MATRIX[:, 2] + spread * random.normal(size=MONTHS)
    if family == "poisson":
        outcome = random.poisson(exposure * np.exp(latent)).astype(float)
    else:
        outcome = random.binomial(exposure.astype(int), 1 / (1 + np.exp(-latent))).astype(float)
    fitted = fit_quasi(outcome, MATRIX, exposure, family)
    coefficients, _, errors = by_hand(outcome, MATRIX, exposure, family)
    assert fitted.coefficients == pytest.approx(coefficients, rel=1e-6, abs=1e-8)
    assert np.sqrt(np.diag(fitted.covariance)) == pytest.approx(errors, rel=1e-5)


@pytest.mark.parametrize("times", [10, 1000])
def test_more_people_at_the_same_shares_are_more_certain_by_the_root_of_their_number(times):
    """With only chance between months the scale stays near one, whatever the denominators."""
    random = np.random.default_rng(5)
    wide = []
    for size in (200, 200 * times):
        exposure = np.full(MONTHS, float(size))
        outcome = random.binomial(size, np.where(MATRIX[:, 2] > 0, 0.90, 0.93)).astype(float)
        fitted = fit_quasi(outcome, MATRIX, exposure, "binomial")
        wide.append(np.sqrt(fitted.covariance[2, 2]))
    assert wide[0] / wide[1] == pytest.approx(np.sqrt(times), rel=0.5)

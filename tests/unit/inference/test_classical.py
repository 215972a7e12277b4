"""Comparison methods against likelihoods and regressions written out by brute force."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import linalg, optimize, stats

from evalkit.errors import EvaluationError
from evalkit.inference.classical.reml_and_arima import arima_orders, fit_arima, fit_prais_winsten, fit_reml
from tests.unit.inference.test_autoregressive import noise, segmented

TIMES = np.setdiff1d(np.arange(34), [7, 8, 20])


def correlations(times: np.ndarray, r: float) -> np.ndarray:
    return np.power(r, np.abs(times[:, None] - times[None, :]))


def brute_force(outcome: np.ndarray, matrix: np.ndarray, times: np.ndarray) -> tuple[float, float, float]:
    """Correlation, standard deviation and maximum of the density of orthonormal error contrasts."""
    contrasts = linalg.null_space(matrix.T)
    kept = contrasts.T @ outcome

    def minus(parameters: np.ndarray) -> float:
        covariance = np.exp(2 * parameters[1]) * correlations(times, np.tanh(parameters[0]))
        return -stats.multivariate_normal.logpdf(kept, cov=contrasts.T @ covariance @ contrasts)

    options = {"xatol": 1e-10, "fatol": 1e-13, "maxiter": 4000}
    optimum = optimize.minimize(minus, [0.3, 0.0], method="Nelder-Mead", options=options)
    return np.tanh(optimum.x[0]), np.exp(optimum.x[1]), -optimum.fun


@pytest.mark.parametrize("times", [np.arange(34), TIMES])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_reml_is_the_maximum_of_the_density_of_error_contrasts(times, seed):
    matrix, outcome = segmented(34, 1)[times], 100 + 3 * noise(34, seed=seed)[0][times]
    correlation, deviation, log_likelihood = brute_force(outcome, matrix, times)
    fit = fit_reml(outcome, matrix, times)
    assert fit.log_likelihood == pytest.approx(log_likelihood, rel=1e-9)
    assert fit.correlation == pytest.approx(correlation, abs=2e-6)
    assert np.sqrt(fit.variance) == pytest.approx(deviation, rel=1e-6)
    generalised = sm.GLS(outcome, matrix, sigma=correlations(times, fit.correlation)).fit()
    np.testing.assert_allclose(fit.coefficients, generalised.params, rtol=1e-7)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), generalised.bse, rtol=1e-7)


def test_satterthwaite_df_by_numerical_derivatives():
    matrix, outcome = segmented(30), noise(30)[0]
    fit = fit_reml(outcome, matrix, adjustment="satterthwaite")
    weights, times = np.eye(4)[2], np.arange(30)
    at = np.array([fit.variance, fit.correlation])

    def variance_of(parameters: np.ndarray) -> float:
        inverse = np.linalg.inv(parameters[0] * correlations(times, parameters[1]))
        return weights @ np.linalg.solve(matrix.T @ inverse @ matrix, weights)

    def projection(parameters: np.ndarray) -> np.ndarray:
        inverse = np.linalg.inv(parameters[0] * correlations(times, parameters[1]))
        return inverse - inverse @ matrix @ np.linalg.solve(matrix.T @ inverse @ matrix, matrix.T @ inverse)

    steps = np.diag(1e-5 * np.abs(at))
    slopes = [
        (at[0] + s[0]) * correlations(times, at[1] + s[1]) - (at[0] - s[0]) * correlations(times, at[1] - s[1])
        for s in steps
    ]
    slopes = [slope / (2 * step.sum()) for slope, step in zip(slopes, steps, strict=True)]
    p = projection(at)
    information = np.array([[0.5 * np.trace(p @ a @ p @ b) for b in slopes] for a in slopes])
    gradient = np.array([(variance_of(at + s) - variance_of(at - s)) / (2 * s.sum()) for s in steps])
    df = 2 * variance_of(at) ** 2 / (gradient @ np.linalg.solve(information, gradient))
    contrast = fit.contrast(weights)
    assert contrast.df == pytest.approx(df, rel=1e-4)
    assert contrast.high - contrast.estimate == pytest.approx(stats.t.ppf(0.975, df) * contrast.std_error, rel=1e-4)


def test_kenward_roger_is_wider_and_has_the_same_df():
    matrix, outcome = segmented(30), noise(30, correlation=0.7)[0]
    plain, adjusted = (
        fit_reml(outcome, matrix, adjustment=adjustment).contrast(np.eye(4)[3])
        for adjustment in ("satterthwaite", "kenward_roger")
    )
    assert adjusted.df == plain.df
    assert adjusted.std_error > plain.std_error


def test_df_are_at_least_two():
    contrasts = [fit_reml(outcome, segmented(12)).contrast(np.eye(4)[3]) for outcome in noise(12, 60, 0.9)]
    assert min(contrast.df for contrast in contrasts) == 2.0
    assert all(np.isfinite([contrast.low, contrast.high]).all() for contrast in contrasts)


def test_kenward_roger_covers_at_48_months():
    contrasts = [fit_reml(outcome, segmented(48)).contrast(np.eye(4)[2]) for outcome in noise(48, 150, 0.6)]
    assert 0.9 < np.mean([contrast.low <= 0 <= contrast.high for contrast in contrasts]) < 0.99


def test_prais_winsten_rests_where_its_own_correlation_leaves_it():
    matrix, outcome = segmented(40), 10 + noise(40)[0]
    fit = fit_prais_winsten(outcome, matrix)
    residuals = fit.residuals
    correlation = residuals[1:] @ residuals[:-1] / (residuals[:-1] @ residuals[:-1])
    generalised = sm.GLS(outcome, matrix, sigma=correlations(np.arange(40), correlation)).fit()
    np.testing.assert_allclose(fit.coefficients, generalised.params, rtol=1e-6)
    np.testing.assert_allclose(fit.covariance, generalised.cov_params(), rtol=1e-5)
    assert fit.df == 36


def test_prais_winsten_keeps_the_first_row():
    matrix, outcome = segmented(20), noise(20)[0]
    changed = outcome.copy()
    changed[0] += 1
    first, second = (fit_prais_winsten(values, matrix).contrast(np.eye(4)[0]) for values in (outcome, changed))
    assert first.estimate != second.estimate


def test_prais_winsten_with_missing_months_uses_the_gap():
    matrix, outcome = segmented(34)[TIMES], noise(34)[0][TIMES]
    fit = fit_prais_winsten(outcome, matrix, TIMES)
    closed = fit_prais_winsten(outcome, matrix)
    assert np.isfinite(fit.covariance).all()
    assert not np.allclose(fit.coefficients, closed.coefficients)


def test_arima_is_exact_maximum_likelihood_in_the_outcomes_own_unit():
    matrix, outcome = segmented(60), 1e5 + 2e4 * noise(60)[0]

    def profile(r: float) -> tuple[float, np.ndarray]:
        fitted = sm.GLS(outcome, matrix, sigma=correlations(np.arange(60), r)).fit()
        return -fitted.llf, fitted.params

    best = optimize.minimize_scalar(lambda r: profile(r)[0], bounds=(-0.9, 0.99), method="bounded")
    fit = fit_arima(outcome, matrix, "arima(1,0,0)")
    np.testing.assert_allclose(fit.coefficients, profile(best.x)[1], rtol=2e-3)
    large = fit.contrast(np.eye(4)[2])
    small = fit_arima(outcome / 1e5, matrix, "arima(1,0,0)").contrast(np.eye(4)[2])
    assert large.std_error == pytest.approx(1e5 * small.std_error, rel=1e-3)
    assert large.df == np.inf


def test_a_seasonal_arima_loses_intercept_and_trend_and_says_so():
    matrix = segmented(72)
    outcome = noise(72)[0] + np.tile(np.arange(12.0), 6)
    fit = fit_arima(outcome, matrix, "arima(2,1,0)(0,1,1)12")
    assert np.isnan(fit.coefficients[:2]).all()
    assert fit.contrast(np.eye(4)[2]).std_error > 0
    with pytest.raises(EvaluationError, match="Differencing removed"):
        fit.contrast(np.eye(4)[1])


def test_arima_takes_missing_months_as_missing():
    matrix, outcome = segmented(60), noise(60)[0]
    kept = np.setdiff1d(np.arange(60), [10, 11, 40])
    fit = fit_arima(outcome[kept], matrix[kept], "arima(1,0,0)", kept)
    by_reml = fit_reml(outcome[kept], matrix[kept], kept)
    assert fit.coefficients[2] == pytest.approx(by_reml.coefficients[2], abs=0.2)
    assert fit.residuals.shape == (57,)


def test_an_arima_too_large_for_its_series_is_refused_rather_than_certain():
    kept = np.setdiff1d(np.arange(36), [10, 11])
    matrix = segmented(36, 1)[kept]

    def std_error(outcome: np.ndarray) -> float:
        try:
            return fit_arima(outcome, matrix, "arima(2,1,0)(0,1,1)12", kept).contrast(np.eye(6)[2]).std_error
        except EvaluationError:
            return np.inf

    assert min(std_error(outcome) for outcome in noise(36, 3, 0.4)[:, kept]) > 0.05


@pytest.mark.parametrize("errors", ["arima", "arima(1,0)", "arima(1,0,0)(0,1,1)", "arima(1,0,0)(0,1,1)1", "ar(1)"])
def test_an_order_that_cannot_be_read_is_refused(errors):
    with pytest.raises(EvaluationError, match="errors="):
        arima_orders(errors)


def test_orders_are_read_with_and_without_a_season():
    assert arima_orders("arima(1,0,2)") == ((1, 0, 2), (0, 0, 0, 0))
    assert arima_orders("ARIMA(2, 1, 0)(0, 1, 1)12") == ((2, 1, 0), (0, 1, 1, 12))

"""Counts and proportions with a latent autoregression: likelihood, exposure, limits, coverage, refusals."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive import counts
from evalkit.inference.autoregressive.counts import fit_counts, working_response
from evalkit.inference.autoregressive.fit import fit_ar1
from evalkit.inference.autoregressive.kalman_filter import Filter
from tests.unit.inference.test_autoregressive import noise, segmented

LEVEL = np.eye(4)[[2]]


def simulated(n: int, series: int, mean: float, spread: float, correlation: float, seed: int = 3) -> np.ndarray:
    latent = spread * noise(n, series, correlation, seed)
    return np.random.default_rng(seed + 1).poisson(mean * np.exp(latent)).astype(float)


def test_the_working_response_is_that_of_a_generalised_linear_model():
    matrix, outcome = segmented(30), simulated(30, 1, 40, 0.2, 0.5)[0]
    exposure = np.linspace(500, 900, 30)
    response, variance = working_response(outcome, matrix, exposure, "poisson")
    fitted = sm.GLM(outcome, matrix, family=sm.families.Poisson(), offset=np.log(exposure)).fit(tol=1e-12)
    np.testing.assert_allclose(variance, 1 / fitted.mu, rtol=1e-7)
    np.testing.assert_allclose(response, matrix @ fitted.params + (outcome - fitted.mu) / fitted.mu, rtol=1e-7)


def test_the_filter_is_the_dense_covariance():
    times = np.setdiff1d(np.arange(20), [4, 5, 11])
    columns = np.random.default_rng(0).standard_normal((17, 3))
    variance = np.linspace(0.1, 0.5, 17)
    correlation, latent = np.array([-0.4, 0.3, 0.95]), np.array([0.2, 1.0, 3.0])
    filtered = Filter.at(correlation, np.diff(times), latent, variance[:, None])
    whitened = filtered.whitened(columns)
    for index in range(3):
        apart = np.abs(times[:, None] - times[None, :])
        dense = np.diag(variance) + latent[index] * np.power(correlation[index], apart)
        expected = columns.T @ np.linalg.solve(dense, columns)
        np.testing.assert_allclose(whitened[index].T @ whitened[index], expected, rtol=1e-9)
        np.testing.assert_allclose(filtered.squares(columns)[index], np.diag(expected), rtol=1e-9)
        assert filtered.log_determinant[index] == pytest.approx(np.linalg.slogdet(dense)[1])


def test_the_filter_run_backwards_is_its_transpose_and_its_inverse_gives_the_series_back():
    filtered = Filter.at(np.array([-0.5, 0.9]), np.array([1, 1, 3, 1]), np.array([1.0, 0.7]), np.array([0.0, 0.3]))
    values, other = np.random.default_rng(1).standard_normal((2, 2, 5, 3))
    left = np.einsum("gnc,gnc->gc", filtered.whitened(values), other)
    np.testing.assert_allclose(left, np.einsum("gnc,gnc->gc", values, filtered.transposed(other)))
    np.testing.assert_allclose(filtered.whitened(filtered.coloured(values)), values, atol=1e-12)


def test_exposure_is_an_offset():
    matrix, outcome = segmented(36), simulated(36, 1, 60, 0.15, 0.5)[0]
    exposure = 1000 * np.exp(0.02 * np.arange(36))
    plain = fit_counts(outcome, matrix, calibrated=False).contrasts
    with_exposure = fit_counts(outcome, matrix, exposure=exposure, calibrated=False).contrasts
    assert with_exposure[1].estimate == pytest.approx(plain[1].estimate - 0.02, abs=1e-8)
    assert with_exposure[0].estimate == pytest.approx(plain[0].estimate - np.log(1000), abs=1e-8)
    for contrast, other in zip(with_exposure[2:], plain[2:], strict=True):
        assert (contrast.estimate, contrast.low, contrast.high) == pytest.approx(
            (other.estimate, other.low, other.high), abs=1e-8
        )


def test_large_counts_give_what_the_logarithm_gives():
    matrix = segmented(40)
    outcome = np.round(1e8 * np.exp(0.1 * noise(40)[0]))
    by_counts = fit_counts(outcome, matrix, contrasts=LEVEL, calibrated=False).contrasts[0]
    by_logarithm = fit_ar1(np.log(outcome), matrix, contrasts=LEVEL, calibrated=False).contrasts[0]
    assert by_counts.estimate == pytest.approx(by_logarithm.estimate, abs=0.15 * by_logarithm.std_error)
    assert by_counts.high - by_counts.low == pytest.approx(by_logarithm.high - by_logarithm.low, rel=0.15)


def test_proportions_with_large_denominators_find_the_change_on_the_log_odds_scale():
    matrix = segmented(48)
    odds = matrix @ np.array([0.5, 0.0, 0.4, 0.0]) + 0.05 * noise(48)[0]
    size = np.full(48, 4000.0)
    outcome = np.random.default_rng(1).binomial(4000, 1 / (1 + np.exp(-odds))).astype(float)
    fit = fit_counts(outcome, matrix, contrasts=LEVEL, exposure=size, family="binomial")
    assert fit.contrasts[0].low < 0.4 < fit.contrasts[0].high
    assert fit.contrasts[0].high - fit.contrasts[0].low < 0.4
    assert fit.methods == ["autoregressive log odds, calibrated as the normal model"]
    other = fit_counts(size - outcome, matrix, contrasts=LEVEL, exposure=size, family="binomial").contrasts[0]
    assert other.estimate == pytest.approx(-fit.contrasts[0].estimate, rel=1e-6)


def test_the_interval_is_never_narrower_for_being_calibrated_and_agrees_with_the_p_value():
    matrix = segmented(24)
    for outcome in simulated(24, 40, 100, 0.15, 0.7):
        plain = fit_counts(outcome, matrix, contrasts=LEVEL, calibrated=False).contrasts[0]
        contrast = fit_counts(outcome, matrix, contrasts=LEVEL).contrasts[0]
        assert contrast.high - contrast.low >= plain.high - plain.low - 1e-9
        assert (contrast.low > 0 or contrast.high < 0) == (contrast.p_value < 0.05)


def test_intervals_of_counts_cover():
    matrix = segmented(48, 1)
    series = simulated(48, 300, 50, 0.2, 0.6)
    contrasts = [fit_counts(outcome, matrix, contrasts=np.eye(6)[[2, 3]]).contrasts for outcome in series]
    for index in (0, 1):
        assert np.mean([pair[index].low <= 0 <= pair[index].high for pair in contrasts]) > 0.91


def test_zeros_are_counts():
    matrix, outcome = segmented(36), simulated(36, 1, 1.5, 0.1, 0.2)[0]
    assert (outcome == 0).any()
    contrast = fit_counts(outcome, matrix, contrasts=LEVEL).contrasts[0]
    assert contrast.low < contrast.estimate < contrast.high


def test_missing_months_are_gaps():
    times = np.setdiff1d(np.arange(40), [9, 10, 30])
    matrix, outcome = segmented(40)[times], simulated(40, 1, 200, 0.3, 0.9)[0][times]
    with_gap = fit_counts(outcome, matrix, times, LEVEL).contrasts[0]
    closed = fit_counts(outcome, matrix, None, LEVEL).contrasts[0]
    assert with_gap.estimate != closed.estimate


def test_overdispersion_without_memory_is_not_taken_for_certainty():
    generator = np.random.default_rng(5)
    matrix = segmented(60)
    outcome = generator.poisson(100 * generator.gamma(10, 0.1, 60)).astype(float)
    contrast = fit_counts(outcome, matrix, contrasts=LEVEL).contrasts[0]
    poisson = sm.GLM(outcome, matrix, family=sm.families.Poisson()).fit()
    assert contrast.std_error > 2 * poisson.bse[2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"outcome": np.r_[-1.0, np.ones(23)]}, "below zero"),
        ({"outcome": np.r_[np.nan, np.ones(23)]}, "missing or infinite"),
        ({"outcome": np.zeros(24)}, "without bound"),
        ({"outcome": np.r_[np.arange(1.0, 13), np.zeros(12)]}, "without bound"),
        ({"exposure": np.zeros(24)}, "zero or below"),
        ({"exposure": np.full(24, 5.0), "family": "binomial"}, "above its denominator"),
        ({"family": "gamma"}, "use 'poisson' or 'binomial'"),
        ({"matrix": np.ones((24, 2))}, "cannot tell apart"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_a_sentence(change, said):
    given = {"outcome": simulated(24, 1, 30, 0.1, 0.2)[0], "matrix": segmented(24)} | change
    with pytest.raises(EvaluationError, match=said):
        fit_counts(**given)


def test_normal_mixtures_are_normal_with_one_component():
    weights, locations, scales = np.ones(1), np.array([[0.3]]), np.array([[0.2]])
    contrast = counts._contrasts(weights, locations, scales, {}, 0.0)[0]
    assert (contrast.low, contrast.high) == pytest.approx(tuple(stats.norm.interval(0.95, 0.3, 0.2)), abs=1e-7)

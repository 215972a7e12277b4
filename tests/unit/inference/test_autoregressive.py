"""Autoregressive errors integrated over: exactness, equivariance, gaps, speed and refusals."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive import fit, mixtures
from evalkit.inference.autoregressive.correlation_grid import GridRegression, correlation_grid, noise_shares
from evalkit.inference.autoregressive.fit import CALIBRATED, UNCALIBRATED, detectable_change, fit_ar1, fit_many

FLOATS = st.floats(-50, 50, allow_nan=False)


def segmented(n: int, harmonics: int = 0) -> np.ndarray:
    """Intercept, trend, level, slope and season of a change half-way (n, 4 + 2 harmonics)."""
    t = np.arange(n, dtype=float)
    after = t >= n // 2
    season = [f(2 * np.pi * (k + 1) * t / 12) for k in range(harmonics) for f in (np.cos, np.sin)]
    return np.column_stack([np.ones(n), t, after, (t - n // 2) * after, *season])


def noise(n: int, series: int = 1, correlation: float = 0.5, seed: int = 1) -> np.ndarray:
    """Autoregressive series of unit variance (series, n)."""
    white = np.random.default_rng(seed).standard_normal((series, n))
    for row in range(1, n):
        white[:, row] = correlation * white[:, row - 1] + np.sqrt(1 - correlation**2) * white[:, row]
    return white


def dense_posterior(outcome: np.ndarray, matrix: np.ndarray, times: np.ndarray, contrast: np.ndarray):
    """The same posterior by full matrices and nothing clever: weights, means, scales over the grid."""
    n, p = matrix.shape
    grid, _ = correlation_grid(n)
    logs, means, scales = [], [], []
    for share, mass, r in ((share, mass, r) for share, mass in zip(*noise_shares(n), strict=True) for r in grid):
        shape = (1 - share) * np.power(r, np.abs(times[:, None] - times[None, :])) + share * np.eye(n)
        inverse = np.linalg.inv(shape)
        information = matrix.T @ inverse @ matrix
        beta = np.linalg.solve(information, matrix.T @ inverse @ outcome)
        left = outcome - matrix @ beta
        squares = left @ inverse @ left
        logs.append(
            np.log(mass)
            - 0.5 * np.linalg.slogdet(shape)[1]
            - 0.5 * np.linalg.slogdet(information)[1]
            - (n - p) / 2 * np.log(squares)
        )
        means.append(contrast @ beta)
        scales.append(np.sqrt(squares / (n - p) * (contrast @ np.linalg.solve(information, contrast))))
    weights = np.exp(np.array(logs) - max(logs))
    return weights / weights.sum(), np.array(means), np.array(scales)


@pytest.mark.parametrize("missing", [(), (3, 4, 20)])
@pytest.mark.parametrize("n", [22, 30, 60])
def test_the_posterior_is_the_one_written_out_in_full_matrices(n, missing):
    times = np.setdiff1d(np.arange(n), missing)
    matrix, outcome = segmented(n, 1)[times], noise(n)[0][times] + 4
    contrast = np.eye(6)[2]
    weights, means, scales = dense_posterior(outcome, matrix, times, contrast)
    fitted = fit_ar1(outcome, matrix, times, contrast, calibrated=False).contrasts[0]
    assert fitted.estimate == pytest.approx(weights @ means, rel=1e-9)
    for end, probability in ((fitted.low, 0.025), (fitted.high, 0.975)):
        reached = weights @ stats.t.cdf((end - means) / scales, len(times) - 6)
        assert reached == pytest.approx(probability, rel=1e-6)
    below = weights @ stats.t.cdf((0 - means) / scales, len(times) - 6)
    assert fitted.p_value == pytest.approx(2 * min(below, 1 - below), rel=1e-8)


def test_with_independent_errors_known_the_interval_is_students():
    design = GridRegression(segmented(24), contrasts=np.eye(4)[[2]])
    outcome = noise(24)[0]
    middle = int(np.argmin(np.abs(design.grid)))
    posterior = design.posterior(outcome)
    assert posterior.scales[0, 0, middle] == pytest.approx(
        np.sqrt(
            np.linalg.lstsq(segmented(24), outcome)[1][0] / 20 * np.linalg.inv(segmented(24).T @ segmented(24))[2, 2]
        ),
        rel=0.02,
    )


def test_cells_of_the_grid_have_equal_prior_mass():
    grid, edges = correlation_grid(40)
    masses = [integrate.quad(lambda r: (1 - r * r) ** -0.5, low, high)[0] for low, high in itertools.pairwise(edges)]
    assert len(grid) == 113
    assert np.ptp(masses) < 1e-9
    assert grid[0] > -0.98
    assert grid[-1] < 0.998


@settings(max_examples=30)
@given(st.lists(FLOATS, min_size=6, max_size=6), st.floats(1e-3, 1e4), st.integers(0, 5))
def test_adding_the_model_shifts_and_scaling_scales_estimate_and_interval(beta, factor, seed):
    matrix, outcome = segmented(26, 1), noise(26, seed=seed)[0]
    contrasts = np.eye(6)[[2, 3]]
    plain = fit_ar1(outcome, matrix, contrasts=contrasts)
    moved = fit_ar1(factor * outcome + matrix @ np.array(beta), matrix, contrasts=contrasts)
    for before, after, shift in zip(plain.contrasts, moved.contrasts, beta[2:4], strict=True):
        for name in ("estimate", "low", "high"):
            expected = factor * getattr(before, name) + shift
            assert getattr(after, name) == pytest.approx(expected, rel=1e-7, abs=1e-7 * (factor + 50))
        assert after.std_error == pytest.approx(factor * before.std_error, rel=1e-7)
    assert moved.correlation.median == pytest.approx(plain.correlation.median, abs=1e-6)


@settings(max_examples=15)
@given(st.integers(0, 1000))
def test_turning_the_series_over_turns_the_interval_over(seed):
    matrix, outcome = segmented(20), noise(20, seed=seed)[0]
    contrast, other = (fit_ar1(sign * outcome, matrix, contrasts=np.eye(4)[2]).contrasts[0] for sign in (1, -1))
    assert other.low == pytest.approx(-contrast.high, rel=1e-6)
    assert other.p_value == pytest.approx(contrast.p_value, rel=1e-6)


def test_the_time_of_the_first_period_does_not_matter_and_a_gap_does():
    times = np.setdiff1d(np.arange(30), [10, 11])
    matrix, outcome = segmented(30)[times], noise(30, correlation=0.8)[0][times]
    contrast = np.eye(4)[2]
    first, later = (fit_ar1(outcome, matrix, times + start, contrast, False).contrasts[0] for start in (0, 500))
    closed = fit_ar1(outcome, matrix, None, contrast, False).contrasts[0]
    assert first == later
    assert abs(closed.estimate - first.estimate) > 1e-4


def test_many_series_at_once_are_the_same_as_one_after_another():
    matrix, outcomes = segmented(24, 1), noise(24, 7)
    many = fit_many(outcomes, matrix, chunk=3)
    assert many.estimates.shape == (7, 6)
    for row, outcome in enumerate(outcomes):
        fit = fit_ar1(outcome, matrix)
        for left, right in zip(many.contrasts(row), fit.contrasts, strict=True):
            assert (left.estimate, left.low, left.high) == pytest.approx(
                (right.estimate, right.low, right.high), rel=1e-7
            )
        assert many.correlations[row].high == pytest.approx(fit.correlation.high, abs=1e-9)
    half = 0.5 * (many.highs - many.lows)
    np.testing.assert_allclose(many.studentised, many.estimates / half)


def test_p_value_and_interval_agree_and_methods_say_what_is_calibrated():
    matrix, outcomes = segmented(24), noise(24, 200, 0.6)
    many = fit_many(outcomes, matrix, contrasts=np.eye(4)[[2, 3]], calibrated=[True, False])
    np.testing.assert_array_equal((many.lows > 0) | (many.highs < 0), many.p_values < 0.05)
    assert fit_ar1(outcomes[0], matrix, calibrated=[True, False, False, True]).methods == [
        CALIBRATED, UNCALIBRATED, UNCALIBRATED, CALIBRATED,
    ]  # fmt: skip


def test_the_posterior_of_the_correlation_finds_it():
    near_one = fit_ar1(np.cumsum(noise(400, correlation=0)[0]), segmented(400), calibrated=False).correlation
    independent = fit_ar1(noise(400, correlation=0.0, seed=2)[0], segmented(400), calibrated=False).correlation
    assert near_one.near_one > 0.5
    assert near_one.low < near_one.median < near_one.high
    assert independent.low < 0 < independent.high
    assert independent.near_one == pytest.approx(0, abs=1e-3)


def test_a_long_daily_series_gets_a_finer_grid():
    matrix, outcome = segmented(1096), noise(1096)[0]
    fit = fit_ar1(outcome, matrix, contrasts=np.eye(4)[2], calibrated=False)
    assert fit.correlation.low < 0.5 < fit.correlation.high
    assert len(correlation_grid(1096)[0]) > 113


def test_a_detectable_change_is_found_about_four_times_in_five():
    fit = fit_many(noise(48, 600, 0.4), segmented(48), contrasts=np.eye(4)[[2]])
    size = np.median([detectable_change(fit.contrasts(row)[0]) for row in range(600)])
    power = np.mean((fit.lows + size > 0) | (fit.highs + size < 0))
    assert 0.74 < power < 0.92


def test_an_outcome_that_the_model_fits_without_error_has_no_width():
    fitted = fit_ar1(segmented(20) @ np.array([1.0, 2, 3, 4]), segmented(20), contrasts=np.eye(4)[2]).contrasts[0]
    assert fitted.estimate == pytest.approx(3)
    assert (fitted.low, fitted.high, fitted.std_error) == (fitted.estimate, fitted.estimate, 0.0)
    assert fitted.p_value == 0.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"outcome": np.r_[np.nan, np.zeros(19)]}, "missing or infinite"),
        ({"outcome": np.zeros(19)}, "19 values for 20 periods"),
        ({"times": np.r_[0, np.arange(19)]}, "Times must rise"),
        ({"times": np.arange(20) + 0.5}, "whole numbers"),
        ({"times": np.arange(19)}, "19 times were given for 20 periods"),
        ({"matrix": np.column_stack([segmented(20), np.ones(20)])}, "cannot tell apart"),
        ({"matrix": np.eye(20)}, "20 periods cannot bear 20 terms"),
        ({"contrasts": np.eye(3)}, "3 weights for 4 terms"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_a_sentence(change, said):
    given_ = {"outcome": noise(20)[0], "matrix": segmented(20)} | change
    with pytest.raises(EvaluationError, match=said):
        fit_ar1(**given_)


@pytest.mark.parametrize("df", [2.0, 4.0, 7.0, 40.0, np.inf])
def test_the_tabulated_distribution_is_the_exact_one(df):
    z = np.concatenate([np.linspace(-30, 30, 4001), [-1e6, -150.0, 150.0, 1e6]])
    component = mixtures.component(df)
    value, density = component.evaluate(z, density=True)
    np.testing.assert_allclose(value, stats.t.cdf(z, df), atol=3e-8)
    np.testing.assert_allclose(density[:4001], stats.t.pdf(z[:4001], df), atol=1e-6)


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.floats(1e-3, 0.999), st.floats(2, 60))
def test_quantiles_of_any_mixture_are_where_it_reaches_the_probability(seed, probability, df):
    generator = np.random.default_rng(seed)
    weights = generator.dirichlet(np.full(20, 0.3))[None]
    locations, scales = generator.normal(0, 10, (1, 20)), np.exp(generator.normal(0, 2, (1, 20)))
    x = mixtures.quantiles(np.array([probability]), weights, locations, scales, df)
    below, _ = mixtures.tail_probabilities(x, weights, locations, scales, df)
    assert below[0] == pytest.approx(probability, abs=1e-7)


def test_the_level_is_looked_up_where_four_fifths_of_the_correlations_posterior_lie_below(monkeypatch):
    """A table whose level is the correlation that it is asked about."""

    class Asked:
        def alpha(self, correlation):
            asked.extend(correlation)
            return np.full(len(correlation), 0.05)

        def p_values(self, p_values, correlation):
            return p_values

    asked = []
    monkeypatch.setattr(fit, "calibrations", lambda *_: {2: Asked()})
    matrix, outcomes = segmented(40), noise(40, 3)
    fit_many(outcomes, matrix)
    posterior = GridRegression(matrix).posterior(outcomes)
    above = [posterior.correlation_above(value)[series] for series, value in enumerate(asked)]
    assert above == pytest.approx([0.2] * 3)

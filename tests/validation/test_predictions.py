"""The effect at a new site: its interval holds what it should, on simulated sites and on real trusts with injected effects."""

import numpy as np
import pytest
from scipy import integrate, stats

from evalkit.catalogue import read_catalogue
from evalkit.inference.meta_analysis.prediction import USUAL_SPREAD, Predictive, usual_spread
from evalkit.inference.meta_analysis.random_effects import fit_random_effects
from tools.false_alarms import series
from tools.score_predictions import GROUPS, REAL, held, real, simulated


def _noise(nominal: float, runs: int) -> float:
    return 2 * (nominal * (1 - nominal) / runs) ** 0.5


@pytest.mark.parametrize(("sites", "spread"), [(3, 0.0), (3, 0.10), (5, 0.04), (9, 0.0), (9, 0.04), (9, 0.10)])
@pytest.mark.parametrize(
    ("error", "runs"), [(0.05, 200), pytest.param(0.05, 4000, marks=pytest.mark.slow), pytest.param(0.025, 4000, marks=pytest.mark.slow)]
)  # fmt: skip
def test_simulated_sites(sites, spread, error, runs):
    results = simulated(sites, spread, error, runs)
    for nominal, least, most in ((0.95, 0.93, 0.98), (0.80, 0.77, 0.84)):
        assert held(results, nominal) >= least - _noise(least, runs)
        if sites == 9 and spread:
            assert held(results, nominal) <= most + _noise(most, runs)


def test_trusts_with_injected_effects(root):
    values, periods, units = series(read_catalogue(root), REAL)
    assert len(units) > 100
    scored = real(values, periods, GROUPS)
    for nominal, least in ((0.95, 0.93), (0.80, 0.77)):
        by_group = [held(group, nominal) for group in scored]
        assert np.mean(by_group) >= least - 2 * np.std(by_group, ddof=1) / GROUPS**0.5


def test_it_is_the_integral_over_the_spread():
    """By quadrature of the posterior density, for sites that are independent."""
    estimates, errors = np.array([-0.21, -0.02, -0.11, 0.03, -0.16]), np.array([0.05, 0.08, 0.04, 0.09, 0.06])
    fit = fit_random_effects(estimates, np.diag(errors**2), np.ones((5, 1)))

    def density(tau: float) -> tuple[float, float, float]:
        weights = 1 / (errors**2 + tau**2)
        mean = float(weights @ estimates / weights.sum())
        log = 0.5 * np.log(weights).sum() - 0.5 * np.log(weights.sum()) - 0.5 * float(weights @ (estimates - mean) ** 2)
        return float(np.exp(log)) / (1 + (tau / USUAL_SPREAD) ** 2), mean, 1 / float(weights.sum())

    def below(tau: float, value: float) -> float:
        height, mean, variance = density(tau)
        return height * float(stats.norm.cdf((value - mean) / (variance + tau**2) ** 0.5))

    total = integrate.quad(lambda tau: density(tau)[0], 0, np.inf)[0]
    predictive = Predictive.of(fit, np.ones(1), USUAL_SPREAD)
    for value in (-0.4, -0.15, 0.0, 0.2):
        by_hand = integrate.quad(below, 0, np.inf, args=(value,))[0] / total
        assert predictive.below(value) == pytest.approx(by_hand, abs=2e-4)


@pytest.mark.parametrize(
    ("scale", "level", "usual"),
    [("log", 9e9, 0.278), ("log_odds", np.nan, 0.278), ("points", 9e9, 6.95), ("unit", 200.0, 55.6), ("unit", np.nan, np.inf)],
)  # fmt: skip
def test_the_usual_spread_of_each_scale(scale, level, usual):
    assert usual_spread(scale, level) == pytest.approx(usual, rel=1e-3)

"""Random-effects pooling of estimates: how much sites differ, their mean, and what a new site would see.

Estimates y (k,) with a known sampling covariance V (k, k) and a design matrix X (k, p): y = X b + u + e, where u has
variance tau2 and e covariance V. Weights are those of the diagonal, so that a pooled mean never leaves the range of
what it is a mean of; the covariance enters every error.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, optimize, stats

from evalkit.inference.contrast import CONFIDENCE, POWER, Contrast

GRID = np.concatenate([[0.0], np.geomspace(1e-6, 1e6, 49)])


@dataclass(frozen=True, eq=False)
class RandomEffects:
    """A random-effects fit.

    Attributes
    ----------
    estimates (k,), covariance (k, k), matrix (k, p) : as given
    tau2 : float
        Variance between sites.
    """

    estimates: np.ndarray
    covariance: np.ndarray
    matrix: np.ndarray
    tau2: float

    @property
    def df(self) -> float:
        """Sites less coefficients."""
        return float(self.matrix.shape[0] - self.matrix.shape[1])

    @cached_property
    def _projection(self) -> np.ndarray:
        return _projection(self.covariance, self.matrix, self.tau2)

    @cached_property
    def coefficients(self) -> np.ndarray:
        """(p,)"""
        return self._projection @ self.estimates

    def weights(self, contrast: np.ndarray) -> np.ndarray:
        """What each site counts (k,) in ``contrast @ coefficients``; for a pooled mean they add up to one."""
        return contrast @ self._projection

    @cached_property
    def _scaled(self) -> np.ndarray:
        """Covariance of the coefficients (p, p), scaled by the scatter seen among sites (Hartung and Knapp 2001).

        The scatter is set against its expectation under the fit, which is k - p where sites are independent.
        """
        k = len(self.estimates)
        total = self.covariance + self.tau2 * np.eye(k)
        weights = 1 / np.diag(total)
        residual = np.eye(k) - self.matrix @ self._projection
        left = residual @ self.estimates
        expected = np.sum((residual.T * weights) @ residual * total)
        return (left @ (weights * left)) / expected * (self._projection @ total @ self._projection.T)

    def contrast(self, weights: np.ndarray) -> Contrast:
        """``weights @ coefficients``, t with k - p df by Hartung and Knapp, untruncated.

        Where sites agree by chance that interval can be narrower than the one that takes them as alike; then the
        latter is used (Wiksten, Ruecker and Schwarzer 2016, section 5). ``std_error`` is half the interval's width
        over the t quantile, so that interval, error and p-value say the same.
        """
        quantile = stats.t.ppf(0.5 + CONFIDENCE / 2, self.df)
        alike = _projection(self.covariance, self.matrix, 0.0)
        floor = stats.norm.ppf(0.5 + CONFIDENCE / 2) * np.sqrt(_form(alike @ self.covariance @ alike.T, weights))
        half = float(max(quantile * np.sqrt(_form(self._scaled, weights)), floor))
        estimate = float(weights @ self.coefficients)
        std_error = half / float(quantile)
        p_value = 2 * float(stats.t.sf(abs(estimate) / std_error, self.df))
        return Contrast(estimate, estimate - half, estimate + half, std_error, p_value, self.df)

    def normal(self) -> Contrast:
        """The pooled mean with its normal interval, the variance between sites taken as known."""
        std_error = float(np.sqrt(self.given(np.array([self.tau2]), np.ones(1))[1][0]))
        estimate = float(self.coefficients[0])
        half = float(stats.norm.ppf(0.5 + CONFIDENCE / 2)) * std_error
        p_value = 2 * float(stats.norm.sf(abs(estimate) / std_error))
        return Contrast(estimate, estimate - half, estimate + half, std_error, p_value, float("inf"))

    def given(self, tau2: np.ndarray, contrast: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """``contrast @ coefficients`` (m,) and its variance (m,), were the variance between sites each of ``tau2`` (m,)."""
        weights = contrast @ _projection(self.covariance, self.matrix, tau2[:, None, None])
        variances = ((weights @ self.covariance) * weights).sum(axis=1) + tau2 * np.square(weights).sum(axis=1)
        return weights @ self.estimates, variances

    def log_likelihood(self, tau2: np.ndarray) -> np.ndarray:
        """Restricted, up to a constant, at each variance between sites."""
        variances, squares = self._contrasts
        total = variances + np.asarray(tau2)[..., None]
        return -0.5 * (np.log(total) + squares / total).sum(axis=-1)

    def prediction(self, weights: np.ndarray) -> Contrast:
        """The effect at a new site: t with k - p df on tau2 and the error of the mean (IntHout et al. 2016).

        Too narrow where the variance between sites is estimated as less than it is; see ``prediction.predict``.
        """
        mean = self.contrast(weights)
        if self.tau2 == 0:
            return mean
        std_error = float(np.sqrt(self.tau2 + mean.std_error**2))
        half = 0.5 * (mean.high - mean.low) * std_error / mean.std_error
        p_value = 2 * float(stats.t.sf(abs(mean.estimate) / std_error, self.df))
        return Contrast(mean.estimate, mean.estimate - half, mean.estimate + half, std_error, p_value, self.df)

    @cached_property
    def heterogeneity(self) -> float:
        """Cochran's Q: squared distances from the mean, in sampling variances."""
        return self._distance(0.0)

    @cached_property
    def _contrasts(self) -> tuple[np.ndarray, np.ndarray]:
        return _error_contrasts(self.estimates, self.covariance, self.matrix)

    def _distance(self, tau2: float) -> float:
        variances, squares = self._contrasts
        return float((squares / (variances + tau2)).sum())

    @property
    def tau(self) -> Contrast:
        """Standard deviation between sites; interval by Q-profile (Viechtbauer 2007), p-value of Q.

        Where sites agree better than chance lets them, the interval is empty: the high end is then missing.
        """
        tails = (0.5 + CONFIDENCE / 2, 0.5 - CONFIDENCE / 2)
        ends = [self.variance_where(float(stats.chi2.ppf(tail, self.df))) for tail in tails]
        p_value = float(stats.chi2.sf(self.heterogeneity, self.df))
        high = ends[1] ** 0.5 if ends[1] > 0 else float("nan")
        return Contrast(self.tau2**0.5, ends[0] ** 0.5, high, float("nan"), p_value, self.df)

    def variance_where(self, target: float) -> float:
        """The variance between sites at which Q comes to ``target``; zero where it is below that already."""

        def excess(tau2: float) -> float:
            return self._distance(tau2) - target

        if excess(0.0) <= 0:
            return 0.0
        high = self.typical_variance
        while excess(high) > 0:
            high *= 4
        return float(optimize.brentq(excess, 0.0, high, xtol=1e-14 * high))

    @cached_property
    def typical_variance(self) -> float:
        """Sampling variance of a typical site (Higgins and Thompson 2002, equation 9)."""
        return self.df / float((1 / self._contrasts[0]).sum())

    @property
    def inconsistency(self) -> float:
        """I2: the share of the scatter that is differences between sites, 0 to 1 (Higgins and Thompson 2002)."""
        return self.tau2 / (self.tau2 + self.typical_variance)

    @property
    def detectable_tau(self) -> float:
        """Smallest tau that Q finds four times in five, for sites of typical variance."""
        ratio = stats.chi2.ppf(CONFIDENCE, self.df) / stats.chi2.ppf(1 - POWER, self.df)
        return float(np.sqrt(self.typical_variance * (ratio - 1)))


def fit_random_effects(estimates: np.ndarray, covariance: np.ndarray, matrix: np.ndarray) -> RandomEffects:
    """Restricted maximum likelihood for the variance between sites (Viechtbauer 2005), then the weighted mean.

    Parameters
    ----------
    estimates : (k,)
    covariance : (k, k) of sampling errors, positive definite
    matrix : (k, p) of full rank, p < k; a column of ones for a plain mean
    """
    scale = float(np.median(np.diag(covariance)))
    spread, squares = _error_contrasts(estimates / np.sqrt(scale), covariance / scale, matrix)
    total = spread + GRID[:, None]
    likelihood = -(np.log(total) + squares / total).sum(axis=1)
    best = int(np.argmax(likelihood))

    def slope(tau2: float) -> float:
        return float((squares / (spread + tau2) ** 2 - 1 / (spread + tau2)).sum())

    low, high = GRID[max(best - 1, 0)], GRID[min(best + 1, len(GRID) - 1)]
    if slope(low) <= 0 or slope(high) >= 0:
        return RandomEffects(estimates, covariance, matrix, scale * float(GRID[best]))
    return RandomEffects(estimates, covariance, matrix, scale * float(optimize.brentq(slope, low, high, xtol=1e-14)))


def dersimonian_laird(estimates: np.ndarray, covariance: np.ndarray) -> RandomEffects:
    """Pooled mean with the variance between sites by one step of moments, not below zero (DerSimonian and Laird 1986).

    Not by statsmodels, which keeps a variance below zero and then has no error to give.
    """
    weights = 1 / np.diag(covariance)
    alike = RandomEffects(estimates, covariance, np.ones((len(estimates), 1)), 0.0)
    tau2 = (alike.heterogeneity - alike.df) / (weights.sum() - np.square(weights).sum() / weights.sum())
    return RandomEffects(estimates, covariance, alike.matrix, max(float(tau2), 0.0))


def paule_mandel(estimates: np.ndarray, covariance: np.ndarray) -> RandomEffects:
    """Pooled mean with the variance between sites at which Q equals its expectation (Paule and Mandel 1982).

    Not by statsmodels, whose iteration starts again from zero when rounding takes it past the root.
    """
    alike = RandomEffects(estimates, covariance, np.ones((len(estimates), 1)), 0.0)
    return RandomEffects(estimates, covariance, alike.matrix, alike.variance_where(alike.df))


def _projection(covariance: np.ndarray, matrix: np.ndarray, tau2: float | np.ndarray) -> np.ndarray:
    """The weighted mean as a matrix (p, k): coefficients are this times the estimates. One for each tau2 of (m, 1, 1)."""
    weighted = matrix.T / (np.diag(covariance) + tau2)
    return np.linalg.solve(weighted @ matrix, weighted)


def _form(covariance: np.ndarray, weights: np.ndarray) -> float:
    return float(max(weights @ covariance @ weights, 0.0))


def _error_contrasts(
    estimates: np.ndarray, covariance: np.ndarray, matrix: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Independent contrasts of the estimates that hold nothing of the coefficients: variances and squares (k - p,).

    The variance between sites adds to each of their variances, so that Q and the restricted likelihood, for any
    variance between sites, are sums over them (Patterson and Thompson 1971).
    """
    within = linalg.null_space(matrix.T)
    variances, directions = np.linalg.eigh(within.T @ covariance @ within)
    return variances, np.square(directions.T @ (within.T @ estimates))

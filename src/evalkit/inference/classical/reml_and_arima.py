"""The usual methods for autocorrelated series, for comparison rows: REML, Prais-Winsten and ARIMA.

All of them estimate the correlation and then treat it as more or less known, so on short series they are too sure.
"""

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize, stats
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.statespace.sarimax import SARIMAX

from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive.correlation_grid import check_rank, whole_times
from evalkit.inference.autoregressive.kalman_filter import Filter
from evalkit.inference.classical.least_squares import Fit
from evalkit.inference.contrast import CONFIDENCE, Contrast

LOWEST, HIGHEST = -0.995, 0.9995
# The digits beyond these are the processor's.
DECIMALS_OF_CORRELATION, DIGITS_OF_ARIMA = 7, 6
NEWTON_SPACING, NEWTON_REACH = 1e-4, 1e-5
DF_FLOOR = 2.0
MOST_DENSE = 1500  # the small-sample corrections need matrices of n by n
PRAIS_TOLERANCE = 1e-8
LEAST_VARIANCE = 1e-6  # of the innovations of an ARIMA, the outcome's own variance being 1
ARIMA_PATTERN = re.compile(r"arima\((\d+),(\d+),(\d+)\)(?:\((\d+),(\d+),(\d+)\)(\d+))?")


@dataclass(frozen=True, eq=False)
class RestrictedFit:
    """Restricted maximum likelihood with first-order autoregressive errors.

    Attributes
    ----------
    coefficients, residuals : (p,), (n,)
    covariance : (p, p), with the correlation taken as known
    correlation, variance : estimates; ``variance`` is the marginal one
    log_likelihood : restricted: that of orthonormal error contrasts
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    correlation: float
    variance: float
    log_likelihood: float
    residuals: np.ndarray
    matrix: np.ndarray
    times: np.ndarray
    adjustment: str

    @property
    def method(self) -> str:
        """The words of the row."""
        named = {"kenward_roger": "Kenward-Roger", "satterthwaite": "Satterthwaite", "none": "t with n - p"}
        return f"REML, autoregressive errors, {named[self.adjustment]}"

    def contrast(self, weights: np.ndarray) -> Contrast:
        """``weights @ coefficients`` with its interval.

        Satterthwaite: df = 2 v^2 / (g' A g), v the variance of the contrast, g its gradient in (variance, correlation)
        and A the inverse of their expected restricted information; at least 2, below which the interval is of no use.
        Kenward-Roger: the same df (for one contrast theirs is equal to it), with the covariance corrected to first
        order (1997, Biometrics 53:983; without the term in second derivatives, which can make a variance negative).
        """
        estimate = float(weights @ self.coefficients)
        covariance, df = self.covariance, float(len(self.residuals) - len(weights))
        if self.adjustment != "none":
            information, first, second = _small_sample(self.matrix, self.times, self.correlation, self.variance)
            inner = [-self.covariance @ derivative @ self.covariance for derivative in first]
            variance = float(weights @ covariance @ weights)
            gradient = np.array([weights @ derivative @ weights for derivative in inner])
            df = max(2 * variance**2 / float(gradient @ information @ gradient), DF_FLOOR)
            if self.adjustment == "kenward_roger":
                added = sum(
                    information[i, j] * (second[i][j] - first[i] @ self.covariance @ first[j])
                    for i in range(2)
                    for j in range(2)
                )
                covariance = covariance + 2 * self.covariance @ added @ self.covariance
        return _t_contrast(estimate, float(weights @ covariance @ weights), df)


def fit_reml(
    outcome: np.ndarray,
    matrix: np.ndarray,
    times: np.ndarray | None = None,
    adjustment: Literal["kenward_roger", "satterthwaite", "none"] = "kenward_roger",
) -> RestrictedFit:
    """Regress ``outcome`` (n,) on ``matrix`` (n, p) by REML, errors with corr r^|t_i - t_j|; as nlme ``gls(corAR1)``.

    Raises
    ------
    EvaluationError
        Where times do not rise, or a column cannot be told from the others.
    """
    outcome, matrix = np.asarray(outcome, dtype=float), np.asarray(matrix, dtype=float)
    n, p = matrix.shape
    times = whole_times(np.arange(n) if times is None else times, n)
    check_rank(matrix)
    gaps = np.diff(times)
    start = np.linalg.lstsq(matrix, outcome, rcond=None)[0]
    residuals = outcome - matrix @ start
    size = float(np.sqrt(residuals @ residuals / (n - p))) or 1.0

    def pieces(correlation: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        whitening = Filter.at(correlation, gaps)
        rows = whitening.whitened(np.column_stack([matrix, residuals / size]))
        orthogonal, upper = np.linalg.qr(rows[..., :p])
        projected = np.einsum("gnp,gn->gp", orthogonal, rows[..., p])
        left = rows[..., p] - np.einsum("gnp,gp->gn", orthogonal, projected)
        squares = np.maximum((left**2).sum(axis=1), np.finfo(float).tiny)
        information = 2 * np.log(np.abs(np.diagonal(upper, axis1=1, axis2=2))).sum(axis=1)
        value = -0.5 * (whitening.log_determinant + information + (n - p) * np.log(squares))
        return value, upper, projected, squares

    # The restricted likelihood can have two humps: look along a grid, then refine the best place.
    grid = np.cos(np.linspace(np.arccos(LOWEST), np.arccos(HIGHEST), 121))
    best = int(np.argmax(pieces(grid)[0]))
    bounds = (grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)])
    optimum = optimize.minimize_scalar(
        lambda candidate: -pieces(np.array([candidate]))[0][0],
        bounds=bounds,
        method="bounded",
        options={"xatol": 1e-11},
    )
    top = _newton_step(lambda correlations: pieces(correlations)[0], float(optimum.x))
    correlation = round(top, DECIMALS_OF_CORRELATION)
    value, upper, projected, squares = (piece[0] for piece in pieces(np.array([correlation])))
    inverse = np.linalg.inv(upper)
    variance = float(squares) / (n - p) * size**2
    coefficients = start + inverse @ projected * size
    constant = 0.5 * (n - p) * (np.log(n - p) - np.log(2 * np.pi) - 1) - (n - p) * np.log(size)
    # Half of log |X'X| makes it the likelihood of orthonormal error contrasts.
    constant += np.log(np.abs(np.diag(np.linalg.qr(matrix)[1]))).sum()
    return RestrictedFit(
        coefficients=coefficients,
        covariance=variance * inverse @ inverse.T,
        correlation=correlation,
        variance=variance,
        log_likelihood=float(value) + constant,
        residuals=outcome - matrix @ coefficients,
        matrix=matrix,
        times=times,
        adjustment=adjustment if n <= MOST_DENSE else "none",
    )


def _newton_step(values: Callable[[np.ndarray], np.ndarray], place: float) -> float:
    """The top of a smooth curve near ``place``: a search by values ends some 1e-8 from it, its slope tells 1e-10.

    Five-point differences of fourth order (Abramowitz and Stegun 1964, 25.3.6 and 25.3.24); a place without a top near
    it, at the end of a range, stays.
    """
    around = values(place + NEWTON_SPACING * np.arange(-2, 3))
    slope = around @ [1, -8, 0, 8, -1] / (12 * NEWTON_SPACING)
    curvature = around @ [-1, 16, -30, 16, -1] / (12 * NEWTON_SPACING**2)
    step = -slope / curvature if curvature < 0 else np.inf
    return place + float(step) if abs(step) < NEWTON_REACH else place


def _small_sample(
    matrix: np.ndarray, times: np.ndarray, correlation: float, variance: float
) -> tuple[np.ndarray, list, list]:
    """Inverse expected information of (variance, correlation), and Kenward and Roger's P_i and Q_ij."""
    apart = np.abs(times[:, None] - times[None, :]).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        shape = np.where(apart == 0, 1.0, correlation**apart)
        slope = np.where(apart == 0, 0.0, apart * correlation ** (apart - 1))
    inverse = np.linalg.inv(shape) / variance
    derivatives = (shape, variance * slope)
    bread = inverse @ matrix
    projection = inverse - bread @ np.linalg.solve(matrix.T @ bread, bread.T)
    products = [projection @ derivative for derivative in derivatives]
    expected = np.array([[0.5 * np.sum(left * right.T) for right in products] for left in products])
    first = [-bread.T @ derivative @ bread for derivative in derivatives]
    second = [[bread.T @ left @ inverse @ right @ bread for right in derivatives] for left in derivatives]
    return np.linalg.inv(expected), first, second


def fit_prais_winsten(outcome: np.ndarray, matrix: np.ndarray, times: np.ndarray | None = None) -> Fit:
    """Prais and Winsten's regression: first row kept, correlation of neighbouring residuals iterated to rest.

    The correlation is that of the regression of residuals on the ones before (as Stata ``prais``), over neighbouring
    periods only; t with n - p degrees of freedom.
    """
    outcome, matrix = np.asarray(outcome, dtype=float), np.asarray(matrix, dtype=float)
    n, p = matrix.shape
    times = whole_times(np.arange(n) if times is None else times, n)
    check_rank(matrix)
    gaps = np.diff(times)
    neighbours = gaps == 1
    coefficients = np.linalg.lstsq(matrix, outcome, rcond=None)[0]
    correlation = 0.0
    for _ in range(200):
        residuals = outcome - matrix @ coefficients
        now, before = residuals[1:][neighbours], residuals[:-1][neighbours]
        scale = float(before @ before)
        previous, correlation = correlation, float(np.clip(now @ before / scale, LOWEST, HIGHEST)) if scale else 0.0
        rows = Filter.at(np.array([correlation]), gaps).whitened(np.column_stack([matrix, outcome]))[0]
        coefficients = np.linalg.lstsq(rows[:, :p], rows[:, p], rcond=None)[0]
        if abs(correlation - previous) < PRAIS_TOLERANCE:
            break
    left = rows[:, p] - rows[:, :p] @ coefficients
    inverse = np.linalg.inv(np.linalg.qr(rows[:, :p])[1])
    covariance = float(left @ left) / (n - p) * inverse @ inverse.T
    return Fit(coefficients, covariance, float(n - p), outcome - matrix @ coefficients, "Prais-Winsten, t")


def fit_arima(outcome: np.ndarray, matrix: np.ndarray, errors: str, times: np.ndarray | None = None) -> Fit:
    """Regression with ARIMA errors, ``errors`` such as ``"arima(1,0,0)"`` or ``"arima(2,1,0)(0,1,1)12"``.

    Exact maximum likelihood by ``statsmodels``, on the outcome over its standard deviation and with the covariance from
    the Hessian: the defaults of version 0.15 stop early on large numbers. Normal intervals. Columns that differencing
    makes zero or equal to others (the intercept, often the trend) have missing coefficients.

    Raises
    ------
    EvaluationError
        Where ``errors`` cannot be read, a contrast needs a column that differencing removed, or nothing converges.
    """
    order, seasonal = arima_orders(errors)
    outcome, matrix = np.asarray(outcome, dtype=float), np.asarray(matrix, dtype=float)
    n, p = matrix.shape
    times = whole_times(np.arange(n) if times is None else times, n)
    full = times - times[0]
    length = int(full[-1]) + 1
    check_rank(matrix)
    # The row of a missing period has no outcome and so no say; any row that keeps lines straight will do.
    regressors = np.column_stack([np.interp(np.arange(length), full, column) for column in matrix.T])
    series = np.full(length, np.nan)
    size = float(np.std(outcome, ddof=1)) or 1.0
    series[full] = outcome / size
    kept = _kept_columns(regressors, order[1], seasonal[1], seasonal[3])
    if not kept:
        raise EvaluationError(f"errors={errors!r}: differencing leaves no column of the model.")
    scale = np.abs(regressors[:, kept]).max(axis=0)
    fitted = _converged(series, regressors[:, kept] / scale, order, seasonal)
    if fitted is None:
        raise EvaluationError(f"errors={errors!r} did not converge on these data: use errors='ar1'.")
    count = len(kept)
    coefficients, covariance = np.full(p, np.nan), np.full((p, p), np.nan)
    factor = size / scale
    coefficients[kept] = _known_digits(fitted.params[:count]) * factor
    covariance[np.ix_(kept, kept)] = _known_digits(fitted.cov_params()[:count, :count]) * np.outer(factor, factor)
    return ArimaFit(coefficients, covariance, np.inf, np.asarray(fitted.resid)[full] * size, f"{errors}, normal")


def _known_digits(values: np.ndarray) -> np.ndarray:
    return np.vectorize(lambda value: float(f"{value:.{DIGITS_OF_ARIMA}g}"))(values)


def _converged(series: np.ndarray, regressors: np.ndarray, order: tuple, seasonal: tuple):
    """The fit; None where it does not converge, or to nothing that can be believed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            model = SARIMAX(series, exog=regressors, order=order, seasonal_order=seasonal)
            fitted = model.fit(disp=False, maxiter=500, cov_type="approx")
        except (ConvergenceWarning, np.linalg.LinAlgError, ValueError):
            return None
    # Variances run down to nothing are a model with more terms than the series bears, fitted to the rounding.
    variances = np.diag(fitted.cov_params())[: regressors.shape[1]]
    if np.isfinite(variances).all() and min(fitted.params[-1], variances.min() * len(series)) > LEAST_VARIANCE:
        return fitted
    return None


@dataclass(frozen=True)
class ArimaFit(Fit):
    """A ``Fit`` some of whose coefficients differencing may have removed."""

    def contrast(self, weights: np.ndarray) -> Contrast:
        """As ``Fit.contrast``; refuses a contrast of a removed column."""
        used = weights != 0
        if np.isnan(self.coefficients[used]).any():
            raise EvaluationError("Differencing removed a term this effect is made of: use fewer differences.")
        variance = float(weights[used] @ self.covariance[np.ix_(used, used)] @ weights[used])
        return _t_contrast(float(weights[used] @ self.coefficients[used]), variance, self.df)


def arima_orders(errors: str) -> tuple[tuple[int, int, int], tuple[int, int, int, int]]:
    """``(p, d, q)`` and ``(P, D, Q, s)`` of ``"arima(p,d,q)(P,D,Q)s"``."""
    match = ARIMA_PATTERN.fullmatch(errors.replace(" ", "").lower())
    if not match:
        raise EvaluationError(f"errors={errors!r} cannot be read: write 'arima(1,0,0)' or 'arima(2,1,0)(0,1,1)12'.")
    p, d, q, seasonal_p, seasonal_d, seasonal_q, season = (int(digits or 0) for digits in match.groups())
    if match[7] is not None and season < 2:
        raise EvaluationError(f"errors={errors!r}: a season has at least 2 periods.")
    return (p, d, q), (seasonal_p, seasonal_d, seasonal_q, season)


def _kept_columns(regressors: np.ndarray, differences: int, seasonal: int, season: int) -> list[int]:
    """Columns that stay independent of those before them once differenced, the first to come being kept."""
    differenced = regressors
    for _ in range(seasonal):
        differenced = differenced[season:] - differenced[:-season]
    for _ in range(differences):
        differenced = np.diff(differenced, axis=0)
    kept: list[int] = []
    size = np.maximum(np.abs(regressors).max(axis=0), 1e-300)
    for column in range(regressors.shape[1]):
        trial = differenced[:, [*kept, column]] / size[[*kept, column]]
        if np.linalg.matrix_rank(trial, tol=1e-8 * max(trial.shape)) == len(kept) + 1:
            kept.append(column)
    return kept


def _t_contrast(estimate: float, variance: float, df: float) -> Contrast:
    std_error = float(np.sqrt(max(variance, 0.0)))
    if std_error == 0.0:
        return Contrast(estimate, estimate, estimate, 0.0, float(estimate == 0), df)
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, df)) * std_error
    p_value = float(2 * stats.t.sf(abs(estimate) / std_error, df))
    return Contrast(estimate, estimate - half, estimate + half, std_error, p_value, df)

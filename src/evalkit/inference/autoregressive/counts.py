"""Counts and proportions whose extra variation is autoregressive: a latent log rate (or log odds) integrated over.

Model: y_t has the mean and variance of a Poisson (or binomial) variable given log rate (log odds) x_t b + u_t, u a
first-order autoregression of variance s^2 and correlation r. Its working response z = eta + (y - mu) d eta / d mu, at
the ordinary Poisson (binomial) fit, is taken as normal with covariance diag(w) + s^2 R(r), w the sampling variance of
z; b is integrated out exactly, r and s over a grid. Prior: flat on b, Jeffreys on r, and flat in the logarithm of the
total variance w + s^2, as the normal model has it where counts are large. With few events that alone would put nearly
all weight on variation that they cannot show, and its intervals held no change in 100 of 100: there half of the prior
is on s = 0, counts that vary by chance only (``share_without``). The interval of a calibrated contrast is taken at the
level that the normal model of the same design needs at the 80% point of r (``calibration``), where that is below 5%:
with large counts the two models are the same. How often these intervals hold the truth with few events is measured in
tests/validation/test_few_events.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from evalkit.catalogue.records.measures import FEW_EVENTS
from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive import mixtures
from evalkit.inference.autoregressive.calibration import NOMINAL_LEVEL, POSTERIOR_POINT, Calibration
from evalkit.inference.autoregressive.correlation_grid import check_rank, whole_times
from evalkit.inference.autoregressive.fit import NEAR_ONE, Correlation, calibrations
from evalkit.inference.autoregressive.kalman_filter import Filter
from evalkit.inference.contrast import Contrast

LINKS = {"poisson": "rate", "binomial": "odds"}
GRID = 18
LOWEST, HIGHEST = -0.9, 0.99
WIDEST = 12.0  # the grid of total variances reaches so many times the residual variance, either way
ITERATIONS = 100
CHANCE_ALONE = 0.5  # prior weight with few events; there is none from twice as many on


@dataclass(frozen=True, eq=False)
class CountFit:
    """Contrasts of one series on the log (log odds) scale, how each was made, and the latent series' correlation."""

    contrasts: list[Contrast]
    methods: list[str]
    correlation: Correlation


def fit_counts(
    outcome: np.ndarray,
    matrix: np.ndarray,
    times: np.ndarray | None = None,
    contrasts: np.ndarray | None = None,
    exposure: np.ndarray | None = None,
    family: Literal["poisson", "binomial"] = "poisson",
    calibrated: Sequence[bool] | bool = True,
) -> CountFit:
    """Regress counts ``outcome`` (n,) on ``matrix`` (n, p) through a log (log odds) link.

    Parameters
    ----------
    times : (n,) whole numbers, rising; a missing period is a gap
    contrasts : (k, p) array, by default every coefficient
    exposure : (n,)
        Poisson: time at risk, its logarithm is the offset. Binomial: the denominators.
    calibrated : bool or (k,) of bool

    Raises
    ------
    EvaluationError
        Where a count is negative or above its denominator, an exposure is not above zero, or the counts leave a rate
        without bound (all zero on one side).
    """
    outcome, matrix = np.asarray(outcome, dtype=float), np.asarray(matrix, dtype=float)
    exposure = np.ones(len(outcome)) if exposure is None else np.asarray(exposure, dtype=float)
    contrasts = np.eye(matrix.shape[1]) if contrasts is None else np.atleast_2d(contrasts)
    times = whole_times(np.arange(len(outcome)) if times is None else times, len(outcome))
    _checked(outcome, exposure, family)
    check_rank(matrix)
    wanted = np.broadcast_to(np.asarray(calibrated, dtype=bool), (len(contrasts),))
    orthogonal, upper = np.linalg.qr(matrix)
    read = np.linalg.solve(upper.T, contrasts.T).T
    response, variance = working_response(outcome, orthogonal, exposure, family)
    posterior = _grid_posterior(response, orthogonal, variance, times, read, share_without(outcome, exposure, family))
    weights, grid = posterior.weights, posterior.correlations
    tables = calibrations(matrix, times, contrasts, wanted)
    # Where nothing carries over there is no likeness to go by: the level is that of the rest.
    carries = weights * (posterior.extra > 0)
    upper_correlation = _quantile(carries / carries.sum() if carries.any() else weights, grid, POSTERIOR_POINT)
    words = {True: "calibrated as the normal model", False: "not calibrated"}
    return CountFit(
        _contrasts(weights, posterior.locations.T, posterior.scales, tables, upper_correlation),
        [f"autoregressive log {LINKS[family]}, {words[bool(is_calibrated)]}" for is_calibrated in wanted],
        Correlation(
            *(_quantile(weights, grid, point) for point in (0.5, 0.025, 0.975)),
            near_one=float(weights[grid > NEAR_ONE].sum()),
        ),
    )


def mean_events(outcome: np.ndarray, exposure: np.ndarray, family: str) -> float:
    """Events a period; of a share, of the rarer kind. Missing periods do not count."""
    return float(np.nanmean(outcome if family == "poisson" else np.minimum(outcome, exposure - outcome)))


def share_without(outcome: np.ndarray, exposure: np.ndarray, family: str) -> float:
    """The prior share of counts that vary by chance alone: a half for few events, falling to none at twice as many."""
    return CHANCE_ALONE * float(np.clip(2 - mean_events(outcome, exposure, family) / FEW_EVENTS, 0.0, 1.0))


def _checked(outcome: np.ndarray, exposure: np.ndarray, family: str) -> None:
    if family not in ("poisson", "binomial"):
        raise EvaluationError(f"family={family!r} is not available: use 'poisson' or 'binomial'.")
    if not (np.isfinite(outcome).all() and np.isfinite(exposure).all()):
        raise EvaluationError("A count or its exposure is missing or infinite: leave its period out.")
    if (outcome < 0).any():
        raise EvaluationError("A count is below zero.")
    if (exposure <= 0).any():
        raise EvaluationError("An exposure or denominator is zero or below: leave its period out.")
    if family == "binomial" and (outcome > exposure).any():
        raise EvaluationError("A count is above its denominator.")


def working_response(
    outcome: np.ndarray, matrix: np.ndarray, exposure: np.ndarray, family: str
) -> tuple[np.ndarray, np.ndarray]:
    """Working response less its offset, and its sampling variance, at the maximum likelihood fit: two (n,) arrays.

    Fisher scoring with step halving.

    Raises
    ------
    EvaluationError
        Where a rate runs off to zero (or a proportion to zero or one).
    """
    target = np.clip(outcome, 0.5, None) if family == "poisson" else np.clip(outcome, 0.5, exposure - 0.5)
    rate = target / exposure
    linear = matrix @ np.linalg.lstsq(matrix, np.log(rate) if family == "poisson" else _safe_logit(rate), rcond=None)[0]
    deviance = _deviance(outcome, exposure, linear, family)
    for _ in range(ITERATIONS):
        mean, information = _moments(linear, exposure, family)
        response = linear + (outcome - mean) / information
        root = np.sqrt(information)
        proposal = matrix @ np.linalg.lstsq(matrix * root[:, None], response * root, rcond=None)[0]
        better = _deviance(outcome, exposure, proposal, family)
        for _ in range(ITERATIONS):
            if better <= deviance + 1e-9 * (abs(deviance) + 1):
                break
            proposal = 0.5 * (proposal + linear)
            better = _deviance(outcome, exposure, proposal, family)
        moved = np.abs(proposal - linear).max()
        linear, deviance = proposal, better
        if moved < 1e-9:
            mean, information = _moments(linear, exposure, family)
            return linear + (outcome - mean) / information, 1 / information
    raise EvaluationError(
        "The counts leave a rate without bound, as where all before, all after or all during a change are zero: do not model."
    )


def refuse_without_bound(outcome: np.ndarray, matrix: np.ndarray, exposure: np.ndarray, family: str) -> None:
    """Refuse counts of which no rate can be estimated, whatever their errors.

    Raises
    ------
    EvaluationError
        As ``fit_counts``.
    """
    _checked(outcome, exposure, family)
    working_response(outcome, np.linalg.qr(matrix)[0], exposure, family)


def _safe_logit(rate: np.ndarray) -> np.ndarray:
    return special.logit(np.clip(rate, 1e-6, 1 - 1e-6))


def _moments(linear: np.ndarray, exposure: np.ndarray, family: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean and information for the linear predictor, (n,) each."""
    if family == "poisson":
        mean = exposure * np.exp(np.clip(linear, -500, 500))
        return mean, np.maximum(mean, 1e-12)
    share = special.expit(linear)
    return exposure * share, np.maximum(exposure * share * (1 - share), 1e-12)


def _deviance(outcome: np.ndarray, exposure: np.ndarray, linear: np.ndarray, family: str) -> float:
    if family == "poisson":
        return float(2 * (exposure * np.exp(np.clip(linear, -500, 500)) - outcome * linear).sum())
    return float(2 * (exposure * np.logaddexp(0, linear) - outcome * linear).sum())


@dataclass(frozen=True, eq=False)
class Posterior:
    """Of contrasts and of the latent series, over a grid of its correlation and variance.

    Attributes
    ----------
    weights, correlations, extra : (g,); ``extra`` is the latent variance
    locations : (g, k)
    roots : (g, k, p), the covariance of the contrasts in a cell being ``roots @ roots.T``
    """

    weights: np.ndarray
    locations: np.ndarray
    roots: np.ndarray
    correlations: np.ndarray
    extra: np.ndarray

    @property
    def scales(self) -> np.ndarray:
        """Standard deviations of the contrasts (k, g)."""
        return np.sqrt(np.square(self.roots).sum(axis=2)).T


def posterior_of_rates(outcome: np.ndarray, matrix: np.ndarray, times: np.ndarray, exposure: np.ndarray) -> Posterior:
    """Of every coefficient of a Poisson regression.

    Raises
    ------
    EvaluationError
        As ``fit_counts``.
    """
    _checked(outcome, exposure, "poisson")
    check_rank(matrix)
    orthogonal, upper = np.linalg.qr(matrix)
    response, variance = working_response(outcome, orthogonal, exposure, "poisson")
    share = share_without(outcome, exposure, "poisson")
    return _grid_posterior(response, orthogonal, variance, times, np.linalg.inv(upper), share)


def _grid_posterior(
    response: np.ndarray, matrix: np.ndarray, variance: np.ndarray, times: np.ndarray, read: np.ndarray, without: float
) -> Posterior:
    """Of the contrasts ``read`` (k, p) of the regression on the orthogonal ``matrix`` (n, p).

    ``without`` is the prior share of no latent series at all: one cell more, the last, without variance or likeness.
    """
    n, p = matrix.shape
    sampling = 1 / np.mean(1 / variance)
    residuals = response - matrix @ (matrix.T @ response)
    spread = max(float(residuals @ residuals) / (n - p), sampling)
    low, high = max(sampling, spread / WIDEST), WIDEST * spread
    edges = np.linspace(np.log(low), np.log(high), GRID + 1)
    totals = np.exp(0.5 * (edges[1:] + edges[:-1]))
    angles = np.linspace(np.arccos(LOWEST), np.arccos(HIGHEST), GRID + 1)
    correlations = np.cos(0.5 * (angles[1:] + angles[:-1]))
    correlation, total = (mesh.ravel() for mesh in np.meshgrid(correlations, totals, indexing="ij"))
    extra, prior = total - sampling, np.full(len(total), (1 - without) / len(total))
    if without:
        extra, correlation, prior = np.append(extra, 0.0), np.append(correlation, 0.0), np.append(prior, without)
    columns = np.column_stack([matrix, response])
    whitening = Filter.at(correlation, np.diff(times), extra, variance[:, None])
    whitened = whitening.whitened(columns)
    gram = whitened.transpose(0, 2, 1) @ whitened
    factor = np.linalg.cholesky(gram[:, :p, :p])
    readers = np.broadcast_to(read.T, (len(factor), *read.T.shape))
    solved = np.linalg.solve(factor, np.concatenate([gram[:, :p, p:], readers], axis=2))
    fitted, readers = solved[:, :, :1], solved[:, :, 1:]
    squares = gram[:, p, p] - (fitted[:, :, 0] ** 2).sum(axis=1)
    log_weights = -0.5 * (whitening.log_determinant + squares) - np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(
        axis=1
    )
    weights = prior * np.exp(log_weights - log_weights.max())
    locations = np.einsum("gpk,gp->gk", readers, fitted[:, :, 0])
    return Posterior(weights / weights.sum(), locations, readers.transpose(0, 2, 1), correlation, extra)


def _contrasts(
    weights: np.ndarray,
    locations: np.ndarray,
    scales: np.ndarray,
    tables: dict[int, Calibration],
    correlation: float,
) -> list[Contrast]:
    many = np.broadcast_to(weights, locations.shape)
    estimates = locations @ weights
    std_errors = np.sqrt(((scales**2 + (locations - estimates[:, None]) ** 2) * weights).sum(axis=1))
    below, above = mixtures.tail_probabilities(np.zeros(len(locations)), many, locations, scales, np.inf)
    p_values = np.minimum(2 * np.minimum(below, above), 1.0)
    alpha = np.full(len(locations), NOMINAL_LEVEL)
    for index, table in tables.items():
        at = np.array([correlation])
        alpha[index] = min(NOMINAL_LEVEL, table.alpha(at)[0])
        p_values[index] = max(p_values[index], table.p_values(p_values[[index]], at)[0])
    lows = mixtures.quantiles(alpha / 2, many, locations, scales, np.inf)
    highs = mixtures.quantiles(1 - alpha / 2, many, locations, scales, np.inf)
    rows = np.column_stack([estimates, lows, highs, std_errors, p_values])
    return [Contrast(*(float(value) for value in row), df=np.inf) for row in rows]


def _quantile(weights: np.ndarray, correlations: np.ndarray, probability: float) -> float:
    """Posterior quantile of the correlation, a point of the grid."""
    order = np.argsort(correlations, kind="stable")
    cell = np.searchsorted(np.cumsum(weights[order]), probability)
    return float(correlations[order][min(cell, len(order) - 1)])

"""A regression seen at every lag-one correlation of a fixed grid, and what one or many series say of it.

Model: y = X b + e, e a stationary first-order autoregression, corr(e_i, e_j) = r^|t_i - t_j|, so that a missing month is
a longer gap and no row is made up; in longer series perhaps with white noise on top. Prior: flat on b, 1 / sigma^2, and
the Jeffreys prior (1 - r^2)^(-1/2) on r, in r's own angle a uniform one. Given r and the share of noise everything is
exact; both are summed over (Zellner and Tiao 1964, JASA 59:763).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive import mixtures
from evalkit.inference.autoregressive.kalman_filter import Filter

LOWEST, HIGHEST = -0.98, 0.998
FEWEST_POINTS = 113
POINTS_PER_ROOT = 5.0  # keeps the grid finer than the posterior of a very long series
ROUNDING = 1e-13
NOISE_SHARES = (0.1, 0.3)
NOISE_MASS = 0.4
NOISE_FROM, NOISE_FULL = 24, 48


def correlation_grid(n: int, coarser: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Grid of correlations (g,), rising, and the edges of its cells (g + 1,); each cell has the same prior mass.

    The prior (1 - r^2)^(-1/2) is uniform in arccos(r), so equal steps of that angle are cells of equal mass.
    """
    points = max(FEWEST_POINTS, int(np.ceil(POINTS_PER_ROOT * np.sqrt(n)))) // coarser
    edges = np.linspace(np.arccos(LOWEST), np.arccos(HIGHEST), points + 1)
    return np.cos(0.5 * (edges[1:] + edges[:-1])), np.cos(edges)


def noise_shares(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Shares of white noise in the errors' variance, and their prior masses.

    A slow drift under monthly noise makes neighbouring months a little alike, and for long. Autoregression alone reads
    the first and not the second, and is too sure of a slope. Series of up to 24 periods cannot tell the two apart and
    would only pay in width, so noise comes in gradually from there; the shares were chosen on simulated series of 48.
    """
    mass = NOISE_MASS * np.clip((n - NOISE_FROM) / (NOISE_FULL - NOISE_FROM), 0.0, 1.0)
    if mass == 0:
        return np.zeros(1), np.ones(1)
    return np.array([0.0, *NOISE_SHARES]), np.array([1 - mass, *[mass / len(NOISE_SHARES)] * len(NOISE_SHARES)])


class GridRegression:
    """A regression whose correlation grid has been worked out once, for any number of series of one calendar.

    Parameters
    ----------
    matrix : (n, p) array, full column rank, n > p
    times : (n,) whole numbers, rising; by default 0..n-1. Missing periods are left out of both.
    contrasts : (k, p) array; by default every coefficient
    coarser : int
        Take so many times fewer grid points: for simulation.

    Raises
    ------
    EvaluationError
        Where shapes disagree, times do not rise, or a column cannot be told from the others.
    """

    def __init__(
        self,
        matrix: np.ndarray,
        times: np.ndarray | None = None,
        contrasts: np.ndarray | None = None,
        coarser: int = 1,
    ):
        self.matrix = np.ascontiguousarray(matrix, dtype=float)
        self.n, self.p = self.matrix.shape
        self.times = whole_times(np.arange(self.n) if times is None else times, self.n)
        self.contrasts = np.eye(self.p) if contrasts is None else np.atleast_2d(np.asarray(contrasts, dtype=float))
        if self.contrasts.shape[1] != self.p:
            raise EvaluationError(f"A contrast has {self.contrasts.shape[1]} weights for {self.p} terms.")
        if self.n <= self.p:
            raise EvaluationError(f"{self.n} periods cannot bear {self.p} terms: use fewer terms or a longer series.")
        self.df = self.n - self.p
        self.grid, self.edges = correlation_grid(self.n, coarser)
        check_rank(self.matrix)
        basis, triangle = np.linalg.qr(self.matrix)
        self._basis = basis
        self._least_squares = np.linalg.solve(triangle.T, self.contrasts.T).T
        shares, masses = noise_shares(self.n)
        share = np.repeat(shares, len(self.grid))
        self._filter = Filter.at(np.tile(self.grid, len(shares)), self.gaps, 1 - share, share)
        orthogonal, upper = np.linalg.qr(self._filter.whitened(self.matrix))
        self._project = np.ascontiguousarray(self._filter.transposed(orthogonal).transpose(0, 2, 1))
        self._read = np.linalg.solve(upper.transpose(0, 2, 1), self.contrasts.T[None]).transpose(0, 2, 1)
        self.unit_scale = np.sqrt((self._read**2).sum(axis=-1))
        log_information = 2 * np.log(np.abs(np.diagonal(upper, axis1=1, axis2=2))).sum(axis=-1)
        log_prior = np.repeat(np.log(masses), len(self.grid))
        self._log_weight = log_prior - 0.5 * (self._filter.log_determinant + log_information)

    def reading(self, contrasts: np.ndarray, coarser: int = 1) -> "GridRegression":
        """The same design with other contrasts (k, p)."""
        return GridRegression(self.matrix, self.times, contrasts, coarser)

    @cached_property
    def gaps(self) -> np.ndarray:
        """Gaps between neighbouring rows (n - 1,)."""
        return np.diff(self.times)

    def posterior(self, outcomes: np.ndarray) -> "Posterior":
        """What each of ``outcomes`` (m, n), none missing, says of correlation and contrasts."""
        outcomes = np.ascontiguousarray(np.atleast_2d(outcomes), dtype=float)
        if outcomes.shape[1] != self.n:
            raise EvaluationError(f"A series has {outcomes.shape[1]} values for {self.n} periods.")
        if not np.isfinite(outcomes).all():
            raise EvaluationError("A series has a missing or infinite value: leave its period out of rows and times.")
        columns = outcomes.T
        explained = self._basis.T @ columns
        residuals = columns - self._basis @ explained
        # A second pass takes out what rounding left of a large level or trend.
        again = self._basis.T @ residuals
        residuals -= self._basis @ again
        least_squares = self._least_squares @ (explained + again)
        # Residuals of one: the size of the outcome then overflows nowhere, and all that follows is exactly scaled back.
        size = np.sqrt(np.einsum("im,im->m", residuals, residuals))
        exact = size <= ROUNDING * np.sqrt(np.einsum("im,im->m", columns, columns))
        residuals = residuals / np.where(exact, 1.0, size)
        projected = self._project @ residuals
        squares = self._filter.squares(residuals) - np.einsum("gpm,gpm->gm", projected, projected)
        squares = np.maximum(squares, np.finfo(float).tiny)
        log_weights = self._log_weight[:, None] - 0.5 * self.df * np.log(squares)
        log_weights -= log_weights.max(axis=0)
        weights = np.exp(log_weights)
        weights /= weights.sum(axis=0)
        size = np.where(exact, 0.0, size)
        return Posterior(
            design=self,
            weights=np.ascontiguousarray(weights.T),
            squares=squares.T * size[:, None] ** 2,
            centre=least_squares.T,
            shifts=np.ascontiguousarray((self._read @ projected).transpose(2, 1, 0)) * size[:, None, None],
            scales=np.sqrt(squares.T / self.df)[:, None, :] * self.unit_scale.T * size[:, None, None],
        )


@dataclass(frozen=True, eq=False)
class Posterior:
    """Mixtures for m series and k contrasts: t with ``design.df`` at centre + shifts, times scales.

    Attributes
    ----------
    weights : (m, g), posterior of share of noise and correlation, the correlation varying fastest
    squares : (m, g), residual sum of squares after whitening
    centre : (m, k), least-squares contrasts
    shifts, scales : (m, k, g), from ``centre``, in the unit of the contrast
    """

    design: GridRegression
    weights: np.ndarray
    squares: np.ndarray
    centre: np.ndarray
    shifts: np.ndarray
    scales: np.ndarray

    @cached_property
    def estimates(self) -> np.ndarray:
        """Posterior means (m, k)."""
        return self.centre + (self.weights[:, None, :] * self.shifts).sum(-1)

    @cached_property
    def std_errors(self) -> np.ndarray:
        """Posterior standard deviations (m, k); of the scale alone where df < 3, which has none."""
        away = self.shifts - (self.estimates - self.centre)[..., None]
        factor = self.design.df / max(self.design.df - 2, 1)
        return np.sqrt((self.weights[:, None, :] * (factor * self.scales**2 + away**2)).sum(-1))

    @cached_property
    def exact(self) -> np.ndarray:
        """True for series that the model fits without error (m,): nothing can be said of their uncertainty."""
        return np.logical_not((self.squares > 0).all(axis=1))

    def quantiles(self, probability: np.ndarray) -> np.ndarray:
        """Posterior quantiles of the contrasts; ``probability`` is (..., m, k) and so is the answer."""
        probability = np.asarray(probability, dtype=float)
        lead = probability.shape[:-2]
        shape = (*lead, *self.shifts.shape)
        safe = np.where(self.exact[:, None, None], 1.0, self.scales)
        parts = (self.weights[:, None, :], self.shifts, safe)
        weights, shifts, scales = (np.broadcast_to(part, shape).reshape(-1, shape[-1]) for part in parts)
        values = mixtures.quantiles(probability.reshape(-1), weights, shifts, scales, self.design.df)
        return self.centre + np.where(self.exact[:, None], 0.0, values.reshape(probability.shape))

    def p_values(self, null: float | np.ndarray = 0.0) -> np.ndarray:
        """Two-sided, uncalibrated: 2 min(P(c'b <= null), P(c'b >= null)), (m, k)."""
        safe = np.where(self.exact[:, None, None], 1.0, self.scales)
        away = np.asarray(null) - self.centre
        below, above = mixtures.tail_probabilities(away, self.weights[:, None, :], self.shifts, safe, self.design.df)
        p_values = np.minimum(2 * np.minimum(below, above), 1.0)
        return np.where(self.exact[:, None], np.asarray(away == 0, dtype=float), p_values)

    @cached_property
    def correlation_weights(self) -> np.ndarray:
        """Posterior of the correlation alone (m, points of the grid)."""
        return self.weights.reshape(len(self.weights), -1, len(self.design.grid)).sum(axis=1)

    def correlation_quantile(self, probability: float) -> np.ndarray:
        """Posterior quantile of the correlation (m,), even within the cell of the grid that holds it."""
        weights = self.correlation_weights
        reached = np.cumsum(weights, axis=1)
        cell = np.minimum((reached < probability).sum(axis=1), weights.shape[1] - 1)
        rows = np.arange(len(cell))
        before = np.where(cell > 0, reached[rows, cell - 1], 0.0)
        share = np.clip((probability - before) / np.maximum(weights[rows, cell], np.finfo(float).tiny), 0.0, 1.0)
        edges = self.design.edges
        return edges[cell] + share * (edges[cell + 1] - edges[cell])

    def correlation_above(self, value: float) -> np.ndarray:
        """Posterior probability (m,) of a correlation above ``value``; the cell that holds it is shared evenly."""
        edges = self.design.edges
        share = np.clip((edges[1:] - value) / np.diff(edges), 0.0, 1.0)
        return self.correlation_weights @ share


def check_rank(matrix: np.ndarray) -> None:
    """Refuse a matrix (n, p) with a column that the others make up.

    Raises
    ------
    EvaluationError
    """
    scale = np.sqrt((matrix**2).sum(axis=0))
    if not np.all(scale > 0) or np.linalg.matrix_rank(matrix / scale) < matrix.shape[1]:
        raise EvaluationError(
            "The model has terms these data cannot tell apart:"
            " use fewer seasonal terms, or a longer series on both sides."
        )


def whole_times(times: np.ndarray, n: int) -> np.ndarray:
    """Times (n,) as integers.

    Raises
    ------
    EvaluationError
        Where they are not whole, do not rise, or are not n.
    """
    times = np.asarray(times)
    if times.shape != (n,):
        raise EvaluationError(f"{times.size} times were given for {n} periods.")
    whole = np.rint(times).astype(np.int64)
    if not np.array_equal(whole, times):
        raise EvaluationError("Times must be whole numbers of periods.")
    if (np.diff(whole) < 1).any():
        raise EvaluationError("Times must rise: a period is given twice, or out of order.")
    return whole

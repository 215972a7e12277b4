"""A regression seen at every lag-one correlation of a fixed grid, and what one or many series say of it.

Model: y = X b + e, e a stationary first-order autoregression, corr(e_i, e_j) = r^|t_i - t_j|, so that a missing month is
a longer gap and no row is made up. Prior: flat on b, 1 / sigma^2, and the Jeffreys prior (1 - r^2)^(-1/2) on r, in r's
own angle a uniform one. Given r everything is exact; r is summed over (Zellner and Tiao 1964, JASA 59:763).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evalkit.errors import EvaluationError
from evalkit.inference import mixtures

LOWEST, HIGHEST = -0.98, 0.998
FEWEST_POINTS = 113
POINTS_PER_ROOT = 5.0  # keeps the grid finer than the posterior of a very long series
ROUNDING = 1e-13


def correlation_grid(n: int, coarser: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Grid of correlations (g,), rising, and the edges of its cells (g + 1,); each cell has the same prior mass.

    The prior (1 - r^2)^(-1/2) is uniform in arccos(r), so equal steps of that angle are cells of equal mass.
    """
    points = max(FEWEST_POINTS, int(np.ceil(POINTS_PER_ROOT * np.sqrt(n)))) // coarser
    edges = np.linspace(np.arccos(LOWEST), np.arccos(HIGHEST), points + 1)
    return np.cos(0.5 * (edges[1:] + edges[:-1])), np.cos(edges)


@dataclass(frozen=True, eq=False)
class Whitening:
    """Rows that make errors of correlation r independent: (e_i - r^d e_{i-1}) / (1 - r^2d)^(1/2), d the gap in time.

    Attributes
    ----------
    power, divisor : (g, n - 1) arrays, r^d and (1 - r^2d)^(1/2)
    """

    power: np.ndarray
    divisor: np.ndarray

    @classmethod
    def at(cls, correlations: np.ndarray, gaps: np.ndarray) -> "Whitening":
        """For correlations (g,) in (-1, 1) and whole gaps (n - 1,)."""
        power = np.asarray(correlations)[:, None] ** gaps
        return cls(power, np.sqrt(1 - power**2))

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Whitened columns of ``values`` (n, p) or (g, n, p): (g, n, p)."""
        values = np.broadcast_to(values, (len(self.power), *values.shape[-2:]))
        out = values.copy()
        out[:, 1:] = (values[:, 1:] - self.power[..., None] * values[:, :-1]) / self.divisor[..., None]
        return out

    def transposed(self, values: np.ndarray) -> np.ndarray:
        """The transpose of the same map, on (g, n, p)."""
        out = values.copy()
        scaled = values[:, 1:] / self.divisor[..., None]
        out[:, 1:] = scaled
        out[:, :-1] -= self.power[..., None] * scaled
        return out

    @property
    def log_determinant(self) -> np.ndarray:
        """log |R| of the correlation matrix (g,)."""
        return 2 * np.log(self.divisor).sum(axis=1)


class Design:
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
        self._gaps_in_use, self._gap_of = np.unique(self.gaps, return_inverse=True)
        whitening = Whitening.at(self.grid, self.gaps)
        orthogonal, upper = np.linalg.qr(whitening(self.matrix))
        self._project = np.ascontiguousarray(whitening.transposed(orthogonal).transpose(0, 2, 1))
        self._read = np.linalg.solve(
            upper.transpose(0, 2, 1), np.broadcast_to(self.contrasts.T, (len(self.grid), *self.contrasts.T.shape))
        ).transpose(0, 2, 1)
        self.unit_scale = np.sqrt((self._read**2).sum(axis=-1))
        self.log_information = 2 * np.log(np.abs(np.diagonal(upper, axis1=1, axis2=2))).sum(axis=-1)
        self.log_correlation = whitening.log_determinant

    def reading(self, contrasts: np.ndarray, coarser: int = 1) -> "Design":
        """The same design with other contrasts (k, p)."""
        return Design(self.matrix, self.times, contrasts, coarser)

    @cached_property
    def gaps(self) -> np.ndarray:
        """Gaps between neighbouring rows (n - 1,)."""
        return np.diff(self.times)

    def _whitened_squares(self, residuals: np.ndarray) -> np.ndarray:
        """Sum of squares after whitening, (g, m), from three sums for each length of gap: no loop over the grid."""
        now, before = residuals[1:], residuals[:-1]
        out = np.broadcast_to(residuals[0] ** 2, (len(self.grid), residuals.shape[1])).copy()
        for index, gap in enumerate(self._gaps_in_use):
            rows = self._gap_of == index
            squares, products, lagged = (
                np.einsum("im,im->m", left[rows], right[rows])
                for left, right in ((now, now), (now, before), (before, before))
            )
            power = (self.grid**gap)[:, None]
            out += (squares - 2 * power * products + power**2 * lagged) / (1 - power**2)
        return out

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
        squares = self._whitened_squares(residuals) - np.einsum("gpm,gpm->gm", projected, projected)
        squares = np.maximum(squares, np.finfo(float).tiny)
        log_weights = -0.5 * (self.log_correlation + self.log_information)[:, None] - 0.5 * self.df * np.log(squares)
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
    """Mixtures over the grid for m series and k contrasts: t with ``design.df`` at centre + shifts, times scales.

    Attributes
    ----------
    weights : (m, g), posterior of the correlation
    squares : (m, g), residual sum of squares after whitening
    centre : (m, k), least-squares contrasts
    shifts, scales : (m, k, g), from ``centre``, in the unit of the contrast
    """

    design: Design
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
        return ~(self.squares > 0).all(axis=1)

    def quantiles(self, probability: np.ndarray) -> np.ndarray:
        """Posterior quantiles of the contrasts; ``probability`` is (..., m, k) and so is the answer."""
        probability = np.asarray(probability, dtype=float)
        lead = probability.shape[:-2]
        shape = (*lead, *self.shifts.shape)
        safe = np.where(self.exact[:, None, None], 1.0, self.scales)
        parts = (self.weights[:, None, :], self.shifts, safe)
        weights, shifts, scales = (np.broadcast_to(part, shape).reshape(-1, shape[-1]) for part in parts)
        found = mixtures.quantiles(probability.reshape(-1), weights, shifts, scales, self.design.df)
        return self.centre + np.where(self.exact[:, None], 0.0, found.reshape(probability.shape))

    def p_values(self, null: float | np.ndarray = 0.0) -> np.ndarray:
        """Two-sided, uncalibrated: 2 min(P(c'b <= null), P(c'b >= null)), (m, k)."""
        safe = np.where(self.exact[:, None, None], 1.0, self.scales)
        away = np.asarray(null) - self.centre
        below, above = mixtures.tail_probabilities(away, self.weights[:, None, :], self.shifts, safe, self.design.df)
        p_values = np.minimum(2 * np.minimum(below, above), 1.0)
        return np.where(self.exact[:, None], np.asarray(away == 0, dtype=float), p_values)

    def correlation_quantile(self, probability: float) -> np.ndarray:
        """Posterior quantile of the correlation (m,), even within the cell of the grid that holds it."""
        reached = np.cumsum(self.weights, axis=1)
        cell = np.minimum((reached < probability).sum(axis=1), self.weights.shape[1] - 1)
        rows = np.arange(len(cell))
        before = np.where(cell > 0, reached[rows, cell - 1], 0.0)
        share = np.clip((probability - before) / np.maximum(self.weights[rows, cell], np.finfo(float).tiny), 0.0, 1.0)
        edges = self.design.edges
        return edges[cell] + share * (edges[cell + 1] - edges[cell])

    def correlation_above(self, value: float) -> np.ndarray:
        """Posterior probability (m,) of a correlation above ``value``; the cell that holds it is shared evenly."""
        edges = self.design.edges
        share = np.clip((edges[1:] - value) / np.diff(edges), 0.0, 1.0)
        return self.weights @ share


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

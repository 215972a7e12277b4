"""What a nominal 5% of the posterior is worth in repeated series of one design, and the level that makes it true.

Prepivoting (Beran 1987, Biometrika 74:457). Averaged over the prior of the correlation the posterior interval covers
exactly 95%, but more where the correlation is low and less where it is high. The p-value of a true value depends on
neither the coefficients nor the variance, so its distribution G_r is simulated once per design at each of several
correlations r. A p-value p is then reported as G_r(p), and an interval is taken at the level alpha that solves
G_r(alpha) = 5%, with r the 80% point of the posterior: the best single guess of r is too low, and inherits its bias.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from evalkit.inference.autoregressive import calibration_store, mixtures
from evalkit.inference.autoregressive.correlation_grid import NOISE_FROM, GridRegression, Posterior
from evalkit.inference.autoregressive.kalman_filter import Filter

SEED = 20210181
NOMINAL_LEVEL = 0.05
POSTERIOR_POINT = 0.8
LEVELS = np.array([
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, NOMINAL_LEVEL, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1,
])  # fmt: skip
NODES = 22
LOWEST_NODE, HIGHEST_NODE = -0.7, 0.99
MOST_DIRECTIONS, FEWEST_DIRECTIONS = 900, 150
ROWS = 100_000  # a longer series needs fewer, and each costs more
# Strata of the two-sided tail probability of the exact pivot: fine where p-values decide.
STRATA = np.array([0.0, 0.004, 0.015, 0.035, 0.07, 0.2, 1.0])
ROUGHNESS = 3.0
DIGITS = 10
VERSION = 2  # raise it whenever the numbers of a table change: it names the files on disk
KEPT_IN_MEMORY = 4096

_memory: OrderedDict[str, "Calibration"] = OrderedDict()


def _axis(correlations: np.ndarray, n: int) -> np.ndarray:
    """log(arccos r + 3 / n^(1/2)): what changes with r changes at an even pace in it, for short and long series."""
    return np.log(np.arccos(correlations) + 3 / np.sqrt(n))


def _nodes(n: int) -> np.ndarray:
    """Correlations (NODES,) at which a design of n periods is simulated, rising; evenly spaced on ``_axis``."""
    low, high = _axis(np.array([LOWEST_NODE, HIGHEST_NODE]), n)
    return np.cos(np.exp(np.linspace(low, high, NODES)) - 3 / np.sqrt(n))


@dataclass(frozen=True, eq=False)
class Calibration:
    """Distribution of the posterior p-value of one contrast of one design.

    Attributes
    ----------
    periods : number of periods of the design
    log_p_values : (NODES, levels) array
        Log of the p-value that a true value falls below with probability ``LEVELS``; rises along each row, the last
        column is 0.
    """

    periods: int
    log_p_values: np.ndarray

    def _at(self, correlation: np.ndarray) -> np.ndarray:
        """Rows of the table (m, levels) at correlations (m,), linear between nodes."""
        axis = -_axis(_nodes(self.periods), self.periods)
        wanted = np.clip(-_axis(np.clip(correlation, -1, 1), self.periods), axis[0], axis[-1])
        cell = np.clip(np.searchsorted(axis, wanted) - 1, 0, NODES - 2)
        share = ((wanted - axis[cell]) / (axis[cell + 1] - axis[cell]))[:, None]
        return (1 - share) * self.log_p_values[cell] + share * self.log_p_values[cell + 1]

    def alpha(self, correlation: np.ndarray) -> np.ndarray:
        """Nominal level (m,) whose true level is 5% at correlations (m,)."""
        return np.exp(self._at(np.atleast_1d(correlation))[:, int(np.flatnonzero(LEVELS == NOMINAL_LEVEL)[0])])

    def p_values(self, uncalibrated: np.ndarray, correlation: np.ndarray) -> np.ndarray:
        """How often (m,) a posterior p-value as small as (m,) comes where nothing changed; linear in logs."""
        table, ends = self._at(np.atleast_1d(correlation)), np.log(LEVELS)
        wanted = np.log(np.maximum(uncalibrated, 1e-300))
        logs = [
            # Below the table the two tails fall together.
            ends[0] + value - row[0] if value < row[0] else np.interp(value, row, ends)
            for value, row in zip(wanted, table, strict=True)
        ]
        return np.exp(np.minimum(logs, 0.0))


def calibrate(design: GridRegression) -> list[Calibration]:
    """The calibration of every contrast of ``design``: from memory, from disk, or simulated once and kept in both."""
    keys = [_key(design, contrast) for contrast in design.contrasts]
    for key in keys:
        if key not in _memory:
            table = calibration_store.read(key)
            if table is not None:
                _memory[key] = Calibration(design.n, table)
    new = [index for index, key in enumerate(keys) if key not in _memory]
    if new:
        for index, calibration in zip(new, simulate(design.reading(design.contrasts[new])), strict=True):
            _memory[keys[index]] = calibration
            calibration_store.write(keys[index], calibration.log_p_values)
    for key in keys:
        _memory.move_to_end(key)
    of_contrasts = [_memory[key] for key in keys]
    while len(_memory) > KEPT_IN_MEMORY:
        _memory.popitem(last=False)
    return of_contrasts


def _key(design: GridRegression, contrast: np.ndarray) -> str:
    """Names a design and contrast, the same on every machine: columns scaled to 1 and rounded, times from the first."""
    largest = np.abs(design.matrix).max(axis=0)
    weights = contrast / largest
    parts = (
        np.round(design.matrix / largest, DIGITS) + 0.0,  # + 0.0 makes minus zero plain zero
        np.round(weights / np.abs(weights).max(), DIGITS) + 0.0,
        (design.times - design.times[0]).astype(np.int64),
    )
    digest = hashlib.sha256(f"{VERSION}|{design.n}|{design.p}|".encode())
    for part in parts:
        digest.update(np.ascontiguousarray(part.astype(part.dtype.newbyteorder("<"))).tobytes())
    return digest.hexdigest()[:32]


def simulate(design: GridRegression) -> list[Calibration]:
    """The calibration of every contrast of ``design``.

    Given the residuals of a series (up to their size), the estimate by the true correlation is an independent t: so
    residual directions are drawn at random and the t in strata, and each p-value counts with the weight of its
    stratum. That needs a sixth of the series that plain simulation needs. Seeds are fixed, and the same for every
    contrast, so a contrast's table depends on nothing but design and contrast.
    """
    # A coarser grid gives the same p-values to three digits in less time: the longer the series, the smoother they are.
    design = design.reading(design.contrasts, coarser=2 if design.n <= NOISE_FROM else 5)
    directions = int(np.clip(ROWS // design.n, FEWEST_DIRECTIONS, MOST_DIRECTIONS))
    generator = np.random.Generator(np.random.PCG64(SEED))
    white = generator.standard_normal((NODES, design.n, directions))
    strata = generator.random((NODES, directions, len(STRATA) - 1))
    truth = Filter.at(_nodes(design.n), design.gaps)
    orthogonal, upper = np.linalg.qr(truth.whitened(design.matrix))
    read = np.linalg.solve(upper.transpose(0, 2, 1), design.contrasts.T[None]).transpose(0, 2, 1)
    unit_scale = np.sqrt((read**2).sum(axis=-1))
    white -= orthogonal @ (orthogonal.transpose(0, 2, 1) @ white)
    size = np.sqrt((white**2).sum(axis=1) / design.df)
    residuals = truth.coloured(white)
    component = mixtures.component(design.df)
    tail = STRATA[:-1] + strata * np.diff(STRATA)
    knots = np.geomspace(1e-9, 1.0, 4000)
    pivots = -np.interp(np.log(tail), np.log(knots), component.quantile(knots / 2))
    share = np.tile(np.diff(STRATA) / directions, directions)
    log_quantiles = np.empty((len(design.contrasts), NODES, len(LEVELS)))
    for index in range(NODES):
        posterior = design.posterior(residuals[index].T)
        for contrast in range(len(design.contrasts)):
            true_value = -pivots[index] * (size[index] * unit_scale[index, contrast])[:, None]
            below = _reached(posterior, contrast, true_value)
            p_values = 2 * np.minimum(below, 1 - below).ravel()
            log_quantiles[contrast, index] = _log_quantiles(p_values, share)
    return [Calibration(design.n, _smoothed(of_contrast)) for of_contrast in log_quantiles]


def _smoothed(log_quantiles: np.ndarray) -> np.ndarray:
    """Penalised least squares along the nodes (third differences), rising along the levels, rounded."""
    rough = np.diff(np.eye(NODES), n=3, axis=0)
    smooth = np.linalg.solve(np.eye(NODES) + ROUGHNESS * rough.T @ rough, log_quantiles)
    smooth[:, -1] = 0.0
    smooth = np.minimum.accumulate(smooth[:, ::-1], axis=1)[:, ::-1]
    return np.array([[float(f"{value:.{DIGITS - 1}e}") for value in row] for row in smooth])


def _reached(posterior: Posterior, contrast: int, truth: np.ndarray) -> np.ndarray:
    """Posterior distribution function at each of ``truth`` (m, j), for one contrast."""
    component = mixtures.component(posterior.design.df)
    heavy = posterior.weights.max(axis=0) > 1e-9
    weights = posterior.weights[:, heavy]
    scales = posterior.scales[:, contrast, heavy]
    locations = posterior.centre[:, contrast, None] + posterior.shifts[:, contrast, heavy]
    out = np.empty(truth.shape)
    rows = max(1, mixtures.CHUNK // (weights.shape[1] * truth.shape[1]))
    for start in range(0, len(out), rows):
        part = slice(start, start + rows)
        z = (truth[part, :, None] - locations[part, None, :]) / scales[part, None, :]
        value, _ = component.evaluate(z)
        out[part] = np.einsum("mjg,mg->mj", value, weights[part])
    return out


def _log_quantiles(p_values: np.ndarray, share: np.ndarray) -> np.ndarray:
    order = np.argsort(p_values, kind="stable")
    reached = np.cumsum(share[order]) - 0.5 * share[order]
    logs = np.log(np.maximum(p_values[order], 1e-12))
    return np.interp(LEVELS, reached, logs)

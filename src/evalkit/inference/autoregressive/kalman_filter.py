"""Errors made of a first-order autoregression and white noise, made independent by one pass over the periods.

V = latent R + diag(noise), R_ij = r^|t_i - t_j|. The Kalman filter gives V^(-1/2) y for any number of parameter values
and series at once, without a matrix of n by n, and a missing period is a longer gap.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

IN_CACHE = 12_000  # numbers of an array worked on at once: more would leave the processor's own memory


@dataclass(frozen=True, eq=False)
class Filter:
    """The filter at g sets of parameters.

    Attributes
    ----------
    power : (n, g), r to the power of the gap after each row; the last row is not used
    gain : (n, g), share of an innovation taken into the state
    root : (n, g), standard deviation of each innovation
    """

    power: np.ndarray
    gain: np.ndarray
    root: np.ndarray

    @classmethod
    def at(cls, correlation: np.ndarray, gaps: np.ndarray, latent=1.0, noise=0.0) -> "Filter":
        """Filter for correlations (g,), whole gaps (n - 1,), latent variance () or (g,), noise variance () to (n, g)."""
        n, g = len(gaps) + 1, len(correlation)
        latent, noise = np.broadcast_to(latent, (g,)), np.broadcast_to(noise, (n, g))
        power = np.ones((n, g))
        power[:-1] = correlation ** gaps[:, None]
        gain, root = np.empty((n, g)), np.empty((n, g))
        state = latent.astype(float)
        for row in range(n):
            if row:
                squared = power[row - 1] ** 2
                state = squared * state + latent * (1 - squared)
            predicted = state + noise[row]
            gain[row] = state / predicted
            root[row] = np.sqrt(predicted)
            state = gain[row] * noise[row]
        return cls(power, gain, root)

    @cached_property
    def log_determinant(self) -> np.ndarray:
        """log |V| (g,)."""
        return 2 * np.log(self.root).sum(axis=0)

    @cached_property
    def _columns(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        columns = (self.power, self.power * self.gain, 1 / self.root)
        power, gained, shrunk = (np.ascontiguousarray(column)[..., None] for column in columns)
        return power, gained, shrunk

    def whitened(self, values: np.ndarray) -> np.ndarray:
        """Independent rows (g, n, c) of columns (n, c), or of each set's own columns (g, n, c)."""
        power, taken, scale = self._columns
        per_set = values.ndim == 3
        out = np.empty((power.shape[1], *values.shape[-2:]))
        state = np.zeros((power.shape[1], values.shape[-1]))
        for row in range(len(power)):
            innovation = (values[:, row] if per_set else values[row]) - state
            out[:, row] = innovation * scale[row]
            state = power[row] * state + taken[row] * innovation
        return out

    def squares(self, values: np.ndarray) -> np.ndarray:
        """y' V^-1 y for each column of ``values`` (n, m): (g, m)."""
        sets = self.power.shape[1]
        step = max(1, IN_CACHE // sets)
        parts = [self._squares(values[:, start : start + step]) for start in range(0, values.shape[1], step)]
        return np.concatenate(parts, axis=1)

    def _squares(self, values: np.ndarray) -> np.ndarray:
        power, taken, scale = self._columns
        state = np.zeros((power.shape[1], values.shape[1]))
        out, innovation, part = np.zeros_like(state), np.empty_like(state), np.empty_like(state)
        for row in range(len(power)):
            np.subtract(values[row], state, out=innovation)
            state *= power[row]
            np.multiply(innovation, taken[row], out=part)
            state += part
            innovation *= scale[row]
            innovation *= innovation
            out += innovation
        return out

    def transposed(self, values: np.ndarray) -> np.ndarray:
        """The transpose of the whitening, on (g, n, c): the same pass backwards."""
        power, taken, scale = self._columns
        out = np.empty_like(values)
        ahead = np.zeros((values.shape[0], values.shape[2]))
        for row in range(len(power) - 1, -1, -1):
            out[:, row] = scale[row] * values[:, row] + taken[row] * ahead
            ahead = power[row] * ahead - out[:, row]
        return out

    def coloured(self, white: np.ndarray) -> np.ndarray:
        """The inverse of the whitening, on (g, n, c): series with covariance V from independent rows."""
        power, taken, scale = self._columns
        out = np.empty_like(white)
        state = np.zeros((white.shape[0], white.shape[2]))
        for row in range(len(power)):
            innovation = white[:, row] / scale[row]
            out[:, row] = state + innovation
            state = power[row] * state + taken[row] * innovation
        return out

"""Mixtures of Student t and of normal distributions: distribution function and quantiles, many at a time."""

from functools import lru_cache

import numpy as np
from scipy import special

TABULATED_TO = 100.0
STEP = 0.02
FEWEST_TABULATED = 4
CHUNK = 60_000
NEGLIGIBLE = 1e-13
ITERATIONS = 80
TOLERANCE = 1e-9


class Component:
    """Standard Student t with ``df`` degrees of freedom, or the standard normal for infinite ``df``.

    A mixture over a grid needs the distribution function millions of times, and the exact one costs 0.3 microseconds;
    this is a table of cubics (Hermite: value and density at steps of 0.02), right to 1e-9, up to 40 times as fast.
    """

    def __init__(self, df: float):
        self.df = df
        points = np.arange(-TABULATED_TO, TABULATED_TO + STEP / 2, STEP)
        value, slope = self.exact(points), self._density(points) * STEP
        rise = np.diff(value)
        self._last = len(points) - 2
        self._cubic = (
            value[:-1].copy(),
            slope[:-1].copy(),
            3 * rise - 2 * slope[:-1] - slope[1:],
            slope[:-1] + slope[1:] - 2 * rise,
        )

    def exact(self, z: np.ndarray) -> np.ndarray:
        """P(T <= z), to machine precision in the lower tail."""
        return special.ndtr(z) if np.isinf(self.df) else special.stdtr(self.df, z)

    def quantile(self, probability: np.ndarray) -> np.ndarray:
        """The inverse of ``exact``."""
        return special.ndtri(probability) if np.isinf(self.df) else special.stdtrit(self.df, probability)

    def _density(self, z: np.ndarray) -> np.ndarray:
        if np.isinf(self.df):
            return np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
        half = self.df / 2
        constant = np.exp(special.gammaln(half + 0.5) - special.gammaln(half)) / np.sqrt(np.pi * self.df)
        return constant * (1 + z * z / self.df) ** (-half - 0.5)

    def evaluate(self, z: np.ndarray, density: bool = False) -> tuple[np.ndarray, np.ndarray | None]:
        """P(T <= z), and the density where asked for; any shape."""
        if self.df < FEWEST_TABULATED:  # tails too heavy for the reach of the table
            return self.exact(z), self._density(z) if density else None
        offset = (np.clip(z, -TABULATED_TO, TABULATED_TO) + TABULATED_TO) / STEP
        index = np.minimum(offset.astype(np.intp), self._last)
        offset -= index
        constant, linear, square, cube = (part.take(index) for part in self._cubic)
        value = ((cube * offset + square) * offset + linear) * offset + constant
        if not density:
            return value, None
        return value, ((3 * cube * offset + 2 * square) * offset + linear) / STEP


@lru_cache(maxsize=64)
def component(df: float) -> Component:
    """The distribution with ``df`` degrees of freedom, tabulated once."""
    return Component(float(df))


def tail_probabilities(
    x: np.ndarray, weights: np.ndarray, locations: np.ndarray, scales: np.ndarray, df: float
) -> tuple[np.ndarray, np.ndarray]:
    """P(X <= x) and P(X >= x) for mixtures of location-scale t: x (...), the rest (..., components). Exact tails."""
    z = (np.asarray(x)[..., None] - locations) / scales
    standard_t = component(df)
    return (weights * standard_t.exact(z)).sum(-1), (weights * standard_t.exact(-z)).sum(-1)


def quantiles(
    probability: np.ndarray, weights: np.ndarray, locations: np.ndarray, scales: np.ndarray, df: float
) -> np.ndarray:
    """Where mixtures of location-scale t reach a probability.

    Newton's method on the log odds of the distribution function, kept inside a bracket: the quantile of a mixture lies
    between the smallest and the largest quantile of its components.

    Parameters
    ----------
    probability : (r,) array in (0, 1)
    weights, locations, scales : (r, g) arrays; weights sum to 1, scales > 0

    Returns
    -------
    (r,) array, right to about 1e-8 of the mixture's spread
    """
    out = np.empty(len(probability))
    rows = max(1, CHUNK // weights.shape[1])
    for start in range(0, len(out), rows):
        part = slice(start, start + rows)
        heavy = weights[part].max(axis=0) > NEGLIGIBLE
        kept = (values[part][:, heavy] for values in (weights, locations, scales))
        out[part] = _solve(probability[part], *kept, component(df))
    return out


def _solve(
    probability: np.ndarray, weights: np.ndarray, locations: np.ndarray, scales: np.ndarray, standard_t: Component
) -> np.ndarray:
    centre = (weights * locations).sum(-1)
    spread = np.sqrt((weights * (scales**2 + (locations - centre[:, None]) ** 2)).sum(-1))
    reach = standard_t.quantile(probability)
    ends = locations + scales * reach[:, None]
    low, high = ends.min(axis=1), ends.max(axis=1)
    x = np.clip(centre + spread * reach, low, high)
    target = special.logit(probability)
    active = np.arange(len(x))
    for _ in range(ITERATIONS):
        inverse = 1 / scales
        value, density = standard_t.evaluate((x[active, None] - locations) * inverse, density=True)
        reached = (weights * value).sum(-1)
        slope = (weights * density * inverse).sum(-1)
        above = reached > probability[active]
        high[active] = np.where(above, x[active], high[active])
        low[active] = np.where(above, low[active], x[active])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = (special.logit(reached) - target[active]) * reached * (1 - reached) / slope
        proposal = x[active] - step
        inside = (proposal >= low[active]) & (proposal <= high[active])
        moved = np.where(inside, proposal, 0.5 * (low[active] + high[active]))
        done = np.abs(moved - x[active]) <= TOLERANCE * spread[active]
        x[active] = moved
        if done.all():
            break
        if done.any():
            left = ~done
            active, weights, locations, scales = active[left], weights[left], locations[left], scales[left]
    return x

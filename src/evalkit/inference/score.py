"""Entry points for simulation studies: what the package itself uses, on arrays, for a level and a slope change."""

import numpy as np

from evalkit.inference.autoregressive import fit_many
from evalkit.inference.counts import fit_counts

LEVEL_COLUMN, SLOPE_COLUMN = 2, 3


def fit(outcome: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimates and calibrated 95% intervals of columns 2 and 3 of ``matrix`` (n, p): three arrays of 2."""
    contrasts = np.eye(matrix.shape[1])[[LEVEL_COLUMN, SLOPE_COLUMN]]
    found = fit_many(outcome, matrix, contrasts=contrasts)
    return found.estimates[0], found.lows[0], found.highs[0]


def fit_count(outcome: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same for counts: log rate ratios."""
    contrasts = np.eye(matrix.shape[1])[[LEVEL_COLUMN, SLOPE_COLUMN]]
    found = fit_counts(outcome, matrix, contrasts=contrasts).contrasts
    return tuple(np.array([getattr(one, name) for one in found]) for name in ("estimate", "low", "high"))

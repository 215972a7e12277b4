"""Entry points for simulation studies: what the package itself uses, on arrays, for a level and a slope change."""

import numpy as np

from evalkit.inference.autoregressive.counts import fit_counts
from evalkit.inference.autoregressive.fit import fit_many

LEVEL_COLUMN, SLOPE_COLUMN = 2, 3


def fit(outcome: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimates and calibrated 95% intervals of columns 2 and 3 of ``matrix`` (n, p): three arrays of 2."""
    contrasts = np.eye(matrix.shape[1])[[LEVEL_COLUMN, SLOPE_COLUMN]]
    fits = fit_many(outcome, matrix, contrasts=contrasts)
    return fits.estimates[0], fits.lows[0], fits.highs[0]


def fit_count(outcome: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same for counts: log rate ratios."""
    contrasts = np.eye(matrix.shape[1])[[LEVEL_COLUMN, SLOPE_COLUMN]]
    estimated = fit_counts(outcome, matrix, contrasts=contrasts).contrasts
    rows = [(contrast.estimate, contrast.low, contrast.high) for contrast in estimated]
    estimates, lows, highs = np.array(rows).T
    return estimates, lows, highs

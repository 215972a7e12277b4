"""Made-up errors for trials of a method."""

import numpy as np


def autoregressive_errors(random: np.random.Generator, series: int, length: int, correlation: float) -> np.ndarray:
    """Stationary first-order autoregressive errors (series, length) of marginal variance one."""
    noise = random.standard_normal((series, length))
    errors = np.empty_like(noise)
    errors[:, 0] = noise[:, 0]
    for period in range(1, length):
        errors[:, period] = correlation * errors[:, period - 1] + np.sqrt(1 - correlation**2) * noise[:, period]
    return errors

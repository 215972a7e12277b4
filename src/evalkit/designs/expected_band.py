"""How far what was expected without the change can be off: as far as the answer can."""

import math

import numpy as np

from evalkit.inference.contrast import Contrast


def expected_band(
    expected: np.ndarray, headline: Contrast, share: np.ndarray | float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Low and high of what was expected (n,), on the model's scale; missing where the answer has no bounds.

    An effect is what was fitted less what was expected. So the bounds of the answer are bounds of what was expected, and
    the fitted line leaves the band exactly where the answer's interval leaves nought.

    Parameters
    ----------
    share : (n,) array or float
        Of the treated units, how much had changed in each period.
    """
    if not (math.isfinite(headline.low) and math.isfinite(headline.high)):
        missing = np.full(len(expected), np.nan)
        return missing, missing.copy()
    below, above = headline.estimate - headline.high, headline.estimate - headline.low
    return expected + below * share, expected + above * share

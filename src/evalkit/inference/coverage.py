"""How often 95% intervals hold the true change in level, by simulation: the methods side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from evalkit.inference.autoregressive.fit import fit_many
from evalkit.inference.interval_methods import estimate
from evalkit.inference.simulation import autoregressive_errors

OTHERS = {
    "Least squares": "independent",
    "Newey-West": "newey_west",
    "Prais-Winsten": "prais_winsten",
    "REML, Kenward-Roger": "reml",
}
OURS = "evalkit"


def level_coverage(
    lengths: Sequence[int], correlations: Sequence[float], series: int, seed: int, others: Mapping[str, str] = OTHERS
) -> pd.DataFrame:
    """Share of simulated series whose interval holds the true change, which is none.

    Segmented regression with level and slope, interrupted half-way; autoregressive errors of each correlation.
    Monte-Carlo standard error: sqrt(0.95 x 0.05 / series).

    Returns
    -------
    DataFrame
        length, correlation, method, coverage, width (mean, in standard deviations of the errors)
    """
    rows = []
    for length in lengths:
        time = np.arange(length, dtype=float)
        after = time >= length // 2
        matrix = np.column_stack([np.ones(length), time, after, (time - length // 2) * after])
        weights = np.array([[0.0, 0.0, 1.0, 0.0]])
        for correlation in correlations:
            errors = autoregressive_errors(
                np.random.default_rng([seed, length, round(1000 * correlation)]), series, length, correlation
            )
            fits = fit_many(errors, matrix, contrasts=weights, with_p_values=False)
            intervals = {OURS: (fits.lows[:, 0], fits.highs[:, 0])}
            for name, method in others.items():
                contrasts = [estimate(outcome, matrix, time, weights, method).contrasts[0] for outcome in errors]
                intervals[name] = tuple(
                    np.array([getattr(contrast, end) for contrast in contrasts]) for end in ("low", "high")
                )
            for name, (low, high) in intervals.items():
                covered = float(np.mean((low <= 0) & (high >= 0)))
                rows.append((length, correlation, name, covered, float(np.mean(high - low))))
    return pd.DataFrame(rows, columns=["length", "correlation", "method", "coverage", "width"])

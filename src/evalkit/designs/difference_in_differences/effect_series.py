"""The treated units' mean over time, beside what their comparators suggest for them."""

import numpy as np
import pandas as pd

from evalkit.designs.difference_in_differences.panel.differences import Differences
from evalkit.designs.difference_in_differences.result import DifferencesResult
from evalkit.designs.expected_band import expected_band
from evalkit.effect import SERIES_COLUMNS


def series(
    differences: Differences, answer: DifferencesResult, log: bool, family: str, gap: np.ndarray | None = None
) -> pd.DataFrame:
    """Observed, fitted and counterfactual in the measure's own unit; the fit adds the mean effect to the counterfactual.

    Parameters
    ----------
    gap : (T,) array, optional
        Of the treated mean to its synthetic control; by default the mean gap path.
    """
    panel = differences.panel
    treated = panel.is_treated
    weights = np.ones(differences.count) if panel.weights is None else panel.weights[treated]
    share = weights / weights.sum()
    everything = panel.whole[panel.treated] @ share
    observed = everything.reindex(panel.periods).to_numpy(float)
    after = differences.after
    any_after = after.any(axis=0)
    if gap is None:
        paths = np.where(np.isfinite(differences.own_paths), differences.own_paths, 0.0)
        gap = np.where(any_after, share @ (paths * after), share @ paths)
    expected = observed - gap
    fitted = np.where(any_after, expected + answer.headline.estimate * (share @ after), expected)
    low, high = expected_band(np.where(any_after, expected, np.nan), answer.headline, share @ after)
    whole = pd.period_range(panel.periods[0], panel.periods[-1], freq=panel.periods.freq)
    left_out = (
        {period for interruption in panel.interruptions for period in interruption.transition}
        if panel.one_start
        else set()
    )

    def back(values: np.ndarray) -> np.ndarray:
        if log or family == "poisson":
            return np.exp(values)
        return 1 / (1 + np.exp(-values)) if family == "binomial" else values

    counterfactual = np.where(any_after, expected, np.nan)
    columns = (observed, fitted, counterfactual, low, high)
    frame = pd.DataFrame(dict(zip(SERIES_COLUMNS[1:6], map(back, columns), strict=True)), index=panel.periods)
    frame = frame.reindex(whole)
    frame["in_transition"] = [period in left_out for period in whole]
    outside = back(everything.reindex(whole).to_numpy(float))
    frame["observed"] = frame["observed"].fillna(pd.Series(outside, index=whole))
    return frame.rename_axis("period").reset_index().assign(period=whole.astype(str))[list(SERIES_COLUMNS)]

"""Least squares with a stated treatment of the errors.

Newey-West and independent errors: both are too sure on short series, so they serve as comparison rows.
"""

import re
from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.regression.linear_model import OLS

from evalkit.errors import EvaluationError
from evalkit.inference.contrast import CONFIDENCE, Contrast

DEFAULT_LAG = 1


@dataclass(frozen=True)
class Fit:
    """Coefficients (p,), their covariance (p, p), residual degrees of freedom, residuals (n,) of the rows kept."""

    coefficients: np.ndarray
    covariance: np.ndarray
    df: float
    residuals: np.ndarray
    method: str

    def contrast(self, weights: np.ndarray) -> Contrast:
        """``weights @ coefficients`` with its interval."""
        estimate = float(weights @ self.coefficients)
        std_error = float(np.sqrt(max(weights @ self.covariance @ weights, 0.0)))
        if std_error == 0.0:
            return Contrast(estimate, estimate, estimate, 0.0, float(estimate == 0), self.df)
        half = stats.t.ppf(0.5 + CONFIDENCE / 2, self.df) * std_error
        p_value = 2 * stats.t.sf(abs(estimate) / std_error, self.df)
        return Contrast(estimate, estimate - half, estimate + half, std_error, float(p_value), self.df)


def fit_least_squares(outcome: np.ndarray, matrix: np.ndarray, errors: str = "newey_west") -> Fit:
    """Regress ``outcome`` (n,) on ``matrix`` (n, p), rows in time order, none missing.

    Parameters
    ----------
    errors : str
        ``"independent"``; ``"newey_west"`` (lag 1, as Stata ``itsa`` with ``lag(1)``) or ``"newey_west(LAG)"``:
        heteroskedasticity- and autocorrelation-consistent covariance with Bartlett weights and the factor
        n / (n - p) (Newey and West 1987), t with n - p degrees of freedom.

    Raises
    ------
    EvaluationError
        Where ``errors`` is unknown, or a column cannot be told from the others.
    """
    lag = _lag(errors)
    n, p = matrix.shape
    if lag is not None and lag >= n:
        raise EvaluationError(f"errors={errors!r}: the lag must be below the number of periods, {n}.")
    if np.linalg.matrix_rank(matrix) < p:
        raise EvaluationError(
            "The model has terms these data cannot tell apart: use fewer seasonal terms, or a longer series on both sides."
        )
    model = OLS(outcome, matrix)
    if lag is None:
        fitted = model.fit()
        method = "independent errors, t"
    else:
        fitted = model.fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": True}, use_t=True)
        method = f"Newey-West, lag {lag}, t"
    return Fit(fitted.params, np.asarray(fitted.cov_params()), float(n - p), np.asarray(fitted.resid), method)


def _lag(errors: str) -> int | None:
    if errors == "independent":
        return None
    match = re.fullmatch(r"newey_west(?:\((\d{1,9})\))?", errors)
    if not match:
        raise EvaluationError(
            f"errors={errors!r} is not available: use 'ar1', 'newey_west', 'newey_west(LAG)' or 'independent'."
        )
    return int(match[1]) if match[1] else DEFAULT_LAG

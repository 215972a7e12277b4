"""One door to every way of making an interval: contrasts of a regression under the errors asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive.counts import fit_counts, refuse_without_bound
from evalkit.inference.autoregressive.fit import Correlation, fit_ar1
from evalkit.inference.classical.least_squares import Fit, fit_least_squares
from evalkit.inference.classical.quasi_likelihood import fit_quasi
from evalkit.inference.classical.reml_and_arima import (
    ArimaFit,
    RestrictedFit,
    fit_arima,
    fit_prais_winsten,
    fit_reml,
)
from evalkit.inference.contrast import Contrast

ERRORS = ("ar1", "independent", "newey_west", "newey_west(LAG)", "reml", "prais_winsten", "arima(p,d,q)(P,D,Q)s")
FAMILIES = ("gaussian", "poisson", "binomial")


@dataclass(frozen=True, eq=False)
class Estimated:
    """Contrasts in the order asked for, how each interval was made, and what is known of the errors' correlation."""

    contrasts: list[Contrast]
    methods: list[str]
    correlation: Correlation | None = None


def estimate(
    outcome: np.ndarray,
    matrix: np.ndarray,
    times: np.ndarray,
    weights: np.ndarray,
    errors: str = "ar1",
    *,
    calibrated: Sequence[bool] | bool = True,
    family: str = "gaussian",
    exposure: np.ndarray | None = None,
) -> Estimated:
    """Contrasts ``weights`` (k, p) of the regression of ``outcome`` (n,) on ``matrix`` (n, p).

    Parameters
    ----------
    times : (n,) whole numbers, rising; a period that is missing is a gap
    errors : one of ``ERRORS``; for counts and shares ``"ar1"`` or ``"independent"`` (quasi-likelihood)
    calibrated : which contrasts get a calibrated level, with ``"ar1"``
    exposure : (n,) for ``family`` poisson (person-time) or binomial (denominators)

    Raises
    ------
    EvaluationError
    """
    if family not in FAMILIES:
        raise EvaluationError(f"family={family!r} is not available: use one of {', '.join(FAMILIES)}.")
    if errors == "ar1":
        if family == "gaussian":
            autoregressive = fit_ar1(outcome, matrix, times, weights, calibrated)
        else:
            autoregressive = fit_counts(outcome, matrix, times, weights, exposure, family, calibrated)
        return Estimated(autoregressive.contrasts, autoregressive.methods, autoregressive.correlation)
    if family != "gaussian":
        if errors != "independent":
            raise EvaluationError(
                f"errors={errors!r} is not available for family={family!r}: use 'ar1' or 'independent'."
            )
        exposure = np.ones(len(outcome)) if exposure is None else exposure
        refuse_without_bound(outcome, matrix, exposure, family)
        fitted = fit_quasi(outcome, matrix, exposure, family)
    elif errors == "reml":
        fitted = fit_reml(outcome, matrix, times)
    elif errors == "prais_winsten":
        fitted = fit_prais_winsten(outcome, matrix, times)
    elif errors.startswith("arima"):
        fitted = fit_arima(outcome, matrix, errors, times)
    elif errors == "independent" or errors.startswith("newey_west"):
        fitted = fit_least_squares(outcome, matrix, errors)
    else:
        raise EvaluationError(f"errors={errors!r} is not available: use one of {', '.join(ERRORS)}.")
    rows = np.atleast_2d(weights)
    return Estimated([_where_known(fitted, row) for row in rows], [fitted.method] * len(rows))


def _where_known(fitted: Fit | RestrictedFit, weights: np.ndarray) -> Contrast:
    """The contrast; missing where differencing has removed a column it needs, such as the intercept."""
    if isinstance(fitted, ArimaFit) and np.isnan(fitted.coefficients[weights != 0]).any():
        return Contrast(*[float("nan")] * 5, fitted.df)
    return fitted.contrast(weights)

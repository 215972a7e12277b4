"""Quasi-likelihood for counts and shares, for comparison rows: the variance is scaled, months are independent."""

import warnings

import numpy as np
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import DomainWarning, PerfectSeparationWarning

from evalkit.inference.classical.least_squares import Fit

FAMILIES = {"poisson": families.Poisson, "binomial": families.Binomial}


def fit_quasi(outcome: np.ndarray, matrix: np.ndarray, exposure: np.ndarray, family: str) -> Fit:
    """Log (log odds) regression of counts with Pearson's scale (McCullagh and Nelder 1989, section 9.2.3), t with n - p.

    The scale is the sum of squared Pearson residuals over n - p, each with the variance of a count: that of a share
    times its denominator squared. statsmodels leaves the denominator out of its own ("X2") for shares.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", (DomainWarning, PerfectSeparationWarning))
        if family == "binomial":
            response, options = np.column_stack([outcome, exposure - outcome]), {}
        else:
            response, options = outcome, {"exposure": exposure}
        fitted = GLM(response, matrix, family=FAMILIES[family](), **options).fit(scale=1.0)
    df = float(len(outcome) - matrix.shape[1])
    if family == "binomial":
        share = np.asarray(fitted.fittedvalues)
        expected, variance = exposure * share, exposure * share * (1 - share)
    else:
        expected = variance = np.asarray(fitted.fittedvalues)
    residuals = np.divide(outcome - expected, np.sqrt(variance), out=np.zeros(len(outcome)), where=variance > 0)
    covariance = np.asarray(fitted.cov_params()) * float(residuals @ residuals) / df
    return Fit(fitted.params, covariance, df, residuals, f"Quasi-{family}, t")

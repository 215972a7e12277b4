"""Quasi-likelihood for counts and shares, for comparison rows: the variance is scaled, months are independent."""

import warnings

import numpy as np
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import DomainWarning, PerfectSeparationWarning

from evalkit.inference.classical.least_squares import Fit

FAMILIES = {"poisson": families.Poisson, "binomial": families.Binomial}


def fit_quasi(outcome: np.ndarray, matrix: np.ndarray, exposure: np.ndarray, family: str) -> Fit:
    """Log (log odds) regression of counts with Pearson's scale (McCullagh and Nelder 1989), t with n - p."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", (DomainWarning, PerfectSeparationWarning))
        if family == "binomial":
            response, options = np.column_stack([outcome, exposure - outcome]), {}
        else:
            response, options = outcome, {"exposure": exposure}
        fitted = GLM(response, matrix, family=FAMILIES[family](), **options).fit(scale="X2")
    df = float(len(outcome) - matrix.shape[1])
    return Fit(
        fitted.params, np.asarray(fitted.cov_params()), df, np.asarray(fitted.resid_pearson), f"Quasi-{family}, t"
    )

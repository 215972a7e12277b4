"""Regression with autoregressive errors whose 95% is calibrated: one series, or many of one calendar.

The interval: the correlation of neighbouring errors is integrated over with the Jeffreys prior
(``correlation_grid``), and the credible level is calibrated by simulation per design (``calibration``), or left
uncalibrated for contrasts of second rank. A ``GridRegression`` holds all that does not depend on the outcome; the last few are
kept, so that calling ``fit_ar1`` for one site after another costs the design once.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from evalkit.inference.autoregressive import calibration
from evalkit.inference.autoregressive.calibration import NOMINAL_LEVEL, POSTERIOR_POINT
from evalkit.inference.autoregressive.correlation_grid import GridRegression
from evalkit.inference.contrast import CONFIDENCE, POWER, Contrast

CALIBRATED = "autoregressive errors, calibrated"
UNCALIBRATED = "autoregressive errors, not calibrated"
NEAR_ONE = 0.9
ROWS_KEPT = 6000  # of the designs kept, together: some 200 megabytes

_designs: OrderedDict[tuple, GridRegression] = OrderedDict()


@dataclass(frozen=True)
class Correlation:
    """What a series says of the correlation from one period to the next of what persists in its errors.

    Posterior median, 95% interval, and the probability that it is above 0.9.
    """

    median: float
    low: float
    high: float
    near_one: float


@dataclass(frozen=True, eq=False)
class ManyFits:
    """Contrasts of m series of one calendar.

    Attributes
    ----------
    estimates, lows, highs, std_errors, p_values : (m, k) arrays
        ``std_errors`` are posterior standard deviations; the interval is not symmetric and not made from them.
    calibrated : (k,) array of bool
    df : residual degrees of freedom of the mixture's components
    correlations : tuple of m ``Correlation``
    """

    estimates: np.ndarray
    lows: np.ndarray
    highs: np.ndarray
    std_errors: np.ndarray
    p_values: np.ndarray
    calibrated: np.ndarray
    df: float
    correlations: tuple[Correlation, ...]

    @property
    def studentised(self) -> np.ndarray:
        """Estimate over the half-width of its interval (m, k): what a placebo rank compares."""
        half = 0.5 * (self.highs - self.lows)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(half > 0, self.estimates / half, np.sign(self.estimates) * np.inf)

    def contrasts(self, series: int = 0) -> list[Contrast]:
        """The k contrasts of one series."""
        columns = (self.estimates, self.lows, self.highs, self.std_errors, self.p_values)
        rows = np.column_stack([column[series] for column in columns])
        return [Contrast(*(float(value) for value in row), df=self.df) for row in rows]


def detectable_change(contrast: Contrast) -> float:
    """Smallest true change that an interval as wide as this one finds four times in five.

    Half the interval's width is read as t.975 standard errors; the change is t.975 + t.8 of them.
    """
    crossing = stats.t.ppf(0.5 + CONFIDENCE / 2, contrast.df)
    return float(0.5 * (contrast.high - contrast.low) * (1 + stats.t.ppf(POWER, contrast.df) / crossing))


@dataclass(frozen=True, eq=False)
class AutoregressiveFit:
    """One series: its contrasts, in the order asked for, how each interval was made, and the correlation."""

    contrasts: list[Contrast]
    methods: list[str]
    correlation: Correlation


def grid_regression(matrix: np.ndarray, times: np.ndarray | None, contrasts: np.ndarray | None) -> GridRegression:
    """A ``GridRegression``, worked out once for each distinct matrix, times and contrasts."""
    matrix = np.ascontiguousarray(matrix, dtype=float)
    times, contrasts = (
        None if array is None else np.ascontiguousarray(array, dtype=float) for array in (times, contrasts)
    )
    arrays = (matrix, times, contrasts)
    key = tuple(None if array is None else (array.shape, array.tobytes()) for array in arrays)
    if key not in _designs:
        _designs[key] = GridRegression(*arrays)
        while len(_designs) > 1 and sum(design.n for design in _designs.values()) > ROWS_KEPT:
            _designs.popitem(last=False)
    _designs.move_to_end(key)
    return _designs[key]


def fit_ar1(
    outcome: np.ndarray,
    matrix: np.ndarray,
    times: np.ndarray | None = None,
    contrasts: np.ndarray | None = None,
    calibrated: Sequence[bool] | bool = True,
) -> AutoregressiveFit:
    """Regress ``outcome`` (n,) on ``matrix`` (n, p) with first-order autoregressive errors.

    Parameters
    ----------
    times : (n,) whole numbers, rising
        Numbers of the periods kept; a missing one is a gap. By default 0..n-1.
    contrasts : (k, p) array
        By default every coefficient.
    calibrated : bool or (k,) of bool
        Which contrasts get a calibrated interval; a new design costs half a second to a second, once.

    Raises
    ------
    EvaluationError
        Where a value is missing, times do not rise, or a column cannot be told from the others.
    """
    fits = fit_many(np.asarray(outcome, dtype=float)[None, :], matrix, times, contrasts, calibrated)
    methods = [CALIBRATED if is_calibrated else UNCALIBRATED for is_calibrated in fits.calibrated]
    return AutoregressiveFit(fits.contrasts(0), methods, fits.correlations[0])


def fit_many(
    outcomes: np.ndarray,
    matrix: np.ndarray,
    times: np.ndarray | None = None,
    contrasts: np.ndarray | None = None,
    calibrated: Sequence[bool] | bool = True,
    chunk: int = 256,
    with_p_values: bool = True,
) -> ManyFits:
    """``fit_ar1`` for many series (m, n) of one calendar at once; same arguments, same numbers.

    P-values, a fifth of the cost, are missing where nobody reads them.
    """
    design = grid_regression(matrix, times, contrasts)
    wanted = np.broadcast_to(np.asarray(calibrated, dtype=bool), (len(design.contrasts),))
    tables = calibrations(design.matrix, times, design.contrasts, wanted)
    outcomes = np.atleast_2d(np.asarray(outcomes, dtype=float))
    parts = [
        _fit_part(design, outcomes[start : start + chunk], tables, with_p_values)
        for start in range(0, len(outcomes), chunk)
    ]
    columns = [np.concatenate([part[index] for part in parts]) for index in range(5)]
    correlations = tuple(Correlation(*row) for part in parts for row in part[5])
    return ManyFits(*columns, wanted.copy(), float(design.df), correlations)


def calibrations(
    matrix: np.ndarray, times: np.ndarray | None, contrasts: np.ndarray, wanted: np.ndarray
) -> dict[int, calibration.Calibration]:
    """Calibrations of those of ``contrasts`` (k, p) that ``wanted`` (k,) marks, by their index."""
    chosen = np.flatnonzero(wanted)
    if not len(chosen):
        return {}
    return dict(zip(chosen, calibration.calibrate(grid_regression(matrix, times, contrasts[chosen])), strict=True))


def _fit_part(
    design: GridRegression, outcomes: np.ndarray, tables: dict[int, calibration.Calibration], with_p_values: bool
) -> tuple:
    posterior = design.posterior(outcomes)
    alpha = np.full(posterior.estimates.shape, NOMINAL_LEVEL)
    p_values = posterior.p_values() if with_p_values else np.full(alpha.shape, np.nan)
    upper = posterior.correlation_quantile(POSTERIOR_POINT)
    for index, table in tables.items():
        alpha[:, index] = table.alpha(upper)
        if with_p_values:
            of_table = table.p_values(p_values[:, index], upper)
            p_values[:, index] = np.where(posterior.exact, p_values[:, index], of_table)
    lows, highs = posterior.quantiles(np.stack([alpha / 2, 1 - alpha / 2]))
    of_correlation = [posterior.correlation_quantile(point) for point in (0.5, 0.025, 0.975)]
    of_correlation.append(posterior.correlation_above(NEAR_ONE))
    std_errors = np.where(posterior.exact[:, None], 0.0, posterior.std_errors)
    return posterior.estimates, lows, highs, std_errors, p_values, np.column_stack(of_correlation).tolist()

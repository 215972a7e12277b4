"""Synthetic controls: weights on untreated units, and on periods, that follow the treated units before treatment.

Both problems look for weights w that are not negative, sum to one and make ``|A w - b|^2 + ridge |w|^2`` small.
``"exact"`` solves them as non-negative least squares. ``"frank_wolfe"`` takes the steps of the authors' R package, synthdid,
and stops where it stops, so that its published figures come out to the last digit; exact weights are nearer the optimum.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from evalkit.errors import EvaluationError

SOLVERS = ("frank_wolfe", "exact")
STEPS = 10_000
FIRST_STEPS = 100
PRECISION = 1e-5
TIME_RIDGE = 1e-6
DECIMALS = 10  # of a weight; what comes after them differs between processors


@dataclass(frozen=True, eq=False)
class Synthetic:
    """An effect against a weighted mean of untreated units.

    Attributes
    ----------
    estimate : float
        Mean effect on the treated over the periods from ``start`` on, in the unit of the outcome.
    unit_weights : (N untreated,) array
        In the order of the untreated rows; they sum to one.
    time_weights : (start,) array
        Weights of the periods before treatment that the gap is measured from; nought for a synthetic control.
    gap : (T,) array
        Treated mean less weighted mean of the untreated, less the same gap under the time weights.
    rmspe_before : float
        Root mean square of the gap before ``start``, about its own mean for synthetic difference-in-differences.
    """

    estimate: float
    unit_weights: np.ndarray
    time_weights: np.ndarray
    gap: np.ndarray
    rmspe_before: float


def synthetic_difference(
    outcome: np.ndarray, treated: np.ndarray, start: int, *, solver: str = "frank_wolfe"
) -> Synthetic:
    """Synthetic difference-in-differences (Arkhangelsky et al. 2021, algorithm 1).

    Unit weights from equations 4 and 5 with the ridge of section 2, time weights from equation 6, the estimate from
    equation 1.

    Parameters
    ----------
    outcome : (N, T) array
        One row a unit, one column a period, none missing.
    treated : (N,) bool array
    start : int
        Index of the first treated period, the same for all treated units.
    solver : str
        ``"frank_wolfe"`` or ``"exact"``; see the head of this module.

    Raises
    ------
    EvaluationError
        Where the arrays cannot be used.
    """
    outcome, treated = _checked(outcome, treated, start, solver, least_before=2)
    control, treated_mean = outcome[~treated], outcome[treated].mean(axis=0)
    before = control[:, :start]
    noise = float(np.diff(before, axis=1).std(ddof=1))
    zeta = (treated.sum() * (outcome.shape[1] - start)) ** 0.25 * noise
    centred = before.T - before.mean(axis=1)
    target = treated_mean[:start] - treated_mean[:start].mean()
    unit_weights = _weights(centred, target, zeta, noise, solver)
    columns = before - before.mean(axis=0)
    after = control[:, start:].mean(axis=1)
    time_weights = _weights(columns, after - after.mean(), TIME_RIDGE * noise, noise, solver)
    gap = treated_mean - unit_weights @ control
    return _measured(
        gap - time_weights @ gap[:start],
        unit_weights,
        time_weights,
        start,
        about=gap[:start].mean() - time_weights @ gap[:start],
    )


def synthetic_control(outcome: np.ndarray, treated: np.ndarray, start: int, *, solver: str = "exact") -> Synthetic:
    """Synthetic control on every outcome before treatment (Abadie, Diamond and Hainmueller 2010, section 2).

    No intercept and no ridge. Arguments and errors as in ``synthetic_difference``; ``"frank_wolfe"`` gives the figure of
    synthdid's ``sc_estimate``.
    """
    outcome, treated = _checked(outcome, treated, start, solver, least_before=1)
    control, treated_mean = outcome[~treated], outcome[treated].mean(axis=0)
    before = control[:, :start]
    noise = float(np.diff(before, axis=1).std(ddof=1)) if before.size > len(before) + 1 else 0.0
    ridge = TIME_RIDGE * noise if solver == "frank_wolfe" else 0.0
    unit_weights = _weights(before.T, treated_mean[:start], ridge, noise, solver)
    return _measured(treated_mean - unit_weights @ control, unit_weights, np.zeros(start), start, about=0.0)


def _measured(gap, unit_weights, time_weights, start, about: float) -> Synthetic:
    rmspe = float(np.sqrt(np.mean((gap[:start] - about) ** 2)))
    return Synthetic(float(gap[start:].mean()), unit_weights, time_weights, gap, rmspe)


def _checked(outcome, treated, start: int, solver: str, least_before: int) -> tuple[np.ndarray, np.ndarray]:
    outcome, treated = np.asarray(outcome, dtype=float), np.asarray(treated, dtype=bool)
    n, n_periods = outcome.shape
    if solver not in SOLVERS:
        raise EvaluationError(f"solver={solver!r} is not known: use 'frank_wolfe' or 'exact'.")
    if treated.shape != (n,) or not treated.any() or treated.sum() > n - 2:
        raise EvaluationError("A synthetic control needs at least one treated unit and two untreated ones.")
    if not least_before <= start < n_periods:
        raise EvaluationError(
            f"A synthetic control needs {least_before} or more periods before treatment and one after."
        )
    if not np.isfinite(outcome).all():
        units = int((~np.isfinite(outcome)).any(axis=1).sum())
        raise EvaluationError(f"{units} of {n} units lack a value in some period: keep units observed in every period.")
    return outcome, treated


def _weights(matrix: np.ndarray, target: np.ndarray, zeta: float, noise: float, solver: str) -> np.ndarray:
    """Weights (k,) on the columns of ``matrix`` (n, k); the ridge is n zeta^2."""
    # In an order of the columns that depends on their values only, ties are broken alike whatever the order of units.
    order = np.lexsort(matrix[::-1])
    ridge = len(matrix) * zeta**2
    ordered = matrix[:, order]
    if solver == "exact" or noise == 0.0:
        sorted_weights = _exact(ordered, target, ridge)
    else:
        least = (PRECISION * noise) ** 2 * len(matrix)
        even = np.full(matrix.shape[1], 1 / matrix.shape[1])
        first = _frank_wolfe(ordered, target, ridge, even, least, FIRST_STEPS)
        first = np.where(first > first.max() / 4, first, 0.0)
        sorted_weights = _frank_wolfe(ordered, target, ridge, first / first.sum(), least, STEPS)
    weights = np.empty_like(sorted_weights)
    weights[order] = np.round(sorted_weights, DECIMALS)
    return weights


def _exact(matrix: np.ndarray, target: np.ndarray, ridge: float) -> np.ndarray:
    """The point of least norm in a convex hull, as non-negative least squares (Lawson and Hanson 1974, chapter 23).

    For weights that sum to one, ``A w - b = (A - b) w``. With one more row that asks for the sum, the non-negative solution
    is the wanted one times a number.
    """
    distance = matrix - target[:, None]
    if ridge > 0:
        distance = np.vstack([distance, np.sqrt(ridge) * np.eye(matrix.shape[1])])
    scale = np.sqrt((distance**2).sum(axis=0).mean()) or 1.0
    rows = np.vstack([distance / scale, np.ones(matrix.shape[1])])
    try:
        weights, _ = nnls(rows, np.append(np.zeros(len(distance)), 1.0), maxiter=100 * matrix.shape[1])
    except RuntimeError as error:
        raise EvaluationError("No weights were found that follow the treated units: leave out comparators.") from error
    return weights / weights.sum()


def _frank_wolfe(matrix, target, ridge: float, weights: np.ndarray, least: float, steps: int) -> np.ndarray:
    """Frank-Wolfe with exact line search (as synthdid's ``sc.weight.fw``), stopped at a decrease of ``least``.

    One column at a time enters, so gradient, norm and objective are carried along and no matrix is multiplied.
    """
    weights = weights.copy()
    gram = matrix.T @ matrix
    gram[np.diag_indices_from(gram)] += ridge
    product = matrix.T @ target
    columns = np.ascontiguousarray((gram - product[:, None]).T)
    diagonal, products = np.diag(gram).tolist(), product.tolist()
    gradient = gram @ weights - product
    linear = float(product @ weights)
    square = float(weights @ gradient) + linear
    before = np.inf
    for _ in range(steps):
        j = int(gradient.argmin())
        here = float(gradient[j]) + products[j]
        slope = here - products[j] - square + linear
        curve = diagonal[j] - 2 * here + square
        if curve <= 0.0 or slope >= 0.0:
            break
        step = min(-slope / curve, 1.0)
        stay = 1.0 - step
        weights *= stay
        weights[j] += step
        gradient *= stay
        gradient += step * columns[j]
        square = stay * stay * square + 2 * step * stay * here + step * step * diagonal[j]
        linear = stay * linear + step * products[j]
        now = square - 2 * linear
        if before - now < least:
            break
        before = now
    return weights

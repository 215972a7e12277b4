"""How far trends may part before an effect is in doubt (Rambachan and Roth 2023).

Estimates are those of an event study against one base period, which is left out: ``n_before`` of them before it, oldest
first, then ``n_after``. The difference in trends is nought in the base period.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.optimize import brentq, minimize_scalar

from evalkit.errors import EvaluationError
from evalkit.inference.contrast import CONFIDENCE

DOUBLINGS = 60


@dataclass(frozen=True, eq=False)
class TrendSensitivity:
    """What is known of the effect where trends may part by so much.

    Attributes
    ----------
    allowed : (m,) array
        Smoothness: how much the slope of the difference in trends may change from one period to the next, in the unit of
        the estimates. Relative magnitudes: a multiple of the largest movement between neighbouring periods before treatment.
    low, high : (m,) arrays
        Smoothness: 95% interval. Relative magnitudes: identified set, which knows no sampling error.
    breakdown : float
        Smallest value of ``allowed`` for which nought is between low and high.
    estimate : float
        The effect if trends did not part.
    """

    allowed: np.ndarray
    low: np.ndarray
    high: np.ndarray
    breakdown: float
    estimate: float


def honest_smoothness(
    estimates: np.ndarray,
    covariance: np.ndarray,
    n_before: int,
    n_after: int,
    allowed: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    df: float | None = None,
) -> TrendSensitivity:
    """Shortest fixed-length 95% interval under smoothness (section 4.1).

    Parameters
    ----------
    estimates, covariance : (n_before + n_after,) and square arrays
    allowed : (m,) array
        None below nought.
    weights : (n_after,) array, optional
        The effect asked for; the mean over all periods after treatment by default.
    df : float, optional
        Degrees of freedom of the standard errors, normal by default, as in R's ``HonestDiD``.

    Raises
    ------
    EvaluationError
        Where there is nothing before treatment to judge trends by, or too few clusters for the covariance.
    """
    estimates, weights = _checked(estimates, n_before, n_after, weights)
    allowed = np.atleast_1d(np.asarray(allowed, dtype=float))
    if (allowed < 0).any():
        raise EvaluationError("A change of slope that is allowed cannot be below nought: use nought or more.")
    frontier = _Frontier.traced(estimates, np.asarray(covariance, dtype=float), n_before, weights)
    intervals = np.array([frontier.interval(limit, df) for limit in allowed]).reshape(-1, 2)
    return TrendSensitivity(
        allowed, intervals[:, 0], intervals[:, 1], frontier.breakdown(df), float(weights @ estimates[n_before:])
    )


def relative_magnitudes(
    estimates: np.ndarray,
    n_before: int,
    n_after: int,
    allowed: np.ndarray,
    *,
    weights: np.ndarray | None = None,
) -> TrendSensitivity:
    """Identified set where movements after treatment are at most a multiple of the largest before (section 2.4).

    Arguments and errors as in ``honest_smoothness``. Between neighbouring periods the difference in trends moves freely
    within the bound, so the set is the effect plus and minus the bound times the sum of what is left to come of the weights.
    """
    estimates, weights = _checked(estimates, n_before, n_after, weights)
    allowed = np.atleast_1d(np.asarray(allowed, dtype=float))
    largest = float(np.abs(np.diff(np.append(estimates[:n_before], 0.0))).max())
    reach = largest * float(np.abs(np.cumsum(weights[::-1])).sum())
    estimate = float(weights @ estimates[n_before:])
    breakdown = abs(estimate) / reach if reach > 0 else (0.0 if estimate == 0 else np.inf)
    return TrendSensitivity(allowed, estimate - allowed * reach, estimate + allowed * reach, breakdown, estimate)


def _checked(estimates, n_before: int, n_after: int, weights) -> tuple[np.ndarray, np.ndarray]:
    estimates = np.asarray(estimates, dtype=float)
    if n_before < 1 or n_after < 1 or estimates.shape != (n_before + n_after,):
        raise EvaluationError("Trends are judged by at least one estimate before the base period and one after it.")
    return estimates, np.full(n_after, 1 / n_after) if weights is None else np.asarray(weights, dtype=float)


@dataclass(frozen=True, eq=False)
class _Frontier:
    """Estimators that no other beats in both bias and variance.

    An estimator takes from the effect a mean w of the slopes before treatment, ``sum w`` such that straight lines cancel
    (section 4.1). With x the running sums of w but the last, which is fixed, its worst bias is ``allowed`` times
    ``constant + |x|_1`` and its variance quadratic in x. So the frontier is the path of a lasso, linear between knots.

    Attributes
    ----------
    knots : (k, n_before - 1) array
        x from least bias to least variance.
    base, turn : arrays
        The weights on the estimates are ``base + turn @ x``.
    """

    knots: np.ndarray
    base: np.ndarray
    turn: np.ndarray
    constant: float
    estimates: np.ndarray
    covariance: np.ndarray

    @classmethod
    def traced(cls, estimates, covariance, n_before: int, weights: np.ndarray) -> "_Frontier":
        n_after = len(weights)
        target = float(np.arange(1, n_after + 1) @ weights)
        # A slope leads from one estimate to the next, the last to the base period: its weight is w_s = x_s - x_(s-1),
        # and estimate s enters the mean that is taken away as w_(s-1) - w_s.
        difference = np.eye(n_before) - np.eye(n_before, k=-1)
        levels = difference @ difference
        base = np.concatenate([target * levels[:, -1], weights])
        turn = np.vstack([levels[:, :-1], np.zeros((n_after, n_before - 1))])
        spread = np.sqrt(np.diag(covariance))
        if not (spread > 0).all() or np.linalg.matrix_rank(
            covariance / np.outer(spread, spread), tol=1e-10, hermitian=True
        ) < len(spread):
            raise EvaluationError(
                "There are too few clusters for so many periods to say how the estimates vary together: use fewer periods."
            )
        to_come = [np.arange(1, n_after - i + 1) @ weights[i:] for i in range(n_after)]
        knots = np.array(list(_lasso_path(turn.T @ covariance @ turn, turn.T @ covariance @ base)))
        return cls(knots, base, turn, float(np.abs(to_come).sum()), estimates, covariance)

    def interval(self, allowed: float, df: float | None) -> tuple[float, float]:
        if allowed == 0:
            best = self.knots[-1]
        else:
            halves = [self._half(x, allowed, df) for x in self.knots]
            at = int(np.argmin(halves))
            best, least = self.knots[at], halves[at]
            for knot, following in zip(
                self.knots[max(at - 1, 0) : at + 1], self.knots[max(at - 1, 0) + 1 : at + 2], strict=False
            ):
                along = minimize_scalar(
                    lambda share, a=knot, b=following: self._half(a + share * (b - a), allowed, df),
                    bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-7},
                )  # fmt: skip
                if along.fun < least:
                    best, least = knot + along.x * (following - knot), along.fun
        centre = float((self.base + self.turn @ best) @ self.estimates)
        half = self._half(best, allowed, df)
        return centre - half, centre + half

    def breakdown(self, df: float | None) -> float:
        def clear(allowed: float) -> bool:
            low, high = self.interval(allowed, df)
            return low > 0 or high < 0

        if not clear(0.0):
            return 0.0
        high = float(np.sqrt(np.diag(self.covariance)).min())
        low = 0.0
        for _ in range(DOUBLINGS):
            if not clear(high):
                break
            low, high = high, 2 * high
        for _ in range(DOUBLINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if clear(middle) else (low, middle)
            if high - low < 1e-5 * high:
                break
        return high

    def _half(self, x: np.ndarray, allowed: float, df: float | None) -> float:
        on = self.base + self.turn @ x
        std_error = float(np.sqrt(on @ self.covariance @ on))
        return _critical(allowed * (self.constant + np.abs(x).sum()) / std_error, df) * std_error


def _lasso_path(quadratic: np.ndarray, linear: np.ndarray) -> Iterator[np.ndarray]:
    """Knots of argmin x'Qx/2 + q'x + penalty |x|_1 as the penalty falls to nought (Osborne, Presnell and Turlach 2000)."""
    size = len(linear)
    x = np.zeros(size)
    yield x
    if not size:
        return
    first = int(np.abs(linear).argmax())
    penalty = abs(linear[first])
    active = [first]
    signs = {first: -np.sign(linear[first])}
    while penalty > 0:
        chosen = np.array(active)
        sign = np.array([signs[i] for i in active])
        solved = np.linalg.solve(quadratic[np.ix_(chosen, chosen)], np.column_stack([-linear[chosen], -sign]))
        here, per_penalty = solved[:, 0], solved[:, 1]
        # The next knot is the largest penalty below this one at which a coefficient leaves or one joins.
        event, following = ("end", -1), 0.0
        for i, start, change in zip(active, here, per_penalty, strict=True):
            leaves = -start / change if change != 0 else -1.0
            # A coefficient that has just joined is nought at this very knot.
            if following < leaves < penalty * (1 - 1e-10):
                event, following = ("leave", i), leaves
        gradient = linear + quadratic[:, chosen] @ here
        slope = quadratic[:, chosen] @ per_penalty
        for j in range(size):
            if j in signs:
                continue
            for side in (1.0, -1.0):
                joins = gradient[j] / (side - slope[j]) if side != slope[j] else -1.0
                if following < joins < penalty * (1 - 1e-10):
                    event, following = ("join", j), joins
        penalty = following
        x = np.zeros(size)
        x[chosen] = here + penalty * per_penalty
        yield x
        kind, index = event
        if kind == "leave":
            active.remove(index)
            del signs[index]
        elif kind == "join":
            side = gradient[index] + penalty * slope[index]
            active.append(index)
            signs[index] = -np.sign(side)


def _critical(bias: float, df: float | None) -> float:
    """95% quantile of ``|bias + error|``, the error standard normal or t with ``df``.

    The bias is known, so it moves the t distribution and does not make it noncentral.
    """
    normal = df is None or not np.isfinite(df)

    def missed(value: float) -> float:
        if normal:
            return special.ndtr(value - bias) - special.ndtr(-value - bias) - CONFIDENCE
        return special.stdtr(df, value - bias) - special.stdtr(df, -value - bias) - CONFIDENCE

    high = bias + 4.0
    while missed(high) < 0:
        high += 2 * (high - bias)
    return float(brentq(missed, 0.0, high, xtol=1e-10))

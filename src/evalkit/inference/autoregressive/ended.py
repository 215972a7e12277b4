"""Events that have ended: how small a rate must be for none to be seen, by what the time before lets one expect.

No model has an estimate where nothing was counted after a change: the logarithm of its rate has no bound. What can be
said is how large a share of the rate before would still leave a fair chance of seeing nothing. The events to be
expected after the change, had it not come, are drawn from the model of ``counts`` fitted to the time before: its
coefficients, its over-dispersion and its correlation, each with what is not known of it.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from evalkit.inference.autoregressive.counts import posterior_of_rates
from evalkit.inference.contrast import CONFIDENCE

DRAWS = 4000
LEAST, MOST = -60.0, 30.0  # logarithms of a ratio of rates between which the bound is looked for


@dataclass(frozen=True, eq=False)
class Ended:
    """What the time before says of a time without events.

    Attributes
    ----------
    expected : (DRAWS, m) events to be expected in each period after, had nothing changed
    """

    expected: np.ndarray

    @property
    def bound(self) -> float:
        """The largest logarithm of a ratio of rates that leaves none a chance of one in forty; infinite where any does."""
        tail = (1 - CONFIDENCE) / 2
        if self.chance_of_none(MOST) > tail:
            return math.inf
        return float(optimize.brentq(lambda log_ratio: self.chance_of_none(log_ratio) - tail, LEAST, MOST))

    def chance_of_none(self, log_ratio: float) -> float:
        """The chance of no event after, at a ratio of rates."""
        return float(np.exp(-np.exp(log_ratio) * self.expected.sum(axis=1)).mean())


def ended(
    outcome: np.ndarray, matrix: np.ndarray, times: np.ndarray, exposure: np.ndarray,
    matrix_after: np.ndarray, times_after: np.ndarray, exposure_after: np.ndarray, seed: int,
) -> Ended:  # fmt: skip
    """From the counts before a change (n,), with a model of them (n, p), to what was to be expected after it.

    Parameters
    ----------
    times, times_after : whole numbers, rising
    exposure, exposure_after : time at risk, above zero

    Raises
    ------
    EvaluationError
        Where the counts before leave a rate without bound, as ``fit_counts`` has it.
    """
    random = np.random.default_rng(seed)
    rates = posterior_of_rates(outcome, matrix, times, exposure)
    chosen = random.choice(len(rates.weights), DRAWS, p=rates.weights)
    noise = random.normal(size=(DRAWS, matrix.shape[1]))
    coefficients = rates.locations[chosen] + np.einsum("gij,gj->gi", rates.roots[chosen], noise)
    spread, correlation = np.sqrt(rates.extra[chosen]), rates.correlations[chosen]
    latent = np.empty((DRAWS, len(times_after)))
    state = spread * random.normal(size=DRAWS)
    for position in range(len(times_after)):
        if position:
            step = correlation ** (times_after[position] - times_after[position - 1])
            state = step * state + spread * np.sqrt(1 - step**2) * random.normal(size=DRAWS)
        latent[:, position] = state
    return Ended(exposure_after * np.exp(np.clip(coefficients @ matrix_after.T + latent, -500, 500)))

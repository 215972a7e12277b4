"""The effect at a new site, with what is not known of the spread between sites integrated over.

Where sites agree by chance the estimated spread is nil, and an interval that takes it as known is that of the mean.
Instead, every spread that the sites leave possible counts, by its restricted likelihood and by what is usual elsewhere:
a half-Cauchy distribution (Gelman 2006, Bayesian Analysis 1:515, section 5), which is flat below its scale, where the
spreads of service changes lie, and lets far larger ones in.

Its scale is the median that Turner et al. (2015, Statistics in Medicine 34:984, table IV) predict from the meta-analyses
of the Cochrane library for non-pharmacological interventions against usual care and outcomes of resource use, hospital
stay and process: tau2 is log-normal with mean -2.56 of its logarithm, so the median of tau is exp(-1.28) log odds.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from evalkit.inference.contrast import CONFIDENCE, Contrast
from evalkit.inference.meta_analysis.random_effects import RandomEffects

USUAL_SPREAD = math.exp(-2.56 / 2)  # of log odds, and so more than that of logarithms of rates
# A share of a half moves most by a given change of log odds: by a quarter of it.
USUAL_SPREADS = {"log_odds": USUAL_SPREAD, "log": USUAL_SPREAD, "points": 100 * USUAL_SPREAD / 4}
POINTS = 400  # of the grid over the spread


def usual_spread(scale: str, level: float) -> float:
    """The spread that is usual elsewhere, on the scale of an effect; in the unit of a measure, as a share of its level.

    Infinite, which makes the prior flat, where that level is not known.
    """
    if scale in USUAL_SPREADS:
        return USUAL_SPREADS[scale]
    return USUAL_SPREAD * abs(level) if math.isfinite(level) and level != 0 else math.inf


@dataclass(frozen=True, eq=False)
class Predictive:
    """Where the effect at a new site would lie: a mixture of normal distributions, one a spread.

    Attributes
    ----------
    centres, widths, weights : (POINTS,)
    """

    centres: np.ndarray
    widths: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, fit: RandomEffects, contrast: np.ndarray, usual: float) -> "Predictive":
        """From the sites' estimates.

        Parameters
        ----------
        contrast : (p,)
            Weights of the coefficients, as for ``RandomEffects.contrast``.
        usual : float
            Scale of the half-Cauchy prior of the spread.
        """
        spreads, weights = likely_spreads(fit, usual)
        centres, variances = fit.given(spreads**2, contrast)
        return cls(centres, np.sqrt(variances + spreads**2), weights)

    def below(self, value: float) -> float:
        """The probability that it is less."""
        return float(self.weights @ stats.norm.cdf((value - self.centres) / self.widths))

    def interval(self, mean: Contrast) -> Contrast:
        """The central interval, never narrower than that of the mean, whose estimate it keeps.

        ``std_error`` and ``df`` do not exist for a mixture and are missing.
        """
        tail = (1 - CONFIDENCE) / 2
        low, high = (self._where(share, mean.estimate) for share in (tail, 1 - tail))
        p_value = 2 * min(self.below(0.0), 1 - self.below(0.0))
        return Contrast(mean.estimate, min(low, mean.low), max(high, mean.high), math.nan, p_value, math.nan)

    def _where(self, share: float, centre: float) -> float:
        """The value that ``share`` lies below."""
        sign, reach = (-1.0 if share < 0.5 else 1.0), float(self.widths.min())
        while (self.below(centre + sign * reach) - share) * sign < 0:
            reach *= 2
        return float(optimize.brentq(lambda value: self.below(value) - share, centre - reach, centre + reach))


def predict(fit: RandomEffects, contrast: np.ndarray, usual: float) -> Contrast:
    """The effect at a new site; parameters as for ``Predictive.of``."""
    return Predictive.of(fit, contrast, usual).interval(fit.contrast(contrast))


def likely_spreads(fit: RandomEffects, usual: float) -> tuple[np.ndarray, np.ndarray]:
    """Spreads between sites, and how probable each is.

    The grid is even in tau / (tau + s), s the error of a typical site, so that it reaches from none to any.
    """
    typical = math.sqrt(fit.typical_variance)
    steps = (np.arange(POINTS) + 0.5) / POINTS
    spreads = typical * steps / (1 - steps)
    log_density = fit.log_likelihood(spreads**2) - np.log1p((spreads / usual) ** 2) - 2 * np.log1p(-steps)
    weights = np.exp(log_density - log_density.max())
    return spreads, weights / weights.sum()

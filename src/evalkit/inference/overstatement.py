"""By how much results that are clear of no change overstate, where the truth is small for what could be found."""

import math

from scipy import stats

from evalkit.inference.contrast import CONFIDENCE


def overstated(true: float, half_width: float) -> float:
    """How many times ``true`` a result shows, on average over results that are clear of no change on either side.

    The exaggeration ratio (type M error; Gelman and Carlin 2014) of a normal estimate whose 95% interval has that half-width,
    on the model's scale; ``true`` is not zero.
    """
    deviation = half_width / stats.norm.ppf(0.5 + CONFIDENCE / 2)
    true = abs(true)
    above, below = (half_width - true) / deviation, (half_width + true) / deviation
    clear = stats.norm.sf(above) + stats.norm.sf(below)
    mean = (
        true * (stats.norm.sf(above) - stats.norm.sf(below))
        + deviation * (stats.norm.pdf(above) + stats.norm.pdf(below))
    ) / clear
    return float(mean / true) if math.isfinite(mean) else math.inf

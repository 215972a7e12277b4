"""By how much results that are clear of no change overstate, where the truth is small for what could be found."""

import math
from statistics import NormalDist

from evalkit.inference.contrast import CONFIDENCE


def overstated(true: float, half_width: float) -> float:
    """How many times ``true`` a result shows, on average over results that are clear of no change on either side.

    The exaggeration ratio (type M error; Gelman and Carlin 2014) of a normal estimate whose 95% interval has that half-width,
    on the model's scale; ``true`` is not zero.
    """
    normal = NormalDist()
    deviation = half_width / normal.inv_cdf(0.5 + CONFIDENCE / 2)
    true = abs(true)
    above, below = (half_width - true) / deviation, (half_width + true) / deviation
    rises, falls = normal.cdf(-above), normal.cdf(-below)
    mean = (true * (rises - falls) + deviation * (normal.pdf(above) + normal.pdf(below))) / (rises + falls)
    return float(mean / true) if math.isfinite(mean) else math.inf

"""A predicted range in words, for pages: from a fall to a rise, or between two falls."""

from evalkit.catalogue.records.evaluations import Prediction
from evalkit.report.wording.words import interval, size


def predicted(told: Prediction) -> str:
    """``a fall of 20.0 to 42.0%``; ``no change to a fall of 1.9%``; ``from a fall of 2.0% to a rise of 3.0%``."""
    if told.low < 0 < told.high:
        return interval(told.low, told.high, told.scale)
    nearer, farther = sorted((told.low, told.high), key=abs)
    way = "a rise" if farther > 0 else "a fall"
    if nearer == 0:
        return f"no change to {way} of {size(farther, told.scale)}"
    return f"{way} of {interval(told.low, told.high, told.scale)}"

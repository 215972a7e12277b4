"""A predicted range in words, for pages: from a fall to a rise, or between two falls."""

from evalkit.catalogue.records.evaluations import Prediction
from evalkit.report.wording.words import interval, sentence_case, size


def predicted(told: Prediction) -> str:
    """``A fall of 20.0 to 42.0%``; ``No change to a fall of 1.9%``; ``From a fall of 2.0% to a rise of 3.0%``."""
    if told.low < 0 < told.high:
        return sentence_case(interval(told.low, told.high, told.scale))
    nearer, farther = sorted((told.low, told.high), key=abs)
    way = "rise" if farther > 0 else "fall"
    if nearer == 0:
        return f"No change to a {way} of {size(farther, told.scale)}"
    return f"A {way} of {interval(told.low, told.high, told.scale)}"

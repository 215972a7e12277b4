"""A linear combination of coefficients with its 95% interval: what every way of estimating gives."""

from dataclasses import dataclass, replace

CONFIDENCE = 0.95
POWER = 0.8


@dataclass(frozen=True)
class Contrast:
    """A linear combination of coefficients with its 95% interval (t with ``df``)."""

    estimate: float
    low: float
    high: float
    std_error: float
    p_value: float
    df: float

    def shifted(self, by: float) -> "Contrast":
        """The same with a known amount added; the p-value stays that of the unshifted contrast."""
        return replace(self, estimate=self.estimate + by, low=self.low + by, high=self.high + by) if by else self

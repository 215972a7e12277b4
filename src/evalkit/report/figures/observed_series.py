"""A series as it was observed, to be kept and drawn small."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ObservedSeries:
    """Periods, values (None where missing) and the moments of change within it."""

    periods: list[str]
    values: list[float | None]
    starts: list[str]
    unit: str

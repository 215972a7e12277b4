"""A series as it was observed, to be kept and drawn small."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ObservedSeries:
    """Periods, values (None where missing) and the moments of change within it."""

    periods: list[str]
    values: list[float | None]
    starts: list[str]
    unit: str


def place_of(periods: Sequence[str], start: str) -> int:
    """The place of the period that holds a start, or of the last where it lies later."""
    begins = [period.split("/")[0] for period in periods]
    return max((at for at, first in enumerate(begins) if first <= start[: len(first)]), default=0)

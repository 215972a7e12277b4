"""Short marks that say which rows have changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DIGITS_OF_A_MARK = 4  # hexadecimal; a mark only explains, the hash of the rows decides


@dataclass(frozen=True)
class RowMarks:
    """A mark for every period of every unit, all over the same window.

    Attributes
    ----------
    first : str
        First period.
    grain : str
        What a period is: day, week, month, quarter or year.
    units : mapping of str to str
        ``DIGITS_OF_A_MARK`` hexadecimal digits a period, in order.
    """

    first: str
    grain: str
    units: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"first": self.first, "grain": self.grain, "units": dict(self.units)}

"""Which class is the largest, where that can be told, and whether some months are unlike all."""

from collections.abc import Sequence

from evalkit.flow.hundredths import ends
from evalkit.flow.jumps import POINTS
from evalkit.flow.waiting import ClassShare, Waiting


def foremost(classes: Sequence[ClassShare]) -> list[ClassShare]:
    """Those of which each may be the largest, in order of their middles: one alone only where its range, as it is told, is clear.

    Ranges that overlap or touch once they are rounded do not tell which class is larger. Classes without a patient are none.
    """
    there = [one for one in classes if one.high > 0]
    if not there:
        return []
    least = max(ends(one.low, one.high)[0] for one in there)
    found = [one for one in there if ends(one.low, one.high)[1] >= least]
    return sorted(found, key=lambda one: -(one.low + one.high))


def unlike(some: Waiting, every: Waiting) -> bool:
    """Whether another class may be the largest in some months than in all, or a class lies apart in them by ``POINTS``."""
    largest_of_each = [{one.name for one in foremost(found.classes)} for found in (some, every)]
    return largest_of_each[0] != largest_of_each[1] or any(
        max(one.low - other.high, other.low - one.high) >= POINTS - 1e-9
        for one, other in zip(some.classes, every.classes, strict=True)
    )

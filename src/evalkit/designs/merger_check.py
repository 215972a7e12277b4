"""Did a place that is used take over another? What loading has seen, as a check that every design asks."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from evalkit.check_register import MERGERS, Check

MATTERS_FROM = (
    0.25  # of half the interval's width, that a comparator's jump moves the estimate by; of all weight for shares
)


def merger_check(
    about: Mapping[str, Any], treated: Collection[str], comparators: Mapping[str, float], half_width: float, scale: str
) -> tuple[Check, ...]:
    """The check for the units used; nothing where the frame did not come from a table that tells of others.

    It does not pass where a treated unit took over another, or comparators did that together move the estimate by a
    quarter of half its interval's width; a smaller part is for information.

    Parameters
    ----------
    about : what ``load`` says of a frame
    comparators : what each counts, in all 1
    half_width : of the headline's interval, on the model's scale
    """
    if "mergers" not in about:
        return ()
    told = [merger for merger in about["mergers"] if merger[0] in treated or merger[0] in comparators]
    if not told:
        return (MERGERS.result(True, "No place that is used grew by a jump in the month in which another code ended."),)
    words = "; ".join(merger[1] for merger in told[:3]) + (f"; and {len(told) - 3} more" if len(told) > 3 else "")
    own = any(merger[0] in treated for merger in told)
    jumps = {unit: grew_by for unit, _, grew_by in told if unit in comparators}
    moved = sum(comparators[unit] * (math.log1p(grew_by) if scale == "log" else 1.0) for unit, grew_by in jumps.items())
    # Where the interval has no bound, nothing in it is small.
    share = moved / half_width if scale == "log" and half_width > 0 and math.isfinite(half_width) else moved
    if own or share >= MATTERS_FROM:
        where = "" if own else "Among the comparators, "
        return (MERGERS.result(False, f"{where}{words}: what was counted is not the same before and after."),)
    return (
        MERGERS.result(
            None, f"{words}: of {len(comparators)} comparators, too small a part to move the estimate by much."
        ),
    )

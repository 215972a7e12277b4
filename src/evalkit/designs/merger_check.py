"""Did a place that is used take over another? What loading has seen, as a check that every design asks."""

from collections.abc import Collection
from typing import Any

from evalkit.check_register import MERGERS, Check


def merger_check(about: dict[str, Any], used: Collection[str]) -> tuple[Check, ...]:
    """The check for the units used; nothing where the frame did not come from a table that tells of others.

    Parameters
    ----------
    about : what ``load`` says of a frame
    """
    if "mergers" not in about:
        return ()
    told = [words for unit, words in about["mergers"] if unit in used]
    if not told:
        return (MERGERS.result(True, "No place that is used grew by a jump in the month in which another code ended."),)
    more = f"; and {len(told) - 3} more" if len(told) > 3 else ""
    return (MERGERS.result(False, f"{'; '.join(told[:3])}{more}: what was counted is not the same before and after."),)

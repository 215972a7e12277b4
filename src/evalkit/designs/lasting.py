"""Whether an effect lasted: its size in the quarter of a year that ends 3, 6, 12 and 24 months after the change.

One rule for all designs: each horizon is the mean over the three months that end then, counted from the first month of
the change that counts (months 1 to 3, 4 to 6, 10 to 12 and 22 to 24), so that no month is in two of them and a full
year of figures bears the figure at 12 months. Their intervals, and those of the changes since the first of them, hold
all at once.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import pandas as pd

from evalkit.designs.follow_up import Look, all_at_once
from evalkit.effect import as_percent
from evalkit.errors import EvaluationError
from evalkit.intake.periods import NUMBERED, a_year
from evalkit.lasted import EFFECT, SINCE_FIRST

COLUMNS = (
    "horizon", "quantity", "first", "last", "from_period", "to_period", "units", "units_in_all", "estimate", "low", "high",
    "scale", "method", "followed", "left_out", "reason",
)  # fmt: skip
MONTHS_OF_A_QUARTER = 3

TOO_SHORT = "too short"
ENDED = "ended"
ANOTHER_CHANGE = "another change"
NO_FIGURES = "no figures"
TOO_FEW = "too few points"
TOO_FEW_PLACES = "too few places"
NOT_ESTIMABLE = "not estimable"
REASONS = (TOO_SHORT, ENDED, ANOTHER_CHANGE, NO_FIGURES, TOO_FEW, TOO_FEW_PLACES, NOT_ESTIMABLE)


@dataclass(frozen=True)
class Window:
    """The periods that the figure at a horizon is the mean over; 1 is the first period that counts."""

    horizon: int
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class AtHorizon:
    """What a design found at one horizon.

    Attributes
    ----------
    window : Window
    effect, since_first : the effect there, and what it changed by since the first horizon at the same units, each by
        itself; None where it cannot be told, and at the first horizon
    units, units_in_all : how many of the treated units have all periods of the window
    followed : periods after the change that there are, at the unit with most of them
    from_period, to_period : the window in calendar time, where there is one start
    left_out : periods of the window without a figure, with a space between them
    reason : one of ``REASONS`` where there is no effect
    """

    window: Window
    effect: Look | None = None
    since_first: Look | None = None
    units: int = 1
    units_in_all: int = 1
    followed: int = 0
    from_period: str = ""
    to_period: str = ""
    left_out: str = ""
    reason: str = ""


def windows(horizons: Any, frequency: str) -> list[Window]:
    """The window of each horizon in periods of a frequency; those shorter than a period are left out.

    Raises
    ------
    EvaluationError
        Where the horizons are no multiples of three months that rise.
    """
    several = isinstance(horizons, list | tuple)
    given = [] if horizons is None else list(horizons) if several else [horizons]
    whole = all(isinstance(months, Integral) and not isinstance(months, bool) and months >= 1 for months in given)
    if not whole or given != sorted(set(given)) or any(months % MONTHS_OF_A_QUARTER for months in given):
        raise EvaluationError(
            f"horizons={horizons!r}: give months after the change that rise, each a multiple of 3, such as [3, 6, 12, 24]."
        )
    if frequency == NUMBERED or not given:
        return []
    width = quarter(frequency)
    lasts = [(int(months), round(months * a_year(frequency) / 12 - 1e-9)) for months in given]
    return [Window(months, last - width + 1, last) for months, last in lasts if last >= width]


def quarter(frequency: str) -> int:
    """Periods in a quarter of a year; one of periods that are longer."""
    return max(a_year(frequency) // 4, 1)


def table(found: Sequence[AtHorizon], planned: int, scale: str) -> pd.DataFrame:
    """The rows of an Effect's table ``lasting``: two a horizon but the first, on the scale that readers are told.

    Parameters
    ----------
    planned : how many horizons were asked for; those that are not reached keep their share of the 5%
    scale : the model's; logs become percentages
    """
    together: dict[tuple[int, str], Look] = {}
    for at in found:
        for quantity, look in ((EFFECT, at.effect), (SINCE_FIRST, at.since_first)):
            if look is not None and math.isfinite(look.contrast.estimate):
                together[at.window.horizon, quantity] = look
    judged = {key: (contrast, method) for key, contrast, method in all_at_once(together, 2 * planned - 1)}
    return pd.DataFrame(
        [_row(at, quantity, judged, scale) for at in found for quantity in (EFFECT, SINCE_FIRST)
         if quantity == EFFECT or at.window.horizon != found[0].window.horizon],
        columns=list(COLUMNS),
    )  # fmt: skip


def _row(at: AtHorizon, quantity: str, judged: Mapping, scale: str) -> dict[str, Any]:
    contrast, method = judged.get((at.window.horizon, quantity), (None, ""))
    ends = (math.nan,) * 3 if contrast is None else (contrast.estimate, contrast.low, contrast.high)
    ends = [value if math.isfinite(value) else math.nan for value in ends]
    if scale == "log":
        ends = [as_percent(value) if math.isfinite(value) else value for value in ends]
    reason = at.reason if contrast is None else ""
    if contrast is None and not reason:
        reason = NOT_ESTIMABLE
    return {
        "horizon": at.window.horizon, "quantity": quantity, "first": at.window.first, "last": at.window.last,
        "from_period": at.from_period, "to_period": at.to_period, "units": at.units, "units_in_all": at.units_in_all,
        "estimate": ends[0], "low": ends[1], "high": ends[2], "scale": "percent" if scale == "log" else scale,
        "method": method, "followed": at.followed, "left_out": at.left_out, "reason": reason,
    }  # fmt: skip

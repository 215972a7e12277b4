"""The headline looked at several times: with the figures to 3, 6, 12, ... periods after the change, all intervals holding at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError
from evalkit.inference.contrast import Contrast
from evalkit.inference.ranks.interval import critical_value, enough_assignments
from evalkit.inference.simultaneous import (
    ALIGNED_FROM,
    FAMILY_LEVEL,
    bonferroni,
    carried_on,
    critical_value_of_largest,
)
from evalkit.intake.periods import resolve_interruption, to_periods

Key = TypeVar("Key")
BY_RANK = "rank of the largest over all looks among comparators"


def by_look(
    frame: pd.DataFrame, time: str, interruption: Any, transition: Any, look: Any, looks: Sequence[int]
) -> tuple[pd.DataFrame, dict[int, pd.DataFrame]]:
    """The rows that the result rests on, and those of each look that the frame reaches, by its number of periods.

    Raises
    ------
    EvaluationError
        Where ``look`` is not in the frame, or ``looks`` are not numbers of periods that rise.
    """
    given = planned_looks(looks)
    if look is None and not given:
        return frame, {}
    if frame.empty or time not in frame.columns:
        return frame, {}  # refused with its reason where the frame is read
    periods = to_periods(frame[time], time)
    parts = {}
    first_kept = resolve_interruption(interruption, transition, periods.freqstr).first_kept
    for number in given:
        last = first_kept + (number - 1)
        if last <= periods.max():
            parts[number] = _up_to(frame, periods, last)
    if look is None:
        return frame, parts
    last = resolve_interruption(look, 0, periods.freqstr).period
    if not first_kept <= last <= periods.max():
        raise EvaluationError(
            f"look={look!r} is not after the change and within the frame ({first_kept} to {periods.max()}): correct it."
        )
    return _up_to(frame, periods, last), parts


def _up_to(frame: pd.DataFrame, periods: pd.PeriodIndex, last: pd.Period) -> pd.DataFrame:
    part = frame[periods <= last].copy()
    about = frame.attrs.get("evalkit")
    if about is not None:
        part.attrs["evalkit"] = {**about, "data": {**about["data"], "last": str(last)}}
    return part


@dataclass(frozen=True, eq=False)
class Look:
    """The headline with the figures up to one look.

    Attributes
    ----------
    contrast : its estimate and interval by itself
    method : how that was made
    sizes : Series of the comparators' estimates over their own scale, in size, by unit; None without a rank
    scales : how many of its own scale half the interval is wide
    """

    contrast: Contrast
    method: str
    sizes: pd.Series | None = None
    scales: float = 1.0


def ranked_look(contrast: Contrast, method: str, own: float, statistics: pd.Series) -> Look:
    """A look judged by the rank of one statistic among those of other assignments.

    Its scale is the middle one of all of them, the true one included, so that looks far from the change, which vary more,
    do not rule the others. As it is the same for the true assignment as for the others, their order stays that of chance
    where there is no effect: the largest over looks of the true one is then as likely in any place as that of any other.

    Parameters
    ----------
    contrast : with the interval of the rank, which loses its bounds where the others are under 19
    own : size of the statistic of the true assignment
    statistics : Series of the sizes of all others, by unit
    """
    if not enough_assignments(len(statistics)):  # no rank among so few is in the outer 5%
        contrast = replace(contrast, low=np.nan, high=np.nan)
    scale = float(np.median([own, *statistics])) or 1.0
    sizes = statistics / scale
    return Look(contrast, method, sizes[~sizes.index.duplicated()], critical_value(statistics.to_numpy()) / scale)


def all_at_once(looks: Mapping[Key, Look], planned: int) -> list[tuple[Key, Contrast, str]]:
    """The key of each look, the contrast with an interval that holds at all looks at once, and how it was made.

    Of 5% each planned look has its share, and those not reached yet keep theirs. By rank, those that are reached spend their
    shares together: the critical value is that of the largest of a comparator's statistics over them, carried on by t where
    there are too few comparators for the level; of under 19 there are no bounds.

    Parameters
    ----------
    looks : those reached, by what names them, such as their number of periods
    planned : how many there will be
    """
    planned = max(planned, len(looks))
    if looks and all(look.sizes is not None for look in looks.values()):
        together = pd.concat({number: look.sizes for number, look in looks.items()}, axis=1, join="inner")
        level = FAMILY_LEVEL * len(looks) / planned
        critical = critical_value_of_largest(together, level) if len(together) >= ALIGNED_FROM else np.inf
        return _by_rank(looks, together.max(axis=1), critical, level)
    found = []
    for number, look in looks.items():
        wider = bonferroni(planned, look.contrast.df)
        p_value = min(look.contrast.p_value * planned, 1.0)
        found.append((number, _widened(look.contrast, wider, p_value), f"{look.method}, for {planned} looks"))
    return found


def _by_rank(
    looks: Mapping[Key, Look], largest: pd.Series, critical: float, level: float
) -> list[tuple[Key, Contrast, str]]:
    """Each interval as many of its scale as one comparator in twenty passes at some look."""
    found = []
    for number, look in looks.items():
        half = (look.contrast.high - look.contrast.low) / 2
        own = abs(look.contrast.estimate) / half * look.scales if half > 0 else 0.0
        as_large = int((largest >= own).sum())
        by_rank = (1 + as_large) / (1 + len(largest))
        if len(largest) >= ALIGNED_FROM:
            by_rank = carried_on(by_rank, own, largest.to_numpy(), level)
        p_value = min(by_rank * FAMILY_LEVEL / level, 1.0)
        found.append((number, _widened(look.contrast, critical / look.scales, p_value), BY_RANK))
    return found


def _widened(contrast: Contrast, times: float, p_value: float) -> Contrast:
    return replace(
        contrast,
        low=contrast.estimate - times * (contrast.estimate - contrast.low),
        high=contrast.estimate + times * (contrast.high - contrast.estimate),
        p_value=p_value,
    )


def planned_looks(looks: Any) -> list[int]:
    """The looks that are asked for, as numbers of periods.

    Raises
    ------
    EvaluationError
        Where they are no whole numbers from 1 on that rise.
    """
    several = isinstance(looks, list | tuple)
    given = [] if looks is None else list(looks) if several else [looks]
    whole = all(isinstance(number, Integral) and not isinstance(number, bool) and number >= 1 for number in given)
    if not whole or given != sorted(set(given)):
        raise EvaluationError(
            f"looks={looks!r}: give numbers of periods after the change that rise, such as [3, 6, 12]."
        )
    return [int(number) for number in given]

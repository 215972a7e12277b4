"""Intervals of several estimates that hold all at once, nineteen times in twenty."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.effect import Effect, as_percent
from evalkit.inference.contrast import CONFIDENCE

FAMILY_LEVEL = 1 - CONFIDENCE
ALIGNED_FROM = 19  # units that the same placebo was tried at for every estimate of a group
# Degrees of freedom of t, with a tail no lighter than that of real series: tools/false_alarms_families.py.
TAIL = 3


@dataclass(frozen=True)
class Simultaneous:
    """One estimate of a family.

    Attributes
    ----------
    low, high : float
        On the scale of ``Effect.headline``; both missing where no size can be excluded at this level.
    p_value : float
        Adjusted for the family (Holm 1979).
    family : int
        How many estimates it has.
    """

    low: float
    high: float
    p_value: float
    family: int

    @property
    def direction(self) -> str:
        """``rise``, ``fall`` or ``unclear``."""
        return "rise" if self.low > 0 else "fall" if self.high < 0 else "unclear"


def simultaneous(effects: Mapping[str, Effect]) -> dict[str, Simultaneous]:
    """The headline of each effect with an interval that allows for all of them.

    Of 5% false alarms in all, each estimate may make its share (Bonferroni). Estimates of the same places from the same
    start, ranked among the same comparators, share theirs: their critical value is that of the largest of the comparators'
    statistics over them (max-T; Westfall and Young 1993, section 2.3). An interval is widened in the ratio of the critical
    value to that of an estimate by itself, which is exact for one treated place and near it for several, whose other
    assignments hold treated places too. Where there are too few comparators for the level, the value is carried on from
    those that ranks reach by t with ``TAIL`` degrees of freedom, and so is the p-value.

    Parameters
    ----------
    effects : mapping of an analysis's id to its Effect, each with an estimate
    """
    shares: dict[tuple, list[str]] = defaultdict(list)
    for id, effect in effects.items():
        ranked = _is_ranked(effect)
        shares[(effect.treated_units, effect.interruptions) if ranked else (id,)].append(id)
    level = FAMILY_LEVEL / max(len(effects), 1)
    adjusted = _holm({id: _p_value(effect, level) for id, effect in effects.items()})
    ratios: dict[str, float] = {}
    for ids in shares.values():
        ratios |= _wider({id: effects[id] for id in ids}, level)
    return {
        id: Simultaneous(*_interval(effect, ratios[id]), max(adjusted[id], _own_p_value(effect)), len(effects))
        for id, effect in effects.items()
    }


def _wider(group: Mapping[str, Effect], level: float) -> dict[str, float]:
    """By how much each interval of a group is wider than by itself; ``level`` is the share of one estimate."""
    first = next(iter(group.values()))
    if not _is_ranked(first):
        return dict.fromkeys(group, bonferroni(round(FAMILY_LEVEL / level), first.headline["df"]))
    sizes = {id: _sizes(effect) for id, effect in group.items()}
    together = pd.concat(sizes, axis=1, join="inner")
    if len(group) > 1 and len(together) >= ALIGNED_FROM:
        critical = critical_value_of_largest(together, level * len(group))
        return {id: critical / _critical(of_one.to_numpy(), FAMILY_LEVEL) for id, of_one in sizes.items()}
    return {
        id: _critical(of_one.to_numpy(), level) / _critical(of_one.to_numpy(), FAMILY_LEVEL)
        for id, of_one in sizes.items()
    }


def _is_ranked(effect: Effect) -> bool:
    """Whether there are enough placebos for its interval to be that of a rank among them."""
    return "placebo" in effect.tables and len(_sizes(effect)) >= ALIGNED_FROM


def bonferroni(count: int, degrees: float | None) -> float:
    """By how much an interval by t is wider where it is one of ``count``; by the normal without degrees of freedom."""
    degrees = np.inf if degrees is None or np.isnan(degrees) else degrees
    level = FAMILY_LEVEL / count
    return float(stats.t.ppf(1 - level / 2, degrees) / stats.t.ppf(1 - FAMILY_LEVEL / 2, degrees))


def critical_value_of_largest(sizes: pd.DataFrame, level: float = FAMILY_LEVEL) -> float:
    """The size that the largest of a unit's statistics passes in a share ``level`` of units; ``sizes`` has a row a unit."""
    return _critical(sizes.max(axis=1).to_numpy(), level)


def _sizes(effect: Effect) -> pd.Series:
    """Studentised estimates at the comparators, in size, by unit."""
    placebo = effect.tables["placebo"]
    placebo = placebo[~placebo["treated"].astype(bool)]
    return placebo.drop_duplicates("unit").set_index("unit")["studentised"].abs()


def _critical(sizes: np.ndarray, level: float) -> float:
    """The size beyond which a share ``level`` of the assignments lies, the true one included.

    Ranks reach no further than one of the assignments. Beyond, the wider is taken of what t carries on from the largest size
    and from that of an estimate by itself, so that a smaller share never has a smaller size; infinite where ranks do not
    reach the share of an estimate by itself.
    """
    at = _by_rank(sizes, level)
    if np.isfinite(at) or not np.isfinite(_by_rank(sizes, FAMILY_LEVEL)):
        return at
    return max(size * _quantile(level) / _quantile(share) for size, share in _anchors(sizes))


def _by_rank(sizes: np.ndarray, level: float) -> float:
    outer = int(np.floor(level * (1 + len(sizes)) + 1e-9))
    return float(np.sort(sizes)[-outer]) if outer else np.inf


def _anchors(sizes: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Sizes that ranks reach, with their shares."""
    return (float(sizes.max()), 1 / (1 + len(sizes))), (_by_rank(sizes, FAMILY_LEVEL), FAMILY_LEVEL)


def _quantile(share: float) -> float:
    return float(stats.t.ppf(1 - share / 2, TAIL))


def _interval(effect: Effect, ratio: float) -> tuple[float, float]:
    """The headline's interval, wider by ``ratio`` on the model's scale, never narrower than by itself."""
    rows = effect.estimates[effect.estimates["role"] == "headline"]
    row, percent = rows.iloc[0], effect.headline["scale"] == "percent"
    ratio = max(ratio, 1.0) if np.isfinite(ratio) else np.nan
    ends = (float(row["estimate"] + (row[end] - row["estimate"]) * ratio) for end in ("low", "high"))
    low, high = (as_percent(end) if percent and np.isfinite(end) else end for end in ends)
    return low, high


def _own_p_value(effect: Effect) -> float:
    """One that is missing counts as 1."""
    p_value = float(effect.headline["p_value"])
    return p_value if np.isfinite(p_value) else 1.0


def _p_value(effect: Effect, level: float) -> float:
    """By itself; by t beyond the comparators where their ranks cannot reach ``level``."""
    p_value = _own_p_value(effect)
    if not _is_ranked(effect):
        return p_value
    sizes = _sizes(effect).to_numpy()
    row = effect.estimates[effect.estimates["role"] == "headline"].iloc[0]
    towards_nought = abs(row["estimate"] - row["low" if row["estimate"] > 0 else "high"])
    if not (np.isfinite(towards_nought) and towards_nought > 0):
        return p_value
    return carried_on(p_value, abs(row["estimate"]) / towards_nought * _by_rank(sizes, FAMILY_LEVEL), sizes, level)


def carried_on(p_value: float, size: float, sizes: np.ndarray, level: float) -> float:
    """The p-value of a rank among ``sizes``, by t beyond them where ranks cannot reach ``level``."""
    if np.isfinite(_by_rank(sizes, level)):
        return p_value
    carried = (2 * stats.t.sf(size / at * _quantile(share), TAIL) for at, share in _anchors(sizes))
    return min(p_value, float(max(carried)))


def _holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Step-down adjusted p-values (Holm 1979)."""
    adjusted, so_far, count = {}, 0.0, len(p_values)
    for rank, (id, p_value) in enumerate(sorted(p_values.items(), key=lambda item: (item[1], item[0]))):
        so_far = max(so_far, min((count - rank) * p_value, 1.0))
        adjusted[id] = so_far
    return adjusted

"""Whether an effect lasted, by rule, from intervals that hold all at once."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.effect import Effect

Word = Literal["lasted", "grew", "faded", "turned", "cannot tell"]
Why = Literal[
    "", "too short", "other places", "short past", "none clear", "no longer clear", "clear only later", "moved", "past none",
    "from past none",
]  # fmt: skip
EFFECT, SINCE_FIRST = "effect", "since the first"  # what a row of the table is of
TREND = "trend"  # the term of a model that goes on in a straight line after the change


@dataclass(frozen=True)
class Lasted:
    """What the horizons of an effect come to.

    Attributes
    ----------
    word : {"lasted", "grew", "faded", "turned", "cannot tell"}
    why : of what cannot be told, why
    told : the horizons that have a figure, in months after the change
    planned : all that were asked for
    still_clear : whether the effect is clear at the last horizon, on the side that it began on
    """

    word: Word
    why: Why
    told: tuple[int, ...]
    planned: tuple[int, ...]
    still_clear: bool = False

    @property
    def first(self) -> int | None:
        """The first horizon that has a figure."""
        return self.told[0] if self.told else None

    @property
    def last(self) -> int | None:
        """The last one."""
        return self.told[-1] if self.told else None


def lasted(effect: Effect) -> Lasted | None:
    """The first rule that holds; None where the effect was asked at no horizon.

    With an effect clear at the first horizon: ``turned`` where it is clear on the other side at the last; ``faded`` where
    the change since the first is clear and towards none, and the interval at the last reaches less far to the other side
    than the effect at the first is large, as else it may be as large the other way round; ``grew`` where the change is
    clear and away from none; ``lasted`` where the effect is clear at the last on the same side. Not clear at first:
    ``grew`` where it is clear at the last, and so is the change to there, and the interval at the first reaches less far
    to the other side than the effect at the last is large. Else it cannot be told; nor can it where the first and the last
    horizon are of different places, as an interval says nothing of other places, or where a straight trend is carried on
    for longer than it was seen. An end that is missing bounds nothing.
    """
    if "lasting" not in effect.tables:
        return None
    effects, changes = (horizon_rows(effect, quantity) for quantity in (EFFECT, SINCE_FIRST))
    planned = tuple(int(months) for months in effects.index)
    told = tuple(int(months) for months in effects.index[effects["estimate"].notna()])
    if len(told) < 2 or told[0] != planned[0] or pd.isna(changes["estimate"].get(told[-1])):
        return Lasted("cannot tell", "too short", told, planned)
    if effects["units"].loc[told[-1]] != effects["units"].loc[told[0]]:
        return Lasted("cannot tell", "other places", told, planned)
    carried = carried_on(effect, told[-1])
    if carried is not None and carried.beyond > carried.past:
        return Lasted("cannot tell", "short past", told, planned)
    first, last = effects.loc[told[0]], effects.loc[told[-1]]
    word, why = _judged(first, last, side(changes.loc[told[-1]]))
    return Lasted(word, why, told, planned, still_clear=bool(side(first)) and side(first) == side(last))


def _judged(first: pd.Series, last: pd.Series, moved: int) -> tuple[Word, Why]:
    """From the effect at the first and the last horizon, and the side on which its change between them is clear."""
    at_first, at_last = side(first), side(last)
    if at_first:
        if at_last == -at_first:
            return "turned", ""
        if moved == -at_first:
            return ("faded", "") if _is_smaller(last, first) else ("cannot tell", "past none")
        if at_last:
            return ("grew" if moved else "lasted"), ""
        return "cannot tell", "no longer clear"
    if at_last:
        if moved != at_last:
            return "cannot tell", "clear only later"
        return ("grew", "") if _is_smaller(first, last) else ("cannot tell", "from past none")
    return "cannot tell", "moved" if moved else "none clear"


def _is_smaller(one: pd.Series, clear: pd.Series) -> bool:
    """Whether one effect, which lies on the near side of another that is clear, is surely the smaller of the two.

    It is where its interval reaches less far past none than the nearest that the other may be to none.
    """
    if side(clear) > 0:
        return bool(-one["low"] < clear["low"])
    return bool(one["high"] < -clear["high"])


@dataclass(frozen=True)
class CarriedOn:
    """How far a straight trend is carried on to the end of a horizon, against how long it was seen.

    Attributes
    ----------
    beyond : periods from the last figure before the change to the end of the horizon
    past : periods with a figure before the change
    """

    beyond: int
    past: int


def carried_on(effect: Effect, horizon: int) -> CarriedOn | None:
    """At one horizon; None where the figures before the change have no trend that is carried on, or are not known."""
    kept = first_that_counts(effect)
    if kept is None or TREND not in set(effect.coefficients["term"]):
        return None
    before = effect.series.iloc[:kept]
    seen = np.flatnonzero(before["observed"].notna() & ~before["in_transition"].astype(bool))
    if not len(seen):
        return None
    end = kept + int(horizon_rows(effect, EFFECT)["last"].loc[horizon]) - 1
    return CarriedOn(end - int(seen[-1]), len(seen))


def first_that_counts(effect: Effect) -> int | None:
    """The position in ``series`` of the first period after the change that counts; None where places began apart."""
    position = {str(period): at for at, period in enumerate(effect.series["period"])}
    for _, row in horizon_rows(effect, EFFECT).iterrows():
        at = position.get(str(row["from_period"]))
        if at is not None:
            return at - (int(row["first"]) - 1)
    return None


def horizon_rows(effect: Effect, quantity: str) -> pd.DataFrame:
    """The rows of the table ``lasting`` of one quantity, by their horizon in months."""
    table = effect.tables["lasting"]
    rows = table[table["quantity"] == quantity]
    return rows.set_index(rows["horizon"].astype(int))


def side(row: pd.Series) -> int:
    """1 for an interval wholly above nothing, -1 wholly below it, else 0; an end that is missing bounds nothing."""
    return 1 if row["low"] > 0 else -1 if row["high"] < 0 else 0

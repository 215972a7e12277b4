"""Which evaluations could be looked at again: their newest figures pass a time after the change that no result tells of."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from evalkit.catalogue import Catalogue
from evalkit.errors import EvaluationError, named
from evalkit.lasted import EFFECT
from evalkit.plain_frames import frame_from_dict
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import effect_of


@dataclass(frozen=True)
class Reevaluation:
    """A further look that the figures bear by now.

    Attributes
    ----------
    evaluation : its id
    horizons : months after the change that could be told, and are not
    newest : the last period in which all its places have a figure
    looks, planned : how many are told, and how many there will be
    """

    evaluation: str
    horizons: tuple[int, ...]
    newest: str
    looks: int
    planned: int

    @property
    def why(self) -> str:
        """In words."""
        listed = named([str(months) for months in self.horizons])
        return (
            f"to be looked at again: figures to {self.newest} bear {listed} months after the change"
            f" ({self.looks} of {self.planned} looks are recorded)"
        )


@dataclass(frozen=True)
class Look:
    """A time after the change that an evaluation is to be looked at, and whether the figures of the book bear it.

    Attributes
    ----------
    evaluation : its id
    months : after the change
    needed : the last month that its figure needs at every place, as ``2026-05``
    newest : the last period in which all places have a figure
    told : whether a result tells of it, perhaps at fewer places
    state : ``told``, ``due`` as figures bear it, ``waiting`` for figures, or ``closed`` for another reason
    there, places : at how many places the figures reach so far
    """

    evaluation: str
    months: int
    needed: str
    newest: str
    told: bool
    state: Literal["told", "due", "waiting", "closed"]
    there: int
    places: int


def looks(root: Path, catalogue: Catalogue, plans: Sequence[Plan]) -> list[Look]:
    """Every time at which an evaluation is to be looked at, in the order of the plans and of time.

    A look counts as told where any analysis of the same measure, places and date tells of it.
    """
    found = []
    for plan in plans:
        if plan.analysis.role != "primary":
            continue
        beside = [other for other in plans if _asks_the_same(other, plan)]
        tables = [table for table in (_lasting(root, other) for other in beside) if table is not None]
        own = _lasting(root, plan)
        frame = None if own is None else _frame(catalogue, plan)
        if own is None or frame is None:
            continue
        told = {int(months) for table in tables for months in table.loc[table["estimate"].notna(), "horizon"]}
        newest, places = str(_newest(frame)), int(frame["unit"].nunique())
        for months, there, needed in _places_that_reach(plan, own, frame):
            too_short = _too_short(own, months)
            if (there > 0 and months not in told and too_short) or _more_places(own, months, there):
                state = "due"
            elif months in told:
                state = "told"
            else:
                state = "waiting" if too_short else "closed"
            found.append(Look(plan.evaluation.id, months, needed, newest, months in told, state, there, places))
    return found


def reevaluations(root: Path, catalogue: Catalogue, plans: Sequence[Plan]) -> list[Reevaluation]:
    """One for each evaluation that could be looked at again, in the order of the plans."""
    of_each: dict[str, list[Look]] = {}
    for look in looks(root, catalogue, plans):
        of_each.setdefault(look.evaluation, []).append(look)
    return [
        Reevaluation(id, due, all_looks[0].newest, sum(look.told for look in all_looks), len(all_looks))
        for id, all_looks in of_each.items()
        if (due := tuple(look.months for look in all_looks if look.state == "due"))
    ]


def _asks_the_same(one: Plan, other: Plan) -> bool:
    return one.evaluation.id == other.evaluation.id and all(
        one.parameters.get(name) == other.parameters.get(name) for name in ("site", "measure", "interruption")
    )


def _lasting(root: Path, plan: Plan) -> pd.DataFrame | None:
    """The effects at each horizon that a result tells of; None without one."""
    file = root / effect_of(plan)
    if not file.exists():
        return None
    tables: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8")).get("tables", {})
    if "lasting" not in tables:
        return None
    table = frame_from_dict(tables["lasting"])
    return table[table["quantity"] == EFFECT]


def _frame(catalogue: Catalogue, plan: Plan) -> pd.DataFrame | None:
    """The places of an analysis to the end of its table; None where they cannot be read so far, as after a merger."""
    from evalkit.intake.load import load_from

    given = plan.parameters
    try:
        return load_from(
            catalogue, site=given["site"], measure=given["measure"], first=given.get("first"), table=plan.table,
            treated_from=given["interruption"],
        )  # fmt: skip
    except EvaluationError:
        return None


def _newest(frame: pd.DataFrame) -> pd.Period:
    """The last period in which every place has a figure."""
    complete = frame.assign(there=frame["value"].notna()).groupby("period")["there"].all()
    return complete.index[complete].max()


def _places_that_reach(plan: Plan, table: pd.DataFrame, frame: pd.DataFrame) -> Iterator[tuple[int, int, str]]:
    """Each horizon in months, how many places have figures to its end, and the last month that all of them need."""
    from evalkit.intake.periods import resolve_interruption

    reported = frame[frame["value"].notna()]
    last_of = reported.groupby("unit", sort=False)["period"].max()
    starts = frame.groupby("unit", sort=False)["treated_from"].first()
    for row in table.itertuples():
        if row.to_period:
            end = pd.Period(str(row.to_period).split("/")[-1]).end_time
            there = bool(_newest(frame).end_time >= end)
            yield int(row.horizon), int(row.units_in_all) if there else 0, f"{end:%Y-%m}"
            continue
        reaching, ends = 0, []
        for unit, last in last_of.items():
            first = resolve_interruption(starts[unit], plan.parameters.get("transition", 0), last.freqstr).first_kept
            ends.append(first + (int(row.last) - 1))
            reaching += ends[-1] <= last
        yield int(row.horizon), int(reaching), f"{max(ends).end_time:%Y-%m}"


def _too_short(table: pd.DataFrame, months: int) -> bool:
    """Whether a horizon has no figure only because the figures ended before it; what had ended earlier is over then too."""
    if (table.loc[table["horizon"] <= months, "reason"] == "ended").any():
        return False
    return table.loc[table["horizon"] == months, "reason"].iloc[0] == "too short"


def _more_places(table: pd.DataFrame, months: int, there: int) -> bool:
    """Whether more places reach a horizon than its figure rests on, where they began at different times."""
    row = table[table["horizon"] == months].iloc[0]
    return not row["from_period"] and there > int(row["units"])

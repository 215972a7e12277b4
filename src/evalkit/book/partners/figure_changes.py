"""Where a trust's figures are of something else than before: a merger with its source, or a jump that nobody explains here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.catalogue.records.successors import Event
from evalkit.report.wording.words import month_name

AROUND = 3  # months on each side that a jump is read from
JUMPED_BY = np.log(1.3)  # beside what the middle trust did
MERGED_BY = np.log(1.1)  # the same, in the months about a recorded merger
MOSTLY = 0.75  # of the largest growth about a merger, from which on it is that of its own month
ABOUT = 3  # months before the day of a merger, and after the other's last figures, in which the figures may join
LATE = 6  # months after that day, up to which the other's own figures may go on


@dataclass(frozen=True)
class FigureChange:
    """What happened to the figures of one measure at one trust.

    Attributes
    ----------
    since : the first month of it, such as ``2025-01``
    what : that in a sentence
    source : where a merger can be read; empty for a jump
    rebased : whether limits are made anew there
    grew : by which share figures jumped; None for a merger
    """

    since: str
    what: str
    source: str = ""
    rebased: bool = False
    grew: float | None = None


def figure_changes(
    rows: pd.DataFrame,
    charted: Iterable[str],
    events: Iterable[Event],
    names: Mapping[str, str],
    of_a_share: bool,
    source_months: Iterable[str] = (),
) -> dict[str, list[FigureChange]]:
    """By trust what happened to its figures, oldest first.

    Parameters
    ----------
    rows : DataFrame
        ``unit, period, value, numerator, denominator`` of all trusts, those too that are not charted.
    events : recorded mergers, with their sources
    of_a_share : whether jumps are of what the measure is a share of
    source_months : from which on figures come from another source
    """
    sizes = _sizes(rows)
    growth = _growth(sizes)
    reported = {str(unit): months for unit, months in rows[rows["value"].notna()].groupby("unit")["period"]}
    merged = [event for event in events if event.kinds == {"merged"}]
    found: dict[str, list[FigureChange]] = {}
    for unit in charted:
        if unit not in sizes:
            continue
        own = [_merger(unit, event, sizes, growth, reported[unit], names) for event in merged if unit in event.after]
        changes = [change for change in own if change is not None]
        joined = [pd.Period(change.since, "M") for change in changes if change.rebased]
        for at, grew in _jumps(sizes[unit], growth[unit]):
            month = sizes.index[at]
            if all(abs((month - one).n) > AROUND for one in joined):
                changes.append(_jump(str(month), grew, of_a_share, str(month) in {*source_months}))
        if changes:
            found[unit] = sorted(changes, key=lambda change: change.since)
    return found


def jumps_in_words(changes: Iterable[FigureChange]) -> str:
    """Every jump in one sentence; empty without any."""
    jumps = [change for change in changes if change.grew is not None]
    if len(jumps) < 2:
        return jumps[0].what if jumps else ""
    subject = jumps[0].what.partition(" rose ")[0].partition(" fell ")[0]
    told = [f"{month_name(one.since)} ({one.grew:+,.0%})".replace("-", "−") for one in jumps]
    return f"{subject} jumped in {', '.join(told[:-1])} and {told[-1]}; why is not known here."


def _sizes(rows: pd.DataFrame) -> pd.DataFrame:
    """How much is counted, logarithmic, less what the steps of the middle trust add up to: months by trusts."""
    volume = rows["denominator"].where(rows["denominator"].notna(), rows["numerator"])
    wide = rows.assign(volume=volume).pivot(index="period", columns="unit", values="volume")
    wide = wide.reindex(pd.period_range(wide.index.min(), wide.index.max())) if len(wide) else wide
    logarithms = np.log(wide.astype(float).where(wide > 0))
    return logarithms.sub(logarithms.diff().median(axis=1).fillna(0).cumsum(), axis=0)


def _growth(sizes: pd.DataFrame) -> pd.DataFrame:
    """Of each month, the mean of it and those after it, beside that of those before."""
    before = sizes.shift(1).rolling(AROUND, min_periods=1).mean()
    after = sizes[::-1].rolling(AROUND, min_periods=1).mean()[::-1]
    return after - before


def _merger(
    unit: str, event: Event, sizes: pd.DataFrame, growth: pd.DataFrame, reported: pd.Series, names: Mapping[str, str]
) -> FigureChange | None:
    """What a merger did to the figures of who goes on; None where they are all of before it or all of after."""
    day = pd.Period(event.since, "M")
    others = sorted(event.ended)
    if not others or not (reported < day).any() or not (reported >= day).any():
        return None
    named = " and ".join(names.get(code, code) for code in others)
    last = max((sizes[code].last_valid_index() for code in others if code in sizes), default=None)
    until = last + 1 if last is not None and last >= day - ABOUT - 1 else None
    near = growth[unit].loc[day - ABOUT : min(until or day, day + LATE) + ABOUT].dropna()
    sources = "; ".join(dict.fromkeys(line.source for line in event.lines if line.source))
    if len(near) and near.max() >= MERGED_BY:
        at = day if near.get(day, 0) >= MOSTLY * near.max() else near.idxmax()
    elif until is not None:
        at = until
    else:
        what = (
            f"{named} merged into this trust in {month_name(str(day))}. It has no figures of its own here, and these did not"
            " jump then: they are taken as of both in all months, so limits go on."
        )
        return FigureChange(str(day), what, sources)
    if not (reported < at).any() or not (reported >= at).any():
        return None
    legal = "" if at == day else f" They merged in {month_name(str(day))}."
    what = f"From {month_name(str(at))} with {named}: not comparable with before.{legal}"
    return FigureChange(str(at), what, sources, rebased=True)


def _jumps(sizes: pd.Series, growth: pd.Series) -> list[tuple[int, float]]:
    """Places and sizes of steps: no month of the three after lies nearer to any of the three before than half of the step."""
    series, found = sizes.to_numpy(float), []
    for at in range(AROUND, len(series) - AROUND + 1):
        before, after, step = series[at - AROUND : at], series[at : at + AROUND], float(growth.iloc[at])
        if not np.isfinite([*before, *after]).all() or abs(step) < JUMPED_BY:
            continue
        apart = after.min() - before.max() if step > 0 else before.min() - after.max()
        if apart > abs(step) / 2:
            found.append((abs(step), at, step))
    kept: list[tuple[int, float]] = []
    for _, at, step in sorted(found, reverse=True):
        if all(abs(at - other) > AROUND for other, _ in kept):
            kept.append((at, float(np.expm1(step))))
    return sorted(kept)


def _jump(month: str, grew: float, of_a_share: bool, with_source: bool) -> FigureChange:
    subject = "The number that this is a share of" if of_a_share else "Figures"
    why = "when they began to come from another source" if with_source else "why is not known here"
    what = f"{subject} {'rose' if grew > 0 else 'fell'} by {abs(grew):,.0%} in {month_name(month)}{',' if with_source else ';'} {why}."
    return FigureChange(month, what, grew=grew)

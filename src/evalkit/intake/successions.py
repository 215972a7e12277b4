"""What an analysis's codes were before they merged, were split or recoded: which of them make up a unit in which period."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.successors import Event, day_in_words, events_of, listed, on_day
from evalkit.catalogue.records.tables import NUMBERS, Table
from evalkit.errors import EvaluationError, Problem
from evalkit.intake.read_table import TableRows

SUCCESSORS = "data/successors.csv"
WITHDRAWN = "withdrawn"
SUMMED = ("merged", "split")


@dataclass(frozen=True)
class Stage:
    """The codes that make up a unit from one day (from ever, where None) up to another, itself not included."""

    codes: frozenset[str]
    begins: date | None
    ends: date | None


@dataclass(frozen=True)
class Lineage:
    """A unit over time, the latest stage first.

    Attributes
    ----------
    named : the codes that it is named by
    events : those within the window, on which its codes changed
    """

    named: tuple[str, ...]
    stages: tuple[Stage, ...]
    events: tuple[Event, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        """Every code that it had."""
        return frozenset().union(*(stage.codes for stage in self.stages))

    @property
    def in_order(self) -> list[str]:
        """Every code that it had, those that it is named by first."""
        others = sorted(self.codes - {*self.named})
        return [*(code for code in self.named if code in self.codes), *others]

    def counts(self, code: str, periods: pd.PeriodIndex) -> np.ndarray:
        """(p,) Whether a code is part of the unit in each period; in one that holds the day, both before and after it are."""
        parts = [_overlap(stage, periods) for stage in self.stages if code in stage.codes]
        return np.logical_or.reduce(parts) if parts else np.zeros(len(periods), dtype=bool)


def ever(codes: Sequence[str], events: Sequence[Event]) -> frozenset[str]:
    """The codes that make up a unit in a window without an end; as far as they can be told."""
    try:
        return lineage(codes, events, date.min, date.max).codes
    except EvaluationError:
        return frozenset(codes)


def lineage(codes: Sequence[str], events: Sequence[Event], first: date, last: date) -> Lineage:
    """Which codes make up a unit, from the first day of a window to the last.

    All that was counted under the codes before an event is what is counted under those after it; so a unit is one series
    over time where it holds all of the one side or of the other.

    Parameters
    ----------
    codes : those that a site or comparator is named by, of whatever time
    events : the earliest first

    Raises
    ------
    EvaluationError
        Where the unit is a part only of what merged or was split within the window.
    """
    try:
        return _backwards(codes, events, first, last, *_at_the_end(codes, events, first, last, whole=False))
    except EvaluationError:
        # Named by what was whole before it was split, of which one part kept the code.
        return _backwards(codes, events, first, last, *_at_the_end(codes, events, first, last, whole=True))


def _at_the_end(
    codes: Sequence[str], events: Sequence[Event], first: date, last: date, *, whole: bool
) -> tuple[frozenset[str], frozenset[str]]:
    """What a unit's codes are on the last day, and which had closed; where each is its ``whole``, with all that left it within the window."""
    latest, closed = frozenset(codes), frozenset[str]()
    for event in reversed(events):
        if event.since > last and event.began & latest:  # a code of later, named for a window before it
            latest = _earlier(latest, event)
    for event in events:
        if event.since > last:
            continue
        if not event.after:
            remaining = _without(latest, event, "closed")
            latest, closed = remaining, closed | (latest - remaining)
        elif event.ended & latest or (whole and event.since > first and event.before <= latest):
            if not event.before <= latest:
                raise EvaluationError(_is_over(event, event.ended & latest))
            latest = (latest - event.before) | event.after
    return latest, closed


def _backwards(
    codes: Sequence[str],
    events: Sequence[Event],
    first: date,
    last: date,
    latest: frozenset[str],
    closed: frozenset[str],
) -> Lineage:
    used, stages, ends = [], [], None
    for event in reversed(events):
        if not first < event.since <= last:
            continue
        earlier = latest | (event.before & closed) if not event.after else _earlier(latest, event)
        if earlier != latest:
            stages.append(Stage(latest, event.since, ends))
            latest, ends = earlier, event.since
            used.append(event)
        elif not event.after and event.before & latest:
            used.append(event)
    stages.append(Stage(latest, None, ends))
    return Lineage(tuple(codes), tuple(stages), tuple(reversed(used)))


def _without(codes: frozenset[str], event: Event, kind: str) -> frozenset[str]:
    """The codes without one that opened or closed on a day; one that is nothing else keeps it, and has no figures then."""
    one = event.before | event.after
    return codes - one if event.kinds == {kind} and codes - one else codes


def _earlier(codes: frozenset[str], event: Event) -> frozenset[str]:
    """What codes were before a day on which some of them began."""
    if not event.after & codes:
        return codes
    if event.kinds == {"opened"}:
        return _without(codes, event, "opened")
    if not event.after <= codes:
        raise EvaluationError(_is_a_part(event, event.after & codes, event.after - codes))
    return (codes - event.after) | event.before


def _is_over(event: Event, ended: frozenset[str]) -> str:
    what, into = listed(ended), listed(event.after)
    became = {"recoded": "recoded as", "split": "split into"}.get(min(event.kinds), "merged into")
    return (
        f"{what} {_was(ended)} {became} {into} in {day_in_words(event.since)} ({SUCCESSORS}): name {into} in its place, leave it out,"
        f" or end the window before {event.since}."
    )


def _is_a_part(event: Event, named: frozenset[str], others: frozenset[str]) -> str:
    return (
        f"{listed(named)} {_was(named)} a part of {listed(event.before)} until {day_in_words(event.since)} ({SUCCESSORS}), so earlier"
        f" figures are of more than it: add up all parts, with {listed(others)}, in one site, leave it out, or begin the window"
        f" on {event.since}."
    )


def lineages_of(
    codes_of: Mapping[str, Sequence[str]],
    comparators: Sequence[str],
    events: Sequence[Event],
    periods: pd.PeriodIndex,
    *,
    apart: bool,
) -> dict[str, Lineage]:
    """Each unit of an analysis with the codes that it had in these periods: sites, then comparators.

    Parameters
    ----------
    codes_of : the codes of each site
    apart : whether the organisations of a site are units of their own

    Raises
    ------
    EvaluationError
        Where a unit is a part only of what merged or was split, or a code would be counted twice.
    """
    first, last = periods[0].start_time.date(), periods[-1].end_time.date()
    lineages: dict[str, Lineage] = {}
    for unit, codes in codes_of.items():
        one = _lineage(codes, events, first, last, "site")
        # Of a site whose organisations are units of their own, those that merged into another of them are in that one.
        latest = [code for code in codes if code in one.stages[0].codes] if apart else []
        lineages |= {code: _lineage([code], events, first, last, "site") for code in latest} if apart else {unit: one}
    lineages |= {code: _lineage([code], events, first, last, "comparators") for code in comparators}
    if any(one.events for one in lineages.values()):
        _refuse_twice(lineages, periods)
    return lineages


def _lineage(codes: Sequence[str], events: Sequence[Event], first: date, last: date, parameter: str) -> Lineage:
    try:
        return lineage(codes, events, first, last)
    except EvaluationError as error:
        raise EvaluationError(str(error), parameter) from None


def _refuse_twice(lineages: dict[str, Lineage], periods: pd.PeriodIndex) -> None:
    """Refuse a code that is part of two units at once.

    Raises
    ------
    EvaluationError
    """
    counted: dict[str, tuple[str, np.ndarray]] = {}
    for unit, one in lineages.items():
        for code in sorted(one.codes):
            here = one.counts(code, periods)
            other, there = counted.get(code, ("", ~here))
            if (here & there).any() and other:
                raise EvaluationError(
                    f"{code} is part of {other} and of {unit} in {periods[(here & there).argmax()]} ({SUCCESSORS}): leave one of"
                    " the two out."
                )
            counted[code] = (unit, here | there if other else here)


def in_words(event: Event) -> str:
    """What loading made of it, as a sentence with the codes."""
    source, day, before, after = event.cited(), day_in_words(event.since), listed(event.before), listed(event.after)
    if event.kinds == {"merged"}:
        return f"{before} before {day} are added up: they merged into {after}{source}."
    if event.kinds == {"recoded"}:
        return f"{after} before {day} is {before}, the code that it had until then{source}."
    if event.kinds == {"split"}:
        return f"{after} from {day} on are added up: until then they were {before}{source}."
    if event.kinds == {"withdrawn"}:
        return f"{before} was withdrawn {on_day(event.since)}: its figures end there, and what follows is missing, not zero{source}."
    if event.kinds == {"closed"}:
        return f"{before} closed {on_day(event.since)}: it is part of the sum until then{source}."
    if event.kinds == {"opened"}:
        return f"{after} opened {on_day(event.since)}: it is part of the sum from then on{source}."
    return f"{before} before {day}, and {after} from then on, are added up: activity passed between them{source}."


def events_in(catalogue: Catalogue, table: Table) -> tuple[Event, ...]:
    """What became of codes, as far as the rows of a table need to be put together for it."""
    return () if table.layout.restated else events_of(catalogue.successors.values())


def contradictions(catalogue: Catalogue, rows: TableRows, events: Iterable[Event]) -> list[Problem]:
    """Where the figures of a table show that something was on another day, or is there of which the table says it is not.

    What ended has figures after that day; what began has some before it, or none until later.
    """
    events = tuple(events)
    held = _held(rows) if events else pd.DataFrame()
    table = f"data/{rows.table.path}"
    problems = []

    def problem(event: Event, code: str, what: str) -> None:
        line = next(line for line in event.lines if code in line.codes)
        problems.append(catalogue.problem("successors", line.key, ("from",), f"`from` is {event.since}, but {what}"))

    for event in events:
        of = held[held["unit"].isin(event.before | event.after)]
        for code in sorted(event.ended):
            own = of[of["unit"] == code]
            late = own if rows.table.layout.restated else own[own["starts"] >= event.since]
            if len(late):
                remedy = (
                    f"take `restated` from the description of that table, which says that no figures are {code}'s"
                    if rows.table.layout.restated
                    else "correct the day, or take those figures out; where its publisher went on with that code, leave both"
                )
                problem(
                    event,
                    code,
                    f"{table}, line {late.index[0]}, has figures of {code} in {late['period'].iloc[0]}: {remedy}.",
                )
        if rows.table.layout.restated or not of["unit"].isin(event.ended).any():
            continue
        for code in sorted(event.began):
            own = of[of["unit"] == code]
            early = own[own["ends"] < event.since]
            if len(early):
                problem(
                    event, code,
                    f"{table}, line {early.index[0]}, has figures of {code} in {early['period'].iloc[0]}: correct the day, or"
                    f" add a line from {code} to itself if that code was used before.",
                )  # fmt: skip
            elif len(own) and own["starts"].min() > event.since:
                problem(
                    event, code,
                    f"the figures of {code} in {table} begin in {own['period'].min()}: correct the day, or add those before.",
                )  # fmt: skip
    return problems


def _held(rows: TableRows) -> pd.DataFrame:
    """The rows that hold a figure above nought, by line: unit, period, and its first and last day."""
    layout, frame = rows.table.layout, rows.frame
    counted = set(rows.table.column_types) - {layout.period}  # a year may be described as a number
    numbers = [name for name, kind in rows.table.column_types.items() if kind in NUMBERS and name in {*frame} & counted]
    some = frame[(frame[numbers] > 0).any(axis=1)]
    periods = pd.PeriodIndex(some[layout.period])
    return pd.DataFrame(
        {
            "unit": some[layout.unit], "period": some[layout.period], "starts": periods.start_time.date,
            "ends": periods.end_time.date,
        }, index=some.index,
    )  # fmt: skip


def gated_apart(table: Table, codes: Collection[str], events: Iterable[Event]) -> str:
    """Why codes of a table under a rule for small numbers are not put together; empty where nothing has to be.

    Counts that were withheld and rounded one by one, and those of the sum, would tell of each other.
    """
    for event in events:
        here = (event.before | event.after) & set(codes)
        if len(here) > 1 and event.kinds & set(SUMMED):
            into = listed(event.after)
            return (
                f"holds {listed(here)}, of which {SUCCESSORS} says that they {'merged into' if 'merged' in event.kinds else 'were split into'}"
                f" {into}, and counts that were withheld and rounded apart are not added up: add them up under one code in the"
                f" exact table, in every {table.layout.grain}, write `restated: true` below `evalkit` in its description, and run `evalkit gate`."
            )
    return ""


def gated_problems(catalogue: Catalogue, table: Table, shown: str, units: pd.Series) -> list[Problem]:
    """The refusal of ``gated_apart``, at the line of the table where the second of the codes begins."""
    events = events_in(catalogue, table)
    what = gated_apart(table, units.unique(), events)
    if not what:
        return []
    codes = next(
        codes
        for event in events
        for codes in [event.before | event.after]
        if gated_apart(table, codes & {*units}, [event])
    )
    lines = units[units.isin(codes)].drop_duplicates().index
    return [Problem(shown, int(lines[1]), what)]


def _overlap(stage: Stage, periods: pd.PeriodIndex) -> np.ndarray:
    counts = np.ones(len(periods), dtype=bool)
    if stage.begins is not None:
        counts &= periods.end_time.date >= stage.begins
    if stage.ends is not None:
        counts &= periods.start_time.date < stage.ends
    return counts


def _was(codes: Collection[str]) -> str:
    return "was" if len(codes) == 1 else "were"

"""A direct reading of the rules of control charts: one series, one point at a time, no arrays.

``values`` are floats or None where nothing was reported; ``phases`` say which limits a point belongs to. Written from the
rules alone, so that a mistake in `evalkit.charts` is no mistake here.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Read:
    """What the rules say of one point."""

    centre: float
    lower: float
    upper: float
    rules: frozenset[str]
    way: int


def xmr(values: list[float | None], phases: list[int], *, screen: bool, reading: str) -> list[Read | None]:
    """What is said of each point of an XmR chart; None of those that are missing."""
    limits = {phase: _limits(values, phases, phase, screen) for phase in set(phases)}
    found: list[Read | None] = []
    for at, value in enumerate(values):
        if value is None:
            found.append(None)
            continue
        centre, spread = limits[phases[at]]
        marks = {
            "outside_limits": _outside(value, centre, spread),
            "trend": _in_trend(values, phases, at),
            "two_of_three": _two_of_three(values, phases, at, centre, spread, reading),
            "shift": _in_shift(values, phases, at, centre),
        }
        way = 0
        for rule in ("outside_limits", "trend", "two_of_three", "shift"):
            if marks[rule]:
                way = _way_of_trend(values, phases, at, reading) if rule == "trend" else _side(value, centre)
                break
        rules = frozenset(rule for rule, marked in marks.items() if marked)
        found.append(Read(centre, centre - 2.66 * spread, centre + 2.66 * spread, rules, way))
    return found


def _limits(values, phases, phase, screen) -> tuple[float, float]:
    mine = [value for value, of in zip(values, phases, strict=True) if of == phase and value is not None]
    centre = _mean(mine)
    ranges = [
        abs(values[at] - values[at - 1])
        for at in range(1, len(values))
        if phases[at] == phases[at - 1] == phase and values[at] is not None and values[at - 1] is not None
    ]
    if not ranges:
        return centre, float("nan")
    spread = _mean(ranges)
    if screen and spread > 0:
        spread = _mean([one for one in ranges if one < 3.267 * spread])
    return centre, spread


def _mean(numbers: list[float]) -> float:
    if not numbers:
        return float("nan")
    first = sum(numbers) / len(numbers)
    return first + sum(one - first for one in numbers) / len(numbers)


def _side(value, centre) -> int:
    return (value > centre) - (value < centre)


def _outside(value, centre, spread) -> bool:
    return value > centre + 2.66 * spread or value < centre - 2.66 * spread


def _beyond(value, centre, spread, reading) -> bool:
    inner = 2 / 3 * 2.66 * spread
    beyond = value > centre + inner or value < centre - inner
    return beyond and (reading == "mdc_2023" or not _outside(value, centre, spread))


def _together(values, phases, first, last) -> bool:
    """Whether these points are all there, follow each other and have the same limits."""
    return (
        first >= 0
        and last < len(values)
        and all(values[at] is not None and phases[at] == phases[first] for at in range(first, last + 1))
    )


def _in_shift(values, phases, at, centre) -> bool:
    return any(
        _together(values, phases, first, first + 6)
        and abs(sum(_side(values[k], centre) for k in range(first, first + 7))) == 7
        for first in range(at - 6, at + 1)
    )


def _trend_from(values, phases, first) -> int:
    """1 where seven points from here on all rise, -1 where they all fall."""
    if not _together(values, phases, first, first + 6):
        return 0
    steps = [_side(values[k + 1], values[k]) for k in range(first, first + 6)]
    return 1 if min(steps) == 1 else -1 if max(steps) == -1 else 0


def _in_trend(values, phases, at) -> bool:
    return any(_trend_from(values, phases, first) for first in range(at - 6, at + 1))


def _way_of_trend(values, phases, at, reading) -> int:
    if reading == "nhsr_0_2_2":
        next_too = at + 1 < len(values) and phases[at + 1] == phases[at] and _in_trend(values, phases, at + 1)
        step = _side(values[at + 1], values[at]) if next_too else _side(values[at], values[at - 1])
        return 1 if step == 1 else -1
    # The latest of the sevens that it belongs to, so that a turning point goes the way it turns.
    return next(way for first in range(at, at - 7, -1) if (way := _trend_from(values, phases, first)))


def _two_of_three(values, phases, at, centre, spread, reading) -> bool:
    return _beyond(values[at], centre, spread, reading) and any(
        _together(values, phases, first, first + 2)
        and abs(sum(_side(values[k], centre) for k in range(first, first + 3))) == 3
        and sum(_beyond(values[k], centre, spread, reading) for k in range(first, first + 3)) >= 2
        for first in range(at - 2, at + 1)
    )


def series(random, count: int) -> list[tuple[list[float | None], list[int]]]:
    """Series of all kinds: smooth and rough, with ties, trends, steps, outliers, gaps and rebasings."""
    made = []
    for _ in range(count):
        points = int(random.integers(2, 61))
        values = random.normal(size=points)
        if random.random() < 0.5:
            values = values + random.choice([0.3, 1.0]) * random.normal(size=points).cumsum()
        if random.random() < 0.3:
            values = values + 3 * (random.random(points) < 0.1)
        if random.random() < 0.3:
            values[points // 2 :] += random.choice([-2, 2])
        if random.random() < 0.3:
            start = int(random.integers(0, points))
            values[start : start + 10] = sorted(values[start : start + 10], reverse=bool(random.random() < 0.5))
        if random.random() < 0.5:
            values = values.round(int(random.integers(0, 2)))  # ties
        phases = [0] * points
        if random.random() < 0.4:
            cut = int(random.integers(0, points))
            phases = [int(at >= cut) for at in range(points)]
        gaps = random.random(points) < random.choice([0, 0, 0.1, 0.3])
        listed = [None if gap else float(value) for value, gap in zip(values, gaps, strict=True)]
        made.append((listed, phases))
    return made

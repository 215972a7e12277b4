"""The four special-cause rules of Making Data Count, of many series at once, and what the last point comes to.

Arrays are (n series, t points). A gap ends a run, as a missing row does in NHSRplotthedots 0.2.2, and so does a rebasing.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.charts.lines import Lines

LONG = 7  # points on one side of the centre line, and points that all rise or all fall
# By whose reading: Making Data Count since November 2023, when points beyond a limit began to count in two of three
# (NHSRplotthedots, thread 194), or NHSRplotthedots 0.2.2, in which only those between two thirds and the limit do.
READINGS = {"mdc_2023": "Making Data Count since 2023", "nhsr_0_2_2": "NHSRplotthedots 0.2.2"}
# In the order in which they decide which way a point is special (R/ptd_calculate_point_type.R, 0.2.2).
RULES = ("outside_limits", "trend", "two_of_three", "shift")
DIRECTIONS = {"increase": 1, "decrease": -1, "neutral": 0}
# Points of a phase below which its limits are trial limits; Making Data Count's tool draws no icon below it.
ENOUGH_POINTS = 13

VARIATIONS = (
    "improvement_high", "improvement_low", "concern_high", "concern_low", "neutral_high", "neutral_low", "common_cause",
    "not_enough_points",
)  # fmt: skip
ASSURANCES = ("pass", "fail", "hit_and_miss", "no_target", "no_better_direction", "no_limits", "not_enough_points")


@dataclass(frozen=True, eq=False)
class Signals:
    """Which points each rule marks, each (n, t).

    ``first_rule`` (n, t) is the place in ``RULES`` of the rule that decides, -1 where none marks the point; ``way`` is 1
    where that rule speaks of high or rising, -1 of low or falling, 0 of nothing; ``both_ways`` where another rule that
    marks the point speaks of the other way; ``side`` on which side of the centre line it lies; ``stretch`` numbers the
    stretches without gap and without rebasing.
    """

    outside_limits: np.ndarray
    trend: np.ndarray
    two_of_three: np.ndarray
    shift: np.ndarray
    first_rule: np.ndarray
    way: np.ndarray
    both_ways: np.ndarray
    side: np.ndarray
    stretch: np.ndarray


def signals(
    values: np.ndarray, drawn: Lines, phases: np.ndarray, reading: str = "mdc_2023", skip_centre: bool = False
) -> Signals:
    """Every rule at every point.

    Parameters
    ----------
    values, phases : (n, t)
        As ``lines`` takes them.
    drawn : Lines
    reading : str
        One of ``READINGS``.
    skip_centre : bool
        Points on the centre line neither end a run beside it nor count in it, as on run charts (Perla, Provost and Murray
        2011, BMJ Quality & Safety 20, 46-51); elsewhere they end it.
    """
    stretch = _stretches(values, phases)
    with np.errstate(invalid="ignore"):
        side = np.nan_to_num(np.sign(values - drawn.centre)).astype(int)
        outside = (values > drawn.upper) | (values < drawn.lower)
        beyond = (values > drawn.upper_two_thirds) | (values < drawn.lower_two_thirds)
    trend, trend_way = _trends(values, stretch, reading)
    if reading == "nhsr_0_2_2":
        beyond &= ~outside
    two_of_three = beyond & _two_of_three(beyond, side, stretch)
    reported = np.isfinite(values)
    shift = _in_long_runs(side, stretch, LONG, counted=reported & (side != 0) if skip_centre else None)
    marks = np.stack([outside, trend, two_of_three, shift])
    ways = np.stack([side, trend_way, side, side])
    first = np.where(marks.any(axis=0), marks.argmax(axis=0), -1)
    way = np.where(first >= 0, np.take_along_axis(ways, np.maximum(first, 0)[None], axis=0)[0], 0)
    both_ways = (marks & (ways == -way)).any(axis=0) & (way != 0)
    return Signals(outside, trend, two_of_three, shift, first, way, both_ways, side, stretch)


def _stretches(values: np.ndarray, phases: np.ndarray) -> np.ndarray:
    """A number (n, t) for each stretch of one series without gap and without rebasing."""
    missing = np.isnan(values)
    begins = np.ones(values.shape, bool)
    begins[:, 1:] = missing[:, 1:] | missing[:, :-1] | (phases[:, 1:] != phases[:, :-1])
    return begins.ravel().cumsum().reshape(values.shape)


def _in_long_runs(signs: np.ndarray, stretch: np.ndarray, long: int, counted: np.ndarray | None = None) -> np.ndarray:
    """Which points (n, t) belong to ``long`` or more of one sign in a row, nought being no sign.

    Where ``counted`` is given, other points are passed over.
    """
    taken = np.ones(signs.size, bool) if counted is None else counted.ravel()
    sign, of = signs.ravel()[taken], stretch.ravel()[taken]
    found = np.zeros(signs.size, bool)
    if len(sign):
        begins = np.ones(len(sign), bool)
        begins[1:] = (sign[1:] != sign[:-1]) | (of[1:] != of[:-1])
        run = begins.cumsum() - 1
        found[taken] = (np.bincount(run)[run] >= long) & (sign != 0)
    return found.reshape(signs.shape)


def _trends(values: np.ndarray, stretch: np.ndarray, reading: str) -> tuple[np.ndarray, np.ndarray]:
    """Which points rise or fall without a tie, and which way; a turning point goes the way that it turns."""
    step = np.zeros(values.shape, int)
    step[:, 1:] = np.where(stretch[:, 1:] == stretch[:, :-1], np.sign(np.diff(values, axis=1)), 0)
    into = _in_long_runs(step, stretch, LONG - 1)
    out_of, next_step = np.zeros_like(into), np.zeros_like(step)
    out_of[:, :-1], next_step[:, :-1] = into[:, 1:], step[:, 1:]
    trend = into | out_of
    if reading == "nhsr_0_2_2":
        # It asks whether the next point is in a trend, not whether it is in this one, and calls what does not rise falling.
        next_too = np.zeros_like(trend)
        next_too[:, :-1] = trend[:, 1:] & (stretch[:, 1:] == stretch[:, :-1])
        way = np.where(np.where(next_too, next_step, step) == 1, 1, -1)
    else:
        way = np.where(out_of, next_step, step)
    return trend, np.where(trend, way, 0)


def _two_of_three(beyond: np.ndarray, side: np.ndarray, stretch: np.ndarray) -> np.ndarray:
    """Which points (n, t) are one of three in a row, all on one side, of which two or more are ``beyond``."""
    found = np.zeros(beyond.shape, bool)
    if beyond.shape[1] < 3:
        return found
    hit = (
        (stretch[:, 2:] == stretch[:, :-2])
        & (np.abs(side[:, 2:] + side[:, 1:-1] + side[:, :-2]) == 3)
        & (beyond[:, 2:].astype(int) + beyond[:, 1:-1] + beyond[:, :-2] >= 2)
    )
    for place in range(3):
        found[:, place : place + hit.shape[1]] |= hit
    return found


def natures(way: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """What each point is called: one of ``VARIATIONS``, for ``way`` and ``direction`` of any one shape."""
    better = way * direction
    kind = np.where(direction == 0, "neutral", np.where(better > 0, "improvement", "concern"))
    named = np.char.add(np.char.add(kind, "_"), np.where(way > 0, "high", "low"))
    return np.where(way == 0, "common_cause", named).astype(object)


def last_reported(values: np.ndarray) -> np.ndarray:
    """The place (n,) of each series' last reported point; -1 where there is none."""
    reported = np.isfinite(values)
    return np.where(reported.any(axis=1), values.shape[1] - 1 - reported[:, ::-1].argmax(axis=1), -1)


def reported_in_last_phase(values: np.ndarray, phases: np.ndarray) -> np.ndarray:
    """How many points (n,) were reported in the phase of the last one."""
    last = last_reported(values)
    of_last = phases == np.take_along_axis(phases, np.maximum(last, 0)[:, None], axis=1)
    return (np.isfinite(values) & of_last).sum(axis=1)


def variations(
    way: np.ndarray, last: np.ndarray, points: np.ndarray, direction: np.ndarray, reading: str
) -> np.ndarray:
    """The icon of variation (n,): what the last reported point is."""
    at_last = np.take_along_axis(way, np.maximum(last, 0)[:, None], axis=1)[:, 0]
    few = points < (ENOUGH_POINTS if reading == "mdc_2023" else 1)
    return np.where(few, "not_enough_points", natures(at_last, direction)).astype(object)


def assurances(
    drawn: Lines, last: np.ndarray, points: np.ndarray, target: np.ndarray, direction: np.ndarray, reading: str
) -> np.ndarray:
    """The icon of assurance (n,): where ``target`` (n,) lies against the limits at the last reported point."""
    at = np.maximum(last, 0)[:, None]
    lower = np.take_along_axis(drawn.lower, at, axis=1)[:, 0]
    upper = np.take_along_axis(drawn.upper, at, axis=1)[:, 0]
    with np.errstate(invalid="ignore"):
        above, below = target > upper, target < lower
    met = np.where(direction > 0, below, above)
    missed = np.where(direction > 0, above, below)
    return np.select(
        [
            np.isnan(target),
            direction == 0,
            points < (ENOUGH_POINTS if reading == "mdc_2023" else 1),
            np.isnan(lower) | np.isnan(upper),
            met,
            missed,
        ],
        ["no_target", "no_better_direction", "not_enough_points", "no_limits", "pass", "fail"],
        "hit_and_miss",
    ).astype(object)

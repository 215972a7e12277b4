"""A chart in plain words: what its last point is and why, what its target comes to, and what it cannot say."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from evalkit.charts.chart import Chart
from evalkit.charts.rules import RULES
from evalkit.charts.series import one_period
from evalkit.intake.periods import NUMBERED

MOST_DECIMALS = 9
WRITTEN_OUT = 1e15  # from here on a number has more figures than anybody reads
OLD_AFTER = 6  # months: a last point older than this is told in the past
YEAR = {"M": 12, "Q-DEC": 4}  # periods in one, where the same time of another year can be told
NATURES = {
    "improvement": "a special cause of improving nature",
    "concern": "a special cause of concerning nature",
    "neutral": "a special cause ({}; neither direction is better)",
}
LINES = {"run": "median", "g": "median"}
# Read of a chart whose point is special, and of one whose point is not.
NO_EFFECT = (
    "A special cause is no effect: it says that something other than the usual variation was at work, and not what. Another"
    " event, the season or a new way of recording can do it, and what would have happened without a change is on no chart."
)
NO_PROOF = "That nothing is special does not show that a change had no effect: limits as wide as these can hide one."


def sentences(chart: Chart, name: str, as_of: date | None = None, evaluation: str | None = None) -> tuple[str, ...]:
    """What a reader is told, the last point first.

    Parameters
    ----------
    chart : Chart
    name : str
        What is drawn, in plain words, as it stands in a sentence: "visits that ended within four hours".
    as_of : date, optional
        The day on which this is read or printed: a last point older than six months is told in the past.
    evaluation : str, optional
        The title of the evaluation of a change in this series, which the chart then points to.
    """
    return tuple(
        sentence
        for sentence in (
            last_point(chart, name, as_of),
            assurance(chart, as_of),
            *(check.detail for check in chart.checks if check.passed is not True),
            *rebasings(chart),
            no_verdict(chart, evaluation),
        )
        if sentence
    )


def last_point(chart: Chart, name: str, as_of: date | None = None) -> str:
    """The last reported point, what it was a year before, what it is and why: names its month first."""
    lead = f"{name[:1].upper()}{name[1:]} {_when(chart, chart.last['period'])}: {reported(chart)}"
    return f"{lead}; {state(chart, as_of)}"


def reported(chart: Chart) -> str:
    """The last reported point as it was reported, and what was a year before; season is in both."""
    return f"{amount(chart, chart.last['observed'])}{_a_year_before(chart)}"


def state(chart: Chart, as_of: date | None = None) -> str:
    """What the last reported point is, since when and why; ends the sentence that names it.

    Without ``as_of`` it is told without a tense, so that it stays true however late it is read.
    """
    point = chart.last
    this = "" if as_of is None else "this was " if _is_old(point["period"], as_of) else "this is "
    if chart.variation == "not_enough_points":
        return f"there are not enough points yet to say whether {this or 'this is '}usual."
    if chart.variation == "common_cause":
        judged = " once season is removed" if season_was_removed(chart) else ""
        return f"{this}common cause variation, within what is usual here{judged}."
    kind, side = chart.variation.split("_")
    nature = NATURES[kind].format("higher" if side == "high" else "lower")
    return " ".join((f"{this}{nature}, {_since_in_words(chart)}, because {reason(chart)}.", *other_reasons(chart)))


def since(chart: Chart) -> Any:
    """The first of the periods without a break, up to the last reported one, that are special in the same way."""
    nature, phase = (chart.points[name].to_numpy() for name in ("nature", "phase"))
    last = at = _last_place(chart)
    while at > 0 and nature[at - 1] == nature[last] and phase[at - 1] == phase[last]:
        at -= 1
    return chart.points["period"].iloc[at]


def reason(chart: Chart) -> str:
    """Which rule decides at the last reported point, with how many points it rests on: ends "because ..."."""
    rule = chart.last["special_cause"]
    if not season_was_removed(chart):
        return _reason(chart, rule)
    left = number(chart, chart.last["value"])
    if rule == "outside_limits":
        return f"once season is removed it comes to {left}, and {_reason(chart, rule).removeprefix('it ')}"
    return f"once season is removed, which leaves {left}, {_reason(chart, rule)}"


def other_reasons(chart: Chart) -> Iterator[str]:
    """Which other rules mark the last reported point, a sentence for each way of which they speak."""
    point = chart.last
    others = [rule for rule in RULES if point[rule] and rule != point["special_cause"]]
    decided = 1 if chart.variation.endswith("_high") else -1
    for way, lead in ((decided, "So too, by another rule"), (-decided, "The other way, by another rule")):
        told = [_reason(chart, rule) for rule in others if _way(chart, rule) == way]
        if told:
            yield f"{lead}: {' and '.join(told)}."


def season_was_removed(chart: Chart) -> bool:
    """Whether the last reported point is judged by another number than was reported."""
    return bool(chart.last["observed"] != chart.last["value"])


def _reason(chart: Chart, rule: str) -> str:
    """What a rule sees at the last reported point, as a clause."""
    point, one = chart.last, one_period(pd.Index(chart.points["period"]))
    above = _way(chart, rule) > 0
    side, limit = ("above", "upper") if above else ("below", "lower")
    if rule == "outside_limits":
        return f"it lies {side} the {limit} limit of {amount(chart, point[limit])}"
    if rule == "trend":
        return f"{_run(chart, 'trend')} {one}s in a row {'rise' if above else 'fall'}"
    if rule == "two_of_three":
        return f"two of three {one}s in a row lie near or beyond the {limit} limit"
    centre = LINES.get(chart.kind, "mean")
    return f"{_run(chart, 'shift')} {one}s in a row lie {side} the {centre} of {amount(chart, point['centre'])}"


def _way(chart: Chart, rule: str) -> int:
    """Of which way a rule speaks at the last reported point: 1 up, -1 down."""
    point, points = chart.last, chart.points
    if rule == point["special_cause"]:
        return 1 if chart.variation.endswith("_high") else -1
    if rule == "trend":
        return 1 if point["value"] > points["value"].iloc[_last_place(chart) - 1] else -1
    return 1 if point["value"] > point["centre"] else -1


def _a_year_before(chart: Chart) -> str:
    period = chart.last["period"]
    step = YEAR.get(period.freqstr) if isinstance(period, pd.Period) else None
    if step is None or chart.kind in ("t", "g"):
        return ""
    before = chart.points.loc[chart.points["period"] == period - step, "observed"]
    if before.empty:
        return ""
    value = before.iloc[0]
    if pd.isna(value):
        return " (not reported a year before)"
    return f" ({number(chart, value)}{'%' if chart.measure_unit.startswith('%') else ''} a year before)"


def _since_in_words(chart: Chart) -> str:
    first, last = since(chart), chart.last["period"]
    return "new at this point" if first == last else f"since {in_words(first)}"


def _last_place(chart: Chart) -> int:
    return int(np.flatnonzero(chart.points["value"].notna().to_numpy())[-1])


def assurance(chart: Chart, as_of: date | None = None) -> str:
    """What the target comes to as things are; empty where none is judged."""
    if chart.target is None or chart.assurance in ("no_target", "no_better_direction", "no_limits"):
        return ""
    point = chart.last
    what = "target" if pd.notna(point["target"]) else "planned value"
    aim = f"The {what} of {amount(chart, chart.target)}"
    if chart.assurance == "not_enough_points":
        return f"{aim} is not judged yet, as there are not enough points for limits."
    lower, upper = (amount(chart, point[name]) for name in ("lower", "upper"))
    if chart.assurance == "hit_and_miss":
        lies = (
            f"lies within the limits of {lower} to {upper}, so by these limits it is sometimes met and sometimes missed"
        )
    else:
        where = (
            f"above the upper limit of {upper}"
            if chart.target > point["upper"]
            else f"below the lower limit of {lower}"
        )
        kept, not_kept = ("met", "missed") if chart.assurance == "pass" else ("missed", "met")
        lies = f"lies {where}, so by these limits it is {kept} point after point"
        if gainsaid(chart):
            lies = f"lies {where} of all these points, though it was {not_kept} at the last of them"
    past = " This was so at the last point, which is old." if _is_old(point["period"], as_of) else ""
    return f"{aim} {lies}.{past}"


def gainsaid(chart: Chart) -> bool:
    """Whether the last point, as it was reported, met a target that is missed by the limits, or missed one that is met."""
    if chart.target is None or chart.assurance not in ("pass", "fail"):
        return False
    reported = float(chart.last["observed"])
    met = reported >= chart.target if chart.direction == "increase" else reported <= chart.target
    return met != (chart.assurance == "pass")


def rebasings(chart: Chart) -> Iterator[str]:
    """From when on limits were made anew, and why."""
    for first, reason in zip(chart.phases["first"], chart.phases["reason"], strict=True):
        if reason:
            yield f"Limits are made anew from {in_words(first)} on: {reason}."


def no_verdict(chart: Chart, evaluation: str | None = None) -> str:
    """Why this is no finding on a change, and where there is one."""
    special = chart.variation not in ("common_cause", "not_enough_points")
    said = NO_EFFECT if special else NO_PROOF
    if evaluation is None:
        return said
    return f"{said} What the change did is estimated in the evaluation “{evaluation}”."


def in_words(period: Any) -> str:
    """A period as people write it: March 2026; the week from 2 March 2026; 2 March 2026."""
    if not isinstance(period, pd.Period):
        return f"number {period}"
    frequency = period.freqstr
    if frequency == NUMBERED:
        return f"period {period.year}"
    begins = period.start_time
    if frequency == "M":
        return f"{begins:%B} {begins.year}"
    if frequency == "Q-DEC":
        return f"quarter {period.quarter} of {begins.year}"
    if frequency == "Y-DEC":
        return str(begins.year)
    day = f"{begins.day} {begins:%B} {begins.year}"
    if frequency == "D":
        return day
    return f"the week from {day}"


def _when(chart: Chart, period: Any) -> str:
    """When a point was, with the word before it."""
    if chart.kind in ("t", "g"):
        return f"up to {in_words(period)}"
    return f"{'on' if period.freqstr == 'D' else 'in'} {in_words(period)}"


def amount(chart: Chart, value: float) -> str:
    """A value with its unit, as ``number`` writes it."""
    if chart.measure_unit.startswith("%"):
        return f"{number(chart, value)}%"
    return f"{number(chart, value)} {chart.measure_unit}".rstrip()


def number(chart: Chart, value: float) -> str:
    """A value to as many figures as the spread of the chart's points bears."""
    values = chart.points["value"].dropna().to_numpy(float)
    spread = float(np.ptp(values)) if len(values) else 0.0
    whole = bool((values == np.floor(values)).all()) and float(value).is_integer()
    decimals = 0 if spread >= 50 or whole else 1 if spread >= 2 else 2
    if 0 < spread < 0.1:
        decimals = min(int(np.ceil(-np.log10(spread))) + 1, MOST_DECIMALS)
    written = f"{value:,.{decimals}f}" if abs(value) < WRITTEN_OUT else f"{value:.3g}"
    return written.replace("-", "−")


def _run(chart: Chart, rule: str) -> int:
    """How many points back from the last reported one its run goes."""
    points = chart.points
    last = _last_place(chart)
    values, centre = points["value"].to_numpy(float), points["centre"].to_numpy(float)
    if rule == "shift":
        side = np.sign(values - centre)
        same = [k for k in range(last + 1) if side[k] == side[last]]
    else:
        step = np.sign(np.diff(values, prepend=np.nan))
        same = [k for k in range(last + 1) if step[k] == step[last]]
    members, phase, count, at = set(same), points["phase"].to_numpy(), 0, last
    while at >= 0 and at in members and phase[at] == phase[last]:
        count, at = count + 1, at - 1
        while chart.kind == "run" and rule == "shift" and at >= 0 and values[at] == centre[at]:
            at -= 1
    return count + (1 if rule == "trend" else 0)


def _is_old(period: Any, as_of: date | None) -> bool:
    if as_of is None or not isinstance(period, pd.Period) or period.freqstr == NUMBERED:
        return False
    ended = period.end_time
    return (as_of.year - ended.year) * 12 + as_of.month - ended.month > OLD_AFTER

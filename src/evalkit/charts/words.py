"""A chart in plain words: what its last point is and why, what its target comes to, and what it cannot say."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from evalkit.charts.chart import A_YEAR, Chart, Spoken
from evalkit.charts.series import one_period
from evalkit.intake.periods import NUMBERED

MOST_DECIMALS = 9
WRITTEN_OUT = 1e15  # from here on a number has more figures than anybody reads
OLD_AFTER = 6  # months: a last point older than this is told in the past
NATURES = {
    "improvement": "a special cause of improving nature",
    "concern": "a special cause of concerning nature",
    "neutral": "a special cause ({}; neither direction is better)",
}
SAME_WAY = "So too"
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
    return f"{amount(chart, chart.last['value'])}{_a_year_before(chart)}"


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
    return " ".join((f"{this}{nature}, {_since(chart)}, because {reason(chart)}.", *_further(chart)))


def reason(chart: Chart) -> str:
    """Which rule has spoken for longest of what the last reported point is called: ends "because ..."."""
    first = _speaking(chart)[0]
    said = _clause(chart, first)
    if not season_was_removed(chart):
        return said
    left = number(chart, chart.last["judged"])
    return f"once season is removed, which makes it {left}, {said}"


def in_short(state: str) -> str:
    """``state`` without the other rules that say so too, for where many stand beside each other."""
    kept = [sentence for sentence in state.removesuffix(".").split(". ") if not sentence.startswith(SAME_WAY)]
    return f"{'. '.join(kept)}."


def season_was_removed(chart: Chart) -> bool:
    """Whether the last reported point is judged by another number than was reported."""
    return bool(chart.last["value"] != chart.last["judged"])


def _speaking(chart: Chart, same_way: bool = True) -> list[Spoken]:
    """The rules that speak at the last reported point, of the way that it is called or of the other; the longest first."""
    side = chart.variation.rpartition("_")[2]
    return [one for one in chart.spoken if one.at_last and (one.side == side) == same_way]


def _since(chart: Chart) -> str:
    first = _speaking(chart)[0].since
    return "new at this point" if first == str(chart.last["period"]) else f"since {_named(chart, first)}"


def _further(chart: Chart) -> Iterator[str]:
    """What other rules see at the last reported point, a sentence for each way of which they speak; and a year before."""
    began = _speaking(chart)[0].since
    for lead, others in ((SAME_WAY, _speaking(chart)[1:]), ("The other way", _speaking(chart, same_way=False))):
        if others:
            told = [f"{_clause(chart, one)}{_from_when(chart, one, began)}" for one in others]
            yield f"{lead}, by {'another rule' if len(told) == 1 else 'other rules'}: {' and '.join(told)}."
    if apart := _against_year_before(chart):
        yield apart


def _against_year_before(chart: Chart) -> str:
    """That the year before says otherwise than the rules do, as they hold the point against all of its phase."""
    before, point = chart.year_before, chart.last
    kind, side = chart.variation.split("_")
    if before is None or kind == "neutral":
        return ""
    apart = float(point["value"]) - float(before["value"])
    if number(chart, point["value"]) == number(chart, before["value"]) or (apart > 0) == (side == "high"):
        return ""
    compared = in_words(chart.points.loc[chart.points["phase"] == point["phase"], "period"].iloc[0])
    worse = "worse" if kind == "improvement" else "better"
    return f"It is {worse} than a year before, though: the rules look at all since {compared}."


def _from_when(chart: Chart, one: Spoken, began: str) -> str:
    return "" if one.since in (began, str(chart.last["period"])) else f" (since {_named(chart, one.since)})"


def _clause(chart: Chart, one: Spoken) -> str:
    """What a rule sees at the last reported point."""
    point, each = chart.last, one_period(pd.Index(chart.points["period"]))
    side, limit = ("above", "upper") if one.side == "high" else ("below", "lower")
    if one.rule == "outside_limits":
        return f"it lies {side} the {limit} limit of {_bare(chart, point[limit])}"
    if one.rule == "trend":
        return f"{one.points} {each}s in a row {'rise' if one.side == 'high' else 'fall'}"
    if one.rule == "two_of_three":
        return f"two of three {each}s in a row lie near or beyond the {limit} limit"
    centre = LINES.get(chart.kind, "mean")
    return f"{one.points} {each}s in a row lie {side} the {centre} of {_bare(chart, point['centre'])}"


def _a_year_before(chart: Chart) -> str:
    before, period = chart.year_before, chart.last["period"]
    if before is not None:
        return f" ({_bare(chart, before['value'])} a year before)"
    step = A_YEAR.get(period.freqstr) if isinstance(period, pd.Period) else None
    known = step is not None and (chart.points["period"] == period - step).any()
    return " (not reported a year before)" if known else ""


def _named(chart: Chart, period: str) -> str:
    """A period of the chart, told as text, in words."""
    periods = chart.points["period"]
    return in_words(periods[periods.astype(str) == period].iloc[0])


def assurance(chart: Chart, as_of: date | None = None) -> str:
    """What the target comes to as things are; empty where none is judged."""
    if chart.target is None or chart.assurance in ("no_target", "no_better_direction", "no_limits"):
        return ""
    point = chart.last
    what = "target" if pd.notna(point["target"]) else "planned value"
    unit = "%" if chart.measure_unit.startswith("%") else f" {chart.measure_unit}".rstrip()
    aim = f"The {what} of {chart.target:,.10g}{unit}"
    if chart.assurance == "not_enough_points":
        return f"{aim} is not judged yet, as there are not enough points for limits."
    lower, upper = (_bare(chart, point[name]) for name in ("lower", "upper"))
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
    reported = float(chart.last["value"])
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


def _bare(chart: Chart, value: float) -> str:
    """A value where its unit has been told: only per cent has it again."""
    return f"{number(chart, value)}%" if chart.measure_unit.startswith("%") else number(chart, value)


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


def _is_old(period: Any, as_of: date | None) -> bool:
    if as_of is None or not isinstance(period, pd.Period) or period.freqstr == NUMBERED:
        return False
    ended = period.end_time
    return (as_of.year - ended.year) * 12 + as_of.month - ended.month > OLD_AFTER

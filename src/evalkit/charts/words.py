"""A chart in plain words: what its last point is, since when and why, and what a chart cannot say."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from evalkit.charts.amounts import amount, bare, in_words, is_old, with_figures
from evalkit.charts.chart import A_YEAR, Chart, Spoken
from evalkit.charts.past_words import A_COUNT, against_year_before, ended_run, year_on_year
from evalkit.charts.rules import LONG
from evalkit.charts.series import one_period
from evalkit.charts.target_words import assurance

NATURES = {
    "improvement": "a special cause of improving nature",
    "concern": "a special cause of concerning nature",
    "neutral": "a special cause ({}; neither direction is better)",
}
SIX = 6  # points that are told where no icon can be read
LATELY = 12  # points, of which it is told how many lie beyond a limit
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
    counted = year_on_year(chart)
    return tuple(
        sentence
        for sentence in (
            last_point(chart, name, as_of),
            counted and f"{counted} {A_COUNT}",
            ended_run(chart),
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
    return "; ".join(filter(None, (lead, level(chart), state(chart, as_of))))


def level(chart: Chart) -> str:
    """What is usual, which is the centre line, and the last reported point without season where that was removed."""
    if chart.variation == "not_enough_points":
        return ""
    usual = f"usual {bare(chart, chart.last['centre'])}"
    return (
        f"once season is removed {bare(chart, chart.last['judged'])}, {usual}" if season_was_removed(chart) else usual
    )


def reported(chart: Chart) -> str:
    """The last reported point as it was reported, and what was a year before; season is in both."""
    return f"{amount(chart, chart.last['value'])}{_a_year_before(chart)}"


def state(chart: Chart, as_of: date | None = None) -> str:
    """What the last reported point is, since when and why; ends the sentence that names it.

    Without ``as_of`` it is told in the past, of its own period, so that it stays true however late it is read.
    """
    point = chart.last
    past = as_of is None or is_old(point["period"], as_of)
    this = "" if as_of is None else "this was " if past else "this is "
    if chart.variation == "not_enough_points":
        return f"there {'were' if past else 'are'} not enough points yet to say whether this {'was' if past else 'is'} usual."
    if chart.variation == "common_cause":
        judged = " once season is removed" if season_was_removed(chart) else ""
        return f"{this}common cause variation, within what is usual here{judged}."
    return " ".join((f"{this}{_kind(chart)}, because {reason(chart, past)}.", *_further(chart, past)))


def state_in_brief(chart: Chart) -> str:
    """What the last reported point is, and since when; without a tense, and without why."""
    if chart.variation == "not_enough_points":
        return "not enough points yet to say more."
    if chart.variation == "common_cause":
        return "common cause variation."
    apart = _differs_from_year_before(chart)
    return f"{_kind(chart)}{f', though {apart} than a year before' if apart else ''}."


def _kind(chart: Chart) -> str:
    kind, side = chart.variation.split("_")
    return f"{NATURES[kind].format('higher' if side == 'high' else 'lower')}, {_since(chart)}"


def reason(chart: Chart, past: bool = True) -> str:
    """Which rule has spoken for longest of what the last reported point is called: ends "because ..."."""
    return _seen(chart, _speaking(chart)[0], past)


def season_was_removed(chart: Chart) -> bool:
    """Whether the last reported point is judged by another number than was reported."""
    return bool(chart.last["value"] != chart.last["judged"])


def _speaking(chart: Chart, same_way: bool = True) -> list[Spoken]:
    """The rules that speak at the last reported point, of the way that it is called or of the other; the longest first."""
    side = chart.variation.rpartition("_")[2]
    return [one for one in chart.spoken if one.at_last and (one.side == side) == same_way]


def since(chart: Chart) -> str:
    """The first of the unbroken points that are marked as the last one is, in the chart and in its table."""
    return str(chart.points["period"].iloc[_first_of_last(chart)])


def _first_of_last(chart: Chart) -> int:
    """The place of the first of the unbroken points that are what the last one is."""
    natures = chart.points["nature"].to_numpy()
    last = int(chart.points["value"].notna().to_numpy().nonzero()[0][-1])
    others = np.flatnonzero(natures[:last] != natures[last])
    return int(others[-1]) + 1 if len(others) else 0


def _since(chart: Chart) -> str:
    """Since when; and where one unmarked point is all that parts it from a long row of the same, that there is one."""
    first, natures = _first_of_last(chart), chart.points["nature"].to_numpy()
    said = since(chart)
    began = "new at this point" if said == str(chart.last["period"]) else f"since {_named(chart, said)}"
    parted = first > LONG - 1 and natures[first - 1] == "common_cause"
    if parted and (natures[first - LONG : first - 1] == chart.last["nature"]).all():
        return f"{began}, and before {in_words(chart.points['period'].iloc[first - 1])} too"
    return began


def _further(chart: Chart, past: bool) -> Iterator[str]:
    """What other rules see at the last reported point, a sentence for each way of which they speak; and a year before."""
    speaks, agrees = ("spoke", "agreed") if past else ("speaks", "agrees")
    same, other = _speaking(chart)[1:], _speaking(chart, same_way=False)
    for does, others in ((agrees, same), (f"{speaks} the other way", other)):
        if others:
            told = [_seen(chart, one, past) for one in others]
            several = does if past else does.replace("speaks", "speak").replace("agrees", "agree")
            yield f"{f'Another rule {does}' if len(told) == 1 else f'Other rules {several}'}: {' and '.join(told)}."
    if apart := _against_year_before(chart, past):
        yield apart


def _against_year_before(chart: Chart, past: bool) -> str:
    """That the year before says otherwise than the rules do, as they hold the point against all of its phase."""
    apart = _differs_from_year_before(chart)
    if not apart:
        return ""
    compared = in_words(chart.points.loc[chart.points["phase"] == chart.last["phase"], "period"].iloc[0])
    return f"It {'was' if past else 'is'} {apart} than a year before, though: the rules look at all since {compared}."


def _differs_from_year_before(chart: Chart) -> str:
    """``worse`` where the rules say improvement, ``better`` where they say concern; empty where the year before agrees."""
    way = against_year_before(chart)
    return way if (chart.variation.split("_")[0], way) in (("improvement", "worse"), ("concern", "better")) else ""


def _seen(chart: Chart, one: Spoken, past: bool) -> str:
    """What a rule sees, since when where that is not told yet, and how many points lie beyond a limit."""
    about = [] if one.since in (since(chart), str(chart.last["period"])) else [f"since {_named(chart, one.since)}"]
    if one.rule == "outside_limits":
        about.append(_beyond(chart, "upper" if one.side == "high" else "lower", past))
    beside = f" ({'; '.join(about)})" if about else ""
    return f"{_clause(chart, one, past)}{beside}"


def _beyond(chart: Chart, limit: str, past: bool) -> str:
    """How many of the last points, and of all, lie beyond their limit: "since" alone would be taken for all of them."""
    reported = chart.points[chart.points["value"].notna()]
    beyond = reported["judged"] > reported[limit] if limit == "upper" else reported["judged"] < reported[limit]
    lately, each = beyond[-LATELY:], one_period(pd.Index(chart.points["period"]))
    if int(beyond.sum()) == 1:
        return f"the only one of all {len(beyond)} {each}s"
    if len(beyond) <= LATELY:
        return f"as {_do(int(beyond.sum()), past)} of {len(beyond)} {each}s"
    return (
        f"as {_do(int(lately.sum()), past)} of the last {LATELY} {each}s{with_figures(reported['period'].iloc[-LATELY:])}, and"
        f" {int(beyond.sum())} of all {len(beyond)}"
    )


def _do(many: int, past: bool) -> str:
    return f"{'did' if past else 'does' if many == 1 else 'do'} {many}"


def _clause(chart: Chart, one: Spoken, past: bool) -> str:
    """What a rule sees, or saw, at the last reported point."""
    point, each = chart.last, one_period(pd.Index(chart.points["period"]))
    side, limit = ("above", "upper") if one.side == "high" else ("below", "lower")
    lie = "lay" if past else "lie"
    if one.rule == "outside_limits":
        return f"it {'lay' if past else 'lies'} {side} the {limit} limit of {bare(chart, point[limit])}"
    if one.rule == "trend":
        did = ("rose" if past else "rise") if one.side == "high" else ("fell" if past else "fall")
        return f"{one.points} {each}s in a row {did}"
    if one.rule == "two_of_three":
        return f"two of three {each}s in a row {lie} near or beyond the {limit} limit"
    centre = LINES.get(chart.kind, "mean")
    return f"{one.points} {each}s in a row {lie} {side} the {centre} of {bare(chart, point['centre'])}"


def _a_year_before(chart: Chart) -> str:
    before, point = chart.year_before, chart.last
    if before is not None:
        return f" ({bare(chart, before['value'])} a year before)"
    period = point["period"]
    step = A_YEAR.get(period.freqstr) if isinstance(period, pd.Period) else None
    row = chart.points[chart.points["period"] == period - step] if step is not None else chart.points[:0]
    if row.empty:
        return ""
    if pd.isna(row["value"].iloc[0]):
        return " (not reported a year before)"
    return " (not comparable with a year before)"


def _named(chart: Chart, period: str) -> str:
    """A period of the chart, told as text, in words."""
    periods = chart.points["period"]
    return in_words(periods[periods.astype(str) == period].iloc[0])


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


def lately(chart: Chart) -> str:
    """The last six reported points, oldest first, as they were reported."""
    points = chart.points[chart.points["value"].notna()].iloc[-SIX:]
    values = [bare(chart, value) for value in points["value"]]
    return f"{', '.join(values)} ({in_words(points['period'].iloc[0])} to {in_words(points['period'].iloc[-1])})"


def _when(chart: Chart, period: Any) -> str:
    """When a point was, with the word before it."""
    if chart.kind in ("t", "g"):
        return f"up to {in_words(period)}"
    return f"{'on' if period.freqstr == 'D' else 'in'} {in_words(period)}"

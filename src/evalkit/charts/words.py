"""A chart in plain words: what its last point is, since when and why, and what a chart cannot say."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd

from evalkit.charts.amounts import amount, bare, in_words, is_old, number
from evalkit.charts.chart import A_YEAR, Chart, Spoken
from evalkit.charts.past_words import against_year_before, ended_run, year_on_year
from evalkit.charts.series import one_period
from evalkit.charts.target_words import assurance

NATURES = {
    "improvement": "a special cause of improving nature",
    "concern": "a special cause of concerning nature",
    "neutral": "a special cause ({}; neither direction is better)",
}
SAME_WAY = ("Another rule agrees", "Other rules agree")
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
    return tuple(
        sentence
        for sentence in (
            last_point(chart, name, as_of),
            year_on_year(chart),
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
    return f"{lead}; {state(chart, as_of)}"


def reported(chart: Chart) -> str:
    """The last reported point as it was reported, and what was a year before; season is in both."""
    return f"{amount(chart, chart.last['value'])}{_a_year_before(chart)}"


def state(chart: Chart, as_of: date | None = None) -> str:
    """What the last reported point is, since when and why; ends the sentence that names it.

    Without ``as_of`` it is told without a tense, so that it stays true however late it is read.
    """
    point = chart.last
    this = "" if as_of is None else "this was " if is_old(point["period"], as_of) else "this is "
    if chart.variation == "not_enough_points":
        return f"there are not enough points yet to say whether {this or 'this is '}usual."
    if chart.variation == "common_cause":
        judged = " once season is removed" if season_was_removed(chart) else ""
        return f"{this}common cause variation, within what is usual here{judged}."
    return " ".join((f"{this}{_kind(chart)}, because {reason(chart)}.", *_further(chart)))


def state_in_brief(chart: Chart) -> str:
    """What the last reported point is, and since when; without a tense, and without why."""
    if chart.variation == "not_enough_points":
        return "not enough points yet to say more."
    return "common cause variation." if chart.variation == "common_cause" else f"{_kind(chart)}."


def _kind(chart: Chart) -> str:
    kind, side = chart.variation.split("_")
    return f"{NATURES[kind].format('higher' if side == 'high' else 'lower')}, {_since(chart)}"


def reason(chart: Chart) -> str:
    """Which rule has spoken for longest of what the last reported point is called: ends "because ..."."""
    first = _speaking(chart)[0]
    said = _seen(chart, first)
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


def since(chart: Chart) -> str:
    """The first of the unbroken points that are what the last one is, as they are marked in the chart and its table.

    Of three points of which two lie near a limit the third is not marked, and breaks nothing.
    """
    natures, periods = chart.points["nature"].to_numpy(), [str(period) for period in chart.points["period"]]
    last = periods.index(str(chart.last["period"]))
    bridged = {
        at for one in _speaking(chart) for at in range(periods.index(one.since), last) if natures[at] == "common_cause"
    }
    others = [at for at in range(last) if natures[at] != natures[last] and at not in bridged]
    return periods[others[-1] + 1 if others else 0]


def _since(chart: Chart) -> str:
    first = since(chart)
    return "new at this point" if first == str(chart.last["period"]) else f"since {_named(chart, first)}"


def _further(chart: Chart) -> Iterator[str]:
    """What other rules see at the last reported point, a sentence for each way of which they speak; and a year before."""
    same, other = _speaking(chart)[1:], _speaking(chart, same_way=False)
    for one_leads, leads, others in (
        (*SAME_WAY, same),
        ("Another rule speaks the other way", "Other rules speak the other way", other),
    ):
        if others:
            told = [_seen(chart, one) for one in others]
            yield f"{one_leads if len(told) == 1 else leads}: {' and '.join(told)}."
    if apart := _against_year_before(chart):
        yield apart


def _against_year_before(chart: Chart) -> str:
    """That the year before says otherwise than the rules do, as they hold the point against all of its phase."""
    way = against_year_before(chart)
    if (chart.variation.split("_")[0], way) not in (("improvement", "worse"), ("concern", "better")):
        return ""
    compared = in_words(chart.points.loc[chart.points["phase"] == chart.last["phase"], "period"].iloc[0])
    return f"It is {way} than a year before, though: the rules look at all since {compared}."


def _seen(chart: Chart, one: Spoken) -> str:
    """What a rule sees, since when where that is not told yet, and how many points lie beyond a limit."""
    about = [] if one.since in (since(chart), str(chart.last["period"])) else [f"since {_named(chart, one.since)}"]
    if one.rule == "outside_limits":
        about.append(_beyond(chart, "upper" if one.side == "high" else "lower"))
    beside = f" ({'; '.join(about)})" if about else ""
    return f"{_clause(chart, one)}{beside}"


def _beyond(chart: Chart, limit: str) -> str:
    """How many of the last points, and of all, lie beyond their limit: "since" alone would be taken for all of them."""
    reported = chart.points[chart.points["value"].notna()]
    beyond = reported["judged"] > reported[limit] if limit == "upper" else reported["judged"] < reported[limit]
    lately, each = beyond[-LATELY:], one_period(pd.Index(chart.points["period"]))
    if int(beyond.sum()) == 1:
        return f"the only one of all {len(beyond)} {each}s"
    if len(beyond) <= LATELY:
        return f"as {_do(int(beyond.sum()))} of {len(beyond)} {each}s"
    return f"as {_do(int(lately.sum()))} of the last {LATELY} {each}s, and {int(beyond.sum())} of all {len(beyond)}"


def _do(many: int) -> str:
    return f"{'does' if many == 1 else 'do'} {many}"


def _clause(chart: Chart, one: Spoken) -> str:
    """What a rule sees at the last reported point."""
    point, each = chart.last, one_period(pd.Index(chart.points["period"]))
    side, limit = ("above", "upper") if one.side == "high" else ("below", "lower")
    if one.rule == "outside_limits":
        return f"it lies {side} the {limit} limit of {bare(chart, point[limit])}"
    if one.rule == "trend":
        return f"{one.points} {each}s in a row {'rise' if one.side == 'high' else 'fall'}"
    if one.rule == "two_of_three":
        return f"two of three {each}s in a row lie near or beyond the {limit} limit"
    centre = LINES.get(chart.kind, "mean")
    return f"{one.points} {each}s in a row lie {side} the {centre} of {bare(chart, point['centre'])}"


def _a_year_before(chart: Chart) -> str:
    before, period = chart.year_before, chart.last["period"]
    if before is not None:
        return f" ({bare(chart, before['value'])} a year before)"
    step = A_YEAR.get(period.freqstr) if isinstance(period, pd.Period) else None
    known = step is not None and (chart.points["period"] == period - step).any()
    return " (not reported a year before)" if known else ""


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


def _when(chart: Chart, period: Any) -> str:
    """When a point was, with the word before it."""
    if chart.kind in ("t", "g"):
        return f"up to {in_words(period)}"
    return f"{'on' if period.freqstr == 'D' else 'in'} {in_words(period)}"

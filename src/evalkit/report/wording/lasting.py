"""Whether an effect lasted, in sentences that say no more than intervals bear."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from evalkit.effect import Effect
from evalkit.lasted import EFFECT, SINCE_FIRST, Lasted, horizon_rows, lasted, side
from evalkit.report.wording import words

SIDES = {1: "a rise", -1: "a fall", 0: "direction not clear"}


@dataclass(frozen=True)
class AtHorizon:
    """One horizon in words.

    Attributes
    ----------
    when : such as 12 months after
    over : the months that are averaged, and at how many places
    missing : why there is no figure; empty where there is one
    row : its row of the table ``lasting``
    since : what it changed by since the first horizon; empty at the first
    """

    when: str
    over: str
    missing: str
    row: pd.Series
    since: str


def at_horizons(effect: Effect) -> list[AtHorizon]:
    """Every horizon that was asked for, in order of time; nothing where none was."""
    if "lasting" not in effect.tables:
        return []
    effects, changes = (horizon_rows(effect, quantity) for quantity in (EFFECT, SINCE_FIRST))
    return [
        AtHorizon(
            f"{months} months after",
            _over(row, effect),
            _missing(effect, row),
            row,
            _since(changes.loc[months]) if months in changes.index else "",
        )
        for months, row in effects.iterrows()
    ]


def sentences(effect: Effect) -> list[str]:
    """What the horizons come to, and which of them have no figure."""
    judged = lasted(effect)
    if judged is None:
        return []
    return [_in_short(effect, judged), *_without(effect, judged)]


def in_short(effect: Effect) -> str:
    """The same in one sentence; empty where no horizon was asked for."""
    judged = lasted(effect)
    return "" if judged is None else _in_short(effect, judged)


def _in_short(effect: Effect, judged: Lasted) -> str:
    """The word, and the sizes that it rests on."""
    rows = horizon_rows(effect, EFFECT)
    if judged.first is None or judged.last is None:
        return "It cannot be told yet: there is no figure for two times after the change."
    if judged.why == "too short":
        size = _size(rows.loc[judged.first])
        return (
            f"It cannot be told yet: there is one figure, {size} at {judged.first} months after the change, and whether an"
            " effect lasted takes two."
        )
    first, last = rows.loc[judged.first], rows.loc[judged.last]
    change = horizon_rows(effect, SINCE_FIRST).loc[judged.last]
    sizes = f"{_at(first)}; {_at(last)}; the change between them{_where(last)}: {_size(change)}."
    return f"{_what(judged, first, last)} {words.sentence_case(sizes)}"


def _what(judged: Lasted, first: pd.Series, last: pd.Series) -> str:
    """The word as a sentence, before its sizes."""
    begun, ended = f"{judged.first} months after the change", f"{judged.last} months after it"
    if judged.word == "lasted":
        return (
            f"It lasted to {judged.last} months: {SIDES[side(last)]} is clear {begun}, and {ended} as well. Whether it became"
            " larger or smaller in between is not clear."
        )
    if judged.word == "grew":
        return f"It grew: the effect is larger {ended} than {begun}."
    if judged.word == "faded":
        left = (
            f"{words.sentence_case(SIDES[side(last)])} is still clear."
            if judged.still_clear
            else "Whether anything is left is not clear, which is not the same as that nothing is."
        )
        return f"It faded: the effect is smaller {ended} than {begun}. {left}"
    if judged.word == "turned":
        return f"It turned: {SIDES[side(first)]} {begun}, and {SIDES[side(last)]} {ended}."
    return f"It cannot be told: {_why(judged, first, last, begun, ended)}."


def _why(judged: Lasted, first: pd.Series, last: pd.Series, begun: str, ended: str) -> str:
    if judged.why == "no longer clear":
        return f"{SIDES[side(first)]} is clear {begun}; {ended} none is, but nor is it clear that it became smaller"
    if judged.why == "clear only later":
        return f"{SIDES[side(last)]} is clear {ended}, but not whether it was there from the start"
    if judged.why == "moved":
        return f"no effect is clear {begun}, nor {ended}, though what was seen moved between them"
    return f"no effect is clear {begun}, nor {ended}"


def _at(row: pd.Series) -> str:
    return f"at {int(row['horizon'])} months{_where(row)}: {_size(row)}"


def _where(row: pd.Series) -> str:
    """At how many places, where they are not all."""
    units, in_all = int(row["units"]), int(row["units_in_all"])
    return f" (at {units} of {in_all} places)" if units < in_all else ""


def _without(effect: Effect, judged: Lasted) -> Iterator[str]:
    """Horizons without a figure, those that share a reason together."""
    reasons: dict[str, list[str]] = {}
    rows = horizon_rows(effect, EFFECT)
    for months in judged.planned:
        if missing := _missing(effect, rows.loc[months]):
            reasons.setdefault(missing, []).append(str(months))
    for reason, horizons in reasons.items():
        listed = " and ".join([", ".join(horizons[:-1]), horizons[-1]] if len(horizons) > 1 else horizons)
        yield f"There is no figure at {listed} months: {reason}."


def _missing(effect: Effect, row: pd.Series) -> str:
    """Why a horizon has no figure, as the end of a sentence."""
    return {
        "": "",
        "too short": _end_of_figures(effect, row),
        "ended": "the change had ended by then",
        "no figures": f"nothing was reported in {_calendar(row, effect)}",
        "too few points": "there are too few figures for a level of its own in every quarter of a year",
        "too few places": "there are too few places to compare with",
    }.get(str(row["reason"]), "it could not be estimated")


def _end_of_figures(effect: Effect, row: pd.Series) -> str:
    """How long after the change the figures end."""
    count, noun = int(row["followed"]), words.period_noun(effect)
    counted = f"{count} {noun}{'' if count == 1 else 's'}"
    if not row["from_period"]:
        return f"the place that was followed longest has {counted} after its change"
    return f"the data end {counted} after the change"


def _over(row: pd.Series, effect: Effect) -> str:
    noun = words.period_noun(effect)
    first, last = int(row["first"]), int(row["last"])
    told = f"{noun}s {first} to {last} after the change" if last > first else f"{noun} {last} after the change"
    calendar = _calendar(row, effect)
    told += f", {calendar}" if calendar else ""
    if row["units_in_all"] > 1 and row["units"]:
        told += f", {int(row['units'])} of {int(row['units_in_all'])} places"
    if row["left_out"]:
        told += f", without {', '.join(words.month_name(period) for period in row['left_out'].split())}"
    return told


def _calendar(row: pd.Series, effect: Effect) -> str:
    first, last = str(row["from_period"]), str(row["to_period"])
    if not first:
        return ""
    return words.month_name(first) if first == last else f"{words.month_name(first)} to {words.month_name(last)}"


def _since(row: pd.Series) -> str:
    return "" if pd.isna(row["estimate"]) else _size(row)


def _size(row: pd.Series) -> str:
    scale = str(row["scale"])
    points = " points" if scale == "points" else ""
    return f"{words.signed(row['estimate'], scale)}{points} ({words.both_ends(row['low'], row['high'], scale)})"

"""Whether an effect lasted, in sentences that say no more than intervals bear, and never without the answer's certainty."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from evalkit.effect import Effect
from evalkit.lasted import EFFECT, SINCE_FIRST, Lasted, carried_on, first_that_counts, horizon_rows, lasted, side
from evalkit.report.wording import words

SIDES = {1: "a rise", -1: "a fall", 0: "direction not clear"}

# An effect that lasted may have halved: alone the word would say that nothing of it went.
BARE = {"lasted": "still there", "grew": "larger", "faded": "smaller", "turned": "the other way round"}


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


@dataclass(frozen=True)
class BesideIt:
    """What a sentence that an effect lasted may not leave out.

    Attributes
    ----------
    certainty : the answer's
    explains_all : the kinds of other explanations that could explain all of it, in words
    answer : the row of the answer; None where it is not known
    stops_because : why the analysis stops where it does, as the end of a sentence; empty where no reason is recorded
    """

    certainty: str | None = None
    explains_all: tuple[str, ...] = ()
    answer: pd.Series | None = None
    stops_because: str = ""


NOTHING = BesideIt()


def sentences(effect: Effect, beside: BesideIt = NOTHING) -> list[str]:
    """What the horizons come to, and which of them have no figure."""
    judged = lasted(effect)
    if judged is None:
        return []
    return [_in_short(effect, judged, beside), *_supposed(effect, judged), *_without(effect, judged, beside)]


def in_short(effect: Effect, beside: BesideIt = NOTHING) -> str:
    """The same in one paragraph; empty where no horizon was asked for."""
    judged = lasted(effect)
    return "" if judged is None else _in_short(effect, judged, beside)


def direction(row: pd.Series) -> str:
    """``a rise``, ``a fall`` or ``direction not clear``."""
    return SIDES[side(row)]


def with_interval(row: pd.Series) -> str:
    """``−20.2% (−32.3% to −5.3%)``."""
    return _size(row)


def in_a_word(effect: Effect, beside: BesideIt) -> str:
    """The word of the rule with its hedges, and how far it reaches; empty where no horizon was asked for."""
    judged = lasted(effect)
    if judged is None:
        return ""
    if judged.word == "cannot tell":
        return "cannot be told"
    against = f" than at {judged.first}" if judged.word in ("grew", "faded") else ""
    return f"{BARE[judged.word]} at {judged.last} months{against}{_hedge(beside)}"


def _in_short(effect: Effect, judged: Lasted, beside: BesideIt) -> str:
    """The word, and the sizes that it rests on."""
    rows = horizon_rows(effect, EFFECT)
    if judged.first is None or judged.last is None:
        return "It cannot be told yet: there is no figure for two times after the change."
    if judged.why == "too short":
        size = _size(rows.loc[judged.first])
        return (
            f"It cannot be told yet: there is one figure, {size} in {_span(rows.loc[judged.first], effect)}, and whether an"
            " effect lasted takes two."
        )
    first, last = rows.loc[judged.first], rows.loc[judged.last]
    change = horizon_rows(effect, SINCE_FIRST).loc[judged.last]
    sizes = f"{_at(first)}; {_at(last)}; the change between them{_where(last)}: {_size(change)}."
    told = [
        _what(effect, judged, first, last, beside),
        *_between(effect, rows.loc[list(judged.told[1:-1])]),
        *_though_clear(judged, first, last, beside),
        words.sentence_case(sizes),
        *_fewer_places(rows.loc[list(judged.told)]),
    ]
    return " ".join(told)


def _what(effect: Effect, judged: Lasted, first: pd.Series, last: pd.Series, beside: BesideIt) -> str:
    """The word as a sentence with its hedges, and what it rests on."""
    begun, ended = f"in {_span(first, effect)}", f"in {_span(last, effect, after=False)}"
    was, is_ = SIDES[side(first)], SIDES[side(last)]
    if judged.word == "cannot tell":
        return f"It cannot be told: {_why(effect, judged, first, last, begun, ended)}."
    if judged.word == "lasted":
        return (
            f"The {_noun(last)} is still there at {judged.last} months{_hedge(beside)}. {words.sentence_case(is_)} is clear {begun}, and"
            f" {ended} as well. Whether it became larger or smaller from the one to the other is not clear."
        )
    if judged.word == "grew":
        return f"The {_noun(last)} grew{_hedge(beside)}. It is larger {ended} than {begun}."
    if judged.word == "faded":
        left = (
            f"{words.sentence_case(is_)} is still clear."
            if judged.still_clear
            else "Whether anything is left is not clear, which is not the same as that nothing is."
        )
        return f"The {_noun(first)} faded{_hedge(beside)}. It is smaller {ended} than {begun}. {left}"
    return f"The {_noun(first)} turned{_hedge(beside)}: {was} {begun}, and {is_} {ended}."


def _noun(row: pd.Series) -> str:
    return SIDES[side(row)].removeprefix("a ")


def _hedge(beside: BesideIt) -> str:
    """How certain, and what could explain all of it: no word of the rule is said without."""
    if beside.certainty is None:
        return "; how certain that is, the certainty of the answer says"
    rivals = list(dict.fromkeys(kind[:1].lower() + kind[1:] for kind in beside.explains_all))
    explains = f"; {_listed(rivals, 'or')} could explain all of it" if rivals else ""
    return f"; how certain: {beside.certainty}{explains}"


def _supposed(effect: Effect, judged: Lasted) -> Iterator[str]:
    """What a trend that is carried on supposes, at the last time that has a figure."""
    carried = carried_on(effect, judged.last) if judged.last is not None else None
    if carried is not None:
        yield (
            "This supposes that the course before would have gone on in a straight line:"
            f" {judged.last} months after is {_number(carried.beyond, effect)} beyond a past of"
            f" {_number(carried.past, effect)}."
        )


def _number(count: int, effect: Effect) -> str:
    return f"{count} {words.period_noun(effect)}{'' if count == 1 else 's'}"


def _why(effect: Effect, judged: Lasted, first: pd.Series, last: pd.Series, begun: str, ended: str) -> str:
    if judged.why == "other places":
        return (
            f"the figure {ended} is of {int(last['units'])} of {int(last['units_in_all'])} places, that {begun} is of"
            f" {int(first['units'])}, so the two are not of the same places, and what they differ by may be the places"
        )
    if judged.why == "short past":
        return (
            f"the past is shorter than the time since, and a straight line that was seen for less than it is carried on to"
            f" {judged.last} months after bears no word"
        )
    if judged.why == "past none":
        return (
            f"{SIDES[side(first)]} is clear {begun}; {ended} it had moved towards none, and may have gone beyond, so that what"
            " was there then may be as large the other way round"
        )
    if judged.why == "from past none":
        return (
            f"{SIDES[side(last)]} is clear {ended}, and things moved that way; but {begun} they may have been as far on the"
            " other side, so whether the effect became larger is not clear"
        )
    if judged.why == "no longer clear":
        return f"{SIDES[side(first)]} is clear {begun}; {ended} none is, but nor is it clear that it became smaller"
    if judged.why == "clear only later":
        return f"{SIDES[side(last)]} is clear {ended}, but not whether it was there from the start"
    if judged.why == "moved":
        return f"no effect is clear {begun}, nor {ended}, though what was seen moved between them"
    return f"no effect is clear {begun}, nor {ended}"


def _seen(row: pd.Series) -> str:
    return f"{SIDES[side(row)]} is clear" if side(row) else "the direction is not clear"


def _between(effect: Effect, rows: pd.DataFrame) -> Iterator[str]:
    """What the figures between the first and the last say, those of one direction together."""
    by_seen: dict[str, list[str]] = {}
    for _, row in rows.iterrows():
        by_seen.setdefault(_seen(row), []).append(_span(row, effect, after=False))
    for says, spans in by_seen.items():
        yield f"Between these, in {_listed(spans)}, {says}."


def _though_clear(judged: Lasted, first: pd.Series, last: pd.Series, beside: BesideIt) -> Iterator[str]:
    """Why figures are not clear where the answer is."""
    if beside.answer is None or judged.word != "cannot tell" or not side(beside.answer):
        return
    answer = beside.answer["high"] - beside.answer["low"]
    unclear = [row for row in (first, last) if not side(row)]
    if not unclear:
        return
    if all(not row["high"] - row["low"] <= answer for row in unclear):  # an end without a bound is wider than any
        yield (
            f"That does not contradict the answer, which is clear{_size_of(beside.answer)}: these intervals are wider than"
            " its own, as several hold at once and each rests on a quarter of a year."
        )
    else:
        yield f"The answer is clear{_size_of(beside.answer)}; these figures by themselves are not."


def _size_of(row: pd.Series) -> str:
    return f" at {_size(row)}"


def _fewer_places(rows: pd.DataFrame) -> Iterator[str]:
    """At which times not all places are in the figure."""
    fewer = rows[rows["units"] < rows["units_in_all"]]
    by_count: dict[int, list[str]] = {}
    for months, row in fewer.iterrows():
        by_count.setdefault(int(row["units"]), []).append(str(months))
    for units, months in by_count.items():
        yield (
            f"The figure{'s' if len(months) > 1 else ''} at {_listed(months)} months {'are' if len(months) > 1 else 'is'} of the"
            f" {units} of {int(rows['units_in_all'].iloc[0])} places that have all of those months."
        )


def _span(row: pd.Series, effect: Effect, after: bool = True) -> str:
    """``months 1 to 3 after the change (December 2024 to February 2025)``."""
    calendar = _calendar(row, effect)
    return f"{_counted(row, effect)}{' after the change' if after else ''}{f' ({calendar})' if calendar else ''}"


def _counted(row: pd.Series, effect: Effect) -> str:
    noun, first, last = words.period_noun(effect), int(row["first"]), int(row["last"])
    return f"{noun}s {first} to {last}" if last > first else f"{noun} {last}"


def _listed(items: list[str], word: str = "and") -> str:
    return f"{', '.join(items[:-1])} {word} {items[-1]}" if len(items) > 1 else items[0]


def _at(row: pd.Series) -> str:
    return f"at {int(row['horizon'])} months{_where(row)}: {_size(row)}"


def _where(row: pd.Series) -> str:
    """At how many places, where they are not all."""
    units, in_all = int(row["units"]), int(row["units_in_all"])
    return f" (at {units} of {in_all} places)" if units < in_all else ""


def _without(effect: Effect, judged: Lasted, beside: BesideIt) -> Iterator[str]:
    """Horizons without a figure, those that share a reason together; and why the analysis stops before them."""
    reasons: dict[str, list[str]] = {}
    rows = horizon_rows(effect, EFFECT)
    for months in judged.planned:
        if missing := _missing(effect, rows.loc[months]):
            reasons.setdefault(missing, []).append(str(months))
    for reason, horizons in reasons.items():
        yield f"There is no figure at {_listed(horizons)} months: {reason}."
    if beside.stops_because and (rows["reason"] == "too short").any():
        yield f"It stops there because {beside.stops_because.rstrip('.')}."


def _missing(effect: Effect, row: pd.Series) -> str:
    """Why a horizon has no figure, as the end of a sentence."""
    return {
        "": "",
        "too short": _end_of_analysis(effect, row),
        "ended": "the change had ended by then",
        "another change": "another change came by then, and the two cannot be told apart",
        "no figures": f"nothing was reported in {_calendar(row, effect)}",
        "too few points": "there are too few figures for a level of its own in every quarter of a year",
        "too few places": "there are too few places to compare with",
    }.get(str(row["reason"]), "it could not be estimated")


def _end_of_analysis(effect: Effect, row: pd.Series) -> str:
    """Where the analysis stops, which need not be where the data end."""
    count = int(row["followed"])
    counted = _number(count, effect)
    stops = f"this analysis stops at {stops_at(effect)}"
    if not row["from_period"]:
        return f"{stops}, and the place that was followed longest has {counted} after its change by then"
    return f"{stops}, with {counted} after the change that count{'s' if count == 1 else ''}{_counted_from(effect)}"


def _counted_from(effect: Effect) -> str:
    """The first period that counts, where there are others between it and the change."""
    kept = first_that_counts(effect)
    if not kept or not effect.series["in_transition"].iloc[kept - 1]:
        return ""
    first = words.month_name(str(effect.series["period"].iloc[kept]))
    return f", as they are counted from {first}, the first {words.period_noun(effect)} that does"


def stops_at(effect: Effect) -> str:
    """The last month or day of an analysis, in words."""
    last = str(effect.data.get("last") or effect.series["period"].iloc[-1])
    if re.fullmatch(r"\d{4}-\d\d-\d\d", last):
        day = pd.Timestamp(last)
        return f"{day.day} {day.strftime('%B %Y')}"
    return words.month_name(last)


def _over(row: pd.Series, effect: Effect) -> str:
    told = f"{_counted(row, effect)} after the change"
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

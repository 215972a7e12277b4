"""How often the words of certainty are given where nothing happened and where something did, as pages tell it."""

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.catalogue.records.false_alarms import WordGiven
from evalkit.catalogue.records.measures import Measure
from evalkit.design_register import Design

TRUSTED = ("high", "moderate")
OR_BETTER = {
    "high": TRUSTED,
    "moderate": TRUSTED,
    "low": (*TRUSTED, "low"),
}  # what is very low or better is all that is clear
WORKING = ((0.10, "1 in 10"), (0.25, "1 in 4"), (0.50, "half"))  # of changes that work
GROUPS = ("counts", "shares")
RULES = {"now": "The present rule", "formerly": "The rule before November 2026, with the checks of today"}


def line(
    rates: Sequence[WordGiven], design: Design, measure: Measure, certainty: str | None, chosen: bool = False
) -> list[str]:
    """One line beside a verdict: how often its word was given in trials; that there were none for the measure.

    ``certainty`` is None beside a verdict that decides nothing. ``chosen`` says that comparators were left out for what
    their own figures do, which was not tried.
    """
    own = [rate for rate in rates if rate.measure == measure.id and rate.rule == "now"]
    if not own or not (design.compares and design.false_alarms == "series"):
        return [
            "These words are not calibrated for this measure: how often they are right was not tried with it in this design."
        ]
    if chosen:
        return [
            "How often the words of certainty are right was not tried with comparators that were chosen by their own figures, as these were."
        ]
    words = OR_BETTER.get(certainty, ("clear",))
    step = min((rate.happened for rate in own if rate.happened), key=abs)
    nothing, something = (_share(own, happened, words) for happened in (0.0, step))
    trials = next(rate for rate in own if rate.happened == 0)
    where = f"at {trials.trusts} trusts, {trials.trust_dates:,} trusts and dates in all,"
    told = _in_words(step, measure)
    if certainty is None:
        return [f"Where nothing had happened a change was found in {nothing:.1%} of trials {where.rstrip(',')}."]
    word = "“moderate” or better" if certainty in TRUSTED else f"“{certainty}” or better"
    return [
        f"In trials {where} certainty was called {word} in {nothing:.1%} where nothing had happened, and in {something:.0%}"
        f" where {told} had been put in."
    ]


@dataclass(frozen=True)
class WordsRow:
    """How often each word was given where one change, or nothing, was put in; shares in words."""

    what: str
    trusts: int
    dates: int
    clear: str
    words: list[str]
    of_found: str


@dataclass(frozen=True)
class RealRow:
    """Of results called moderate or better, how many are real where such a change works, by how many changes work."""

    what: str
    shares: list[str]


@dataclass(frozen=True)
class WordsTable:
    """Counts or shares, by one rule."""

    heading: str
    group: str
    rows: list[WordsRow]
    real: list[RealRow]


def table(rates: Sequence[WordGiven]) -> list[WordsTable]:
    """For counts and shares, rule by rule: what was put in, and how often it was clear and each word was given."""
    tables = []
    for group in GROUPS:
        for rule, heading in RULES.items():
            here = [rate for rate in rates if rate.measure == group and rate.rule == rule]
            if here:
                tables.append(WordsTable(heading, group, _rows(here, group), _real(here, group)))
    return tables


def aims(rates: Sequence[WordGiven]) -> str:
    """What the rule was to reach for counts, and what it reached; empty where it was not tried."""
    here = [rate for rate in rates if rate.measure == "counts" and rate.rule == "now"]
    by = {(rate.happened, rate.word): rate for rate in here}
    try:
        nothing, tenth, sixth = by[0.0, "moderate"], by[-0.10, "moderate"], by[-0.17, "moderate"]
    except KeyError:
        return ""
    return (
        "The aim, set before, was a word of moderate or better in at most 1% of trials where nothing was put in (2% at the upper"
        " end of the interval), in at least 60% of found falls of 10% and in at least 85% of found falls of 17%. It came out in"
        f" {nothing.given:.1%} ({nothing.given_high:.1%}), {tenth.of_found:.1%} and {sixth.of_found:.1%}.{_of_shares(rates)}"
    )


def _of_shares(rates: Sequence[WordGiven]) -> str:
    found = (
        rate
        for rate in rates
        if (rate.measure, rate.rule, rate.happened, rate.word) == ("shares", "now", 0.0, "moderate")
    )
    nothing = next(found, None)
    return (
        f" No aim was set for shares, where nothing put in got such a word in {nothing.given:.1%}." if nothing else ""
    )


def _rows(here: Sequence[WordGiven], group: str) -> list[WordsRow]:
    rows = []
    for happened in dict.fromkeys(rate.happened for rate in here):
        by_word: dict[str, WordGiven] = {rate.word: rate for rate in here if rate.happened == happened}
        clear = by_word["clear"]
        rows.append(
            WordsRow(
                _what(happened, group),
                clear.trusts,
                clear.trust_dates,
                f"{clear.given:.1%}",
                [f"{by_word[word].given:.1%}" for word in ("moderate", "low", "very low")],
                _of_found(by_word),
            )
        )
    return rows


def _of_found(by_word: dict[str, WordGiven]) -> str:
    shares = [share for word in TRUSTED if (share := by_word[word].of_found) is not None]
    return f"{sum(shares):.0%}" if len(shares) == len(TRUSTED) else "–"


def _real(here: Sequence[WordGiven], group: str) -> list[RealRow]:
    """Of results called moderate or better, how many are real, by how many of the changes that are looked at work."""
    by_chance = _moderate(here, 0.0)
    rows = []
    for happened in dict.fromkeys(rate.happened for rate in here if rate.happened):
        found = _moderate(here, happened)
        shares = [_of_real(working, found, by_chance) for working, _ in WORKING]
        rows.append(RealRow(_what(happened, group), shares))
    return rows


def _moderate(here: Sequence[WordGiven], happened: float) -> tuple[float, float, float]:
    """How often it was moderate or better, with both ends of its interval; nothing above moderate was ever given."""
    rate = next(rate for rate in here if rate.happened == happened and rate.word == "moderate")
    return _share(here, happened, TRUSTED), rate.given_low, rate.given_high


def _of_real(working: float, found: tuple[float, float, float], by_chance: tuple[float, float, float]) -> str:
    """The share that is real, and what it would be with both rates at their less and more favourable ends."""
    shares = [
        working * real / (working * real + (1 - working) * chance)
        for real, chance in ((found[0], by_chance[0]), (found[1], by_chance[2]), (found[2], by_chance[1]))
        if real or chance
    ]
    if len(shares) < 3:
        return "–"
    return f"{shares[0]:.0%} ({100 * shares[1]:.0f} to {100 * shares[2]:.0f}%)"


def _share(here: Sequence[WordGiven], happened: float, words: Sequence[str]) -> float:
    return sum(rate.given for rate in here if rate.happened == happened and rate.word in words)


def _what(happened: float, group: str) -> str:
    if not happened:
        return "nothing"
    if group == "counts":
        return f"{'a fall' if happened < 0 else 'a rise'} of {abs(happened):.0%}"
    return f"{'a fall' if happened < 0 else 'a rise'} of {abs(happened):g} points"


def _in_words(happened: float, measure: Measure) -> str:
    return _what(happened, "counts" if measure.form == "count" else "shares")

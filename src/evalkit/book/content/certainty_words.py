"""How often the words of certainty are given where nothing happened and where something did, as pages tell it."""

from collections.abc import Sequence
from typing import Any

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
RULES = {"now": "The present rule", "formerly": "The rule before November 2026"}


def line(rates: Sequence[WordGiven], design: Design, measure: Measure, certainty: str | None) -> list[str]:
    """One line beside a verdict: how often its word was given in trials; that there were none for the measure.

    ``certainty`` is None beside a verdict that decides nothing.
    """
    own = [rate for rate in rates if rate.measure == measure.id and rate.rule == "now"]
    if not own or not (design.compares and design.false_alarms == "series"):
        return ["The words are not calibrated for this measure in this design."]
    words = OR_BETTER.get(certainty, ("clear",))
    step = min((rate.happened for rate in own if rate.happened), key=abs)
    nothing, something = (_share(own, happened, words) for happened in (0.0, step))
    trials = next(rate for rate in own if rate.happened == 0)
    where = f"at {trials.trusts} trusts on {trials.trust_dates} dates in all"
    told = _in_words(step, measure)
    if certainty is None:
        return [f"Where nothing had happened a change was found in {nothing:.1%} of trials {where}."]
    word = "“moderate” or better" if certainty in TRUSTED else f"“{certainty}” or better"
    return [
        f"In trials {where} certainty was called {word} in {nothing:.1%} where nothing had happened, and in {something:.0%}"
        f" where {told} had been put in."
    ]


def table(rates: Sequence[WordGiven]) -> list[dict[str, Any]]:
    """For counts and shares, rule by rule: what was put in, and how often it was clear and each word was given."""
    tables = []
    for group in GROUPS:
        for rule, heading in RULES.items():
            here = [rate for rate in rates if rate.measure == group and rate.rule == rule]
            if here:
                tables.append(
                    {"heading": heading, "group": group, "rows": _rows(here, group), "real": _real(here, group)}
                )
    return tables


def _rows(here: Sequence[WordGiven], group: str) -> list[dict[str, Any]]:
    rows = []
    for happened in dict.fromkeys(rate.happened for rate in here):
        by_word = {rate.word: rate for rate in here if rate.happened == happened}
        clear = by_word["clear"]
        rows.append(
            {
                "what": _what(happened, group),
                "trusts": clear.trusts,
                "dates": clear.trust_dates,
                "clear": f"{clear.given:.1%}",
                "words": [f"{by_word[word].given:.1%}" for word in ("moderate", "low", "very low")],
                "spread": f"{_share(here, happened, TRUSTED):.2%}",
                "of_found": _of_found(by_word),
            }
        )
    return rows


def _of_found(by_word: dict[str, WordGiven]) -> str:
    shares = [by_word[word].of_found for word in TRUSTED]
    return "–" if None in shares else f"{sum(shares):.0%}"


def _real(here: Sequence[WordGiven], group: str) -> list[dict[str, Any]]:
    """Of results called moderate or better, how many are real, by how many of the changes that are looked at work."""
    by_chance = _share(here, 0.0, TRUSTED)
    rows = []
    for happened in dict.fromkeys(rate.happened for rate in here if rate.happened):
        found = _share(here, happened, TRUSTED)
        shares = [
            working * found / (working * found + (1 - working) * by_chance) if found or by_chance else None
            for working, _ in WORKING
        ]
        rows.append(
            {"what": _what(happened, group), "shares": ["–" if share is None else f"{share:.0%}" for share in shares]}
        )
    return rows


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

"""Shapes beside words, and the small forms in which pages give days, figures of others and fingerprints."""

import re
from collections.abc import Iterable
from datetime import date

from evalkit.catalogue.records.evaluations import Evaluation, IndependentResult
from evalkit.catalogue.records.fields import Source
from evalkit.catalogue.records.sites import Site
from evalkit.certainty import CERTAINTIES
from evalkit.report.wording import words
from evalkit.verdict import NOT_JUDGED

FIRST_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def published(result: IndependentResult) -> str:
    """What somebody else found, in the digits they gave, with true minus signs."""
    estimate, low, high = (
        None if value is None else f"{value:+g}".replace("-", "−")
        for value in (result.estimate, result.low, result.high)
    )
    interval = "" if low is None or high is None else f" (95% interval {low} to {high})"
    unit = {"percent": "%", "points": " points"}.get(result.scale, "")
    return f"{estimate}{unit}{interval}"


def shortened(reasons: list[str], most: int) -> list[str]:
    """The first sentence of each of the first reasons, for a page that has to stay one page.

    The first says where certainty started.
    """
    return [first_sentence(reason) for reason in reasons[:most]]


def first_sentence(text: str) -> str:
    """The first sentence of a text on one line."""
    return FIRST_SENTENCE.split(" ".join(text.split()))[0]


def verdict_symbol(verdict: str | None, estimate: str, direction: str | None = None) -> str:
    """A verdict as a shape beside its word: filled is a change that matters, open a small one, a circle is unclear.

    Of an analysis that has no verdict, only its direction: an arrow.
    """
    if direction is not None:
        return {"rise": "↑", "fall": "↓", "unclear": "○"}[direction]
    if verdict is None or verdict in NOT_JUDGED:
        return "–"
    if verdict in ("inconclusive", "unclear"):
        return "○"
    if verdict == "no_important_change":
        return "="
    rose = not estimate.startswith("−")
    return ("△" if rose else "▽") if verdict.startswith("slightly") else ("▲" if rose else "▼")


def certainty_symbol(certainty: str | None) -> str:
    """Certainty as a shape beside its word: one to four squares."""
    if certainty is None:
        return ""
    filled = CERTAINTIES.index(certainty) + 1
    return "■" * filled + "□" * (4 - filled)


def sources(evaluation: Evaluation, sites: Iterable[Site]) -> list[Source]:
    """Every source of an evaluation, each once."""
    cited = [*evaluation.intervention.sources, *(result.source for result in evaluation.independent_results)]
    cited += [evaluation.cost.source] if evaluation.cost is not None else []
    cited += [source for site in sites for source in site.sources]
    return list({(source.title, source.where, source.says): source for source in cited}.values())


def day(when: date | str) -> str:
    """``4 July 2017``; of text, as far as it is known: ``July 2017``, ``2017``. Other words stay as they are."""
    if isinstance(when, str):
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", when):
            return words.month_name(when)
        when = date.fromisoformat(when)
    return f"{when.day} {when:%B %Y}"

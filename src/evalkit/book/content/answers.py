"""What the evaluations of real changes answered, counted: one answer each."""

import math
from collections import Counter

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.summaries import AnalysisSummary

CLEAR, NOT_LARGE, OPEN, DESCRIBED, NONE = "clear", "no_important_change", "open", "described", "none"
KINDS = (CLEAR, NOT_LARGE, OPEN, DESCRIBED, NONE)
FALSE_ALARM = 0.05  # of analyses where nothing happened


def kind(answer: AnalysisSummary) -> str:
    """What the summary of a primary analysis counts as."""
    if not answer.done or answer.word == "not_evaluable":
        return NONE
    if answer.word == "described":
        return DESCRIBED
    if answer.word in ("inconclusive", "unclear"):
        return OPEN
    return NOT_LARGE if answer.word == "no_important_change" else CLEAR


def counted(content: BookContent) -> dict[str, int]:
    """How many evaluations of real changes have an answer of each kind."""
    real = [evaluation for evaluation in content.evaluations if not content.catalogue.is_synthetic(evaluation)]
    kinds = Counter(kind(content.summaries[evaluation.id].primary) for evaluation in real)
    return {name: kinds[name] for name in KINDS}


def _few(number: float) -> str:
    """0.4 as "none or one", 2.3 as "two or three"."""
    words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    low = math.floor(number)
    if low + 1 >= len(words):
        return f"about {number:.0f}"
    return f"{words[low]} or {words[low + 1]}"


def by_chance(kinds: dict[str, int]) -> str:
    """How many answers are clear, beside how many would be had nothing happened anywhere; empty without any answer."""
    answers = sum(kinds.values()) - kinds[NONE] - kinds[DESCRIBED]
    if not answers:
        return ""
    clear = kinds[CLEAR]
    return (
        f"Of {answers} answer{'s' if answers != 1 else ''} to a question, {clear} {'is' if clear == 1 else 'are'} clear of no"
        f" change. By luck alone, had nothing happened anywhere, {_few(answers * FALSE_ALARM)} would be."
    )

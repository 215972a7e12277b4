"""Which learning items hold words of people, so that a second reader has to sign them off before they are sent."""

import re
from collections.abc import Container

from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.learning import VOICES, LearningItem
from evalkit.errors import Problem

WORDS_OF_A_QUOTE = 4  # fewer between quotation marks are a term
QUOTED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"|‘([^‘’]+)’")
QUOTED_LINES = re.compile(r"^\s*>", re.MULTILINE)


def problems_of(catalogue: Catalogue, ids: Container[str]) -> list[Problem]:
    """Of these learning items, each that nobody has signed off and that needs it."""
    titles = {record.title for kind in (catalogue.evaluations, catalogue.sources) for record in kind.values()}
    problems = []
    for id, item in catalogue.learning.items():
        why = _why(item, titles) if id in ids and item.signed_off is None else ""
        if why:
            what = (
                f"{why}, and no second reader has signed it off: have somebody else read whether anybody could be"
                " recognised, and add `signed_off: {by: their role, date: the day}`, or make the item a draft."
            )
            problems.append(catalogue.problem("learning", id, ("signed_off",), what))
    return problems


def _why(item: LearningItem, titles: Container[str]) -> str:
    """What in an item needs a second reader; empty where nothing does."""
    if item.type in VOICES:
        return f"is of the type {item.type}"
    texts = [item.title, item.body, item.response, item.what_happened, item.transfers_when, item.does_not_transfer_when]
    texts += [piece.says for piece in item.evidence]
    for text in filter(None, texts):
        quotes = ("".join(found.groups(default="")) for found in QUOTED.finditer(text))
        if any(len(quote.split()) >= WORDS_OF_A_QUOTE and quote.strip() not in titles for quote in quotes):
            return "holds a quotation"
    return "holds a quotation" if QUOTED_LINES.search(item.body) else ""

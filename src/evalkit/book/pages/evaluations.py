"""The list of all evaluations."""

from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent, EvaluationCard
from evalkit.book.content.page import NamedPages, OnePage


@dataclass(frozen=True)
class EvaluationsPage(OnePage):
    """A card of each."""

    cards: list[EvaluationCard]

    file = "evaluations/index.html"
    template = "evaluations.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page."""
    yield "evaluations", EvaluationsPage(content.cards)

"""What others published on a change of this book, on its programme or on a change like it, beside this book's results."""

from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.independent_results import SideBySide, side_by_side
from evalkit.book.content.page import NamedPages, OnePage


@dataclass(frozen=True)
class IndependentResultsPage(OnePage):
    """Each published evaluation beside what this book has."""

    evaluations: list[SideBySide]

    file = "independent-results.html"
    template = "independent-results.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page."""
    yield "independent-results", IndependentResultsPage(side_by_side(content))

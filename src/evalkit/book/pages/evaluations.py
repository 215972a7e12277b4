"""The list of all evaluations."""

from typing import Any

from evalkit.book.content.book_content import BookContent


def inputs(content: BookContent) -> Any:
    return content.cards


def write(pages, content: BookContent) -> None:
    pages.page("evaluations/index.html", "evaluations.html.jinja", cards=content.cards)

"""The list of all evaluations."""

from typing import Any

from evalkit.book.shelf import Shelf


def inputs(shelf: Shelf) -> Any:
    return shelf.cards


def write(pages, shelf: Shelf) -> None:
    pages.page("evaluations/index.md", "evaluations.md.jinja", cards=shelf.cards)

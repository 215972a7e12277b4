"""The names that `evalkit` offers to Python."""

from importlib.metadata import version
from typing import Any

from evalkit.book.content.book_content import BookContent


def inputs(content: BookContent) -> Any:
    return version("numpydoc")  # docstrings are code, which every key holds


def write(pages, content: BookContent) -> None:
    from evalkit.book.content.public_names import public_names

    pages.page("api.html", "api.html.jinja", names=public_names())

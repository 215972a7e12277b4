"""Results at a glance."""

from typing import Any

from evalkit.book.shelf import Shelf


def inputs(shelf: Shelf) -> Any:
    return None


def write(pages, shelf: Shelf) -> None:
    pages.write("glance.md", "# Results at a glance\n\nThis page is being written.\n")

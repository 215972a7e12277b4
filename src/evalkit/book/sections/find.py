"""Find anything."""

from typing import Any

from evalkit.book.shelf import Shelf


def inputs(shelf: Shelf) -> Any:
    return None


def write(pages, shelf: Shelf) -> None:
    pages.write("find.md", "# Find anything\n\nThis page is being written.\n")

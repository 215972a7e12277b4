"""Across sites."""

from typing import Any

from evalkit.book.shelf import Shelf


def inputs(shelf: Shelf) -> Any:
    return None


def write(pages, shelf: Shelf) -> None:
    pages.write("across/index.md", "# Across sites\n\nThis page is being written.\n")

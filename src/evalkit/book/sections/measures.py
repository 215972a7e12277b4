"""Measures."""

from typing import Any

from evalkit.book.shelf import Shelf


def inputs(shelf: Shelf) -> Any:
    return None


def write(pages, shelf: Shelf) -> None:
    pages.write("measures/index.md", "# Measures\n\nThis page is being written.\n")

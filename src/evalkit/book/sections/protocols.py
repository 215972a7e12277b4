"""Protocols."""

from typing import Any

from evalkit.book.shelf import Shelf


def inputs(shelf: Shelf) -> Any:
    return None


def write(pages, shelf: Shelf) -> None:
    pages.write("protocols.md", "# Protocols\n\nThis page is being written.\n")

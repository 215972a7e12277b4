"""What was learned."""

from typing import Any

from evalkit.book.shelf import Shelf


def inputs(shelf: Shelf) -> Any:
    return None


def write(pages, shelf: Shelf) -> None:
    for name, title in (
        ("index", "What was learned"),
        ("enablers-and-barriers", "Enablers and barriers"),
        ("ten-lessons", "Ten lessons"),
        ("nhs-impact", "NHS IMPACT"),
        ("not-working", "What did not work"),
    ):
        pages.write(f"learning/{name}.md", f"# {title}\n\nThis page is being written.\n")

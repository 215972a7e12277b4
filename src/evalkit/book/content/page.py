"""A page by itself: one file, one template, and fields that are all it shows."""

from collections.abc import Iterator
from typing import Any, ClassVar, Protocol


class Pages(Protocol):
    """Where pages are written (see ``page_writer``)."""

    def write(self, name: str, content: str | bytes) -> None:
        """One file below the folder of generated pages."""

    def page(self, name: str, template: str, shown: Any, /, **made: Any) -> None:
        """One file from a template, which is given the fields of ``shown``, and what was made of them."""


class Page(Protocol):
    """A page, or several that are written together."""

    def write(self, pages: Pages) -> Any:
        """Write it; what is returned, plain values, is kept for the next time."""


NamedPages = Iterator[tuple[str, Page]]


class OnePage:
    """A page of a single file."""

    file: ClassVar[str]
    template: ClassVar[str]

    def write(self, pages: Pages) -> None:
        """Write it."""
        pages.page(self.file, self.template, self)

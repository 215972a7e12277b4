"""Every name that evalkit offers to Python, from its docstring."""

from dataclasses import dataclass
from importlib.metadata import version

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, Pages


@dataclass(frozen=True)
class ApiPage:
    """The docstrings are code, which every page rests on; besides them only the version of what reads them counts."""

    numpydoc: str

    def write(self, pages: Pages) -> None:
        """Its page."""
        from evalkit.book.content.public_names import public_names

        pages.page("api.html", "api.html.jinja", self, names=public_names())


def pages(content: BookContent) -> NamedPages:
    """The one page."""
    yield "api", ApiPage(version("numpydoc"))

"""Pages that together hold every kind of element of the book, for tests that take too long to read every page."""

from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.browsing import ASKED, addresses

short_and_long = pytest.mark.parametrize("form", ["short", pytest.param("long", marks=pytest.mark.slow)])
EMPTY = " is empty"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class _Kinds(HTMLParser):
    """Tag, classes and attributes of each element, and whether it is empty; no values or ids."""

    def __init__(self, text: str):
        super().__init__()
        self.kinds: set[str] = set()
        self.elements = 1
        self._open: list[tuple[str, str]] = []
        self._is_empty = True
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        classes = sorted((values.pop("class", None) or "").split())
        names = sorted(name if value else f"{name}=''" for name, value in values.items() if name != "id")
        kind = ".".join([tag, *classes])
        self.kinds.add(f"{kind}[{','.join(names)}]")
        self.elements += 1
        if tag not in VOID:
            self._open.append((tag, kind))
        self._is_empty = tag not in VOID

    def handle_data(self, data):
        self._is_empty = self._is_empty and not data.strip()

    def handle_endtag(self, tag):
        while tag not in VOID and self._open:
            ended, kind = self._open.pop()
            if self._is_empty:
                self.kinds.add(f"{kind}{EMPTY}")
            self._is_empty = False
            if ended == tag:
                break


@cache
def pages_of_every_kind(html: Path) -> frozenset[str]:
    """Names of pages that together hold each kind of element: what a rule says of an element rests first on its kind.

    Small pages with many kinds, as reading takes time for each element. Where an element stands counts in the long
    form: pages for each place of each kind would be twice as many.
    """
    pages = {path: _Kinds(path.read_text(encoding="utf-8")) for path in sorted(html.rglob("*.html"))}
    chosen: list[Path] = []
    left = set[str]().union(*(page.kinds for page in pages.values()))
    while left:
        chosen.append(max(pages, key=lambda path: len(pages[path].kinds & left) / pages[path].elements))
        left -= pages[chosen[-1]].kinds
    for path in sorted(chosen, key=lambda path: -pages[path].elements):
        others = set[str]().union(*(pages[other].kinds for other in chosen if other != path))
        if pages[path].kinds <= others:
            chosen.remove(path)
    return frozenset(path.relative_to(html).as_posix() for path in chosen)


def pages_of_form(html: Path, form: str) -> dict[str, str]:
    """Addresses by name: of every page in the long form; of pages of every kind, and those that are asked for, in the short."""
    pages = addresses(html)
    if form == "long":
        return pages
    chosen = pages_of_every_kind(html).union(ASKED)
    return {name: address for name, address in pages.items() if name in chosen}

"""What the home page shows of the rest of the book, and the routes that lead on from it."""

from typing import Any

from evalkit.book.shelf import Shelf


def inputs(shelf: Shelf) -> Any:
    return [shelf.cards, shelf.sites, shelf.told]


def write(pages, shelf: Shelf) -> None:
    pages.page(
        "index-parts/home.md",
        "home.md.jinja",
        cards=shelf.cards,
        sites=shelf.sites,
        newest=shelf.newest_month,
        real=[card for card in shelf.cards if not card["synthetic"]],
        analyses={name: sum(one[name] for one in shelf.told.values()) for name in ("done", "unclear")},
    )

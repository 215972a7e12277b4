"""A page for every site, and their list."""

from typing import Any

from evalkit.book.items import item_card
from evalkit.book.shelf import Shelf


def inputs(shelf: Shelf) -> Any:
    items = [item_card(shelf, item) for item in shelf.items if item.site is not None]
    return [shelf.cards, shelf.sites, [shelf.organisations(site) for site in shelf.sites], items]


def write(pages, shelf: Shelf) -> None:
    used = {one.id: shelf.site_ids(one) for one in shelf.evaluations}
    cards_of = {
        site.id: [card for card in shelf.cards if site.id in used[card["evaluation"].id]] for site in shelf.sites
    }
    for site in shelf.sites:
        pages.page(
            f"sites/{site.id}.md",
            "site.md.jinja",
            site=site,
            organisations=shelf.organisations(site),
            cards=cards_of[site.id],
            items=[item_card(shelf, item) for item in shelf.items if item.site == site.id],
        )
    counts = {id: len(own) for id, own in cards_of.items()}
    pages.page("sites/index.md", "sites.md.jinja", sites=shelf.sites, counts=counts)

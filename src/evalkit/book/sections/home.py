"""What the home page shows of the rest of the book."""

from typing import Any

from evalkit.book.items import item_card, newest_first
from evalkit.book.shelf import UNCLEAR, Shelf

NEWEST = 3


def inputs(shelf: Shelf) -> Any:
    real = [card for card in shelf.cards if not card["synthetic"]]
    sites = [site for site in shelf.sites if not site.synthetic]
    # A question is what nobody has learned yet.
    learned = newest_first(item_card(shelf, item) for item in shelf.items if item.type != "question")
    of_real_places = [card for card in learned if not card["synthetic"]]
    lessons = [card for card in of_real_places if card["type"] == "lesson"]
    newest_lesson = next(iter(lessons or of_real_places), None)
    others = [card for card in learned if card != newest_lesson]
    return {
        "routes": list(shelf.catalogue.routes.values()),
        "cards": shelf.cards,
        "sites": len(sites),
        "learning_only": sum(not shelf.evaluated[site.id] for site in sites),
        "evaluations": len(real),
        "unclear": sum(shelf.primary(card["evaluation"])["word"] in UNCLEAR for card in real),
        "newest_lesson": newest_lesson,
        "newest_items": (others or learned)[:NEWEST],
        "newest_month": max((shelf.told[card["evaluation"].id]["newest"] for card in real), default=""),
        "synthetic": any(card["synthetic"] for card in shelf.cards),
        "pooled": next(iter(shelf.pooled), None),
    }


def write(pages, shelf: Shelf) -> None:
    pages.page("index-parts/home.md", "home.md.jinja", **inputs(shelf))

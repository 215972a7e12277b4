"""What the home page shows of the rest of the book."""

from typing import Any

from evalkit.book.content import answers
from evalkit.book.content.book_content import UNCLEAR, BookContent
from evalkit.book.content.learning_items import item_card, newest_first

NEWEST = 3


def inputs(content: BookContent) -> Any:
    real = [card for card in content.cards if not card["synthetic"]]
    sites = [site for site in content.sites if not site.synthetic]
    # A question is what nobody has learned yet.
    learned = newest_first(item_card(content, item) for item in content.items if item.type != "question")
    of_real_places = [card for card in learned if not card["synthetic"]]
    lessons = [card for card in of_real_places if card["type"] == "lesson"]
    newest_lesson = next(iter(lessons or of_real_places), None)
    others = [card for card in learned if card != newest_lesson]
    return {
        "routes": list(content.catalogue.routes.values()),
        "cards": content.cards,
        "sites": len(sites),
        "learning_only": sum(not content.evaluated[site.id] for site in sites),
        "evaluations": len(real),
        "unclear": sum(content.primary(card["evaluation"])["word"] in UNCLEAR for card in real),
        "by_chance": answers.by_chance(answers.counted(content)),
        "newest_lesson": newest_lesson,
        "newest_items": (others or learned)[:NEWEST],
        "newest_month": max((content.summaries[card["evaluation"].id]["newest"] for card in real), default=""),
        "synthetic": any(card["synthetic"] for card in content.cards),
        "pooled": next(iter(content.pooled), None),
    }


def write(pages, content: BookContent) -> None:
    pages.page("index-parts/home.html", "home.html.jinja", **inputs(content))

"""What the home page shows of the rest of the book."""

from dataclasses import dataclass

from evalkit.book.content import answers
from evalkit.book.content.book_content import UNCLEAR, BookContent, EvaluationCard, PooledSummary
from evalkit.book.content.learning_items import ItemCard, newest_first
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.catalogue.records.learning import Route

NEWEST = 3


@dataclass(frozen=True)
class HomePage(OnePage):
    """The part of the home page that records fill.

    Attributes
    ----------
    sites, learning_only, evaluations, unclear : int
        Real ones only: synthetic ones are not counted.
    newest_month : str
        The last month of any real data; empty without a result.
    synthetic : bool
        Whether any evaluation is of invented data.
    pooled : PooledSummary or None
        The result across sites whose figure is shown.
    """

    routes: list[Route]
    cards: list[EvaluationCard]
    sites: int
    learning_only: int
    evaluations: int
    unclear: int
    by_chance: str
    newest_lesson: ItemCard | None
    newest_items: list[ItemCard]
    newest_month: str
    synthetic: bool
    pooled: PooledSummary | None

    file = "index-parts/home.html"
    template = "home.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one part."""
    real = [card for card in content.cards if not card.synthetic]
    sites = [site for site in content.sites if not site.synthetic]
    # A question is what nobody has learned yet.
    learned = newest_first(content.item_cards[item.id] for item in content.items if item.type != "question")
    of_real_places = [card for card in learned if not card.synthetic]
    lessons = [card for card in of_real_places if card.type == "lesson"]
    newest_lesson = next(iter(lessons or of_real_places), None)
    others = [card for card in learned if card != newest_lesson]
    yield (
        "home",
        HomePage(
            routes=list(content.catalogue.routes.values()),
            cards=content.cards,
            sites=len(sites),
            learning_only=sum(not content.evaluated[site.id] for site in sites),
            evaluations=len(real),
            unclear=sum(card.primary.word in UNCLEAR for card in real),
            by_chance=answers.by_chance(answers.counted(content)),
            newest_lesson=newest_lesson,
            newest_items=(others or learned)[:NEWEST],
            newest_month=max((content.summaries[card.evaluation.id].newest for card in real), default=""),
            synthetic=any(card.synthetic for card in content.cards),
            pooled=next(iter(content.pooled), None),
        ),
    )

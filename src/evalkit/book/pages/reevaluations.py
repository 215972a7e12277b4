"""Which evaluations are to be looked at again, when, and whether the figures for it are in the book."""

from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.runs.reevaluations import Look, looks


@dataclass(frozen=True)
class LookShown:
    """A look that is not told yet, or not of all places; ``title`` is the evaluation's."""

    title: str
    synthetic: bool
    look: Look


@dataclass(frozen=True)
class ReevaluationsPage(OnePage):
    """Looks that are due first, then those that wait for figures; how many are told of how many, and whether any was asked."""

    due: list[LookShown]
    waiting: list[LookShown]
    told: int
    planned: int

    file = "reevaluations.html"
    template = "reevaluations.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page, from what ``evalkit due`` asks too."""
    plans = [plan for pairs in content.analyses.values() for plan, _ in pairs]
    found = looks(content.catalogue.root, content.catalogue, plans)
    cards = {card.evaluation.id: card for card in content.cards}
    shown = [LookShown(cards[one.evaluation].evaluation.title, cards[one.evaluation].synthetic, one) for one in found]
    shown.sort(key=lambda one: (one.title.casefold(), one.look.months))
    yield (
        "reevaluations",
        ReevaluationsPage(
            [one for one in shown if one.look.state == "due"],
            [one for one in shown if one.look.state == "waiting"],
            sum(one.told for one in found),
            len(found),
        ),
    )

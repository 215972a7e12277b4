"""Which evaluations are to be looked at again, when, and whether the figures for it are in the book."""

from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.runs.reevaluations import Look, looks


@dataclass(frozen=True)
class LookShown:
    """A look that is not told yet, or not of all places; ``title`` is the evaluation's.

    ``stops_because`` is why its analysis stops where it does, as recorded; empty where no reason is.
    """

    title: str
    synthetic: bool
    look: Look
    stops_because: str


@dataclass(frozen=True)
class ReevaluationsPage(OnePage):
    """Looks that are due, those whose figures are there and whose analysis stops for a reason, and those that wait for figures.

    ``told`` of ``planned`` have a figure, and ``closed`` will have none.
    """

    due: list[LookShown]
    stopped: list[LookShown]
    waiting: list[LookShown]
    told: int
    closed: int
    planned: int

    file = "reevaluations.html"
    template = "reevaluations.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page, from what ``evalkit due`` asks too."""
    plans = [plan for pairs in content.analyses.values() for plan, _ in pairs]
    found = looks(content.catalogue.root, content.catalogue, plans)
    cards = {card.evaluation.id: card for card in content.cards}
    shown = [
        LookShown(card.evaluation.title, card.synthetic, one, card.evaluation.stops_because or "")
        for one in found
        for card in [cards[one.evaluation]]
    ]
    shown.sort(key=lambda one: (one.title.casefold(), one.look.months))
    due = [one for one in shown if one.look.state == "due"]
    yield (
        "reevaluations",
        ReevaluationsPage(
            [one for one in due if not one.stops_because],
            [one for one in due if one.stops_because],
            [one for one in shown if one.look.state == "waiting"],
            sum(one.told for one in found),
            sum(one.state == "closed" for one in found),
            len(found),
        ),
    )

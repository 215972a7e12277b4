"""A short page for each kind of reader, which leads on."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evalkit.book.content import evidence_strip
from evalkit.book.content.book_content import BookContent
from evalkit.book.content.evidence_strip import EvidenceRow
from evalkit.book.content.learning_items import ItemCard, newest_first
from evalkit.book.content.page import NamedPages, Pages
from evalkit.book.pages import staff, voices
from evalkit.catalogue.records.learning import Lead, Route
from evalkit.errors import InputRefused, Problem, did_you_mean

SHOWN = 6
PAGES = (".md", ".ipynb")
NO_PAGES = ("_static", "generated", "notebooks")  # below book/: not pages, or pages that are made
WHERE_FILLED = (voices, staff)  # sections of one page, which a book without anything for it has not


@dataclass(frozen=True)
class Found:
    """What one evaluation found, in the sentences that its page says first,."""

    id: str
    title: str
    finding: list[str]


@dataclass(frozen=True)
class RoutePage:
    """Where a kind of reader may go, and what was learned for them; ``audiences`` in words.

    What answers their question stands first: what was ``found`` and whether it was measured for ``harm``, the table of evidence (``rows``) or items to use.
    """

    route: Route
    leads: list[Lead]
    found: list[Found]
    harm: str
    rows: list[EvidenceRow]
    first: list[ItemCard]
    items: list[ItemCard]
    audiences: list[str]

    def write(self, pages: Pages) -> None:
        """Its page."""
        pages.page(f"routes/{self.route.id}.html", "route.html.jinja", self)


def pages(content: BookContent) -> NamedPages:
    """One for every route."""
    words = content.catalogue.vocabularies["audiences"]
    empty = _empty(content)
    for route in content.catalogue.routes.values():
        audiences = [words[audience] for audience in route.audiences]
        found = _found(content) if route.shows == "findings" else []
        harm = evidence_strip.harm_measured(content) if route.shows else ""
        rows = evidence_strip.rows(content) if route.shows == "evidence" else []
        first = [content.item_cards[id] for id in route.first if id in content.item_cards]
        items = [card for card in _items(content, route) if card not in first]
        leads = [_titled(content, lead) for lead in route.leads_to if lead.page not in empty]
        yield f"routes/{route.id}", RoutePage(route, leads, found, harm, rows, first, items[:SHOWN], audiences)


def _titled(content: BookContent, lead: Lead) -> Lead:
    """As what people said may be called something else when others have spoken."""
    if lead.page != f"book/generated/{voices.NAME}":
        return lead
    return lead.model_copy(update={"title": voices.title(content)})


def _empty(content: BookContent) -> set[str]:
    """Pages that this book has nothing for."""
    return {f"book/generated/{one.NAME}" for one in WHERE_FILLED if next(iter(one.pages(content)), None) is None}


def _found(content: BookContent) -> list[Found]:
    """Of every evaluation of a real change that has a result, by title."""
    return [
        Found(card.evaluation.id, card.evaluation.title, content.summaries[card.evaluation.id].finding)
        for card in content.cards
        if not card.synthetic and card.primary.done
    ]


def _items(content: BookContent, route: Route) -> list[ItemCard]:
    """What was learned for these readers: what they prefer first, and the newest first."""
    cards = newest_first(card for card in content.item_cards.values() if set(card.audience) & set(route.audiences))
    return sorted(cards, key=lambda card: card.type not in route.prefers)


def check_leads(content: BookContent, html_files: Iterable[str]) -> None:
    """Refuse a route, or a word of a search, that leads to a page the book has not.

    Parameters
    ----------
    html_files : every page made from records, as an HTML file relative to the book's folder

    Raises
    ------
    InputRefused
        With file and line of every such lead.
    """
    catalogue = content.catalogue
    written = [
        path.relative_to(catalogue.root) for path in (catalogue.root / "book").rglob("*") if path.suffix in PAGES
    ]
    by_hand = [path for path in written if path.parts[1] not in NO_PAGES]
    pages = {path.with_suffix("").as_posix() for path in (*by_hand, *map(Path, html_files))} | _empty(content)
    problems: list[Problem] = []
    for id, route in catalogue.routes.items():
        for index, lead in enumerate(route.leads_to):
            if lead.page not in pages:
                what = (
                    f"`page` names `{lead.page}`, which is not a page of the book{did_you_mean(lead.page, pages)};"
                    " write it without its ending, such as book/read/how-to-read."
                )
                problems.append(catalogue.problem("routes", id, ("leads_to", index, "page"), what))
    for id, entry in catalogue.synonyms.items():
        for index, asked in enumerate(entry.asks_for):
            page = asked.page
            if page not in pages:
                what = (
                    f"`page` names `{page}`, which is not a page of the book{did_you_mean(page, pages)}; write it without"
                    " its ending."
                )
                problems.append(catalogue.problem("synonyms", id, ("asks_for", index, "page"), what))
    if problems:
        raise InputRefused(problems)

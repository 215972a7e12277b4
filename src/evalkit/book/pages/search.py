"""What the search says beside each hit: what kind of page, where, which verdict; and the codes and synonyms it knows."""

from collections.abc import Iterator
from dataclasses import dataclass

from evalkit.book.content import pooled_cards
from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.book.content.summaries import AnalysisSummary
from evalkit.book.pages.find import synonyms
from evalkit.catalogue.naming import words_in
from evalkit.project import GENERATED

NO_RESULT = "No result at present"
# Of pages that have no entry of their own, by how their names begin; the first that fits.
FOLDERS = {
    f"{GENERATED.as_posix()}/learning/": "Learning, an overview",
    f"{GENERATED.as_posix()}/take-part/your-words": "Where to turn",
    f"{GENERATED.as_posix()}/take-part/": "For evaluators",
    f"{GENERATED.as_posix()}/routes/": "Where to begin",
    f"{GENERATED.as_posix()}/evaluations/": "List",
    f"{GENERATED.as_posix()}/across/": "List",
    f"{GENERATED.as_posix()}/sites/": "List",
    f"{GENERATED.as_posix()}/measures/": "List",
    f"{GENERATED.as_posix()}/partners/": "List",
    f"{GENERATED.as_posix()}/places/": "Place",
    f"{GENERATED.as_posix()}/board-pack": "To print",
    f"{GENERATED.as_posix()}/glance": "List",
    f"{GENERATED.as_posix()}/moved": "List",
    f"{GENERATED.as_posix()}/reevaluations": "List",
    f"{GENERATED.as_posix()}/equity": "List",
    f"{GENERATED.as_posix()}/independent-results": "List",
    f"{GENERATED.as_posix()}/protocols": "List",
    f"{GENERATED.as_posix()}/candidates": "List",
    f"{GENERATED.as_posix()}/glossary": "Glossary",
    f"{GENERATED.as_posix()}/api": "For evaluators",
    f"{GENERATED.as_posix()}/changes": "About the book",
    "book/methods/": "Method",
    "book/read/help-or-complain": "Where to turn",
    "book/read/": "How to read",
    "book/take-part/": "For evaluators",
    "book/about/": "About the book",
    "book/index": "Home",
}


@dataclass(frozen=True)
class Hit:
    """Of one page; ``sites`` are ids of sites or ODS codes whose figures or words it is about."""

    kind: str
    place: str
    says: str = ""
    sites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Search:
    """What the reader's browser adds to Sphinx's index.

    Attributes
    ----------
    hits : dict
        Of pages below the folder of generated ones, by their names there: kind, place, what it says, then its sites.
    codes : dict
        The ODS codes of each site, by its id.
    asked : dict
        Pages that stand before all others, in their order, where a word is typed.
    """

    folder: str
    hits: dict[str, list[str]]
    folders: dict[str, str]
    codes: dict[str, list[str]]
    synonyms: list[list[str]]
    asked: dict[str, list[str]]


@dataclass(frozen=True)
class SearchPart(OnePage):
    """The part of the page of the search that changes with the book."""

    search: Search

    file = "index-parts/search.html"
    template = "search.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one part."""
    codes = {site.id: site.org_codes for site in content.sites}
    hits = {name: [hit.kind, hit.place, hit.says, *hit.sites] for name, hit in _hits(content)}
    yield "search", SearchPart(Search(GENERATED.as_posix(), hits, FOLDERS, codes, synonyms(content), asked(content)))


def asked(content: BookContent) -> dict[str, list[str]]:
    """Of each word or phrase of ``data/synonyms.yml`` the pages that it asks for."""
    entries = [entry for entry in content.catalogue.synonyms.values() if entry.asks_for]
    return {word: [one.page for one in entry.asks_for] for entry in entries for word in entry.words}


def _hits(content: BookContent) -> Iterator[tuple[str, Hit]]:
    for card in content.cards:
        id, places = card.evaluation.id, ", ".join(site.name for site in card.places)
        invented, about = (
            (", synthetic data" if card.synthetic else ""),
            tuple(content.sites_in[id]),
        )
        verdict = _verdict(card.primary)
        yield f"evaluations/{id}/index", Hit("Evaluation", places + invented, verdict, about)
        yield f"evaluations/{id}/board", Hit("One page for a board", places + invented, verdict, about)
        for analysis in card.evaluation.analyses:
            summary = content.summaries[id].of(analysis.id)
            own = tuple(words_in(analysis.parameters.get("site", ())))
            says = (summary.says or "") if summary.done else NO_RESULT
            yield f"evaluations/{id}/{analysis.id}", Hit("Notebook", card.evaluation.title + invented, says, own)
    for outcome in content.across:
        card = pooled_cards.card(content, outcome)
        known = content.catalogue.evaluations
        members = [known[id] for id in pooled_cards.members(outcome) if id in known]
        about = tuple(sorted({site for evaluation in members for site in content.sites_in[evaluation.id]}))
        where = f"{len(card.pooled.analyses)} sites{', synthetic data' if card.synthetic else ''}"
        yield (
            f"across/{card.pooled.id}",
            Hit("Pooled result", where, card.summary.says if card.summary else NO_RESULT, about),
        )
    for site in content.sites:
        yield (
            f"sites/{site.id}",
            Hit("Site", site.place + (", synthetic data" if site.synthetic else ""), "", (site.id,)),
        )
    for item in content.item_cards.values():
        sites = (item.site,) if item.site else ()
        invented = ", synthetic data" if item.synthetic else ""
        yield f"learning/items/{item.id}", Hit(item.type_word, item.place + invented, "", sites)
    for partner in content.partners:
        hit = Hit("Control charts", partner.region or "", "", (partner.org_code,))
        yield f"partners/organisations/{partner.org_code}", hit
    for charts in content.partner_charts:
        yield f"partners/measures/{charts.measure}", Hit("Measure, every partner", "")
    for id in content.catalogue.measures:
        yield f"measures/{id}", Hit("Measure", "")


def _verdict(summary: AnalysisSummary | None) -> str:
    """With how sure it is; what decides nothing has no certainty."""
    if summary is None or not summary.verdict:
        return NO_RESULT
    return f"{summary.verdict}" + (f", certainty {summary.certainty}" if summary.certainty else "")

"""What the book says about itself: tables and their licences, false-alarm rates, glossary, change log."""

from datetime import date
from typing import Any

from evalkit.book.shelf import Shelf
from evalkit.catalogue.false_alarms import read_difference_alarms, read_false_alarms
from evalkit.catalogue.learning import BookChange, Term


def inputs(shelf: Shelf) -> Any:
    catalogue = shelf.catalogue
    return [catalogue.tables, catalogue.measures, catalogue.glossary, catalogue.changes, shelf.evaluations]


def write(pages, shelf: Shelf) -> None:
    from evalkit.book import parts

    catalogue = shelf.catalogue
    rates = sorted(read_false_alarms(catalogue.root), key=lambda one: (one.measure, one.first))
    pages.page("index-parts/false-alarms.md", "false-alarms.md.jinja", rates=parts.rates(catalogue, rates))
    of_differences = parts.difference_rates(catalogue, read_difference_alarms(catalogue.root))
    pages.page("index-parts/false-alarms-differences.md", "false-alarms-differences.md.jinja", rates=of_differences)
    pages.page(
        "about/data.md", "data.md.jinja", tables=list(catalogue.tables.values()), measures=catalogue.measures.values()
    )
    letters: dict[str, list[Term]] = {}
    for term in sorted(catalogue.glossary.values(), key=lambda one: one.term.casefold()):
        letters.setdefault(term.term[0].upper(), []).append(term)
    pages.page("glossary.md", "glossary.md.jinja", letters=list(letters.items()))
    days: dict[date, list[BookChange]] = {}
    for change in sorted(catalogue.changes.values(), key=lambda one: one.date, reverse=True):
        days.setdefault(change.date, []).append(change)
    titles = {one.id: one.title for one in shelf.evaluations}
    pages.page("changes.md", "changes.md.jinja", days=list(days.items()), titles=titles)

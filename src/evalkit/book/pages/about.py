"""What the book says about itself: tables and their licences, false-alarm rates, glossary, change log."""

from datetime import date
from typing import Any

from evalkit.book.content import answers, certainty_words
from evalkit.book.content.book_content import BookContent
from evalkit.catalogue.records.false_alarms import read_difference_alarms, read_false_alarms, read_words_given
from evalkit.catalogue.records.learning import BookChange, Term
from evalkit.certainty import CERTAINTIES
from evalkit.check_register import DOMAINS, KINDS, that_lower_certainty
from evalkit.design_register import Design, designs


def inputs(content: BookContent) -> Any:
    catalogue = content.catalogue
    records = [catalogue.tables, catalogue.measures, catalogue.glossary, catalogue.changes, content.evaluations]
    return [records, answers.counted(content)]


# What lowers certainty besides checks: records say it, not numbers.
FROM_RECORDS = {
    "data": ["the measure's record names a change of recording in the window"],
    "precision": ["the nearer end of the interval is within half of the minimum important change of no change"],
    "rivals": [
        "the evaluation names a rival cause that could explain all of it, which costs two steps where one of the following"
        " holds as well",
        "a negative control moved that should not have",
    ],
    "analysis": [
        "comparators were left out for what their own figures of the outcome do",
        "it was not fixed before the data existed, and fewer than 80% of the other reasonable choices are clear on the same side",
    ],
}


def _by_certainty() -> list[Design]:
    """Every design, those that start highest first and those that pool last."""
    ranks = {design.name: -1 if design.pools else CERTAINTIES.index(design.starts_at) for design in designs().values()}
    return sorted(designs().values(), key=lambda design: (-ranks[design.name], design.title))


def _domains() -> list[tuple[str, list[str]]]:
    """What certainty goes down for in each domain: what records say, then what checks find."""
    kinds = that_lower_certainty()
    return [
        (words, FROM_RECORDS[domain] + [kind.fails_when for kind in kinds if kind.domain == domain])
        for domain, words in DOMAINS.items()
    ]


def write(pages, content: BookContent) -> None:
    from evalkit.book.content import shared_pieces

    catalogue = content.catalogue
    rates = sorted(read_false_alarms(catalogue.root), key=lambda rate: (rate.measure, rate.first))
    pages.page("index-parts/false-alarms.html", "false-alarms.html.jinja", rates=shared_pieces.rates(catalogue, rates))
    of_differences = shared_pieces.difference_rates(catalogue, read_difference_alarms(catalogue.root))
    pages.page("index-parts/false-alarms-differences.html", "false-alarms-differences.html.jinja", rates=of_differences)
    pages.page("index-parts/certainty.html", "certainty.html.jinja", designs=_by_certainty(), domains=_domains())
    words = read_words_given(catalogue.root)
    pages.page(
        "index-parts/certainty-words.html",
        "certainty-words.html.jinja",
        tables=certainty_words.table(words),
        first=certainty_words.RULES["now"],
        aims=certainty_words.aims(words),
        by_chance=answers.by_chance(answers.counted(content)),
        working=[share for _, share in certainty_words.WORKING],
    )
    pages.page("index-parts/checks.html", "checks.html.jinja", kinds=KINDS, domains=DOMAINS)
    pages.page(
        "about/data.html",
        "data.html.jinja",
        tables=list(catalogue.tables.values()),
        measures=catalogue.measures.values(),
    )
    letters: dict[str, list[Term]] = {}
    for term in sorted(catalogue.glossary.values(), key=lambda term: term.term.casefold()):
        letters.setdefault(term.term[0].upper(), []).append(term)
    pages.page("glossary.html", "glossary.html.jinja", letters=list(letters.items()))
    days: dict[date, list[BookChange]] = {}
    for change in sorted(catalogue.changes.values(), key=lambda change: change.date, reverse=True):
        days.setdefault(change.date, []).append(change)
    titles = {evaluation.id: evaluation.title for evaluation in content.evaluations}
    pages.page("changes.html", "changes.html.jinja", days=list(days.items()), titles=titles)

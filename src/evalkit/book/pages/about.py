"""What the book says about itself: tables and their licences, false-alarm rates, glossary, change log."""

from dataclasses import dataclass
from datetime import date

from evalkit.book.content import answers, certainty_words, rates
from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.catalogue.records.learning import BookChange, Term
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.tables import Table
from evalkit.certainty import CERTAINTIES
from evalkit.check_register import DOMAINS, KINDS, CheckKind, that_lower_certainty
from evalkit.design_register import Design, designs

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


@dataclass(frozen=True)
class SeriesRates(OnePage):
    """False alarms of interrupted time series in England."""

    rates: list[rates.RateRow]

    file = "index-parts/false-alarms.html"
    template = "false-alarms.html.jinja"


@dataclass(frozen=True)
class DifferenceRates(OnePage):
    """False alarms of differences-in-differences."""

    rates: list[rates.DifferenceRateRow]

    file = "index-parts/false-alarms-differences.html"
    template = "false-alarms-differences.html.jinja"


@dataclass(frozen=True)
class NationRates(OnePage):
    """False alarms and power of interrupted time series in Wales and Scotland."""

    rates: list[rates.NationRate]
    counted_from: float = rates.COUNTED_FROM

    file = "index-parts/false-alarms-nations.html"
    template = "false-alarms-nations.html.jinja"


@dataclass(frozen=True)
class FamilyRates(OnePage):
    """False alarms of families whose comparators are too few for ranks."""

    rates: list[rates.FamilyRate]

    file = "index-parts/false-alarms-families.html"
    template = "false-alarms-families.html.jinja"


@dataclass(frozen=True)
class CertaintyRule(OnePage):
    """Where certainty starts by design, and what lowers it by domain."""

    designs: list[Design]
    domains: list[tuple[str, list[str]]]

    file = "index-parts/certainty.html"
    template = "certainty.html.jinja"


@dataclass(frozen=True)
class CertaintyWords(OnePage):
    """How often each word is given."""

    tables: list[certainty_words.WordsTable]
    first: str
    aims: str
    by_chance: str
    working: list[str]

    file = "index-parts/certainty-words.html"
    template = "certainty-words.html.jinja"


@dataclass(frozen=True)
class EveryCheck(OnePage):
    """Every question that is put to an estimate."""

    kinds: tuple[CheckKind, ...]
    domains: dict[str, str]

    file = "index-parts/checks.html"
    template = "checks.html.jinja"


@dataclass(frozen=True)
class AboutData(OnePage):
    """Every table and measure."""

    tables: list[Table]
    measures: list[Measure]

    file = "about/data.html"
    template = "data.html.jinja"


@dataclass(frozen=True)
class Glossary(OnePage):
    """Terms by their first letter."""

    letters: list[tuple[str, list[Term]]]

    file = "glossary.html"
    template = "glossary.html.jinja"


@dataclass(frozen=True)
class ChangeLog(OnePage):
    """Changes by day, the newest first; titles of published evaluations by id."""

    days: list[tuple[date, list[BookChange]]]
    titles: dict[str, str]

    file = "changes.html"
    template = "changes.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """Each part by itself."""
    catalogue, measured = content.catalogue, content.rates
    of_series = sorted(measured.of_series, key=lambda rate: (rate.measure, rate.first))
    yield "about/false-alarms", SeriesRates(rates.series_rows(catalogue.measures, of_series))
    yield "about/differences", DifferenceRates(rates.difference_rows(catalogue.measures, measured.of_differences))
    yield "about/nations", NationRates(rates.nation_rows(catalogue.measures, measured.of_nations))
    yield "about/families", FamilyRates(rates.family_rows(measured.of_families))
    yield "about/certainty", CertaintyRule(_by_certainty(), _domains())
    yield (
        "about/words",
        CertaintyWords(
            certainty_words.table(measured.of_words),
            certainty_words.RULES["now"],
            certainty_words.aims(measured.of_words),
            answers.by_chance(answers.counted(content)),
            [share for _, share in certainty_words.WORKING],
        ),
    )
    yield "about/checks", EveryCheck(KINDS, DOMAINS)
    yield "about/data", AboutData(list(catalogue.tables.values()), list(catalogue.measures.values()))
    letters: dict[str, list[Term]] = {}
    for term in sorted(catalogue.glossary.values(), key=lambda term: term.term.casefold()):
        letters.setdefault(term.term[0].upper(), []).append(term)
    yield "about/glossary", Glossary(list(letters.items()))
    days: dict[date, list[BookChange]] = {}
    for change in sorted(catalogue.changes.values(), key=lambda change: change.date, reverse=True):
        days.setdefault(change.date, []).append(change)
    titles = {evaluation.id: evaluation.title for evaluation in content.evaluations}
    yield "about/changes", ChangeLog(list(days.items()), titles)


def _by_certainty() -> list[Design]:
    """Every design that estimates, those that start highest first and those that pool last."""
    estimating = [design for design in designs().values() if not design.describes]
    ranks = {design.name: -1 if design.pools else CERTAINTIES.index(design.starts_at) for design in estimating}
    return sorted(estimating, key=lambda design: (-ranks[design.name], design.title))


def _domains() -> list[tuple[str, list[str]]]:
    """What certainty goes down for in each domain: what records say, then what checks find."""
    kinds = that_lower_certainty()
    return [
        (words, FROM_RECORDS[domain] + [kind.fails_when for kind in kinds if kind.domain == domain])
        for domain, words in DOMAINS.items()
    ]

"""What pages say of staff: the yearly survey at the trusts of a place, its context, and a site's own pulse."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from evalkit.book.content import staff_figures
from evalkit.book.content.symbols import day
from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.sites import Site
from evalkit.catalogue.records.successors import Succession
from evalkit.intake.read_table import read_table
from evalkit.staff.pulse import PulseShown
from evalkit.staff.pulses import read_pulses
from evalkit.staff.survey import SURVEY, SurveyYear, TrustSurvey, is_old, surveys
from evalkit.staff.yearly_context import CONTEXT, ContextYear, context

MANY = 12  # trusts, of more than which a place has a link in place of a table
NOT_KNOWN = "not known"


@dataclass(frozen=True)
class StaffFigures:
    """What is known of staff, read once: surveys and yearly context by trust, pulses by site."""

    surveys: Mapping[str, TrustSurvey]
    context: Mapping[str, tuple[ContextYear, ...]]
    pulses: Mapping[str, list[PulseShown]]


@dataclass(frozen=True)
class TrustStaff:
    """The survey and the context of one trust.

    Attributes
    ----------
    code, name : str
        Of the trust whose staff were surveyed.
    own_name : str
        Of the place's own trust, whose context is from before it became part of that one.
    became : str
        Why the two are not the same; empty where they are.
    """

    code: str
    name: str
    own_name: str
    became: str
    years: tuple[SurveyYear, ...]
    context: tuple[ContextYear, ...]
    afterwards: str

    @property
    def last(self) -> SurveyYear:
        """Its newest survey."""
        return self.years[-1]

    @property
    def lead(self) -> str:
        """Its newest survey in a sentence."""
        return in_a_sentence(self.last, self.afterwards)

    @property
    def beside(self) -> str:
        """How its group lay then; empty where the group is too small."""
        return spread_in_words(self.last)

    @property
    def jumps(self) -> list[str]:
        """A sentence for each year whose number of answers jumped."""
        return [jump_in_words(year) for year in self.years if year.jumped_from is not None]

    @property
    def rows(self) -> list[list[str]]:
        """Its years as cells, for the figure's table."""
        return [cells_of(year) for year in self.years]

    def drawn(self, beside: str) -> str:
        """Its figure, on the page of what it stands beside."""
        told = "; ".join(f"{row[0]}: {row[1]}" for row in self.rows)
        alt = (
            f"Staff at {self.name} who said that they can make improvements happen, by year, beside {beside}. {told}."
            f" {self.beside}"
        )
        return staff_figures.survey(self.years, alt, f"staff-{self.code}")

    @property
    def has_shmi(self) -> bool:
        """Whether any year of its context has a ratio of deaths."""
        return any(year.shmi is not None for year in self.context)


@dataclass(frozen=True)
class StaffThere:
    """Staff at a place: ``trusts`` is how many have a survey, of ``years``; those in ``each`` are shown where they are few.

    ``not_asked`` are the nations of a place of which the book has no survey at all.
    """

    each: list[TrustStaff]
    trusts: int
    years: tuple[int, ...]
    pulse: list[PulseShown]
    not_asked: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether there is something to show, or to say."""
        return bool(self.trusts or self.pulse or self.not_asked)

    def beside_change(self, starts: Sequence[date]) -> str:
        """Which of the surveys are from before a change and which from after it."""
        return beside_change(self.years, starts)


def read_staff(catalogue: Catalogue) -> StaffFigures:
    """Everything of staff that the project holds; empty where it has no such tables."""
    tables = catalogue.tables
    return StaffFigures(
        surveys(_rows(catalogue, SURVEY)) if SURVEY in tables else {},
        context(_rows(catalogue, CONTEXT)) if CONTEXT in tables else {},
        read_pulses(catalogue.root, catalogue.sites)[0],
    )


def staff_at(catalogue: Catalogue, figures: StaffFigures, sites: Iterable[Site], newest: str) -> StaffThere:
    """What there is of staff at some sites; the pulse is that of a site by itself.

    Parameters
    ----------
    newest : the last month of any figures in the book, beside which a survey is old
    """
    sites = list(sites)
    found: dict[str, tuple[str, str]] = {}
    for site in sites:
        for code in site.org_codes:
            if code in figures.surveys:
                found.setdefault(code, (code, ""))
            elif site.part_of is not None and site.part_of.org_code in figures.surveys:
                found.setdefault(site.part_of.org_code, (code, _became(catalogue, site)))
    pulse = figures.pulses.get(sites[0].id, []) if len(sites) == 1 else []
    years = tuple(sorted({year.year for code in found for year in figures.surveys[code].years}))
    not_asked = _not_asked(catalogue, figures, sites)
    if len(found) > MANY:
        return StaffThere([], len(found), years, pulse, not_asked)
    each = [
        TrustStaff(
            code,
            _name(catalogue, code),
            _name(catalogue, own),
            became,
            figures.surveys[code].years,
            figures.context.get(own, ()),
            afterwards(catalogue, figures.surveys, code, newest),
        )
        for code, (own, became) in found.items()
    ]
    return StaffThere(sorted(each, key=lambda one: one.name.casefold()), len(each), years, pulse, not_asked)


def _not_asked(catalogue: Catalogue, figures: StaffFigures, sites: Sequence[Site]) -> tuple[str, ...]:
    """The nations of some sites in which no organisation of the book has a survey; none where there are no surveys."""
    if not figures.surveys:
        return ()
    asked = {catalogue.organisations[code].nation for code in figures.surveys if code in catalogue.organisations}
    there = {catalogue.organisations[code].nation for site in sites for code in site.org_codes}
    names = catalogue.vocabularies.get("nations", {})
    return tuple(names.get(nation, nation) for nation in sorted(there - asked))


def afterwards(catalogue: Catalogue, each: Mapping[str, TrustSurvey], code: str, newest: str) -> str:
    """What has to be said where a trust's last survey is not the newest, or where that is old; empty where neither is so.

    Parameters
    ----------
    newest : the last month of any figures in the book, beside which a survey is old
    """
    last = each[code].last.year
    if last == last_year(list(each.values())):
        return "This was said then, and newer surveys are not in this book." if is_old(last, newest) else ""
    said = f"Last survey under this name: {last}."
    became = successor(catalogue, code)
    if became is None:
        return f"{said} What became of the trust is not recorded in this book."
    has = "; see its survey" if became.successor in each else ""
    return f"{said} Since {day(became.since)} part of {_name(catalogue, str(became.successor))}{has}."


def successor(catalogue: Catalogue, code: str) -> Succession | None:
    """What a trust went into, by the newest line of ``data/successors.csv`` that says so."""
    went = [one for one in catalogue.successors.values() if one.code == code and one.successor not in (None, code)]
    return max(went, key=lambda one: one.since, default=None)


def beside_change(years: Sequence[int], starts: Sequence[date]) -> str:
    """Which surveys are from before a change, of a year in which it began, and from after it; empty without any."""
    if not years or not starts:
        return ""
    first, last = min(starts), max(starts)
    began = f"on {day(first)}" if first == last else f"between {day(first)} and {day(last)}"
    groups = [
        ([year for year in years if year < first.year], "before it"),
        (
            [year for year in years if first.year <= year <= last.year],
            "a year in which it began, and so before or after it",
        ),
        ([year for year in years if year > last.year], "after it"),
    ]
    told = [f"{_listed(of)} from {when}" for of, when in groups if of]
    nothing = "" if groups[0][0] else " None of them says for certain how it was before."
    return f"The change began {began}. Of these surveys {'; '.join(told)}.{nothing}"


def _listed(years: Sequence[int]) -> str:
    if len(years) == 1:
        return f"that of {years[0]} is"
    return f"those of {years[0]} {'and' if len(years) == 2 else 'to'} {years[-1]} are"


def in_a_sentence(year: SurveyYear, afterwards: str) -> str:
    """One survey at one trust, and what has to be said of what came after it."""
    if year.rate is None:
        why = "10 or fewer answered, so that what they said is withheld" if year.withheld else "no answer is known"
        return f"In the survey of {year.year} {why}. {afterwards}".strip()
    return (
        f"In the survey of {year.year}, {year.rate:.1f}% of those who answered ({year.answered:,}) agreed or strongly agreed that"
        f" they can make improvements happen in their area of work, 95% interval {year.low:.1f} to {year.high:.1f}. {afterwards}"
    ).strip()


def spread_in_words(year: SurveyYear) -> str:
    """How the trust's group lay in that year; empty where it is too small to tell."""
    spread = year.spread
    if spread is None:
        return ""
    return (
        f"Of {spread.trusts} trusts of its kind ({year.group}) the middle half lay between {spread.lower_quarter:.1f}% and"
        f" {spread.upper_quarter:.1f}%, and all of them between {spread.lowest:.1f}% and {spread.highest:.1f}%, with"
        f" {spread.fewest:,} to {spread.most:,} answers each."
    )


def jump_in_words(year: SurveyYear) -> str:
    """That the number of answers jumped, and what that can mean."""
    return (
        f"From {year.year - 1} to {year.year} the number of answers went from {year.jumped_from:,} to {year.answered:,}: as when"
        " all staff are asked in place of a sample, or when trusts merge. The table does not say which, so compare the two years"
        " with care."
    )


def cells_of(year: SurveyYear) -> list[str]:
    """A year in the figure's table."""
    if year.rate is None:
        own = ["withheld" if year.withheld else NOT_KNOWN, "", "10 or fewer" if year.withheld else NOT_KNOWN]
    else:
        own = [f"{year.rate:.1f}%", f"{year.low:.1f} to {year.high:.1f}", f"{year.answered:,}"]
    spread = year.spread
    if spread is None:
        return [str(year.year), *own, "", "", ""]
    half = f"{spread.lower_quarter:.1f} to {spread.upper_quarter:.1f}"
    whole = f"{spread.lowest:.1f} to {spread.highest:.1f}"
    return [str(year.year), *own, half, whole, str(spread.trusts)]


def last_year(each: Sequence[TrustSurvey]) -> int:
    """The newest year of some surveys; 0 without any."""
    return max((one.last.year for one in each), default=0)


def _name(catalogue: Catalogue, code: str) -> str:
    return catalogue.organisations[code].name if code in catalogue.organisations else code


def _became(catalogue: Catalogue, site: Site) -> str:
    part = site.part_of
    assert part is not None
    whole = catalogue.organisations[part.org_code].name
    since: date = part.since
    return (
        f"On {since.day} {since:%B} {since.year} its trust became part of {whole}, so the survey is that of this whole trust"
        " and not of the hospital."
    )


def _rows(catalogue: Catalogue, name: str) -> pd.DataFrame:
    frame = read_table(catalogue.root, catalogue.tables[name]).frame
    layout = catalogue.tables[name].layout
    return frame.assign(year=pd.PeriodIndex(frame[layout.period]).year, org_code=frame[layout.unit])

"""What staff said they can change: the survey at every trust of the book, and one trust by its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.book.content import staff_figures
from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, Pages
from evalkit.book.content.staff import (
    afterwards,
    cells_of,
    in_a_sentence,
    jump_in_words,
    last_year,
    spread_in_words,
    successor,
)
from evalkit.book.partners.rows import ACUTE
from evalkit.catalogue.records.sites import Organisation
from evalkit.report.spreadsheets import csv_of
from evalkit.staff.survey import JUMP, LEAST_IN_SPREAD, QUESTION, SURVEY, SurveyYear, TrustSurvey, is_old

NAME = "partners/staff"
Examples = dict[tuple[tuple[int, str], ...], Sequence[SurveyYear]]  # a trust of each group
OWN_CELLS = 4  # of a row: year, share, interval, answers; the others are of the group


@dataclass(frozen=True)
class SurveyedTrust:
    """One trust of the page; ``links`` lead to its pages in this book, below generated/partners."""

    organisation: Organisation
    survey: TrustSurvey
    afterwards: str
    links: list[tuple[str, str]]


@dataclass(frozen=True)
class StaffPage:
    """Every trust of the book that has a survey, by name.

    Attributes
    ----------
    last : int
        Year of the newest survey.
    newest : int
        How many trusts have that one.
    earlier : list of (int, list of str)
        Years of the last surveys of the others, with the names of the trusts.
    kinds : int
        How many trusts make up the groups that they are shown beside, those that this book has no more of among them.
    without : list of str
        Names of acute trusts of the book without a survey.
    """

    trusts: list[SurveyedTrust]
    regions: list[str]
    boards: list[str]
    last: int
    newest: int
    earlier: list[tuple[int, list[str]]]
    old: bool
    kinds: int
    title: str
    without: list[str]

    def write(self, pages: Pages) -> None:
        """The page, and its numbers as CSV."""
        pages.write(f"{NAME}.csv", _as_csv(self.trusts))
        examples: Examples = {_group(one.survey.years): one.survey.years for one in self.trusts}
        pages.page(
            f"{NAME}.html",
            "staff.html.jinja",
            self,
            question=QUESTION,
            jump=JUMP,
            least=LEAST_IN_SPREAD,
            rows=[(one.organisation.name, cells_of(one.survey.last)) for one in self.trusts],
            drawings=[staff_figures.of_group(years) for years in examples.values()],
            given=_given(self, examples),
        )


def pages(content: BookContent) -> NamedPages:
    """The one page, where the project has the survey."""
    catalogue, surveyed = content.catalogue, content.staff.surveys
    known = [catalogue.organisations[code] for code in surveyed if code in catalogue.organisations]
    if not known:
        return
    there = sorted(known, key=lambda one: (one.name.casefold(), one.org_code))
    charted = {one.org_code for one in content.partners}
    last = last_year([surveyed[one.org_code] for one in there])
    yield (
        NAME,
        StaffPage(
            [
                SurveyedTrust(
                    one,
                    surveyed[one.org_code],
                    afterwards(catalogue, surveyed, one.org_code, content.newest_charted),
                    _links(content, one.org_code, charted),
                )
                for one in there
            ],
            sorted({one.region for one in there if one.region}),
            sorted({one.icb_name for one in there if one.icb_name}),
            last,
            sum(surveyed[one.org_code].last.year == last for one in there),
            [
                (year, [one.name for one in there if surveyed[one.org_code].last.year == year])
                for year in sorted({surveyed[one.org_code].last.year for one in there} - {last}, reverse=True)
            ],
            is_old(last, content.newest_charted),
            len(surveyed),
            catalogue.tables[SURVEY].title,
            sorted(
                one.name
                for code, one in catalogue.organisations.items()
                if one.sector == ACUTE and code not in surveyed and not code.startswith("ZZ")
            ),
        ),
    )


def _links(content: BookContent, code: str, charted: set[str]) -> list[tuple[str, str]]:
    sites = [(f"../sites/{site.id}.html", site.name) for site in content.sites if site.org_codes == [code]]
    charts = [(f"organisations/{code}.html", "Its control charts")] if code in charted else []
    became = successor(content.catalogue, code)
    into = content.catalogue.organisations.get(became.successor or "") if became is not None else None
    went = []
    if into is not None and into.org_code in content.staff.surveys:
        went = [(f"staff.html?organisation={into.org_code}", f"What staff at {into.name} said")]
    return [*went, *sites, *charts]


def _group(years: Sequence[SurveyYear]) -> tuple[tuple[int, str], ...]:
    """By what figures are alike but for a trust's own marks."""
    return tuple((year.year, year.group) for year in years)


def _given(page: StaffPage, examples: Examples) -> dict[str, Any]:
    """For the reader's browser: every trust in sentences and cells, and what trusts of a group share once."""
    groups = list(examples)
    return {
        "groups": [
            [spread_in_words(years[-1]), [cells_of(year)[OWN_CELLS:] for year in years]] for years in examples.values()
        ],
        "trusts": [
            [
                one.organisation.org_code,
                page.regions.index(one.organisation.region) if one.organisation.region else -1,
                page.boards.index(one.organisation.icb_name) if one.organisation.icb_name else -1,
                groups.index(_group(one.survey.years)),
                [in_a_sentence(one.survey.last, one.afterwards), *(jump_in_words(year) for year in one.survey.years if year.jumped_from)],
                [cells_of(year)[:OWN_CELLS] for year in one.survey.years],
                staff_figures.marks(one.survey.years),
                one.links,
            ]
            for one in page.trusts
        ],
    }  # fmt: skip


def _as_csv(trusts: Sequence[SurveyedTrust]) -> str:
    rows = [
        {"org_code": one.organisation.org_code, "name": one.organisation.name}
        | {
            name: value
            for name, value in year.to_dict().items()
            if name in ("year", "group", "rate", "low", "high", "answered", "withheld", "jumped_from")
        }
        for one in trusts
        for year in one.survey.years
    ]
    return csv_of(pd.DataFrame(rows).astype({"answered": "Int64", "jumped_from": "Int64"}))

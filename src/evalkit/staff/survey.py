"""The staff survey's question on making improvements happen: each trust and year, beside others of its kind."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.disclosure.rules import SMALL_NUMBERS
from evalkit.inference.classical.single_counts import weighted_share_interval

SURVEY = "staff-survey-yearly-2021-2024"  # the table
QUESTION = "I am able to make improvements happen in my area of work"
RULE = SMALL_NUMBERS["staff_survey"]
JUMP = 1.5  # times as many answers as the year before, or as few, from which a year is flagged
LEAST_IN_SPREAD = 5  # trusts: of fewer the ends would be somebody's
OLD_AFTER = 1  # years before the newest figures of the book
WHOLE = 100.0


@dataclass(frozen=True)
class Spread:
    """How the trusts of one group lay in one year: shares in per cent, and answers; no trust is named or ranked."""

    trusts: int
    lowest: float
    lower_quarter: float
    upper_quarter: float
    highest: float
    fewest: int
    most: int


@dataclass(frozen=True)
class SurveyYear:
    """One trust in one year.

    Attributes
    ----------
    rate, low, high : float or None
        Per cent who agree, weighted as published, and its 95% interval; None where withheld or where nobody answered.
    answered : int or None
        Who answered the question; None where withheld.
    spread : Spread or None
        Of its benchmarking group, this trust among them; None where it has too few trusts.
    jumped_from : int or None
        Answers of the year before, where there were ``JUMP`` times fewer or more of them.
    """

    year: int
    group: str
    rate: float | None
    low: float | None
    high: float | None
    answered: int | None
    withheld: bool
    spread: Spread | None
    jumped_from: int | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True)
class TrustSurvey:
    """All years of one trust, the oldest first."""

    code: str
    years: tuple[SurveyYear, ...]

    @property
    def last(self) -> SurveyYear:
        """Its newest survey."""
        return self.years[-1]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"org_code": self.code, "years": [year.to_dict() for year in self.years]}


def surveys(rows: pd.DataFrame) -> Mapping[str, TrustSurvey]:
    """Every trust of a table, by its code.

    A result of 10 or fewer answers is withheld, and its trust is left out of the spread of its group, so that neither
    the ends of a group nor its number of answers gives it back; nothing is added up over trusts or years. The interval is
    that of ``weighted_share_interval``; quarters are those between which the middle half of a group lies (Hyndman and Fan
    1996, The American Statistician 50:361, type 7).

    Parameters
    ----------
    rows : DataFrame
        One row a trust and year: org_code, year, benchmarking_group, improvements_base, improvements_rate (per cent).
    """
    rows = rows.sort_values(["org_code", "year"], ignore_index=True)
    answered = rows["improvements_base"].to_numpy(float)
    rate = rows["improvements_rate"].to_numpy(float)
    withheld = RULE.is_small(answered)
    known = np.isfinite(answered) & (answered >= RULE.least) & np.isfinite(rate)
    low, high = weighted_share_interval(np.where(known, rate / WHOLE, np.nan), answered)
    shown = rows.assign(rate=rate, answered=answered)[known]
    spreads = {key: _spread(group) for key, group in shown.groupby(["benchmarking_group", "year"])}
    jumps = _jumps(rows, known)
    by_trust: dict[str, list[SurveyYear]] = {}
    for at, row in enumerate(rows.itertuples()):
        there = bool(known[at])
        year = SurveyYear(
            int(row.year),
            str(row.benchmarking_group),
            float(rate[at]) if there else None,
            WHOLE * float(low[at]) if there else None,
            WHOLE * float(high[at]) if there else None,
            int(answered[at]) if there else None,
            bool(withheld[at]),
            spreads.get((row.benchmarking_group, row.year)),
            jumps[at],
        )
        by_trust.setdefault(str(row.org_code), []).append(year)
    return {code: TrustSurvey(code, tuple(years)) for code, years in by_trust.items()}


def is_old(year: int, newest: str) -> bool:
    """Whether a survey is of more than a year before the newest figures (a month such as ``2026-02``; empty: no)."""
    return bool(newest) and int(newest[:4]) - year > OLD_AFTER


def _spread(group: pd.DataFrame) -> Spread | None:
    if len(group) < LEAST_IN_SPREAD:
        return None
    ends = np.quantile(group["rate"], [0, 0.25, 0.75, 1])
    return Spread(len(group), *map(float, ends), int(group["answered"].min()), int(group["answered"].max()))


def _jumps(rows: pd.DataFrame, known: np.ndarray) -> list[int | None]:
    """Of each row the answers of the year before, where they jumped; a withheld number of them flags nothing."""
    answers = {
        (row.org_code, row.year): row.improvements_base
        for row, there in zip(rows.itertuples(), known, strict=True)
        if there
    }
    jumps: list[int | None] = []
    for row in rows.itertuples():
        after, before = answers.get((row.org_code, row.year)), answers.get((row.org_code, row.year - 1))
        jumped = bool(after and before) and not 1 / JUMP < after / before < JUMP
        jumps.append(int(before) if jumped and before else None)
    return jumps

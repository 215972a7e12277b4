"""Staff engagement and hospital mortality of a trust, year by year: context for a change, and never its effect."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.disclosure.rules import SMALL_NUMBERS

CONTEXT = "staff-engagement-shmi-yearly-2012-2019"  # the table
NEARLY_ALL = 1.959963984540054  # standard deviations on each side of the middle, between which 95 of 100 lie
LEAST_FOR_A_BAND = 20  # trusts
RULE = SMALL_NUMBERS["staff_survey"]


@dataclass(frozen=True)
class ContextYear:
    """One trust in one year.

    Attributes
    ----------
    responses : int or None
        Who returned the survey; None where it is not known or withheld.
    engagement : float or None
        Score of staff engagement, 1 to 5.
    engagement_low, engagement_high : float or None
        Between which the middle half of all trusts lay.
    shmi : float or None
        Deaths over those expected.
    shmi_low, shmi_high : float or None
        The band that allows for how much trusts differ (``band``).
    trusts : int
        Of how many trusts the band is made.
    """

    year: int
    responses: int | None
    engagement: float | None
    engagement_low: float | None
    engagement_high: float | None
    shmi: float | None
    shmi_low: float | None
    shmi_high: float | None
    trusts: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def context(rows: pd.DataFrame) -> Mapping[str, tuple[ContextYear, ...]]:
    """Every trust of a table, by its code, the oldest year first.

    Parameters
    ----------
    rows : DataFrame
        One row a trust and year: org_code, year, responses, engagement, shmi.
    """
    rows = rows.sort_values(["org_code", "year"], ignore_index=True)
    small = pd.Series(RULE.is_small(rows["responses"].to_numpy(float)), index=rows.index)
    rows = rows.assign(responses=rows["responses"].mask(small), engagement=rows["engagement"].mask(small))
    bands = {year: band(group["shmi"].dropna().to_numpy()) for year, group in rows.groupby("year")}
    halves = {year: _middle_half(group["engagement"].dropna().to_numpy()) for year, group in rows.groupby("year")}
    trusts = rows[rows["shmi"].notna()].groupby("year").size()
    by_trust: dict[str, list[ContextYear]] = {}
    for row in rows.itertuples():
        year = ContextYear(
            int(row.year),
            int(row.responses) if math.isfinite(row.responses) else None,
            _known(row.engagement),
            *halves[row.year],
            _known(row.shmi),
            *bands[row.year],
            int(trusts.get(row.year, 0)),
        )
        by_trust.setdefault(str(row.org_code), []).append(year)
    return {code: tuple(years) for code, years in by_trust.items()}


def band(ratios: np.ndarray) -> tuple[float | None, float | None]:
    """Ends of the over-dispersed band of ratios (n,) that are expected to be 1; nothing of too few.

    Their spread about 1 on the log scale is taken as it is among all trusts, which holds chance and how much trusts differ
    beyond it: the additive model of Spiegelhalter (2005, Statistics in Medicine 24:1185) at the chance of an average
    trust. Limits of one trust, as the publisher draws them, need its expected deaths.
    """
    if len(ratios) < LEAST_FOR_A_BAND or (ratios <= 0).any():
        return None, None
    half = NEARLY_ALL * math.sqrt(float(np.mean(np.log(ratios) ** 2)))
    return math.exp(-half), math.exp(half)


def _middle_half(values: np.ndarray) -> tuple[float | None, float | None]:
    if len(values) < LEAST_FOR_A_BAND:
        return None, None
    lower, upper = np.quantile(values, [0.25, 0.75])
    return float(lower), float(upper)


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None

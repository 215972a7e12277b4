"""How a measure differs between trusts that serve more and less deprived areas: fifths of trusts, and never of patients."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.inference.contrast import CONFIDENCE, POWER

FIFTHS = (1, 2, 3, 4, 5)  # 1 is the most deprived fifth of trusts
MOST, LEAST = FIFTHS[0], FIFTHS[-1]
YEAR = 12  # months
FEWEST = 3  # trusts in a fifth, fewer of which say nothing of how much they differ


@dataclass(frozen=True)
class Between:
    """A difference between the mean of the most and of the least deprived fifth of trusts.

    Attributes
    ----------
    estimate, low, high : the difference, and its interval; on the measure's own scale
    std_error, df : by Welch (1947)
    most, least : how many trusts are in either
    detectable : the smallest true difference that would be found four times in five
    family : how many differences the interval allows for
    """

    estimate: float
    low: float
    high: float
    std_error: float
    df: float
    most: int
    least: int
    detectable: float
    family: int = 1

    @property
    def direction(self) -> str:
        """``higher``, ``lower`` or ``unclear``: of the most deprived fifth against the least."""
        return "higher" if self.low > 0 else "lower" if self.high < 0 else "unclear"


@dataclass(frozen=True)
class Fifths:
    """One measure over a year of months at trusts by their fifth of deprivation.

    Attributes
    ----------
    first, last : the months; ``before`` is the year before them
    means : of each fifth the number of trusts, and the mean of their values, None of too few
    gap : between the most and the least deprived, over the year
    change : of the gap since the year before, at the trusts with both years; None where too few have both
    without : how many trusts have figures and no fifth
    known : how many trusts there are in the most and in the least deprived fifth, with or without figures
    pooled : between the two, all that their trusts counted over all that they counted it of, so that a large trust counts
        for more; without an interval
    """

    first: str
    last: str
    means: list[tuple[int, int, float | None]]
    gap: Between
    change: Between | None
    without: int
    known: tuple[int, int]
    pooled: float

    @property
    def n(self) -> int:
        """How many trusts have a fifth and figures."""
        return sum(count for _, count, _ in self.means)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Fifths":
        """What ``dataclasses.asdict`` made of it, and JSON of that."""
        return cls(
            plain["first"], plain["last"], [(fifth, count, mean) for fifth, count, mean in plain["means"]],
            Between(**plain["gap"]), plain["change"] and Between(**plain["change"]), plain["without"],
            (plain["known"][0], plain["known"][1]), plain["pooled"],
        )  # fmt: skip

    def to_plain(self) -> dict[str, Any]:
        """Plain values, as JSON has them."""
        return asdict(self)

    def allowing_for(self, family: int) -> "Fifths":
        """With intervals that hold at once for so many differences (Bonferroni)."""
        return replace(
            self, gap=_widened(self.gap, family), change=None if self.change is None else _widened(self.change, family)
        )


def fifths_of(frame: pd.DataFrame, fifths: Mapping[str, int]) -> Fifths | None:
    """The newest year of a share or a rate at trusts, by fifth; None where the fifths at either end have too few trusts.

    A trust's value is all that it counted over the twelve months over all that it was counted of; one without a figure in
    every month is left out. Trusts count alike, however large: the contrast is of trusts.

    Parameters
    ----------
    frame : DataFrame
        ``unit, period, value, numerator, denominator`` by month; missing where not reported.
    fifths : mapping of unit to fifth, 1 the most deprived
    """
    reported = frame[frame["value"].notna()]
    if reported.empty:
        return None
    last = reported["period"].max()
    whole = _whole_year(reported, last)
    values = _values(whole)
    of = values.index.map(lambda unit: fifths.get(str(unit)))
    by_fifth = {fifth: values[of == fifth] for fifth in FIFTHS}
    if min(len(by_fifth[MOST]), len(by_fifth[LEAST])) < FEWEST:
        return None
    moved = (values - _values(_whole_year(reported, last - YEAR))).dropna()
    change = _between(*(moved[moved.index.isin(by_fifth[fifth].index)] for fifth in (MOST, LEAST)))
    gap = _between(by_fifth[MOST], by_fifth[LEAST])
    assert gap is not None  # there are trusts enough
    means = [
        (fifth, len(of_fifth), float(of_fifth.mean()) if len(of_fifth) >= FEWEST else None)
        for fifth, of_fifth in by_fifth.items()
    ]
    known = [sum(fifth == end for fifth in fifths.values()) for end in (MOST, LEAST)]
    together = [_pooled(whole, by_fifth[end].index) for end in (MOST, LEAST)]
    return Fifths(
        str(last - (YEAR - 1)), str(last), means, gap, change, int(pd.isna(of).sum()), (known[0], known[1]),
        together[0] - together[1],
    )  # fmt: skip


def in_family(found: Iterable[Fifths | None]) -> list[Fifths | None]:
    """All with intervals that hold at once, nineteen times in twenty: every gap and every change counts."""
    given = list(found)
    family = sum(1 + (one.change is not None) for one in given if one is not None)
    return [None if one is None else one.allowing_for(family) for one in given]


def _whole_year(reported: pd.DataFrame, last: pd.Period) -> pd.DataFrame:
    """Numerator and denominator of each unit with all twelve months to ``last``, and what a value is of their ratio."""
    year = reported[(reported["period"] > last - YEAR) & (reported["period"] <= last)]
    by_unit = year.groupby("unit")
    sums = by_unit[["numerator", "denominator"]].sum(min_count=YEAR)
    # As 100 of a share in per cent.
    per = (year["value"] * year["denominator"] / year["numerator"].mask(year["numerator"] == 0)).median()
    return sums[by_unit.size() == YEAR].assign(per=per)


def _values(year: pd.DataFrame) -> pd.Series:
    """The value of each unit, per cent or per one as the rows have it, by unit."""
    return (year["per"] * year["numerator"] / year["denominator"].mask(year["denominator"] == 0)).dropna()


def _pooled(year: pd.DataFrame, units: pd.Index) -> float:
    """The value of some units together."""
    some = year.loc[units]
    return float(some["per"].iloc[0] * some["numerator"].sum() / some["denominator"].sum())


def _between(most: pd.Series, least: pd.Series) -> Between | None:
    """Welch's interval of a difference of two means (Welch 1947); None with too few on either side."""
    if min(len(most), len(least)) < FEWEST:
        return None
    parts = [float(side.var(ddof=1)) / len(side) for side in (most, least)]
    std_error = float(np.sqrt(sum(parts)))
    degrees = [part**2 / (len(side) - 1) for part, side in zip(parts, (most, least), strict=True)]
    df = sum(parts) ** 2 / sum(degrees) if sum(degrees) > 0 else float(len(most) + len(least) - 2)
    estimate = float(most.mean() - least.mean())
    bare = Between(estimate, estimate, estimate, std_error, float(df), len(most), len(least), 0.0)
    return _widened(bare, 1)


def _widened(between: Between, family: int) -> Between:
    times = float(stats.t.ppf(1 - (1 - CONFIDENCE) / family / 2, between.df))
    reach = times * between.std_error
    detectable = (times + float(stats.t.ppf(POWER, between.df))) * between.std_error
    return replace(
        between, low=between.estimate - reach, high=between.estimate + reach, detectable=detectable, family=family
    )

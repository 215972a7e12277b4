"""Who gained? How measures differ by the deprivation of trusts' catchments, and by what each evaluation is told apart."""

import math
from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.book.partners.cells import is_old, newest_of
from evalkit.catalogue.records.measures import Measure
from evalkit.equity import LEAST, MOST, Between, Fifths, in_family

FEWEST_DECIMALS, MOST_DECIMALS = 1, 3
SAYS = {
    "higher": "higher at the most deprived fifth of trusts",
    "lower": "lower at the most deprived fifth of trusts",
    "unclear": "direction not clear",
}
MOVED = {"higher": "moved up", "lower": "moved down", "unclear": "direction not clear"}


@dataclass(frozen=True)
class Difference:
    """A difference between fifths of trusts, in words; ``trusts`` is how many are at either end, and of how many."""

    says: str
    size: str
    interval: str
    detectable: str
    trusts: str


@dataclass(frozen=True)
class MeasureByFifth:
    """One measure over a year at trusts by fifth: number of trusts and mean of each, the gap, and its change.

    ``pooled`` is the gap with the figures of all trusts of a fifth taken together.
    """

    id: str
    name: str
    unit: str
    first: str
    last: str
    old: bool
    means: list[tuple[int, int, str]]
    gap: Difference
    pooled: str
    change: Difference | None
    without: int


@dataclass(frozen=True)
class ToldApart:
    """By what an evaluation is told apart, with its analyses of the gap; or why by nothing."""

    id: str
    title: str
    synthetic: bool
    by: str
    why: str
    analyses: list[tuple[str, str, str]]


@dataclass(frozen=True)
class EquityPage(OnePage):
    """Differences between fifths of trusts, and what evaluations say of groups of people.

    Attributes
    ----------
    newest : the last month of any of these figures; empty without any
    family : how many intervals hold at once
    clear : how many gaps are clear
    counted : how many measures that are charted are counts, of which nothing is said
    not_apart : the evaluations that are told apart by nothing, by the reason that they share
    """

    measures: list[MeasureByFifth]
    newest: str
    old: bool
    family: int
    clear: int
    counted: int
    evaluations: list[ToldApart]
    not_apart: list[tuple[str, list[ToldApart]]]

    file = "equity.html"
    template = "equity.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page."""
    newest_of_all = newest_of(content.partner_charts)
    found = in_family(charts.fifths for charts in content.partner_charts)
    told = [
        _by_fifth(content.catalogue.measures[charts.measure], charts.unit, fifths, newest_of_all)
        for charts, fifths in zip(content.partner_charts, found, strict=True)
        if fifths is not None
    ]
    given = [fifths for fifths in found if fifths is not None]
    evaluations = [_told_apart(content, evaluation) for evaluation in content.evaluations]
    newest = max((fifths.last for fifths in given), default="")
    yield (
        "equity",
        EquityPage(
            measures=told,
            newest=newest,
            old=is_old(newest, newest_of_all),
            family=given[0].gap.family if given else 0,
            clear=sum(fifths.gap.direction != "unclear" for fifths in given),
            counted=sum(fifths is None for fifths in found),
            evaluations=evaluations,
            not_apart=_by_reason(evaluations),
        ),
    )


def _by_fifth(measure: Measure, unit: str, fifths: Fifths, newest: str) -> MeasureByFifth:
    decimals = _decimals(fifths)
    means = [
        (fifth, count, "too few trusts" if mean is None else f"{mean:.{decimals}f}%")
        for fifth, count, mean in fifths.means
    ]
    return MeasureByFifth(
        measure.id, measure.name, unit, fifths.first, fifths.last, is_old(fifths.last, newest), means,
        _difference(fifths.gap, fifths.known, SAYS, decimals), f"{_signed(fifths.pooled, decimals)} points",
        None if fifths.change is None else _difference(fifths.change, fifths.known, MOVED, decimals), fifths.without,
    )  # fmt: skip


def _decimals(fifths: Fifths) -> int:
    """The fewest with which the means of the two ends, as they are shown, differ by the difference that is shown."""
    means = [mean for fifth, _, mean in fifths.means if fifth in (MOST, LEAST)]
    for decimals in range(FEWEST_DECIMALS, MOST_DECIMALS):
        most, least = (round(mean, decimals) if mean is not None else math.nan for mean in means)
        if math.isclose(most - least, round(fifths.gap.estimate, decimals), abs_tol=10.0 ** -(decimals + 3)):
            return decimals
    return MOST_DECIMALS


def _difference(between: Between, known: tuple[int, int], says: dict[str, str], decimals: int) -> Difference:
    low, high = (_signed(end, decimals) for end in (between.low, between.high))
    return Difference(
        says[between.direction],
        f"{_signed(between.estimate, decimals)} points",
        f"{low} to {high}",
        f"{between.detectable:.{decimals}f} points",
        _counted((between.most, between.least), known),
    )


def _counted(trusts: tuple[int, int], known: tuple[int, int]) -> str:
    """How many trusts at either end; and of how many, where some at any end have no figures."""
    if trusts == known:
        return " and ".join(map(str, trusts))
    return " and ".join(f"{count} of {all_there}" for count, all_there in zip(trusts, known, strict=True))


def _signed(value: float, decimals: int) -> str:
    """With a true minus sign; what rounds to nothing has none."""
    written = f"{abs(value):.{decimals}f}"
    return f"{'' if not float(written) else '−' if value < 0 else '+'}{written}"


def _by_reason(evaluations: list[ToldApart]) -> list[tuple[str, list[ToldApart]]]:
    """Those that are told apart by nothing, by their reason: each is said once."""
    reasons: dict[str, list[ToldApart]] = {}
    for one in evaluations:
        if not one.by:
            reasons.setdefault(one.why, []).append(one)
    return list(reasons.items())


def _told_apart(content: BookContent, evaluation) -> ToldApart:
    protocol, stratifier = evaluation.protocol, evaluation.protocol.stratifier
    synthetic = content.catalogue.is_synthetic(evaluation)
    if stratifier is None:
        return ToldApart(evaluation.id, evaluation.title, synthetic, "", protocol.no_stratifier or "", [])
    analyses = []
    for id in stratifier.analyses:
        summary = content.summaries[evaluation.id].of(id)
        size = f"{summary.estimate}{' points' if summary.points else ''} ({summary.interval})" if summary.done else ""
        analyses.append((id, summary.title, size or "No result at present"))
    return ToldApart(evaluation.id, evaluation.title, synthetic, stratifier.what, stratifier.why, analyses)

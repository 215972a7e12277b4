"""Estimates beside each other, each with a bar: the same question asked in other ways, and all analyses of an evaluation."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evalkit.book.content.analysis_entry import AnalysisEntry, AnswerEntry, EstimatedEntry
from evalkit.book.content.summaries import AnswerSize
from evalkit.effect import Effect
from evalkit.report import tables
from evalkit.report.figures.interval_bar import Size, bars
from evalkit.report.wording import lasting, words
from evalkit.verdict import Verdict

MAIN = "Main analysis"  # planned or not


@dataclass(frozen=True)
class BarRow:
    """One estimate: of what kind, of what, its bar as SVG, its numbers, whether it is the answer, and what else is told of it."""

    kind: str
    what: str
    bar: str
    estimate: str
    interval: str
    leads: bool = False
    more: str = ""


def robustness(effect: Effect, verdict: Verdict | None, names: Mapping[str, str]) -> list[BarRow]:
    """The headline, under other choices and by other methods."""
    rows = tables.robustness_rows(effect, names)
    drawn = bars([_size(row.row) for row in rows], [_matters(verdict, str(effect.headline["scale"]))] * len(rows))
    return [
        BarRow(
            MAIN if row.row["role"] == "headline" else row.kind, row.how, bar, _told(row.row),
            words.both_ends(row.row["low"], row.row["high"], row.row["scale"]), row.row["role"] == "headline",
        )
        for row, bar in zip(rows, drawn, strict=True)
    ]  # fmt: skip


def over_time(effect: Effect, verdict: Verdict | None) -> list[BarRow]:
    """The effect at each horizon after the change; a horizon without a figure says why."""
    horizons = lasting.at_horizons(effect)
    told = [at for at in horizons if not at.missing]
    matters = [_matters(verdict, str(at.row["scale"])) for at in told]
    drawn = dict(
        zip([at.when for at in told], bars([_size(at.row) for at in told], matters) if told else [], strict=True)
    )
    return [
        BarRow(at.over, at.when, "", f"No figure: {at.missing}", "") if at.missing
        else BarRow(at.over, at.when, drawn[at.when], _told(at.row),
                    words.both_ends(at.row["low"], at.row["high"], at.row["scale"]), more=at.since)
        for at in horizons
    ]  # fmt: skip


def of_each(entries: Sequence[AnalysisEntry]) -> dict[str, str]:
    """The bar of each analysis that has an estimate, by its id: those of one scale of numbers share one."""
    by_scale: dict[str, list[EstimatedEntry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: not isinstance(entry, AnswerEntry)):  # the headline first
        if isinstance(entry, EstimatedEntry) and entry.is_estimated:
            by_scale[str(_row(entry)["scale"])].append(entry)
    drawn = {}
    for scale, group in by_scale.items():
        matters = _matters(group[0].judged, scale)
        sizes = [_size(_row(entry)) for entry in group]
        drawn |= {entry.analysis.id: bar for entry, bar in zip(group, bars(sizes, [matters] * len(sizes)), strict=True)}
    return drawn


def forest(effect: Effect, verdict: Verdict | None, names: Mapping[str, str]) -> list[BarRow]:
    """Every site of a pooled effect in alphabetical order, then all together, and what a new site might see."""
    sites = words.site_rows(effect, names)
    weights = effect.tables["weights"].set_index("unit")["weight"].astype(float).clip(lower=0)
    shares = weights / (weights.max() or 1.0)
    pooled, new = (words.pooled_row(effect, term) for term in ("pooled", "prediction interval"))
    rows = [(f"counts for {100 * weights[label] / weights.sum():.0f}%", place, row) for label, place, row in sites]
    rows += [("their mean", "All sites together", pooled), ("where one more would lie", "At a new site", new)]
    sizes = [replace(_size(row), shape="square", share=float(shares[label])) for label, _, row in sites]
    sizes += [replace(_size(pooled), shape="diamond"), replace(_size(new), shape="none")]
    matters = _matters(verdict, str(effect.headline["scale"]))
    drawn = bars(sizes, [matters] * len(sizes))
    return [
        BarRow(
            kind, what, bar, _told(row) if row is not new else "",
            words.both_ends(row["low"], row["high"], row["scale"]), row is pooled,
        )
        for (kind, what, row), bar in zip(rows, drawn, strict=True)
    ]  # fmt: skip


def answer_size(entry: AnswerEntry) -> AnswerSize:
    """The estimate of an answer, as numbers."""
    row = _row(entry)
    low, high = (float(end) if math.isfinite(end) else None for end in (row["low"], row["high"]))
    scale = str(row["scale"])
    return AnswerSize(float(row["estimate"]), low, high, scale, _matters(entry.judged, scale))


def _row(entry: EstimatedEntry):
    return entry.effect.headline if entry.judged is None else words.headline_row(entry.effect, entry.judged)


def _told(row) -> str:
    """An estimate with its unit."""
    return f"{words.signed(row['estimate'], row['scale'])}{' points' if row['scale'] == 'points' else ''}"


def _size(row) -> Size:
    return Size(float(row["estimate"]), float(row["low"]), float(row["high"]))


def _matters(verdict: Verdict | None, scale: str) -> float | None:
    return verdict.minimum_important_change if verdict is not None and verdict.scale == scale else None

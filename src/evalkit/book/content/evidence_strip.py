"""One row a change: what happened, how sure, what it cost and what is not ruled out; alphabetical, never ranked."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent, EvaluationCard
from evalkit.book.content.summaries import AnalysisSummary
from evalkit.book.content.symbols import certainty_symbol, verdict_symbol
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.measures import Measure
from evalkit.report.figures.interval_bar import Size, bars
from evalkit.report.wording import counted

HARM = "harm to patients"  # as `not_measured` of a record says it
NOT_SAID = "no figure found"


@dataclass(frozen=True)
class EvidenceRow:
    """One evaluation of a real change.

    Attributes
    ----------
    finding : str
        The first sentence of what its page says first, or why there is no result.
    shape, bar : str
        Of its verdict, and of its size as SVG on a scale that percentages, or points, share; empty without a result.
    sure : str
        Its certainty, or what could have been missed.
    """

    id: str
    title: str
    year: int
    finding: str
    verdict: str
    shape: str
    bar: str
    size: str
    sure: str
    steps: str
    cost: str
    not_ruled_out: str


def rows(content: BookContent) -> list[EvidenceRow]:
    """Of every real evaluation, by title."""
    cards = [card for card in content.cards if not card.synthetic]
    drawn = _bars(content, cards)
    return [_row(content, card, drawn.get(card.evaluation.id, "")) for card in cards]


def _row(content: BookContent, card: EvaluationCard, bar: str) -> EvidenceRow:
    evaluation, primary = card.evaluation, card.primary
    summary = content.summaries[evaluation.id]
    estimate = primary.estimate or ""
    return EvidenceRow(
        id=evaluation.id,
        title=evaluation.title,
        year=evaluation.intervention.start.year,
        finding=summary.finding[0] if summary.finding else primary.sentence,
        verdict=_verdict(evaluation, primary, content.catalogue.measures),
        shape=verdict_symbol(primary.word, estimate),
        bar=bar,
        size=_size(primary) if primary.done else "",
        sure=primary.certainty
        or primary.missed_in_short
        or (counted.NOT_ESTIMATED if primary.word == "described" else ""),
        steps=certainty_symbol(primary.certainty),
        cost=_cost(evaluation),
        not_ruled_out=summary.not_ruled_out,
    )


def _size(primary: AnalysisSummary) -> str:
    """With its interval, where there is one."""
    points = " points" if primary.points else ""
    return f"{primary.estimate}{points}{f' ({primary.interval})' if primary.interval else ''}"


def harm_measured(content: BookContent) -> str:
    """How many evaluations of real changes say themselves that harm to patients was not measured; empty where none does."""
    real = [card.evaluation for card in content.cards if not card.synthetic]
    unmeasured = sum(HARM in (evaluation.not_measured or "") for evaluation in real)
    if not unmeasured:
        return ""
    if unmeasured == len(real):
        return "None of these changes was measured for harm to patients."
    return f"{unmeasured} of these {len(real)} changes were not measured for harm to patients."


def _verdict(evaluation: Evaluation, primary: AnalysisSummary, measures: Mapping[str, Measure]) -> str:
    """With what it is of, where the sentence beside it tells of more than the answer."""
    verdict = primary.verdict or "No result at present"
    more = {id for sentence in evaluation.finding[:1] for id in sentence.rests_on} - {primary.id}
    return f"{verdict}: {measures[primary.measure].plain_name}" if primary.verdict and more else verdict


def _cost(evaluation: Evaluation) -> str:
    return evaluation.cost.says if evaluation.cost is not None else NOT_SAID


def _bars(content: BookContent, cards: list[EvaluationCard]) -> dict[str, str]:
    by_scale: dict[str, list[tuple[str, Size, float | None]]] = defaultdict(list)
    for card in cards:
        size = content.summaries[card.evaluation.id].size
        if size is not None:
            low = -math.inf if size.low is None else size.low
            high = math.inf if size.high is None else size.high
            by_scale[size.scale].append((card.evaluation.id, Size(size.estimate, low, high), size.matters))
    drawn: dict[str, str] = {}
    for group in by_scale.values():
        ids, sizes, matters = zip(*group, strict=True)
        drawn |= dict(zip(ids, bars(sizes, matters), strict=True))
    return drawn

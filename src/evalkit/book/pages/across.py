"""Across sites: effects that may be pooled, as one; a page each, and their list."""

from dataclasses import dataclass
from typing import Any

from evalkit.book.content import bar_rows, pooled_cards
from evalkit.book.content.bar_rows import BarRow
from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage, Pages
from evalkit.book.content.pooled_cards import PooledCard
from evalkit.book.content.summaries import AnalysisSummary
from evalkit.catalogue.records.learning import Pooled
from evalkit.catalogue.records.measures import Measure
from evalkit.runs.state.pooled_outcomes import PooledOutcome, PooledResult

OF_ANOTHER_MEASURE = "It is of another measure."


@dataclass(frozen=True)
class AcrossPage(OnePage):
    """A card of each."""

    cards: list[PooledCard]

    file = "across/index.html"
    template = "across.html.jinja"


@dataclass(frozen=True)
class SiteRow:
    """One site's own result, with where it stands; a draft has no page and no ``summary``, and ``sentence`` says so."""

    place: str
    page: str | None
    summary: AnalysisSummary | None
    sentence: str


@dataclass(frozen=True)
class DrawnOn:
    """An evaluation that is drawn on, its answer, and why that may be another."""

    id: str
    title: str
    primary: AnalysisSummary
    why_another: str


@dataclass(frozen=True)
class ShownResult:
    """What the template says of a pooled result; tables are HTML."""

    verdict: str
    certainty: str | None
    missed: str
    calibrated: list[str]
    reasons: list[str]
    answer: str
    new_site: str
    spread: str
    detectable: str
    important: str
    as_expected: str
    method: str
    decision: list[str]
    title: str
    forest: list[BarRow]
    numbers: str
    robustness: str
    weights: str
    weighted: str
    checks: str
    notes: list[str]
    measure: Measure
    result: dict[str, Any]


@dataclass(frozen=True)
class PooledPage:
    """A pooled result with its measure, or why there is none; ``left_out`` with the reason of each."""

    pooled: Pooled
    result: PooledResult | None
    sentence: str
    enough: str
    synthetic: bool
    measure: Measure | None
    rows: list[SiteRow]
    left_out: list[tuple[SiteRow, str]]
    evaluations: list[DrawnOn]

    def write(self, pages: Pages) -> None:
        """Its page and its figure."""
        shown = None
        if self.result is not None and self.measure is not None:
            shown = _shown_result(pages, self.pooled, self.result, self.measure)
        pages.page(f"across/{self.pooled.id}.html", "pooled.html.jinja", self, shown=shown)


def pages(content: BookContent) -> NamedPages:
    """One for every pooled record, and their list."""
    yield "across", AcrossPage([pooled_cards.card(content, outcome) for outcome in content.across])
    for outcome in content.across:
        yield f"across/{outcome.pooled.id}", _page(content, outcome)


def _page(content: BookContent, outcome: PooledOutcome) -> PooledPage:
    rows = sorted((_row(content, ref) for ref in outcome.pooled.analyses), key=lambda row: row.place.casefold())
    beside = outcome.result.plain["in_words"]["beside"] if outcome.result else {}
    evaluations = [
        DrawnOn(
            id,
            content.catalogue.evaluations[id].title,
            content.summaries[id].primary.without_series(),
            beside.get(id, OF_ANOTHER_MEASURE if outcome.result else ""),
        )
        for id in pooled_cards.members(outcome)
        if id in content.summaries
    ]
    measure = content.catalogue.measures[outcome.result.plain["effect"]["measure"]] if outcome.result else None
    synthetic, sentence = pooled_cards.is_synthetic(content, outcome), pooled_cards.why_not(content, outcome)
    left_out = [(_row(content, left_out.analysis), left_out.reason) for left_out in outcome.pooled.left_out]
    return PooledPage(
        outcome.pooled, outcome.result, sentence, outcome.enough, synthetic, measure, rows, left_out, evaluations
    )


def _row(content: BookContent, ref: str) -> SiteRow:
    evaluation, _, id = ref.partition("/")
    if evaluation in content.summaries:
        summary = content.summaries[evaluation].of(id).without_series()
        return SiteRow(summary.place, f"../evaluations/{evaluation}/{id}.html", summary, summary.sentence)
    return SiteRow(pooled_cards.place(content, ref), None, None, "This evaluation is a draft.")


def _shown_result(pages: Pages, pooled: Pooled, result: PooledResult, measure: Measure) -> ShownResult:
    """Draws the figure as well."""
    from evalkit.report import tables
    from evalkit.report.figures import charts
    from evalkit.report.figures.forest import forest
    from evalkit.report.wording import captions, plain_answer, pooled_effect, words

    effect, verdict, names, told = result.effect, result.verdict, result.plain["names"], result.plain["in_words"]
    data = result.plain["provenance"]
    source = f"Data: {'; '.join(data['tables'])}, {', '.join(data['licences'])}. evalkit, pooled result {pooled.id}."
    figure = forest(effect, measure.plain_name, names, result.plain["synthetic"], source)
    pages.write(f"across/{pooled.id}.png", charts.as_png(figure))
    pages.write(f"across/{pooled.id}.svg", charts.as_svg(figure, titled=True))
    return ShownResult(
        verdict=words.VERDICT_WORDS[verdict.word],
        certainty=verdict.certainty,
        missed=words.missed(effect),
        calibrated=["How often these words are right was not measured for results that are put together."],
        reasons=[words.with_names(reason, names) for reason in verdict.reasons],
        answer=told["answer"],
        new_site=told["new_site"],
        spread=pooled_effect.spread_between_sites(effect),
        detectable=words.detectable_sentence(effect),
        important=words.important(verdict),
        as_expected=words.expected(effect, verdict, pooled.expected),
        method=effect.method_of_interval,
        decision=plain_answer.decision(verdict),
        title=words.pooled_title(effect, measure.plain_name),
        forest=bar_rows.forest(effect, verdict, names),
        numbers=tables.as_html(tables.estimates(effect, names), "The effect in full"),
        robustness=tables.as_html(tables.robustness(effect, names), "The same question asked in other ways"),
        weights=tables.as_html(tables.weights(effect, names), "What each site counts for"),
        weighted=captions.weighted(effect),
        checks=tables.as_html(tables.checks(effect, names), "Checks", "ek-checks"),
        notes=[words.with_names(note, names) for note in effect.notes],
        measure=measure,
        result=result.plain,
    )

"""Measures: what is counted, who uses it, and the series of every site."""

from dataclasses import dataclass
from datetime import date

from evalkit.book.content import pooled_cards
from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage, Pages
from evalkit.book.content.pooled_cards import PooledCard
from evalkit.book.content.summaries import AnalysisSummary, ResultRow
from evalkit.book.content.symbols import verdict_symbol
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.tables import Table
from evalkit.report.figures import sparkline
from evalkit.report.figures.observed_series import ObservedSeries
from evalkit.report.wording.records import ADDED, ROLES

# Which of several analyses of one place stands for it: its series is the same, so the nearest to the question.
ORDER = (
    *(ROLES[role] for role in ("primary", "secondary", "spill_over")), ADDED,
    *(ROLES[role] for role in ("negative_control", "recording_check")),
)  # fmt: skip


@dataclass(frozen=True)
class Use:
    """An analysis of the measure, with its evaluation and the days on which that one's change began."""

    evaluation: str
    evaluation_title: str
    starts: list[date]
    summary: AnalysisSummary


@dataclass(frozen=True)
class Drawing:
    """The series of one place in one window: an SVG, and its numbers."""

    use: Use
    label: str
    drawing: str
    numbers: list[tuple[str, str]]
    unit: str


@dataclass(frozen=True)
class MeasurePage:
    """A measure: where it is counted, what it is read beside, and every analysis of it.

    ``partners`` is how many organisations have a control chart of it.
    """

    measure: Measure
    tables: list[Table]
    beside: list[Measure]
    uses: list[Use]
    across: list[PooledCard]
    partners: int

    def write(self, pages: Pages) -> None:
        """Its page, with the drawings."""
        drawings = _drawings(self.measure, self.uses)
        rows = [_row(use) for use in self.uses]
        name = f"measures/{self.measure.id}.html"
        pages.page(name, "measure.html.jinja", self, rows=rows, drawings=drawings)


@dataclass(frozen=True)
class MeasuresPage(OnePage):
    """Every measure, with the number of analyses of each."""

    measures: list[Measure]
    uses: dict[str, int]

    file = "measures/index.html"
    template = "measures.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """One for every measure, and their list."""
    catalogue = content.catalogue
    measures = sorted(catalogue.measures.values(), key=lambda measure: measure.name.casefold())
    charted = {charts.measure: len(charts.partners) for charts in content.partner_charts}
    uses: dict[str, list[Use]] = {measure.id: [] for measure in measures}
    for evaluation in content.evaluations:
        starts = [evaluation.intervention.start, *evaluation.intervention.starts.values()]
        for summary in content.summaries[evaluation.id].analyses:
            uses[summary.measure].append(Use(evaluation.id, evaluation.title, starts, summary))
    yield "measures", MeasuresPage(measures, {id: len(of_measure) for id, of_measure in uses.items()})
    for measure in measures:
        names = [recipe.table for recipe in measure.recipes]
        names += [
            str(analysis.parameters.get("table"))
            for evaluation in content.evaluations
            for analysis in evaluation.analyses
            if analysis.parameters.get("measure") == measure.id
        ]
        tables = {name: catalogue.tables.get(name) for name in names}
        yield (
            f"measures/{measure.id}",
            MeasurePage(
                measure,
                [table for table in tables.values() if table is not None],
                [catalogue.measures[id] for id in measure.show_beside],
                uses[measure.id],
                pooled_cards.of_measure(content, measure.id),
                charted.get(measure.id, 0),
            ),
        )


def _row(use: Use) -> ResultRow:
    summary = use.summary
    return ResultRow(
        summary,
        f"../evaluations/{use.evaluation}/{summary.id}.html",
        f"{use.evaluation_title}; {summary.role}",
        False,
        verdict_symbol(summary.word, summary.estimate or "", summary.direction),
    )


def _invented(use: Use, seen: ObservedSeries) -> bool:
    """Whether a start is drawn that was none: of a check, or of a choice of dates."""
    return not {start[:7] for start in seen.starts} <= {day.isoformat()[:7] for day in use.starts}


def _drawings(measure: Measure, uses: list[Use]) -> list[Drawing]:
    """One drawing a place and window, by name, each on its own scale."""
    chosen: dict[tuple[str, ...], tuple[Use, ObservedSeries]] = {}
    for use in sorted(uses, key=lambda use: ORDER.index(use.summary.role)):
        seen = use.summary.seen
        if seen is not None and not _invented(use, seen):
            chosen.setdefault((use.summary.place, *seen.starts, seen.periods[0][:4]), (use, seen))
    pairs = sorted(chosen.values(), key=lambda pair: (pair[0].summary.place.casefold(), pair[1].periods[0]))
    drawings: list[Drawing] = []
    for use, seen in pairs:
        label = sparkline.alt(seen, measure.plain_name, use.summary.place)
        if any(other.label == label for other in drawings):
            label += f" It belongs to: {use.evaluation_title}."
        drawing = sparkline.drawing(seen, label)
        numbers = list(zip(seen.periods, sparkline.as_text(seen), strict=True))
        drawings.append(Drawing(use, label, drawing, numbers, seen.unit))
    return drawings

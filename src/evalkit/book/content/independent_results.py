"""What others published, and the results of this book that it stands beside."""

from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.summaries import AnalysisSummary
from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.independent_results import IndependentEvaluation
from evalkit.design_register import design_of_template
from evalkit.runs.planning.plan import Plan


@dataclass(frozen=True)
class FiguresHere:
    """Measures of one table over one window; its ends are months, empty where the whole table is used."""

    measures: list[str]
    table: str
    first: str
    last: str


@dataclass(frozen=True)
class EvaluatedHere:
    """An evaluation of this book with those of its results that stand beside a published one, and their figures and designs."""

    id: str
    title: str
    question: str
    figures: list[FiguresHere]
    designs: list[str]
    results: list[AnalysisSummary]


@dataclass(frozen=True)
class SideBySide:
    """A published evaluation and what this book has beside it."""

    record: IndependentEvaluation
    here: list[EvaluatedHere]


def beside(catalogue: Catalogue, evaluation: str) -> list[tuple[str, str]]:
    """Id and title of what others published that stands beside results of an evaluation, by title."""
    found = [
        (one.id, one.title)
        for one in catalogue.independent_results.values()
        if any(ref.partition("/")[0] == evaluation for ref in one.beside)
    ]
    return sorted(found, key=lambda one: one[1].casefold())


def side_by_side(content: BookContent) -> list[SideBySide]:
    """Every published evaluation, in the order of their file; results of evaluations that are no longer published are left out."""
    return [SideBySide(one, _here(content, one)) for one in content.catalogue.independent_results.values()]


def _here(content: BookContent, record: IndependentEvaluation) -> list[EvaluatedHere]:
    analyses: dict[str, list[str]] = {}
    for ref in record.beside:
        evaluation, _, analysis = ref.partition("/")
        analyses.setdefault(evaluation, []).append(analysis)
    published = {evaluation.id: evaluation for evaluation in content.evaluations}
    return [_evaluated(content, published[id], asked) for id, asked in analyses.items() if id in published]


def _evaluated(content: BookContent, evaluation: Evaluation, asked: list[str]) -> EvaluatedHere:
    plans = {plan.analysis.id: plan for plan, _ in content.analyses[evaluation.id]}
    windows: dict[tuple[str, str, str], list[str]] = {}
    for id in asked:
        plan = plans[id]
        first, last = (str(plan.parameters.get(end) or "") for end in ("first", "last"))
        measure = content.catalogue.measures[plan.parameters["measure"]].name
        windows.setdefault((content.catalogue.tables[plan.table].title, first, last), []).append(measure)
    return EvaluatedHere(
        evaluation.id,
        evaluation.title,
        evaluation.question,
        [FiguresHere(list(dict.fromkeys(measures)), *window) for window, measures in windows.items()],
        list(dict.fromkeys(_design(plans[id]) for id in asked)),
        [content.summaries[evaluation.id].of(id).without_series() for id in asked],
    )


def _design(plan: Plan) -> str:
    design = design_of_template(plan.analysis.template)
    return design.title if design else plan.analysis.template

"""What others published, and the results of this book that it stands beside."""

from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.summaries import AnalysisSummary
from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.independent_results import IndependentEvaluation
from evalkit.design_register import design_of_template


@dataclass(frozen=True)
class ResultHere:
    """A result of this book: of which measure and table, from when to when, against how many, by which design."""

    summary: AnalysisSummary
    measure: str
    table: str
    first: str
    last: str
    design: str


@dataclass(frozen=True)
class EvaluatedHere:
    """An evaluation of this book with those of its results that stand beside a published one."""

    id: str
    title: str
    question: str
    results: list[ResultHere]


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
    return [
        EvaluatedHere(id, published[id].title, published[id].question, [_result(content, id, one) for one in asked])
        for id, asked in analyses.items()
        if id in published
    ]


def _result(content: BookContent, evaluation: str, analysis: str) -> ResultHere:
    catalogue = content.catalogue
    plan = next(plan for plan, _ in content.analyses[evaluation] if plan.analysis.id == analysis)
    design = design_of_template(plan.analysis.template)
    return ResultHere(
        content.summaries[evaluation].of(analysis).without_series(),
        catalogue.measures[plan.parameters["measure"]].name,
        catalogue.tables[plan.table].title,
        str(plan.parameters.get("first") or ""),
        str(plan.parameters.get("last") or ""),
        design.title if design else plan.analysis.template,
    )

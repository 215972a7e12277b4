"""What there is to run: every analysis with its parameters and everything its result depends on."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evalkit.catalogue import Catalogue
from evalkit.catalogue.naming import words_in
from evalkit.catalogue.records.evaluations import Analysis, Evaluation
from evalkit.errors import MOST_OF_A_FILE, EvaluationError, InputRefused, Problem, did_you_mean
from evalkit.files import file_sha256, sha256_of, touches
from evalkit.runs.planning.code_dependencies import PACKAGE, reached_from
from evalkit.runs.planning.notebook_templates import TEMPLATE_FOLDER, Template, read_template
from evalkit.runs.planning.remembered_checks import RememberedChecks

REQUIREMENTS = "requirements.lock"
COMPUTING_LIBRARIES = (
    "diff-diff",
    "holidays",
    "ipykernel",
    "matplotlib",
    "numpy",
    "pandas",
    "scipy",
    "seaborn",
    "statsmodels",
)


@dataclass(frozen=True)
class Plan:
    """One analysis, ready to run.

    Attributes
    ----------
    parameters : dict
        Complete: the template's defaults filled in.
    table : str
        The table its rows come from.
    marks : dict
        Of its rows, by unit and period (`intake.change_marks.RowMarks`).
    depends : dict
        Everything the result depends on: hash of the rows, the lines of data/successors.csv by which they are put together
        where there are any, template, parameters, records, code, lock, kernel.
    """

    evaluation: Evaluation
    analysis: Analysis
    template: Template
    parameters: dict[str, Any]
    table: str
    marks: dict[str, Any] = field(repr=False)
    depends: dict[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """``evaluation/analysis``."""
        return f"{self.evaluation.id}/{self.analysis.id}"

    @property
    def rows_sha256(self) -> str:
        """Hash of the rows used."""
        return self.depends["rows"]

    @cached_property
    def key(self) -> str:
        """SHA-256 of what the result depends on: same key, same result."""
        return sha256_of(self.depends)


def read_templates(catalogue: Catalogue) -> tuple[dict[str, Template], list[Problem]]:
    """The templates that analyses name, and what is wrong with those that cannot be read.

    One that does not exist is told with the analysis that names it.
    """
    used = {analysis.template for evaluation in catalogue.evaluations.values() for analysis in evaluation.analyses}
    templates, problems = {}, []
    for name in sorted(used):
        try:
            templates[name] = read_template(catalogue.root, name)
        except InputRefused as error:
            problems += error.problems
        except EvaluationError:
            continue
    return templates, problems


def template_defaults(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """What each template takes where an analysis does not say."""
    return {name: template.filled({}) for name, template in read_templates(catalogue)[0].items()}


def make_plans(catalogue: Catalogue, checks: RememberedChecks) -> tuple[list[Plan], list[Problem]]:
    """A plan for every analysis of every evaluation, and what is wrong with the rest."""
    plans, problems = [], []
    same_for_all = environment(catalogue.root)
    for evaluation in catalogue.evaluations.values():
        refused = 0
        for index, analysis in enumerate(evaluation.analyses):
            if refused >= MOST_OF_A_FILE:  # no more of them are told
                break
            plan, plan_problems = _plan(catalogue, checks, same_for_all, evaluation, index, analysis)
            problems += plan_problems
            refused += sum(problem.level == "refused" for problem in plan_problems)
            if plan is not None and evaluation.status == "published":
                plans.append(plan)
    return plans, problems


def _plan(
    catalogue: Catalogue,
    checks: RememberedChecks,
    same_for_all: dict,
    evaluation: Evaluation,
    index: int,
    analysis: Analysis,
):
    place = ("analyses", index)
    try:
        template = read_template(catalogue.root, analysis.template)
    except EvaluationError as error:
        return None, [catalogue.problem("evaluations", evaluation.id, (*place, "template"), str(error))]
    given = with_dates(catalogue, evaluation, analysis, template)
    problems = [
        catalogue.problem("evaluations", evaluation.id, (*place, "parameters", name), f"({analysis.id}) {what}")
        for name, what in template.problems_with(given).items()
    ]
    if problems:
        return None, problems
    measure = catalogue.measures.get(str(given.get("measure")))
    parameters = template.filled(given, measure.form, per_day=measure.is_per_day) if measure else template.filled(given)
    checked = checks.analysis(evaluation, index, parameters)
    if checked.rows_sha256 is None or checked.table is None or checked.marks is None:
        return None, checked.problems
    depends = _depends(catalogue, template, parameters, checked.rows_sha256) | same_for_all
    if checked.successions:
        depends["successors"] = checked.successions
    plan = Plan(evaluation, analysis, template, parameters, checked.table, checked.marks, depends)
    return plan, checked.problems


def with_dates(
    catalogue: Catalogue, evaluation: Evaluation, analysis: Analysis, template: Template
) -> Mapping[str, Any]:
    """The parameters of an analysis, with the dates that its evaluation gives where it gives none itself."""
    given = analysis.parameters
    site = given.get("site")
    if "interruption" in given or "interruption" not in template.parameters or not isinstance(site, str | list):
        return given
    sites = [place for place in words_in(site) if isinstance(place, str)]
    dates = [catalogue.started(evaluation, place).isoformat() for place in sites]
    if not dates:
        return given
    return {**given, "interruption": dates[0] if len(set(dates)) == 1 else dates}


def _depends(catalogue: Catalogue, template: Template, parameters: dict[str, Any], rows: str) -> dict[str, Any]:
    measure = catalogue.measures[parameters["measure"]].model_dump_json()
    return {
        "rows": rows,
        "template": template.sha256,
        "parameters": parameters,
        "measure": hashlib.sha256(measure.encode()).hexdigest(),
        "names": _names(catalogue, parameters),
        "code": reached_from(template.modules),
    }


def _names(catalogue: Catalogue, parameters: Mapping[str, Any]) -> str:
    """A hash of what the notebook calls its site and comparators."""
    labels = [*catalogue.codes(parameters["site"]), *words_in(parameters["site"])]
    labels += words_in(parameters.get("comparators") or ())
    names = [catalogue.place(parameters["site"]), catalogue.names(labels)]
    return sha256_of(names)


def environment(root: Path) -> dict[str, Any]:
    """What every result depends on alike: the lock, the libraries that compute, and the kernel."""
    lock = root / REQUIREMENTS
    return {
        "lock": file_sha256(lock) or None,
        "libraries": _libraries(),
        "kernel": f"Python {'.'.join(platform.python_version_tuple()[:2])}",
    }


def state_of_inputs(root: Path) -> dict[str, Any]:
    """What stands for every record, table, template and module, the lock and the libraries."""
    return {**environment(root), "inputs": touches(root / "data", root / TEMPLATE_FOLDER, PACKAGE)}


@cache
def _libraries() -> dict[str, str]:
    return {name: version(name) for name in COMPUTING_LIBRARIES}


def chosen(plans: Sequence[Plan], ids: Sequence[str]) -> list[Plan]:
    """The plans named by ``evaluation`` or ``evaluation/analysis``; all where none is named.

    Raises
    ------
    EvaluationError
        Where a name fits nothing.
    """
    if not ids:
        return list(plans)
    chosen_plans = []
    for id in ids:
        matching = [plan for plan in plans if id in (plan.id, plan.evaluation.id)]
        if not matching:
            known = sorted({plan.evaluation.id for plan in plans} | {plan.id for plan in plans})
            hint = did_you_mean(id, known)
            raise EvaluationError(f"`{id}` is not a published evaluation or analysis{hint}.")
        chosen_plans += [plan for plan in matching if plan not in chosen_plans]
    return chosen_plans

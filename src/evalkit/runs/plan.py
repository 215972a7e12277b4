"""What there is to run: every analysis with its parameters and the key of everything its result depends on."""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import evalkit
from evalkit.catalogue import Catalogue, read_catalogue
from evalkit.catalogue.records import Analysis, Evaluation
from evalkit.errors import EvaluationError, InputRefused, Problem, did_you_mean
from evalkit.intake.check import check_analysis, check_tables
from evalkit.runs.files import write_if_changed
from evalkit.runs.templates import Template, read_template

NOT_REACHED_BY_NOTEBOOKS = ("book", "runs", "cli.py")
LIBRARIES = ("matplotlib", "numpy", "pandas", "scipy", "seaborn", "statsmodels")


@dataclass(frozen=True)
class Plan:
    """One analysis, ready to run.

    Attributes
    ----------
    parameters : dict
        Complete: the template's defaults filled in.
    key : str
        SHA-256 of rows, template, parameters, records, code and libraries: same key, same result.
    """

    evaluation: Evaluation
    analysis: Analysis
    template: Template
    parameters: dict[str, Any]
    rows_sha256: str
    key: str

    @property
    def id(self) -> str:
        """``evaluation/analysis``."""
        return f"{self.evaluation.id}/{self.analysis.id}"


def check(root: Path) -> tuple[Catalogue, list[Plan], list[Problem]]:
    """Read everything, and say what only deserves a look.

    Returns
    -------
    catalogue, plans of published evaluations, problems of level ``look``

    Raises
    ------
    InputRefused
        With every problem there is; nothing has changed.
    """
    catalogue = read_catalogue(root)
    problems = check_tables(catalogue)
    if any(problem.level == "refused" for problem in problems):
        raise InputRefused(problems)
    plans, found = make_plans(catalogue)
    problems += found
    if any(problem.level == "refused" for problem in problems):
        raise InputRefused(problems)
    from evalkit.catalogue.references import check_references

    return catalogue, plans, check_references(catalogue) + problems


def make_plans(catalogue: Catalogue) -> tuple[list[Plan], list[Problem]]:
    """A plan for every analysis of every evaluation, and what is wrong with the rest."""
    plans, problems = [], []
    for evaluation in catalogue.evaluations.values():
        for index, analysis in enumerate(evaluation.analyses):
            plan, found = _plan(catalogue, evaluation, index, analysis)
            problems += found
            if plan is not None and evaluation.status == "published":
                plans.append(plan)
    return plans, problems


def _plan(catalogue: Catalogue, evaluation: Evaluation, index: int, analysis: Analysis):
    place = ("analyses", index)
    try:
        template = read_template(catalogue.root, analysis.template)
    except EvaluationError as error:
        return None, [catalogue.problem("evaluations", evaluation.id, (*place, "template"), str(error))]
    problems = [
        catalogue.problem("evaluations", evaluation.id, (*place, "parameters", name), f"({analysis.id}) {what}")
        for name, what in template.problems_with(analysis.parameters).items()
    ]
    if problems:
        return None, problems
    parameters = template.filled(analysis.parameters)
    checked = check_analysis(catalogue, evaluation, index, parameters)
    if checked.rows_sha256 is None:
        return None, checked.problems
    key = _key(catalogue, template, parameters, checked.rows_sha256)
    return Plan(evaluation, analysis, template, parameters, checked.rows_sha256, key), checked.problems


def _key(catalogue: Catalogue, template: Template, parameters: dict[str, Any], rows: str) -> str:
    measure = catalogue.measures[parameters["measure"]]
    parts = {
        "rows": rows,
        "template": template.sha256,
        "parameters": parameters,
        "measure": measure.model_dump(mode="json"),
        "place": catalogue.place(parameters["site"]),
        "code": code_hash(),
        "libraries": _library_versions(),
        "python": platform.python_version_tuple()[:2],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@cache
def _library_versions() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}


@cache
def code_hash() -> str:
    """SHA-256 of the modules a notebook can reach."""
    package = Path(evalkit.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        relative = path.relative_to(package)
        if relative.parts[0] not in NOT_REACHED_BY_NOTEBOOKS:
            digest.update(relative.as_posix().encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def chosen(plans: Sequence[Plan], ids: Sequence[str]) -> list[Plan]:
    """The plans named by ``evaluation`` or ``evaluation/analysis``; all where none is named.

    Raises
    ------
    EvaluationError
        Where a name fits nothing.
    """
    if not ids:
        return list(plans)
    found = []
    for id in ids:
        here = [plan for plan in plans if id in (plan.id, plan.evaluation.id)]
        if not here:
            known = sorted({plan.evaluation.id for plan in plans} | {plan.id for plan in plans})
            hint = did_you_mean(id, known)
            raise EvaluationError(f"`{id}` is not a published evaluation or analysis{hint}.")
        found += [plan for plan in here if plan not in found]
    return found


def apply_if_sound(root: Path, files: Mapping[Path, str]) -> None:
    """Write ``files``, check the whole project, and put everything back where that finds something wrong.

    Raises
    ------
    InputRefused
        With what is wrong; nothing has changed.
    """
    before = {path: path.read_bytes() if path.is_file() else None for path in files}
    try:
        for path, text in files.items():
            write_if_changed(path, text)
        check(root)
    except BaseException:
        for path, raw in before.items():
            if raw is None:
                path.unlink(missing_ok=True)
            else:
                write_if_changed(path, raw)
        raise

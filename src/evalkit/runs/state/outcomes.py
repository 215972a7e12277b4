"""What became of every analysis: what runs gave below ``_build/runs``, results published below ``results``."""

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from evalkit.catalogue import Catalogue
from evalkit.design_register import description_modules
from evalkit.errors import EvaluationError
from evalkit.files import files_below, keep_only, write_if_changed
from evalkit.memory import Again, Entry, Memory
from evalkit.report.spreadsheets import as_text
from evalkit.runs.planning.code_dependencies import code_of, reached_from
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state import codebook
from evalkit.runs.state.family import Family
from evalkit.standing import Standing
from evalkit.version import __version__

if TYPE_CHECKING:
    from evalkit.effect import Effect
    from evalkit.runs.execution.jobs import Executed
    from evalkit.verdict import Verdict

RUNS = Path("_build", "runs")
LOG = "log.jsonl"  # private to this machine
RESULTS = Path("results")
RESULT_SCHEMA_VERSION = 2
CODEBOOK = "codebook.csv"


class Result(ABC):
    """A result as it is published; read when it is asked for."""

    @property
    @abstractmethod
    def published(self) -> str:
        """The content of its file."""

    @cached_property
    def plain(self) -> dict[str, Any]:
        """What its file says."""
        return json.loads(self.published)

    @cached_property
    def effect(self) -> "Effect":
        """The effect in it."""
        from evalkit.effect import Effect

        return Effect.from_dict(self.plain["effect"])


@dataclass(frozen=True)
class AnalysisResult(Result):
    """The result of one analysis: a thousand of them are not held at once.

    Attributes
    ----------
    notebook : Path
        Executed and normalised.
    file : Path
        Below ``results``.
    fingerprint : str
        What stands for the content of both.
    row : list
        Its row in the table of all results.
    """

    notebook: Path
    file: Path
    fingerprint: str
    row: list[Any] = field(default_factory=list, repr=False)

    @property
    def published(self) -> str:
        """The content of its file."""
        return self.file.read_text(encoding="utf-8")

    @cached_property
    def verdict(self) -> "Verdict | None":
        """Its verdict, which only an answer to a question has."""
        from evalkit.verdict import Verdict

        return Verdict.from_dict(self.plain["verdict"]) if self.plain["verdict"] else None

    @cached_property
    def standing(self) -> Standing:
        """How much it may say."""
        return Standing.from_dict(self.plain["standing"])


@dataclass(frozen=True)
class Outcome:
    """The latest state of one analysis.

    Attributes
    ----------
    status : {"done", "failed", "not_run"}
    sentence : str
        Why there is no result; empty where it is done.
    result : AnalysisResult or None
        None unless it is done.
    """

    evaluation: str
    analysis: str
    status: Literal["done", "failed", "not_run"]
    sentence: str = ""
    result: AnalysisResult | None = None


def runs(root: Path) -> Memory:
    """What is kept of the last run of each analysis, by its plan's id: ``failure`` and ``marks``, beside what it gave."""
    return Memory.of_project(root, "runs")


def judgements(root: Path) -> Memory:
    """What is kept of each result, by its plan's id: its row in the table of all results."""
    return Memory.of_project(root, "results")


def notebook_of(plan: Plan) -> str:
    """The notebook that the last run of an analysis gave, by its path below the project's folder."""
    return (RUNS / f"{plan.id}.ipynb").as_posix()


def effect_of(plan: Plan) -> str:
    """The effect that it published, likewise."""
    return (RUNS / f"{plan.id}.json").as_posix()


def result_of(plan: Plan) -> str:
    """Its result, likewise."""
    return (RESULTS / f"{plan.id}.json").as_posix()


def keep(root: Path, plan: Plan, executed: "Executed") -> None:
    """Remember what a run gave."""
    made = {notebook_of(plan): executed.notebook or ""}
    if executed.failure is None:
        made[effect_of(plan)] = json.dumps(executed.effect)
    for name, content in made.items():
        write_if_changed(root / name, content)
    runs(root).remember(plan.id, plan.depends, {"failure": executed.failure, "marks": plan.marks}, made)


def read_outcomes(root: Path, catalogue: Catalogue, plans: Sequence[Plan]) -> list[Outcome]:
    """The outcome of every plan; one made from other inputs than today's counts as not run.

    A result that was not judged yet, or whose judgement rests on something else by now, is judged and written.
    """
    of_evaluation: dict[str, list[Plan]] = {}
    for plan in plans:
        of_evaluation.setdefault(plan.evaluation.id, []).append(plan)
    outcomes: dict[str, Outcome] = {}
    for beside in of_evaluation.values():
        fingerprints: dict[str, str] = {}
        for plan in beside:
            found = runs(root).look(plan.id, plan.depends)
            if isinstance(found, Again) or found.content["failure"] is not None:
                outcomes[plan.id] = _without_result(plan, found)
            else:
                fingerprints[plan.analysis.id] = found.made[notebook_of(plan)].sha256
        family = _family(root, catalogue, beside, fingerprints)
        for plan in beside:
            if plan.analysis.id in fingerprints:
                outcomes[plan.id] = _done(root, catalogue, plan, family, fingerprints)
    return [outcomes[plan.id] for plan in plans]


def _without_result(plan: Plan, found: Entry | Again) -> Outcome:
    """Of an analysis whose run failed, or does not stand for today's inputs."""
    ids = (plan.evaluation.id, plan.analysis.id)
    if isinstance(found, Entry):
        return Outcome(*ids, "failed", found.content["failure"])
    if found.why == "damaged":
        return Outcome(*ids, "not_run", "What this analysis gave was damaged afterwards; it has to be run again.")
    return Outcome(*ids, "not_run", "This analysis has not been run on the present data.")


def _family(root: Path, catalogue: Catalogue, plans: Sequence[Plan], with_result: Container[str]) -> Family:
    """The analyses of one evaluation that have a result."""
    by_id = {plan.analysis.id: plan for plan in plans}

    @cache
    def effect(id: str) -> "Effect | None":
        from evalkit.effect import Effect

        if id not in with_result:
            return None
        return Effect.from_dict(_effect(root, by_id[id]))

    return Family(plans[0].evaluation, catalogue.measures, effect)


def _effect(root: Path, plan: Plan) -> dict[str, Any]:
    """The effect that an analysis published, as plain values."""
    return json.loads((root / effect_of(plan)).read_text(encoding="utf-8"))


def _done(root: Path, catalogue: Catalogue, plan: Plan, family: Family, fingerprints: Mapping[str, str]) -> Outcome:
    """The result, judged again where it has to be.

    ``fingerprints`` are of all analyses of the evaluation that have a result, as what one comes to depends on them.
    """
    ids = (plan.evaluation.id, plan.analysis.id)
    table = catalogue.tables[plan.table]
    depends = {
        "analysis": plan.key,
        "beside": fingerprints,
        "measure": catalogue.measures[plan.parameters["measure"]].model_dump_json(),
        "evaluation": plan.evaluation.model_dump_json(),
        "synthetic": catalogue.is_synthetic(plan.evaluation),
        "table": [table.name, table.title, [licence.title or licence.name for licence in table.licenses]],
        "code": code_of(reached_from(frozenset({"evalkit.runs.state.outcomes", *description_modules()}))),
    }
    kept = judgements(root).recall(plan.id, depends)
    if kept is None:
        try:
            published, row = _judged(catalogue, plan, family, _effect(root, plan))
        except EvaluationError as error:
            return Outcome(*ids, "not_run", str(error))
        write_if_changed(root / result_of(plan), published)
        kept = judgements(root).remember(plan.id, depends, row, [result_of(plan)])
    fingerprint = f"{fingerprints[plan.analysis.id]} {kept.made[result_of(plan)].sha256}"
    result = AnalysisResult(root / notebook_of(plan), root / result_of(plan), fingerprint, kept.content)
    return Outcome(*ids, "done", "", result)


def _judged(catalogue: Catalogue, plan: Plan, family: Family, plain: dict[str, Any]) -> tuple[str, list[Any]]:
    """The content of the result file, which holds the effect as it was published, and the row of the table."""
    from evalkit.effect import Effect
    from evalkit.verdict import verdict

    measure = catalogue.measures[plan.parameters["measure"]]
    effect, standing = Effect.from_dict(plain), family.standing(plan.analysis)
    judged = None
    if standing.kind == "primary":
        judged = verdict(effect, measure, family.circumstances(plan.analysis))
    result = _result(catalogue, plan, plain, judged, standing)
    return json.dumps(result, indent=1, ensure_ascii=False) + "\n", _row(plan, result, effect, judged, standing)


def code_version(plan: Plan) -> str:
    """evalkit's version and the first figures of the hash of the code that an analysis reaches."""
    return f"evalkit {__version__} ({code_of(plan.depends['code'])[:12]})"


def _result(
    catalogue: Catalogue, plan: Plan, effect: dict[str, Any], verdict: "Verdict | None", standing: Standing
) -> dict[str, Any]:
    table = catalogue.tables[effect["data"]["table"]]
    return {
        "schema_version": RESULT_SCHEMA_VERSION,
        "evaluation": plan.evaluation.id,
        "analysis": plan.analysis.id,
        "title": plan.analysis.title,
        "role": plan.analysis.role,
        "synthetic": catalogue.is_synthetic(plan.evaluation),
        "expected": plan.analysis.expected,
        "protocol_status": plan.evaluation.protocol.status,
        "standing": asdict(standing),
        "verdict": verdict.to_dict() if verdict else None,
        "effect": effect,
        "provenance": {
            "template": plan.analysis.template,
            "template_sha256": plan.template.sha256,
            "parameters": plan.parameters,
            "table": table.name,
            "table_title": table.title,
            "licences": [licence.title or licence.name for licence in table.licenses],
            "rows_sha256": plan.rows_sha256,
            "key": plan.key,
            "code_version": code_version(plan),
        },
    }


def write_results(root: Path, outcomes: Sequence[Outcome], across: Mapping[Path, str] | None = None) -> list[str]:
    """A table of the results of each evaluation and one of all, beside them, each with what its columns mean; what no
    longer has a result has no file.

    Parameters
    ----------
    across : results over several analyses, by path below ``results``

    Returns
    -------
    list of str
        The analyses whose results were taken out: their inputs have changed since, or they are gone.
    """
    done = [(outcome.evaluation, outcome.result) for outcome in outcomes if outcome.result is not None]
    rows: dict[Path, list[list[Any]]] = {root / RESULTS / "results.csv": [result.row for _, result in done]}
    for evaluation, result in done:
        rows.setdefault(root / RESULTS / evaluation / "results.csv", []).append(result.row)
    files = {root / RESULTS / path: content for path, content in (across or {}).items()}
    files |= {path: _table(table_rows) for path, table_rows in rows.items()}
    files |= {path.with_name(CODEBOOK): codebook.codebook() for path in rows}
    for path, content in files.items():
        write_if_changed(path, content)
    wanted = {*files, *(result.file for _, result in done)}
    result_files = [root / RESULTS / name for name in files_below(root / RESULTS) if name.endswith(".json")]
    keep_only(root / RESULTS, wanted)
    return [path.relative_to(root / RESULTS).with_suffix("").as_posix() for path in result_files if path not in wanted]


def _table(rows: list[list[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(codebook.NAMES)
    writer.writerows([as_text(cell) for cell in row] for row in sorted(rows))
    return out.getvalue()


def _row(
    plan: Plan, result: dict[str, Any], effect: "Effect", verdict: "Verdict | None", standing: Standing
) -> list[Any]:
    from evalkit.lasted import lasted

    headline = effect.headline if effect.is_estimated else None
    over_time = lasted(effect) if standing.kind == "primary" else None
    by_column = {
        "evaluation": plan.evaluation.id,
        "analysis": plan.analysis.id,
        "role": result["role"],
        "site": " ".join(effect.treated_units),
        "measure": effect.measure,
        "design": effect.design,
        "standing": standing.kind,
        "verdict": verdict.word if verdict else "",
        "certainty": (verdict.certainty or "") if verdict else "",
        "reasons": " ".join(verdict.reasons) if verdict else "",
        "p_value": "" if headline is None else float(headline["p_value"]),
        "direction": standing.direction or "",
        "family": "" if standing.family is None else standing.family,
        "low_in_family": "" if standing.low is None else standing.low,
        "high_in_family": "" if standing.high is None else standing.high,
        "p_in_family": "" if standing.p_value is None else standing.p_value,
        "as_expected": {True: "yes", False: "no"}.get(standing.held, ""),
        "negative_control": plan.evaluation.protocol.control if standing.kind == "primary" else "",
        "lasted": over_time.word if over_time else "",
        "lasted_to": (over_time.last or "") if over_time else "",
        "protocol_status": result["protocol_status"],
        "estimate": "" if headline is None else float(headline["estimate"]),
        "low": "" if headline is None else float(headline["low"]),
        "high": "" if headline is None else float(headline["high"]),
        "scale": "" if headline is None else headline["scale"],
        "minimum_detectable_effect": effect.minimum_detectable_effect,
        "first": effect.data["first"],
        "last": effect.data["last"],
        "synthetic": str(result["synthetic"]).lower(),
        "rows_sha256": result["provenance"]["rows_sha256"],
        "code_version": result["provenance"]["code_version"],
    }
    if by_column.keys() != set(codebook.NAMES):
        raise ValueError(f"no cell or no entry of the codebook: {', '.join(by_column.keys() ^ set(codebook.NAMES))}")
    return [by_column[name] for name in codebook.NAMES]


def forget_the_rest(root: Path, plans: Sequence[Plan]) -> None:
    """Drop what is kept of analyses that no longer exist."""
    runs(root).forget_all_but(plan.id for plan in plans)
    judgements(root).forget_all_but(plan.id for plan in plans)
    made = {root / name for plan in plans for name in (notebook_of(plan), effect_of(plan))}
    keep_only(root / RUNS, made | {root / RUNS / LOG})

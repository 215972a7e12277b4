"""What became of every analysis: state kept below ``_build/runs``, results published below ``results``."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import evalkit
from evalkit.catalogue import Catalogue
from evalkit.design_register import description_modules
from evalkit.errors import EvaluationError
from evalkit.report.spreadsheets import as_text
from evalkit.runs.files import file_sha256, files_below, keep_only, sha256_of, write_if_changed
from evalkit.runs.kept_json import read_kept, write_kept
from evalkit.runs.planning.code_dependencies import code_of, reached_from
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.family import Family
from evalkit.standing import Standing

if TYPE_CHECKING:
    from evalkit.effect import Effect
    from evalkit.runs.execution.jobs import Executed
    from evalkit.verdict import Verdict

STATE = Path("_build", "runs")
RESULTS = Path("results")
RESULT_SCHEMA_VERSION = 2
STATE_FIELDS = ("key", "failure", "effect", "notebook_sha256", "depends", "marks")
TABLE_COLUMNS = (
    "evaluation", "analysis", "role", "standing", "site", "measure", "design", "verdict", "certainty", "reasons", "estimate",
    "low", "high", "scale", "p_value", "direction", "family", "low_in_family", "high_in_family", "p_in_family", "as_expected",
    "negative_control", "minimum_detectable_effect", "protocol_status", "first", "last", "synthetic", "rows_sha256", "code_version",
)  # fmt: skip


class Published:
    """What a result file says; ``published`` is its content, empty where there is none."""

    published: str

    @cached_property
    def result(self) -> dict[str, Any] | None:
        """What the result file says; None where there is none."""
        published = self.published
        return json.loads(published) if published else None

    @cached_property
    def effect(self) -> "Effect | None":
        """The effect in the result."""
        from evalkit.effect import Effect

        return Effect.from_dict(self.result["effect"]) if self.result else None

    @cached_property
    def verdict(self) -> "Verdict | None":
        """The verdict in the result, which only an answer to a question has."""
        from evalkit.verdict import Verdict

        return Verdict.from_dict(self.result["verdict"]) if self.result and self.result["verdict"] else None

    @cached_property
    def standing(self) -> Standing | None:
        """How much the result may say; None of a result over several evaluations."""
        return Standing.from_dict(self.result["standing"]) if self.result and "standing" in self.result else None


@dataclass(frozen=True)
class Outcome(Published):
    """The latest state of one analysis.

    Attributes
    ----------
    status : {"done", "failed", "not_run"}
    sentence : str
        Why there is no result; empty where there is one.
    notebook : Path or None
        The executed, normalised notebook.
    kept : Path or None
        Where the result is kept. Read when it is asked for: a thousand of them are not held at once.
    row : list
        The analysis's row in the table of all results.
    """

    evaluation: str
    analysis: str
    status: Literal["done", "failed", "not_run"]
    sentence: str = ""
    notebook: Path | None = None
    kept: Path | None = None
    row: list[Any] = field(default_factory=list, repr=False)

    @property
    def published(self) -> str:
        """The result file's content; empty unless done."""
        return json.loads(self.kept.read_text(encoding="utf-8"))["published"] if self.kept else ""


def _state(root: Path, plan: Plan) -> Path:
    return root / STATE / plan.evaluation.id / f"{plan.analysis.id}.json"


def _notebook(root: Path, plan: Plan) -> Path:
    return _state(root, plan).with_suffix(".ipynb")


def _judged(root: Path, plan: Plan) -> Path:
    return _state(root, plan).with_suffix(".judged.json")


def last_run(root: Path, plan: Plan) -> dict[str, Any]:
    """What is kept of an analysis's last run: key, failure, effect, depends, marks; empty where nothing whole is."""
    state = read_kept(_state(root, plan))
    return state if set(STATE_FIELDS) <= state.keys() else {}


def is_whole(root: Path, plan: Plan, state: dict[str, Any]) -> bool:
    """Whether the notebook beside a state is the one that was kept with it."""
    return file_sha256(_notebook(root, plan)) == state.get("notebook_sha256")


def keep(root: Path, plan: Plan, executed: "Executed") -> None:
    """Remember what a run gave. The notebook first: a key is only written beside the notebook it stands for."""
    if executed.notebook is not None:
        write_if_changed(_notebook(root, plan), executed.notebook)
    state = {
        "key": plan.key,
        "failure": executed.failure,
        "effect": executed.effect,
        "notebook_sha256": hashlib.sha256((executed.notebook or "").encode()).hexdigest(),
        "depends": plan.depends,
        "marks": plan.marks,
    }
    write_kept(_state(root, plan), state)


def read_outcomes(root: Path, catalogue: Catalogue, plans: Sequence[Plan]) -> list[Outcome]:
    """The outcome of every plan; a result made from other inputs than today's counts as not run."""
    of_evaluation: dict[str, list[Plan]] = {}
    for plan in plans:
        of_evaluation.setdefault(plan.evaluation.id, []).append(plan)
    outcomes: dict[tuple[str, str], Outcome] = {}
    for beside in of_evaluation.values():
        states = {plan.analysis.id: last_run(root, plan) for plan in beside}
        refused = {plan.analysis.id: _refused(root, plan, states[plan.analysis.id]) for plan in beside}
        family = _family(catalogue, beside[0], {id: states[id] for id, outcome in refused.items() if outcome is None})
        others = sorted([id, states[id]["notebook_sha256"]] for id, outcome in refused.items() if outcome is None)
        for plan in beside:
            ids = (plan.evaluation.id, plan.analysis.id)
            outcomes[ids] = refused[plan.analysis.id] or _done(
                root, catalogue, plan, states[plan.analysis.id], family, others
            )
    return [outcomes[plan.evaluation.id, plan.analysis.id] for plan in plans]


def _refused(root: Path, plan: Plan, state: dict[str, Any]) -> Outcome | None:
    """Why there is no result; None where there is one."""
    ids = (plan.evaluation.id, plan.analysis.id)
    if state.get("key") != plan.key:
        return Outcome(*ids, "not_run", "This analysis has not been run on the present data.")
    if state["failure"] is not None:
        return Outcome(*ids, "failed", state["failure"])
    if not is_whole(root, plan, state):
        return Outcome(*ids, "not_run", "What this analysis gave was damaged afterwards; it has to be run again.")
    try:
        from evalkit.effect import refuse_other_schema

        refuse_other_schema(state["effect"])
    except EvaluationError as error:
        return Outcome(*ids, "not_run", str(error))
    return None


def _family(catalogue: Catalogue, plan: Plan, states: Mapping[str, dict[str, Any]]) -> Family:
    """The analyses of the evaluation of a plan that have a result."""

    @cache
    def effect_of(id: str) -> "Effect | None":
        from evalkit.effect import Effect

        return Effect.from_dict(states[id]["effect"]) if id in states else None

    return Family(plan.evaluation, catalogue.measures, effect_of)


def _done(
    root: Path, catalogue: Catalogue, plan: Plan, state: dict[str, Any], family: Family, others: list[list[str]]
) -> Outcome:
    ids = (plan.evaluation.id, plan.analysis.id)
    try:
        row = _judge(root, catalogue, plan, state, family, others)
    except EvaluationError as error:
        return Outcome(*ids, "not_run", str(error))
    return Outcome(*ids, "done", "", _notebook(root, plan), _judged(root, plan), row)


def _judge(
    root: Path, catalogue: Catalogue, plan: Plan, state: dict[str, Any], family: Family, others: list[list[str]]
) -> list[Any]:
    """The row of the table, once the result is kept; from the last time where nothing they use has changed.

    ``others`` are fingerprints of all analyses of the evaluation that have a result, as what one comes to depends on them.
    """
    measure, evaluation = catalogue.measures[plan.parameters["measure"]], plan.evaluation
    table = catalogue.tables[plan.table]
    depends = [
        plan.key,
        others,
        measure.model_dump_json(),
        evaluation.model_dump_json(),
        catalogue.is_synthetic(evaluation),
        [table.name, table.title, [licence.title or licence.name for licence in table.licenses]],
        code_of(reached_from(frozenset({"evalkit.runs.state.outcomes", *description_modules()}))),
    ]
    key = sha256_of(depends)
    kept = read_kept(_judged(root, plan))
    if kept.get("key") == key:
        return kept["row"]
    from evalkit.verdict import verdict

    effect, standing = family.effect_of(plan.analysis.id), family.standing(plan.analysis)
    judged = None
    if standing.kind == "primary":
        judged = verdict(effect, measure, family.circumstances(plan.analysis))
    result = _result(catalogue, plan, state["effect"], judged, standing)
    published = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    row = _row(plan, result, effect, judged, standing)
    write_kept(_judged(root, plan), {"key": key, "published": published, "row": row})
    return row


def code_version(plan: Plan) -> str:
    """evalkit's version and the first figures of the hash of the code that an analysis reaches."""
    return f"evalkit {evalkit.__version__} ({code_of(plan.depends['code'])[:12]})"


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
    """One JSON file a result, a table for each evaluation and one of all; what no longer has a result has no file.

    Parameters
    ----------
    across : results over several analyses, by path below ``results``

    Returns
    -------
    list of str
        The analyses whose results were taken out: their inputs have changed since, or they are gone.
    """
    done = {
        root / RESULTS / outcome.evaluation / f"{outcome.analysis}.json": outcome
        for outcome in outcomes
        if outcome.status == "done"
    }
    rows: dict[Path, list[list[Any]]] = {root / RESULTS / "results.csv": [outcome.row for outcome in done.values()]}
    for outcome in done.values():
        rows.setdefault(root / RESULTS / outcome.evaluation / "results.csv", []).append(outcome.row)
    files = {root / RESULTS / path: content for path, content in (across or {}).items()}
    files |= {path: _table(table_rows) for path, table_rows in rows.items()}
    for path, content in files.items():
        write_if_changed(path, content)
    for path, outcome in done.items():
        write_if_changed(path, outcome.published)
    wanted = {*files, *done}
    result_files = [root / RESULTS / name for name in files_below(root / RESULTS) if name.endswith(".json")]
    keep_only(root / RESULTS, wanted)
    return [path.relative_to(root / RESULTS).with_suffix("").as_posix() for path in result_files if path not in wanted]


def _table(rows: list[list[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(TABLE_COLUMNS)
    writer.writerows([as_text(cell) for cell in row] for row in sorted(rows))
    return out.getvalue()


def _row(
    plan: Plan, result: dict[str, Any], effect: "Effect", verdict: "Verdict | None", standing: Standing
) -> list[Any]:
    headline = effect.headline
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
        "p_value": float(headline["p_value"]),
        "direction": standing.direction or "",
        "family": "" if standing.family is None else standing.family,
        "low_in_family": "" if standing.low is None else standing.low,
        "high_in_family": "" if standing.high is None else standing.high,
        "p_in_family": "" if standing.p_value is None else standing.p_value,
        "as_expected": {True: "yes", False: "no"}.get(standing.held, ""),
        "negative_control": plan.evaluation.protocol.control if standing.kind == "primary" else "",
        "protocol_status": result["protocol_status"],
        "estimate": float(headline["estimate"]),
        "low": float(headline["low"]),
        "high": float(headline["high"]),
        "scale": headline["scale"],
        "minimum_detectable_effect": effect.minimum_detectable_effect,
        "first": effect.data["first"],
        "last": effect.data["last"],
        "synthetic": str(result["synthetic"]).lower(),
        "rows_sha256": result["provenance"]["rows_sha256"],
        "code_version": result["provenance"]["code_version"],
    }
    return [by_column[name] for name in TABLE_COLUMNS]


def forget_the_rest(root: Path, plans: Sequence[Plan]) -> None:
    """Drop the state of analyses that no longer exist."""
    wanted = {path for plan in plans for path in (_state(root, plan), _notebook(root, plan), _judged(root, plan))}
    keep_only(root / STATE, wanted | {root / STATE / "log.jsonl"})

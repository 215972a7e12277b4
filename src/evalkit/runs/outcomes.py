"""What became of every analysis: state kept below ``_build/runs``, results published below ``results``."""

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import evalkit
from evalkit.catalogue import Catalogue
from evalkit.effect import Effect
from evalkit.errors import EvaluationError
from evalkit.runs.execute import Executed
from evalkit.runs.files import keep_only, write_if_changed
from evalkit.runs.plan import Plan, code_hash
from evalkit.verdict import Verdict, verdict

STATE = Path("_build", "runs")
RESULTS = Path("results")
RESULT_SCHEMA_VERSION = 1
TABLE_COLUMNS = (
    "evaluation", "analysis", "role", "site", "measure", "design", "verdict", "certainty", "estimate", "low", "high",
    "scale", "minimum_detectable_effect", "first", "last", "synthetic", "rows_sha256", "code_version",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """The latest state of one analysis.

    Attributes
    ----------
    status : {"done", "failed", "not_run"}
    sentence : str
        Why there is no result; empty where there is one.
    effect, verdict : None unless done
    notebook : Path or None
        The executed, normalised notebook.
    result : dict
        The result file's content.
    """

    evaluation: str
    analysis: str
    status: Literal["done", "failed", "not_run"]
    sentence: str = ""
    effect: Effect | None = None
    verdict: Verdict | None = None
    notebook: Path | None = None
    result: dict[str, Any] | None = None


def _state(root: Path, plan: Plan) -> Path:
    return root / STATE / plan.evaluation.id / f"{plan.analysis.id}.json"


def known_key(root: Path, plan: Plan) -> str | None:
    """The key of the last good run, or None."""
    state = _read_state(root, plan)
    return state.get("key") if state.get("failure") is None and _is_whole(root, plan, state) else None


def _is_whole(root: Path, plan: Plan, state: dict[str, Any]) -> bool:
    """Whether the notebook beside a state is the one that was kept with it."""
    try:
        return hashlib.sha256(_notebook(root, plan).read_bytes()).hexdigest() == state.get("notebook_sha256")
    except OSError:
        return False


def _read_state(root: Path, plan: Plan) -> dict[str, Any]:
    try:
        return json.loads(_state(root, plan).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _notebook(root: Path, plan: Plan) -> Path:
    return _state(root, plan).with_suffix(".ipynb")


def keep(root: Path, executed: Executed) -> None:
    """Remember what a run gave. The notebook first: a key is only written beside the notebook it stands for."""
    plan = executed.plan
    if executed.notebook is not None:
        write_if_changed(_notebook(root, plan), executed.notebook)
    raw = (executed.notebook or "").encode()
    state = {
        "key": plan.key,
        "failure": executed.failure,
        "effect": executed.effect,
        "notebook_sha256": hashlib.sha256(raw).hexdigest(),
    }
    write_if_changed(_state(root, plan), json.dumps(state))


def read_outcomes(root: Path, catalogue: Catalogue, plans: Sequence[Plan]) -> list[Outcome]:
    """The outcome of every plan; a result made from other inputs than today's counts as not run."""
    return [_outcome(root, catalogue, plan) for plan in plans]


def _outcome(root: Path, catalogue: Catalogue, plan: Plan) -> Outcome:
    ids = (plan.evaluation.id, plan.analysis.id)
    state = _read_state(root, plan)
    if state.get("key") != plan.key:
        return Outcome(*ids, "not_run", "This analysis has not been run on the present data.")
    if state["failure"] is not None:
        return Outcome(*ids, "failed", state["failure"])
    if not _is_whole(root, plan, state):
        return Outcome(*ids, "not_run", "What this analysis gave was damaged afterwards; it has to be run again.")
    try:
        effect = Effect.from_dict(state["effect"])
    except EvaluationError as error:
        return Outcome(*ids, "not_run", str(error))
    measure = catalogue.measures[plan.parameters["measure"]]
    judged = verdict(effect, measure, plan.evaluation)
    result = _result(catalogue, plan, state["effect"], judged)
    return Outcome(*ids, "done", "", effect, judged, _notebook(root, plan), result)


def code_version() -> str:
    """evalkit's version and the first figures of the hash of its code."""
    return f"evalkit {evalkit.__version__} ({code_hash()[:12]})"


def _result(catalogue: Catalogue, plan: Plan, effect: dict[str, Any], judged: Verdict) -> dict[str, Any]:
    table = catalogue.tables[effect["data"]["table"]]
    return {
        "schema_version": RESULT_SCHEMA_VERSION,
        "evaluation": plan.evaluation.id,
        "analysis": plan.analysis.id,
        "title": plan.analysis.title,
        "role": plan.analysis.role,
        "synthetic": catalogue.is_synthetic(plan.evaluation),
        "verdict": judged.to_dict(),
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
            "code_version": code_version(),
        },
    }


def write_results(root: Path, outcomes: Sequence[Outcome]) -> None:
    """One JSON file a result and one table of all; what no longer has a result has no file."""
    wanted, rows = set(), []
    for outcome in outcomes:
        if outcome.result is None:
            continue
        path = root / RESULTS / outcome.evaluation / f"{outcome.analysis}.json"
        write_if_changed(path, json.dumps(outcome.result, indent=1, ensure_ascii=False) + "\n")
        wanted.add(path)
        rows.append(_row(outcome))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(TABLE_COLUMNS)
    writer.writerows(sorted(rows))
    write_if_changed(root / RESULTS / "results.csv", out.getvalue())
    keep_only(root / RESULTS, wanted | {root / RESULTS / "results.csv"})


def _row(outcome: Outcome) -> list[Any]:
    result, effect = outcome.result, outcome.effect
    headline = effect.headline
    found = {
        "evaluation": outcome.evaluation,
        "analysis": outcome.analysis,
        "role": result["role"],
        "site": " ".join(effect.treated_units),
        "measure": effect.measure,
        "design": effect.design,
        "verdict": outcome.verdict.word,
        "certainty": outcome.verdict.certainty or "",
        "estimate": headline["estimate"],
        "low": headline["low"],
        "high": headline["high"],
        "scale": headline["scale"],
        "minimum_detectable_effect": effect.minimum_detectable_effect,
        "first": effect.data["first"],
        "last": effect.data["last"],
        "synthetic": str(result["synthetic"]).lower(),
        "rows_sha256": result["provenance"]["rows_sha256"],
        "code_version": result["provenance"]["code_version"],
    }
    return [found[name] for name in TABLE_COLUMNS]


def forget_the_rest(root: Path, plans: Sequence[Plan]) -> None:
    """Drop the state of analyses that no longer exist."""
    wanted = {path for plan in plans for path in (_state(root, plan), _notebook(root, plan))}
    keep_only(root / STATE, wanted | {root / STATE / "log.jsonl"})

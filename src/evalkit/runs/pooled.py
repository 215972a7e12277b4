"""The effects of several analyses as one: pooled where outcomes are known, kept until one of them changes."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import evalkit
from evalkit.catalogue import Catalogue
from evalkit.catalogue.learning import Pooled
from evalkit.catalogue.records import Evaluation, Measure
from evalkit.errors import EvaluationError, named
from evalkit.runs.files import keep_only, write_if_changed
from evalkit.runs.outcomes import RESULT_SCHEMA_VERSION, Outcome
from evalkit.runs.reach import code_of, reached_from

if TYPE_CHECKING:
    from evalkit.effect import Effect
    from evalkit.verdict import Verdict

KEPT = Path("_build", "pooled")
ACROSS = "across"  # the folder of their results


@dataclass(frozen=True)
class PooledOutcome:
    """What became of one record of ``data/pooled``.

    Attributes
    ----------
    sentence : str
        Why there is no result; empty where there is one.
    published : str
        The result file's content.
    """

    pooled: Pooled
    sentence: str = ""
    published: str = field(default="", repr=False)

    @cached_property
    def result(self) -> dict[str, Any] | None:
        """What the result file says; None where there is none."""
        return json.loads(self.published) if self.published else None

    @cached_property
    def effect(self) -> "Effect | None":
        """The pooled effect."""
        from evalkit.effect import Effect

        return Effect.from_dict(self.result["effect"]) if self.result else None

    @cached_property
    def verdict(self) -> "Verdict | None":
        """What it comes to."""
        from evalkit.verdict import Verdict

        return Verdict.from_dict(self.result["verdict"]) if self.result else None


def pool_outcomes(root: Path, catalogue: Catalogue, outcomes: Sequence[Outcome]) -> list[PooledOutcome]:
    """The outcome of every record of ``data/pooled``, by id, from the outcomes of all analyses.

    One is made again only where a result that it pools, or what it is judged by, has changed.
    """
    by_id = {f"{one.evaluation}/{one.analysis}": one for one in outcomes}
    records = [catalogue.pooled[id] for id in sorted(catalogue.pooled)]
    keep_only(root / KEPT, {_path(root, one) for one in records})
    return [_outcome(root, catalogue, one, by_id) for one in records]


def results_of(outcomes: Sequence[PooledOutcome]) -> dict[Path, str]:
    """Content of every result file, by its path below ``results``."""
    return {Path(ACROSS, f"{one.pooled.id}.json"): one.published for one in outcomes if one.published}


def _outcome(root: Path, catalogue: Catalogue, pooled: Pooled, by_id: dict[str, Outcome]) -> PooledOutcome:
    without = [ref for ref in pooled.analyses if ref not in by_id or not by_id[ref].published]
    if without:
        verb = "has" if len(without) == 1 else "have"
        return PooledOutcome(pooled, f"Nothing was pooled, as {named(without)} {verb} no result at present.")
    members = [by_id[ref] for ref in pooled.analyses]
    hashes = [hashlib.sha256(one.published.encode()).hexdigest() for one in members]
    evaluations = [catalogue.evaluations[id] for id in dict.fromkeys(one.evaluation for one in members)]
    measures = sorted({_measure_id(catalogue, one) for one in members})
    depends = [
        pooled.model_dump_json(),
        hashes,
        [catalogue.measures[id].model_dump_json() for id in measures],
        [_judged_by(one) for one in evaluations],
        code_of(reached_from(frozenset({__name__, "evalkit.pooling"}))),
    ]
    key = hashlib.sha256(json.dumps(depends).encode()).hexdigest()
    kept = _read(_path(root, pooled))
    if kept.get("key") != key:
        kept = {"key": key} | _made(pooled, members, hashes, catalogue.measures[measures[0]], evaluations, key)
        write_if_changed(_path(root, pooled), json.dumps(kept))
    return PooledOutcome(pooled, kept["sentence"], kept["published"])


def _made(
    pooled: Pooled,
    members: Sequence[Outcome],
    hashes: Sequence[str],
    measure: Measure,
    evaluations: Sequence[Evaluation],
    key: str,
) -> dict[str, str]:
    """The sentence and the content of the result file; one of them is empty."""
    from evalkit.pooling import pool
    from evalkit.verdict import verdict

    try:
        # What leaves here passes the rule that all members have in common, as an analysis does.
        effects = [one.effect for one in members]
        effect = pool(effects).published(effects[0].data["disclosure"])
    except EvaluationError as error:
        return {"sentence": str(error), "published": ""}
    provenance = [one.result["provenance"] for one in members]
    result = {
        "schema_version": RESULT_SCHEMA_VERSION,
        "pooled": pooled.id,
        "title": pooled.title,
        "role": "pooled",
        "synthetic": bool(effect.data.get("synthetic")) or any(one.result["synthetic"] for one in members),
        "verdict": verdict(effect, measure, together(evaluations)).to_dict(),
        "effect": effect.to_dict(),
        "provenance": {
            "members": [
                {"evaluation": one.evaluation, "analysis": one.analysis, "result_sha256": sha256}
                for one, sha256 in zip(members, hashes, strict=True)
            ],
            "tables": sorted({one["table_title"] for one in provenance}),
            "licences": sorted({licence for one in provenance for licence in one["licences"]}),
            "key": key,
            "code_version": f"evalkit {evalkit.__version__}",
        },
    }
    return {"sentence": "", "published": json.dumps(result, indent=1, ensure_ascii=False) + "\n"}


def together(evaluations: Sequence[Evaluation]) -> Evaluation:
    """What a verdict over several evaluations asks of them, as one: every rival, and whether all were fixed beforehand."""
    first = evaluations[0]
    rivals = [rival for one in evaluations for rival in one.rival_explanations]
    fixed = all(one.protocol.pre_specified for one in evaluations)
    protocol = first.protocol.model_copy(update={"pre_specified": fixed})
    return first.model_copy(update={"rival_explanations": rivals, "protocol": protocol})


def _judged_by(evaluation: Evaluation) -> list[Any]:
    within = [rival.what for rival in evaluation.rival_explanations if rival.within_window]
    return [evaluation.protocol.pre_specified, within]


def _measure_id(catalogue: Catalogue, outcome: Outcome) -> str:
    analyses = catalogue.evaluations[outcome.evaluation].analyses
    return str(next(one for one in analyses if one.id == outcome.analysis).parameters["measure"])


def _path(root: Path, pooled: Pooled) -> Path:
    return root / KEPT / f"{pooled.id}.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and {"key", "sentence", "published"} <= found.keys() else {}

"""The effects of several analyses as one: pooled where outcomes are known, kept until one of them changes."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import evalkit
from evalkit.catalogue import Catalogue
from evalkit.catalogue.learning import Pooled
from evalkit.catalogue.read import words_in
from evalkit.catalogue.records import Analysis, Evaluation, Measure
from evalkit.errors import EvaluationError, named
from evalkit.runs.files import keep_only, sha256_of, write_if_changed
from evalkit.runs.outcomes import RESULT_SCHEMA_VERSION, Outcome, Published
from evalkit.runs.reach import code_of, reached_from

KEPT = Path("_build", "pooled")
ACROSS = "across"  # the folder of their results


@dataclass(frozen=True)
class PooledOutcome(Published):
    """What became of one record of ``data/pooled``.

    Attributes
    ----------
    sentence : str
        Why there is no result; empty where there is one.
    published, table : str
        Content of the result file, and of the table of what its figure draws.
    """

    pooled: Pooled
    sentence: str = ""
    published: str = field(default="", repr=False)
    table: str = field(default="", repr=False)


def pool_outcomes(root: Path, catalogue: Catalogue, outcomes: Sequence[Outcome]) -> list[PooledOutcome]:
    """The outcome of every record of ``data/pooled``, by id, from the outcomes of all analyses.

    One is made again only where a result that it pools, or what it is judged by, has changed.
    """
    by_id = {f"{one.evaluation}/{one.analysis}": one for one in outcomes}
    records = [catalogue.pooled[id] for id in sorted(catalogue.pooled)]
    keep_only(root / KEPT, {_path(root, one) for one in records})
    return [_outcome(root, catalogue, one, by_id) for one in records]


def results_of(outcomes: Sequence[PooledOutcome]) -> dict[Path, str]:
    """Content of every result file and table, by its path below ``results``."""
    done = [one for one in outcomes if one.published]
    files = {Path(ACROSS, f"{one.pooled.id}.json"): one.published for one in done}
    return files | {Path(ACROSS, f"{one.pooled.id}.csv"): one.table for one in done}


def _outcome(root: Path, catalogue: Catalogue, pooled: Pooled, by_id: dict[str, Outcome]) -> PooledOutcome:
    without = [ref for ref in pooled.analyses if ref not in by_id or by_id[ref].kept is None]
    if without:
        verb = "has" if len(without) == 1 else "have"
        return PooledOutcome(pooled, f"Nothing was pooled, as {named(without)} {verb} no result at present.")
    members = [by_id[ref] for ref in pooled.analyses]
    hashes = [hashlib.sha256(one.published.encode()).hexdigest() for one in members]
    plans = [_analysis(catalogue, one) for one in members]
    measure = catalogue.measures[str(plans[0].parameters["measure"])]
    evaluations = [catalogue.evaluations[id] for id in dict.fromkeys(one.evaluation for one in members)]
    names = catalogue.names(sorted({one for plan in plans for one in _labels(catalogue, plan)}))
    planned = _planned(evaluations, by_id, measure)
    depends = [
        pooled.model_dump_json(),
        hashes,
        measure.model_dump_json(),
        names,
        [_judged_by(one) for one in evaluations],
        planned,
        code_of(reached_from(frozenset({__name__, "evalkit.pooling"}))),
    ]
    key = sha256_of(depends)
    kept = _read(_path(root, pooled))
    if kept.get("key") != key:
        kept = _made(pooled, members, measure, together(evaluations), planned, names)
        kept = _with_provenance(kept, members, hashes, key)
        write_if_changed(_path(root, pooled), json.dumps(kept))
    return PooledOutcome(pooled, kept["sentence"], kept["published"], kept["table"])


def _made(
    pooled: Pooled,
    members: Sequence[Outcome],
    measure: Measure,
    evaluation: Evaluation,
    planned: Sequence[tuple[str, str]],
    names: dict[str, str],
) -> dict[str, Any]:
    """The sentence why there is none, or the result and the table of what is drawn."""
    from evalkit.pooling import pool
    from evalkit.report import across, tables, words
    from evalkit.verdict import verdict

    try:
        # What leaves here passes the rule that all members have in common, as an analysis does.
        effects = [one.effect for one in members]
        effect = pool(effects).published(effects[0].data["disclosure"])
    except EvaluationError as error:
        return {"sentence": f"Nothing was pooled. {error}", "result": None, "table": ""}
    short = across.short_names(names)
    numbers = tables.estimates(effect, short)
    judged = verdict(effect, measure, evaluation, planned)
    result = {
        "schema_version": RESULT_SCHEMA_VERSION,
        "pooled": pooled.id,
        "title": pooled.title,
        "role": "pooled",
        "synthetic": bool(effect.data.get("synthetic")) or any(one.result["synthetic"] for one in members),
        "in_words": {
            "answer": across.answer(effect, judged, measure.plain_name),
            "new_site": across.at_a_new_site(effect),
            "alt": across.home_alt(effect, pooled.title, measure.plain_name),
            "heading": words.pooled_title(effect, measure.plain_name),
            "columns": list(numbers.columns),
            "rows": numbers.to_numpy().tolist(),
        },
        "names": short,
        "verdict": judged.to_dict(),
        "effect": effect.to_dict(),
    }
    table = across.rows(effect).to_csv(index=False, lineterminator="\n")
    return {"sentence": "", "result": result, "table": table}


def _with_provenance(
    made: dict[str, Any], members: Sequence[Outcome], hashes: Sequence[str], key: str
) -> dict[str, Any]:
    """What is kept: key, sentence, table, and the result as it is published."""
    kept = {"key": key, "sentence": made["sentence"], "table": made["table"], "published": ""}
    if made["result"] is None:
        return kept
    provenance = [one.result["provenance"] for one in members]
    result = made["result"] | {
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
    return kept | {"published": json.dumps(result, indent=1, ensure_ascii=False) + "\n"}


def together(evaluations: Sequence[Evaluation]) -> Evaluation:
    """What a verdict over several evaluations asks of them, as one: every rival, and whether all were fixed beforehand."""
    first = evaluations[0]
    rivals = [rival for one in evaluations for rival in one.rival_explanations]
    fixed = all(one.protocol.pre_specified for one in evaluations)
    protocol = first.protocol.model_copy(update={"pre_specified": fixed})
    return first.model_copy(update={"rival_explanations": rivals, "protocol": protocol})


def _planned(evaluations: Sequence[Evaluation], by_id: dict[str, Outcome], measure: Measure) -> list[tuple[str, str]]:
    """Title and verdict of each evaluation whose primary analysis asks about the same measure and has a result."""
    found = []
    for one in evaluations:
        outcome = by_id.get(f"{one.id}/{one.primary.id}")
        if one.primary.parameters["measure"] == measure.id and outcome is not None and outcome.kept is not None:
            found.append((one.title, outcome.result["verdict"]["word"]))
    return found


def _judged_by(evaluation: Evaluation) -> list[Any]:
    within = [rival.what for rival in evaluation.rival_explanations if rival.within_window]
    return [evaluation.protocol.pre_specified, within]


def _analysis(catalogue: Catalogue, outcome: Outcome) -> Analysis:
    analyses = catalogue.evaluations[outcome.evaluation].analyses
    return next(one for one in analyses if one.id == outcome.analysis)


def _labels(catalogue: Catalogue, analysis: Analysis) -> list[str]:
    site = analysis.parameters["site"]
    return [*words_in(site), *catalogue.codes(site)]


def _path(root: Path, pooled: Pooled) -> Path:
    return root / KEPT / f"{pooled.id}.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and {"key", "sentence", "published", "table"} <= found.keys() else {}

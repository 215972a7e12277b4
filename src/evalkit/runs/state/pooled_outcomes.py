"""The effects of several analyses as one: pooled where outcomes are known, kept until one of them changes."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from evalkit.catalogue import Catalogue
from evalkit.catalogue.naming import words_in
from evalkit.catalogue.records.evaluations import Analysis, Evaluation
from evalkit.catalogue.records.learning import Pooled
from evalkit.catalogue.records.measures import Measure
from evalkit.design_register import description_modules
from evalkit.errors import EvaluationError, named
from evalkit.files import file_sha256, sha256_of
from evalkit.memory import Memory
from evalkit.report.spreadsheets import csv_of
from evalkit.runs.planning.code_dependencies import code_of, reached_from
from evalkit.runs.state.family import rivals_of
from evalkit.runs.state.outcomes import RESULT_SCHEMA_VERSION, Outcome, Published
from evalkit.version import __version__

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


@dataclass(frozen=True)
class JudgedBy:
    """What a verdict over several evaluations asks of them.

    Attributes
    ----------
    rivals : tuple of str
        What could explain all of more than half of the results that are pooled.
    fixed_before : bool
        Whether all were fixed before the data existed.
    left_out_by_figures : int
        How many comparators were left out for what their own figures do, of the evaluation with the most.
    """

    rivals: tuple[str, ...]
    fixed_before: bool
    left_out_by_figures: int = 0

    @classmethod
    def from_evaluations(cls, evaluations: Sequence[Evaluation], analyses: Sequence[str]) -> "JudgedBy":
        """From the records of the evaluations whose results are pooled: ``analyses`` as evaluation/analysis."""
        counted = Counter(
            sentence
            for evaluation in evaluations
            for ref in analyses
            if ref.startswith(f"{evaluation.id}/")
            for sentence in dict.fromkeys(rivals_of(evaluation, ref.partition("/")[2]))
        )
        return cls(
            tuple(sentence for sentence, count in counted.items() if 2 * count > len(analyses)),
            all(evaluation.protocol.fixed_before for evaluation in evaluations),
            max((evaluation.protocol.left_out_by_figures for evaluation in evaluations), default=0),
        )


def pool_outcomes(root: Path, catalogue: Catalogue, outcomes: Sequence[Outcome]) -> list[PooledOutcome]:
    """The outcome of every record of ``data/pooled``, by id, from the outcomes of all analyses.

    One is made again only where a result that it pools, or what it is judged by, has changed.
    """
    by_id = {f"{outcome.evaluation}/{outcome.analysis}": outcome for outcome in outcomes}
    records = [catalogue.pooled[id] for id in sorted(catalogue.pooled)]
    memory = Memory.of_project(root, "pooled")
    memory.forget_all_but(record.id for record in records)
    return [_outcome(memory, catalogue, record, by_id) for record in records]


def results_of(outcomes: Sequence[PooledOutcome]) -> dict[Path, str]:
    """Content of every result file and table, by its path below ``results``."""
    done = [outcome for outcome in outcomes if outcome.published]
    files = {Path(ACROSS, f"{outcome.pooled.id}.json"): outcome.published for outcome in done}
    return files | {Path(ACROSS, f"{outcome.pooled.id}.csv"): outcome.table for outcome in done}


def _outcome(memory: Memory, catalogue: Catalogue, pooled: Pooled, by_id: dict[str, Outcome]) -> PooledOutcome:
    without = [ref for ref in pooled.analyses if ref not in by_id or by_id[ref].status != "done"]
    if without:
        verb = "has" if len(without) == 1 else "have"
        return PooledOutcome(pooled, f"Nothing was pooled, as {named(without)} {verb} no result at present.")
    members = [by_id[ref] for ref in pooled.analyses]
    hashes = [file_sha256(member.result_file) for member in members]
    plans = [_analysis(catalogue, member) for member in members]
    measure = catalogue.measures[str(plans[0].parameters["measure"])]
    evaluations = [catalogue.evaluations[id] for id in dict.fromkeys(member.evaluation for member in members)]
    names = catalogue.names(sorted({label for plan in plans for label in _labels(catalogue, plan)}))
    planned = _planned(evaluations, by_id, measure)
    judged_by = JudgedBy.from_evaluations(evaluations, pooled.analyses)
    modules = frozenset({__name__, "evalkit.designs.pooled_effect.design", *description_modules()})
    depends = {
        "record": pooled.model_dump_json(),
        "results": hashes,
        "measure": measure.model_dump_json(),
        "names": names,
        "judged by": asdict(judged_by),
        "planned": planned,
        "code": code_of(reached_from(modules)),
    }
    kept = memory.recall(pooled.id, depends)
    if kept is not None:
        return PooledOutcome(pooled, **kept.content)
    made = _made(pooled, members, measure, judged_by, planned, names)
    content = _with_provenance(made, members, hashes, sha256_of(depends))
    memory.remember(pooled.id, depends, content)
    return PooledOutcome(pooled, **content)


def _made(
    pooled: Pooled,
    members: Sequence[Outcome],
    measure: Measure,
    judged_by: JudgedBy,
    planned: Sequence[tuple[str, str]],
    names: dict[str, str],
) -> dict[str, Any]:
    """The sentence why there is none, or the result and the table of what is drawn."""
    from evalkit.certainty import Circumstances
    from evalkit.designs.pooled_effect.design import pool
    from evalkit.report import tables
    from evalkit.report.wording import pooled_effect, words
    from evalkit.verdict import verdict

    try:
        # What leaves here passes the rule that all members have in common, as an analysis does.
        effects = [member.effect for member in members]
        effect = pool(effects).published(effects[0].data["disclosure"])
    except EvaluationError as error:
        return {"sentence": f"Nothing was pooled. {error}", "result": None, "table": ""}
    short = pooled_effect.short_names(names)
    numbers = tables.estimates(effect, short)
    judged = verdict(
        effect,
        measure,
        Circumstances(judged_by.rivals, judged_by.fixed_before, judged_by.left_out_by_figures, tuple(planned)),
    )
    result = {
        "schema_version": RESULT_SCHEMA_VERSION,
        "pooled": pooled.id,
        "title": pooled.title,
        "role": "pooled",
        "synthetic": bool(effect.data.get("synthetic")) or any(member.result["synthetic"] for member in members),
        "in_words": {
            "answer": pooled_effect.pooled_answer(effect, judged, measure.plain_name),
            "new_site": pooled_effect.at_a_new_site(effect),
            "missed": words.missed(effect),
            "alt": pooled_effect.home_alt(effect, pooled.title, measure.plain_name),
            "heading": words.pooled_title(effect, measure.plain_name),
            "columns": list(numbers.columns),
            "rows": numbers.to_numpy().tolist(),
        },
        "names": short,
        "verdict": judged.to_dict(),
        "effect": effect.to_dict(),
    }
    table = csv_of(pooled_effect.rows(effect))
    return {"sentence": "", "result": result, "table": table}


def _with_provenance(
    content: dict[str, Any], members: Sequence[Outcome], hashes: Sequence[str], key: str
) -> dict[str, Any]:
    """What is kept: sentence, table, and the result as it is published."""
    kept = {"sentence": content["sentence"], "table": content["table"], "published": ""}
    if content["result"] is None:
        return kept
    provenance = [member.result["provenance"] for member in members]
    result = content["result"] | {
        "provenance": {
            "members": [
                {"evaluation": member.evaluation, "analysis": member.analysis, "result_sha256": sha256}
                for member, sha256 in zip(members, hashes, strict=True)
            ],
            "tables": sorted({entry["table_title"] for entry in provenance}),
            "licences": sorted({licence for entry in provenance for licence in entry["licences"]}),
            "key": key,
            "code_version": f"evalkit {__version__}",
        },
    }
    return kept | {"published": json.dumps(result, indent=1, ensure_ascii=False) + "\n"}


def _planned(evaluations: Sequence[Evaluation], by_id: dict[str, Outcome], measure: Measure) -> list[tuple[str, str]]:
    """Title and verdict of each evaluation whose primary analysis asks about the same measure and has a result."""
    verdicts = []
    for evaluation in evaluations:
        outcome = by_id.get(f"{evaluation.id}/{evaluation.primary.id}")
        if evaluation.primary.parameters["measure"] == measure.id and outcome is not None and outcome.status == "done":
            verdicts.append((evaluation.title, outcome.result["verdict"]["word"]))
    return verdicts


def _analysis(catalogue: Catalogue, outcome: Outcome) -> Analysis:
    analyses = catalogue.evaluations[outcome.evaluation].analyses
    return next(analysis for analysis in analyses if analysis.id == outcome.analysis)


def _labels(catalogue: Catalogue, analysis: Analysis) -> list[str]:
    site = analysis.parameters["site"]
    return [*words_in(site), *catalogue.codes(site)]

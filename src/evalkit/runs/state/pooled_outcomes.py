"""The effects of several analyses as one: pooled where outcomes are known, kept until one of them changes."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.catalogue import Catalogue
from evalkit.catalogue.naming import words_in
from evalkit.catalogue.records.evaluations import Analysis, Evaluation
from evalkit.catalogue.records.learning import Pooled
from evalkit.catalogue.records.measures import Measure
from evalkit.design_register import describes, description_modules
from evalkit.errors import EvaluationError, named
from evalkit.files import file_sha256, sha256_of
from evalkit.memory import Memory
from evalkit.report.spreadsheets import csv_of
from evalkit.runs.planning.code_dependencies import code_of, reached_from
from evalkit.runs.state.family import rivals_of
from evalkit.runs.state.outcomes import RESULT_SCHEMA_VERSION, AnalysisResult, Outcome, Result
from evalkit.version import __version__

if TYPE_CHECKING:
    from evalkit.effect import Effect
    from evalkit.verdict import Verdict

POOLS_TRIED = (3, 4, 5, 6, 8, 10, 15, 20, 30)  # numbers of sites
ACROSS = "across"  # the folder of their results


@dataclass(frozen=True)
class PooledResult(Result):
    """A result over several analyses.

    Attributes
    ----------
    text, table : str
        Content of its file, and of the table of what its figure draws.
    """

    text: str = field(repr=False)
    table: str = field(repr=False)

    @property
    def published(self) -> str:
        """The content of its file."""
        return self.text

    @cached_property
    def verdict(self) -> "Verdict":
        """Its verdict."""
        from evalkit.verdict import Verdict

        return Verdict.from_dict(self.plain["verdict"])


@dataclass(frozen=True)
class PooledOutcome:
    """What became of one record of ``data/pooled``.

    Attributes
    ----------
    sentence : str
        Why there is no result; empty where there is one.
    enough : str
        How many sites would be enough, as a sentence; empty where that was not asked.
    """

    pooled: Pooled
    sentence: str = ""
    result: PooledResult | None = None
    enough: str = ""


@dataclass(frozen=True)
class PlannedAnswer:
    """The result that answers the question of an evaluation from which a pooled one draws, of the same measure."""

    evaluation: Evaluation
    result: AnalysisResult

    @property
    def verdict(self) -> str:
        """The word of its verdict."""
        return str(self.result.plain["verdict"]["word"])


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
    done = {outcome.pooled.id: outcome.result for outcome in outcomes if outcome.result is not None}
    files = {Path(ACROSS, f"{id}.json"): result.published for id, result in done.items()}
    return files | {Path(ACROSS, f"{id}.csv"): result.table for id, result in done.items()}


def _outcome(memory: Memory, catalogue: Catalogue, pooled: Pooled, by_id: dict[str, Outcome]) -> PooledOutcome:
    if pooled.not_pooled is not None:
        return PooledOutcome(pooled, pooled.not_pooled)
    members = {ref: by_id[ref].result for ref in pooled.analyses if ref in by_id}
    members = {ref: result for ref, result in members.items() if result is not None}
    without = [ref for ref in pooled.analyses if ref not in members]
    if without:
        verb = "has" if len(without) == 1 else "have"
        return PooledOutcome(pooled, f"Nothing was pooled, as {named(without)} {verb} no result at present.")
    hashes = [file_sha256(result.file) for result in members.values()]
    plans = [_analysis(catalogue, by_id[ref]) for ref in members]
    measure = catalogue.measures[pooled.measure or str(plans[0].parameters["measure"])]
    evaluations = [catalogue.evaluations[id] for id in dict.fromkeys(by_id[ref].evaluation for ref in members)]
    names = catalogue.names(sorted({label for plan in plans for label in _labels(catalogue, plan)}))
    planned = _planned(evaluations, by_id, {str(plan.parameters["measure"]) for plan in plans})
    judged_by = JudgedBy.from_evaluations(evaluations, pooled.analyses)
    modules = frozenset(
        {__name__, "evalkit.designs.pooled_effect.design", "evalkit.power_of_pool", *description_modules()}
    )
    depends = {
        "record": pooled.model_dump_json(),
        "results": hashes,
        "measure": measure.model_dump_json(),
        "names": names,
        "judged by": asdict(judged_by),
        "planned": [(answer.evaluation.title, file_sha256(answer.result.file)) for answer in planned],
        "code": code_of(reached_from(modules)),
    }
    kept = memory.recall(pooled.id, depends)
    if kept is not None:
        content = kept.content
    else:
        content = _made(pooled, list(members.values()), measure, judged_by, planned, names)
        if content["result"] is not None:
            provenance = _provenance(members, hashes, sha256_of(depends))
            content["result"] = json.dumps(content["result"] | provenance, indent=1, ensure_ascii=False) + "\n"
        memory.remember(pooled.id, depends, content)
    if content["result"] is None:
        return PooledOutcome(pooled, content["sentence"], enough=content["enough"])
    return PooledOutcome(pooled, "", PooledResult(content["result"], content["table"]), content["enough"])


def _made(
    pooled: Pooled,
    members: Sequence[AnalysisResult],
    measure: Measure,
    judged_by: JudgedBy,
    planned: Sequence[PlannedAnswer],
    names: dict[str, str],
) -> dict[str, Any]:
    """The sentence why there is none, or the result and the table of what is drawn."""
    from evalkit.certainty import Circumstances
    from evalkit.designs.pooled_effect.design import pool
    from evalkit.report import tables
    from evalkit.report.wording import pooled_effect, words
    from evalkit.verdict import verdict

    effects = [member.effect for member in members]
    enough = _enough(effects, pooled, measure)
    try:
        # What leaves here passes the rule that all members have in common, as an analysis does.
        effect = pool(effects, together=[answer.result.effect for answer in planned], measure=pooled.measure)
        effect = effect.published(effects[0].data["disclosure"])
    except EvaluationError as error:
        return {"sentence": f"Nothing was pooled. {error}", "result": None, "table": "", "enough": enough}
    short = pooled_effect.short_names(names)
    numbers = tables.estimates(effect, short)
    judged = verdict(
        effect,
        measure,
        Circumstances(
            judged_by.rivals,
            judged_by.fixed_before,
            judged_by.left_out_by_figures,
            tuple((answer.evaluation.title, answer.verdict) for answer in planned),
        ),
    )
    result = {
        "schema_version": RESULT_SCHEMA_VERSION,
        "pooled": pooled.id,
        "title": pooled.title,
        "role": "pooled",
        "synthetic": bool(effect.data.get("synthetic")) or any(member.plain["synthetic"] for member in members),
        "in_words": {
            "answer": pooled_effect.pooled_answer(effect, judged, measure.plain_name),
            "new_site": pooled_effect.at_a_new_site(effect),
            "missed": words.missed(effect),
            "beside": {answer.evaluation.id: pooled_effect.beside(answer.result.effect, effects) for answer in planned},
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
    return {"sentence": "", "result": result, "table": table, "enough": enough}


def _enough(effects: Sequence["Effect"], pooled: Pooled, measure: Measure) -> str:
    """How many sites would find the smallest mean change that matters; nothing where there is none, or they are not alike."""
    from evalkit.power_of_pool import power_of_pool
    from evalkit.report.wording import pooled_effect

    smallest = measure.minimum_important_change
    try:
        site_scales = {effect.headline["scale"] for effect in effects}
        if smallest is None or site_scales != {smallest.scale}:
            return ""
        asked = power_of_pool(effects, effect=smallest.value, sites=POOLS_TRIED, measure=pooled.measure)
    except EvaluationError:
        return ""
    return pooled_effect.enough(asked.to_dict())


def _provenance(members: Mapping[str, AnalysisResult], hashes: Sequence[str], key: str) -> dict[str, Any]:
    """What a result was made from; members by evaluation/analysis."""
    provenance = [result.plain["provenance"] for result in members.values()]
    refs = [ref.split("/") for ref in members]
    return {
        "provenance": {
            "members": [
                {"evaluation": evaluation, "analysis": analysis, "result_sha256": sha256}
                for (evaluation, analysis), sha256 in zip(refs, hashes, strict=True)
            ],
            "tables": sorted({entry["table_title"] for entry in provenance}),
            "licences": sorted({licence for entry in provenance for licence in entry["licences"]}),
            "key": key,
            "code_version": f"evalkit {__version__}",
        },
    }


def _planned(evaluations: Sequence[Evaluation], by_id: dict[str, Outcome], measures: set[str]) -> list[PlannedAnswer]:
    """Of each evaluation whose primary analysis asks about a measure that is pooled and has an estimate."""
    answers = []
    for evaluation in evaluations:
        outcome = by_id.get(f"{evaluation.id}/{evaluation.primary.id}")
        result = outcome.result if outcome is not None else None
        of_the_same = str(evaluation.primary.parameters["measure"]) in measures
        if of_the_same and result is not None and not describes(evaluation.primary.template):
            answers.append(PlannedAnswer(evaluation, result))
    return answers


def _analysis(catalogue: Catalogue, outcome: Outcome) -> Analysis:
    analyses = catalogue.evaluations[outcome.evaluation].analyses
    return next(analysis for analysis in analyses if analysis.id == outcome.analysis)


def _labels(catalogue: Catalogue, analysis: Analysis) -> list[str]:
    site = analysis.parameters["site"]
    return [*words_in(site), *catalogue.codes(site)]

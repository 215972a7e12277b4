"""A further analysis of an evaluation there is: a second or balancing measure, or one that should not move.

Nothing is written here.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from evalkit.catalogue.files.yaml_edit import with_entry, with_field
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.new_evaluation_files import HEADLINE
from evalkit.catalogue.new_measure_files import NewMeasure, new_measure_files
from evalkit.catalogue.protocol_fingerprint import with_fingerprint
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.design_register import describes, describing_template
from evalkit.errors import EvaluationError

# As an analysis may be beside the one that answers the question.
ROLES = {
    "secondary": "a further outcome, or a balancing measure that may pay for the first",
    "negative_control": "what the change should leave as it is",
    "spill_over": "what may have moved to or from neighbours",
    "recording_check": "whether only the recording changed",
}
OF_A_DESCRIPTION = ("site", "interruption")
OF_THE_FIRST = ("family", "measure", "table", "first", "last", "log", "per_day", "errors")


@dataclass(frozen=True)
class FurtherAnalysis:
    """What ``evalkit new analysis`` asks.

    ``table`` holds the measure; ``same_table`` says that it is the one of the first analysis. ``seen`` says whether results
    of the evaluation have been seen: what is added then is exploratory. ``control_kind`` is of a negative control.
    ``describe`` says that its points bear no estimate, so that they are only described.
    """

    evaluation: str
    measure: str
    role: str
    expected: str
    why: str
    table: str
    seen: bool
    id: str | None = None
    title: str | None = None
    new_measure: NewMeasure | None = None
    control_kind: Literal["outcome", "place", "date"] | None = None
    describe: bool = False
    noughts: bool = False


def further_analysis_files(
    catalogue: Catalogue, asked: FurtherAnalysis, takes: Container[str], today: date
) -> dict[Path, str]:
    """The evaluation's file with one analysis and its expectation more, and the measure where it is new.

    Parameters
    ----------
    takes : names of the parameters of the template of the first analysis

    Raises
    ------
    EvaluationError
        Where an analysis of that id is there, or the file cannot be added to.
    """
    evaluation = catalogue.evaluations[asked.evaluation]
    shown = catalogue.written_in["evaluations", asked.evaluation].shown
    path = catalogue.root / shown
    id = asked.id or asked.measure
    if any(analysis.id == id for analysis in evaluation.analyses):
        raise EvaluationError(f"{shown} has an analysis `{id}` already: give this one an id of its own with --id.")
    text = path.read_bytes().decode("utf-8-sig")
    text = with_entry(text, ("analyses",), _analysis(catalogue, evaluation, asked, id, takes, today), shown)
    if all(expectation.measure != asked.measure for expectation in evaluation.expectations):
        expectation = {"measure": asked.measure, "change": asked.expected, "why": asked.why}
        text = with_entry(text, ("expectations",), expectation, shown)
    for index in _rivals_of_all(evaluation):
        text = with_entry(text, ("rival_explanations", index, "affects"), id, shown)
    if asked.role == "negative_control" and evaluation.protocol.negative_control is None:
        control = {"negative_control": {"analysis": id, "kind": asked.control_kind, "why": asked.why}}
        if evaluation.protocol.no_negative_control:
            text = with_field(text, ("protocol",), "no_negative_control", control, shown)
    files = {path: text if asked.seen else with_fingerprint(text, shown, catalogue.sites.values())}
    if asked.new_measure is not None:
        files |= new_measure_files(catalogue, asked.measure, asked.new_measure, today)
    return files


def _analysis(
    catalogue: Catalogue, evaluation: Evaluation, asked: FurtherAnalysis, id: str, takes: Container[str], today: date
) -> dict[str, Any]:
    """As the first analysis is, but for the measure and what its form decides; what bears no estimate is described."""
    first = evaluation.primary
    measure = asked.new_measure or catalogue.measures[asked.measure]
    described = asked.describe or describes(first.template)
    parameters = {
        name: value
        for name, value in first.parameters.items()
        if (name in OF_A_DESCRIPTION if described else name not in OF_THE_FIRST)
    }
    if first.parameters.get("family") == "poisson" and not described:
        parameters |= HEADLINE[evaluation.protocol.onset or "sudden"]
    parameters |= {"measure": asked.measure, "table": asked.table}
    window = ("first", "last") if asked.table == first.parameters.get("table") else ()
    parameters |= {name: first.parameters.get(name) if name in window else None for name in ("first", "last")}
    if not described:
        counts: dict[str, Any] = {"log": measure.form == "count" and not asked.noughts, "per_day": measure.is_per_day}
        counts |= {"family": "poisson"} if measure.form == "count" and asked.noughts else {}
        parameters |= {name: value for name, value in counts.items() if name in takes}
    added = {"added": today} if asked.seen else {}
    return {
        "id": id,
        "title": asked.title or f"{measure.name}, {catalogue.place(evaluation.sites)}",
        "role": asked.role,
        "template": describing_template() if described else first.template,
        "expected": asked.expected,
        **added,
        "parameters": parameters,
    }


def _rivals_of_all(evaluation: Evaluation) -> list[int]:
    """The rival explanations that could explain every analysis so far, and so one more as well."""
    known = {analysis.id for analysis in evaluation.analyses}
    return [index for index, rival in enumerate(evaluation.rival_explanations) if known <= {*rival.affects}]

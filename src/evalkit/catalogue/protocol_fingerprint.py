"""What an evaluation fixed, as a fingerprint: written down with the protocol, it shows whether the plan was changed since."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import ValidationError

from evalkit.catalogue.files.yaml_edit import with_field
from evalkit.catalogue.files.yaml_lines import read_yaml
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.sites import Site
from evalkit.errors import Problem

SHOWN = 12
NONE_YET = "sha256:" + "0" * 64  # holds the place of the fingerprint in a record that is being made
# What is known later than the plan, or has a record of its own: a control or a stratifier that was added is an analysis with `added`.
_NOT_FIXED = {
    "fingerprint",
    "proof",
    "deviations",
    "negative_control",
    "no_negative_control",
    "stratifier",
    "no_stratifier",
}

Kept = Literal["not_written_down", "unchanged", "change_told", "change_untold"]


def protocol_fingerprint(evaluation: Evaluation, sites: Iterable[Site]) -> str:
    """SHA-256, as ``sha256:`` and 64 hexadecimal figures, of the question, the dates, the protocol and every planned analysis.

    Departures and analyses that were added later are no part of it, nor is which of a site's names ``starts`` has.

    Parameters
    ----------
    sites : iterable of Site
        Those of the evaluation, among any others.
    """
    intervention = evaluation.intervention
    fixed = {
        "question": evaluation.question,
        "intervention": intervention.model_dump(mode="json", include={"start", "end"})
        | {"starts": _starts(evaluation, sites)},
        "protocol": evaluation.protocol.model_dump(mode="json", exclude=_NOT_FIXED),
        "analyses": [
            analysis.model_dump(mode="json", exclude={"title"})
            for analysis in evaluation.analyses
            if analysis.added is None
        ],
    }
    return "sha256:" + hashlib.sha256(json.dumps(fixed, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _starts(evaluation: Evaluation, sites: Iterable[Site]) -> dict[str, Any]:
    """When each site started, by its id where that and its one code name the same."""
    starts = evaluation.intervention.model_dump(mode="json")["starts"]
    ids = {site.org_codes[0]: site.id for site in sites if site.id in evaluation.sites and len(site.org_codes) == 1}
    by_code = {ids[key]: day for key, day in starts.items() if key in ids}
    return by_code | {key: day for key, day in starts.items() if key not in ids}


def shown_fingerprint(evaluation: Evaluation, sites: Iterable[Site]) -> str:
    """As much of the fingerprint as people compare by eye."""
    return protocol_fingerprint(evaluation, sites).removeprefix("sha256:")[:SHOWN]


def kept(evaluation: Evaluation, sites: Iterable[Site]) -> Kept:
    """Whether what was fixed is as it was when its fingerprint was written down, and else whether a departure says so."""
    protocol = evaluation.protocol
    if protocol.fingerprint is None:
        return "not_written_down"
    now = protocol_fingerprint(evaluation, sites)
    if now == protocol.fingerprint:
        return "unchanged"
    told = next((departure.fingerprint for departure in reversed(protocol.deviations) if departure.fingerprint), None)
    return "change_told" if now == told else "change_untold"


def check_fingerprints(catalogue: Catalogue) -> list[Problem]:
    """Protocols that are not what was written down, where no departure says so."""
    problems = []
    for id, evaluation in catalogue.evaluations.items():
        if kept(evaluation, catalogue.sites.values()) == "change_untold":
            now = protocol_fingerprint(evaluation, catalogue.sites.values())
            what = (
                f"what this protocol fixed on {evaluation.protocol.written} is otherwise now: undo that change, or add what"
                f" changed, when and why to `deviations`, with `fingerprint: {now}`; where no result has been seen yet,"
                " give the protocol itself that `fingerprint` and the day as `written`."
            )
            problems.append(catalogue.problem("evaluations", id, ("protocol", "fingerprint"), what, "look"))
    return problems


def with_fingerprint(text: str, shown: str, sites: Iterable[Site] = ()) -> str:
    """The YAML of an evaluation with the fingerprint of what it fixes, where its protocol has a field for it.

    ``sites`` are those that the book has; what is being made says its starts by their ids.

    One that is not a sound record stays as it is: reading it says what is wrong.
    """
    try:
        evaluation = Evaluation.model_validate(read_yaml(text, shown)[0])
    except ValidationError:
        return text
    if evaluation.protocol.fingerprint is None:
        return text
    fingerprint = protocol_fingerprint(evaluation, sites)
    return with_field(text, ("protocol",), "fingerprint", {"fingerprint": fingerprint}, shown)

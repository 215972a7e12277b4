"""The files a new evaluation needs, made from a few answers. Nothing is written here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from evalkit.catalogue.files.csv_rows import read_rows
from evalkit.catalogue.files.yaml_edit import as_yaml
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.naming import slug
from evalkit.catalogue.new_measure_files import NewMeasure, new_measure_files
from evalkit.catalogue.new_table_files import NewTable, new_organisations, new_table_files
from evalkit.catalogue.protocol_fingerprint import NONE_YET, with_fingerprint
from evalkit.catalogue.records.measures import FEW_EVENTS
from evalkit.design_register import describing_template
from evalkit.errors import EvaluationError

# Of the first year of an effect that builds a step shows a half, and a line two thirds.
HEADLINE = {
    "sudden": {"model": "level", "headline": "level"},
    "builds": {"model": "curve", "headline": "first year"},
}
NOT_LISTED = "Nobody has listed yet what else changed at this site in these months."
NO_STRATIFIER = "None was named when the evaluation was set up."
TO_FILL_IN = "To be filled in by those who know the site."


@dataclass(frozen=True)
class Answers:
    """What ``evalkit new evaluation`` asks.

    ``describe`` says that the figures are only described: every point with its own interval, and no estimate. ``noughts``
    are the measures that are nought somewhere, also where ``table`` is none of the site's own.
    """

    title: str
    question: str
    site_name: str
    place: str
    org_codes: Sequence[str]
    what_changed: str
    start: date
    onset: str
    source_title: str
    source_where: str
    measure: str
    area: str
    expected: str
    why: str
    start_certainty: str = "inferred"
    also_changed: str | None = None
    funded_by: str = "Not said."
    conflict_of_interest: str = "Not said."
    no_stratifier: str = NO_STRATIFIER
    table: Path | None = None
    table_source: str | None = None
    table_licence: str | None = None
    table_published_at: str | None = None
    table_name: str | None = None
    comparators: Sequence[str] = ()
    first: str | None = None
    last: str | None = None
    synthetic: bool = False
    org_names: dict[str, str] = field(default_factory=dict)
    new_measure: NewMeasure | None = None
    describe: bool = False
    noughts: frozenset[str] = frozenset()
    has_season: bool = True


def new_files(catalogue: Catalogue, answers: Answers, today: date) -> dict[Path, str]:
    """The text of every file to write or replace, by path.

    Raises
    ------
    EvaluationError
        Where an evaluation of that title exists, or the table lies outside ``data/tables``.
    """
    root = catalogue.root
    id = slug(answers.title)
    if not id:
        raise EvaluationError(f"The title {answers.title!r} has no letters or figures to make an id from.")
    if id in catalogue.evaluations:
        raise EvaluationError(f"data/evaluations/{id}.yml exists already: choose another title, or edit that file.")
    files: dict[Path, str] = {}
    if answers.table is not None:
        files |= new_table_files(
            catalogue,
            NewTable(
                answers.table, answers.title, answers.synthetic, answers.table_source, answers.table_licence,
                answers.table_published_at,
            ),
        )  # fmt: skip
    files |= new_organisations(catalogue, answers.org_names)
    if answers.new_measure is not None:
        files |= new_measure_files(catalogue, answers.measure, answers.new_measure, today)
    place = site_id(catalogue, answers.site_name, answers.org_codes)
    if place not in catalogue.sites:
        source = None if answers.synthetic else {"title": answers.source_title, "where": answers.source_where}
        site = site_record(place, answers.site_name, answers.org_codes, answers.place, source)
        files[root / "data" / "sites" / f"{place}.yml"] = as_yaml(site)
    evaluation = _evaluation(catalogue, id, place, answers, today)
    files[root / "data" / "evaluations" / f"{id}.yml"] = with_fingerprint(as_yaml(evaluation), f"{id}.yml")
    return files | open_question(catalogue, evaluation, today)


def site_id(catalogue: Catalogue, name: str, codes: Sequence[str]) -> str:
    """The site of these codes, or the id that a new one gets.

    Raises
    ------
    EvaluationError
        Where a site of that name has other codes.
    """
    for id, site in catalogue.sites.items():
        if set(site.org_codes) == set(codes):
            return id
    id = slug(name)
    if not id:
        raise EvaluationError(f"The name {name!r} has no letters or figures to make an id from.")
    if id in catalogue.sites:
        has = ", ".join(catalogue.sites[id].org_codes) or "none"
        raise EvaluationError(
            f"data/sites/{id}.yml is another site, with other codes ({has}): give this one another name, or its codes."
        )
    return id


def site_record(id: str, name: str, codes: Sequence[str], place: str, source: dict[str, str] | None) -> dict[str, Any]:
    """A site; without a source it is an invented one."""
    site: dict[str, Any] = {
        "id": id,
        "name": name,
        "org_codes": list(codes),
        "place": place,
        "synthetic": source is None,
        "context": f"{name}, {place}.",
    }
    if source is not None:
        site["sources"] = [source]
    return site


def _evaluation(catalogue: Catalogue, id: str, site_id: str, answers: Answers, today: date) -> dict[str, Any]:
    known = catalogue.measures.get(answers.measure)
    measure = known or answers.new_measure
    assert measure is not None  # one that is not known is described
    titles = {answers.measure: measure.name}
    titles |= {other: catalogue.measures[other].name for other in (known.show_beside if known else ())}
    form = measure.form
    comparators = [] if answers.describe else list(answers.comparators)
    template = "controlled-interrupted-time-series" if comparators else "interrupted-time-series"
    analyses = []
    for number, (which, name) in enumerate(titles.items()):
        parameters: dict[str, Any] = {
            "site": site_id,
            "measure": which,
            "table": answers.table_name,
            "interruption": answers.start.isoformat(),
            "first": answers.first,
            "last": answers.last,
        }
        if not answers.describe:
            parameters |= {"log": form == "count", "per_day": measure.is_per_day, **HEADLINE[answers.onset]}
            if not answers.has_season:
                parameters["seasonality"] = None
            if form == "count":
                parameters |= _what_counts_bear(answers, which, comparators)
        if comparators:
            parameters["comparators"] = comparators
        analyses.append(
            {
                "id": which,
                "title": f"{name}, {answers.site_name}",
                "role": "primary" if number == 0 else "secondary",
                "template": describing_template() if answers.describe else template,
                "expected": answers.expected,
                "parameters": parameters,
            }
        )
    protocol: dict[str, Any] = {
        "written": today,
        "fingerprint": NONE_YET,
        "status": "already_seen",
        "because": "Written when the data were already at hand.",
        "no_negative_control": "None was named when the evaluation was set up.",
        "no_stratifier": answers.no_stratifier,
        "onset": answers.onset,
    }
    if comparators:
        protocol |= {
            "comparators": comparators,
            "comparators_chosen": "Named when the evaluation was set up.",
        }
    return {
        "id": id,
        "title": answers.title,
        "question": answers.question,
        "area": answers.area,
        "status": "published",
        "sites": [site_id],
        "intervention": {
            "name": answers.title,
            "what": answers.what_changed,
            "start": answers.start,
            "certainty": answers.start_certainty,
            "sources": [{"title": answers.source_title, "where": answers.source_where}],
        },
        "expectations": [{"measure": answers.measure, "change": answers.expected, "why": answers.why}],
        "protocol": protocol,
        "rival_explanations": [other_changes(answers.also_changed, [str(analysis["id"]) for analysis in analyses])],
        "independence": "own",
        "funded_by": answers.funded_by,
        "conflict_of_interest": answers.conflict_of_interest,
        "analyses": analyses,
    }


def other_changes(known: str | None, analyses: Sequence[str]) -> dict[str, Any]:
    """The rival explanation that every evaluation begins with: what else changed, as far as anybody said."""
    return {
        "id": "other-changes",
        "kind": "other_change",
        "what": known or NOT_LISTED,
        "answer": TO_FILL_IN,
        "grade": "all",
        "affects": list(analyses),
        "grade_reason": "Nobody has looked yet.",
        "readers": 1,
        "analyses": list(analyses[:1]),
    }


def _what_counts_bear(answers: Answers, measure: str, comparators: Sequence[str]) -> dict[str, Any]:
    """Parameters for counts that have no logarithm, or are too few for a trend; a series against others has no family."""
    own = _events(answers, measure, answers.org_codes)
    noughts = measure in answers.noughts
    if comparators:
        noughts |= any(
            0 in _events(answers, measure, codes) for codes in (answers.org_codes, *([c] for c in comparators))
        )
        return {"log": False} if noughts else {}
    if own and sum(own) < FEW_EVENTS * len(own):
        return {"family": "poisson", "model": "step", "log": False}
    return {"family": "poisson", "log": False} if noughts or 0 in own else {}


def _events(answers: Answers, measure: str, codes: Sequence[str]) -> list[int]:
    """What the CSV counts of organisations together, period by period; nothing where it holds no counts."""
    if answers.table is None:
        return []
    written, _ = read_rows(answers.table, answers.table.name)
    wanted = ("org_code", "period", "measure", "numerator")
    if written is None or not {*wanted} <= {*written.header}:
        return []  # what is wrong with the file is told when it is read
    at = [written.header.index(name) for name in wanted]
    by_period: dict[str, int] = {}
    for row in written.rows:
        code, period, counted, numerator = (row[position] if position < len(row) else "" for position in at)
        if code not in codes or counted != measure or period < (answers.first or ""):
            continue
        if re.fullmatch(r"\d{1,9}", numerator):
            by_period[period] = by_period.get(period, 0) + int(numerator)
        elif numerator not in ("", "*"):
            return []  # not a count
    return list(by_period.values())


def open_question(catalogue: Catalogue, evaluation: dict[str, Any], today: date) -> dict[Path, str]:
    """The learning item that every result needs, as long as nobody was asked for a reason."""
    id = evaluation["id"]
    item_id = f"{id[:76].strip('-')}-why"
    if item_id in catalogue.learning:
        raise EvaluationError(f"data/learning/{item_id}.md exists already: choose another title, or delete that file.")
    item = {
        "id": item_id,
        "type": "question",
        "title": f"What explains the result of “{evaluation['title']}”?",
        "site": evaluation["sites"][0],
        "audience": ["project-team"],
        "stage": "run",
        "strength": "stated",
        "evidence": [
            {
                "kind": "result",
                "ref": f"{id}/{evaluation['analyses'][0]['id']}",
                "says": "A result for which nobody has given a reason yet.",
            }
        ],
        "explains": [id],
        "status": "published",
        "date": today,
    }
    path = catalogue.root / "data" / "learning" / f"{item_id}.md"
    return {path: f"---\n{as_yaml(item)}---\n{TO_FILL_IN}\n"}

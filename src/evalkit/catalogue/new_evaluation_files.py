"""The files a new evaluation needs, made from a few answers. Nothing is written here."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from evalkit.catalogue.files.csv_rows import read_rows
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.measures import FEW_EVENTS
from evalkit.catalogue.records.tables import SUBMISSION_COLUMNS
from evalkit.errors import EvaluationError, InputRefused, Problem

DESCRIPTIONS = {
    "org_code": ("string", "ODS code of the organisation, upper-case text."),
    "period": ("string", "Month, written 2017-07; also 2017-07-01, Jul-17, July 2017 or 01/07/2017."),
    "measure": ("string", "Id of a measure in data/measures.yml."),
    "numerator": ("number", "The count; for a share or a rate, the part. Blank is not reported, * is withheld."),
    "denominator": ("number", "For a share or a rate, the whole. Blank for a count."),
    "note": ("string", "Anything a reader of the row should know."),
}
# No type of the standard holds all the forms that a month may have in a submission.
MONTH = r"^ *(\d{4}-\d{1,2}(-\d{1,2})?|\d{1,2}/\d{1,2}/\d{4}|[A-Za-z]+[- ](\d{2}|\d{4})) *$"
BECAUSE = {
    "synthetic": "Invented numbers: they describe nobody.",
    "own_counts": "The site's own counts of people, which nobody has published: the exact table stays in data/private.",
}
# Of the first year of an effect that builds a step shows a half, and a line two thirds.
HEADLINE = {
    "sudden": {"model": "level", "headline": "level"},
    "builds": {"model": "curve", "headline": "first year"},
}
NOT_LISTED = "Nobody has listed yet what else changed at this site in these months."
TO_FILL_IN = "To be filled in by those who know the site."
NO_LICENCE = {"name": "not-stated", "title": "Not stated"}


@dataclass(frozen=True)
class NewMeasure:
    """A measure that ``data/measures.yml`` does not hold yet."""

    name: str
    unit: str
    form: str = "count"
    direction: str = "neutral"
    important_change: float | None = None
    important_because: str | None = None


@dataclass(frozen=True)
class Answers:
    """What ``evalkit new evaluation`` asks."""

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
    expected: str = "unclear"
    why: str = "No reason was given."
    funded_by: str = "Not said."
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


def slug(text: str) -> str:
    """An id from a title: lower-case words joined by hyphens."""
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80].strip("-")


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
        files |= _table(catalogue, answers, answers.table)
    files |= _organisations(catalogue, answers)
    if answers.new_measure is not None:
        files |= _measure(catalogue, answers.measure, answers.new_measure, today)
    site_id = _site_id(catalogue, answers)
    if site_id not in catalogue.sites:
        files[root / "data" / "sites" / f"{site_id}.yml"] = _yaml(_site(site_id, answers))
    evaluation = _evaluation(catalogue, id, site_id, answers, today)
    files[root / "data" / "evaluations" / f"{id}.yml"] = _yaml(evaluation)
    item = _question(catalogue, evaluation, today)
    files[root / "data" / "learning" / f"{item['id']}.md"] = f"---\n{_yaml(item)}---\n{TO_FILL_IN}\n"
    return files


def _yaml(values: dict[str, Any]) -> str:
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)


def _site_id(catalogue: Catalogue, answers: Answers) -> str:
    for id, site in catalogue.sites.items():
        if list(site.org_codes) == list(answers.org_codes):
            return id
    return slug(answers.site_name)


def _table(catalogue: Catalogue, answers: Answers, table: Path) -> dict[Path, str]:
    root = catalogue.root
    path = table if table.is_absolute() else (Path.cwd() / table)
    folders = [(root / "data" / name).resolve() for name in ("tables", "private")]
    if path.resolve().parent not in folders:
        raise EvaluationError(
            f"{table} is neither in data/tables nor in data/private: put what was published into the first, and a site's"
            " own figures into the second."
        )
    folder = "data/" + path.resolve().parent.name
    if not path.is_file():
        raise EvaluationError(f"{folder}/{path.name} does not exist: put the file there first.")
    if any(known.path == f"tables/{path.name}" for known in catalogue.tables.values()):
        return {}
    try:
        package = json.loads((root / "data" / "datapackage.json").read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        what = f"is not JSON ({error.msg[0].lower()}{error.msg[1:]}): mend it, so that the table can be added there."
        raise InputRefused([Problem("data/datapackage.json", error.lineno, what)]) from None
    written, _ = read_rows(path, f"{folder}/{path.name}")
    header = written.header if written else SUBMISSION_COLUMNS  # what is wrong with the file is told when it is read
    rule, because = _disclosure(answers, private=folder == "data/private")
    source = {"title": answers.table_source or "Submitted by the site; no source was given"}
    if answers.table_published_at:
        source["path"] = answers.table_published_at
    package["resources"].append(
        {
            "name": slug(path.stem),
            "path": f"tables/{path.name}",
            "title": f"Submission for {answers.title}",
            "description": "A site's own submission in long form: one row an organisation, month and measure.",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "profile": "tabular-data-resource",
            "dialect": {"skipBlankRows": True},  # spreadsheets write them, and they say nothing
            "sources": [source],
            "licenses": [
                {"name": slug(answers.table_licence), "title": answers.table_licence}
                if answers.table_licence
                else NO_LICENCE
            ],
            "schema": {
                "fields": [_field(name) for name in header if name in DESCRIPTIONS],
                "missingValues": ["", "*"],
            },
            "evalkit": {
                "shape": "long",
                "grain": "month",
                "synthetic": answers.synthetic,
                "disclosure": {"rule": rule, "because": because},
            },
        }
    )
    files = {root / "data" / "datapackage.json": json.dumps(package, indent=2, ensure_ascii=False) + "\n"}
    if rule == "own_counts" and folder == "data/tables":  # which its gated form will replace
        files[root / "data" / "private" / path.name] = path.read_text(encoding="utf-8-sig")
    return files


def _disclosure(answers: Answers, private: bool) -> tuple[str, str]:
    """The rule of a new table, and why that one; published is what somebody says where, by whom and on what terms."""
    if private and answers.table_published_at:
        raise EvaluationError(
            "The table lies in data/private, where figures are that nobody has published: put it into data/tables, or leave"
            " out --table-published-at."
        )
    if answers.synthetic and not private:
        return "synthetic", BECAUSE["synthetic"]
    if not answers.table_published_at:
        return "own_counts", BECAUSE["own_counts"]
    if not (answers.table_source and answers.table_licence):
        raise EvaluationError(
            "A table that was published needs --table-source (who published it, and its title) and --table-licence"
            " beside --table-published-at."
        )
    return "official_statistics", f"Published: {answers.table_source}, {answers.table_published_at}."


def _field(name: str) -> dict[str, Any]:
    kind, description = DESCRIPTIONS[name]
    constraints = {"constraints": {"pattern": MONTH}} if name == "period" else {}
    return {"name": name, "type": kind, "description": description, **constraints}


def _organisations(catalogue: Catalogue, answers: Answers) -> dict[Path, str]:
    new = {code: name for code, name in answers.org_names.items() if code not in catalogue.organisations}
    if not new:
        return {}
    path = catalogue.root / "data" / "organisations.csv"
    written, _ = read_rows(path, "data/organisations.csv")
    assert written is not None  # the catalogue was read from it
    out = io.StringIO()
    writer = csv.DictWriter(out, written.header, restval="", lineterminator="\n")
    for code, name in new.items():
        writer.writerow({"org_code": code, "name": name})
    return {path: path.read_text(encoding="utf-8-sig").rstrip("\n") + "\n" + out.getvalue()}


def _measure(catalogue: Catalogue, id: str, new: NewMeasure, today: date) -> dict[Path, str]:
    record: dict[str, Any] = {
        "name": new.name,
        "plain_name": new.name[:1].lower() + new.name[1:],
        "definition": f"{new.name}, as counted in the site's own submission.",
        "form": new.form,
        "unit": new.unit,
        "direction": new.direction,
        "type": "outcome",
        "domain": "effectiveness",
    }
    if new.important_change is not None:
        record["minimum_important_change"] = {
            "value": new.important_change,
            "scale": scale_of_change(new.form),
            "source": new.important_because or "Set with this evaluation; no published threshold is cited.",
            "chosen": today,
        }
    path = catalogue.root / "data" / "measures.yml"
    return {path: path.read_text(encoding="utf-8-sig").rstrip("\n") + "\n\n" + _yaml({id: record})}


def scale_of_change(form: str) -> str:
    """What the smallest change worth acting on is counted in, for a new measure of this form."""
    return {"count": "percent", "proportion": "points"}.get(form, "unit")


def _site(id: str, answers: Answers) -> dict[str, Any]:
    site: dict[str, Any] = {
        "id": id,
        "name": answers.site_name,
        "org_codes": list(answers.org_codes),
        "place": answers.place,
        "synthetic": answers.synthetic,
        "context": f"{answers.site_name}, {answers.place}.",
    }
    if not answers.synthetic:
        site["sources"] = [{"title": answers.source_title, "where": answers.source_where}]
    return site


def _evaluation(catalogue: Catalogue, id: str, site_id: str, answers: Answers, today: date) -> dict[str, Any]:
    known = catalogue.measures.get(answers.measure)
    measure = known or answers.new_measure
    assert measure is not None  # one that is not known is described
    titles = {answers.measure: measure.name}
    titles |= {other: catalogue.measures[other].name for other in (known.show_beside if known else ())}
    form = measure.form
    analyses = []
    for number, (which, name) in enumerate(titles.items()):
        parameters = {
            "site": site_id,
            "measure": which,
            "table": answers.table_name,
            "interruption": answers.start.isoformat(),
            "first": answers.first,
            "last": answers.last,
            "log": form == "count",
            "per_day": form == "count",
            **HEADLINE[answers.onset],
        }
        if form == "count" and not answers.comparators and _has_few_events(answers, which):
            parameters |= {"family": "poisson", "model": "step", "log": False}
        if answers.comparators:
            parameters["comparators"] = list(answers.comparators)
        analyses.append(
            {
                "id": which,
                "title": f"{name}, {answers.site_name}",
                "role": "primary" if number == 0 else "secondary",
                "template": "controlled-interrupted-time-series" if answers.comparators else "interrupted-time-series",
                "expected": answers.expected,
                "parameters": parameters,
            }
        )
    protocol: dict[str, Any] = {
        "written": today,
        "status": "already_seen",
        "because": "Written when the data were already at hand.",
        "no_negative_control": "None was named when the evaluation was set up.",
        "onset": answers.onset,
    }
    if answers.comparators:
        protocol |= {
            "comparators": list(answers.comparators),
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
            "certainty": "confirmed",
            "sources": [{"title": answers.source_title, "where": answers.source_where}],
        },
        "expectations": [{"measure": answers.measure, "change": answers.expected, "why": answers.why}],
        "protocol": protocol,
        "rival_explanations": [
            {
                "id": "other-changes",
                "kind": "other_change",
                "what": NOT_LISTED,
                "answer": TO_FILL_IN,
                "grade": "all",
                "affects": [analysis["id"] for analysis in analyses],
                "grade_reason": "Nobody has looked yet.",
                "readers": 1,
                "analyses": [analyses[0]["id"]],
            }
        ],
        "independence": "own",
        "funded_by": answers.funded_by,
        "conflict_of_interest": "Not said.",
        "analyses": analyses,
    }


def _has_few_events(answers: Answers, measure: str) -> bool:
    """Whether the CSV of a count holds few events a period."""
    if answers.table is None:
        return False
    written, _ = read_rows(answers.table, answers.table.name)
    wanted = ("org_code", "period", "measure", "numerator")
    if written is None or not {*wanted} <= {*written.header}:
        return False  # what is wrong with the file is told when it is read
    at = [written.header.index(name) for name in wanted]
    by_period: dict[str, int] = {}
    for row in written.rows:
        code, period, counted, numerator = (row[position] if position < len(row) else "" for position in at)
        if code not in answers.org_codes or counted != measure or period < (answers.first or ""):
            continue
        if re.fullmatch(r"\d{1,9}", numerator):
            by_period[period] = by_period.get(period, 0) + int(numerator)
        elif numerator not in ("", "*"):
            return False  # not a count
    return bool(by_period) and sum(by_period.values()) < FEW_EVENTS * len(by_period)


def _question(catalogue: Catalogue, evaluation: dict[str, Any], today: date) -> dict[str, Any]:
    """The learning item that every result needs, as long as nobody was asked for a reason."""
    id = evaluation["id"]
    item_id = f"{id[:76].strip('-')}-why"
    if item_id in catalogue.learning:
        raise EvaluationError(f"data/learning/{item_id}.md exists already: choose another title, or delete that file.")
    return {
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

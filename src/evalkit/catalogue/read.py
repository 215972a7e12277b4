"""Read ``data/`` into records, or say everything that is wrong with it."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from evalkit.catalogue.lines import Lines, read_lines, text_of
from evalkit.catalogue.records import Evaluation, Measure, Organisation, Site
from evalkit.catalogue.tables import Table
from evalkit.errors import InputRefused, Problem, did_you_mean


@dataclass(frozen=True)
class Catalogue:
    """Every record of the project, by id.

    Attributes
    ----------
    root : Path
        The project's folder.
    organisations, sites, measures, evaluations, tables : dict
        Records by id (organisations by ODS code).
    vocabularies : dict of dict
        Words a record may use, with how a page writes them.
    """

    root: Path
    organisations: dict[str, Organisation] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    vocabularies: dict[str, dict[str, str]] = field(default_factory=dict)
    places: dict[tuple[str, str], tuple[str, Lines, tuple]] = field(default_factory=dict, repr=False)

    def problem(self, kind: str, id: str, path: Iterable, what: str, level: str = "refused") -> Problem:
        """A problem with a value of a record, placed in its file and line."""
        shown, lines, prefix = self.places[kind, id]
        return Problem(shown, lines.of((*prefix, *path)), what, level)

    def org_codes(self, site: str) -> list[str]:
        """The ODS codes behind a site's slug; an ODS code stands for itself."""
        return list(self.sites[site].org_codes) if site in self.sites else [site]

    def is_synthetic(self, evaluation: Evaluation) -> bool:
        """Whether any of its sites is invented."""
        return any(self.sites[site].synthetic for site in evaluation.sites)


def read_catalogue(root: Path) -> Catalogue:
    """The records below ``root/data``.

    Raises
    ------
    InputRefused
        With every problem of every file; nothing is half-read.
    """
    from evalkit.catalogue.references import check_references

    catalogue, problems = Catalogue(root), []
    data = root / "data"

    words, _, found = read_lines(data / "vocabularies.yml", "data/vocabularies.yml")
    problems += found
    catalogue.vocabularies.update(words or {})

    package, lines, found = read_lines(data / "datapackage.json", "data/datapackage.json")
    problems += found
    for index, plain in enumerate((package or {}).get("resources", [])):
        place = ("data/datapackage.json", lines, ("resources", index))
        _add(catalogue, "tables", Table, plain, place, problems, id_field="name")

    problems += _read_organisations(catalogue, data / "organisations.csv")

    measures, lines, found = read_lines(data / "measures.yml", "data/measures.yml")
    problems += found
    for id, plain in (measures or {}).items():
        place = ("data/measures.yml", lines, (id,))
        _add(catalogue, "measures", Measure, plain, place, problems, id=id)

    for kind, record in (("sites", Site), ("evaluations", Evaluation)):
        for path in sorted((data / kind).glob("*.y*ml")):
            shown = path.relative_to(root).as_posix()
            plain, lines, found = read_lines(path, shown)
            problems += found
            if plain is None:
                continue
            given = plain.get("id") if isinstance(plain, dict) else None
            if given is not None and given != path.stem:
                what = f"`id` is {given} but the file is called {path.name}: make them the same."
                problems.append(Problem(shown, lines.of(("id",)), what))
            _add(catalogue, kind, record, plain, (shown, lines, ()), problems, id_field="id")

    if not problems:
        problems += check_references(catalogue)
    refused = [problem for problem in problems if problem.level == "refused"]
    if refused:
        raise InputRefused(problems)
    return catalogue


def _add(catalogue, kind, record, plain, place, problems, id=None, id_field="id"):
    shown, lines, prefix = place
    if not isinstance(plain, dict):
        problems.append(Problem(shown, lines.of(prefix), "should hold `field: value` lines, one field a line."))
        return
    values = {"id": id, **plain} if id is not None else plain
    try:
        made = record.model_validate(values)
    except ValidationError as error:
        problems.extend(_sentences(error, record, place))
        return
    key = getattr(made, id_field)
    if (kind, key) in catalogue.places:
        other = catalogue.places[kind, key][0]
        problems.append(Problem(shown, lines.of(prefix), f"`{key}` is already the id of a record in {other}."))
        return
    catalogue.places[kind, key] = place
    getattr(catalogue, kind)[key] = made


def _sentences(error: ValidationError, record: type[BaseModel], place: tuple[str, Lines, tuple]) -> list[Problem]:
    shown, lines, prefix = place
    found = {}
    for one in error.errors():
        path = tuple(part for part in one["loc"] if not _is_branch_of_union(part))
        name = ".".join(str(part) for part in path) or "this record"
        last = path[-1] if path else ""
        if one["type"] == "extra_forbidden":
            what = f"`{last}` is not a field here{did_you_mean(str(last), _fields_at(record, path[:-1]))}."
        elif one["type"] == "missing":
            what = f"`{name}` is missing: add it."
        elif one["type"] == "value_error":
            what = f"{one['ctx']['error']!s}."
        elif one["type"] == "string_pattern_mismatch":
            what = f"`{name}` is {one['input']!r}, which is not {_pattern_in_words(one['ctx']['pattern'])}."
        else:
            message = one["msg"][0].lower() + one["msg"][1:]
            message = message.removeprefix("input ").replace("should be", "must be")
            what = f"`{name}` {message} (it is {_short(one['input'])})."
        found.setdefault(path, Problem(shown, lines.of((*prefix, *path)), what))
    return list(found.values())


def _is_branch_of_union(part: Any) -> bool:
    return isinstance(part, str) and (part in ("bool", "int", "float", "str", "none") or "[" in part)


def _pattern_in_words(pattern: str) -> str:
    words = {
        r"^[a-z0-9]+(-[a-z0-9]+)*$": "an id: lower-case letters and figures joined by hyphens, such as weston-2017",
        r"^[A-Z0-9]{3,6}$": "an ODS code: 3 to 6 capital letters and figures, such as RA3",
        r"^\d{4}-(0[1-9]|1[0-2])$": "a month: write it as YYYY-MM in quotes, such as '2017-07'",
        r"^sha256:[0-9a-f]{64}$": "a hash: write sha256: and 64 hexadecimal figures",
    }
    return words[pattern]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _fields_at(record: type[BaseModel], path: tuple) -> list[str]:
    for part in path:
        if isinstance(part, int):
            continue
        annotation = record.model_fields[part].annotation if part in record.model_fields else None
        inner = [one for one in (annotation, *getattr(annotation, "__args__", ())) if isinstance(one, type)]
        models = [one for one in inner if issubclass(one, BaseModel)]
        if not models:
            return []
        record = models[0]
    return list(record.model_fields)


def _read_organisations(catalogue: Catalogue, path: Path) -> list[Problem]:
    shown = "data/organisations.csv"
    text, problems = text_of(path, shown)
    if text is None:
        return problems
    rows = csv.DictReader(text.splitlines())
    expected = set(Organisation.model_fields)
    header = set(rows.fieldnames or ())
    for name in sorted(header - expected):
        problems.append(Problem(shown, 1, f"the column `{name}` is not known{did_you_mean(name, expected)}."))
    for name in sorted({"org_code", "name"} - header):
        problems.append(Problem(shown, 1, f"the column `{name}` is missing."))
    if problems:
        return problems
    for row in rows:
        line = rows.line_num
        lines = Lines()
        lines.note((), line)
        values = {name: value.strip() or None for name, value in row.items() if value is not None}
        _add(catalogue, "organisations", Organisation, values, (shown, lines, ()), problems, id_field="org_code")
    return problems

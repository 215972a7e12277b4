"""Read ``data/`` into records, or say everything that is wrong with it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from evalkit.catalogue.delimited import length_problems, read_rows
from evalkit.catalogue.learning import BookChange, LearningItem, Pooled, Programme, Publication, Route, Term
from evalkit.catalogue.lines import Lines, Place, read_front_matter, read_lines
from evalkit.catalogue.records import Evaluation, Measure, Organisation, Site
from evalkit.catalogue.tables import Table
from evalkit.errors import InputRefused, Problem, did_you_mean

IN_ONE_FILE = {
    "measures": Measure, "programmes": Programme, "sources": Publication, "glossary": Term, "changes": BookChange,
    "routes": Route,
}  # fmt: skip
IN_FILES_OF_THEIR_OWN = {"sites": Site, "evaluations": Evaluation, "pooled": Pooled}
MEANT = "; did you mean"
MANY = 200  # ids too many to look for one that was meant
ABOUT_A_FIELD = re.compile(r"`(\w+)` is ")
NAMED = 4  # sites that a sentence names one by one


@dataclass(frozen=True)
class Catalogue:
    """Every record of the project, by id.

    Attributes
    ----------
    root : Path
        The project's folder.
    organisations, sites, measures, evaluations, tables : dict
        Records by id (organisations by ODS code).
    learning, programmes, sources, pooled, glossary, changes, routes : dict
        Records of what was learned and of the book itself, by id.
    vocabularies : dict of dict
        Words a record may use, with how a page writes them.
    """

    root: Path
    organisations: dict[str, Organisation] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    learning: dict[str, LearningItem] = field(default_factory=dict)
    programmes: dict[str, Programme] = field(default_factory=dict)
    sources: dict[str, Publication] = field(default_factory=dict)
    pooled: dict[str, Pooled] = field(default_factory=dict)
    glossary: dict[str, Term] = field(default_factory=dict)
    changes: dict[str, BookChange] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    vocabularies: dict[str, dict[str, str]] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict, repr=False)

    def problem(self, kind: str, id: str, path: Iterable, what: str, level: str = "refused") -> Problem:
        """A problem with a value of a record, placed in its file and line."""
        return self.places[kind, id].problem(tuple(path), what, level)

    def unknown(
        self, kind: str, id: str, path: Iterable, word: str, known: Iterable[str], is_what: str, remedy: str
    ) -> list[Problem]:
        """The problem that a field names what there is not; nothing where there is."""
        if word in known:
            return []
        named = [part for part in path if isinstance(part, str)]
        field = named[-2] if len(named) > 1 and named[-1] == word else named[-1]
        hint = did_you_mean(str(word), known) if len(list(known)) < MANY else ""
        if hint.startswith(MEANT):
            hint, remedy = f"{hint}?", f"If so, write that; if not, {remedy}"
        else:
            hint = f" (there are: {', '.join(map(str, known))});" if hint else ";"
        return [self.problem(kind, id, path, f"`{field}` names `{word}`, which is not {is_what}{hint} {remedy}.")]

    def org_codes(self, site: str) -> list[str]:
        """The ODS codes behind a site's slug; an ODS code stands for itself."""
        return list(self.sites[site].org_codes) if site in self.sites else [site]

    def place(self, site: str | Sequence[str]) -> str:
        """How a page names a site, the organisation behind an ODS code, or several of them together."""
        site = words_in(site)
        if len(site) == 1:
            site = site[0]
            return self.sites[site].name if site in self.sites else self.organisations[site].name
        for one in self.sites.values():
            if set(one.org_codes) == set(site):
                return one.name
        if len(site) > NAMED:
            return f"{len(site)} trusts"
        names = sorted((re.sub(r" NHS (Foundation )?Trust$", "", self.place(one)) for one in site), key=str.casefold)
        comma = "," if any(" and " in name for name in names) and len(names) > 2 else ""
        return f"{', '.join(names[:-1])}{comma} and {names[-1]}"

    def names(self, labels: Iterable[str]) -> dict[str, str]:
        """The name of every label that is a site or an ODS code; other labels are left out."""
        return {one: self.place(one) for one in labels if one in self.sites or one in self.organisations}

    def codes(self, site: str | Sequence[str]) -> list[str]:
        """The ODS codes of one site or of several."""
        return [code for one in words_in(site) for code in self.org_codes(one)]

    def counted_columns(self, table: str) -> list[str]:
        """The columns of a table that some measure counts."""
        recipes = [one for measure in self.measures.values() for one in measure.recipes if one.table == table]
        return sorted({name for one in recipes for name in (*one.numerator, *one.denominator)})

    def is_synthetic(self, evaluation: Evaluation) -> bool:
        """Whether any of its sites is invented."""
        return any(self.sites[site].synthetic for site in evaluation.sites)


def words_in(given: str | Sequence[str]) -> list[str]:
    """Ids or codes, given as a list or as one text with spaces or commas between them."""
    return given.replace(",", " ").split() if isinstance(given, str) else list(given)


def read_catalogue(root: Path) -> Catalogue:
    """The records below ``root/data``, read once for each state of the files there: nobody changes them in place.

    Raises
    ------
    InputRefused
        With every problem of every file; nothing is half-read.
    """
    return _read_catalogue(root, _state_of_files(root / "data"))


def _state_of_files(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Every file below a folder, with what tells whether it has changed."""
    found = []
    for path in sorted(folder.rglob("*")):
        stat = path.stat()
        found.append((str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(found)


@lru_cache(maxsize=2)
def _read_catalogue(root: Path, _state_of_files: tuple) -> Catalogue:
    from evalkit.catalogue.references import check_references

    catalogue, problems = Catalogue(root), []
    data = root / "data"

    words, place = _read_fields(root, "data/vocabularies.yml", problems)
    for name, vocabulary in (words or {}).items():
        if _is_fields(vocabulary, place.below(name), problems):
            catalogue.vocabularies[name] = vocabulary

    package, place = _read_fields(root, "data/datapackage.json", problems)
    if package is not None:
        resources = package.get("resources")
        if isinstance(resources, list):
            for index, plain in enumerate(resources):
                _add(catalogue, "tables", Table, plain, place.below("resources", index), problems, id_field="name")
        else:
            problems.append(place.problem(("resources",), "`resources` must be a list: give one entry a table."))

    problems += _read_organisations(catalogue, data / "organisations.csv")

    for kind, record in IN_ONE_FILE.items():
        if kind != "measures" and not (data / f"{kind}.yml").exists():
            continue
        records, place = _read_fields(root, f"data/{kind}.yml", problems)
        for id, plain in (records or {}).items():
            _add_named(catalogue, kind, record, id, plain, place.below(str(id)), problems)

    for kind, record in IN_FILES_OF_THEIR_OWN.items():
        for path in sorted((data / kind).glob("*.y*ml")):
            plain, place = _read_fields(root, path.relative_to(root).as_posix(), problems)
            if plain is not None:
                _add_file(catalogue, kind, record, plain, place, path, problems)
    for path in sorted((data / "learning").glob("*.md")):
        plain, lines, found = read_front_matter(path, path.relative_to(root).as_posix())
        problems += found
        place = Place(path.relative_to(root).as_posix(), lines)
        if plain is not None and _is_fields(plain, place, problems):
            _add_file(catalogue, "learning", LearningItem, plain, place, path, problems)

    if not problems:
        problems += check_references(catalogue)
    refused = [problem for problem in problems if problem.level == "refused"]
    if refused:
        raise InputRefused(problems)
    return catalogue


def _read_fields(root: Path, shown: str, problems: list[Problem]) -> tuple[dict[Any, Any] | None, Place]:
    """The fields that a file holds, or nothing and a problem more."""
    value, lines, found = read_lines(root / shown, shown)
    problems += found
    place = Place(shown, lines)
    return (value if value is not None and _is_fields(value, place, problems) else None), place


def _is_fields(value: Any, place: Place, problems: list[Problem]) -> bool:
    if not isinstance(value, dict):
        name = f"`{place.path[-1]}` " if place.path and isinstance(place.path[-1], str) else ""
        problems.append(place.problem((), f"{name}should hold `field: value` lines, one field a line."))
    return isinstance(value, dict)


def _add_file(catalogue, kind, record, plain: dict, place: Place, path: Path, problems) -> None:
    """A record that has a file to itself, which is called as it is."""
    given = plain.get("id")
    if given is not None and given != path.stem:
        what = f"`id` is {given} but the file is called {path.name}: make them the same."
        problems.append(place.problem(("id",), what))
    _add(catalogue, kind, record, plain, place, problems, id_field="id")


def _add_named(catalogue, kind, record, id: Any, plain, place: Place, problems) -> None:
    """A record in a file of several, each below its id."""
    if not isinstance(id, str):
        read_as = "a date" if isinstance(id, date) else "a number"
        problems.append(place.problem((), f"the id `{id}` is read as {read_as}: write it in quotes."))
    elif _is_fields(plain, place, problems):
        if "id" in plain:
            what = (
                f"`id` is {plain['id']}, but the id of this record is `{id}`, which stands above it: take this one out."
            )
            problems.append(place.problem(("id",), what))
        _add(catalogue, kind, record, {**plain, "id": id}, place, problems)


def _add(catalogue, kind, record, plain, place: Place, problems, id_field="id"):
    if not _is_fields(plain, place, problems):
        return
    try:
        made = record.model_validate(plain)
    except ValidationError as error:
        problems.extend(_sentences(error, record, place))
        return
    key = getattr(made, id_field)
    if (kind, key) in catalogue.places:
        other = catalogue.places[kind, key].shown
        what = (
            f"`{key}` is already the id of a record in {other}: give the one here an id of its own, or take one of the"
            " two out."
        )
        problems.append(place.problem((id_field,), what))
        return
    catalogue.places[kind, key] = place
    getattr(catalogue, kind)[key] = made


def _sentences(error: ValidationError, record: type[BaseModel], place: Place) -> list[Problem]:
    found = {}
    for one in error.errors():
        path = tuple(part for part in one["loc"] if part != "[key]")
        what = _sentence(one, path, record)
        at_fault = ABOUT_A_FIELD.match(what)  # a rule of the whole record names the field
        where = (at_fault[1],) if not path and at_fault else path
        if one["type"] == "invalid_key":
            where = (*path[:-1], str(path[-1]))
        found.setdefault(path, place.problem(where, what))
    return list(found.values())


def _sentence(one: dict[str, Any], path: tuple, record: type[BaseModel]) -> str:
    """What is wrong with a value, of all that pydantic may find, and what to do."""
    name = _named(path)
    last, kind, given, context = path[-1] if path else "", one["type"], one["input"], one.get("ctx", {})
    if kind in ("extra_forbidden", "invalid_key"):
        return f"`{last}` is not a field here{did_you_mean(last, _fields_at(record, path[:-1]))}."
    if kind == "missing":
        return f"{name} is missing: add it."
    if kind == "value_error":
        return f"{context['error']!s}."
    if kind == "string_pattern_mismatch":
        return f"{name} is {given!r}, which is not {_pattern_in_words(context['pattern'])}."
    if kind == "in_words":
        return f"{name} {one['msg']}."
    if given is None or given == "" or given == [] or kind == "string_too_short":
        least = "at least one" if kind in ("too_short", "list_type") else "it"
        return f"{name} is empty: write {least}."
    if kind.startswith("int_"):
        return f"{name} is {_short(given)}, which is not a whole number: write it in figures, such as 3."
    if kind.startswith("float_"):
        return f"{name} is {_short(given)}, which is not a number: write it in figures, such as 2.5."
    if kind.startswith("bool_"):
        return f"{name} is {_short(given)}, which is neither true nor false: write one of them."
    if kind == "greater_than_equal":
        return f"{name} is {_short(given)}: write {context['ge']} or more."
    if kind.startswith("date_"):
        return f"{name} is {_short(given)}, which is not a date: write it as 2017-07-04."
    if isinstance(given, date):
        return f"{name} is read as a date: write it in quotes, such as '2017-07-04'."
    if kind == "string_type" and isinstance(given, bool | int | float):
        return f"{name} must be text, and {given} is not read as text: write it in quotes."
    if kind == "string_too_long":
        return f"{name} is {len(given)} characters long: shorten it to {context['max_length']} or fewer."
    if kind == "too_short":
        return f"{name} has {len(given)} of the entries it needs, at least {context['min_length']}: add more."
    if kind == "list_type":
        return f"{name} must be a list, even of one: write it in square brackets, such as [{_short(given, '')}]."
    if kind in ("model_type", "dict_type"):
        return f"{name} should hold `field: value` lines, one field a line (it is {_short(given)})."
    message = one["msg"][0].lower() + one["msg"][1:]
    message = message.removeprefix("input ").replace("should be", "must be")
    return f"{name} {message} (it is {_short(given)})."


def _named(path: tuple) -> str:
    """A field as a sentence names it, with places in lists counted from 1: `n` in entry 1 of `evidence`."""
    parts, fields = [], []
    for part in path:
        if not isinstance(part, int):
            fields.append(str(part))
            continue
        parts.insert(0, f"`{'.'.join(fields)}`" if fields else "")
        parts[0] = f"entry {part + 1} of {parts[0]}" if fields else f"entry {part + 1}"
        fields = []
    if fields:
        parts.insert(0, f"`{'.'.join(fields)}`")
    return " in ".join(parts) or "this record"


def _pattern_in_words(pattern: str) -> str:
    words = {
        r"^[a-z0-9]+(-[a-z0-9]+)*$": "an id: lower-case letters and figures joined by hyphens, such as weston-2017",
        r"^[A-Z0-9]{3,6}$": "an ODS code: 3 to 6 capital letters and figures, such as RA3",
        r"^\d{4}-(0[1-9]|1[0-2])$": "a month: write it as YYYY-MM in quotes, such as '2017-07'",
        r"^\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?$": "a date: write it as 2017-07-04, or as 2017-07 or 2017 where no more is known",
        r"^sha256:[0-9a-f]{64}$": "a hash: write sha256: and 64 hexadecimal figures",
    }
    return words[pattern]


def _short(value: Any, quote: str = "'") -> str:
    text = str(value) if isinstance(value, date) or not quote else repr(value)
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
    written, problems = read_rows(path, shown)
    if written is None:
        return problems
    expected = list(Organisation.model_fields)
    for name in written.header:
        if name not in expected:
            problems.append(Problem(shown, 1, f"the column `{name}` is not known{did_you_mean(name, expected)}."))
    for name in ("org_code", "name"):
        if name not in written.header:
            problems.append(Problem(shown, 1, f"the column `{name}` is missing."))
    problems = problems or length_problems(written, shown)
    if problems:
        return problems
    for line, row in zip(written.lines, written.rows, strict=True):
        lines = Lines()
        lines.note((), line)
        values = {name: cell for name, cell in zip(written.header, row, strict=True) if cell}
        _add(catalogue, "organisations", Organisation, values, Place(shown, lines), problems, id_field="org_code")
    return problems

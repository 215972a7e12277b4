"""Read ``data/`` into records, or say everything that is wrong with it."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evalkit.catalogue.consistency.of_nobody import check_of_nobody
from evalkit.catalogue.consistency.references import check_references
from evalkit.catalogue.files.csv_rows import length_problems, read_rows
from evalkit.catalogue.files.kept_files import KeptFiles
from evalkit.catalogue.files.plain_text import RECORDS_AT_MOST, no_links
from evalkit.catalogue.files.yaml_lines import FilePlace, Lines, read_front_matter, read_lines
from evalkit.catalogue.model import IN_FILES_OF_THEIR_OWN, IN_ONE_FILE, Catalogue
from evalkit.catalogue.records.delay_reasons import DelayReason
from evalkit.catalogue.records.fields import Record
from evalkit.catalogue.records.learning import LearningItem
from evalkit.catalogue.records.sites import Organisation
from evalkit.catalogue.records.successors import Succession
from evalkit.catalogue.records.tables import Table
from evalkit.catalogue.refused_fields import problems_beside, problems_in_record
from evalkit.errors import InputRefused, Problem, did_you_mean, shortened

SUCCESSORS, DELAY_REASONS = "successors.csv", "delay_reasons.csv"


def read_catalogue(root: Path) -> Catalogue:
    """The records below ``root/data``, read once for each state of the files there: nobody changes them in place.

    Raises
    ------
    InputRefused
        With every problem of every file; nothing is half-read.
    """
    return _read(root, _state_of_files(root / "data"))[0]


def read_and_look(root: Path) -> tuple[Catalogue, tuple[Problem, ...]]:
    """As ``read_catalogue``, with what is only worth a look in how the records agree; the next time it takes less."""
    catalogue, look, kept = _read(root, _state_of_files(root / "data"))
    kept.remember()
    return catalogue, look


def _state_of_files(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Every file below a folder, with what tells whether it has changed."""
    states = []
    for path in sorted(folder.rglob("*")):
        stat = path.lstat()
        states.append((str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(states)


@lru_cache(maxsize=2)
def _read(root: Path, _state_of_files: tuple) -> tuple[Catalogue, tuple[Problem, ...], KeptFiles]:
    catalogue, data, files = Catalogue(root), root / "data", KeptFiles(root)
    problems = no_links(root, ("data",))
    if problems:
        raise InputRefused(problems)

    vocabularies, place = _read_fields(files, "data/vocabularies.yml", problems)
    for name, vocabulary in (vocabularies or {}).items():
        if _is_fields(vocabulary, place.below(name), problems):
            problems += [
                place.problem((name, word), f"`{word}` in `{name}` stands for a text: write its words after the colon.")
                for word, words in vocabulary.items()
                if not (isinstance(word, str) and isinstance(words, str))
            ]
            catalogue.vocabularies[name] = vocabulary

    package, place = _read_fields(files, "data/datapackage.json", problems)
    if package is not None:
        resources = package.get("resources")
        if isinstance(resources, list):
            for index, plain in enumerate(resources):
                if isinstance(plain, dict) and plain.get("path") == SUCCESSORS:
                    continue  # described for others who read the package: its columns are those of the record
                _add(catalogue, "tables", Table, plain, place.below("resources", index), problems, id_field="name")
        else:
            problems.append(place.problem(("resources",), "`resources` must be a list: give one entry a table."))

    problems += _read_lines(
        catalogue, "organisations", Organisation, "organisations.csv", "org_code", ("org_code", "name")
    )
    if (data / SUCCESSORS).exists():
        problems += _read_lines(catalogue, "successors", Succession, SUCCESSORS, "key", ("code", "from", "kind"))
    if (data / DELAY_REASONS).exists():
        needed = tuple(DelayReason.model_fields)
        problems += _read_lines(catalogue, "delay_reasons", DelayReason, DELAY_REASONS, "reason", needed)

    for kind, record in IN_ONE_FILE.items():
        if kind != "measures" and not (data / f"{kind}.yml").exists():
            continue
        records, place = _read_fields(files, f"data/{kind}.yml", problems)
        for id, plain in (records or {}).items():
            _add_named(catalogue, kind, record, id, plain, place.below(str(id)), problems)

    for kind, record in IN_FILES_OF_THEIR_OWN.items():
        for path in sorted((data / kind).glob("*.y*ml")):
            plain, place = _read_fields(files, path.relative_to(root).as_posix(), problems)
            if plain is not None:
                _add_file(catalogue, kind, record, plain, place, path, problems)
    for path in sorted((data / "learning").glob("*.md")):
        shown = path.relative_to(root).as_posix()
        plain, lines, unreadable = files.read(read_front_matter, shown)
        problems += unreadable
        place = FilePlace(shown, lines)
        if plain is not None and _is_fields(plain, place, problems):
            _add_file(catalogue, "learning", LearningItem, plain, place, path, problems)

    problems += check_of_nobody(root, catalogue.tables.values())
    problems = problems or check_references(catalogue)
    if any(problem.level == "refused" for problem in problems):
        raise InputRefused(problems)
    return catalogue, tuple(problems), files


def _read_fields(files: KeptFiles, shown: str, problems: list[Problem]) -> tuple[dict[Any, Any] | None, FilePlace]:
    """The fields that a file holds, or nothing and a problem more."""
    value, lines, unreadable = files.read(read_lines, shown)
    problems += unreadable
    place = FilePlace(shown, lines)
    return (value if value is not None and _is_fields(value, place, problems) else None), place


def _is_fields(value: Any, place: FilePlace, problems: list[Problem]) -> bool:
    if not isinstance(value, dict):
        name = f"`{place.path[-1]}` " if place.path and isinstance(place.path[-1], str) else ""
        problems.append(place.problem((), f"{name}should hold `field: value` lines, one field a line."))
    return isinstance(value, dict)


def _add_file(catalogue, kind, record, plain: dict, place: FilePlace, path: Path, problems) -> None:
    """A record that has a file to itself, which is called as it is."""
    id = plain.get("id")
    if id is not None and id != path.stem:
        what = f"`id` is not what the file is called, {path.name}: make them the same."
        problems.append(place.problem(("id",), what))
    _add(catalogue, kind, record, plain, place, problems, id_field="id")


def _add_named(catalogue, kind, record, id: Any, plain, place: FilePlace, problems) -> None:
    """A record in a file of several, each below its id."""
    if not isinstance(id, str):
        read_as = "a date" if isinstance(id, date) else "a number"
        problems.append(place.problem((), f"the id `{id}` is read as {read_as}: write it in quotes."))
    elif _is_fields(plain, place, problems):
        if "id" in plain:
            what = f"`id` is not asked for here, since that of this record, `{id}`, stands above it: take this one out."
            problems.append(place.problem(("id",), what))
        _add(catalogue, kind, record, {**plain, "id": id}, place, problems)


def _add(catalogue, kind, record, plain, place: FilePlace, problems, id_field="id"):
    if not _is_fields(plain, place, problems):
        return
    try:
        made = record.model_validate(plain)
    except ValidationError as error:
        problems.extend(problems_in_record(error, record, place, catalogue.vocabularies))
        problems.extend(problems_beside(error, record, plain, place, catalogue.vocabularies))
        return
    key = getattr(made, id_field)
    if (kind, key) in catalogue.written_in:
        other = catalogue.written_in[kind, key].shown
        what = (
            f"`{key}` is already the id of a record in {other}: give the one here an id of its own, or take one of the"
            " two out."
        )
        problems.append(place.problem((id_field,), what))
        return
    catalogue.written_in[kind, key] = place
    getattr(catalogue, kind)[key] = made


def _read_lines(
    catalogue: Catalogue, kind: str, record: type[Record], name: str, id_field: str, needed: Sequence[str]
) -> list[Problem]:
    """Records of one line each in a CSV file below ``data``; columns that are not needed may be left out."""
    shown = f"data/{name}"
    written, problems = read_rows(catalogue.root / shown, shown, RECORDS_AT_MOST)
    if written is None:
        return problems
    expected = [field.alias or called for called, field in record.model_fields.items()]
    unknown = [(number, name) for number, name in enumerate(written.header, start=1) if name not in expected]
    told = (
        Problem(shown, 1, f"column {number} has a name that is not known here{did_you_mean(name, expected)}.")
        for number, name in unknown
    )
    problems += shortened(told, len(unknown), "columns that are not known here")
    for column in needed:
        if column not in written.header:
            problems.append(Problem(shown, 1, f"the column `{column}` is missing: add it."))
    problems = problems or length_problems(written, shown)
    if problems:
        return problems
    for line, row in zip(written.lines, written.rows, strict=True):
        lines = Lines()
        lines.note((), line)
        values = {name: cell for name, cell in zip(written.header, row, strict=True) if cell}
        _add(catalogue, kind, record, values, FilePlace(shown, lines), problems, id_field=id_field)
    return problems

"""The files of a pack beside those that are there: what is new, what is the same, and what says something else.

Records that differ are told and left alone, unless they are to be replaced. A disclosure rule and what was released
before are never replaced: they say what may be, and what was, shown of people.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evalkit.catalogue import Catalogue
from evalkit.catalogue.files.csv_rows import length_problems, read_rows
from evalkit.catalogue.files.plain_text import RECORDS_AT_MOST, text_of
from evalkit.catalogue.files.yaml_lines import FilePlace, Lines, read_lines
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.sites import Organisation
from evalkit.catalogue.records.tables import IDENTIFIES, Table, names_a_person
from evalkit.catalogue.refused_fields import problems_in_record
from evalkit.disclosure.gate import STAY_HERE
from evalkit.errors import Problem, named
from evalkit.files import file_sha256
from evalkit.packs import manifest as form
from evalkit.packs import successors
from evalkit.packs.needed import PUBLISHED
from evalkit.packs.pack import dumped, written_rows
from evalkit.packs.read_zip import Pack
from evalkit.packs.successors import DIFFERS
from evalkit.project import PRIVATE


@dataclass(eq=False)
class Merge:
    """What unpacking a pack would do.

    Attributes
    ----------
    root : Path
        The receiver's project.
    incoming : Path
        A temporary folder with the pack's files, in which nothing is but what a pack may hold.
    files : dict
        What to write, by path.
    taken : list of str
        What is new or replaced, for people to read.
    problems : list of Problem
        Why nothing may be written.
    """

    root: Path
    catalogue: Catalogue
    incoming: Path
    pack: Pack
    replace: bool = False
    files: dict[Path, str | bytes] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _described: dict[str, tuple[dict[str, Any], Table]] = field(default_factory=dict)  # tables of the pack, by name

    def merge(self) -> "Merge":
        """Compare everything; nothing is written."""
        self._described = self._tables_in_pack()
        for name in sorted(self.pack.files):
            record = form.WHOLE_RECORD.fullmatch(name)
            if record:
                self._whole_record(name, record["kind"], record["id"])
            elif name.endswith(".csv"):
                self._no_names(name)
        if form.ORGANISATIONS in self.pack.files:
            self._organisations()
        if form.SUCCESSORS in self.pack.files:
            self._successors()
        for name in form.IN_ONE_FILE:
            if name in self.pack.files:
                self._entries(name)
        self._tables()
        return self

    def _refuse(self, file: str, what: str, line: int = 0) -> None:
        self.problems.append(Problem(file, line, what))

    def _in_pack(self, name: str) -> str:
        return f"{self.pack.name}, {name}"

    def _write(self, path: Path, content: str | bytes, taken: str) -> None:
        self.files[path] = content
        self.taken.append(taken)

    def _whole_record(self, name: str, kind: str, id: str) -> None:
        """A record in a file of its own; whatever ends its lines counts for nothing."""
        text, problems = text_of(self.incoming / name, self._in_pack(name))
        if text is None:
            self.problems += problems
            return
        there = self.catalogue.written_in.get((kind, id))
        shown = there.shown if there else name
        path = self.root / shown
        if not path.exists():
            self._write(path, text, f"{shown}: new")
        elif path.read_text(encoding="utf-8-sig").splitlines() != text.splitlines():
            self._other(path, text, shown, "the file")

    def _other(self, path: Path, content: str | bytes, shown: str, what: str) -> None:
        """Something that is there says something else."""
        if self.replace:
            self._write(path, content, f"{shown}: replaced")
        else:
            self._refuse(shown, DIFFERS.format(what))

    def _no_names(self, name: str) -> None:
        """Columns of a table that name people are refused whatever else may be wrong with it."""
        written, problems = read_rows(self.incoming / name, self._in_pack(name))
        if written is None:
            self.problems += problems
            return
        for number, column in enumerate(written.header, start=1):
            if names_a_person(column):
                self._refuse(self._in_pack(name), f"column {number} {IDENTIFIES}.", 1)

    def _fields(self, name: str) -> dict[str, Any]:
        """The fields in a file of the pack; none where it cannot be read."""
        value, _, problems = read_lines(self.incoming / name, self._in_pack(name))
        if not problems and not (isinstance(value, dict) and all(isinstance(id, str) for id in value)):
            problems = [Problem(self._in_pack(name), 1, "should hold `field: value` lines: ask for the pack again.")]
        self.problems += problems
        return {} if problems else value

    def _entries(self, name: str) -> None:
        """Records of a file that has several."""
        shown, path = name, self.root / name
        incoming = self._fields(name)
        there, lines, _ = read_lines(path, shown) if path.is_file() else ({}, Lines(), [])
        text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
        new: dict[str, Any] = {}
        changed: dict[str, Any] = {}
        for id, value in incoming.items():
            if name == form.MEASURES and not self._sound_measure(id, value):
                continue
            if name == form.GLOSSARY and self._is_explained(id, value):
                continue
            if id not in there:
                new[id] = value
                continue
            wanted, same = self._beside(id, value, there[id]) if name == form.MEASURES else (value, value == there[id])
            if wanted == there[id]:
                continue
            if not (same or self.replace):
                self._refuse(shown, f"`{id}` {DIFFERS.format('that')}", lines.line_of((id,)))
            changed[id] = wanted
            self.taken.append(f"{shown}: {id} {'is counted in a further table' if same else 'replaced'}")
        if not (new or changed):
            return
        if changed:
            text = _with_entries(text, changed, [(id, lines.line_of((id,))) for id in there])
        if new:
            text = "\n\n".join(part for part in (text.rstrip("\n"), dumped(new)) if part)
        self.files[path] = text
        self.taken += [f"{shown}: {id}" for id in new]

    def _is_explained(self, id: str, plain: Any) -> bool:
        """Whether the receiver's glossary has a term already: each book explains words in its own way."""
        term = " ".join(str(plain.get("term") if isinstance(plain, dict) else "").split()).casefold()
        known = {" ".join(entry.term.split()).casefold() for entry in self.catalogue.glossary.values()}
        return id in self.catalogue.glossary or term in known

    def _sound_measure(self, id: str, plain: Any) -> bool:
        """Whether a measure may be taken: one that reaches into other tables, or counts otherwise, would change what is shown."""
        shown = self._in_pack(form.MEASURES)
        try:
            measure = Measure.model_validate({**plain, "id": id} if isinstance(plain, dict) else plain)
        except ValidationError as error:
            self.problems += problems_in_record(error, Measure, FilePlace(shown, Lines(), (id,)))
            return False
        others = [recipe.table for recipe in measure.recipes if recipe.table not in self._described]
        ours = self.catalogue.measures.get(id)
        if others:
            self._refuse(
                shown, f"`{id}` is counted in {named(others)}, which the pack does not describe: ask who sent it."
            )
        elif ours is not None and ours.form != measure.form:
            what = (
                f"`{id}` is a {ours.form}, and a {measure.form} in the pack, and no pack changes that: ask who sent it."
            )
            self._refuse(form.MEASURES, what)
        else:
            return True
        return False

    def _beside(self, id: str, incoming: dict[str, Any], there: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """What a measure becomes, and whether it says the same but for tables in which it is counted besides."""
        ours, theirs = self.catalogue.measures[id], Measure.model_validate({**incoming, "id": id})
        tables = {recipe.table for recipe in ours.recipes}
        more = [recipe for recipe in incoming.get("recipes") or () if recipe["table"] not in tables]
        counted = [recipe for recipe in theirs.recipes if recipe.table in tables]
        same = ours.model_copy(update={"recipes": []}) == theirs.model_copy(update={"recipes": []})
        if same and all(recipe in ours.recipes for recipe in counted):
            return ({**there, "recipes": [*(there.get("recipes") or ()), *more]} if more else there), True
        packed = {recipe.table for recipe in theirs.recipes}
        recipes = [recipe for recipe in there.get("recipes") or () if recipe["table"] not in packed]
        recipes += incoming.get("recipes") or ()
        return {**incoming, **({"recipes": recipes} if recipes else {})}, False

    def _organisations(self) -> None:
        name = form.ORGANISATIONS
        shown, known = self._in_pack(name), list(Organisation.columns())
        incoming, problems = read_rows(self.incoming / name, shown, RECORDS_AT_MOST)
        if incoming is None:
            return  # told with its columns
        problems = length_problems(incoming, shown)
        if incoming.header != known:
            problems = [Problem(shown, 1, f"should have the columns {', '.join(known)}: ask for the pack again.")]
        there, _ = read_rows(self.root / name, name, RECORDS_AT_MOST)
        if problems or there is None:
            self.problems += problems
            return
        ours = {
            code: (line, row)
            for line, row in zip(there.lines, map(_by(there.header), there.rows), strict=True)
            for code in [row["org_code"]]
        }
        merged = {code: row for code, (_, row) in ours.items()}
        for row in map(_by(incoming.header), incoming.rows):
            code = row["org_code"]
            if code not in ours:
                self.taken.append(f"{name}: {code}")
            elif _said(row) == _said(ours[code][1]):
                continue
            elif self.replace:
                self.taken.append(f"{name}: {code} replaced")
            else:
                self._refuse(name, f"{code} {DIFFERS.format('that')}", ours[code][0])
            merged[code] = row
        used = {column for row in merged.values() for column, value in row.items() if value}
        header = [*there.header, *(column for column in known if column in used and column not in there.header)]
        if merged != {code: row for code, (_, row) in ours.items()}:
            rows = [[row.get(column, "") for column in header] for row in merged.values()]
            self.files[self.root / name] = written_rows(header, rows)

    def _successors(self) -> None:
        text, taken, problems = successors.merged(self.catalogue, self.incoming, self.pack.name, replace=self.replace)
        self.problems += problems
        if text is not None:
            self.files[self.root / form.SUCCESSORS] = text
            self.taken += taken

    def _tables(self) -> None:
        """Descriptions of tables, their files and what was released of them before."""
        described = self._described
        path = self.root / form.TABLES
        package = json.loads(path.read_text(encoding="utf-8-sig"))
        ours = {one["name"]: one for one in package["resources"]}
        at_path = {one["path"].casefold(): name for name, one in ours.items()}
        merged = dict(ours)
        for name, (plain, table) in described.items():
            if at_path.get(table.path.casefold(), name) != name:
                what = f"is described as {at_path[table.path.casefold()]}, and as {name} in the pack: a file has one description."
                self._refuse(f"data/{table.path}", what)
            elif name not in ours and (self.root / PRIVATE / Path(table.path).name).exists():
                what = f"is there, of another table than `{name}` in the pack, which would be taken for what it is made of: rename it."
                self._refuse((PRIVATE / Path(table.path).name).as_posix(), what)
            elif name not in ours:
                self.taken.append(f"{form.TABLES}: {name}")
            elif ours[name] == plain:
                continue
            elif ours[name]["path"] != table.path:
                what = f"`{name}` lies in {ours[name]['path']}, and elsewhere in the pack, and no pack changes that: ask who sent it."
                self._refuse(form.TABLES, what)
            elif self.catalogue.tables[name].layout.disclosure.rule != table.layout.disclosure.rule:
                what = f"`{name}` is under another disclosure rule than in the pack, and no pack changes that: ask who sent it."
                self._refuse(form.TABLES, what)
            elif self.replace:
                self.taken.append(f"{form.TABLES}: {name} replaced")
            else:
                self._refuse(form.TABLES, f"`{name}` {DIFFERS.format('that')}")
            merged[name] = plain
        if merged != ours:
            package["resources"] = list(merged.values())
            self.files[path] = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
        for name, (_, table) in described.items():
            self._table_file(name, table)
        for name in self.pack.files:
            release = form.RELEASE.fullmatch(name)
            if release:
                self._release(name, release["table"])

    def _tables_in_pack(self) -> dict[str, tuple[dict[str, Any], Table]]:
        """The tables that the pack describes, by name: each has a file in it, or is one that is published."""
        shown = self._in_pack(form.TABLES)
        plain = self._fields(form.TABLES) if form.TABLES in self.pack.files else {}
        resources = plain.get("resources", [])
        if plain and not (isinstance(resources, list) and all(isinstance(one, dict) for one in resources)):
            self._refuse(shown, "`resources` must be a list of tables: ask for the pack again.")
            return {}
        tables: dict[str, tuple[dict[str, Any], Table]] = {}
        files = set()
        for index, one in enumerate(resources):
            try:
                table = Table.model_validate(one)
            except ValidationError as error:
                self.problems += problems_in_record(error, Table, FilePlace(shown, Lines(), ("resources", index)))
                continue
            alike = [other for _, other in tables.values() if other.path.casefold() == table.path.casefold()]
            what = "is described twice, it or its file" if alike or table.name in tables else self._wrong(table)
            if what:
                self._refuse(shown, f"`{table.name}` {what}: ask who sent the pack.")
            else:
                tables[table.name] = (one, table)
            files.add(f"data/{table.path}")
        for name in self.pack.files:
            if form.is_table_path(name.removeprefix("data/")) and name not in files:
                self._refuse(self._in_pack(name), f"is described in no entry of {form.TABLES}: ask for the pack again.")
        return tables

    def _wrong(self, table: Table) -> str:
        """Why a table does not come as packs bring tables; empty where it does."""
        rule = table.layout.disclosure.rule
        if not form.is_table_path(table.path):
            return "has its file in no place where packs bring tables"
        if rule in STAY_HERE:
            return f"is under the rule `{rule}`, which lets nothing leave its machine"
        listed, brought = table.name in self.pack.manifest.published_tables, f"data/{table.path}" in self.pack.files
        if (rule == PUBLISHED, listed, brought) in ((True, True, False), (False, False, True)):
            return ""
        return "does not come as a published table does, from who published it, nor as any other, with the pack"

    def _table_file(self, name: str, table: Table) -> None:
        shown = f"data/{table.path}"
        path = self.root / shown
        if shown in self.pack.files:
            content = self.pack.files[shown]
            if not path.exists():
                self._write(path, content, f"{shown}: new")
            elif path.read_bytes() != content:
                self._other(path, content, shown, "the table")
        elif f"sha256:{file_sha256(path)}" != self.pack.manifest.published_tables[name]:
            where = next((source.path for source in table.sources if source.path), "its publisher")
            what = (
                f"{'is another file than' if path.is_file() else 'is not here; it is'} the published table"
                f" “{table.title}” ({where}), on which the pack rests and which it does not bring: put the file with the"
                f" hash {self.pack.manifest.published_tables[name]} there, and unpack again."
            )
            self._refuse(shown, what)

    def _release(self, shown: str, table: str) -> None:
        path = self.root / shown
        if table not in self._described:
            self._refuse(self._in_pack(shown), f"is a release of `{table}`, which the pack does not describe.")
        elif not path.exists():
            self._write(path, self.pack.files[shown], f"{shown}: new")
        elif path.read_bytes() != self.pack.files[shown]:
            self._refuse(
                shown, "differs from the pack, and what was shown before is never replaced: ask who sent the pack."
            )


def _by(header: list[str]):
    return lambda row: dict(zip(header, row, strict=False))


def _with_entries(text: str, changed: Mapping[str, Any], starts: list[tuple[str, int]]) -> str:
    """A file of entries with some of them written anew; ``starts`` are the ids with their lines, from 1."""
    lines = text.split("\n")
    ends = [line for _, line in starts[1:]] + [len(lines) + 1]
    for (id, start), end in reversed(list(zip(starts, ends, strict=True))):
        if id in changed:
            last = end - 1
            while last > start and (not lines[last - 1].strip() or lines[last - 1].startswith("#")):
                last -= 1  # blank lines and comments between entries stay
            lines[start - 1 : last] = dumped({id: changed[id]}).rstrip("\n").split("\n")
    return "\n".join(lines)


def _said(row: Mapping[str, str]) -> dict[str, str]:
    """What a line of organisations says, a blank cell standing for what it stands for."""
    blank = {column: value for column, value in Organisation.columns().items() if value is not None}
    return blank | {column: value for column, value in row.items() if value}

"""`evalkit pack`: an evaluation with all that it rests on, in one zip that is the same whoever makes it."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from evalkit.catalogue import Catalogue
from evalkit.catalogue.consistency.of_nobody import of_nobody
from evalkit.catalogue.files.yaml_lines import read_lines
from evalkit.catalogue.protocol_fingerprint import protocol_fingerprint
from evalkit.catalogue.records.sites import Organisation
from evalkit.errors import EvaluationError, InputRefused, Problem, shortened
from evalkit.files import file_sha256, files_below, touches
from evalkit.intake.gated_tables import RELEASES, is_gated
from evalkit.packs import manifest as form
from evalkit.packs.gated import releases_of
from evalkit.packs.manifest import Manifest, Member, PackedAnalysis, PackedEvaluation
from evalkit.packs.needed import Needed, may_not_leave, needed_by
from evalkit.packs.read_zip import read_pack
from evalkit.project import PRIVATE
from evalkit.runs.planning.check_project import check_project
from evalkit.version import __version__

BEGINNING_OF_ZIP = (1980, 1, 1, 0, 0, 0)  # the earliest day that a zip can hold: no pack says when it was made
A_FILE = 0o100644 << 16
# What a path on somebody's machine looks like: none goes along in a comment or a text.
OF_A_MACHINE = re.compile(r"(?:/home|/Users)/\w|\b[A-Za-z]:\\\w|\\\\\w+\\")


@dataclass(frozen=True)
class Packed:
    """A pack as bytes, and what it says."""

    content: bytes
    manifest: Manifest


class _Plain(yaml.SafeDumper):
    """Values written out where they stand, without aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def pack(root: Path, ids: Sequence[str]) -> Packed:
    """The pack of some evaluations of a project; nothing is written.

    Parameters
    ----------
    ids : of published evaluations

    Raises
    ------
    EvaluationError, InputRefused
        Where the project is not sound, a table is not what its exact one gives today, or something may not leave.
    """
    state = touches(root / "data")
    catalogue, plans, _ = check_project(root)
    needed = needed_by(catalogue, plans, ids)
    problems = may_not_leave(catalogue, needed)
    if problems:
        raise InputRefused(problems)
    files = _files(catalogue, needed)
    problems = [*_of_this_machine(root, files), *_of_people(files)]
    if problems:
        raise InputRefused(problems)
    if touches(root / "data") != state:
        raise EvaluationError("A file below data/ was changed while the pack was made: run the same command again.")
    published = {
        name: f"sha256:{file_sha256(root / 'data' / catalogue.tables[name].path)}" for name in needed.published
    }
    says = Manifest(
        format=form.FORMAT,
        version=form.VERSION,
        evalkit=__version__,
        evaluations=_evaluations(catalogue, needed),
        published_tables=published,
        members={name: Member(bytes=len(content), sha256=form.sha256(content)) for name, content in files.items()},
    )
    content = _zip({form.NAME: says.to_bytes()} | files)
    read_pack(content, "this pack")  # whatever the receiver would refuse is told here
    return Packed(content, says)


def dumped(values: dict[str, Any]) -> str:
    """Records as YAML."""
    return yaml.dump(values, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)


def written_rows(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def _evaluations(catalogue: Catalogue, needed: Needed) -> dict[str, PackedEvaluation]:
    packed = {}
    for id in needed.evaluations:
        analyses = {
            plan.analysis.id: PackedAnalysis(
                table=plan.table,
                rows=f"sha256:{plan.rows_sha256}",
                template=plan.template.name,
                template_sha256=f"sha256:{plan.template.sha256}",
            )
            for plan in needed.plans
            if plan.evaluation.id == id
        }
        protocol = protocol_fingerprint(catalogue.evaluations[id], catalogue.sites.values())
        packed[id] = PackedEvaluation(protocol=protocol, analyses=analyses)
    return packed


def _files(catalogue: Catalogue, needed: Needed) -> dict[str, bytes]:
    """Every file, by its path below the project; of files of several records, those that are needed."""
    root = catalogue.root
    files: dict[str, bytes] = {}
    for kind, ending in (("evaluations", "yml"), ("sites", "yml"), ("learning", "md")):
        for id in getattr(needed, kind):
            text = (root / catalogue.written_in[kind, id].shown).read_text(encoding="utf-8-sig")
            files[f"data/{kind}/{id}.{ending}"] = text.encode()
    for name, kind in form.IN_ONE_FILE.items():
        wanted = getattr(needed, kind)
        if wanted:
            plain = {id: value for id, value in read_lines(root / name, name)[0].items() if id in wanted}
            files[name] = dumped(_of_packed_tables(plain, needed) if kind == "measures" else plain).encode()
    organisations = [catalogue.organisations[code].model_dump(by_alias=True) for code in sorted(needed.organisations)]
    columns = Organisation.columns()
    rows = [["" if one[name] == blank else one[name] for name, blank in columns.items()] for one in organisations]
    files[form.ORGANISATIONS] = written_rows(list(columns), rows).encode()
    if needed.successors:
        lines = [catalogue.successors[key].written() for key in sorted(needed.successors)]
        files[form.SUCCESSORS] = written_rows(
            list(lines[0]), [[cell or "" for cell in line.values()] for line in lines]
        ).encode()
    package = read_lines(root / form.TABLES, form.TABLES)[0]
    wanted = needed.tables | needed.published
    resources = [one for one in package["resources"] if one["name"] in wanted]
    files[form.TABLES] = (json.dumps({"resources": resources}, indent=2, ensure_ascii=False) + "\n").encode()
    for name in needed.tables:
        path = Path("data") / catalogue.tables[name].path
        files[path.as_posix()] = (root / path).read_bytes()
        for release in releases_of(root, name) if is_gated(catalogue.tables[name]) else ():
            files[(RELEASES / name / release.name).as_posix()] = release.read_bytes()
    return dict(sorted(files.items()))


def _of_packed_tables(measures: dict[str, Any], needed: Needed) -> dict[str, Any]:
    """Measures without recipes for tables that the receiver need not have."""
    there = needed.tables | needed.published
    packed = {}
    for id, measure in measures.items():
        recipes = [recipe for recipe in measure.get("recipes") or () if recipe["table"] in there]
        packed[id] = {name: value for name, value in measure.items() if name != "recipes"}
        if recipes:
            packed[id]["recipes"] = recipes
    return packed


def _of_this_machine(root: Path, files: dict[str, bytes]) -> list[Problem]:
    """Paths of a machine, and hashes of exact tables, wherever somebody wrote them."""
    problems = []
    contents = {form.sha256(content).removeprefix("sha256:") for content in files.values()}
    hashes = {file_sha256(root / PRIVATE / name) for name in files_below(root / PRIVATE)} - contents - {""}
    for name, content in files.items():
        text = content.decode("utf-8", errors="replace")
        found = OF_A_MACHINE.search(text)
        if found:
            line = text[: found.start()].count("\n") + 1
            problems.append(
                Problem(name, line, "holds a path of somebody's machine: take it out, or write where others find it.")
            )
        if any(one in text for one in hashes):
            problems.append(
                Problem(name, 0, f"holds the hash of a file in {PRIVATE.as_posix()}, which stays here: take it out.")
            )
    return problems


def _of_people(files: dict[str, bytes]) -> list[Problem]:
    """What identifies people, in every file as it is packed: a record that is written out anew may show what was escaped."""
    found = [problem for name, content in files.items() for problem in of_nobody(name, content)]
    return shortened(found, len(found), "places that hold what identifies people")


def _zip(files: dict[str, bytes]) -> bytes:
    """The same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, BEGINNING_OF_ZIP)
            info.create_system, info.external_attr, info.compress_type = 3, A_FILE, zipfile.ZIP_DEFLATED
            archive.writestr(info, content, compresslevel=9)
    return out.getvalue()


def file_for(ids: Sequence[str], output: Path | None) -> Path:
    """Where a pack is written to.

    Raises
    ------
    EvaluationError
        Where it could not be written there.
    """
    path = output or Path(f"{ids[0]}.zip")
    if path.suffix != ".zip":
        raise EvaluationError(f"{path.name} is no name of a pack: give one that ends in .zip.")
    if path.is_dir() or path.is_symlink():
        raise EvaluationError(f"{path.name} is a folder or a link: give the name of a file.")
    if not path.parent.is_dir():
        raise EvaluationError(f"The folder of {path.name} does not exist: make it first, or name another.")
    return path

"""Small books that send evaluations to each other, made of invented records: no notebook is run for them."""

import io
import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from evalkit.packs import manifest as form
from evalkit.runs.planning.own_table import gate_all
from tests.support import invented
from tests.support.invented import InventedPlace, InventedProgramme

ROOT = Path(__file__).parents[2]
MONTHS = 36
TEMPLATE = "interrupted-time-series"
OWN = "own-counts"  # a table under a rule for small numbers
OTHER_MEASURE = {"other-visits": {**invented.measures()[invented.MEASURE], "name": "Other visits"}}


def id_of(number: int) -> str:
    """The evaluation of an invented place."""
    return InventedPlace(number).evaluation


def make_book(folder: Path, numbers: Sequence[int], gated: bool = False) -> None:
    """A book with an evaluation of each invented place; of none, one that only receives.

    ``gated``: the table is the places' own counts, exact in ``data/private`` and shown under a rule for small numbers.
    """
    programme = InventedProgramme(max(numbers, default=1), MONTHS)
    data, places = folder / "data", [InventedPlace(number) for number in numbers]
    for name in ("tables", "sites", "evaluations", "learning"):
        (data / name).mkdir(parents=True)
    (folder / "book" / "notebooks").mkdir(parents=True)
    shutil.copyfile(ROOT / "data" / "vocabularies.yml", data / "vocabularies.yml")
    shutil.copy(ROOT / "book" / "notebooks" / f"{TEMPLATE}.ipynb", folder / "book" / "notebooks")
    write_yaml(data / "measures.yml", invented.measures() if numbers else OTHER_MEASURE)
    rows = ["org_code,name", "ZZ999,Another hospital (synthetic)", *(f"{place.code},{place.name}" for place in places)]
    (data / "organisations.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    package = invented.package(programme)
    table = package["resources"][0]
    lines = [",".join(invented.SUBMISSION_COLUMNS)]
    for place in places:
        write_yaml(data / "sites" / f"{place.id}.yml", invented.site(place))
        record = invented.evaluation(programme, place)
        record["analyses"][0]["parameters"]["table"] = OWN if gated else invented.TABLE
        write_yaml(data / "evaluations" / f"{place.evaluation}.yml", record)
        item = data / "learning" / f"{place.evaluation}-why.md"
        item.write_text(invented.learning_item(place), encoding="utf-8")
        lines += invented.rows(programme, place.code, place.number)
    if gated:
        table |= {"name": OWN, "path": "tables/own_counts.csv"}
        table["evalkit"]["disclosure"] = {"rule": "own_counts", "because": "Invented, as if they were of people."}
        lines[3] = lines[3].rsplit(",", 3)[0] + ",3,,"  # a small count
    package["resources"] = [table] if numbers else []
    (data / "datapackage.json").write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")
    if gated:
        (data / "private").mkdir()
        (data / "private" / "own_counts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        gate_all(folder, [])
    elif numbers:
        (data / invented.PATH).write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_yaml(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True, width=100), encoding="utf-8")


def members(pack: bytes) -> dict[str, bytes]:
    """The files in a pack by name, the manifest among them."""
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def zipped(files: Mapping[str, bytes] | Sequence[tuple[zipfile.ZipInfo | str, bytes]]) -> bytes:
    """A zip of files, whatever they are called."""
    pairs = files.items() if isinstance(files, Mapping) else files
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pairs:
            archive.writestr(name, content)
    return out.getvalue()


def repacked(pack: bytes, changes: Mapping[str, bytes | None], **manifest: Any) -> bytes:
    """A pack with other files (None takes one out), of which its manifest says what is so: as somebody would who means harm."""
    files = {name: content for name, content in {**members(pack), **changes}.items() if content is not None}
    says = json.loads(files[form.NAME])
    listed = {name: content for name, content in files.items() if name != form.NAME}
    says["members"] = {name: {"bytes": len(it), "sha256": form.sha256(it)} for name, it in listed.items()}
    return zipped({form.NAME: json.dumps(says | manifest).encode(), **listed})


def tree(root: Path) -> dict[str, bytes]:
    """Every file of a book, but what commands keep for themselves."""
    paths = [path for path in sorted(root.rglob("*")) if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths if "_build" not in path.parts}

"""What a pack says of itself, and where in a project each of its files belongs."""

import hashlib
import json
import re
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError

from evalkit.catalogue.files.plain_text import RECORDS_AT_MOST, TABLE_AT_MOST
from evalkit.catalogue.files.yaml_lines import FilePlace, Lines
from evalkit.catalogue.records.fields import RESERVED, OneLine, Record, Slug
from evalkit.catalogue.refused_fields import problems_in_record
from evalkit.errors import InputRefused, Problem

NAME = "manifest.json"
FORMAT, VERSION = "evalkit pack", 1
Hash = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]

MEASURES, ORGANISATIONS, TABLES = "data/measures.yml", "data/organisations.csv", "data/datapackage.json"
GLOSSARY, SUCCESSORS = "data/glossary.yml", "data/successors.csv"
# Of entries by id: the file, and what the catalogue calls them.
IN_ONE_FILE = {
    MEASURES: "measures", "data/sources.yml": "sources", "data/programmes.yml": "programmes", GLOSSARY: "glossary",
}  # fmt: skip
ID = r"[a-z0-9]+(?:-[a-z0-9]+)*"
WHOLE_RECORD = re.compile(rf"data/(?P<kind>evaluations|sites|learning)/(?P<id>{ID})\.(?P<ending>yml|md)")
TABLE_PATH = re.compile(r"tables/(?P<stem>[A-Za-z0-9][A-Za-z0-9_-]{0,99})\.csv")
RELEASE = re.compile(rf"data/releases/(?P<table>{ID})/(?P<number>\d{{3}})\.csv")


class Member(Record):
    """A file of the pack, in bytes as it comes out of the zip."""

    bytes: int = Field(ge=0)
    sha256: Hash


class PackedAnalysis(Record):
    """What an analysis rests on: the table, a hash of the rows that it uses, and of its template."""

    table: Slug
    rows: Hash
    template: Slug
    template_sha256: Hash


class PackedEvaluation(Record):
    """The fingerprint of the protocol, as the evaluation's page shows it, and its analyses by id."""

    protocol: Hash
    analyses: dict[Slug, PackedAnalysis] = Field(min_length=1)


class Manifest(Record):
    """What is in a pack.

    ``members`` are its files by their path below the project; ``published_tables`` are those that the receiver has to have,
    by name, each with the hash of its file.
    """

    format: Literal["evalkit pack"]
    version: Literal[1]
    evalkit: OneLine
    evaluations: dict[Slug, PackedEvaluation] = Field(min_length=1)
    published_tables: dict[Slug, Hash] = {}
    members: dict[str, Member] = Field(min_length=1)

    def to_bytes(self) -> bytes:
        """As it stands in the zip: the same bytes for the same content."""
        return (json.dumps(self.model_dump(), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def sha256(content: bytes) -> str:
    """As manifests write it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def read_manifest(content: bytes, pack: str) -> Manifest:
    """The manifest of a pack.

    Parameters
    ----------
    pack : the pack's name, as messages give it

    Raises
    ------
    InputRefused
        Where it is of another version, or anything in it is not as it should be.
    """
    shown = f"{pack}, {NAME}"
    try:
        plain: Any = json.loads(content)
    except (ValueError, RecursionError):
        raise InputRefused([Problem(shown, 0, "is not JSON that can be read: ask for the pack again.")]) from None
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        what = "is not the manifest of a pack: make one with `evalkit pack`."
        raise InputRefused([Problem(shown, 0, what)])
    if plain.get("version") != VERSION:
        what = f"is of another version than {VERSION}, which is the one read here: use the same evalkit at both ends."
        raise InputRefused([Problem(shown, 0, what)])
    try:
        return Manifest.model_validate(plain)
    except ValidationError as error:
        raise InputRefused(problems_in_record(error, Manifest, FilePlace(shown, Lines()))) from None


def belongs(name: str) -> bool:
    """Whether a pack may bring a file of this name: a record, a table or a release, and nothing else."""
    if name in (*IN_ONE_FILE, ORGANISATIONS, SUCCESSORS, TABLES, NAME):
        return True
    record = WHOLE_RECORD.fullmatch(name)
    if record:
        fits = record["ending"] == ("md" if record["kind"] == "learning" else "yml")
        return fits and len(record["id"]) <= 80 and record["id"] not in RESERVED
    release = RELEASE.fullmatch(name)
    if release:
        return len(release["table"]) <= 80 and release["table"] not in RESERVED
    return is_table_path(name.removeprefix("data/")) and name.startswith("data/")


def is_table_path(path: str) -> bool:
    """Whether the file of a table, below ``data``, lies where packs bring tables."""
    table = TABLE_PATH.fullmatch(path)
    return table is not None and table["stem"].lower() not in RESERVED


def at_most(name: str) -> int:
    """How many bytes a file of a pack may have."""
    return TABLE_AT_MOST if name.endswith(".csv") and name not in (ORGANISATIONS, SUCCESSORS) else RECORDS_AT_MOST

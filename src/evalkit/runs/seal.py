"""Proof by file hashes alone that everything is as the last whole run left it, so that nothing has to be read."""

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from evalkit.runs.files import file_sha256, files_below, sha256_of, write_if_changed
from evalkit.runs.outcomes import RESULTS, STATE
from evalkit.runs.plan import environment
from evalkit.runs.reach import PACKAGE
from evalkit.runs.templates import FOLDER as TEMPLATES

SEAL = Path("_build", "seal.json")
LOG = "log.jsonl"


@dataclass(frozen=True)
class Sealed:
    """A run in which every analysis came to a result: how many, and what was worth a look."""

    analyses: int
    worth_a_look: int


def seal(root: Path, analyses: int, worth_a_look: int) -> None:
    """Say that every analysis has its result, as the files are now."""
    kept = {"inputs": inputs(root), "made": made(root)}
    kept |= asdict(Sealed(analyses, worth_a_look))
    write_if_changed(root / SEAL, json.dumps(kept))


def sealed(root: Path) -> Sealed | None:
    """What was sealed; None where any file that counts is another, gone or new since."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads((root / SEAL).read_text(encoding="utf-8"))
        if kept["inputs"] == inputs(root) and kept["made"] == made(root):
            return Sealed(kept["analyses"], kept["worth_a_look"])
    return None


def inputs(root: Path) -> str:
    """One hash of every record, table, template and module, of the lock and the libraries."""
    return sha256_of(environment(root)) + _hash(root / "data", root / TEMPLATES) + _hash(PACKAGE)


def made(root: Path) -> str:
    """One hash of everything that runs keep, and of the results."""
    return _hash(root / STATE, root / RESULTS)


def _hash(*folders: Path) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        digest.update(b"\0\0")
        for name, stat in files_below(folder).items():
            if name.rpartition("/")[2] != LOG and not name.endswith(".pyc"):
                digest.update(f"{name}\0{file_sha256(folder / name, stat)}\0".encode())
    return digest.hexdigest()

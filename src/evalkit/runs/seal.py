"""Proof by file hashes alone that everything is as the last whole run left it, so that nothing has to be read."""

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from evalkit.runs.files import write_if_changed
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
    about = hashlib.sha256(json.dumps(environment(root), sort_keys=True).encode()).hexdigest()
    return about + _hash(root, root / "data", root / TEMPLATES) + _hash(PACKAGE, PACKAGE)


def made(root: Path) -> str:
    """One hash of everything that runs keep, and of the results."""
    return _hash(root, root / STATE, root / RESULTS)


def _hash(root: Path, *folders: Path) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if path.name != LOG and path.suffix != ".pyc":
                stat = path.stat()
                content = _content(path, stat.st_mtime_ns, stat.st_size, stat.st_ino)
                digest.update(f"{path.relative_to(root).as_posix()}\0{content}\0".encode())
    return digest.hexdigest()


@cache
def _content(path: Path, _modified: int, _size: int, _inode: int) -> str:
    """The hash of a file, read once by a process for each state that it has."""
    return hashlib.sha256(path.read_bytes()).hexdigest()

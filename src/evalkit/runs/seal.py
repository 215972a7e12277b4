"""Proof by file hashes alone that everything is as the last whole run left it, so that nothing has to be read."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from evalkit.errors import Problem
from evalkit.runs.files import write_if_changed
from evalkit.runs.outcomes import RESULTS, STATE
from evalkit.runs.plan import LOCK, environment
from evalkit.runs.reach import PACKAGE
from evalkit.runs.templates import FOLDER as TEMPLATES

SEAL = Path("_build", "seal.json")


@dataclass(frozen=True)
class Sealed:
    """A run in which every analysis came to a result: how many, and what was worth a look."""

    analyses: int
    problems: list[Problem]


def seal(root: Path, analyses: int, problems: Sequence[Problem]) -> None:
    """Say that every analysis has its result, as the files are now."""
    kept = {"files": _files(root), "analyses": analyses, "problems": [asdict(one) for one in problems]}
    write_if_changed(root / SEAL, json.dumps(kept))


def sealed(root: Path) -> Sealed | None:
    """What was sealed; None where any file that counts is another, gone or new since."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads((root / SEAL).read_text(encoding="utf-8"))
        if kept["files"] == _files(root):
            return Sealed(kept["analyses"], [Problem(**one) for one in kept["problems"]])
    return None


def _files(root: Path) -> str:
    """One hash of every record, table, template, module, kept state and result."""
    digest = hashlib.sha256(json.dumps(environment(root), sort_keys=True).encode())
    for path in _counted(root):
        shown = path.relative_to(root) if path.is_relative_to(root) else path.relative_to(PACKAGE)
        digest.update(f"{shown.as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()


def _counted(root: Path) -> Iterable[Path]:
    for folder in (root / "data", root / TEMPLATES, root / STATE, root / RESULTS):
        yield from sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "log.jsonl")
    yield from sorted(PACKAGE.rglob("*.py"))
    if (root / LOCK).is_file():
        yield root / LOCK

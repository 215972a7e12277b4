"""Proof by file hashes alone that everything is as the last whole run left it, so that nothing has to be read."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

from evalkit.runs.files import file_sha256, files_below, sha256_of
from evalkit.runs.kept_json import read_kept, write_kept
from evalkit.runs.planning.code_dependencies import PACKAGE
from evalkit.runs.planning.notebook_templates import TEMPLATE_FOLDER as TEMPLATES
from evalkit.runs.planning.plan import environment
from evalkit.runs.state.outcomes import RESULTS, STATE

COMPLETE_RUN = Path("_build", "seal.json")
LOG = "log.jsonl"


@dataclass(frozen=True)
class CompleteRun:
    """A run in which every analysis came to a result: how many, and what was worth a look."""

    analyses: int
    worth_a_look: int


def record_complete_run(root: Path, analyses: int, worth_a_look: int) -> None:
    """Say that every analysis has its result, as the files are now."""
    kept = {"inputs": inputs_hash(root), "made": results_hash(root)}
    kept |= asdict(CompleteRun(analyses, worth_a_look))
    write_kept(root / COMPLETE_RUN, kept)


def complete_run(root: Path) -> CompleteRun | None:
    """What was sealed; None where any file that counts is another, gone or new since."""
    kept = read_kept(root / COMPLETE_RUN)
    if kept and kept["inputs"] == inputs_hash(root) and kept["made"] == results_hash(root):
        return CompleteRun(kept["analyses"], kept["worth_a_look"])
    return None


def inputs_hash(root: Path) -> str:
    """One hash of every record, table, template and module, of the lock and the libraries."""
    return sha256_of(environment(root)) + _hash(root / "data", root / TEMPLATES) + _hash(PACKAGE)


def results_hash(root: Path) -> str:
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

"""Whose a file is: what a person wrote or changed here is told first, what came with the book on request."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

from evalkit.errors import Problem
from evalkit.runs.journal import written_files

TABLES = "data/tables/"
GIT = ("git", "status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--", "data", "book")
SECONDS = 10


def own_first(root: Path, problems: Iterable[Problem]) -> tuple[list[Problem], list[Problem]]:
    """The problems in a person's own files, and those in all others; all are their own where nobody can tell."""
    problems = list(problems)
    if not problems:
        return [], []
    own = _changed_for_git(root)
    written = written_files(root)
    if own is None and not written:
        return problems, []
    mine = (own or set()) | written | (_own_tables(root) if own is None else set())
    return [one for one in problems if one.file in mine], [one for one in problems if one.file not in mine]


def _changed_for_git(root: Path) -> set[str] | None:
    """What differs here from the last commit; nothing known where there is none."""
    try:
        said = subprocess.run(GIT, cwd=root, capture_output=True, timeout=SECONDS, check=True).stdout
        top = subprocess.run(
            ("git", "rev-parse", "--show-prefix"), cwd=root, capture_output=True, timeout=SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    prefix = top.decode(errors="replace").strip()
    paths = [entry[3:] for entry in said.decode(errors="replace").split("\0") if len(entry) > 3]
    return {path.removeprefix(prefix) for path in paths}


def _own_tables(root: Path) -> set[str]:
    """Tables that nobody published: those without a hash."""
    try:
        resources = json.loads((root / "data" / "datapackage.json").read_text(encoding="utf-8-sig"))["resources"]
        published = {f"data/{one['path']}" for one in resources if one.get("hash")}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        published = set()
    return {f"{TABLES}{path.name}" for path in (root / "data" / "tables").glob("*")} - published

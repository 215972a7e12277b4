"""Projects to try things on: copies of this one, so that nothing real is touched."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

# Calibration tables go to a folder of the tests, not to the user's own cache.
os.environ.setdefault("EVALKIT_CACHE", tempfile.mkdtemp(prefix="evalkit-tests-"))

ROOT = Path(__file__).parents[1]
KEPT = ("data", "book", "_config.yml", "_toc.yml")


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own."""

    root: Path

    def evalkit(self, *arguments: str) -> Said:
        """Run the command line there."""
        environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120"}
        environment.pop("EVALKIT_ROOT", None)
        command = [sys.executable, "-c", "from evalkit.cli import main; main()", *arguments]
        done = subprocess.run(
            command,
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        """Change the text of one file; a change that does nothing is a mistake in the test."""
        path = self.root / name
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        path.write_text(after, encoding="utf-8")

    def snapshot(self, *folders: str) -> dict[str, bytes]:
        """The bytes of every file below the folders, but for the private log."""
        paths = [path for folder in folders for path in sorted((self.root / folder).rglob("*")) if path.is_file()]
        return {str(path.relative_to(self.root)): path.read_bytes() for path in paths if path.name != "log.jsonl"}


@cache
def _checked() -> Path:
    """What the check of this project found, so that no copy has to read every table again."""
    project = _copy(Path(tempfile.mkdtemp(prefix="evalkit-tests-checked-")))
    assert project.evalkit("check").status == 0
    return project.root / "_build" / "checked"


def copy_project(target: Path) -> Project:
    """This project without what was made from it, but with what its check found."""
    project = _copy(target)
    shutil.copytree(_checked(), target / "_build" / "checked")
    return project


def _copy(target: Path) -> Project:
    for name in KEPT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("generated", ".ipynb_checkpoints"))
        else:
            shutil.copy2(source, target / name)
    return Project(target)


@pytest.fixture(scope="session")
def root() -> Path:
    """This checkout."""
    return ROOT


@pytest.fixture(scope="session")
def real_book(tmp_path_factory) -> tuple[Project, Said]:
    """The whole book, made once by the README's command from a clean copy."""
    project = _copy(tmp_path_factory.mktemp("book"))
    return project, project.evalkit("book")

"""Projects to try things on: copies of this one, so that nothing real is touched."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from tests.support.warm_commands import can_fork, run_warm

ROOT = Path(__file__).parents[1]
KEPT = ("data", "book", "_config.yml", "_toc.yml")


def _calibration_cache() -> Path:
    """A folder of the tests for tables simulated by this code with these libraries; not the user's own cache."""
    simulating = [ROOT / "requirements.lock", *sorted((ROOT / "src" / "evalkit" / "inference").rglob("*.py"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in simulating)).hexdigest()
    return ROOT / ".pytest_cache" / "calibration" / digest[:16]


# Before numpy is imported. Several tests at a time share the cores, so none has several threads of its own.
os.environ.setdefault("EVALKIT_CACHE", str(_calibration_cache()))
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# The same examples everywhere, however slow the machine.
settings.register_profile("evalkit", deadline=None, derandomize=True, max_examples=60)
settings.register_profile("hours", deadline=None, max_examples=20_000, database=None)
# One process runs the same tests again and again.
settings.register_profile(
    "mutants", settings.get_profile("evalkit"), max_examples=20, suppress_health_check=[HealthCheck.differing_executors]
)
settings.load_profile("evalkit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Notebooks of methods simulate for a minute or more, and cannot say so themselves."""
    for item in items:
        if item.path.is_relative_to(ROOT / "book" / "methods"):
            item.add_marker(pytest.mark.slow)


@dataclass(frozen=True)
class CommandOutput:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own."""

    root: Path

    def evalkit(self, *arguments: str, before: str = "", **environment: str) -> CommandOutput:
        """Run a command there; where processes fork, in one that has loaded its libraries already.

        ``before`` is Python run before it, so that a fault can be put in.
        """
        if not can_fork():
            return self.evalkit_anew(*arguments, before=before, **environment)
        with TemporaryDirectory() as said:
            status = run_warm(self.root, arguments, self.environment | environment, Path(said), before)
            out, err = (Path(said, name).read_text(encoding="utf-8") for name in ("out", "err"))
        return CommandOutput(status, out, err)

    def evalkit_anew(self, *arguments: str, before: str = "", **environment: str) -> CommandOutput:
        """Run a command there as a person does, in a new process."""
        done = subprocess.run(
            [sys.executable, "-c", f"{before}\nfrom evalkit.cli import main; main()", *arguments],
            cwd=self.root,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
        )
        return CommandOutput(done.returncode, done.stdout, done.stderr)

    @property
    def environment(self) -> dict[str, str]:
        """What a command finds in its environment."""
        other = {name: value for name, value in os.environ.items() if name != "EVALKIT_ROOT"}
        return {**other, "NO_COLOR": "1", "COLUMNS": "120"}

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


Once = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def once(tmp_path_factory) -> Once:
    """Make a folder once for all processes of a test session; it is for reading and copying only."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder, finished = shared / name, shared / f"{name}.finished"
        with FileLock(shared / f"{name}.lock"):
            if not finished.exists():
                shutil.rmtree(folder, ignore_errors=True)
                make(folder)
                finished.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def copy_project(once) -> Callable[[Path], Project]:
    """Copy this project without what was made from it, but checked, so that no copy has to read every table again."""

    def make(folder: Path) -> None:
        said = _copy(folder).evalkit("check")
        assert said.status == 0, said.err
        for path in (folder / "_build").iterdir():
            if path.name != "memory":
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def copy(target: Path) -> Project:
        shutil.copytree(once("checked", make), target, dirs_exist_ok=True)
        return Project(target)

    return copy


@pytest.fixture(scope="session")
def real_book(once) -> tuple[Project, CommandOutput]:
    """The whole book, made once by the README's command from a clean copy."""

    def make(folder: Path) -> None:
        said = _copy(folder / "project").evalkit_anew("book")
        (folder / "said.json").write_text(json.dumps(asdict(said)), encoding="utf-8")

    folder = once("book", make)
    return Project(folder / "project"), CommandOutput(**json.loads((folder / "said.json").read_text(encoding="utf-8")))

"""Invented programmes on a template of a few cells, so that a notebook takes a fraction of a second."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.conftest import CommandOutput, Project
from tests.support.invented import MEASURE, InventedPlace
from tests.support.programme import TEMPLATES, change_month, make_programme

MONTHS = 30
DEADLINE = 600  # seconds; for what has to happen at all, not for how fast
MAIN = "from evalkit.cli import main; main()"
LOG = Path("_build", "runs", "log.jsonl")
COMPARATORS = "comparators: list = []  # codes\n"
PARAMETERS = """\
from typing import Optional

site: str = "RA3"  # id of a site
measure: str = "ae-attendances-type-1"  # id of a measure
table: Optional[str] = None  # name of a table
interruption: str = "2017-07"  # month of the change
does: str = ""  # what else the notebook does
"""
FIT = """\
import evalkit as ek

exec(does)
frame = ek.load(site=site, measure=measure, table=table)
own = frame[frame["unit"] == site]
effect = ek.interrupted_time_series(
    own, outcome="value", time="period", interruption=interruption, log=False, per_day=False, seasonality=None,
    errors="independent",
)
"""


@dataclass(frozen=True)
class SmallProject(Project):
    """A programme of invented sites, one analysis each, counted from 1."""

    def id(self, number: int) -> str:
        """``evaluation/analysis``."""
        return f"{InventedPlace(number).evaluation}/{MEASURE}"

    def let(self, number: int, **parameters: Any) -> None:
        """Give an analysis other parameters; ``does`` is code that its notebook runs."""
        path = self.root / "data" / "evaluations" / f"{InventedPlace(number).evaluation}.yml"
        record = yaml.safe_load(path.read_text(encoding="utf-8"))
        record["analyses"][0]["parameters"] |= parameters
        path.write_text(yaml.safe_dump(record, sort_keys=False), encoding="utf-8")

    def rewrite(self, change: Callable[[list[str]], Iterable[str]]) -> None:
        """Change the lines of the table below its header, and say so where tables are described."""
        path = self.root / "data" / "tables" / "synthetic_programme.csv"
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([header, *change(lines)]) + "\n", encoding="utf-8")
        self.describe()

    def describe(self) -> None:
        """Bring size and hash of the table up to date."""
        from tests.support.programme import data_package, describe_table

        describe_table(self.root / "data", data_package(self.root / "data"))

    def change_month(self, code: str) -> None:
        """One person more in one month of a site or organisation."""
        change_month(self.root, code)

    def notebook(self, number: int) -> nbformat.NotebookNode:
        """What an analysis's notebook became."""
        return nbformat.read((self.root / "_build" / "runs" / self.id(number)).with_suffix(".ipynb"), as_version=4)

    def printed(self, number: int) -> str:
        """What an analysis's notebook printed."""
        outputs = [output for cell in self.notebook(number).cells for output in cell.get("outputs", ())]
        return "".join(output.text for output in outputs if output.get("name") == "stdout")

    def log(self) -> list[dict[str, Any]]:
        """The lines of the run log."""
        path = self.root / LOG
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []

    def python(self, code: str, *arguments: str, **environment: str) -> CommandOutput:
        """Run the command line in a new process after other code of Python, so that a fault can be put in."""
        with self.start(*arguments, code=f"{code}\n{MAIN}", **environment) as process:
            out, err = process.communicate()
        return CommandOutput(process.returncode, out, err)

    def evalkit(self, *arguments: str, before: str = "", **environment: str) -> CommandOutput:
        self.temporary.mkdir(exist_ok=True)
        return super().evalkit(*arguments, before=before, TMPDIR=str(self.temporary), **environment)

    def start(self, *arguments: str, code: str = MAIN, **environment: str) -> subprocess.Popen:
        """Begin a command of evalkit and leave it to the test; its temporary files go below ``temporary``."""
        self.temporary.mkdir(exist_ok=True)
        known = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120", "EVALKIT_ROOT": str(self.root)}
        return subprocess.Popen(
            [sys.executable, "-c", code, *arguments], cwd=self.root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True,
            env={**known, "TMPDIR": str(self.temporary), **environment},
        )  # fmt: skip

    @property
    def temporary(self) -> Path:
        """Short, since names of sockets have to be."""
        return self.root.parent / "t"

    def left_over(self) -> list[str]:
        """Temporary files that are still there."""
        return sorted(path.name for path in self.temporary.iterdir()) if self.temporary.is_dir() else []


def small_project(folder: Path, sites: int, comparators: int = 0, months: int = MONTHS) -> SmallProject:
    """Make a programme and put it on the small template."""
    make_programme(folder, sites, months, comparators)
    if comparators:
        write_template(
            folder, PARAMETERS + COMPARATORS, FIT.replace("table=table", "table=table, comparators=comparators")
        )
    else:
        write_template(folder)
    for path in (folder / "data" / "evaluations").glob("*.yml"):
        record = yaml.safe_load(path.read_text(encoding="utf-8"))
        for analysis in record["analyses"]:
            analysis["template"] = "tiny"
            asked = ("site", "measure", "table", "interruption", "comparators")
            given = analysis["parameters"]
            analysis["parameters"] = {name: given[name] for name in asked if name in given}
        path.write_text(yaml.safe_dump(record, sort_keys=False), encoding="utf-8")
    return SmallProject(folder)


def write_template(folder: Path, parameters: str = PARAMETERS, fit: str = FIT, name: str = "tiny") -> Path:
    """A template of four cells."""
    cells = [
        new_markdown_cell("# Tiny"),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        new_code_cell(fit),
        new_code_cell("ek.publish(effect)"),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / TEMPLATES / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata=kernel), path)
    return path


def wait_for_lines(project: SmallProject, process: subprocess.Popen, number: int) -> None:
    """Until the run log has so many lines; a run that ends before is a mistake in the test."""
    until(lambda: len(project.log()) >= number or process.poll() is not None)
    assert process.poll() is None, process.communicate()[1]


def put_an_end_to(*processes: subprocess.Popen) -> None:
    """Kill what a test started, whatever became of the test."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def until(happened: Callable[[], bool]) -> None:
    """Wait for something, but not for ever."""
    end = time.monotonic() + DEADLINE
    while not happened():
        assert time.monotonic() < end, f"not seen in {DEADLINE} seconds"
        time.sleep(0.01)


def descendants(process: subprocess.Popen) -> list[psutil.Process]:
    """Every process below one, with itself."""
    own = psutil.Process(process.pid)
    return [own, *own.children(recursive=True)]


def all_end(processes: list[psutil.Process]) -> bool:
    """Whether they all end; zombies that nobody in this container buries have ended."""
    _, alive = psutil.wait_procs(processes, timeout=DEADLINE)
    return not [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]

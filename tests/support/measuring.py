"""How the benchmarks measure: commands as a user runs them, their run log, their memory, and a table of what was seen."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

EVALKIT = (sys.executable, "-c", "from evalkit.cli import main; main()")
LOG = Path("_build", "runs", "log.jsonl")
MEGABYTE = 1024**2
LEAST_OF_A_KERNEL = 20 * MEGABYTE  # smaller processes only watch over others
BETWEEN_LOOKS = 0.1  # seconds


@dataclass(frozen=True)
class Row:
    """One line of the last table. Without a ``target`` the figure is for information."""

    what: str
    seen: float
    unit: str = ""
    target: float | None = None
    at_least: bool = False

    @property
    def aim(self) -> str:
        return "" if self.target is None else f"{'>=' if self.at_least else '<='} {_number(self.target)} {self.unit}"

    @property
    def judged(self) -> str:
        """Met, or by how much it was missed."""
        if self.target is None:
            return ""
        off = self.target - self.seen if self.at_least else self.seen - self.target
        if self.seen != self.seen:
            return "not measured"
        if off <= 0:
            return "met"
        share = f" ({off / self.target:.0%})" if self.target and self.unit != "%" else ""
        return f"missed by {_number(off)} {self.unit}".rstrip() + share


def print_table(rows: Iterable[Row]) -> None:
    """What, target, seen, judgement; one line each."""
    lines = [("what", "target", "seen", "")]
    lines += [(row.what, row.aim.strip(), f"{_number(row.seen)} {row.unit}".strip(), row.judged) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    for what, aim, seen, judged in lines:
        print(f"{what:{widths[0]}}  {aim:{widths[1]}}  {seen:>{widths[2]}}  {judged}".rstrip())


def say(text: str) -> None:
    """A line as the work goes on."""
    print(text, flush=True)


def _number(value: float) -> str:
    return "?" if value != value else f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


@dataclass(frozen=True)
class TimedProject:
    """A project and the cache of calibrations that its commands share."""

    root: Path
    cache: Path

    @property
    def environment(self) -> dict[str, str]:
        mine = {"EVALKIT_ROOT": str(self.root), "EVALKIT_CACHE": str(self.cache), "NO_COLOR": "1"}
        return {**os.environ, **mine}

    def seconds(self, *arguments: str) -> float:
        """Wall of one evalkit command, from start to end of its process.

        Raises
        ------
        SystemExit
            Where it fails: a time of something that did not work says nothing.
        """
        begun = time.perf_counter()
        done = subprocess.run(
            [*EVALKIT, *arguments], cwd=self.root, env=self.environment, capture_output=True, text=True,
            encoding="utf-8", stdin=subprocess.DEVNULL,
        )  # fmt: skip
        taken = time.perf_counter() - begun
        if done.returncode != 0:
            raise SystemExit(f"`evalkit {' '.join(arguments)}` ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return taken

    def logged(self, *arguments: str) -> "Ran":
        """One ``evalkit run``, with the lines it added to the run log."""
        before, processor = len(self.log()), _processor_seconds()
        wall = self.seconds("run", *arguments)
        return Ran(wall, _processor_seconds() - processor, self.log()[before:])

    def log(self) -> list[dict[str, Any]]:
        path = self.root / LOG
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


@dataclass(frozen=True)
class Ran:
    """Seconds of a run, on the clock and of the processors (all its processes), and its lines of the run log."""

    wall: float
    processor: float
    lines: list[dict[str, Any]] = field(repr=False)

    @property
    def per_notebook(self) -> float:
        return self.wall / len(self.lines)

    @property
    def of_cells(self) -> float:
        """The cells' own seconds, a notebook; not a number where the log does not say."""
        return sum(line.get("cell_seconds", float("nan")) for line in self.lines) / len(self.lines)

    def overhead(self, jobs: int) -> float:
        """Seconds a notebook in which a worker ran no cell: start and end of the command included.

        A run of ``jobs`` workers has ``jobs`` seconds of work in every second of wall.
        """
        return self.per_notebook - self.of_cells / jobs


def _processor_seconds() -> float:
    """Of all processes that this one started and that have ended (0 on Windows)."""
    taken = os.times()
    return taken.children_user + taken.children_system


@dataclass
class MemoryUse:
    """Bytes: the command's own process (RSS) by notebooks finished, and the peak of every process below it (USS)."""

    parent: list[tuple[int, int]] = field(default_factory=list)
    peaks: dict[int, int] = field(default_factory=dict)
    with_children: set[int] = field(default_factory=set)

    @property
    def kernels(self) -> list[int]:
        """Peak of every process that ran notebooks: those that started no others, but for small helpers."""
        return [peak for pid, peak in self.peaks.items() if pid not in self.with_children and peak >= LEAST_OF_A_KERNEL]

    @property
    def between(self) -> list[int]:
        """Peak of every process between the command and its kernels, such as a server that forks them."""
        return [self.peaks[pid] for pid in self.with_children if pid in self.peaks]

    def parent_from(self, finished: int) -> list[int]:
        return [rss for count, rss in self.parent if count >= finished]


def watch(here: TimedProject, *arguments: str) -> MemoryUse:
    """Run one evalkit command and look at its processes all the while (Linux, macOS, Windows: what psutil gives)."""
    memory = MemoryUse()
    before = len(here.log())
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        [*EVALKIT, *arguments], cwd=here.root, env=here.environment, stdin=quiet, stdout=quiet, stderr=quiet
    ) as process:
        parent = psutil.Process(process.pid)
        for finished in _finished(process, here.root / LOG):
            try:
                memory.parent.append((finished - before, parent.memory_info().rss))
                children = parent.children(recursive=True)
            except psutil.NoSuchProcess:
                break
            for child in children:
                try:
                    memory.with_children.add(child.ppid())
                    uss = child.memory_full_info().uss
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
                memory.peaks[child.pid] = max(uss, memory.peaks.get(child.pid, 0))
    memory.with_children.discard(process.pid)
    if process.returncode != 0:
        raise SystemExit(f"`evalkit {' '.join(arguments)}` ended with {process.returncode}.")
    return memory


def _finished(process: subprocess.Popen, log: Path) -> Iterator[int]:
    """The number of lines in the run log, looked at again and again until the process ends."""
    while process.poll() is None:
        yield log.read_bytes().count(b"\n") if log.is_file() else 0
        time.sleep(BETWEEN_LOOKS)

"""Kill -9 at random moments of a run, of a build and of both in one: ``python -m tests.support.kill_trials [--times 50]``.

Each time afterwards no process of the command is left, its lock is free, and every file that it had written can be
read. At the end `evalkit book` completes, and what it made is the same bytes as what an undisturbed one made.
"""

import argparse
import csv
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import psutil
from filelock import FileLock, Timeout

from evalkit.runs.project_lock import LOCK_FILE
from tests.support.measuring import EVALKIT, TimedProject, say
from tests.support.programme import make_programme

SITES, MONTHS = 5, 36
MADE = ("_build", "results", "book/generated")
# The same whoever makes it; pages of Sphinx keep the order of its own environment, the run log tells of times.
SAME = ("results", "_build/runs", "book/generated")
SECONDS_TO_END = 30
COMMANDS = (("run", "--force"), ("build",), ("book", "--force", "--incremental"))
FROM_NOTHING = {"run": ("_build", "results"), "build": ("_build/html", "_build/next", "book/generated"), "book": MADE}


@dataclass(frozen=True)
class Watched(TimedProject):
    """Commands whose temporary files lie in a folder of their own."""

    temporary: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "TMPDIR": str(self.temporary)}


@dataclass
class TrialsSeen:
    """What a trial found."""

    kills: Counter = field(default_factory=Counter)
    too_late: Counter = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    files: int = 0
    folders: int = 0  # temporary, left by a kill before anything could have watched over them


def trial(folder: Path, times: int, seed: int = 0, sites: int = SITES, begin: int = 0) -> TrialsSeen:
    """Kill ``times`` commands, one after another, in a programme made in ``folder``; a run, a build and both by turns.

    ``begin`` says with which turn: the third is both from nothing.
    """
    here = Watched(folder / "programme", folder / "cache", folder / "t")
    make_programme(here.root, sites, MONTHS)
    here.temporary.mkdir()
    undisturbed = {}
    turns = [(COMMANDS[number % len(COMMANDS)], number % 4 >= 2) for number in range(begin, begin + times)]
    # What starts from nothing makes what the others start from, and so comes first.
    for command, from_nothing in sorted({*turns, (COMMANDS[-1], True)}, key=lambda turn: not turn[1]):
        if from_nothing:
            delete(here.root, command)
        undisturbed[command, from_nothing] = here.seconds(*command)
        start = "from nothing" if from_nothing else "once more"
        say(f"undisturbed `evalkit {' '.join(command)}`, {start}: {undisturbed[command, from_nothing]:.1f} s")
    wanted = made(here.root)
    moments, seen = random.Random(seed), TrialsSeen()
    for number, (command, from_nothing) in enumerate(turns):
        seconds = moments.uniform(0, undisturbed[command, from_nothing])
        if from_nothing:
            delete(here.root, command)
        killed, left = kill(here, command, seconds)
        (seen.kills if killed else seen.too_late)[command[0]] += 1
        problems = [*left, *unreadable(here.root), *held(here.root)]
        seen.folders += emptied(here.temporary)
        seen.problems += [
            f"kill {number + 1}, `evalkit {command[0]}` after {seconds:.2f} s: {problem}" for problem in problems
        ]
        seen.files = max(seen.files, sum(path.is_file() for name in MADE for path in (here.root / name).rglob("*")))
        if problems or not (number + 1) % 10:
            say(f"{number + 1} of {times}: {len(seen.problems)} problems")
    here.seconds("book")
    files = made(here.root)
    for name in sorted(wanted.keys() | files.keys()):
        if wanted.get(name) != files.get(name):
            what = (
                "has other bytes" if name in wanted and name in files else "is missing" if name in wanted else "is new"
            )
            seen.problems.append(f"at the end: {name} {what}")
    seen.problems += [f"at the end: {problem}" for problem in (*unreadable(here.root), *held(here.root))]
    return seen


def delete(root: Path, command: tuple[str, ...]) -> None:
    """Everything that a command makes."""
    for name in FROM_NOTHING[command[0]]:
        shutil.rmtree(root / name, ignore_errors=True)


def kill(here: TimedProject, command: tuple[str, ...], seconds: float) -> tuple[bool, list[str]]:
    """Begin a command, kill it after so many seconds, and say whether it still ran, and what outlives it."""
    marked = {**here.environment, "EVALKIT_TRIAL": f"{os.getpid()}"}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        [*EVALKIT, *command], cwd=here.root, env=marked, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    end = time.monotonic() + SECONDS_TO_END
    while (left := list(_marked(marked["EVALKIT_TRIAL"]))) and time.monotonic() < end:
        time.sleep(0.02)
    problems = [f"process {survivor.pid} is left: {' '.join(survivor.cmdline())[:120]}" for survivor in left]
    for survivor in left:
        survivor.kill()
    return process.returncode == -signal.SIGKILL, problems


def _marked(mark: str) -> Iterator[psutil.Process]:
    """Every process, of this machine, that the killed command or one of its own started."""
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("EVALKIT_TRIAL") == mark:
                yield process
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue


def unreadable(root: Path) -> list[str]:
    """Every file that was made and that does not parse as what its name says."""
    problems = []
    for path in sorted(path for name in MADE for path in (root / name).rglob("*") if path.is_file()):
        parse = PARSERS.get(path.suffix)
        try:
            if parse is not None:
                parse(path)
        except Exception as error:
            problems.append(f"{path.relative_to(root)} does not parse ({type(error).__name__}: {error})"[:200])
    return problems


def _csv(path: Path) -> None:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8")), strict=True))
    if len({len(row) for row in rows}) > 1 or not rows:
        raise ValueError("rows of different lengths, or none")


def _html(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    HTMLParser().feed(text)
    if "<html" in text and not text.rstrip().endswith("</html>"):
        raise ValueError("it has no end")


PARSERS = {
    ".json": lambda path: json.loads(path.read_text(encoding="utf-8")),
    ".jsonl": lambda path: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()],
    ".ipynb": lambda path: nbformat.validate(nbformat.read(path, as_version=4)),
    ".svg": xml.etree.ElementTree.parse,
    ".csv": _csv,
    ".html": _html,
}


def held(root: Path) -> list[str]:
    """Whether the lock is still held by anybody."""
    if not (root / LOCK_FILE).exists():
        return []
    try:
        with FileLock(root / LOCK_FILE, timeout=0):
            return []
    except Timeout:
        return ["the lock is held"]


def emptied(temporary: Path) -> int:
    """How many temporary files and folders nobody had deleted."""
    left = list(temporary.iterdir())
    for path in left:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(left)


def made(root: Path) -> dict[str, bytes]:
    """The bytes of everything that is made from the programme alone."""
    paths = [path for name in SAME for path in sorted((root / name).rglob("*")) if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths if path.name != "log.jsonl"}


def main() -> None:
    """Kill, look, and count."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.kill_trials", description=__doc__.split("\n")[0])
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sites", type=int, default=SITES)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ekf-") as folder:
        seen = trial(Path(folder), given.times, given.seed, given.sites)
    for problem in seen.problems:
        say(problem)
    for what, counts in (("killed", seen.kills), ("ended before", seen.too_late)):
        say(f"{what}: {', '.join(f'{count} of {name}' for name, count in counts.items()) or 'none'}")
    say(f"up to {seen.files} files read each time; {seen.folders} temporary folders left in all")
    say(f"{len(seen.problems)} problems")
    sys.exit(1 if seen.problems else 0)


if __name__ == "__main__":
    main()

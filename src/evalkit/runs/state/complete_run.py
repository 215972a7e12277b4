"""Proof, without reading a file, that everything is as the last whole run left it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evalkit.files import touches
from evalkit.memory import MEMORY, Memory
from evalkit.runs.planning.plan import state_of_inputs
from evalkit.runs.state.outcomes import RESULTS, RUNS

NAME = "run"


@dataclass(frozen=True)
class CompleteRun:
    """A run in which every analysis came to a result: how many, and what was worth a look."""

    analyses: int
    worth_a_look: int


def record_complete_run(root: Path, analyses: int, worth_a_look: int) -> None:
    """Say that every analysis has its result, as the files are now."""
    whole(root).remember(NAME, state_of_runs(root), asdict(CompleteRun(analyses, worth_a_look)))


def complete_run(root: Path) -> CompleteRun | None:
    """The last complete run; None where any file that counts is another, gone or new since."""
    kept = whole(root).recall(NAME, state_of_runs(root))
    return CompleteRun(**kept.content) if kept else None


def whole(root: Path) -> Memory:
    """What is kept of the project as a whole."""
    return Memory.of_project(root, "whole")


def state_of_runs(root: Path) -> dict[str, Any]:
    """What stands for all that runs depend on, and for all that they gave."""
    given = (RUNS, RESULTS, MEMORY / "runs", MEMORY / "results")
    return {**state_of_inputs(root), "results": touches(*(root / folder for folder in given))}

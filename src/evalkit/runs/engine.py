"""Run what is due: several notebooks at a time, failures kept apart, progress shown."""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from evalkit.catalogue import Catalogue
from evalkit.runs.execute import Executed, execute
from evalkit.runs.outcomes import (
    STATE,
    Outcome,
    code_version,
    forget_the_rest,
    keep,
    known_key,
    read_outcomes,
    write_results,
)
from evalkit.runs.plan import Plan, chosen


@dataclass(frozen=True)
class RunReport:
    """What a run did. ``failed`` are the outcomes without a result because their notebook failed."""

    ran: int
    up_to_date: int
    outcomes: list[Outcome]

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.status == "failed"]


def due(root: Path, plans: Sequence[Plan]) -> list[Plan]:
    """The plans whose key differs from that of their last good run."""
    return [plan for plan in plans if known_key(root, plan) != plan.key]


def run(
    root: Path,
    catalogue: Catalogue,
    plans: Sequence[Plan],
    *,
    ids: Sequence[str] = (),
    force: bool = False,
    jobs: int | None = None,
    console: Console | None = None,
) -> RunReport:
    """Execute what is due and write ``results``.

    Parameters
    ----------
    plans : all plans of the project
    ids : evaluations or ``evaluation/analysis`` to run; all by default
    force : run them even where nothing has changed
    jobs : notebooks at a time; by default one a core

    Raises
    ------
    EvaluationError
        Where an id is not known.
    """
    console = console or Console()
    wanted = chosen(plans, ids)
    todo = wanted if force else due(root, wanted)
    forget_the_rest(root, plans)
    if todo:
        _run_all(root, todo, jobs or os.cpu_count() or 1, console)
    outcomes = read_outcomes(root, catalogue, plans)
    write_results(root, outcomes)
    return RunReport(len(todo), len(wanted) - len(todo), outcomes)


def _run_all(root: Path, todo: Sequence[Plan], jobs: int, console: Console) -> None:
    columns = (
        TextColumn("Running analyses"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )  # fmt: skip
    with (
        Progress(*columns, console=console, disable=not console.is_terminal) as bar,
        ThreadPoolExecutor(max_workers=min(jobs, len(todo))) as pool,
    ):
        task = bar.add_task("", total=len(todo))
        waiting = [pool.submit(execute, plan, root) for plan in todo]
        try:
            for number, future in enumerate(as_completed(waiting), start=1):
                executed = future.result()
                keep(root, executed)
                _log(root, executed)
                bar.update(task, advance=1, description=executed.plan.id)
                if not console.is_terminal:
                    told = "failed" if executed.failure else "done"
                    console.print(f"[{number}/{len(todo)}] {executed.plan.id}: {told}", markup=False, highlight=False)
        except BaseException:
            for future in waiting:
                future.cancel()
            raise


def _log(root: Path, executed: Executed) -> None:
    """One line a notebook; private to this machine."""
    path = root / STATE / "log.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "analysis": executed.plan.id,
        "seconds": round(executed.seconds, 2),
        "key": executed.plan.key,
        "code": code_version(),
        "failure": executed.failure,
        "detail": executed.detail,
    }
    with path.open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")

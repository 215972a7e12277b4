"""Run what is due: several notebooks at a time, failures kept apart, progress shown."""

import gc
import json
import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from evalkit.catalogue import Catalogue
from evalkit.runs.due import due
from evalkit.runs.execution.jobs import Executed, Job, Limits
from evalkit.runs.kernels.fork_client import Needs
from evalkit.runs.planning.notebook_templates import TEMPLATE_FOLDER
from evalkit.runs.planning.plan import Plan, chosen
from evalkit.runs.state.outcomes import (
    LOG,
    RUNS,
    Outcome,
    code_version,
    forget_the_rest,
    keep,
    read_outcomes,
    write_results,
)
from evalkit.runs.state.pooled_outcomes import pool_outcomes, results_of

Workers = Callable[[Path, Sequence[Job]], Generator[Executed]]
TIDY = 20  # notebooks after which what they left in memory is looked for


@dataclass(frozen=True)
class RunReport:
    """What a run did.

    Attributes
    ----------
    taken_out : list of str
        Analyses whose results were removed, because they stand for other inputs than today's.
    """

    ran: int
    up_to_date: int
    outcomes: list[Outcome]
    taken_out: list[str]

    @property
    def failed(self) -> list[Outcome]:
        """The outcomes without a result because their notebook failed."""
        return [outcome for outcome in self.outcomes if outcome.status == "failed"]


def run(
    root: Path,
    catalogue: Catalogue,
    plans: Sequence[Plan],
    *,
    ids: Sequence[str] = (),
    force: bool = False,
    jobs: int | None = None,
    cluster: str | None = None,
    limits: Limits = Limits(),
    console: Console | None = None,
) -> RunReport:
    """Execute what is due and write ``results``.

    Parameters
    ----------
    plans : all plans of the project
    ids : evaluations or ``evaluation/analysis`` to run; all by default
    force : run them even where nothing has changed
    jobs : notebooks at a time on this machine; by default one more than it has cores
    cluster : address of a Dask scheduler, such as ``tcp://host:8786``, whose workers run the notebooks instead
    limits : what one notebook may take

    Raises
    ------
    EvaluationError
        Where an id is not known, or no notebook can be run here.
    """
    chosen_plans = chosen(plans, ids)
    todo = chosen_plans if force else [pending.plan for pending in due(root, chosen_plans)]
    forget_the_rest(root, plans)
    if todo:
        _run_all(root, todo, _workers(todo, jobs, cluster), limits, console or Console())
    outcomes = read_outcomes(root, catalogue, plans)
    taken_out = write_results(root, outcomes, results_of(pool_outcomes(root, catalogue, outcomes)))
    return RunReport(len(todo), len(chosen_plans) - len(todo), outcomes, taken_out)


def _workers(todo: Sequence[Plan], jobs: int | None, cluster: str | None) -> Workers:
    rows = {(plan.parameters["measure"], plan.table) for plan in todo}
    modules = {name for plan in todo for name in plan.depends["code"]}
    needs = Needs(tuple(sorted(rows)), tuple(sorted(modules)))
    if cluster is not None:
        from evalkit.runs.execution.dask_cluster import DaskCluster

        return DaskCluster(cluster, needs)
    from evalkit.runs.execution.local_workers import LocalWorkers

    return LocalWorkers(jobs, needs)


def _run_all(root: Path, todo: Sequence[Plan], workers: Workers, limits: Limits, console: Console) -> None:
    plans = {plan.id: plan for plan in todo}
    jobs = [
        Job(plan.id, (TEMPLATE_FOLDER / plan.template.path.name).as_posix(), plan.parameters, limits) for plan in todo
    ]
    columns = (
        TextColumn("Running analyses"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )  # fmt: skip
    with (
        Progress(*columns, console=console, disable=not console.is_terminal) as bar,
        closing(workers(root, jobs)) as finished,
    ):
        task = bar.add_task("", total=len(jobs))
        gc.freeze()  # what was read stays, and need not be looked through
        for number, executed in enumerate(finished, start=1):
            plan = plans[executed.id]
            executed = _of_checked_rows(plan, executed)
            keep(root, plan, executed)
            _log(root, plan, executed)
            bar.update(task, advance=1, description=executed.id)
            if not console.is_terminal:
                status = "failed" if executed.failure else "done"
                console.print(
                    f"[{number}/{len(jobs)}] {executed.id}: {status}", markup=False, highlight=False, soft_wrap=True
                )
            if not number % TIDY:
                gc.collect()


def _of_checked_rows(plan: Plan, executed: Executed) -> Executed:
    """As it was executed; failed where it read other rows than the check did, whose hash its result would bear."""
    if executed.effect is None or executed.effect["data"].get("rows_sha256") in (None, plan.rows_sha256):
        return executed
    why = f"The table {plan.table} changed while this analysis was running: run it again."
    return Executed(executed.id, executed.seconds, executed.cell_seconds, failure=why, worker=executed.worker)


def _log(root: Path, plan: Plan, executed: Executed) -> None:
    """One line a notebook; private to this machine."""
    path = root / RUNS / LOG
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "analysis": executed.id,
        "seconds": round(executed.seconds, 3),
        "cell_seconds": round(executed.cell_seconds, 3),
        "worker": executed.worker,
        "key": plan.key,
        "code": code_version(plan),
        "libraries": plan.depends["libraries"],
        "kernel": plan.depends["kernel"],
        "failure": executed.failure,
        "detail": executed.detail,
    }
    with path.open("a+b") as log:
        # A line that a killed run left unfinished keeps to itself.
        torn = log.seek(0, os.SEEK_END) > 0 and not _ends_a_line(log)
        log.write(b"\n" * torn + json.dumps(line).encode() + b"\n")


def _ends_a_line(log: BinaryIO) -> bool:
    log.seek(-1, os.SEEK_END)
    return log.read(1) == b"\n"

"""One notebook: papermill runs a template in a kernel of its own."""

import asyncio
import json
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from evalkit.effect import Effect
from evalkit.errors import EvaluationError
from evalkit.runs.execution.jobs import Executed, Job, Limits
from evalkit.runs.execution.normalise import effect_of, normalise
from evalkit.runs.kernels.fork_client import can_fork
from evalkit.runs.kernels.provisioner import WarmKernelManager, kernel_config
from evalkit.runs.planning.notebook_templates import KERNEL

ENGINE = "evalkit"
MOST_SHOWN = 10_000_000  # characters: what a page can show


def run_notebook(job: Job, root: Path) -> Executed:
    """Run one notebook. Never raises for what it does."""
    started = time.perf_counter()

    def ended(**what: Any) -> Executed:
        return Executed(job.id, time.perf_counter() - started, **what)

    try:
        with tempfile.TemporaryDirectory(prefix="ek-", ignore_cleanup_errors=True) as folder:
            executed = _papermill(job, root, Path(folder))
        cell_seconds = _seconds_in_cells(executed)
        notebook = normalise(executed)
        effect = effect_of(notebook)
        if not Effect.from_dict(effect).gated:
            raise EvaluationError("The effect did not pass the disclosure gate: publish it with `ek.publish(effect)`.")
        return ended(cell_seconds=cell_seconds, notebook=nbformat.writes(notebook) + "\n", effect=effect)
    except EvaluationError as error:
        return ended(failure=str(error), detail=str(error))
    except PapermillExecutionError as error:
        return ended(
            failure=_sentence(error, job.limits), detail=f"{error.ename}: {error.evalue}\n{error}"[:MOST_SHOWN]
        )
    except CellTimeoutError as error:
        failure = f"The notebook was stopped after {job.limits.minutes:g} minutes: give it more with --minutes."
        return ended(failure=failure, detail=repr(error))
    except (DeadKernelError, RuntimeError) as error:
        return ended(failure="The notebook's kernel stopped, perhaps for want of memory.", detail=repr(error))
    except Exception as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        return ended(failure=f"The notebook could not be run ({why}).", detail=repr(error))


def _papermill(job: Job, root: Path, folder: Path) -> NotebookNode:
    deadline = time.monotonic() + 60 * job.limits.minutes
    warm = {"kernel_manager_class": WarmKernelManager} if can_fork() else {}
    return papermill.execute_notebook(
        nbformat.read(root / job.template, as_version=4),  # in a path papermill would fill in what stands in braces
        None,
        parameters=job.parameters,
        engine_name=ENGINE,
        kernel_name=KERNEL,
        progress_bar=False,
        log_output=False,
        timeout_func=lambda cell: max(0.01, deadline - time.monotonic()),
        config=kernel_config(folder, round(job.limits.memory_gb * 1e9)),
        shutdown_kernel="immediate",
        extra_arguments=["--IPKernelApp.log_level=50"],  # it reports its own orderly end as an error
        **warm,
    )


def _sentence(error: PapermillExecutionError, limits: Limits) -> str:
    """An EvaluationError is written for people; of anything else only its kind may be shown."""
    if error.ename in ("EvaluationError", "InputRefused"):
        return str(error.evalue)
    if error.ename in ("MemoryError", "_ArrayMemoryError"):
        return f"The notebook needed more than {limits.memory_gb:g} GB of memory: give it more with --memory."
    if error.ename == "CellExecutionError":  # papermill's word where the kernel could not say what it was
        return f"The notebook stopped in cell {error.exec_count} without a word, perhaps for want of memory."
    return f"The notebook stopped in cell {error.exec_count} with {error.ename}."


def _seconds_in_cells(notebook: NotebookNode) -> float:
    """From the kernel's word that it is busy with a cell to its word that it is idle again."""
    total = 0.0
    for cell in notebook.cells:
        times = cell.metadata.get("execution", {})
        if {"iopub.status.busy", "iopub.status.idle"} <= times.keys():
            began, done = (datetime.fromisoformat(times[f"iopub.status.{end}"]) for end in ("busy", "idle"))
            total += (done - began).total_seconds()
    return total


class _Client(PapermillNotebookClient):
    """Notices a dead kernel at once, where nbclient asks once a second; can be stopped; and stops what shows too much."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._shown = 0
        self._listens: asyncio.Task | None = None

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        content = msg["content"]
        parts = [
            content.get("text", ""),
            *content.get("data", {}).values(),
            content.get("evalue", ""),
            *content.get("traceback", ()),
        ]
        size = sum(len(part if isinstance(part, str) else json.dumps(part)) for part in parts)
        self._shown += size
        if size and self._shown > MOST_SHOWN:
            _kill(self)
            return None
        return super().process_message(msg, cell, cell_index)

    async def _async_poll_kernel_alive(self) -> None:
        assert self.km is not None
        assert self.km.provisioner is not None
        await self.km.provisioner.wait()
        # What it had sent before it ended may still be on the way.
        await asyncio.sleep(0.05)
        assert self.task_poll_for_reply is not None
        self.task_poll_for_reply.cancel()

    async def async_execute_cell(self, *arguments: Any, **named: Any) -> NotebookNode:
        try:
            return await super().async_execute_cell(*arguments, **named)
        except CellTimeoutError:
            if self._listens is not None:
                self._listens.cancel()  # nbclient would let it listen on, and asyncio complain at the end
                await asyncio.wait([self._listens])
            raise

    def _refuse_too_much(self) -> None:
        if self._shown > MOST_SHOWN:
            raise EvaluationError(
                f"The notebook was stopped in a cell that shows more than {MOST_SHOWN / 1e6:g} MB: let it show less."
            ) from None

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: NotebookNode, cell_index: int) -> None:
        self._listens = asyncio.current_task()
        await super()._async_poll_output_msg(parent_msg_id, cell, cell_index)

    execute_cell = run_sync(async_execute_cell)

    def execute(self, **kwargs: Any) -> NotebookNode:
        _running.add(self)
        try:
            executed = super().execute(**kwargs)
            self._refuse_too_much()
            return executed
        except Exception:  # however a kernel's end is told, it is the end of one that showed too much
            self._refuse_too_much()
            raise
        finally:
            _running.discard(self)


class _Engine(NBClientEngine):
    """papermill's own engine with our client."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, log_output=False, stdout_file=None, stderr_file=None, start_timeout=60,
        execution_timeout=None, **kwargs,
    ):  # fmt: skip
        kwargs.pop("input_path", None)
        client = _Client(nb_man, kernel_name=kernel_name, startup_timeout=start_timeout, **kwargs)
        return client.execute()


_running: set[_Client] = set()
papermill_engines.register(ENGINE, _Engine)


def stop_running() -> None:
    """Kill the kernel of every notebook that runs in this process; each then ends as failed."""
    for client in list(_running):
        _kill(client)


def _kill(client: _Client) -> None:
    provisioner = getattr(client.km, "provisioner", None)
    process = getattr(provisioner, "process", None)
    if process is not None:
        process.kill()

"""Who runs the notebooks: processes of this machine."""

import os
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from evalkit.errors import EvaluationError
from evalkit.runs.execution.jobs import Executed, Job
from evalkit.runs.execution.run_notebook import run_notebook, stop_running
from evalkit.runs.kernels.fork_client import ONE_THREAD, SERVER, Needs, can_fork
from evalkit.runs.planning.notebook_templates import KERNEL


@dataclass(frozen=True)
class LocalWorkers:
    """Kernels on this machine.

    Attributes
    ----------
    jobs : int or None
        Notebooks at a time; by default one more than there are cores, since a notebook also waits.
    needs : Needs
        What to load once for all.
    """

    jobs: int | None
    needs: Needs

    def __call__(self, root: Path, jobs: Sequence[Job]) -> Generator[Executed]:
        """Run ``jobs`` and give what each gave, as they finish. Closing the iterator ends what still runs.

        Raises
        ------
        EvaluationError
            Where there is no kernel for Python.
        """
        prepare(root)
        if can_fork():
            SERVER.read(root, self.needs)
        at_once = min(self.jobs or _cores() + 1, len(jobs))
        with ThreadPoolExecutor(max_workers=at_once) as pool:
            waiting = {pool.submit(run_notebook, job, root) for job in jobs}
            try:
                while waiting:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield future.result()
            finally:
                for future in waiting:
                    future.cancel()
                while wait(waiting, timeout=0.1).not_done:
                    stop_running()
                    SERVER.close()
                SERVER.close_unless_kept()


def _cores() -> int:
    """The cores that this process may use, where the system says it."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def prepare(root: Path) -> None:
    """Set what kernels inherit: the project, and one thread each.

    Raises
    ------
    EvaluationError
        Where there is no kernel for Python.
    """
    try:
        KernelSpecManager().get_kernel_spec(KERNEL)
    except NoSuchKernel:
        raise EvaluationError(
            f"Jupyter has no kernel called `{KERNEL}`, so no notebook can be run: install it with"
            " `python -m pip install ipykernel`."
        ) from None
    os.environ["EVALKIT_ROOT"] = str(root)
    for name, threads in ONE_THREAD.items():
        os.environ.setdefault(name, threads)

"""Who runs the notebooks: the workers of a Dask cluster, on as many machines as there are.

A worker needs evalkit, installed from the same lock, and no access to this machine's files: what notebooks read
travels with the work. What a lost worker had in hand, Dask gives to another.
"""

import asyncio
import hashlib
import io
import logging
import shutil
import socket
import tempfile
import threading
import uuid
import zipfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from evalkit.errors import EvaluationError
from evalkit.runs.execution.jobs import Executed, Job
from evalkit.runs.execution.local_workers import prepare
from evalkit.runs.execution.run_notebook import run_notebook
from evalkit.runs.kernels.fork_client import SERVER, Needs, can_fork
from evalkit.runs.planning.code_dependencies import PACKAGE
from evalkit.runs.planning.notebook_templates import TEMPLATE_FOLDER
from evalkit.runs.planning.plan import REQUIREMENTS, environment

SECONDS_TO_ANSWER = 10
PACKED_FOLDERS = ("data", TEMPLATE_FOLDER.as_posix())  # what a notebook reads
_unpacking = threading.Lock()


@dataclass(frozen=True)
class DaskCluster:
    """A Dask scheduler and its workers.

    Attributes
    ----------
    address : str
        Such as ``tcp://host:8786``.
    needs : Needs
        What each worker loads once.
    """

    address: str
    needs: Needs

    def __call__(self, root: Path, jobs: Sequence[Job]) -> Generator[Executed]:
        """Run ``jobs`` and give what each gave, as they finish. Closing the iterator takes back what has not begun.

        Raises
        ------
        EvaluationError
            Where Dask is not installed here, no scheduler or no worker answers, or a worker has other code.
        """
        try:
            from distributed import Client, as_completed
            from distributed.client import FutureCancelledError
            from distributed.comm.addressing import parse_address
            from distributed.comm.registry import get_backend
        except ImportError:
            raise EvaluationError(
                "--cluster needs Dask: install it with `python -m pip install 'evalkit[cluster]'`."
            ) from None
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self._refuse_silence()
        try:
            get_backend(parse_address(self.address)[0])  # a client for no transport fails again when it is dropped
            self._refuse_what_is_no_scheduler()
            client = Client(self.address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise self._no_answer(type(error).__name__) from None
        with client:
            self._refuse_others(client)
            run = uuid.uuid4().hex
            # As a task, not scattered: should the worker that holds it be lost, Dask makes it again elsewhere.
            project = client.submit(PackedProject, _packed(root), self.needs, key=f"evalkit-project-{run}")
            futures = [
                client.submit(run_there, project, job, _code(), key=f"evalkit-{run}-{job.id}", pure=False)
                for job in jobs
            ]
            by_key = {future.key: job for future, job in zip(futures, jobs, strict=True)}
            try:
                for future in as_completed(futures, loop=client.loop):
                    yield _result(future, by_key[future.key])
                    future.release()
            except FutureCancelledError:
                raise EvaluationError(
                    f"The scheduler at {self.address} went away. What was finished is kept; the same command goes on"
                    " from there."
                ) from None
            finally:
                client.cancel([future for future in futures if not future.done()], force=True)

    def _refuse_silence(self) -> None:
        """Ask before Dask does: a client of Dask that finds nobody complains long after it was given up."""
        try:
            parts = urlsplit(self.address)
            scheme, host, port = parts.scheme, parts.hostname, parts.port
        except ValueError:
            scheme = host = port = None
        if not (scheme and host and port):
            raise EvaluationError(
                f"{self.address} is not the address of a Dask scheduler: write it as tcp://host:8786."
            )
        try:
            socket.create_connection((host, port), timeout=SECONDS_TO_ANSWER).close()
        except (OSError, UnicodeError) as error:
            raise self._no_answer(getattr(error, "strerror", None) or "no answer") from None

    def _refuse_what_is_no_scheduler(self) -> None:
        """Ask who is there and what it runs: a client of Dask waits for anything that lets itself be connected to."""
        import distributed

        async def ask() -> tuple[dict, dict]:
            async with distributed.rpc(self.address, timeout=SECONDS_TO_ANSWER) as peer:
                return await peer.identity(), await peer.versions()

        async def in_time() -> tuple[dict, dict]:
            return await asyncio.wait_for(ask(), SECONDS_TO_ANSWER)

        try:
            identity, versions = asyncio.run(in_time())
        except Exception as error:  # whatever an unknown program answers
            raise self._no_answer(f"what is there does not speak Dask: {type(error).__name__}") from None
        if identity.get("type") != "Scheduler":
            raise EvaluationError(
                f"At {self.address} is a {str(identity.get('type', 'something'))[:40].lower()} of Dask and no scheduler:"
                " give the address that `dask scheduler` says."
            )
        there = str(versions.get("packages", {}).get("distributed"))[:40]
        if there != distributed.__version__:
            raise EvaluationError(
                f"The scheduler at {self.address} has distributed {there}, and this machine {distributed.__version__}:"
                f" install both from the same {REQUIREMENTS}."
            )

    def _no_answer(self, why: str) -> EvaluationError:
        return EvaluationError(
            f"No Dask scheduler answers at {self.address} ({why}): start one with `dask scheduler`, or correct the"
            " address, such as tcp://host:8786."
        )

    def _refuse_others(self, client: Any) -> None:
        """Every worker has the code and the libraries that this machine has, so that results are the same."""
        by_worker = client.run(_what_is_here)
        if not by_worker:
            raise EvaluationError(
                f"The scheduler at {self.address} has no workers: start some with `dask worker {self.address}`."
            )
        here = _what_is_here()
        for worker, there in sorted(by_worker.items()):
            different = [name for name in here if there.get(name) != here[name]]
            if different:
                differences = ", ".join(f"{name} {there.get(name)} instead of {here[name]}" for name in different)
                raise EvaluationError(
                    f"The worker {worker} has {differences}: install evalkit there from the same {REQUIREMENTS}."
                )


@dataclass(frozen=True)
class PackedProject:
    """What notebooks read, packed; and what a worker loads once."""

    packed: bytes
    needs: Needs


def run_there(project: PackedProject, job: Job, code: str) -> Executed:
    """On a worker: unpack the project once, and run one notebook."""
    from distributed import get_worker

    worker = get_worker()
    if code != _code():
        failure = f"The worker {worker.address} has another evalkit: install it there from the same {REQUIREMENTS}."
        return Executed(job.id, 0.0, failure=failure, detail=failure, worker=worker.address)
    root = _unpacked(project, Path(worker.local_directory))
    prepare(root)
    if can_fork():
        SERVER.read(root, project.needs)
    return replace(run_notebook(job, root), worker=worker.address)


def _result(future: Any, job: Job) -> Executed:
    if future.status == "finished":
        return future.result()
    if future.status == "cancelled":
        from distributed.client import FutureCancelledError

        raise FutureCancelledError(future.key, "gone")
    failure = "The notebook's worker was lost each time it was tried, perhaps for want of memory."
    return Executed(job.id, 0.0, failure=failure, detail=repr(future.exception()), worker="cluster")


def _packed(root: Path) -> bytes:
    """The project's inputs as a zip file: the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for folder in PACKED_FOLDERS:
            for path in sorted(path for path in (root / folder).rglob("*") if path.is_file()):
                undated = zipfile.ZipInfo(path.relative_to(root).as_posix())
                packed.writestr(undated, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _unpacked(project: PackedProject, folder: Path) -> Path:
    """The project below a worker's own folder, which Dask deletes with the worker."""
    root = folder / f"evalkit-{hashlib.sha256(project.packed).hexdigest()[:16]}"
    with _unpacking:
        if not root.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            aside = Path(tempfile.mkdtemp(dir=folder))
            with zipfile.ZipFile(io.BytesIO(project.packed)) as packed:
                packed.extractall(aside)
            try:
                aside.rename(root)
            except OSError:  # another process of this machine was first
                shutil.rmtree(aside)
    return root


def _code() -> str:
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _what_is_here() -> dict[str, str]:
    installed = environment(Path())
    return {"evalkit": _code()[:12], "kernel": installed["kernel"], **installed["libraries"]}

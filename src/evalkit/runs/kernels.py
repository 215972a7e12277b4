"""Kernels that are ready at once: forked from a server that has loaded what notebooks import.

Each notebook gets a process of its own, so no state crosses from one to the next. The server is Python's own
(`multiprocessing`, start method forkserver); it ends with the process that started it, and so does every kernel.
Where forking is not safe (macOS) or does not exist (Windows) Jupyter starts ordinary kernels, with the same results.
"""

import asyncio
import json
import multiprocessing
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Int, Type
from traitlets.config import Config

PROVISIONER = "evalkit-forked"
PRELOADED = "evalkit.runs.warm"
WARM = "EVALKIT_WARM"


def can_fork() -> bool:
    """Whether kernels can be forked here."""
    return sys.platform.startswith("linux") and "forkserver" in multiprocessing.get_all_start_methods()


def warm_up(root: Path, used: Iterable[tuple[str, str]]) -> None:
    """Say what the server is to load before its first kernel; it starts with that kernel.

    Parameters
    ----------
    used : pairs of measure and table
        Rows that notebooks will ask for.
    """
    if not can_fork():
        return
    os.environ[WARM] = json.dumps({"root": str(root), "used": sorted(set(used))})
    multiprocessing.get_context("forkserver").set_forkserver_preload([PRELOADED])


class WarmKernelManager(AsyncKernelManager):
    """Starts the kernel of any Python notebook by forking; the notebook itself keeps the name ``python3``."""

    memory = Int(0, help="Bytes of memory a kernel may take for itself; 0 for no limit.").tag(config=True)
    client_class = Type(klass="jupyter_client.client.KernelClient", config=True)

    def _client_class_default(self) -> type:
        return PromptClient

    @property
    def kernel_spec(self) -> KernelSpec | None:
        spec = super().kernel_spec
        if spec is not None:
            config = {"memory": self.memory}
            spec.metadata["kernel_provisioner"] = {"provisioner_name": PROVISIONER, "config": config}
        return spec


class PromptClient(AsyncKernelClient):
    """A client that begins once the kernel answers, where Jupyter's own first listens for another fifth of a second."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers on both channels.

        Raises
        ------
        RuntimeError
            Where it ends, or does not answer within ``timeout`` seconds.
        """
        deadline = time.monotonic() + (timeout or float("inf"))
        while time.monotonic() < deadline:
            self.kernel_info()
            try:
                reply = await self.get_shell_msg(timeout=1)
                await self.get_iopub_msg(timeout=0.2)
            except Empty:
                if not await self.is_alive():
                    raise RuntimeError("the kernel ended before it answered") from None
            else:
                self._handle_kernel_info_reply(reply)
                return
        raise RuntimeError(f"the kernel did not answer in {timeout} seconds")


class ForkedKernel(LocalProvisioner):
    """A jupyter_client kernel provisioner that forks (entry point ``evalkit-forked``)."""

    memory = Int(0).tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        """Fork; ``cmd`` would start the same kernel from nothing."""
        context = multiprocessing.get_context("forkserver")
        environment, self.cwd = kwargs["env"], kwargs.get("cwd") or str(Path.cwd())
        heard, speaks = context.Pipe(duplex=False)
        given = (self.parent.connection_file, environment, self.cwd, self.memory, speaks)
        forked = context.Process(target=_become_kernel, args=given, daemon=True)
        forked.start()
        speaks.close()
        self.process, self.pid = _AsPopen(forked), forked.pid
        with heard:
            await _readable(heard.fileno())  # its sockets are there, or it has ended
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the end of the process, and notice it at once."""
        if self.process is None:
            return 0
        await _readable(self.process.forked.sentinel)
        return self.process.wait()


async def _readable(handle: int) -> None:
    """Wait until something can be read from a file handle, be it the end of the file."""
    loop = asyncio.get_running_loop()
    event, own = asyncio.Event(), os.dup(handle)
    loop.add_reader(own, event.set)
    try:
        await event.wait()
    finally:
        loop.remove_reader(own)
        os.close(own)


class _AsPopen:
    """The part of ``subprocess.Popen`` that Jupyter uses, for a forked process."""

    stdin = stdout = stderr = None

    def __init__(self, forked: BaseProcess):
        self.forked = forked
        self.pid = forked.pid

    def poll(self) -> int | None:
        return self.forked.exitcode

    def wait(self) -> int | None:
        self.forked.join()
        return self.forked.exitcode

    def send_signal(self, number: int) -> None:
        if self.forked.is_alive():
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _become_kernel(
    connection_file: str, environment: dict[str, str], folder: str, memory: int, ready: Connection
) -> None:
    """In the forked process: what `python -m ipykernel_launcher -f connection_file` does, without the imports."""
    import resource

    from ipykernel.kernelapp import IPKernelApp

    os.setsid()  # Ctrl-C is for the run, which then ends its kernels
    threading.Thread(target=_end_with_the_run, args=(Path(connection_file).parent,), daemon=True).start()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    kernel = IPKernelApp.instance()
    kernel.initialize(["-f", connection_file, *KERNEL_ARGUMENTS])
    ready.close()
    kernel.start()


KERNEL_ARGUMENTS = (
    "--IPKernelApp.log_level=50",  # it reports its own orderly end as an error
    "--HistoryManager.enabled=False",
)


def _end_with_the_run(folder: Path) -> None:
    """A run that is killed can not end its kernels, so each sees to it by itself, and takes its sockets along."""
    multiprocessing.parent_process().join()
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def kernel_config(folder: Path, memory: int) -> Config:
    """Sockets and connection file in a folder of the kernel's own. Windows has no such sockets, and keeps TCP."""
    config = {"connection_file": str(folder / "kernel.json")}
    if os.name != "nt":
        config |= {"transport": "ipc", "ip": str(folder / "k")}
    return Config({"KernelManager": config, "WarmKernelManager": {"memory": memory}})

"""Kernels that are ready at once: forked from a server that has loaded what notebooks import.

Each notebook gets a process of its own, so no state crosses from one to the next. Where forking is not safe (macOS) or
does not exist (Windows) Jupyter starts ordinary kernels, with the same results.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
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
ORDINARY = "EVALKIT_ORDINARY_KERNELS"
LONGEST_FOLDER = 96  # bytes; the name of a socket has 104 on macOS, 108 on Linux


def can_fork() -> bool:
    """Whether kernels are forked here; ``EVALKIT_ORDINARY_KERNELS=1`` says no."""
    return sys.platform == "linux" and not os.environ.get(ORDINARY)


class ForkServer:
    """This end of the server that kernels are forked from; one for each process that runs notebooks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._requests: socket.socket | None = None
        self._given: tuple[str, str] = ("", "[]")

    def warm_up(self, root: Path, used: Iterable[tuple[str, str]]) -> None:
        """Start the server.

        Parameters
        ----------
        used : pairs of measure and table
            Rows that notebooks will ask for.
        """
        with self._lock:
            self._given = (str(root), json.dumps(sorted(set(used))))
            self._start()

    def fork(self, folder: Path) -> "ForkedProcess":
        """A new kernel for the request that lies in a folder."""
        here, there = socket.socketpair()
        with self._lock, there:
            self._start()
            socket.send_fds(self._requests, [os.fsencode(folder)], [there.fileno()])
        return ForkedProcess(here)

    def close(self) -> None:
        """End the server. Kernels that run go on to their end."""
        with self._lock:
            if self._requests is not None:
                self._requests.close()
                self._process.kill()
                self._process.wait()
                self._requests = None

    def _start(self) -> None:
        if self._requests is not None and self._process.poll() is None:
            return
        self._requests, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with there:
            command = [sys.executable, "-m", "evalkit.runs.forkserver", str(there.fileno()), *self._given]
            nothing = subprocess.DEVNULL
            self._process = subprocess.Popen(
                command, pass_fds=[there.fileno()], stdin=nothing, stdout=nothing, stderr=nothing
            )


SERVER = ForkServer()


class ForkedProcess:
    """The part of ``subprocess.Popen`` that Jupyter uses, for a kernel at the other end of a lifeline."""

    stdin = stdout = stderr = None

    def __init__(self, lifeline: socket.socket):
        lifeline.setblocking(False)
        self._lifeline = lifeline
        self._heard = b""
        self._ended = False

    async def ready(self) -> None:
        """Wait until its sockets are there, or it has ended."""
        while self.poll() is None and b"ready" not in self._heard:
            await _readable(self._lifeline)

    async def ended(self) -> None:
        """Wait until the process has ended."""
        while self.poll() is None:
            await _readable(self._lifeline)

    @property
    def pid(self) -> int | None:
        """Its process id; None until it has said so."""
        number, said, _ = self._heard.partition(b"\n")
        return int(number) if said else None

    def poll(self) -> int | None:
        while not self._ended:
            try:
                heard = self._lifeline.recv(4096)
            except BlockingIOError:
                return None
            except OSError:
                heard = b""
            self._heard += heard
            self._ended = not heard
        return 0

    def wait(self) -> int | None:
        self._lifeline.setblocking(True)
        return self.poll()

    def send_signal(self, number: int) -> None:
        if self.poll() is None and self.pid is not None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


async def _readable(lifeline: socket.socket) -> None:
    """Wait until something can be read from a socket, be it its end."""
    loop = asyncio.get_running_loop()
    event, own = asyncio.Event(), os.dup(lifeline.fileno())
    loop.add_reader(own, event.set)
    try:
        await event.wait()
    finally:
        loop.remove_reader(own)
        os.close(own)


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


class WarmKernelManager(AsyncKernelManager):
    """Starts the kernel of any Python notebook by forking; the notebook itself keeps the name ``python3``."""

    memory = Int(0, help="Bytes of memory a kernel may take for itself; 0 for no limit.").tag(config=True)
    client_factory = Type(PromptClient, klass=AsyncKernelClient, config=True)

    @property
    def kernel_spec(self) -> KernelSpec | None:
        spec = super().kernel_spec
        if spec is not None:
            config = {"memory": self.memory}
            spec.metadata["kernel_provisioner"] = {"provisioner_name": PROVISIONER, "config": config}
        return spec


class ForkedKernel(LocalProvisioner):
    """A jupyter_client kernel provisioner that forks (entry point ``evalkit-forked``)."""

    memory = Int(0).tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        """Fork; ``cmd`` would start the same kernel from nothing."""
        from evalkit.runs.forkserver import REQUEST

        connection_file = Path(self.parent.connection_file)
        self.cwd = kwargs.get("cwd") or str(Path.cwd())
        request = {
            "connection_file": str(connection_file),
            "environment": kwargs["env"],
            "folder": self.cwd,
            "memory": self.memory,
        }
        (connection_file.parent / REQUEST).write_text(json.dumps(request), encoding="utf-8")
        self.process = SERVER.fork(connection_file.parent)
        await self.process.ready()
        self.pid = self.process.pid
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and see it end, so that nobody has to look again later."""
        if self.process is not None:
            self.process.kill()
            await self.process.ended()

    async def wait(self) -> int | None:
        """Wait for the end of the process, and notice it at once."""
        if self.process is None:
            return 0
        await self.process.ended()
        return self.process.wait()

    async def cleanup(self, restart: bool = False) -> None:
        """End what the notebook started and left: it is in the kernel's own process group."""
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        await super().cleanup(restart)


def kernel_config(folder: Path, memory: int) -> Config:
    """Sockets and connection file in a folder of the kernel's own.

    Windows has no such sockets, and keeps TCP; so does a folder too deep for the name of a socket.
    """
    config = {"connection_file": str(folder / "kernel.json")}
    if os.name != "nt" and len(os.fsencode(folder)) < LONGEST_FOLDER:
        config |= {"transport": "ipc", "ip": str(folder / "k")}
    return Config({"KernelManager": config, "WarmKernelManager": {"memory": memory}})

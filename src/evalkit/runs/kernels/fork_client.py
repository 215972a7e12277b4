"""Processes forked from one that has loaded what notebooks import: this end of the fork server.

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
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ORDINARY = "EVALKIT_ORDINARY_KERNELS"
LONGEST_MESSAGE = 1 << 16
REQUEST = "request.json"  # in a kernel's folder: what it is to be told
# Several notebooks run side by side, so each computes in one thread.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def can_fork() -> bool:
    """Whether kernels are forked here; ``EVALKIT_ORDINARY_KERNELS=1`` says no."""
    return sys.platform == "linux" and not os.environ.get(ORDINARY)


@dataclass(frozen=True)
class Needs:
    """What notebooks will ask for.

    Attributes
    ----------
    rows : tuple of (measure, table)
    modules : tuple of str
        Modules of evalkit that they reach.
    """

    rows: tuple[tuple[str, str], ...] = ()
    modules: tuple[str, ...] = ()


class ForkServer:
    """The server that kernels are forked from; one for each process that runs notebooks.

    Messages are what to load besides the libraries; a kernel's folder with the handle of its lifeline; or that handle
    alone, for a process that is told through it what to call.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._messages: socket.socket | None = None
        self._kept = False

    def start(self) -> None:
        """Start loading the libraries, which takes seconds, unless that was begun before."""
        with self._lock:
            self._start()

    def read(self, root: Path, needs: Needs) -> None:
        """Have more loaded before the first kernel is forked."""
        message = json.dumps({"root": str(root), "rows": needs.rows, "modules": needs.modules}).encode()
        with self._lock:
            messages = self._started()
            if len(message) < LONGEST_MESSAGE:  # a longer one is not worth it: notebooks load what they need
                messages.send(message)

    def fork(self, folder: Path) -> "ForkedProcess":
        """A new kernel for the request that lies in a folder."""
        here, there = socket.socketpair()
        message = json.dumps({"folder": str(folder)}).encode()
        with self._lock, there:
            socket.send_fds(self._started(), [message], [there.fileno()])
        return ForkedProcess(here)

    def call(self, function: Callable, *arguments: Any) -> Any:
        """What a function gives, called in a process that has the libraries loaded: arguments and answer are copies.

        Called here where no server runs, or where that process ends without an answer: what is wrong is then said here.
        """
        from multiprocessing.connection import Connection

        if self._messages is None:
            return function(*arguments)
        here, there = socket.socketpair()
        with Connection(here.detach()) as lifeline:
            try:
                with self._lock, there:
                    socket.send_fds(self._messages, [json.dumps({}).encode()], [there.fileno()])
                lifeline.send((function, arguments))
                return lifeline.recv()
            except (OSError, EOFError):
                pass
        return function(*arguments)

    @contextmanager
    def kept(self) -> Generator[None]:
        """Let the server outlive the notebooks, for calls to come; it ends with the block."""
        self._kept = True
        try:
            yield
        finally:
            self._kept = False
            self.close()

    def close_unless_kept(self) -> None:
        """End the server where nobody has asked to keep it."""
        if not self._kept:
            self.close()

    def close(self) -> None:
        """End the server. Kernels that run go on to their end."""
        with self._lock:
            if self._messages is not None and self._process is not None:
                self._messages.close()
                self._process.kill()
                self._process.wait()
                self._messages = None

    def _started(self) -> socket.socket:
        self._start()
        assert self._messages is not None
        return self._messages

    def _start(self) -> None:
        if self._messages is not None and self._process is not None and self._process.poll() is None:
            return
        self._messages, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        nothing = subprocess.DEVNULL
        with there:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "evalkit.runs.kernels.fork_server", str(there.fileno())],
                env={**ONE_THREAD, **os.environ}, pass_fds=[there.fileno()], start_new_session=True,
                stdin=nothing, stdout=nothing, stderr=nothing,
            )  # fmt: skip


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
        number, newline, _ = self._heard.partition(b"\n")
        return int(number) if newline else None

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
            with suppress(ProcessLookupError):  # it has ended, and what it left is being ended
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


async def _readable(lifeline: socket.socket) -> None:
    """Wait until something can be read from a socket, be it its end."""
    loop = asyncio.get_running_loop()
    event, handle = asyncio.Event(), os.dup(lifeline.fileno())
    loop.add_reader(handle, event.set)
    try:
        await event.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)

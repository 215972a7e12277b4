"""Commands in a process that has its libraries loaded already: for tests of what a command does, not of how it starts.

evalkit's own fork server, one for each process of tests, forks a process for each command; the server that the command
asks for is forked from that process in turn. Importing all of it anew took half of the time of all commands.
"""

import os
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NoReturn
from unittest import mock

from evalkit.runs.kernels.fork_client import ForkServer, Needs, can_fork

LOADED = (
    "evalkit.cli", "evalkit.book.build", "evalkit.book.pages", "evalkit.catalogue.new_evaluation_files", "evalkit.runs.due",
    "evalkit.runs.engine", "evalkit.runs.execution.local_workers", "evalkit.runs.planning.check_project",
)  # fmt: skip
WHEN_LOADED = {"NO_COLOR": "1", "COLUMNS": "120", "PYTHONPATH": str(Path(__file__).parents[2])}


def run_warm(
    folder: Path, arguments: tuple[str, ...], environment: Mapping[str, str], said: Path, before: str = ""
) -> int:
    """Run a command of evalkit in a folder; what it prints goes to ``said/out`` and ``said/err``, its status is given.

    ``before`` is Python run before it, so that a fault can be put in.
    """
    return _server().call(_command, os.getpid(), folder, arguments, dict(environment), said, before)


@cache
def _server() -> ForkServer:
    assert can_fork()
    server = ForkServer()
    with mock.patch.dict(os.environ, WHEN_LOADED):
        server.read(Path(), Needs(modules=LOADED))
    return server


def _command(
    tests: int, folder: Path, arguments: tuple[str, ...], environment: dict[str, str], said: Path, before: str
) -> int:
    assert os.getpid() != tests, "the warm process has ended"
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    tempfile.tempdir = None  # by the environment of the command
    for name, stream in (("out", "stdout"), ("err", "stderr")):
        file = (said / name).open("w", encoding="utf-8", buffering=1)
        setattr(sys, stream, file)
        os.dup2(file.fileno(), 1 if name == "out" else 2)
    sys.argv = ["evalkit", *arguments]
    ForkServer._start = _fork_server

    from evalkit.cli import main

    status = 0
    try:
        exec(before, {})
        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def _fork_server(self: ForkServer) -> None:
    """As ``ForkServer._start``, by a fork of this process."""
    if self._messages is not None:
        return
    self._messages, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    number = os.fork()
    if number == 0:
        _serve(self._messages.detach(), there.detach())
    there.close()
    self._process = _Forked(number)


def _serve(other_end: int, handle: int) -> NoReturn:
    from evalkit.runs.kernels import fork_server

    try:
        os.setsid()
        os.close(other_end)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        fork_server.serve(handle)
    finally:
        os._exit(0)


class _Forked:
    """What ``ForkServer`` asks of the process of its server."""

    def __init__(self, number: int):
        self._number = number

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._number, signal.SIGKILL)

    def wait(self) -> None:
        with suppress(ChildProcessError):
            os.waitpid(self._number, 0)

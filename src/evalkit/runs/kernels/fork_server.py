"""The fork server: a process that has loaded what notebooks use, and forks itself into a kernel for each of them.

It is started by `evalkit.runs.kernels.fork_client` and ends with the process that started it. A kernel's lifeline is a socket
between the two: it carries the kernel's process id and the word that it is ready, and either end notices at once when
the other is gone. Python's own fork server would run the caller's main module again in every kernel.
"""

import ctypes
import gc
import json
import os
import resource
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path

import numpy
import psutil

import evalkit
from evalkit.runs.kernels.fork_client import LONGEST_MESSAGE, REQUEST

PRELOADED = (
    "ipykernel.ipkernel", "ipykernel.kernelapp", "ipykernel.zmqshell", "ipykernel.debugger", "tornado.platform.asyncio",
    "tornado.queues", "IPython.core.completerlib", "IPython.core.debugger", "IPython.extensions.storemagic",
    "zmq.utils.garbage", "matplotlib_inline.backend_inline", "matplotlib.backends.backend_agg", "pandas.io.formats.csvs",
    "pandas.io.formats.string", "scipy.stats", "seaborn", "statsmodels.genmod.generalized_linear_model", "statsmodels.tsa.statespace.sarimax",
)  # fmt: skip
IMPORTED_LATER = {"evalkit.inference.panel.group_time": "diff_diff"}  # by module of ours that needs it in the end
PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG = 36, 1  # prctl(2), Linux
KERNEL_ARGUMENTS = (
    "--IPKernelApp.log_level=50",  # it reports its own orderly end as an error
    "--HistoryManager.enabled=False",
)


def serve(handle: int) -> None:
    """Fork a kernel for every request, until the other end is closed."""
    gc.disable()  # what is loaded stays, so there is nothing to look for
    with suppress(Exception):  # the notebook that needs it will say what is wrong, in its own words
        _load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries them
    with socket.socket(fileno=handle) as messages:
        while True:
            message, handles, _, _ = socket.recv_fds(messages, LONGEST_MESSAGE, 1)
            if not message:
                return
            request = json.loads(message)
            if not handles:
                with suppress(Exception):
                    _read(Path(request["root"]), request["rows"], request["modules"])
                continue
            gc.freeze()  # so that a fork does not copy what it never changes
            if os.fork() == 0:
                messages.close()
                gc.enable()
                if "folder" in request:
                    _keep_kernel(Path(request["folder"]), socket.socket(fileno=handles[0]))
                _answer(handles[0])
            os.close(handles[0])


def _load() -> None:
    """Import what every notebook imports. No thread and no socket may be left behind."""
    for name in PRELOADED:
        import_module(name)
    for name in evalkit.__all__:
        getattr(evalkit, name)
    _draw()


def _read(root: Path, rows: Iterable[tuple[str, str]], modules: Iterable[str]) -> None:
    """Import and read what these notebooks will ask for."""
    from evalkit.catalogue import read_catalogue
    from evalkit.intake.load import preload

    for name in modules:
        import_module(name)
        if name in IMPORTED_LATER:
            import_module(IMPORTED_LATER[name])
    catalogue = read_catalogue(root)
    for measure, table in rows:
        preload(catalogue, measure, table)


def _draw() -> None:
    """The first picture of a process looks for fonts."""
    from matplotlib.figure import Figure

    from evalkit.report.figures import charts, picture  # noqa: F401  the pictures of notebooks are drawn by it

    blank = Figure()
    blank.add_subplot().plot([0, 1], label="fonts")
    charts.as_png(blank)


def _keep_kernel(folder: Path, lifeline: socket.socket) -> None:
    """Fork the kernel and, once it or the run has ended, end all that it left behind, whatever session or group that is in.

    The lifeline stays open here, so that the notebook counts as ended when nothing of it is left. A run that is killed
    can not end its kernels, and a cell may keep its kernel from noticing, so this process sees to it.
    """
    run_is_gone = threading.Event()
    try:
        system = ctypes.CDLL(None)
        system.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # orphans below come to this process
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        kernel = os.fork()
        if kernel == 0:
            system.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            _become_kernel(folder, lifeline)
        threading.Thread(target=_end_with_the_run, args=(kernel, lifeline, run_is_gone), daemon=True).start()
        while os.wait()[0] != kernel:
            pass
        if run_is_gone.is_set():
            shutil.rmtree(folder, ignore_errors=True)  # with its sockets
        while True:  # until there is no child to wait for; one that forks and ends, again and again, is met in the end
            for left in psutil.Process().children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    left.kill()
            os.wait()
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    finally:
        os._exit(0)


def _become_kernel(folder: Path, lifeline: socket.socket) -> None:
    """What `python -m ipykernel_launcher -f connection_file` does, without the imports."""
    try:
        os.setsid()
        lifeline.sendall(f"{os.getpid()}\n".encode())
        for number in (signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        request = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        if request["memory"]:
            limit = _inherited() + request["memory"]
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        numpy.random.seed()  # else every kernel would draw the same numbers

        from ipykernel.kernelapp import IPKernelApp

        kernel = IPKernelApp.instance()
        kernel.initialize(["-f", request["connection_file"], *KERNEL_ARGUMENTS])
        lifeline.sendall(b"ready\n")
        lifeline.close()  # what the notebook forks is no sign of the kernel's life
        kernel.start()
    finally:
        os._exit(0)


def _answer(handle: int) -> None:
    """Call what comes through the lifeline, send back what it gives, and end."""
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        lifeline = Connection(handle)
        function, arguments = lifeline.recv()
        threading.Thread(target=_end_with_the_caller, args=(lifeline,), daemon=True).start()
        lifeline.send(function(*arguments))
    finally:
        os._exit(0)


def _end_with_the_caller(lifeline: Connection) -> None:
    lifeline.poll(None)
    os.killpg(0, signal.SIGKILL)


def _inherited() -> int:
    """Bytes of data that a fork has from the server: the limit counts them, though they are no memory of its own."""
    return int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()


def _end_with_the_run(kernel: int, lifeline: socket.socket, run_is_gone: threading.Event) -> None:
    with suppress(OSError):  # it went before it had heard that the kernel is ready
        while lifeline.recv(1):
            pass
    run_is_gone.set()
    with suppress(ProcessLookupError):
        os.kill(kernel, signal.SIGKILL)


if __name__ == "__main__":
    serve(int(sys.argv[1]))

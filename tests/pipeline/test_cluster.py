"""Several machines: a real scheduler with a worker, and in the slow form with two, of which one is lost at its work."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.support.small_project import DEADLINE, SmallProject, all_end, put_an_end_to, small_project, until

pytest.importorskip("distributed", reason="Dask distributed is not installed: evalkit[cluster]")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="process groups of POSIX")

SITES = 4
# Says where it is, and waits to be let go on; what it prints is the same everywhere.
WAITS = (
    "import json, os, pathlib, time\nfolder = pathlib.Path({folder!r})\n"
    "told = json.dumps([os.environ['EVALKIT_ROOT'], os.getpid()])\n"
    "aside = folder / f'.{{site}}.{{os.getpid()}}'\naside.write_text(told)\naside.rename(folder / f'at {{site}} {{os.getpid()}}')\n"
    "while not (folder / 'go').exists(): time.sleep(0.01)"
)
IMPATIENT = "import evalkit.runs.execution.dask_cluster as cluster\ncluster.SECONDS_TO_ANSWER = 1"


@contextmanager
def scheduler(folder: Path):
    """A Dask scheduler; gives its address."""
    written = folder / "scheduler.json"
    process = _dask("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(written))
    try:
        until(lambda: written.is_file() and written.read_text().rstrip().endswith("}"))
        yield json.loads(written.read_text())["address"]
    finally:
        put_an_end_to(process)


def worker(address: str, folder: Path) -> subprocess.Popen:
    """A worker with its nanny, as `dask worker` starts them, in a process group of its own."""
    folder.mkdir()
    here = ("--local-directory", str(folder), "--no-dashboard", "--nthreads", "1")
    return _dask("worker", address, *here)


def _dask(*arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-c", "from dask.__main__ import main; main()", *arguments]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> SmallProject:
    return small_project(tmp_path_factory.mktemp("cluster") / "programme", SITES)


def test_what_a_cluster_lacks_is_told_and_what_it_runs_is_what_runs_here(project, tmp_path):
    shutil.copytree(project.root, tmp_path / "programme")
    project = SmallProject(tmp_path / "programme")
    asked = [project.id(number) for number in (1, 2)]
    with scheduler(tmp_path) as address:
        other = "import distributed\ndistributed.__version__ = '2000.1.0'"
        said = project.evalkit("run", "--cluster", address, before=other)
        assert said.status == 2
        assert "distributed 20" in said.err
        assert "and this machine 2000.1.0: install both from the same requirements.lock" in said.err

        lonely = project.evalkit("run", "--cluster", address)
        assert (lonely.status, lonely.out) == (2, "")
        assert lonely.err == f"The scheduler at {address} has no workers: start some with `dask worker {address}`.\n"

        process = worker(address, tmp_path / "worker")
        try:
            until(lambda: len(_workers(address)) == 1)
            (there,) = _workers(address)
            said = project.evalkit("run", "--cluster", there)
            assert said.status == 2
            assert said.err.startswith(f"At {there} is a worker of Dask and no scheduler")

            patched = "import evalkit.runs.execution.dask_cluster as cluster\ncluster._code = lambda: '0' * 64"
            other = project.evalkit("run", "--cluster", address, before=patched)
            assert (other.status, other.out) == (2, "")
            (sentence,) = other.err.splitlines()
            assert "instead of 000000000000: install evalkit there from the same requirements.lock." in sentence
            assert project.log() == []

            said = project.evalkit("run", *asked, "--cluster", address)
        finally:
            put_an_end_to(process)
    assert said.status == 0, said.err
    assert said.out == "2 run, 0 up to date, 2 results in results/.\n"
    assert Counter(line["analysis"] for line in project.log()) == dict.fromkeys(asked, 1)
    _runs_the_same_here(project, *asked)


def _runs_the_same_here(project: SmallProject, *asked: str) -> None:
    from_cluster = project.snapshot("results", "_build/runs")
    local = project.evalkit("run", *asked, "--force")
    assert local.status == 0, local.err
    assert project.snapshot("results", "_build/runs") == from_cluster


def _workers(address: str) -> list[str]:
    """The addresses of the workers that a scheduler has."""
    from distributed import Client

    with Client(address, timeout=DEADLINE, set_as_default=False) as client:
        return list(client.scheduler_info(n_workers=-1)["workers"])


@pytest.mark.slow
def test_a_lost_workers_notebooks_run_elsewhere_and_nothing_is_lost_or_double(project, tmp_path):
    seen = tmp_path / "seen"
    seen.mkdir()
    for number in range(1, SITES + 1):
        project.let(number, does=WAITS.format(folder=str(seen)))

    def at() -> dict[int, Path]:
        """Process and folder of every notebook that has begun."""
        begun = [json.loads(path.read_text()) for path in seen.glob("at *")]
        return {pid: Path(root) for root, pid in begun}

    with scheduler(tmp_path) as address:
        workers = {name: worker(address, tmp_path / name) for name in ("first", "second")}
        run = None
        try:
            until(lambda: len(_workers(address)) == 2)
            run = project.start("run", "--cluster", address)
            until(lambda: len(at()) == 2 or run.poll() is not None)
            assert run.poll() is None, run.communicate()[1]
            began = at()
            (lost,) = [pid for pid, root in began.items() if (tmp_path / "second") in root.parents]
            kernel = psutil.Process(lost)
            os.killpg(workers["second"].pid, signal.SIGKILL)
            assert all_end([kernel])
            (seen / "go").touch()
            out, err = run.communicate(timeout=DEADLINE)
        finally:
            put_an_end_to(*workers.values(), *([run] if run else []))
        kernels = [psutil.Process(pid) for pid in at() if psutil.pid_exists(pid)]
        assert all_end(kernels)
    assert run.returncode == 0, err
    assert out == f"{SITES} run, 0 up to date, {SITES} results in results/.\n"
    assert "Traceback" not in err
    # As many lines as analyses, none of them from the lost worker; one notebook was begun twice.
    assert Counter(line["analysis"] for line in project.log()) == {
        project.id(number): 1 for number in range(1, SITES + 1)
    }
    assert len({line["worker"] for line in project.log()}) == 1
    assert len(at()) == SITES + 1
    _runs_the_same_here(project)


@pytest.mark.parametrize(
    ("fault", "address", "sentence"),
    [
        (
            IMPATIENT,
            "tcp://127.0.0.1:1",
            "No Dask scheduler answers at tcp://127.0.0.1:1 (Connection refused): start one with",
        ),
        (
            IMPATIENT,
            "nonsense://here",
            "nonsense://here is not the address of a Dask scheduler: write it as tcp://host:8786.",
        ),
        ("import sys; sys.modules['distributed'] = None", "tcp://127.0.0.1:1", "--cluster needs Dask: install it with"),
    ],
    ids=["nobody there", "no such transport", "Dask not installed"],
)
def test_what_no_cluster_can_be_reached_with_is_one_sentence(project, fault, address, sentence):
    before = project.snapshot("results", "_build/runs", "data")
    said = project.evalkit("run", "--force", "--cluster", address, before=fault)
    assert (said.status, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert line.startswith(sentence)
    assert project.snapshot("results", "_build/runs", "data") == before


@contextmanager
def _listening(answer: bytes):
    """A program that takes every connection, says something, or nothing, and waits."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    held.append(connection)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        for connection in held:
            connection.close()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", b"\xff" * 4096])
def test_what_is_no_scheduler_is_told_in_time(project, answer):
    with _listening(answer) as address:
        said = project.evalkit("run", "--force", "--cluster", address, before=IMPATIENT)
    assert (said.status, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert line.startswith(f"No Dask scheduler answers at {address} (what is there does not speak Dask: ")

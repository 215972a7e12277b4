"""Kernels: nothing crosses from one notebook to the next, limits hold, an end is noticed, and forking changes no byte."""

import json
import os
import shutil
from importlib.metadata import entry_points

import nbformat
import psutil
import pytest

from evalkit.runs.kernels import fork_client, provisioner
from tests.support.small_project import SmallProject, all_end, descendants, put_an_end_to, small_project, until

LOOK_AND_TOUCH = '''
import os, sys, json, pathlib, random, signal, warnings
import numpy as np, pandas as pd, matplotlib as mpl, statsmodels
import evalkit.designs
folder = pathlib.Path(os.environ["EVALKIT_ROOT"])
handles = [os.readlink(f"/proc/self/fd/{one}") for one in os.listdir("/proc/self/fd") if os.path.islink(f"/proc/self/fd/{one}")]
print(json.dumps({
    "attribute": hasattr(statsmodels, "touched"), "ours": hasattr(evalkit.designs, "touched"),
    "module": "touched" in sys.modules, "path": "/touched" in sys.path,
    "environment": os.environ.get("TOUCHED"), "folder": os.path.samefile(os.getcwd(), folder),
    "numpy": np.random.get_state()[1][0].item() == 7 and np.random.get_state()[2] < 624, "errors": np.geterr()["divide"],
    "pandas": pd.get_option("display.max_rows"), "matplotlib": mpl.rcParams["font.size"],
    "handle": any(name.endswith("touched.txt") for name in handles), "mask": os.umask(0o022),
    "signal": signal.getsignal(signal.SIGUSR1) is not signal.SIG_DFL,
    "warnings": any(one[3] == 77 for one in warnings.filters),
}))
statsmodels.touched = evalkit.designs.touched = True
sys.modules["touched"] = statsmodels
sys.path.append("/touched")
os.environ["TOUCHED"] = "yes"
np.random.seed(7)
np.seterr(divide="raise")
pd.set_option("display.max_rows", 7)
mpl.rcParams["font.size"] = 99
held = os.open(folder / "touched.txt", os.O_CREAT | os.O_RDWR)
os.umask(0o077)
signal.signal(signal.SIGUSR1, print)
warnings.filterwarnings("ignore", lineno=77)
os.chdir("/")
'''  # fmt: skip

needs_fork = pytest.mark.skipif(not fork_client.can_fork(), reason="kernels are forked on Linux only")


@pytest.fixture(scope="module")
def touched(tmp_path_factory) -> SmallProject:
    """Three notebooks, one after another, each of which looks and then changes all that it can of its process."""
    project = small_project(tmp_path_factory.mktemp("kernels") / "programme", 3)
    for number in (1, 2, 3):
        project.let(number, does=LOOK_AND_TOUCH)
    said = project.python("", "run", "--jobs", "1")
    assert said.status == 0, said.err
    return project


@needs_fork
def test_no_state_crosses_from_one_notebook_to_the_next(touched):
    seen = [json.loads(touched.printed(number)) for number in (1, 2, 3)]
    assert seen[0] == seen[1] == seen[2]
    first = seen[0]
    changed = ("attribute", "ours", "module", "path", "environment", "numpy", "handle", "warnings")
    assert not any(first[name] for name in changed), first
    assert first["pandas"] != 7
    assert first["matplotlib"] != 99
    assert first["errors"] != "raise"


@needs_fork
def test_a_deep_temporary_folder_is_no_obstacle(tmp_path):
    """The name of a socket may have about a hundred characters."""
    project = small_project(tmp_path / "programme", 1)
    deep = tmp_path / ("deep" * 40)
    deep.mkdir()
    said = project.python("", "run", "--memory", "0.3", TMPDIR=str(deep))
    assert said.status == 0, said.err  # and what the server has loaded does not count as the notebook's memory


@needs_fork
def test_an_ordinary_kernel_gives_the_same_bytes(touched):
    """What `touched` printed depends on nothing but its own process, so it may be compared as well."""
    before = touched.snapshot("results", "_build/runs")
    said = touched.evalkit("run", touched.id(1), "--force", EVALKIT_ORDINARY_KERNELS="1")
    assert said.status == 0, said.err
    assert touched.left_over() == []
    assert touched.snapshot("results", "_build/runs") == before


def test_templates_keep_the_kernel_of_every_python_notebook(touched, root):
    for number in (1, 2, 3):
        assert touched.notebook(number).metadata.kernelspec.name == "python3"
    for path in (root / "book" / "notebooks").glob("*.ipynb"):
        assert nbformat.read(path, as_version=4).metadata.kernelspec.name == "python3", path.name


def test_the_provisioner_is_an_entry_point_that_jupyter_finds():
    (entry_point,) = entry_points(group="jupyter_client.kernel_provisioners", name=provisioner.PROVISIONER)
    assert entry_point.load() is provisioner.ForkedKernel


FAULTS = {
    1: ("import numpy, random; print(numpy.random.rand(), random.random())", None),
    2: ("import os; os._exit(3)", "kernel stopped"),
    3: ("import os; os.kill(os.getpid(), 9)", "kernel stopped"),
    4: ("import numpy; numpy.ones(int(3e9) // 8)", "needed more than 1 GB of memory: give it more with --memory"),
    5: ("import sys; sys.exit(4)", "stopped in cell 3 with SystemExit"),
    6: ("raise KeyboardInterrupt", "stopped in cell 3 with KeyboardInterrupt"),
    7: ("open('/nowhere/at/all')", "stopped in cell 3 with FileNotFoundError"),
    8: ("import ctypes; ctypes.string_at(0)", "kernel stopped"),
    9: ("input('name?')", "stopped in cell 3 with StdinNotImplementedError"),
    10: ("import os\nif os.fork() == 0:\n    while True: pass\nos._exit(3)", "kernel stopped"),
    11: ("import multiprocessing as mp\nwith mp.Pool(1) as pool: print(pool.map(abs, [-1]))", None),
    12: ("import numpy, random; print(numpy.random.rand(), random.random())", None),
    13: ("for _ in range(2_000): print('x' * 100_000)", "shows more than 10 MB: let it show less"),
    14: ("print('x' * 11_000_000)", "shows more than 10 MB: let it show less"),
    16: ("display({'application/json': ['x' * 1_000_000] * 20, 'text/plain': 'a'}, raw=True)", "shows more than 10 MB"),
    17: ("raise ValueError('x' * 20_000_000)", "shows more than 10 MB"),
    15: ("import os, time; os.kill(os.getppid(), 9); time.sleep(600)", "kernel stopped"),
}
HANGS = {1: "import time; time.sleep(600)", 2: "while True: pass"}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """One run of notebooks that end in every way a notebook can."""
    project = small_project(tmp_path_factory.mktemp("faulty") / "programme", max(FAULTS))
    for number, (does, _) in FAULTS.items():
        project.let(number, does=does)
    return project, project.evalkit("run", "--jobs", "4", "--memory", "1")


@needs_fork
@pytest.mark.parametrize("number", [number for number, (_, sentence) in FAULTS.items() if sentence])
def test_a_notebook_that_fails_is_named_with_one_sentence(faulty, number):
    project, said = faulty
    (line,) = [line for line in said.err.splitlines() if line.startswith(f"{project.id(number)} failed: ")]
    assert FAULTS[number][1] in line
    assert not (project.root / "results" / f"{project.id(number)}.json").exists()


@needs_fork
def test_a_notebook_that_hangs_is_stopped(tmp_path):
    project = small_project(tmp_path / "programme", max(HANGS))
    for number, does in HANGS.items():
        project.let(number, does=does)
    said = project.evalkit("run", "--jobs", "2", "--minutes", "0.05")
    assert said.status == 1
    failed = [line for line in said.err.splitlines() if " failed: " in line]
    assert len(failed) == len(HANGS)
    assert all("stopped after 0.05 minutes: give it more with --minutes" in line for line in failed)
    assert project.left_over() == []


@needs_fork
def test_the_others_finish_and_the_summary_counts(faulty):
    project, said = faulty
    assert said.status == 1
    assert said.out == "17 run, 0 up to date, 3 results in results/.\n"
    assert len(said.err.splitlines()) == 17 + 14 + 1, said.err  # finished, failed, where the log is: no noise
    for number in (1, 11, 12):
        assert (project.root / "results" / f"{project.id(number)}.json").is_file()
    assert sorted(line["analysis"] for line in project.log()) == sorted(project.id(number) for number in FAULTS)
    assert project.left_over() == []


@needs_fork
def test_random_numbers_without_a_seed_are_others_in_every_notebook(faulty):
    project, _ = faulty
    drawn = [*project.printed(1).split(), *project.printed(12).split()]
    assert len(set(drawn)) == 4


@needs_fork
def test_what_a_notebook_started_ends_with_its_kernel_wherever_it_hides(tmp_path):
    """A child, one in a session of its own, and one whose parents have gone."""
    project = small_project(tmp_path / "programme", 1)
    hides = """
import os, pathlib, subprocess, sys
ids = pathlib.Path(os.environ["EVALKIT_ROOT"], "ids")
child = subprocess.Popen(["sleep", "600"])
apart = subprocess.Popen(["sleep", "600"], start_new_session=True)
orphan = "import subprocess; print(subprocess.Popen(['sleep', '600'], start_new_session=True, stdout=-3).pid)"
lost = subprocess.check_output([sys.executable, "-c", orphan], text=True)
ids.write_text(f"{child.pid} {apart.pid} {lost}")
"""
    project.let(1, does=hides)
    said = project.evalkit("run")
    assert said.status == 0, said.err
    started = [int(number) for number in (project.root / "ids").read_text().split()]
    assert len(started) == 3
    assert [number for number in started if psutil.pid_exists(number)] == []


@needs_fork
@pytest.mark.parametrize(
    "does", ["import re; re.match('(a+)+$', 'a' * 60 + 'b')", "import os; os.execvp('sleep', ['sleep', '600'])"]
)
def test_a_run_that_is_killed_takes_its_kernel_along_whatever_that_is_at(tmp_path, does):
    """One that lets no other thread of it work, one that is another program by now."""
    project = small_project(tmp_path / "programme", 1)
    project.let(1, does=f"open('begun', 'w').close(); {does}")
    process = project.start("run")
    try:
        until(lambda: (project.root / "begun").exists())
        seen = descendants(process)
        process.kill()
        process.wait()
        assert all_end(seen[1:])
        assert project.left_over() == []
    finally:
        put_an_end_to(process)


# The same pages give the same HTML, as `tests/book/test_incremental.py` holds.
NO_SPHINX = """
import evalkit.book.build
from evalkit.book.sphinx.process import SphinxProcess
evalkit.book.build.make_html = SphinxProcess.start = lambda *given: None
"""


@needs_fork
def test_pages_are_drawn_by_the_server_and_are_those_drawn_without_it(tmp_path):
    project = small_project(tmp_path / "programme", 1)
    shutil.copytree(project.root, tmp_path / "ordinary")
    ordinary = SmallProject(tmp_path / "ordinary")
    said = project.python(
        "import sys; sys.modules['evalkit.report.figures.charts'] = None", "book"
    )  # it cannot draw by itself
    assert said.status == 0, said.err
    said = ordinary.evalkit("book", before=NO_SPHINX, EVALKIT_ORDINARY_KERNELS="1")
    assert said.status == 0, said.err
    drawn = project.snapshot("book/generated")
    assert any(name.endswith(".svg") for name in drawn)
    assert drawn == ordinary.snapshot("book/generated")
    assert any(name.endswith(".svg") for name in project.snapshot("_build/html"))


@needs_fork
def test_a_call_is_answered_elsewhere_and_here_where_that_is_not_possible():
    server = fork_client.ForkServer()
    assert server.call(os.getpid) == os.getpid()
    server.start()
    with server.kept():
        server.close_unless_kept()
        assert server.call(os.getpid) != os.getpid()
        assert server.call(eval, f"__import__('os').getpid() == {os.getpid()} or __import__('os')._exit(1)") is True
        with pytest.raises(ZeroDivisionError):
            server.call(divmod, 1, 0)
        large = "x" * 10_000_000
        assert server.call(str.upper, large) == large.upper()
    assert server.call(os.getpid) == os.getpid()


@needs_fork
def test_a_call_ends_with_its_caller(tmp_path):
    project = small_project(tmp_path / "programme", 1)
    code = (
        "import time; from evalkit.runs.kernels.fork_client import SERVER; SERVER.start(); SERVER.call(time.sleep, 600)"
    )
    process = project.start(code=code)
    try:
        until(lambda: len(descendants(process)) == 3)
        seen = descendants(process)
        process.kill()
        process.wait()
        assert all_end(seen[1:])
    finally:
        put_an_end_to(process)

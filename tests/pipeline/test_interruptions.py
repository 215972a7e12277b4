"""A run that is stopped, killed, or met by another: what is finished stays, nothing is left behind, the next goes on."""

import os
import signal
from pathlib import Path

import pytest

from evalkit.runs.project_lock import interrupted_once
from tests.support.small_project import (
    DEADLINE,
    LOG,
    SmallProject,
    all_end,
    descendants,
    put_an_end_to,
    small_project,
    until,
)

# The notebook says that it is there, and waits to be let go on.
WAITS = (
    "import os, pathlib, time\nroot = pathlib.Path(os.environ['EVALKIT_ROOT'])\n(root / f'at-{site}').touch()\n"
    "while not (root / 'go').exists(): time.sleep(0.01)"
)
QUICK, SLOW = (1, 2), (3, 4, 5)
SEEN = ("data", "book", "results", "_build")


@pytest.fixture
def project(tmp_path) -> SmallProject:
    made = small_project(tmp_path / "programme", 5)
    for number in SLOW:
        made.let(number, does=WAITS)
    return made


def waiting(project: SmallProject) -> list[Path]:
    return sorted(project.root.glob("at-*"))


def begin(project: SmallProject, *arguments: str):
    """A run that has got stuck in two notebooks."""
    for path in waiting(project):
        path.unlink()
    process = project.start("run", "--jobs", "2", *arguments)
    until(lambda: len(waiting(project)) == 2 or process.poll() is not None)
    assert process.poll() is None, process.communicate()[1]
    return process


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_stopped_met_and_killed(project):
    first = begin(project, project.id(1), project.id(2), project.id(3), project.id(4))
    try:
        until(lambda: len(project.log()) == 2)
        family = descendants(first)
        assert len(family) >= 4  # itself, the server, two kernels

        # Another one at the same time is told who is at work, and changes nothing.
        before = project.snapshot(*SEEN)
        for command in (("run", "--force"), ("build",), ("clean",)):
            second = project.evalkit(*command)
            assert second.status == 2
            assert second.out == ""
            (sentence,) = second.err.splitlines()
            assert f"Another evalkit is at work in this folder (`evalkit run --jobs 2 {project.id(1)}" in sentence
            assert f"process {first.pid}, since " in sentence
            assert "Nothing was changed." in sentence
        assert project.snapshot(*SEEN) == before

        # Ctrl-C, as a terminal sends it: to the whole group.
        os.killpg(first.pid, signal.SIGINT)
        out, err = first.communicate(timeout=DEADLINE)
    finally:
        put_an_end_to(first)
    assert first.returncode == 130
    assert "Stopped. What was finished is kept; the same command goes on from there." in err.splitlines()
    assert len([line for line in err.splitlines() if not line.startswith("[")]) == 1, err
    assert out == ""
    assert all_end(family)
    assert project.left_over() == []
    assert {line["analysis"] for line in project.log()} == {project.id(number) for number in QUICK}

    # The next one goes on; killed without a word, it takes all its processes along.
    second = begin(project)
    try:
        family = descendants(second)
        assert len(family) >= 4
        os.kill(second.pid, signal.SIGKILL)
        second.communicate()
        assert all_end(family)
    finally:
        put_an_end_to(second)
    until(lambda: project.left_over() == [])
    assert {line["analysis"] for line in project.log()} == {project.id(number) for number in QUICK}

    # And the lock is no obstacle to the one after.
    (project.root / "go").touch()
    third = project.evalkit("run")
    assert third.status == 0, third.err
    assert third.out == "3 run, 2 up to date, 5 results in results/.\n"
    assert sorted(line["analysis"] for line in project.log()) == sorted(project.id(number) for number in range(1, 6))
    assert (project.root / LOG).is_file()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_impatient_second_and_third_ctrl_c_changes_nothing(project):
    process = begin(project)
    try:
        family = descendants(process)
        for _ in range(3):
            os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=DEADLINE)
    finally:
        put_an_end_to(process)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert all_end(family)
    until(lambda: project.left_over() == [])


SPHINX_WAITS = """
import os, pathlib, sys, time
class Wait:
    def find_spec(self, name, path=None, target=None):
        if name == "sphinx.application":
            pathlib.Path(os.environ["EVALKIT_ROOT"], "at-sphinx").touch()
            while True: time.sleep(0.1)
sys.meta_path.insert(0, Wait())
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_build_that_is_stopped_or_killed_leaves_no_sphinx_at_work(tmp_path, number):
    """It would write into the folder of the next build, with nobody to keep the two apart."""
    project = small_project(tmp_path / "programme", 1)
    (tmp_path / "fault").mkdir()
    (tmp_path / "fault" / "sitecustomize.py").write_text(SPHINX_WAITS, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path / "fault"), os.environ.get("PYTHONPATH", "")])
    process = project.start("build", PYTHONPATH=path)
    try:
        until(lambda: waiting(project) != [] or process.poll() is not None)
        assert process.poll() is None, process.communicate()[1]
        family = descendants(process)
        assert len(family) >= 2
        os.kill(process.pid, number)
        _, said = process.communicate(timeout=DEADLINE)
        assert all_end(family)
    finally:
        put_an_end_to(process)
    assert process.returncode == (130 if number == signal.SIGINT else -number), said


def test_an_interruption_that_python_makes_another_error_of_is_one_all_the_same():
    """Python 3.11 does so with what is raised while a class is made, as in an import."""

    class Interrupts:
        def __set_name__(self, owner: type, name: str) -> None:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), interrupted_once():
        type("Made", (), {"part": Interrupts()})

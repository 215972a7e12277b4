"""What a run writes: the same bytes wherever and however it runs, only where it changed, and never half."""

import json
import os
import re
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from evalkit.catalogue.records.last_time import read_last_time
from evalkit.memory import MEMORY
from tests.support.invented import InventedPlace
from tests.support.small_project import LOG, SmallProject, small_project, write_template

MADE = ("results", "_build/runs")
SITES = 4


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> SmallProject:
    """A programme that has been run, one notebook at a time, with the time zone and locale of this process."""
    project = small_project(tmp_path_factory.mktemp("outputs") / "programme", SITES)
    said = project.evalkit("run", "--jobs", "1")
    assert said.status == 0, said.err
    return project


@pytest.fixture
def project(made, tmp_path) -> SmallProject:
    """A copy of it."""
    shutil.copytree(made.root, tmp_path / "programme")
    return SmallProject(tmp_path / "programme")


def times(project: SmallProject) -> dict[str, int]:
    paths = [path for folder in MADE for path in (project.root / folder).rglob("*") if path.is_file()]
    return {str(path.relative_to(project.root)): path.stat().st_mtime_ns for path in paths if path.name != LOG.name}


def test_the_same_bytes_at_another_place_in_another_way_and_written_only_where_changed(made, tmp_path):
    folder = tmp_path / "another {place} with spaces, [ümlauts] and 100%"
    shutil.copytree(made.root, folder)
    shutil.rmtree(folder / "_build")
    shutil.rmtree(folder / "results")
    project = SmallProject(folder)
    mask = os.umask(0o077)
    try:
        said = project.python(
            "", "run", "--jobs", "3", PYTHONHASHSEED="2", TZ="Asia/Kathmandu", LC_ALL="C", LANG="de_DE", COLUMNS="40"
        )
    finally:
        os.umask(mask)
    assert said.status == 0, said.err
    assert project.snapshot(*MADE) == made.snapshot(*MADE)
    before = times(project)
    again = project.evalkit("run", "--force")
    assert again.out == f"{SITES} run, 0 up to date, {SITES} results in results/.\n"
    assert times(project) == before


def test_one_run_after_another_does_only_what_is_due(project):
    """Nothing; then the one that is asked for by name; then those whose rows changed."""
    before = times(project)
    assert project.evalkit("run").out == f"0 run, {SITES} up to date, {SITES} results in results/.\n"
    assert times(project) == before
    project.rewrite(lambda lines: lines[::-1])
    assert project.evalkit("run").out == f"0 run, {SITES} up to date, {SITES} results in results/.\n"
    assert {name: time for name, time in times(project).items() if time != before[name]} == {}

    project.change_month("ZZ001")
    project.change_month("ZZ002")
    log = len(project.log())
    said = project.evalkit("run", project.id(2))
    assert said.out == f"1 run, 0 up to date, {SITES - 1} results in results/.\n"
    assert [line["analysis"] for line in project.log()[log:]] == [project.id(2)]
    assert not (project.root / "results" / f"{project.id(1)}.json").exists()  # it spoke of other rows
    assert (
        f"1 result taken out of results/, made from other inputs than today's or of analyses that are gone: {project.id(1)}."
        in said.err
    )
    said = project.evalkit("due")
    assert said.out == f"{project.id(1)}: 1 month changed in {InventedPlace(1).id}\n"
    assert said.err == f"1 of {SITES} analyses due.\n"
    assert project.evalkit("due", project.id(2)).err == "0 of 1 analysis due.\n"
    assert project.evalkit("run").out == f"1 run, {SITES - 1} up to date, {SITES} results in results/.\n"


def test_a_withdrawn_evaluation_leaves_nothing(project):
    evaluation = project.id(4).split("/")[0]
    project.edit(f"data/evaluations/{evaluation}.yml", lambda text: text.replace("status: published", "status: draft"))
    said = project.evalkit("run")
    assert said.out == f"0 run, {SITES - 1} up to date, {SITES - 1} results in results/.\n"
    assert (
        f"taken out of results/, made from other inputs than today's or of analyses that are gone: {project.id(4)}."
        in said.err
    )
    assert not [name for name in project.snapshot("results", "_build/runs", "_build/memory/runs") if evaluation in name]
    assert evaluation not in (project.root / "results" / "results.csv").read_text(encoding="utf-8")


def test_a_result_that_was_tampered_with_is_put_right(project):
    before = project.snapshot("results")
    name = f"results/{project.id(1)}.json"
    project.edit(name, lambda text: text.replace('"schema_version": 2,', '"schema_version": 9,', 1))
    (project.root / "results" / "stray.json").write_text("{}", encoding="utf-8")
    assert project.evalkit("run").out == f"0 run, {SITES} up to date, {SITES} results in results/.\n"
    assert project.snapshot("results") == before


CHANGES_ITS_TABLE = """
from pathlib import Path
file = Path("data/tables/synthetic_programme.csv")
lines = file.read_text(encoding="utf-8").splitlines()
own = max(number for number, line in enumerate(lines) if line.startswith("ZZ001,"))
lines[own] = lines[own].rsplit(",", 3)[0] + ",1,9,"
file.write_text("\\n".join(lines) + "\\n", encoding="utf-8")
"""


def test_rows_that_change_while_a_notebook_runs_give_no_result(project):
    table = project.root / "data" / "tables" / "synthetic_programme.csv"
    before = table.read_text(encoding="utf-8")
    # Hash and size are optional; where they are given, loading compares them.
    project.edit("data/datapackage.json", lambda text: re.sub(r',\s*"(hash|bytes)": [^,}]*', "", text))
    project.let(1, does=CHANGES_ITS_TABLE)
    said = project.evalkit("run", project.id(1))
    assert table.read_text(encoding="utf-8") != before
    table.write_text(before, encoding="utf-8")
    assert said.status == 1
    assert "changed while this analysis was running: run it again" in said.err
    assert not (project.root / "results" / f"{project.id(1)}.json").exists()
    project.let(1, does="")
    assert project.evalkit("run").out == f"1 run, {SITES - 1} up to date, {SITES} results in results/.\n"


def test_a_kept_judgement_that_was_tampered_with_is_made_again(project):
    before = project.snapshot("results", "_build/runs")
    kept = sorted((project.root / "_build" / "memory" / "results").rglob("*.kept"))
    assert len(kept) == SITES
    for path in kept:
        raw = path.read_bytes()
        path.write_bytes(raw.replace(b"primary", b"primata", 1))
        assert path.read_bytes() != raw
    assert project.evalkit("run").status == 0
    assert project.snapshot("results", "_build/runs") == before


def test_a_run_whose_memory_is_lost_is_no_complete_run(project):
    before = project.snapshot("results", "_build/runs")
    shutil.rmtree(project.root / MEMORY / "runs")
    assert project.evalkit("due").out.count("never run") == SITES
    assert project.evalkit("run").out == f"{SITES} run, 0 up to date, {SITES} results in results/.\n"
    assert project.snapshot("results", "_build/runs") == before


def test_what_was_published_is_kept_only_where_every_analysis_has_its_result(project):
    assert project.evalkit("run").status == 0
    said = project.evalkit("keep")
    assert said.status == 0, said.err
    assert (said.status, said.out) == (
        0,
        f"{SITES} results kept in data/last_time.csv: commit it with what was published.\n",
    )
    kept = read_last_time(project.root)
    published = pd.read_csv(project.root / "results" / "results.csv")
    assert [row.estimate for row in kept] == list(published["estimate"])
    shutil.rmtree(project.root / "_build")
    before = project.snapshot("data")
    said = project.evalkit("keep")
    assert said.status != 0
    assert "run `evalkit book` first. Nothing was kept." in said.err
    assert "Traceback" not in said.err
    assert project.snapshot("data") == before


def test_a_build_without_anything_run_is_refused_and_keeps_the_results(project):
    shutil.rmtree(project.root / "_build")
    before = project.snapshot("results")
    said = project.evalkit("build")
    assert (said.status, said.out) == (2, "")
    assert said.err.splitlines()[-1].startswith("No analysis has been run here on the present data")
    assert project.snapshot("results") == before


def test_clean_deletes_what_was_made_and_says_so_once(project):
    assert project.evalkit("clean").out == "deleted results\ndeleted _build\n"
    assert project.evalkit("clean").out == "There was nothing to delete.\n"


FULL = """
import errno, pathlib
real = pathlib.Path.write_bytes
def full(self, raw):
    if {where!r} in str(self):
        real(self, raw[:7])
        raise OSError(errno.ENOSPC, "No space left on device", str(self))
    return real(self, raw)
pathlib.Path.write_bytes = full
"""


@pytest.mark.parametrize("where", ["/_build/runs/", "/results/"])
def test_a_full_disk_is_one_sentence_and_leaves_no_half_a_file(project, where):
    project.change_month("ZZ001")
    project.change_month("ZZ002")
    before = project.snapshot(*MADE)
    said = project.evalkit("run", "--jobs", "2", before=FULL.format(where=where))
    assert said.status == 1
    (sentence,) = [line for line in said.err.splitlines() if not line.startswith("[")]
    assert "No space left on device" in sentence
    assert sentence.endswith("What was finished is kept: put that right and run the same command again.")
    after = project.snapshot(*MADE)
    for name, raw in after.items():
        assert before.get(name) == raw or where == "/results/", name
        assert name.endswith((".json", ".ipynb", ".csv")), name
        if name.endswith(".json"):
            json.loads(raw)
    assert project.left_over() == []
    assert project.evalkit("run").status == 0
    # A result, a table and its codebook for each evaluation; a table of all and its codebook.
    assert len(project.snapshot("results")) == 3 * SITES + 2


def test_checks_that_cannot_be_kept_are_made_each_time(project):
    shutil.rmtree(project.root / MEMORY / "checks")
    (project.root / MEMORY / "checks").write_text("in the way", encoding="utf-8")
    assert project.evalkit("due").err == f"0 of {SITES} analyses due.\n"


@pytest.mark.parametrize("folder", ["results", "_build", "_build/runs"])
def test_a_file_where_a_folder_should_be_is_one_sentence(project, folder):
    project.change_month("ZZ001")
    shutil.rmtree(project.root / folder)
    (project.root / folder).write_text("in the way", encoding="utf-8")
    said = project.evalkit("run")
    assert "Traceback" not in said.err
    assert said.status == (1 if folder == "_build/runs" else 2)  # nothing had begun
    (sentence,) = [line for line in said.err.splitlines() if not line.startswith("[")]
    assert folder in sentence
    assert "put that right" in sentence
    assert (project.root / folder).read_text(encoding="utf-8") == "in the way"


NO_KERNEL = """
import sys
from jupyter_client.kernelspec import KernelSpecManager
sys.modules["ipykernel"] = sys.modules["ipykernel.kernelspec"] = None
KernelSpecManager._kernel_dirs_default = lambda self: []
"""


def test_without_a_kernel_for_python_nothing_is_run(project):
    before = project.snapshot(*MADE)
    said = project.evalkit("run", "--force", before=NO_KERNEL)
    assert (said.status, said.out) == (2, "")
    assert said.err == (
        "Jupyter has no kernel called `python3`, so no notebook can be run: install it with"
        " `python -m pip install ipykernel`.\n"
    )
    assert project.snapshot(*MADE) == before


def _no_parameters(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    del notebook.cells[1]
    nbformat.write(notebook, path)


def _another_language(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    nbformat.write(notebook, path)


def _another_kernel(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.kernelspec = {"name": "mine", "display_name": "Mine", "language": "python"}
    nbformat.write(notebook, path)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (_no_parameters, "has 0 cells tagged `parameters`: exactly one is needed."),
        (_another_language, "is written for a kernel of R: templates are in Python."),
        (_another_kernel, "asks for the kernel `mine`: choose `python3` in Jupyter and save it again."),
        (lambda path: path.write_text("{"), "is not a notebook"),
        (lambda path: write_template(path.parents[2], "site = 'RA3'"), "parameters cell, line 1: write `name: type ="),
    ],
    ids=["no parameters cell", "another language", "another kernel", "no notebook", "no types"],
)
def test_a_template_that_cannot_be_used_is_refused_and_nothing_changes(project, fault, sentence):
    fault(project.root / "book" / "notebooks" / "tiny.ipynb")
    before = project.snapshot(*MADE)
    said = project.evalkit("run")
    assert (said.status, said.out) == (2, "")
    problem, count = said.err.splitlines()  # the template is wrong once, however many analyses use it
    assert problem.startswith(f"book/notebooks/tiny.ipynb: {sentence}")
    assert count == "1 problem found. Nothing was changed."
    assert project.snapshot(*MADE) == before


def test_the_run_log_has_seconds_and_versions_and_stays_here(made):
    lines = made.log()
    assert len(lines) == SITES
    for line in lines:
        assert 0 < line["cell_seconds"] < line["seconds"]
        assert line["libraries"]["pandas"]
        assert line["code"].startswith("evalkit ")
        assert line["failure"] is None
    for name, raw in made.snapshot("results").items():
        assert b"cell_seconds" not in raw, name

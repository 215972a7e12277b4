"""An evaluation goes from one book to another by two commands, and has the same page there."""

import json
import shutil
from pathlib import Path

import pytest

from evalkit.book.page_writer import write_pages
from evalkit.packs.pack import pack
from evalkit.packs.unpack import unpack
from evalkit.project import GENERATED
from evalkit.runs.planning.check_project import check_project
from evalkit.runs.state.outcomes import Outcome
from tests.conftest import Project
from tests.support import invented
from tests.support.packing import id_of, make_book, tree
from tests.support.synthetic_book import made_up, make_project, with_result

ID = id_of(1)


@pytest.fixture
def books(tmp_path) -> tuple[Project, Project]:
    """One with two evaluations, and one with none."""
    make_book(tmp_path / "one", [1, 2])
    make_book(tmp_path / "other", [])
    return Project(tmp_path / "one"), Project(tmp_path / "other")


def _send(one: Project, other: Project) -> None:
    came = other.root.parent / "came.zip"
    came.write_bytes(pack(one.root, [ID]).content)
    unpack(other.root, came)


def test_what_the_commands_say(books):
    one, other = books
    said = one.evalkit("pack", ID)
    assert (said.status, said.err) == (0, "")
    assert f"data/evaluations/{ID}.yml\n" in said.out
    assert f"wrote {ID}.zip" in said.out
    assert said.out.endswith(f"There: `evalkit unpack {ID}.zip`.\n")
    assert "is as it was" in one.evalkit("pack", ID).out

    shutil.copy(one.root / f"{ID}.zip", other.root / "came.zip")
    before = tree(other.root)
    said = other.evalkit("unpack", "came.zip", "--dry-run")
    assert said.out.endswith("That would be taken, and nothing was changed. To take it: `evalkit unpack came.zip`.\n")
    assert tree(other.root) == before
    said = other.evalkit("unpack", "came.zip")
    assert (said.status, said.err) == (0, "")
    assert f"data/evaluations/{ID}.yml: new\n" in said.out
    assert said.out.endswith(f"Next: `evalkit run {ID}`, then `evalkit build`.\n")
    assert other.evalkit("check").status == 0
    assert "All of it is here already: nothing was changed.\n" in other.evalkit("unpack", "came.zip").out


def test_what_is_refused_changes_nothing(books):
    _, other = books
    (other.root / "came.zip").write_bytes(b"PK\x03\x04 and so on")
    before = tree(other.root)
    for arguments in (
        ("unpack", "came.zip"),
        ("unpack", "nowhere.zip"),
        ("pack", "nowhere"),
        ("pack", ID, "-o", "x.yml"),
    ):
        said = other.evalkit(*arguments)
        assert (said.status, said.out) == (2, "")
        assert said.err.strip().endswith(".")
        assert "Traceback" not in said.err
    assert tree(other.root) == before


def _pages(root: Path, evaluation: str, result: dict, folder: Path) -> dict[str, bytes]:
    """The pages of an evaluation whose analysis came to this result, and of no other of the book."""
    catalogue, plans, _ = check_project(root)
    outcomes = []
    for plan in plans:
        outcome = Outcome(plan.evaluation.id, plan.analysis.id, "not_run", "It has not been run.")
        if plan.evaluation.id == evaluation:
            (_, _, (made,)) = made_up(folder, [1])
            outcome = with_result(Outcome(evaluation, plan.analysis.id, "done", "", made.result), result)
        outcomes.append(outcome)
    write_pages(root / GENERATED, catalogue, plans, outcomes)
    return tree(root / GENERATED / "evaluations" / evaluation)


def test_the_pages_of_a_result_are_the_same_in_both_books(books, tmp_path):
    one, other = books
    _send(one, other)
    made = tmp_path / "made"
    make_project(made)
    (_, _, (outcome,)) = made_up(made, [1])
    result = json.loads(outcome.result.published)
    result["effect"] |= {"measure": invented.MEASURE, "measure_unit": "discharges", "treated_units": ["ZZ001"]}
    here, there = (_pages(project.root, ID, result, made) for project in books)
    assert {Path(name).suffix for name in here} >= {".html", ".ipynb", ".csv", ".png", ".svg", ".pptx", ".docx"}
    assert here == there


@pytest.mark.slow
def test_what_notebooks_give_is_the_same_in_both_books(books):
    one, other = books
    _send(one, other)
    for project in books:
        said = project.evalkit("run", ID, "--jobs", "1")
        assert said.status == 0, said.err
    results = [project.snapshot(f"results/{ID}") for project in books]
    assert len(results[0]) > 1
    assert results[0] == results[1]

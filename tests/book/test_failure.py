"""A book in which something failed: every other page stands, and the failure has a plain page."""

import re

from tests.conftest import Project
from tests.pipeline.conftest import copy_example  # noqa: F401 - a fixture


def _withdraw(project: Project, all_but: str | None = None) -> None:
    """As the README says: what was learned from them, and pooled, may go on naming them."""
    for path in sorted((project.root / "data" / "evaluations").glob("*.yml")):
        if all_but is None or not path.stem.startswith(all_but):
            name = path.relative_to(project.root).as_posix()
            project.edit(name, lambda text: text.replace("status: published", "status: draft", 1))


def _with_fewer_comparators(text: str) -> str:
    """The first line of the pool, 19 of 73: none of them is what this is about."""
    return re.sub(r"(comparators: &pool \[\n.*\n)(?:.*\n)*?(  \]\n)", r"\1\2", text, count=1)


def test_a_failed_primary_analysis_leaves_the_book_standing(copy_project, tmp_path):
    project = copy_project(tmp_path)
    _withdraw(project, all_but="northumbria")
    # More harmonics than monthly data hold is only found out by the notebook.
    name = "data/evaluations/northumbria-emergency-care-hospital-2015.yml"
    project.edit(name, lambda text: text.replace("seasonality: 2", "seasonality: 9", 1))
    project.edit(name, _with_fewer_comparators)
    said = project.evalkit("book")
    assert said.status == 1
    assert "northumbria-emergency-care-hospital-2015/all-types failed" in said.err
    assert "Traceback" not in said.err + said.out

    folder = (
        tmp_path / "_build" / "html" / "book" / "generated" / "evaluations" / "northumbria-emergency-care-hospital-2015"
    )
    failed = (folder / "all-types.html").read_text(encoding="utf-8")
    assert "This analysis could not be run" in failed
    assert "at most 5 harmonics" in failed
    assert "Traceback" not in failed
    front = (folder / "index.html").read_text(encoding="utf-8")
    assert "No result at present" in front
    assert "What else could explain it" in front
    assert "Estimate" in (folder / "four-hour-all.html").read_text(encoding="utf-8")

    before = project.snapshot("_build/html")
    (tmp_path / "_config.yml").write_text("title: [", encoding="utf-8")
    said = project.evalkit("build")
    assert said.status == 2
    assert "The book built before is unchanged" in said.err
    assert project.snapshot("_build/html") == before


def test_a_book_without_evaluations_is_refused(copy_example, tmp_path):  # noqa: F811
    project = copy_example(tmp_path)
    _withdraw(project)
    said = project.evalkit("book")
    assert said.status == 2
    assert "No evaluation is published" in said.err

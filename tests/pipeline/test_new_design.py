"""A design is added by a folder of its own: it gets a page, and is told of wherever designs are, without another file."""

import re
import shutil

import pytest

import evalkit as ek
from evalkit.design_register import design_called, designs
from tests.conftest import ROOT
from tests.support.small_project import PARAMETERS, SmallProject, small_project, write_template

TOY = ROOT / "tests" / "pipeline" / "toy_design"
TOY_FIT = """\
import evalkit as ek
from evalkit.designs.toy_design.design import toy_comparison

frame = ek.load(site=site, measure=measure, table=table)
effect = toy_comparison(frame[frame["unit"] == site], interruption)
"""


@pytest.fixture(scope="module")
def with_a_toy(tmp_path_factory) -> SmallProject:
    """One invented site, evaluated by a copy of evalkit to which only a folder was added."""
    folder = tmp_path_factory.mktemp("toy")
    package = folder / "packages" / "evalkit"
    shutil.copytree(ROOT / "src" / "evalkit", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(TOY, package / "designs" / "toy_design")
    project = small_project(folder / "project", sites=1)
    write_template(project.root, PARAMETERS, TOY_FIT)
    with project.start("book", PYTHONPATH=str(folder / "packages")) as process:
        said = process.communicate()
    assert process.returncode == 0, said
    return project


def text_of(project: SmallProject, page: str) -> str:
    """What a page of the book says, without its markup."""
    html = (project.root / "_build" / "html" / "book" / page).read_text(encoding="utf-8")
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_the_page_of_its_evaluation(with_a_toy):
    page = text_of(with_a_toy, f"generated/evaluations/{with_a_toy.id(1).partition('/')[0]}/index.html")
    assert "Starts at very low: two means, and nothing else." in page
    assert "was not measured for" in page  # nobody knows how often it claims a change where there was none


def test_its_notebook_and_result(with_a_toy):
    assert "the difference of two means" not in with_a_toy.printed(1)
    results = list((with_a_toy.root / "results").glob("*/*.json"))
    assert len(results) == 1
    assert '"design": "toy comparison"' in results[0].read_text(encoding="utf-8")


def test_the_page_of_methods(with_a_toy):
    assert "a toy comparison of two means very low" in text_of(with_a_toy, "methods/checks-and-verdicts.html")


def test_a_design_that_nobody_described_is_a_sentence():
    with pytest.raises(
        ek.EvaluationError, match=r"`difference in differences` is not a design that evalkit knows; did you mean"
    ):
        design_called("difference in differences")


def test_every_template_belongs_to_one_design_and_stands_in_the_readme():
    purposes = {}
    for design in designs().values():
        assert not purposes.keys() & design.templates.keys()
        purposes |= design.templates
    assert sorted(purposes) == sorted(path.stem for path in (ROOT / "book" / "notebooks").glob("*.ipynb"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", readme[readme.index("| template | for |") :], flags=re.MULTILINE)
    assert {name: purpose for name, purpose in table if name in purposes} == purposes


@pytest.mark.parametrize("design", designs().values(), ids=lambda design: design.name)
def test_every_design_says_what_the_book_asks(design):
    assert design.starts_at in (None, "very low", "low", "moderate")
    assert design.starts_because
    assert not design.starts_because.endswith(".")
    assert design.no_decomposition == "" or design.no_decomposition.endswith(".")
    assert (ROOT / "book" / "methods" / f"{design.methods_page}.md").is_file()

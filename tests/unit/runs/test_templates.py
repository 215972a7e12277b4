"""The parameters cell is typed; what an analysis gives is refused in words before a kernel starts."""

import json

import nbformat
import pytest

from evalkit.errors import EvaluationError
from evalkit.runs.planning.notebook_templates import read_template, template_names
from tests.unit.conftest import EVALUATION, ROOT

SINGLE, CONTROLLED = "interrupted-time-series", "controlled-interrupted-time-series"
NEEDED = {"site": "RBA", "measure": "ae-attendances-all", "interruption": "2017-07"}


def with_cells(root, *sources: str, tagged: int = 1, name: str = "mine") -> str:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for cell in cells[:tagged]:
        cell.metadata["tags"] = ["parameters"]
    folder = root / "book" / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}.ipynb")
    return name


def refused(root, name) -> str:
    with pytest.raises(EvaluationError) as error:
        read_template(root, name)
    return str(error.value)


@pytest.mark.parametrize("name", [SINGLE, CONTROLLED])
class TestOurTemplates:
    def test_every_parameter_has_a_type_that_its_default_fits(self, name):
        template = read_template(ROOT, name)
        assert template.parameters
        defaults = {parameter.name: parameter.default for parameter in template.parameters.values()}
        assert template.problems_with(defaults) == {}

    def test_every_parameter_says_what_it_is(self, name):
        notebook = nbformat.read(ROOT / "book" / "notebooks" / f"{name}.ipynb", as_version=4)
        cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ()))
        lines = [line for line in cell.source.splitlines() if ":" in line.split("#")[0]]
        assert lines
        assert all("  # " in line for line in lines)

    def test_the_default_window_is_closed(self, name):
        parameters = read_template(ROOT, name).parameters
        assert parameters["first"].default
        assert parameters["last"].default

    def test_what_is_given_replaces_the_default_and_nothing_else(self, name):
        template = read_template(ROOT, name)
        filled = template.filled({"site": "RBA"})
        assert filled["site"] == "RBA"
        assert set(filled) == set(template.parameters)
        assert filled["log"] is template.parameters["log"].default

    def test_the_window_of_the_example_is_nobody_elses(self, name):
        filled = read_template(ROOT, name).filled({"site": "RBA"})
        assert (filled["first"], filled["last"], filled.get("comparators") or None) == (None, None, None)

    @pytest.mark.parametrize("form", ["proportion", "rate", "mean", "median"])
    def test_what_is_no_count_is_neither_on_a_log_scale_nor_per_day_unless_asked(self, name, form):
        template = read_template(ROOT, name)
        filled = template.filled({"site": "RBA"}, form)
        assert not any(filled[one] for one in ("log", "per_day") if one in filled)
        assert template.filled({"log": True}, form)["log"] is True

    def test_nor_is_a_count_per_day_that_is_counted_on_none(self, name):
        template = read_template(ROOT, name)
        filled = template.filled({"site": "RBA"}, per_day=False)
        assert filled.get("per_day", False) is False
        assert filled.get("log") == template.filled({"site": "RBA"}).get("log")

    def test_what_an_analysis_is_of_has_to_be_said(self, name, plain):
        problems = read_template(ROOT, name).problems_with({"site": "RBA"})
        assert set(problems) == {"measure", "interruption"}
        plain(problems["measure"], "`measure`", "missing")

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"interuption": "2017-07"}, ("`interuption`", "did you mean `interruption`")),
            ({"log": "yes"}, ("`log`", "true or false", "'yes'")),
            ({"log": 1}, ("`log`", "true or false", "1")),
            ({"site": None}, ("`site`", "text", "None")),
            ({"site": ["RA3"]}, ("`site`", "text")),
            ({"first": 2016}, ("`first`", "text or null", "2016")),
            ({"transition": 1.5}, ("`transition`", "a whole number or a list", "1.5")),
            ({"transition": "2"}, ("`transition`", "a whole number or a list")),
            ({"transition": True}, ("`transition`", "a whole number")),
            ({"seasonality": 1.5}, ("`seasonality`", "a whole number, text or null")),
            ({"model": 3}, ("`model`", "text", "3")),
        ],
    )
    def test_what_is_unknown_or_of_another_type(self, name, given, said, plain):
        problems = read_template(ROOT, name).problems_with(NEEDED | given)
        assert set(problems) == set(given)
        plain(next(iter(problems.values())), *said)

    def test_everything_wrong_is_told_at_once(self, name):
        assert set(read_template(ROOT, name).problems_with(NEEDED | {"log": "yes", "sites": "RA3", "model": 1})) == {
            "log", "sites", "model",
        }  # fmt: skip


def test_comparators_may_be_text_or_a_list():
    template = read_template(ROOT, CONTROLLED)
    assert template.problems_with(NEEDED | {"comparators": "RD1 RTE"}) == {}
    assert template.problems_with(NEEDED | {"comparators": ["RD1", "RTE"]}) == {}
    assert "comparators" in template.problems_with(NEEDED | {"comparators": 3})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("      interruption:", "      interuption:", ("`interuption`", "did you mean `interruption`")),
        ("      interruption:", '      log: "yes"\n      interruption:', ("`log`", "true or false")),
        ('first: "2016-04"', "first: 2016", ("`first`", "text or null")),
    ],
)
def test_check_places_a_bad_parameter_in_its_file(project, plain, old, new, said):
    line = project.edit(EVALUATION, old, new)
    problem = project.problems()[0]
    assert problem.line == line
    plain(str(problem), f"{EVALUATION}, line {line}", "type-1-controlled", *said)


class TestOtherNotebooks:
    def test_a_template_that_does_not_exist(self, plain):
        plain(refused(ROOT, "interupted-time-series"), "book/notebooks", "did you mean `interrupted-time-series`")

    def test_a_file_that_is_no_notebook(self, tmp_path, plain):
        (tmp_path / "book" / "notebooks").mkdir(parents=True)
        (tmp_path / "book" / "notebooks" / "mine.ipynb").write_text("hello")
        said = refused(tmp_path, "mine")
        assert "book/notebooks/mine.ipynb" in said
        assert "save it again from Jupyter" in said

    @pytest.mark.parametrize(
        ("where", "name", "value"),
        [
            ("cell", "metadata", {"tags": None}), ("cell", "metadata", {"tags": 5}), ("cell", "source", None),
            ("cell", "cell_type", None), ("metadata", "kernelspec", None), ("metadata", "kernelspec", "python3"),
            ("metadata", "kernelspec", {"name": 3, "display_name": "x"}),
        ],
    )  # fmt: skip
    def test_a_notebook_of_another_shape(self, tmp_path, plain, where, name, value):
        template = with_cells(tmp_path, "x: int = 1")
        path = tmp_path / "book" / "notebooks" / f"{template}.ipynb"
        notebook = json.loads(path.read_text())
        place = notebook["cells"][0] if where == "cell" else notebook["metadata"]
        place[name] = value
        if value is None and where == "cell":
            del place[name]
        path.write_text(json.dumps(notebook))
        assert "save it again from Jupyter" in refused(tmp_path, template)

    @pytest.mark.parametrize("tagged", [0, 2])
    def test_exactly_one_parameters_cell(self, tmp_path, plain, tagged):
        name = with_cells(tmp_path, 'site: str = "RA3"', "x: int = 1", tagged=tagged)
        plain(refused(tmp_path, name), "mine.ipynb", f"{tagged} cells", "exactly one")

    @pytest.mark.parametrize(
        "source",
        [
            'site = "RA3"', "site: str", 'print("hello")', "import os", "x: int = 3 + y", "x: Path = 3", "x: int = = 3",
            "x: Nonsense[int] = 3", "x: __import__('os').system('true') = 3", "x: str = b'a'", "x: list = {1, 2}",
            "x: float = 1j", "x: str = ...", "x: list = [b'a']", "x: float = 1e999", f"x: int = 0x{'f' * 5_000}",
        ],
    )  # fmt: skip
    def test_a_cell_that_is_not_name_type_default(self, tmp_path, plain, source):
        name = with_cells(tmp_path, source)
        plain(refused(tmp_path, name), "mine.ipynb", "line 1", "name: type = default")

    @pytest.mark.parametrize(
        "annotation",
        [
            '[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == "_wrap_close"][0].__init__.__globals__'
            '["system"]("touch run-by-check") or str',
            "9**9**9", "(lambda: str)()", "list[open('run-by-check', 'w')]", "str if 1 else int", "str.__class__",
            "-" * 100_000 + "1", "list[" * 5_000 + "str" + "]" * 5_000, "str" + ".a" * 50_000, "Optional[str, int]",
        ],
    )  # fmt: skip
    def test_an_annotation_is_read_and_never_run(self, tmp_path, plain, monkeypatch, annotation):
        monkeypatch.chdir(tmp_path)
        name = with_cells(tmp_path, f"x: {annotation} = 3")
        plain(refused(tmp_path, name), "mine.ipynb", "line 1", "name: type = default")
        assert not (tmp_path / "run-by-check").exists()

    @pytest.mark.parametrize(
        ("annotation", "taken", "not_taken"),
        [
            ("str | None", ["a", None], [1]), ("Optional[Union[int, list]]", [1, [], None], ["a"]),
            ("list[str | int]", [["a", 1]], [[1.5], "a"]), ("dict[str, float]", [{"a": 1.5}], [{1: 1.5}, []]),
            ("Union[str]", ["a"], [1]), ("None", [None], [0]),
        ],
    )  # fmt: skip
    def test_a_type_may_be_made_of_others(self, tmp_path, annotation, taken, not_taken):
        template = read_template(tmp_path, with_cells(tmp_path, f"x: {annotation} = None"))
        assert all(template.takes("x", value) for value in taken)
        assert not any(template.takes("x", value) for value in not_taken)

    def test_outputs_do_not_count_and_sources_do(self, tmp_path):
        first = read_template(tmp_path, with_cells(tmp_path, "x: int = 1", "x", name="first")).sha256
        second = read_template(tmp_path, with_cells(tmp_path, "x: int = 1", "x + 1", name="second")).sha256
        notebook = nbformat.read(tmp_path / "book/notebooks/first.ipynb", as_version=4)
        notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="1")]
        nbformat.write(notebook, tmp_path / "book/notebooks/third.ipynb")
        assert first == read_template(tmp_path, "third").sha256 != second

    def test_the_names_there_are(self):
        assert {SINGLE, CONTROLLED} <= set(template_names(ROOT))

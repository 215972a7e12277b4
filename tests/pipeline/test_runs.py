"""The path from an analysis to a result file: the same bytes each time, failures kept apart, nothing half-written."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from papermill.cli import papermill

import evalkit
from evalkit.report.notebook import MIME
from evalkit.runs.planning.notebook_templates import read_template
from tests.pipeline.conftest import MEASURE

RESULT = f"results/example-ward-rounds/{MEASURE}.json"
FILE = "data/evaluations/example-ward-rounds.yml"


def _second_analysis(text: str, parameters: str) -> str:
    return text + (
        "- id: second\n  title: A second look\n  role: secondary\n  template: interrupted-time-series\n  expected: unclear\n"
        f"  parameters: {parameters}\n"
    )


PARAMETERS = f"{{site: ashford-vale-example, measure: {MEASURE}, interruption: '2023-01', first: null, last: null%s}}"


def test_the_same_inputs_give_the_same_bytes_and_nothing_of_this_machine_is_in_them(run_example):
    """Run in another folder before."""
    before = run_example.snapshot("results", "_build/runs")
    assert before
    assert run_example.evalkit("run", "--force", "--jobs", "1").status == 0
    assert run_example.snapshot("results", "_build/runs") == before
    for name, raw in before.items():
        assert str(run_example.root).encode() not in raw, name
        assert str(run_example.root.parents[1]).encode() not in raw, name
        assert str(Path.home()).encode() + b"/" not in raw, name


def test_another_version_is_stamped_and_runs_nothing_again(run_example, tmp_path_factory):
    """An editable installation remembers the version at which it was made; what runs says its own."""
    code = tmp_path_factory.mktemp("code")
    shutil.copytree(Path(evalkit.__file__).parent, code / "evalkit", ignore=shutil.ignore_patterns("__pycache__"))
    (code / "evalkit" / "version.py").write_text('__version__ = "99.0.0"\n', encoding="utf-8")
    before = json.loads((run_example.root / RESULT).read_text(encoding="utf-8"))
    said = run_example.evalkit_anew("run", PYTHONPATH=str(code))
    assert said.out == "0 run, 1 up to date, 1 result in results/.\n"
    after = json.loads((run_example.root / RESULT).read_text(encoding="utf-8"))
    stamp = before["provenance"].pop("code_version")
    assert after["provenance"].pop("code_version") == stamp.replace(evalkit.__version__, "99.0.0")
    assert after == before


def test_a_failing_notebook_leaves_the_others_and_says_which(example):
    # A harmonic too many for monthly data is only seen by the design, in the notebook.
    example.edit(FILE, lambda text: _second_analysis(text, PARAMETERS % ", seasonality: 9"))
    said = example.evalkit("run")
    assert said.status == 1
    assert "example-ward-rounds/second failed" in said.err
    assert "at most 5 harmonics" in said.err
    assert "Traceback" not in said.err
    assert (example.root / RESULT).is_file()
    assert not (example.root / "results" / "example-ward-rounds" / "second.json").exists()
    log = (example.root / "_build" / "runs" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["analysis"] for line in log} >= {"example-ward-rounds/second"}


def test_an_error_that_is_not_ours_shows_its_kind_only(example):
    template = example.root / "book" / "notebooks" / "interrupted-time-series.ipynb"
    notebook = nbformat.read(template, as_version=4)
    notebook.cells[2].source += "\nraise ValueError(frame.to_string())"
    nbformat.write(notebook, template)
    said = example.evalkit("run")
    assert said.status == 1
    assert "ValueError" in said.err
    assert "ZZ901" not in said.err
    assert "Traceback" not in said.err
    assert not (example.root / RESULT).exists()


def test_a_notebook_that_publishes_nothing_fails(example):
    template = example.root / "book" / "notebooks" / "interrupted-time-series.ipynb"
    notebook = nbformat.read(template, as_version=4)
    notebook.cells = notebook.cells[:-1]
    nbformat.write(notebook, template)
    said = example.evalkit("run")
    assert said.status == 1
    assert "published 0 effects" in said.err


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        (
            ", seasonal: 2",
            "`seasonal` is not a parameter of the template interrupted-time-series; did you mean `seasonality`",
        ),
        (", log: maybe", "`log` must be true or false, but it is 'maybe'"),
        (", transition: two", "`transition` must be a whole number or a list"),
    ],
)
def test_parameters_are_refused_before_a_kernel_starts(example, parameters, sentence):
    example.edit(FILE, lambda text: _second_analysis(text, PARAMETERS % parameters))
    said = example.evalkit("run")
    assert said.status == 2
    assert sentence in said.err
    assert f"{FILE}, line " in said.err
    assert not (example.root / "_build" / "runs" / "log.jsonl").exists()


def test_plain_papermill_works_and_writes_no_result(example, tmp_path_factory):
    out = tmp_path_factory.mktemp("plain") / "out.ipynb"
    template = example.root / "book" / "notebooks" / "interrupted-time-series.ipynb"
    command = [sys.executable, "-m", "papermill", str(template), str(out), "-k", "python3", "--no-progress-bar"]
    command += [
        "-p",
        "site",
        "RWD",
        "-p",
        "measure",
        "ae-attendances-all",
        "-p",
        "first",
        "2016-04",
        "-p",
        "last",
        "2019-03",
    ]
    done = subprocess.run(command, cwd=example.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "unknown parameter" not in done.stderr
    notebook = nbformat.read(out, as_version=4)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    said = " ".join(str(output.get("data", {}).get("text/plain", "")) for output in outputs)
    assert "36 periods of visits to A&E and urgent care departments of every type at United Lincolnshire" in said
    assert any(MIME in output.get("data", {}) for output in outputs)
    assert not (example.root / "results").exists()


def test_papermill_shows_every_parameter_with_its_meaning(root):
    for path in sorted((root / "book" / "notebooks").glob("*.ipynb")):
        said = CliRunner().invoke(papermill, [str(path), "--help-notebook"]).output
        template = read_template(root, path.stem)
        assert len(template.parameters) >= (6 if path.stem == "describe" else 12)
        for name in template.parameters:
            assert f"\n  {name}: " in said, name
        assert "Unknown type" not in said


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    from evalkit.files import write_if_changed

    path = tmp_path / "result.json"
    write_if_changed(path, "old")

    def stopped(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_if_changed(path, "new")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["result.json"]

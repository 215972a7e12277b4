"""`evalkit gate` and `evalkit exact` as a person types them."""

import pytest
from typer.testing import CliRunner

from evalkit.cli import app
from evalkit.errors import EvaluationError
from tests.support.packing import OWN, make_book

SHOWN = "data/tables/own_counts.csv"


@pytest.fixture
def evalkit(tmp_path, monkeypatch):
    make_book(tmp_path, [1], gated=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EVALKIT_ROOT", raising=False)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_the_gate_says_what_it_did_and_does_the_same_again(evalkit, tmp_path):
    before = (tmp_path / SHOWN).read_bytes()
    done = evalkit("gate", OWN)
    assert done.exit_code == 0, done.exception
    assert f"{SHOWN}: 35 figures shown, 1 withheld" in done.output
    assert "Release 1." in done.output
    assert (tmp_path / SHOWN).read_bytes() == before


def test_a_table_that_is_not_gated_is_not_known(evalkit):
    assert "own-count is no table under a rule for small numbers; did you mean" in str(
        evalkit("gate", "own-count").exception
    )


def test_without_an_exact_table_there_is_nothing_to_do(evalkit, tmp_path):
    (tmp_path / "data" / "private" / "own_counts.csv").unlink()
    assert "There is no exact table in data/private" in evalkit("gate").output


def test_codes_that_merged_are_gated_as_one_or_not_at_all(evalkit, tmp_path):
    exact, package = tmp_path / "data" / "private" / "own_counts.csv", tmp_path / "data" / "datapackage.json"
    lines = exact.read_text(encoding="utf-8").splitlines()
    others = [line.replace("ZZ001", "ZZ999") for line in lines if line.startswith("ZZ001,2012")]
    exact.write_text("\n".join([*lines, *others]) + "\n", encoding="utf-8")
    successors = "code,successor,from,kind,source\nZZ001,ZZ001,2013-01,merged,\nZZ999,ZZ001,2013-01,merged,\n"
    (tmp_path / "data" / "successors.csv").write_text(successors, encoding="utf-8")
    before = (tmp_path / SHOWN).read_bytes()
    refused = str(evalkit("gate").exception)
    assert "data/private/own_counts.csv, line" not in refused
    assert "data/private/own_counts.csv: holds ZZ001 and ZZ999" in refused
    assert "counts that were withheld and rounded apart are not added up" in refused
    assert (tmp_path / SHOWN).read_bytes() == before
    exact.write_text("\n".join(lines) + "\n", encoding="utf-8")
    package.write_text(
        package.read_text(encoding="utf-8").replace('"shape"', '"restated": true, "shape"'), encoding="utf-8"
    )
    assert evalkit("gate").exit_code == 0
    release = tmp_path / "data" / "releases" / OWN / "001.csv"
    release.write_text(release.read_text(encoding="utf-8") + others[0].rsplit(",", 3)[0] + ",*,,\n", encoding="utf-8")
    refused = str(evalkit("gate").exception)
    assert "counts ZZ001 and ZZ999 together before 2013-01-01" in refused
    assert "leave out what is before 2013-01-01" in refused


def test_exact_figures_need_a_result_to_stand_beside(evalkit):
    done = evalkit("exact")
    assert isinstance(done.exception, EvaluationError)
    assert "run `evalkit run` first" in str(done.exception)

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


def test_exact_figures_need_a_result_to_stand_beside(evalkit):
    done = evalkit("exact")
    assert isinstance(done.exception, EvaluationError)
    assert "run `evalkit run` first" in str(done.exception)

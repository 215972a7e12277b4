"""What is worth a look in a person's own files is said; of what came with the book only how much there is."""

import shutil
import subprocess

import pytest

from tests.pipeline.conftest import write_submission

OTHERS = "worth a look in what others wrote: `evalkit check --all` says what."
OWN = "no usable figure in 2022-05"


@pytest.mark.parametrize(
    "known_by", ["the journal", pytest.param("git", marks=pytest.mark.skipif(not shutil.which("git"), reason="no git"))]
)
def test_own_files_are_told_and_others_counted(example, known_by):
    if known_by == "git":
        shutil.rmtree(example.root / "_build" / "undo")
        git = ("git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(example.root))
        subprocess.run((*git, "init", "-q"), check=True)
        subprocess.run((*git, "add", "data", "book"), check=True)
        subprocess.run((*git, "commit", "-q", "-m", "All"), check=True)
        example.edit("data/evaluations/example-ward-rounds.yml", lambda text: text + "# Mine.\n")
    write_submission(example.root / "data" / "tables" / "example.csv", skip="2022-05")
    said = example.evalkit("check")
    assert said.status == 0
    assert OWN in said.err
    assert "ae_monthly_2020_2026.csv" not in said.err
    assert OTHERS in said.err
    everything = example.evalkit("check", "--all").err
    assert OWN in everything
    assert "ae_monthly_2020_2026.csv" in everything
    assert OTHERS not in everything


def test_a_persons_own_problem_comes_first(example):
    example.edit(
        "data/evaluations/example-ward-rounds.yml", lambda text: text.replace("onset: sudden", "onset: sudenly")
    )
    example.edit("data/glossary.yml", lambda text: text.replace("  means: ", "  meens: ", 1))
    said = example.evalkit("check").err.splitlines()
    assert said[0].startswith("data/evaluations/example-ward-rounds.yml, line ")
    assert any(line.startswith("data/glossary.yml") for line in said[1:])


def test_a_workbook_in_data_tables_is_named(example):
    (example.root / "data" / "tables" / "ward.xlsx").write_bytes(b"PK\x03\x04")
    assert "data/tables/ward.xlsx: is a workbook, which nothing reads: `evalkit import`" in example.evalkit("check").err

"""`evalkit import` as a person types it: what is written, what is kept of the answers, what a second run does."""

import json
import sys

import pytest
from typer.testing import CliRunner

from evalkit.cli import app
from evalkit.errors import EvaluationError, InputRefused
from tests.support.workbooks import made_file

TABLE, ANSWERS = "data/private/falls.csv", "data/private/imports/falls.yml"
ROWS = [
    ["Ward falls"],
    ["Month", "Falls", "Ash", "%"],
    ["Apr-22", 12, 4, 33.3],
    ["May-22", "-", 5, 20],
    ["Total", 12, 9, 30],
]
ANSWERED = (
    "organisation=RA3",
    "measures.Falls=falls",
    "measures.Ash=leave out",
    "measures.%=leave out",
    "marks.-=not reported",
)


@pytest.fixture
def evalkit(project, monkeypatch):
    monkeypatch.chdir(project.root)
    monkeypatch.delenv("EVALKIT_ROOT", raising=False)

    def run(*arguments: str, **options):
        return CliRunner().invoke(app, ["import", *arguments], **options)

    return run


@pytest.fixture
def workbook(tmp_path):
    def make(*more: list) -> str:
        return str(made_file(tmp_path, {"sheets": {"Data": {"rows": [*ROWS[:-1], *more, ROWS[-1]]}}}))

    return make


def answered(*answers: str) -> list[str]:
    return [word for answer in answers for word in ("--answer", answer)]


def test_what_is_asked_is_asked_at_once_and_what_was_answered_is_kept(evalkit, project, workbook):
    done = evalkit(workbook(), "--name", "falls", *answered(*ANSWERED[:2]))
    assert isinstance(done.exception, EvaluationError)
    assert "3 questions have to be answered" in str(done.exception)
    for option in ("'measures.Ash=...'", "'measures.%=...'", "marks.-=..."):
        assert f"--answer {option}" in done.output.replace("measures.Ash=...\n", "'measures.Ash=...'\n")
    assert not (project.root / TABLE).exists()
    kept = (project.root / ANSWERS).read_text(encoding="utf-8")
    assert "organisation: RA3" in kept
    again = evalkit(workbook(), "--name", "falls", *answered(*ANSWERED[2:]))  # the first two are not given again
    assert again.exception is None, again.output
    assert (project.root / TABLE).read_text(encoding="utf-8").splitlines() == [
        "org_code,period,measure,numerator,denominator", "RA3,2022-04,falls,12,", "RA3,2022-05,falls,,",
    ]  # fmt: skip


def test_what_is_taken_and_left_out_is_named(evalkit, project, workbook):
    done = evalkit(workbook(), "--name", "falls", *answered(*ANSWERED))
    assert done.exception is None, done.output
    assert "Data!B3:B4: RA3, falls, 2022-04 to 2022-05: 1 figure, 1 not reported" in done.output
    assert "Data!A5:D5: a total" in done.output
    assert "Data!C3:C4: as answered for `Ash`" in done.output
    assert "data/private/falls.csv: 2 new rows are written." in done.output
    assert "Data!A5:D5: a total" in (project.root / "_build/imports/falls.txt").read_text(encoding="utf-8")


def test_next_month_asks_nothing_and_says_what_is_other(evalkit, project, workbook):
    assert evalkit(workbook(), "--name", "falls", *answered(*ANSWERED)).exception is None
    before = (project.root / TABLE).read_text(encoding="utf-8")
    same = evalkit(workbook(), "--name", "falls")
    assert "0 new rows are written, 2 as before." in same.output
    assert (project.root / TABLE).read_text(encoding="utf-8") == before
    ROWS_NOW = [["Month", "Falls"], ["May-22", 14], ["Jun-22", 9]]
    path = made_file(project.root, {"sheets": {"Data": {"rows": ROWS_NOW}}})
    later = evalkit(str(path), "--name", "falls")
    assert later.exception is None, later.output
    assert (
        "1 new rows are written, 1 with other figures than before (RA3 2022-05 falls); 1 that the file does not have stay."
        in later.output
    )
    assert "RA3,2022-05,falls,14," in (project.root / TABLE).read_text(encoding="utf-8")


def test_a_dry_run_writes_nothing(evalkit, project, workbook):
    before = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    done = evalkit(workbook(), "--name", "falls", "--dry-run", *answered(*ANSWERED))
    assert "2 new rows would be written" in done.output
    evalkit(workbook(), "--name", "falls", "--dry-run")
    after = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    assert {path for path in after if "_build" not in path.parts} == {
        path for path in before if "_build" not in path.parts
    }


def test_figures_that_are_invented_or_published_go_to_the_tables(evalkit, project, workbook):
    done = evalkit(workbook(), "--name", "falls", "--synthetic", *answered(*ANSWERED, "organisation=ZZ901"))
    assert done.exception is None, done.output
    assert (project.root / "data/tables/falls.csv").is_file()
    assert "evalkit new evaluation --table data/tables/falls.csv --synthetic" in done.output


def test_problems_and_questions_are_told_together(evalkit, project, workbook):
    done = evalkit(workbook(["Jun-22", "12r", 3, 1], ["Jly-22", 4, 3, 1]), "--name", "falls", *answered(*ANSWERED))
    assert isinstance(done.exception, InputRefused)
    assert "Data!A6" in str(done.exception)
    assert not (project.root / TABLE).exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--answer", "colour=red"], "the questions are"),
        (["--answer", "hidden=maybe"], "'take' or 'leave out'"),
        (["--answer", "hidden"], "question=answer"),
        (["--name", "My Table"], "lower-case"),
        (["--sheet", "Sheet9"], "its sheets are Data"),
        (["--answers", "nowhere.yml"], "nowhere.yml does not exist"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_written(evalkit, project, workbook, arguments, said):
    done = evalkit(workbook(), *arguments)
    assert isinstance(done.exception, EvaluationError)
    assert said in str(done.exception)
    assert not (project.root / "data" / "private").exists()


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("a.xlsx", b"PK\x03\x04 no zip", "cannot be read as a workbook"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0 and more", "without a password"),
        ("a.xlsx", b"Month,Falls", "is none"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b'Month,Falls\n"Apr-22,3\n', "quotation marks"),
        ("a.csv", b"\x81\x8d\x8f\x90\x9d", "in no encoding"),
        ("a.csv", b"a,\x00,b", "is no text"),
        ("a.parquet", b"PAR1 and no more", "Parquet"),
        ("a.pdf", b"%PDF-1.7", "save it as one of"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(evalkit, project, plain, tmp_path, name, raw, said):
    path = tmp_path / name
    path.write_bytes(raw)
    done = evalkit(str(path))
    assert isinstance(done.exception, InputRefused)
    plain(str(done.exception), name, said)


def test_a_person_is_asked_one_question_after_the_other(evalkit, project, workbook, monkeypatch):
    monkeypatch.setattr(sys.modules["evalkit.cli.import_table"], "_is_a_person", lambda: True)
    done = evalkit(
        workbook(), "--name", "falls", input="Falls!\nfalls\nWeston General\nra3\nleave out\nleave out\nmaybe\n1\n"
    )
    assert done.exception is None, done.output
    assert "It should be the id of a measure" in done.output
    assert "It should be the code of an organisation" in done.output
    assert "Answer with one of not reported, nought, or its number." in done.output
    assert "RA3,2022-04,falls,12," in (project.root / TABLE).read_text(encoding="utf-8")


class TestDataPackage:
    PACKAGE = {
        "title": "Falls in hospitals", "licenses": [{"name": "OGL-UK-3.0", "title": "Open Government Licence 3.0"}],
        "resources": [
            {"name": "falls", "path": "tables/falls.csv", "sources": [{"title": "NHS England", "path": "https://example.org/falls"}],
             "schema": {"missingValues": ["", "zz"]}},
            {"name": "sores", "path": "tables/sores.csv"},
        ],
    }  # fmt: skip

    @pytest.fixture
    def package(self, tmp_path):
        def make(**other) -> str:
            (tmp_path / "tables").mkdir(exist_ok=True)
            (tmp_path / "tables" / "falls.csv").write_text("Month,Falls\nApr-22,12\nMay-22,zz\n", encoding="utf-8")
            path = tmp_path / "datapackage.json"
            path.write_text(json.dumps(self.PACKAGE | other), encoding="utf-8")
            return str(path)

        return make

    def test_a_table_comes_with_its_source_licence_and_missing_values(self, evalkit, project, package):
        done = evalkit(package(), "--resource", "falls", *answered("organisation=RA3", "measures.Falls=falls"))
        assert done.exception is None, done.output
        assert "RA3,2022-05,falls,," in (project.root / "data/tables/falls.csv").read_text(encoding="utf-8")
        for flag in (
            "--table-published-at 'https://example.org/falls'",
            "--table-source 'NHS England'",
            "--table-licence 'Open Government Licence 3.0'",
        ):
            assert flag in done.output

    @pytest.mark.parametrize(
        ("other", "resource", "said"),
        [
            ({}, None, "choose one of falls, sores with --resource"),
            ({}, "fals", "did you mean `falls`"),
            ({"resources": [{"name": "falls", "path": "../falls.csv"}]}, None, "elsewhere"),
            ({"resources": [{"name": "falls", "path": "https://example.org/falls.csv"}]}, None, "elsewhere"),
            ({"resources": []}, None, "is no data package"),
            ({"resources": [{"name": "falls", "path": "tables/gone.csv"}]}, None, "does not exist"),
        ],
    )
    def test_what_is_none_is_refused(self, evalkit, project, package, plain, other, resource, said):
        done = evalkit(package(**other), *(["--resource", resource] if resource else []))
        assert isinstance(done.exception, InputRefused)
        plain(str(done.exception), said)
        assert not (project.root / "data/tables/falls.csv").exists()


def test_a_file_in_which_most_figures_are_other_is_taken_only_where_somebody_says_so(evalkit, project, tmp_path):
    def file_of(first: int) -> str:
        months = ["Apr-22", "May-22", "Jun-22", "Jul-22", "Aug-22", "Sep-22"]
        rows = [["Month", "Falls"], *([month, first + at] for at, month in enumerate(months))]
        return str(made_file(tmp_path, {"sheets": {"Data": {"rows": rows}}}))

    given = ("--name", "falls", *answered("organisation=RA3", "measures.Falls=falls"))
    assert evalkit(file_of(10), *given).exception is None
    before = (project.root / TABLE).read_bytes()
    other = evalkit(file_of(20), "--name", "falls")
    assert "6 of 6 figures" in str(other.exception)
    assert "--revised" in str(other.exception)
    assert (project.root / TABLE).read_bytes() == before
    assert evalkit(file_of(20), "--name", "falls", "--revised").exception is None
    assert (project.root / TABLE).read_bytes() != before


def test_a_code_for_invented_figures_asks_for_the_flag(evalkit, project, workbook, plain):
    done = evalkit(workbook(), "--name", "falls", *answered(*ANSWERED, "organisation=ZZ901"))
    plain(str(done.exception), "ZZ901", "--synthetic")
    assert not (project.root / TABLE).exists()


def test_who_forgets_the_name_is_told_of_the_earlier_import(evalkit, project, workbook):
    assert evalkit(workbook(), "--name", "falls", *answered(*ANSWERED)).exception is None
    again = evalkit(workbook(), "--name", "other")
    assert "--name falls" in str(again.exception)


def test_an_import_can_be_taken_back(evalkit, project, workbook):
    assert evalkit(workbook(), "--name", "falls", *answered(*ANSWERED)).exception is None
    assert CliRunner().invoke(app, ["undo", "--yes"]).exception is None
    assert not (project.root / TABLE).exists()

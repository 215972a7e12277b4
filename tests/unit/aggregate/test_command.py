"""`evalkit aggregate` as a person types it: what is written, what is said, and that nothing is half-written."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from evalkit.cli import app
from evalkit.errors import EvaluationError
from tests.support.record_measures import measures_yaml
from tests.unit.aggregate.conftest import HEADER, ROWS
from tests.unit.conftest import ROOT

EXACT, SHOWN, SQL = "data/private/visits.csv", "data/tables/visits.csv", "data/tables/visits.csv.sql"


@pytest.fixture
def evalkit(project, monkeypatch):
    """A command in a project that counts visits, by day of the week and department too."""
    measures = project.root / "data" / "measures.yml"
    measures.write_text(measures.read_text(encoding="utf-8") + "\n" + measures_yaml("visits"), encoding="utf-8")
    monkeypatch.chdir(project.root)
    monkeypatch.delenv("EVALKIT_ROOT", raising=False)

    def run(*arguments: str, **options):
        return CliRunner().invoke(app, ["aggregate", *arguments], **options)

    return run


@pytest.fixture
def records(tmp_path):
    path = tmp_path / "it's mine.csv"
    path.write_text("\n".join([HEADER, *ROWS * 5]) + "\n", encoding="utf-8")
    return str(path)


def test_exact_figures_stay_and_small_ones_do_not_go_out(evalkit, project, records):
    done = evalkit(records, "--output", "visits")
    assert done.exit_code == 0, done.output
    assert "15 records counted: data/tables/visits.csv has the figures without small numbers" in done.output
    exact, shown = ((project.root / path).read_text(encoding="utf-8") for path in (EXACT, SHOWN))
    assert "ZZ901,2024-03,visits-1,10,,synthetic\n" in exact
    assert "ZZ901,2024-03,visits-2,5,,synthetic\n" in exact
    assert "ZZ901,2024-03,visits-2,*,,synthetic\n" in shown
    told = {line.split(",")[3] for line in shown.splitlines()[1:]}
    assert all(one in ("*", "0") or int(one) % 5 == 0 for one in told)
    assert (project.root / SQL).read_text(encoding="utf-8").startswith("CREATE TABLE records AS\nSELECT")
    left = {path.name for path in (project.root / "data" / "private").iterdir()}
    assert left == {"salt", "visits.csv"}


def test_the_sql_names_no_folder_and_is_shown_without_counting(evalkit, project, records, tmp_path):
    shown = evalkit(records, "--output", "visits", "--show-sql").output
    assert not (project.root / SHOWN).exists()
    evalkit(records, "--output", "visits")
    assert (project.root / SQL).read_text(encoding="utf-8") == shown
    assert str(tmp_path) not in shown
    assert "read_csv('it''s mine.csv'" in shown


def test_the_sql_that_is_kept_gives_the_figures(evalkit, project, records, tmp_path, monkeypatch):
    evalkit(records, "--output", "visits")
    monkeypatch.chdir(tmp_path)
    with duckdb.connect() as connection:
        for statement in (project.root / SQL).read_text(encoding="utf-8").split(";\n\n"):
            last = connection.execute(statement)
        assert last.fetchall()[0][2:4] == ("1", 10)


def test_what_cannot_be_shown_safely_is_said_and_not_written(evalkit, project, records):
    Path(records).write_text("\n".join([HEADER, *ROWS]) + "\n", encoding="utf-8")
    done = evalkit(records, "--output", "visits")
    assert isinstance(done.exception, EvaluationError)
    assert "visits.csv cannot be shown safely" in str(done.exception)
    assert not (project.root / SHOWN).exists()
    assert not (project.root / EXACT).exists()


def test_a_table_that_the_book_has_goes_through_the_gate(evalkit, project, records):
    """What it shows then depends on what it showed before: a count that was withheld stays so."""
    of_another = ROWS[0].replace("ZZ901", "ZZ902")
    Path(records).write_text("\n".join([HEADER, *ROWS * 5, of_another]) + "\n", encoding="utf-8")
    done = evalkit(records, "--output", "visits")
    assert done.exit_code == 0, done.exception
    package = project.root / "data" / "datapackage.json"
    plain = json.loads(package.read_text(encoding="utf-8"))
    own = {**plain["resources"][0], "name": "visits", "path": "tables/visits.csv"}
    for name in ("bytes", "hash"):
        own.pop(name, None)
    own["evalkit"] = {
        "shape": "long",
        "grain": "month",
        "disclosure": {"rule": "own_counts", "because": "Counts of people."},
    }
    own["schema"] = {"fields": [{"name": name, "type": kind, "description": name} for name, kind in (
        ("org_code", "string"), ("period", "string"), ("measure", "string"), ("numerator", "number"),
        ("denominator", "number"), ("note", "string"))], "missingValues": ["", "*"]}  # fmt: skip
    plain["resources"].append(own)
    package.write_text(json.dumps(plain), encoding="utf-8")
    assert evalkit(records, "--output", "visits").exit_code == 0
    assert (project.root / "data" / "releases" / "visits" / "001.csv").is_file()
    Path(records).write_text("\n".join([HEADER, *ROWS * 5, *[of_another] * 9]) + "\n", encoding="utf-8")
    assert evalkit(records, "--output", "visits").exit_code == 0
    exact, shown = ((project.root / path).read_text(encoding="utf-8") for path in (EXACT, SHOWN))
    assert "ZZ902,2024-03,visits,9,," in exact
    assert "ZZ902,2024-03,visits,*,," in shown


def test_a_table_that_was_not_counted_is_not_replaced(evalkit, project, records):
    (project.root / SHOWN).write_text("kept", encoding="utf-8")
    done = evalkit(records, "--output", "visits")
    assert isinstance(done.exception, EvaluationError)
    assert "was not counted by `evalkit aggregate`" in str(done.exception)
    assert (project.root / SHOWN).read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize("name", ["../visits", "Visits", "", "a" * 90, "data/private/visits"])
def test_a_name_is_only_a_name(evalkit, records, name):
    assert "--output is a name" in str(evalkit(records, "--output", name).exception)


def test_a_table_that_was_counted_is_counted_again(evalkit, project, records):
    evalkit(records, "--output", "visits")
    assert evalkit(records, records, "--output", "visits").exit_code == 1  # given twice
    assert evalkit(records, "--output", "data/tables/visits.csv").exit_code == 0


@pytest.mark.parametrize(
    ("measure", "said"),
    [("vissits", "did you mean `visits`"), ("ae-attendances-type-1", "does not say how it is counted")],
)
def test_a_measure_that_is_not_counted_from_records_is_refused(evalkit, records, measure, said):
    assert said in str(evalkit(records, "--measure", measure).exception)


def test_the_book_loads_what_was_counted(evalkit, project, records):
    """The example of the README, as far as the table."""
    from evalkit.catalogue.files.csv_rows import read_rows
    from evalkit.catalogue.records.tables import SUBMISSION_COLUMNS

    evalkit(records, "--output", "visits")
    written, problems = read_rows(project.root / SHOWN, SHOWN)
    assert not problems
    assert written.header == list(SUBMISSION_COLUMNS)


def test_the_readme_shows_a_measure_that_is_counted(evalkit, project, records):
    section = (
        (ROOT / "README.md")
        .read_text(encoding="utf-8")
        .partition("## From records to a table")[2]
        .partition("\n## ")[0]
    )
    (recipe,) = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    measures = project.root / "data" / "measures.yml"
    fields = measures_yaml("within-four-hours").partition("  records:")[0]
    text = measures.read_text(encoding="utf-8").partition("\nvisits:")[0]
    measures.write_text(text + "\n" + fields + recipe, encoding="utf-8")
    (command,) = re.findall(r"evalkit aggregate (.*)", section)
    parquet, text, *options = command.split()
    shutil.copy(records, text)
    duckdb.read_csv(records, dtype={"department": "VARCHAR"}).write_parquet(parquet)
    done = evalkit(parquet, text, *options)
    assert done.exit_code == 0, done.exception
    exact = (project.root / "data" / "private" / f"{options[-1]}.csv").read_text(encoding="utf-8")
    assert "ZZ901,2024-03,within-four-hours,20,30,synthetic\n" in exact


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.slow
def test_ctrl_c_leaves_nothing_half_written(evalkit, project, tmp_path):
    from tools.make_records import make_records

    make_records(tmp_path / "synthetic.csv", 3_000_000)
    command = [sys.executable, "-m", "evalkit", "aggregate", str(tmp_path / "synthetic.csv"), "--output", "visits"]
    private = project.root / "data" / "private"
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen(
            command, cwd=project.root, stderr=subprocess.PIPE, text=True, env={**os.environ}
        ) as process:
            while process.poll() is None and not (private.exists() and any(private.iterdir())):
                time.sleep(0.05)
            process.send_signal(number)
            _, said = process.communicate()
        assert (process.returncode, said) == (130, "Stopped.\n")
        assert not any(private.iterdir())
        assert not (project.root / SHOWN).exists()


def test_more_series_than_can_be_looked_through_are_refused_in_a_sentence(evalkit, project, records, monkeypatch):
    monkeypatch.setattr("evalkit.disclosure.sums.MOST_SERIES", 0)
    done = evalkit(records, "--output", "visits")
    assert isinstance(done.exception, EvaluationError)
    assert "sums cannot be looked for: count fewer measures, organisations or strata at once" in str(done.exception)
    assert not (project.root / SHOWN).exists()

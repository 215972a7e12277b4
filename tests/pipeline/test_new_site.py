"""A new site today: a CSV, one command, and its result; then a new month."""

import json

from evalkit import Effect
from tests.pipeline.conftest import MEASURE, NEW, write_submission

RESULT = f"results/example-ward-rounds/{MEASURE}.json"


def _result(project) -> dict:
    return json.loads((project.root / RESULT).read_text(encoding="utf-8"))


def test_a_new_site_has_a_result_that_says_it_is_synthetic(run_example):
    result = _result(run_example)
    assert result["synthetic"] is True
    effect = Effect.from_dict(result["effect"])
    assert effect.gated
    assert effect.data["synthetic"] is True
    assert effect.headline["low"] < -10 < effect.headline["high"]
    assert result["verdict"]["word"] == "worse"


def test_a_new_month_runs_what_depends_on_it_and_nothing_else(run_example):
    write_submission(run_example.root / "data" / "tables" / "other.csv", codes=("ZZ902",))
    again = [part.replace("Example ward rounds", "Other ward rounds").replace("ZZ901", "ZZ902") for part in NEW]
    again = [part.replace("example.csv", "other.csv").replace("Ashford Vale", "Brook End") for part in again]
    said = run_example.evalkit(*again)
    assert said.status == 0, said.err
    assert run_example.evalkit("run").status == 0
    assert run_example.evalkit("due").out == ""
    before = _result(run_example)

    write_submission(run_example.root / "data" / "tables" / "example.csv", months=41)
    why = "1 new month in ashford-vale-example"
    assert run_example.evalkit("due").out == f"example-ward-rounds/{MEASURE}: {why}\n"
    said = run_example.evalkit("run")
    assert "1 run, 1 up to date" in said.out
    after = _result(run_example)
    assert before["effect"]["data"]["last"] == "2024-04"
    assert after["effect"]["data"]["last"] == "2024-05"
    assert before["provenance"]["rows_sha256"] != after["provenance"]["rows_sha256"]


def test_rows_in_another_order_change_nothing(run_example):
    before = run_example.snapshot("results")

    def turned_round(text: str) -> str:
        header, *rows = text.strip().split("\n")
        return "\n".join([header, *reversed(rows)]) + "\n"

    run_example.edit("data/tables/example.csv", turned_round)
    said = run_example.evalkit("run")
    assert "0 run" in said.out
    assert run_example.snapshot("results") == before


def test_a_missing_month_is_told_and_left_missing(example):
    write_submission(example.root / "data" / "tables" / "example.csv", skip="2022-05")
    said = example.evalkit("run")
    assert said.status == 0
    assert "2022-05" in said.err
    assert "left missing, not filled" in said.err
    series = {row[0]: row[1] for row in _result(example)["effect"]["series"]["rows"]}
    assert series["2022-05"] is None
    again = example.evalkit("run", "--force").err
    assert "2022-05" not in again  # said once, and counted from then on
    assert "worth a look: `evalkit check --all` says what" in again
    assert "2022-05" in example.evalkit("check").err


def test_what_the_command_refuses_changes_nothing(small):
    write_submission(small.root / "data" / "tables" / "example.csv")
    before = small.snapshot("data")
    refused = [part.replace("2023-01-01", "2031-01-01") for part in NEW]
    said = small.evalkit(*refused)
    assert said.status == 2
    assert "2031-01-01" in said.err
    assert "Traceback" not in said.err
    assert small.snapshot("data") == before


def test_without_answers_the_command_says_what_it_needs(small):
    said = small.evalkit("new", "evaluation")
    assert said.status == 2
    for flag in ("--title", "--org-code", "--start", "--onset", "--measure"):
        assert flag in said.err
    assert "Traceback" not in said.err


def test_a_withdrawn_evaluation_leaves_no_result(run_example):
    assert (run_example.root / RESULT).is_file()
    (run_example.root / "data" / "evaluations" / "example-ward-rounds.yml").unlink()
    said = run_example.evalkit("run")
    assert said.status == 2
    assert "`explains` names `example-ward-rounds`" in said.err
    (run_example.root / "data" / "learning" / "example-ward-rounds-why.md").unlink()
    assert run_example.evalkit("run").status == 0
    assert not (run_example.root / RESULT).exists()
    assert "example-ward-rounds" not in (run_example.root / "results" / "results.csv").read_text(encoding="utf-8")


def test_a_published_site_needs_no_file_and_gets_the_table_that_holds_the_date(small):
    said = small.evalkit(
        "new", "evaluation", "--title", "A change at Lincoln", "--question", "Did it change anything?",
        "--site-name", "United Lincolnshire", "--place", "Lincoln", "--org-code", "RWD", "--what-changed", "A change.",
        "--start", "2023-06-15", "--onset", "builds", "--source-title", "A source", "--source-where", "example.org", "--measure", "ae-attendances-type-1",
        "--expected", "decrease", "--why", "Fewer came.", "--start-certainty", "inferred", "--area", "urgent-care-access",
    )  # fmt: skip
    assert said.status == 0, said.err
    written = (small.root / "data" / "evaluations" / "a-change-at-lincoln.yml").read_text(encoding="utf-8")
    assert "table: ae-monthly-2020-2026" in written
    assert "measure: ae-attendances-all" in written


def test_a_damaged_notebook_is_made_again(run_example):
    notebook = run_example.root / "_build" / "runs" / "example-ward-rounds" / f"{MEASURE}.ipynb"
    whole = notebook.read_bytes()
    notebook.write_bytes(whole[:100])
    assert "1 run" in run_example.evalkit("run").out
    assert notebook.read_bytes() == whole


def test_another_measure_in_the_file_is_pointed_out_and_left_alone(example):
    example.edit("data/tables/example.csv", lambda text: text + "ZZ901,2021-01,something-else,5\n")
    said = example.evalkit("check")
    assert said.status == 0
    assert "column `measure` holds a code that is not in data/measures.yml, so nothing uses it" in said.err

"""Workbooks as people have them: read right, refused with the cell, or asked about; never a traceback."""

from pathlib import Path

import pytest
import yaml

from evalkit.catalogue import read_catalogue
from evalkit.errors import InputRefused
from evalkit.intake.workbook.answers import Answers
from evalkit.intake.workbook.read_file import read_file
from evalkit.intake.workbook.reading import Reading
from tests.support.workbooks import made_file

ROOT = Path(__file__).parents[4]
CASES = yaml.load((ROOT / "tests/cases/import/cases.yml").read_text(encoding="utf-8"), yaml.BaseLoader)


def as_cells(value):
    """Numbers as numbers: the file is read as text, so that no date is taken for one."""
    if isinstance(value, list):
        return [as_cells(one) for one in value]
    if value in ("null", ""):
        return None
    try:
        return (
            int(value)
            if value.lstrip("-").isdigit()
            else float(value)
            if value[-1].isdigit() and value[0].isdigit() and value.count(".") == 1
            else value
        )
    except ValueError:
        return value


@pytest.fixture(scope="module")
def catalogue():
    return read_catalogue(ROOT)


def reading_of(folder: Path, case: dict, catalogue) -> Reading:
    sheets = {
        name: said | {"rows": as_cells(said["rows"]), "hidden_rows": [int(row) for row in said.get("hidden_rows", ())]}
        for name, said in case.get("sheets", {}).items()
    }
    path = made_file(folder, case | ({"sheets": sheets} if sheets else {}))
    try:
        return read_file(
            path, catalogue, Answers.model_validate(case.get("answers", {})), own=case.get("own") == "true"
        )
    except InputRefused as refused:
        return Reading(problems=refused.problems)


def said(value) -> str:
    return (
        "."
        if value is None or value != value
        else value
        if isinstance(value, str)
        else f"{value:g}"
        if value < 1e6
        else f"{value:.0f}"
    )


def rows_of(reading: Reading) -> list[str]:
    return [
        f"{row.org_code} {row.period} {row.measure} {said(row.numerator)}"
        + (f"/{said(row.denominator)}" if said(row.denominator) != "." else "")
        for row in reading.rows.itertuples()
    ]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_workbook_is_read_right_refused_with_its_cell_or_asked_about(case, tmp_path, catalogue):
    reading = reading_of(tmp_path, case, catalogue)
    problems = "\n".join(problem.what for problem in reading.problems)
    if "rows" in case:
        assert (problems, [question.key for question in reading.questions]) == ("", [])
        assert sorted(rows_of(reading)) == sorted(case["rows"])
        assert set(case.get("left_out", ())) <= {one.cells for one in reading.left_out}
        assert reading.taken
    elif "refused" in case:
        for what in case["refused"]:
            assert what in problems
        assert reading.rows.empty
    else:
        assert problems == ""
        assert [".".join(question.key) for question in reading.questions] == case["asks"]
        assert reading.rows.empty


def test_there_are_sixty_faults_and_more():
    assert len(CASES) >= 60
    assert len({case["name"] for case in CASES}) == len(CASES)


def test_a_total_that_is_none_is_told(tmp_path, catalogue):
    rows = [
        ["Metric", "Ward", "Apr-22", "May-22"],
        ["Falls", "Ash", "1", "2"],
        ["Falls", "Birch", "3", "4"],
        ["TOTAL", "", "4", "7"],
    ]
    case = {
        "sheets": {"Data": {"rows": rows}},
        "answers": {"organisation": "ZZ901", "roles": {"Ward": "add up"}, "measures": {"Falls": "falls"}},
    }
    (left,) = reading_of(tmp_path, case, catalogue).left_out
    assert left.why == "a total (TOTAL), which is not the sum of the rows above it in 1 of 2 periods"

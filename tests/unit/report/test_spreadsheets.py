"""No text of a CSV is taken for a formula, and every number stays one."""

import csv
import io

import pandas as pd
import pytest

from evalkit.report.spreadsheets import as_text, csv_of


@pytest.mark.parametrize("text", ["=1+1", "+44", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("x","y")'])
def test_a_formula_is_text(text):
    assert as_text(text) == f"'{text}"
    ((_, cell),) = csv.reader(io.StringIO(csv_of(pd.DataFrame({"n": [1], "name": [text]})).partition("\n")[2]))
    assert cell == f"'{text}"


@pytest.mark.parametrize("text", ["a\r=1+1", "a\n=1+1", "a\r\n=1+1", "\r=1+1", "a\u2028=1+1", "a\x85=1"])
def test_a_text_stays_on_its_line(text):
    written = csv_of(pd.DataFrame({"n": [1], "name": [text]}))
    assert len(written.splitlines()) == 2
    assert not any(cell.startswith("=") for line in written.splitlines() for cell in line.split(","))


@pytest.mark.parametrize("value", ["Trust", "A-1", "", "−1", -1.5, 0, None, True])
def test_all_else_stays(value):
    assert as_text(value) is value


def test_numbers_stay_numbers_and_missing_stays_empty():
    frame = pd.DataFrame(
        {"low": [-1.25, None], "period": pd.PeriodIndex(["2020-01", "2020-02"], freq="M"), "name": ["a", None]}
    )
    assert csv_of(frame) == "low,period,name\n-1.25,2020-01,a\n,2020-02,\n"
    assert csv_of(frame) == frame.to_csv(index=False, lineterminator="\n")

"""The table of reasons for delay is the published one, trimmed: nothing added up, nothing filled in."""

import pandas as pd
import pytest

from evalkit.errors import EvaluationError
from evalkit.intake.load import load_from
from evalkit.intake.measure_rows import rows_of
from evalkit.intake.read_table import read_table
from tests.unit.conftest import ROOT
from tools import delay_reasons
from tools.delay_reasons import COLUMNS, REASONS, TARGET, totals, trimmed

# Patients of all reasons and trusts by month, added up in the published table.
PUBLISHED = {
    "2024-06": 8301, "2024-07": 8653, "2024-08": 8436, "2024-09": 9140, "2024-10": 8606, "2024-11": 8791,
    "2024-12": 8561, "2025-01": 9214, "2025-02": 9897, "2025-03": 9635, "2025-04": 8591, "2025-05": 8927,
}  # fmt: skip
MEASURE = "patients-with-a-delay-reason"
FIRST, SECOND = list(REASONS.values())[:2]


def row(reason=FIRST, count="3", org="RA7", month="2024-06-01") -> dict[str, str]:
    return {"date": month, "org_code": org, "delay_reason": reason, "delay_count": count}


def test_totals_tie_with_the_published_table_in_every_month():
    table = pd.read_csv(ROOT / TARGET)
    assert table.groupby(table["period"].str[:7])[list(REASONS)].sum().sum(axis=1).astype(int).to_dict() == PUBLISHED
    assert tuple(table.columns) == COLUMNS
    assert len(REASONS) == 37


def test_a_blank_is_blank_and_nought_is_nought():
    (only,) = trimmed([row(count=""), row(SECOND, "0.0")])
    first, second = list(REASONS)[:2]
    assert (only[first], only[second]) == ("", "0")
    assert all(only[column] == "" for column in list(REASONS)[2:]), "what is not there was not reported"
    assert totals([only])["2024-06-01", first] == 0


def test_reasons_are_known_whatever_their_blanks_and_rows_have_an_order():
    rows = trimmed([row(org="RXR"), row(FIRST.replace(" - ", "\u00a0-  ").upper(), "4"), row(month="2024-05-01")])
    assert [(one["period"], one["org_code"]) for one in rows] == [
        ("2024-05-01", "RA7"), ("2024-06-01", "RA7"), ("2024-06-01", "RXR"),
    ]  # fmt: skip
    assert rows[1][next(iter(REASONS))] == "4"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row("Something else")], "Line 2: 'Something else' is none of the 37 reasons"),
        ([row(), row(count="2.5")], "Line 3: '2.5' is no number"),
        ([row(), row(count="-1", org="RXR")], "Line 3: '-1' is no number"),
        ([row(), row()], "Line 3: RA7 has two figures for one reason in 2024-06-01"),
    ],
)
def test_what_is_no_such_table_is_refused(rows, said):
    with pytest.raises(EvaluationError, match=said):
        trimmed(rows)


def test_a_table_of_other_columns_is_refused(tmp_path):
    (tmp_path / "reasons.csv").write_text("date,org_code,count\n", encoding="utf-8")
    with pytest.raises(EvaluationError, match="no column `delay_reason`"):
        delay_reasons.main(tmp_path / "reasons.csv")


def test_months_without_a_return_are_missing_and_never_nought(real):
    measure = real.measures[MEASURE]
    rows = rows_of(read_table(real.root, real.tables[measure.recipes[0].table]), measure, measure.recipes[0])
    by_flag = rows.loc[rows["numerator"].isna(), "flag"].value_counts().to_dict()
    assert by_flag == {"missing": 7, "empty_return": 12}
    assert rows["numerator"].min() > 0


def test_a_month_of_a_trust_is_its_reasons_together(real):
    frame = load_from(real, site="R0A", measure=MEASURE, first="2024-06", last="2024-06")
    table = pd.read_csv(ROOT / TARGET)
    own = table[(table["org_code"] == "R0A") & (table["period"] == "2024-06-01")]
    assert frame["value"].iloc[0] == own[list(REASONS)].to_numpy().sum()

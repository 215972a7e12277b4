"""Rules that make columns, held to every row of the table that had them before there was a rule; and the published files themselves."""

import csv
from datetime import date
from pathlib import Path

import pytest

from evalkit.intake.published.into_table import table_with_month
from evalkit.intake.published.made_columns import with_made_columns
from evalkit.intake.published.read_published import read_published
from evalkit.intake.published.recognise import recognised
from tests.conftest import ROOT

TABLE = "ae-monthly-2020-2026"
PUBLISHED = ROOT / "tests" / "cases" / "import" / "published"
DECEMBER, MARCH = PUBLISHED / "December-2025-CSV-K7F4Sp.csv", PUBLISHED / "March-2026-CSV-G49lw.csv"
NOT_REPORTED, COPIED = 532, [("RAX", "2022-03-01"), ("RC9", "2022-04-01"), ("RVJ", "2022-05-01")]


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str], dict[str, str]]:
    """The table as text, by code and month."""
    path = ROOT / "data" / "tables" / "ae_monthly_2020_2026.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["org_code"], row["period"]): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def made(real, rows) -> dict[tuple[str, str], dict[str, str]]:
    """The same rows, made anew from what a file would have given; what was not reported is taken for nought there."""
    table = real.tables[TABLE]
    (layout,) = table.layout.published_files
    again = {}
    for (code, period), row in rows.items():
        given = {column: row[column] or "0" for column in layout.columns}
        before = rows.get((code, f"{int(period[:4]) - 1}{period[4:]}"))
        again[code, period] = with_made_columns(given, table, layout, period[:7], row["source_file"], before)
    return again


def test_the_rules_give_every_row_of_the_table_again(rows, made):
    assert len(rows) == 14_529
    assert [key for key in rows if made[key] != rows[key]] == []


def test_the_flags_are_those_that_the_table_had(made):
    assert sum(row["over4h_reported"] == "False" for row in made.values()) == NOT_REPORTED
    assert [key for key, row in made.items() if row["suspect_duplicate_of_prior_year"] == "True"] == COPIED
    assert {key[1] for key, row in made.items() if row["ecds_method_break"] == "True"} == {
        "2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01",
    }  # fmt: skip


@pytest.mark.parametrize(("path", "month", "providers"), [(DECEMBER, "2025-12", 197), (MARCH, "2026-03", 199)])
def test_a_published_file_is_read_whole_and_ties_with_its_total(real, path: Path, month, providers):
    known, near = recognised(path, real.tables.values())
    assert known is not None
    assert near == []
    read = read_published(path, known, date(2026, 5, 1))
    assert (read.month, len(read.rows)) == (month, providers)
    assert "agrees with the sums of all 18 columns" in read.reading.left_out[-1].why


def test_the_file_of_december_is_the_table_in_every_cell(real):
    known, _ = recognised(DECEMBER, real.tables.values())
    made = table_with_month(ROOT, known, read_published(DECEMBER, known), DECEMBER.name)
    assert made.same == 197
    assert made.changes_nothing
    assert made.text.encode() == (ROOT / "data" / "tables" / "ae_monthly_2020_2026.csv").read_bytes()


def test_figures_that_small_trusts_repeat_by_chance_are_no_copy(real, rows):
    table = real.tables[TABLE]
    (layout,) = table.layout.published_files
    row = rows["RET", "2022-08-01"]
    assert row["adm_other_emergency"] == rows["RET", "2021-08-01"]["adm_other_emergency"] == "165"
    given = {column: row[column] for column in layout.columns}
    once = with_made_columns(given, table, layout, "2022-08", "a.csv", rows["RET", "2021-08-01"])
    assert once["suspect_duplicate_of_prior_year"] == "False"
    twice = with_made_columns(given | {"att_other": "7"}, table, layout, "2022-08", "a.csv", row | {"att_other": "7"})
    assert twice["suspect_duplicate_of_prior_year"] == "True"


def test_the_readme_names_each_layout_and_only_those(real):
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("| known layout |")[2].partition("\n\n")[0]
    told = [tuple(cell.strip(" `") for cell in line.split("|")[1:4:2]) for line in table.splitlines()[2:]]
    assert told == [(layout.name, id) for id, one in real.tables.items() for layout in one.layout.published_files]

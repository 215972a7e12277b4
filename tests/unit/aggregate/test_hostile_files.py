"""Files that cannot be read, names that would be more than names: sentences, and nothing of a row or a person in them."""

import os

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from evalkit.aggregate.quoting import as_pattern, literal, quoted
from evalkit.catalogue.records.from_records import FromRecords
from evalkit.errors import EvaluationError, InputRefused
from tests.unit.aggregate.conftest import HEADER, ROWS, catalogue_of, only

VISITS = catalogue_of(visits=("count", {}))
SECRET = "9434765919"


def refused(count, *paths, catalogue=VISITS) -> str:
    with pytest.raises((InputRefused, EvaluationError)) as error:
        count(catalogue, *paths)
    assert SECRET not in str(error.value)
    assert "Traceback" not in str(error.value)
    assert "/" not in str(error.value).replace("data/measures.yml", "")
    return str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "records.csv: is empty: name a file with records."),
        (b" \n\n", "records.csv: is empty: name a file with records."),
        (f"{HEADER}\n".encode(), "records.csv: has a header but no rows: name a file with records."),
        (f"{HEADER}\n".encode("utf-16"), "records.csv: is not UTF-8 text: save it again with the encoding UTF-8."),
        (
            f"{HEADER}\n{ROWS[0]}\n{SECRET},Café\n".encode("latin-1"),
            "records.csv, line 3: is not UTF-8 text: save it again with the encoding UTF-8.",
        ),
        (b"\x1f\x8b\x08", "records.csv: is compressed: unpack it first."),
        (b"PK\x03\x04", "records.csv: is a spreadsheet or a compressed folder: save the records as CSV (UTF-8) or Parquet."),
        (b"\x00\x01\x02", "records.csv: is neither CSV nor Parquet: save the records as one of them."),
        (b"PAR1" + SECRET.encode() + b"PAR1", "records.csv: is not a whole Parquet file: write it again."),
        (
            f"{HEADER}\n{ROWS[0]}\n{SECRET}\n".encode(),
            "records.csv, line 3: the row has more or fewer fields than the header: give every column one, and put quotes"
            " around text with commas.",
        ),
        (
            f"{HEADER}\n{SECRET},{ROWS[0]}\n".encode(),
            "records.csv, line 2: the row has more or fewer fields than the header: give every column one, and put quotes"
            " around text with commas.",
        ),
        (
            f'{HEADER}\n{ROWS[0]}\n"{SECRET},{ROWS[1]}\n'.encode(),
            "records.csv, line 3: its quotation marks do not pair up: put one at each end of a text, and two for each"
            " inside it.",
        ),
    ],
    ids=["empty", "blank", "header only", "utf-16", "latin-1", "gzip", "zip", "binary", "parquet", "short", "long", "quote"],
)  # fmt: skip
def test_what_is_no_table_is_refused(count, tmp_path, content, said):
    (tmp_path / "records.csv").write_bytes(content)
    assert refused(count, tmp_path / "records.csv") == said


def test_a_fault_far_down_is_found_by_its_line(count, tmp_path):
    lines = [HEADER, *[ROWS[0]] * 40_000, f"{SECRET},Café", ROWS[0]]
    (tmp_path / "records.csv").write_bytes("\n".join(lines).encode("latin-1"))
    assert refused(count, tmp_path / "records.csv").startswith("records.csv, line 40002: ")


@pytest.mark.parametrize("begins", ["\ufeff", ""])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_what_windows_writes_is_read(count, tmp_path, begins, ends):
    (tmp_path / "records.csv").write_bytes((begins + ends.join([HEADER, *ROWS]) + ends).encode())
    assert only(count(VISITS, tmp_path / "records.csv"), "visits")[0] == 3


@pytest.mark.parametrize("name", ["it's; DROP TABLE records;--.csv", 'a "b".csv', "a*b?[c].csv", "é ü.csv", "-- x.csv"])
def test_a_name_of_a_file_is_only_a_name(count, records, tmp_path, name):
    records(ROWS[0], name="axb1c.csv")  # which the pattern would match as well
    counted = count(VISITS, records(*ROWS, name=name))
    assert only(counted, "visits")[0] == 3
    assert str(tmp_path) not in counted.sql


@pytest.mark.parametrize("name", ["it's", 'a "b"', "select", "a.b", "*", "organisation", "period", "rows", "Ä, ü"])
def test_a_name_of_a_column_is_only_a_name(count, tmp_path, name):
    import csv

    with (tmp_path / "records.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["arrived_at", name, "z"], ["2024-03-31", "ZZ901", ""], ["2024-03-01", "ZZ901", ""]]
        )
    counted = count(catalogue_of(visits=("count", {"organisation": name, "stratum": name})), tmp_path / "records.csv")
    assert only(counted, "visits")[0] == 2


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1))
def test_quoted_texts_come_back_as_they_were(text):
    found = duckdb.sql(f"SELECT {literal(text)} AS {quoted(text)}")
    assert (found.columns, found.fetchall()) == ([text], [(text,)])


def test_a_value_is_only_a_value(count, records):
    chosen = catalogue_of(visits=("count", {"where": {"department": ["1') OR ('1'='1", "2"]}}))
    assert only(count(chosen, records(*ROWS)), "visits")[0] == 1


def test_a_pattern_is_of_one_file():
    assert as_pattern("a*b?[c].csv") == "a[*]b[?][[]c].csv"


def test_folders_links_and_what_is_absent_are_refused(count, records, tmp_path):
    link = tmp_path / "link.csv"
    link.symlink_to(records(*ROWS))
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    said = refused(count, link, tmp_path / "pipe.csv", tmp_path / "folder.csv", tmp_path / "absent.csv").splitlines()
    assert said == [
        "absent.csv: cannot be read (No such file or directory): correct its name, or put the file there.",
        "folder.csv: is a folder: name the files in it.",
        "link.csv: is a link, a pipe or a device: name the file itself.",
        "pipe.csv: is a link, a pipe or a device: name the file itself.",
    ]


class TestColumns:
    def test_one_that_is_missing_is_named_with_those_that_are_there_but_for_people(self, count, records):
        path = records("1,2,3,4,5", header="provider_code,nhs_number,arrived,Patient Name,date_of_birth")
        assert refused(count, path) == (
            "records.csv, line 1: the column `arrived_at` is missing; did you mean `arrived`? There are `provider_code`,"
            " `arrived`: add it, or correct `records` in data/measures.yml."
        )

    def test_nothing_of_a_first_row_is_said_where_there_is_no_header(self, count, records):
        said = refused(count, records(ROWS[0], header=f"{SECRET},Smith,2024-03-01"))
        assert said.startswith("records.csv, line 1: has none of the columns that `records` in data/measures.yml names")
        assert "Smith" not in said

    def test_one_that_is_there_twice_is_refused(self, count, records):
        path = records("ZZ901,ZZ902,2024-03-31", header="provider_code,Provider_Code,arrived_at")
        assert refused(count, path) == "records.csv, line 1: the column `provider_code` is there twice: keep one."

    def test_those_that_identify_people_are_not_even_in_the_sql(self, count, records):
        path = records(f"{SECRET},ZZ901,2024-03-31", header="nhs_number,provider_code,arrived_at")
        counted = count(VISITS, path)
        assert "nhs_number" not in counted.sql
        assert SECRET not in counted.table.to_csv()

    @pytest.mark.parametrize("field", ["organisation", "at", "stratum", "distinct"])
    def test_no_measure_may_name_them(self, field):
        with pytest.raises(ValidationError, match="may identify people"):
            FromRecords(**{"organisation": "provider_code", "at": "arrived_at", field: "NHS Number"})

    def test_a_parquet_column_of_another_kind_is_refused(self, count, tmp_path):
        duckdb.sql("SELECT 'ZZ901' AS provider_code, 1 AS arrived_at").write_parquet(str(tmp_path / "a.parquet"))
        assert refused(count, tmp_path / "a.parquet") == (
            "a.parquet: the column `arrived_at` holds neither dates nor text: name another."
        )


def test_a_parquet_file_that_ends_too_soon_is_refused(count, tmp_path):
    duckdb.sql("SELECT 'ZZ901' AS provider_code, DATE '2024-03-31' AS arrived_at FROM range(100000)").write_parquet(
        str(tmp_path / "a.parquet")
    )
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[: len(whole) // 2])
    assert refused(count, tmp_path / "a.parquet") == "a.parquet: is not a whole Parquet file: write it again."


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"within": {"start": "a", "end": "b"}}, "give one limit"),
        ({"within": {"start": "a", "end": "b", "hours": 4, "days": 1}}, "give one limit"),
        ({"mean_of": {"start": "a", "end": "b"}}, "give either `column`"),
        ({"mean_of": {"column": "a", "unit": "days"}}, "give either `column`"),
        ({"distinct": "a", "mean_of": {"column": "a"}}, "`distinct` and `mean_of` cannot be counted at once"),
        ({"stratum": "a|b"}, "letters, figures and blanks"),
        ({"stratum": "a\nb"}, "letters, figures and blanks"),
    ],
)
def test_a_recipe_that_is_none_is_refused(fields, said):
    with pytest.raises(ValidationError, match=said):
        FromRecords(organisation="provider_code", at="arrived_at", **fields)

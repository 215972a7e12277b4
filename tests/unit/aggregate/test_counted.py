"""What records come to: each kind of measure, what is left out, and periods that are not whole."""

import duckdb
import pandas as pd
import pytest

from evalkit.errors import EvaluationError, InputRefused
from tests.unit.aggregate.conftest import ROWS, catalogue_of, figures, only

NAN = pytest.approx(float("nan"), nan_ok=True)
ONLY_ROWS = catalogue_of(visits=("count", {}))


@pytest.mark.parametrize(
    ("id", "numerator", "denominator"),
    [
        ("visits", 3, NAN),
        ("visits-identified", 3, NAN),
        ("within-four-hours", 2, 3),  # the limit is within
        ("weekend-admitted", 1, 2),  # 2 and 31 March 2024 are a Saturday and a Sunday
        ("admitted-by-day-there", 2, pytest.approx(16 / 24, abs=1e-6)),
        ("hours-in-major", 6, 2),
        ("age", 90, 2),
        ("median-hours", 4, 3),
    ],
)
def test_each_kind(count, records, id, numerator, denominator):
    assert only(count(catalogue_of(id), records(*ROWS)), id) == (numerator, denominator)


def test_the_median_of_an_even_number_is_between_the_two_in_the_middle(count, records):
    assert only(count(catalogue_of("median-hours"), records(*ROWS, ROWS[2])), "median-hours") == (7, 4)


def test_the_two_largest_amounts_of_a_mean_stand_beside_it_and_beside_its_parts(count, records):
    by_department = ("mean", {"mean_of": {"column": "age"}, "stratum": "department"})
    table = count(catalogue_of("visits", "hours-in-major", old=by_department), records(*ROWS)).table
    told = table.set_index("measure")[["largest", "second_largest"]]
    assert told.loc["hours-in-major"].tolist() == [4, 2]
    assert told.loc["old"].tolist() == told.loc["old-1"].tolist() == [50, 40]
    assert told.loc["old-2"].isna().all()  # nobody's age is known
    assert told.loc["visits"].isna().all()


def test_parts_are_measures_of_their_own_and_name_the_whole(count, records):
    counted = count(catalogue_of("visits"), records(*ROWS))
    assert only(counted, "visits-saturday")[0] == 1
    assert only(counted, "visits-monday")[0] == 0  # there are records of that month
    assert only(counted, "visits-1")[0] == 2


def test_an_organisation_has_no_rows_of_a_stratum_it_never_has(count, records):
    other = "A4,ZZ902,1,2024-03-02,2024-03-02,1,no"
    counted = figures(count(catalogue_of("visits"), records(*ROWS, other)), "visits-2")
    assert list(counted) == [("ZZ901", "2024-03")]


def test_a_month_without_records_has_no_row_and_one_without_such_records_has_0(count, records):
    rows = [*ROWS, "A4,ZZ901,2,2024-06-01,2024-06-02,1,no", "A5,ZZ901,2,2024-06-30,2024-06-30,1,no"]
    counted = figures(
        count(catalogue_of(major=("count", {"where": {"department": ["1", "3"]}})), records(*rows)), "major"
    )
    assert {period: part for (_, period), (part, _) in counted.items()} == {"2024-03": 2, "2024-06": 0}


def test_everything_left_out_is_told_with_its_reason(count, records):
    wrong = [
        "B1,,1,2024-03-05,2024-03-05,1,no",
        "B2,Trust of Ashford,1,2024-03-05,2024-03-05,1,no",
        "B3,ZZ901,1,,2024-03-05,1,no",
        "B4,ZZ901,1,soon,2024-03-05,1,no",
        "B5,ZZ901,1,2031-03-05,2031-03-06,1,no",
        "B6,ZZ901,1,2024-03-05,,1,no",
        "B7,ZZ901,1,2024-03-05,2999-12-31,1,no",
        "B8,ZZ901,1,2024-03-05,2024-03-04,1,no",
        "B9,ZZ901,,2024-03-05,2024-03-05,1,no",
    ]
    counted = count(catalogue_of("hours-in-major"), records(*ROWS, *wrong))
    assert counted.rows == 12
    assert counted.told == [
        "1 row has no `provider_code` and is in none of the figures.",
        "1 row has in `provider_code` what is no code of an organisation (capital letters and figures, such as RA3, 7A67A6AR or G107H) and is in none of the figures.",
        "1 row has no `arrived_at` and is in none of the figures.",
        "1 row has in `arrived_at` what is no date from 1900 to 2100 (the first in row 7) and is in none of the figures.",
        "1 row has in `arrived_at` a date after today and is in none of the figures.",
        "1 row has no `department` and is in no figure of hours-in-major.",
        "1 row has no `left_at` and is in no figure of hours-in-major.",
        "1 row has in `left_at` what is no date from 1900 to 2100 (the first in row 10) and is in no figure of hours-in-major.",
        "1 row has `left_at` before `arrived_at` and is in no figure of hours-in-major.",
    ]
    assert only(counted, "hours-in-major") == (6, 2)
    assert "soon" not in " ".join(counted.told) + counted.sql


def test_a_number_that_is_none_is_told(count, records):
    rows = [*ROWS, "A4,ZZ901,1,2024-03-02,2024-03-02,old,no", "A5,ZZ901,1,2024-03-02,2024-03-02,-1,no"]
    counted = count(catalogue_of("age"), records(*rows))
    assert only(counted, "age") == (90, 2)
    assert counted.told == [
        "1 row has no `age` and is in no figure of age.",
        "2 rows have in `age` what is no number of 0 or more (the first in row 4) and are in no figure of age.",
    ]


class TestLastPeriod:
    ROWS = (*ROWS, "A4,ZZ901,1,2024-04-29 23:00,2024-04-30 01:00,1,no")
    SENTENCE = (
        "The last month, 2024-04, is partly counted: records end on 2024-04-29. It is left out; --with-last keeps it."
    )

    def test_it_is_named_and_left_out(self, count, records):
        counted = count(ONLY_ROWS, records(*self.ROWS))
        assert counted.told == [self.SENTENCE]
        assert list(counted.table["period"]) == ["2024-03"]

    def test_it_is_kept_when_asked_for_and_its_rows_say_so(self, count, records):
        counted = count(ONLY_ROWS, records(*self.ROWS), with_last=True)
        assert list(counted.table["period"]) == ["2024-03", "2024-04"]
        assert list(counted.table["note"]) == ["synthetic", "synthetic; partly counted"]

    def test_it_is_whole_where_records_reach_its_last_day(self, count, records):
        counted = count(ONLY_ROWS, records(*self.ROWS, "A5,ZZ901,1,2024-04-30,,1,no"))
        assert counted.told == []
        assert list(counted.table["period"]) == ["2024-03", "2024-04"]

    def test_a_first_that_may_not_be_whole_is_told(self, count, records):
        assert count(ONLY_ROWS, records(*ROWS[1:])).told == [
            "The first month, 2024-03, may be partly counted: records begin on 2024-03-02."
        ]

    def test_nothing_is_left_where_it_is_the_only_one(self, count, records, plain):
        with pytest.raises(EvaluationError) as error:
            count(ONLY_ROWS, records(ROWS[0]))
        plain(str(error.value), "Nothing is left to be counted", "2024-03")


@pytest.mark.parametrize(
    ("period", "written"),
    [
        ("day", ["2024-03-01", "2024-03-02", "2024-03-31"]),
        ("week", ["2024-02-26", "2024-03-25"]),
        ("quarter", ["2024Q1"]),
    ],
)
def test_other_periods(count, records, period, written):
    assert list(count(ONLY_ROWS, records(*ROWS), period=period).table["period"]) == written


def test_by_day_only_days_of_the_weekdays_have_rows(count, records):
    counted = figures(count(catalogue_of("weekend-admitted"), records(*ROWS), period="day"), "weekend-admitted")
    assert [period for _, period in counted] == ["2024-03-02", "2024-03-31"]


def test_by_day_there_are_no_weekdays_apart(count, records, plain):
    with pytest.raises(EvaluationError) as error:
        count(catalogue_of("visits"), records(*ROWS), period="day")
    plain(str(error.value), "A day has one weekday", "--period")


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-31 23:30:00+01:00", "2024-03-31T23:30:00Z", "2024-03-31 23:30-11", "31/03/2024 23:30", "31/03/2024",
        "2024-03-31 23:30:00.123",
    ],
)  # fmt: skip
def test_times_are_taken_as_written(count, records, written):
    counted = count(ONLY_ROWS, records(ROWS[0], f"A2,ZZ901,1,{written},,1,no"))
    assert only(counted, "visits")[0] == 2


def test_days_come_before_months(count, records):
    rows = ["A1,ZZ901,1,01/03/2024,,1,no", "A2,ZZ901,1,31/03/2024,,1,no", "A2,ZZ901,1,02/03/2024,,1,no"]
    assert figures(count(ONLY_ROWS, records(*rows)), "visits") == {("ZZ901", "2024-03"): (3, NAN)}


def test_files_are_taken_together_whatever_they_are(count, records, tmp_path):
    frame = pd.DataFrame(
        [row.split(",") for row in ROWS], columns=["a", "provider_code", "c", "arrived_at", "e", "f", "g"]
    )
    frame["arrived_at"] = pd.to_datetime(frame["arrived_at"])
    duckdb.sql("SELECT * FROM frame").write_parquet(str(tmp_path / "other.parquet"))
    counted = count(ONLY_ROWS, records(*ROWS), tmp_path / "other.parquet")
    assert only(counted, "visits")[0] == 6
    assert counted.rows == 6


def test_a_zone_that_parquet_keeps_is_told(count, tmp_path):
    moments = "unnest([TIMESTAMPTZ '2024-03-01 00:30+00', TIMESTAMPTZ '2024-03-31 23:30+00'])"
    duckdb.sql(f"SELECT 'ZZ901' AS provider_code, {moments} AS arrived_at").write_parquet(str(tmp_path / "a.parquet"))
    counted = count(ONLY_ROWS, tmp_path / "a.parquet")
    assert only(counted, "visits")[0] == 2
    assert len(counted.told) == 1
    assert "`arrived_at` are kept with a time zone" in counted.told[0]


class TestStrata:
    def test_too_many_values_are_no_stratum(self, count, records, plain):
        rows = [f"A{n},ZZ901,private{n},2024-03-31,,1,no" for n in range(41)]
        with pytest.raises(EvaluationError) as error:
            count(catalogue_of("visits"), records(*rows))
        assert "private" not in plain(str(error.value), "`department`", "41 values")

    @pytest.mark.parametrize("values", [("a b", "a-b"), ("???", "b"), ("x" * 90, "b")])
    def test_values_that_make_no_ids_are_refused_unsaid(self, count, records, values, plain):
        with pytest.raises(EvaluationError) as error:
            count(catalogue_of("visits"), records(*(f"A,ZZ901,{value},2024-03-31,,1,no" for value in values)))
        assert values[0] not in plain(str(error.value), "`department`", "`visits`")

    def test_two_measures_of_one_id_are_refused(self, count, records, plain):
        catalogue = catalogue_of("visits", visits_monday=("count", {}))
        with pytest.raises(EvaluationError) as error:
            count(catalogue, records(*ROWS))
        plain(str(error.value), "`visits-monday`", "rename")


def test_measures_of_other_columns_are_counted_too(count, records):
    catalogue = catalogue_of(arrived=("count", {}), left=("count", {"at": "left_at"}))
    counted = count(catalogue, records(*ROWS, "A4,ZZ901,1,2024-03-31 23:00,2024-04-01 03:00,1,no"))
    assert only(counted, "arrived")[0] == 4
    assert only(counted, "left")[0] == 3
    assert counted.told == [
        "The last month, 2024-04, is partly counted: records end on 2024-04-01. It is left out; --with-last keeps it."
    ]


def test_too_little_memory_is_refused(count, records, plain):
    with pytest.raises(EvaluationError) as error:
        count(ONLY_ROWS, records(*ROWS), memory=0.1)
    plain(str(error.value), "--memory is 0.1 GB")


def test_all_problems_are_told_at_once(count, records, tmp_path):
    with pytest.raises(InputRefused) as error:
        count(ONLY_ROWS, tmp_path, tmp_path / "absent.csv", records(*ROWS), tmp_path / "records.csv")
    assert [str(problem).partition(":")[0] for problem in error.value.problems] == [
        "absent.csv",
        "records.csv",
        tmp_path.name,
    ]

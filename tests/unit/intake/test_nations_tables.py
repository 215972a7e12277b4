"""Tables of Wales and Scotland add up, keep places apart that share a code, and say where they mislead."""

import pandas as pd
import pytest

import evalkit as ek
from evalkit.catalogue import read_catalogue
from evalkit.errors import EvaluationError
from evalkit.intake.measure_rows import rows_of
from evalkit.intake.read_table import read_table
from tests.conftest import ROOT
from tools.nations_tables import in_order, scottish_rows, welsh_rows

WELSH_FIGURES = ["attendances", "within_4_hours", "within_8_hours", "within_12_hours"]
ALL_LISTED = "2012-04"  # from when on hospitals without a major department are listed


def _table(name: str) -> pd.DataFrame:
    catalogue = read_catalogue(ROOT)
    return read_table(ROOT, catalogue.tables[name]).frame


@pytest.fixture(scope="module")
def wales():
    frame = _table("wales-ae-hospital-monthly-2009-2025")
    return frame.assign(board=frame["org_code"].str.extract(r"^(7A\dx|7A\d|XXX)")[0])


@pytest.fixture(scope="module")
def scotland():
    return _table("scotland-ae-hospital-monthly-2007-2025")


def _sums(frame: pd.DataFrame, by: list[str], figures: list[str]) -> pd.DataFrame:
    return frame.groupby(by)[figures].agg(lambda column: column.sum(skipna=False))


@pytest.mark.parametrize("by", [["period"], ["period", "board"]], ids=["wales", "boards"])
def test_welsh_hospitals_add_up_to_their_boards_and_to_wales_in_every_month(wales, by):
    listed = wales[wales["period"] >= pd.Period(ALL_LISTED)]
    hospitals = _sums(listed[listed["level"] == "hospital"], by, WELSH_FIGURES)
    whole = listed[listed["level"] == ("nation" if by == ["period"] else "board")]
    pd.testing.assert_frame_equal(hospitals, whole.set_index(by)[WELSH_FIGURES].sort_index(), check_dtype=False)


def test_until_then_the_listed_hospitals_add_up_to_the_major_departments(wales):
    before = wales[wales["period"] < pd.Period(ALL_LISTED)]
    short = before[before["short_of_board"]]
    assert set(zip(short["period"].astype(str), short["board"], strict=True)) == {
        ("2009-12", "7A1"),
        ("2009-12", "7A2"),
    }
    before = before[~before["period"].isin(short["period"])]
    for level, board in (("board", True), ("nation", False)):
        by = ["period", "board"] if board else ["period"]
        major = before[(before["level"] == "total_major") & ((before["board"] != "XXX") == board)]
        hospitals = _sums(before[before["level"] == "hospital"], by, WELSH_FIGURES[:3])
        pd.testing.assert_frame_equal(hospitals, major.set_index(by)[WELSH_FIGURES[:3]].sort_index(), check_dtype=False)
        totals = before[before["level"].isin(["total_major", "total_other"]) & ((before["board"] != "XXX") == board)]
        whole = before[before["level"] == level].set_index(by)[WELSH_FIGURES[:3]].sort_index()
        pd.testing.assert_frame_equal(_sums(totals, by, WELSH_FIGURES[:3]), whole, check_dtype=False)


def test_scottish_attendances_are_those_within_and_over_four_hours_in_every_row(scotland):
    assert (scotland["within_4_hours"] + scotland["over_4_hours"] == scotland["attendances"]).all()
    weekly = _table("scotland-ae-board-weekly-2015-2026")
    assert (weekly["within_4_hours"] + weekly["over_4_hours"] == weekly["attendances"]).all()
    assert (weekly["over_8_hours"] <= weekly["over_4_hours"]).all()
    assert (weekly["over_12_hours"] <= weekly["over_8_hours"]).all()
    assert set(weekly["week_ending"].array.end_time.day_name()) == {"Sunday"}


def test_emergency_departments_add_up_to_the_weekly_figures_of_the_board_that_they_are_said_to_be_of(scotland):
    parent = {code: one.parent for code, one in read_catalogue(ROOT).organisations.items()}
    first, last = pd.Period("2016-01"), pd.Period("2024-12")
    monthly = scotland[(scotland["department_type"] == "1") & scotland["period"].between(first, last)]
    by_hospital = monthly["attendances"].groupby(monthly["org_code"].map(parent)).sum()
    weekly = _table("scotland-ae-board-weekly-2015-2026")
    ends = weekly["week_ending"].array.end_time
    weekly = weekly[(ends >= first.start_time) & (ends <= last.end_time)]
    ratio = weekly.groupby("org_code")["attendances"].sum() / by_hospital
    assert len(ratio) == 14
    assert ratio.between(0.94, 1.005).all(), ratio


def test_a_total_is_never_a_comparator(wales):
    assert wales["is_total"].equals(wales["level"] != "hospital")
    catalogue = read_catalogue(ROOT)
    for measure in (one for one in catalogue.measures.values() if one.id.startswith("wales-")):
        (recipe,) = measure.recipes
        units = set(rows_of(read_table(ROOT, catalogue.tables[recipe.table]), measure, recipe)["unit"])
        assert units == set(wales.loc[wales["level"] == "hospital", "org_code"])
        assert not any(code.endswith(("Maj", "Min")) or "W11" in code or "W92" in code for code in units)
    with pytest.raises(EvaluationError):
        ek.load(site="7A7W11000024", measure="wales-ae-attendances")


def test_a_month_in_which_hospitals_fall_short_of_their_board_is_left_missing():
    frame = ek.load(site="7A17A1A1", measure="wales-ae-attendances").set_index("period")
    assert frame.loc["2009-12"].isna()["value"]
    assert frame["value"].isna().sum() == 1


def test_the_granges_figures_begin_when_it_opened(wales):
    grange = wales[wales["org_code"] == "7A67A6G9"]
    assert str(grange["period"].min()) == "2020-11"
    assert list(grange.loc[grange["part_month"], "period"].astype(str)) == ["2020-11"]
    frame = ek.load(site="7A67A6G9", measure="wales-ae-attendances")
    assert any("half a month" in note for note in frame.attrs["evalkit"]["notes"])


def test_a_welsh_hospital_is_one_series_over_the_reorganisation_of_its_board(wales):
    frame = ek.load(site="7A57A3B7", measure="wales-ae-attendances")
    assert (str(frame["period"].min()), len(frame)) == ("2009-10", 190)
    assert any("7A3x7A3B7" in note for note in frame.attrs["evalkit"]["notes"])
    assert set(frame.loc[frame["period"] < pd.Period("2019-04"), "flag"]) == {"former_board"}
    assert set(wales.loc[wales["of_former_board"], "period"].astype(str).str[:7]) <= {
        str(month) for month in pd.period_range("2009-10", "2019-03", freq="M")
    }


def test_hospitals_that_share_a_code_are_places_of_their_own(scotland):
    twice = scotland[scotland["code_twice_in_month"]]
    assert len(twice) == 2 * 74
    assert scotland.groupby("hospital_code")["org_code"].nunique().loc[
        lambda number: number > 1
    ].to_dict() == dict.fromkeys(("F805H", "G207H", "G306H", "G405H", "G516H", "R103H", "V201H"), 2)
    old, new = (ek.load(site=key, measure="scotland-ae-attendances") for key in ("G405H-2007", "G405H-2015"))
    assert (str(old["period"].max()), str(new["period"].min())) == ("2015-05", "2015-05")
    assert any("same code" in note for note in old.attrs["evalkit"]["notes"])


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([{"hospital_code": "QQ1", "hospital_department": "A", "period": "2020-01"}], "no known form"),
        ([{"hospital_code": "7A17A1A1", "hospital_department": "A", "period": "2020-01", **dict.fromkeys(WELSH_FIGURES, "1")}] * 2, "Two rows"),
    ],
)  # fmt: skip
def test_what_was_never_read_is_refused(rows, what):
    with pytest.raises(EvaluationError, match=what):
        welsh_rows(rows)


def test_keys_do_not_depend_on_the_order_of_rows():
    figures = {"attendances": "5.0", "within_4_hours": "4.0", "over_4_hours": "1.0"}
    rows = [
        {"hospital_code": "A1", "hospital_name": name, "period": period, **figures}
        for name, period in (("Old - Type 1", "2007-07"), ("New", "2009-09"), ("Old - Type 1", "2009-09"))
    ]
    made = scottish_rows(rows)
    assert made == scottish_rows(rows[::-1])
    assert [(one["org_code"], one["department_type"], one["code_twice_in_month"]) for one in made] == [
        ("A1-2007", "1", "False"), ("A1-2007", "1", "True"), ("A1-2009", "", "True"),
    ]  # fmt: skip
    assert made[0]["attendances"] == "5"
    assert in_order(made, "period", "org_code") == made

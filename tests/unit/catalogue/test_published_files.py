"""The layouts of published files in data/datapackage.json: what is wrong in one is told in a sentence."""

import json
from collections.abc import Callable

import pytest

TABLE = "ae-monthly-2020-2026"


def _other(**fields) -> Callable[[dict], None]:
    return lambda layout: layout.update(fields)


def _without(part: str, name: str) -> Callable[[dict], None]:
    return lambda layout: layout[part].pop(name)


def _made(column: str, **way) -> Callable[[dict], None]:
    return lambda layout: layout["made"].update({column: {**way, "because": "It is so."}})


def _heading(column: str, *headings: str) -> Callable[[dict], None]:
    return lambda layout: layout["columns"].update({column: list(headings)})


FAULTS = {
    "a column from nowhere": (_without("columns", "att_type2"), "nothing says where `att_type2` of data/tables/ae_monthly_2020_2026.csv comes from"),
    "no codes": (_without("columns", "org_code"), "`org_code` of data/tables/ae_monthly_2020_2026.csv has to be in the file"),
    "a column that is none": (_heading("att_type4", "Type 4"), "`att_type4` is no column of data/tables/ae_monthly_2020_2026.csv"),
    "a heading twice": (_heading("att_type2", "A&E attendances Type 1"), "the heading `A&E attendances Type 1` is named twice"),
    "a column without a heading": (_heading("att_type2"), "`columns` names no heading for `att_type2`"),
    "from two places": (_made("att_type2", always="0"), "`att_type2` stands under `columns` and under `made`"),
    "a flag from a file": (_made("ecds_method_break", file_name=True), "`ecds_method_break` of data/tables/ae_monthly_2020_2026.csv is described as boolean, and has to be string here"),
    "two ways": (_made("ecds_method_break", since="2025-11", always="True"), "a column is made in one way"),
    "no way": (_made("ecds_method_break"), "a column is made in one way"),
    "a month that is none": (_made("ecds_method_break", since="November 2025"), "which is not a month: write it as YYYY-MM"),
    "a rule of no column": (_made("over4h_reported", reported={"beside": "att_type9", "figures": ["over4h_type1"]}), "`att_type9` is no column"),
    "a rule of names": (_made("over4h_reported", reported={"beside": "org_name", "figures": ["over4h_type1"]}), "`org_name` of data/tables/ae_monthly_2020_2026.csv is described as string, and has to be integer or number here"),
    "no month in the period": (_other(period={"heading": "Period", "written": "MSitAE-{year}"}), "`written` must hold {month} once and {year} once"),
    "read from no file": (_other(read_from=[]), "`read_from` in entry 1 of `evalkit.published_files` is empty"),
    "a field nobody knows": (_other(sheet="Data"), "`sheet` is not a field here"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_in_a_layout_is_told(project, plain, fault):
    change, said = FAULTS[fault]
    path = project.root / "data" / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    (table,) = (one for one in package["resources"] if one["name"] == TABLE)
    change(table["evalkit"]["published_files"][0])
    path.write_text(json.dumps(package, indent=2), encoding="utf-8")
    told = [str(problem) for problem in project.problems()]
    assert any(said in problem for problem in told), told
    for problem in told:
        plain(problem)
        assert problem.startswith("data/datapackage.json, line ")


def test_a_layout_belongs_to_a_table_of_months(project, plain):
    path = project.root / "data" / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    layouts = next(one for one in package["resources"] if one["name"] == TABLE)["evalkit"]["published_files"]
    daily = next(one for one in package["resources"] if one["evalkit"]["grain"] == "day")
    daily["evalkit"]["published_files"] = layouts
    path.write_text(json.dumps(package, indent=2), encoding="utf-8")
    told = [str(problem) for problem in project.problems()]
    assert any("published files are taken into tables that are wide, one row a place and month" in one for one in told)
    assert any("so that nobody could tell the two apart" in one for one in told)

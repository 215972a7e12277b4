"""Other programs read the data package too: it has to keep the standard that it names, as Frictionless checks it."""

import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from frictionless import Package, system

from evalkit.catalogue import Catalogue
from evalkit.catalogue.new_evaluation_files import Answers, NewMeasure, new_files
from tests.conftest import ROOT

ROWS_READ = 500  # of each table: all 218,000 take a minute, and evalkit reads them itself
ROWS = ["ZZ901,{},beds-free,412,,", "ZZ901,{},beds-free,*,,"]


def _errors(package: Path) -> list[str]:
    with system.use_context(trusted=True):
        report = Package(str(package)).validate(limit_rows=ROWS_READ)
    return [*map(str, report.errors), *(error.message for task in report.tasks for error in task.errors)]


def _new_package(folder: Path, header: str, rows: list[str]) -> Path:
    """The package that `evalkit new evaluation` writes for a submission, beside that submission."""
    (folder / "data" / "tables").mkdir(parents=True)
    package = folder / "data" / "datapackage.json"
    package.write_text(json.dumps({"name": "example", "profile": "data-package", "resources": []}), encoding="utf-8")
    (folder / "data" / "measures.yml").write_text("", encoding="utf-8")
    table = folder / "data" / "tables" / "beds.csv"
    table.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    answers = Answers(
        title="Beds", question="Were there more?", site_name="Ashford Vale (example)", place="Nowhere", org_codes=["ZZ901"],
        what_changed="More staff.", start=date(2023, 1, 1), onset="sudden", source_title="Invented", source_where="Here", measure="beds-free",
        area="whole-system-flow", expected="unclear", why="Invented.", table=table, table_name="beds", synthetic=True, new_measure=NewMeasure("Free beds", "beds", "count", "neutral", "outcome", "effectiveness"),
    )  # fmt: skip
    files = new_files(Catalogue(folder), answers, date(2026, 11, 28))
    package.write_text(files[package], encoding="utf-8")
    evaluation = files[folder / "data" / "evaluations" / "beds.yml"]
    package.with_name("evaluation.yml").write_text(evaluation, encoding="utf-8")
    return package


def test_the_package_of_this_project_is_valid():
    assert _errors(ROOT / "data" / "datapackage.json") == []


@pytest.mark.parametrize("months", [
    ("2022-04", "2022-05"), ("2022-04-01", "2022-05-01"), ("Apr-22", "May-22"), ("Apr 2022", "May 2022"),
    ("April 2022", "May 2022"), ("01/04/2022", "01/05/2022"), (" 2022-04", "2022-05 "),
])  # fmt: skip
def test_the_package_of_a_new_evaluation_is_valid_however_its_months_are_written(tmp_path, months):
    rows = [row.format(month) for row, month in zip(ROWS, months, strict=True)]
    package = _new_package(tmp_path, "org_code,period,measure,numerator,denominator,note", rows)
    assert _errors(package) == []


def test_rows_that_a_spreadsheet_left_blank_say_nothing(tmp_path):
    rows = ["ZZ901,2022-04,beds-free,412", ",,,", "ZZ901,2022-05,beds-free,398", "", ",,,"]
    assert _errors(_new_package(tmp_path, "org_code,period,measure,numerator", rows)) == []


def test_columns_that_may_be_left_out_are_not_promised(tmp_path):
    assert _errors(_new_package(tmp_path, "org_code,period,measure,numerator", ["ZZ901,2022-04,beds-free,412"])) == []


def test_what_is_no_month_breaks_the_package(tmp_path):
    package = _new_package(tmp_path, "org_code,period,measure,numerator", ["ZZ901,spring,beds-free,412"])
    assert any("spring" in error for error in _errors(package))


@pytest.mark.parametrize(("each_month", "family"), [(2, "poisson"), (40, None)])
def test_a_new_evaluation_of_few_events_counts_them(tmp_path, each_month, family):
    rows = [f"ZZ901,20{year}-{month:02d},beds-free,{each_month}" for year in (21, 22, 23) for month in range(1, 13)]
    package = _new_package(tmp_path, "org_code,period,measure,numerator", rows)
    evaluation = yaml.safe_load(package.with_name("evaluation.yml").read_text(encoding="utf-8"))
    parameters = evaluation["analyses"][0]["parameters"]
    assert parameters.get("family") == family
    assert (parameters["model"], parameters["log"]) == (("step", False) if family else ("level", True))


def test_a_new_evaluation_of_a_count_with_a_nought_takes_no_logarithm(tmp_path):
    rows = [
        f"ZZ901,20{year}-{month:02d},beds-free,{0 if (year, month) == (22, 8) else 40}"
        for year in (21, 22, 23)
        for month in range(1, 13)
    ]
    package = _new_package(tmp_path, "org_code,period,measure,numerator", rows)
    evaluation = yaml.safe_load(package.with_name("evaluation.yml").read_text(encoding="utf-8"))
    parameters = evaluation["analyses"][0]["parameters"]
    assert (parameters["family"], parameters["model"], parameters["log"]) == ("poisson", "level", False)

"""The workbook that a site fills in: what is wrong with it is told cell by cell, in three levels, all at once."""

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from typer.testing import CliRunner

from evalkit.catalogue import read_catalogue
from evalkit.cli import app
from evalkit.errors import EvaluationError, InputRefused
from evalkit.intake.submission.example import example_workbook
from evalkit.intake.submission.read_workbook import Submission, read_submission
from evalkit.intake.submission.sheets import DATA, HEADINGS, LEARNING, MEASURES, PULSE, SITE, wanted
from evalkit.intake.submission.write_workbook import workbook
from evalkit.staff.pulses import read_pulses
from tests.unit.conftest import ROOT


@pytest.fixture(scope="module")
def catalogue():
    return read_catalogue(ROOT)


@pytest.fixture(scope="module")
def example(catalogue) -> bytes:
    return example_workbook(wanted(catalogue))


def with_cells(raw: bytes, path: Path, changed: dict[str, object]) -> Path:
    """A workbook with some cells changed, written down: ``Data!C14``."""
    book = load_workbook(io.BytesIO(raw))
    for place, value in changed.items():
        sheet, cell = place.split("!")
        book[sheet][cell].value = value
    book.save(path)
    return path


@pytest.fixture
def read(example, catalogue, tmp_path):
    def read_with(changed: dict[str, object]) -> Submission:
        return read_submission(with_cells(example, tmp_path / "site.xlsx", changed), catalogue)

    return read_with


def test_the_example_is_sound_and_says_all_that_is_in_it(read):
    told = read({})
    assert told.remarks == []
    assert told.site["org_code"] == "ZZ901"
    assert told.start is not None
    assert [row["id"] for row in told.measures] == ["weekend-discharges", "readmission-30-day"]
    assert len(told.figures) == 72
    assert told.figures[0][:3] == ("ZZ901", "2022-04", "weekend-discharges")
    assert [row["type"] for row in told.learning] == ["barrier"]
    assert told.pulse[0] == ("2023-11", "Nurses", "Do you feel confident that this will work?", 60, 44, 30)
    assert len(told.pulse) == 3


def test_a_blank_one_asks_for_everything_that_is_needed_and_takes_no_example_for_an_answer(catalogue, tmp_path):
    path = tmp_path / "blank.xlsx"
    path.write_bytes(workbook(wanted(catalogue)))
    told = read_submission(path, catalogue)
    assert (told.site, told.measures, told.figures, told.learning) == ({}, [], [], [])
    needed = sum(field.needed for field in wanted(catalogue).fields[SITE])
    assert sum(remark.cell.startswith("Site!B") for remark in told.remarks) == needed


FIRST = HEADINGS + 1  # row of the first answers
OF_SHARE = FIRST + 36  # of the second measure's figures


@pytest.mark.parametrize(
    ("changed", "level", "cell", "said"),
    [
        ({f"Data!C{OF_SHARE}": 1500}, "explain", f"Data!C{OF_SHARE}", f"1500 is more than its denominator 1273 (Data!D{OF_SHARE}). Correct one of them, or explain in column H"),
        ({f"Data!C{FIRST}": "1,2o4"}, "correct", f"Data!C{FIRST}", "after the number"),
        ({f"Data!C{FIRST}": -4}, "correct", f"Data!C{FIRST}", "below 0"),
        ({f"Data!C{FIRST}": "93.4%"}, "correct", f"Data!C{FIRST}", "two counts"),
        ({f"Data!C{FIRST}": "-"}, "correct", f"Data!C{FIRST}", "may mean several things"),
        ({f"Data!C{FIRST}": 4120}, "explain", f"Data!C{FIRST}", "far from the usual"),
        ({f"Data!C{FIRST}": 412.5}, "explain", f"Data!C{FIRST}", "fraction"),
        ({f"Data!B{FIRST}": "Aprl 22"}, "correct", f"Data!B{FIRST}", "no month"),
        ({f"Data!B{FIRST}": "2092-04"}, "correct", f"Data!B{FIRST}", "has not come yet"),
        ({f"Data!B{FIRST + 1}": "2022-04"}, "correct", f"Data!B{FIRST + 1}", f"Data!B{FIRST}"),
        ({f"Data!A{FIRST}": "weekend-discharge"}, "correct", f"Data!A{FIRST}", "did you mean `weekend-discharges`"),
        ({f"Data!A{FIRST}": "Weekend discharges"}, "correct", f"Data!A{FIRST}", "write weekend-discharges"),
        ({f"Data!D{FIRST}": 800}, "correct", f"Data!D{FIRST}", "is a count"),
        ({f"Data!D{OF_SHARE}": None}, "correct", f"Data!D{OF_SHARE}", "say of how many"),
        ({f"Data!F{FIRST}": "NHS number 943 476 5919"}, "correct", f"Data!F{FIRST}", "identif"),
        ({f"Measures!B{FIRST + 1}": "primary"}, "correct", f"Measures!B{FIRST + 1}", "second primary"),
        ({f"Measures!B{FIRST}": "secondary"}, "correct", f"Measures!B{HEADINGS + 1}", "no measure has the role primary"),
        ({f"Measures!G{FIRST}": None}, "correct", f"Measures!G{FIRST}", "is a new measure"),
        ({f"Measures!M{FIRST + 1}": "weekend_days"}, "correct", f"Measures!M{FIRST + 1}", "is weekend_days, and a proportion is not counted on days"),
        ({f"Measures!M{FIRST}": "weekends"}, "correct", f"Measures!M{FIRST}", "none of calendar_days"),
        ({f"Measures!C{FIRST}": "up"}, "correct", f"Measures!C{FIRST}", "none of increase"),
        ({f"Measures!A{FIRST + 1}": "weekend-discharges"}, "correct", f"Measures!A{FIRST + 1}", "there twice"),
        ({"Site!B12": "soon"}, "correct", "Site!B12", "no date"),
        ({"Site!B12": "04/05/2023"}, "look", "Site!B12", "04 May 2023"),
        ({"Site!B10": "Anytown"}, "correct", "Site!B10", "no code of an organisation"),
        ({"Site!B10": "RA3"}, "correct", "Site!B10", "invented figures carry an invented code"),
        ({"Site!B20": "no"}, "correct", "Site!B20", "is a code for invented figures"),
        ({"Site!B20": "perhaps"}, "correct", "Site!B20", "none of yes, no"),
        ({"Site!B21": "https://example.org/falls"}, "correct", "Site!B21", "who published them"),
        ({"Site!A6": "Name"}, "correct", f"Site!A{HEADINGS + 1}", "`Title of the evaluation` is gone"),
        ({f"Data!B{HEADINGS}": "When"}, "correct", f"Data!A{HEADINGS}", "headings are gone"),
        ({f"Data!C{HEADINGS}": "Number"}, "correct", f"Data!C{HEADINGS}", "should be headed"),
        ({f"Learning!A{FIRST}": "gossip"}, "correct", f"Learning!A{FIRST}", "none of enabler"),
        ({f"Learning!D{FIRST}": "workforces"}, "correct", f"Learning!D{FIRST}", "did you mean `workforce`"),
        ({f"Pulse!A{FIRST}": "last spring"}, "correct", f"Pulse!A{FIRST}", "no month"),
        ({f"Pulse!A{FIRST}": "2092-04"}, "correct", f"Pulse!A{FIRST}", "has not come yet"),
        ({f"Pulse!B{FIRST}": None}, "correct", f"Pulse!B{FIRST}", "is empty"),
        ({f"Pulse!B{FIRST + 1}": "Nurses"}, "correct", f"Pulse!B{FIRST + 1}", f"those of row {FIRST}"),
        ({f"Pulse!B{FIRST}": "+Nurses"}, "correct", f"Pulse!B{FIRST}", "begins as a formula"),
        ({f"Pulse!C{FIRST}": "x" * 201}, "correct", f"Pulse!C{FIRST}", "has 201 characters"),
        ({f"Pulse!D{FIRST}": None}, "correct", f"Pulse!D{FIRST}", "is empty"),
        ({f"Pulse!D{FIRST}": 43}, "correct", f"Pulse!E{FIRST}", "44 is more than the 43 who were asked"),
        ({f"Pulse!F{FIRST}": 45}, "correct", f"Pulse!F{FIRST}", "45 is more than the 44 who answered"),
        ({f"Pulse!E{FIRST}": "*"}, "correct", f"Pulse!E{FIRST}", "write exactly how many"),
        ({f"Pulse!E{FIRST}": "73%"}, "correct", f"Pulse!E{FIRST}", "write how many people"),
        ({f"Pulse!E{FIRST}": 43.5}, "correct", f"Pulse!E{FIRST}", "whole one"),
        ({f"Pulse!F{HEADINGS}": "Number"}, "correct", f"Pulse!F{HEADINGS}", "should be headed"),
        ({f"Learning!H{FIRST}": None}, "correct", f"Learning!H{FIRST}", "a barrier needs it"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_cell(read, changed, level, cell, said):
    told = read(changed)
    found = [(remark.level, remark.cell) for remark in told.remarks if said in remark.what]
    assert found == [(level, cell)], [str(remark) for remark in told.remarks]
    assert told.is_sound == (level == "look")


def test_a_gap_and_a_short_series_are_worth_a_look(read):
    rows = {f"Data!{column}{row}": None for row in range(FIRST + 2, FIRST + 12) for column in "ABCD"}
    told = read(rows)
    assert told.is_sound
    assert [remark.level for remark in told.remarks] == ["look", "look"]
    assert "months of weekend-discharges are missing" in told.remarks[0].what
    assert "8 months before the change" in told.remarks[1].what


def test_a_count_over_person_time_has_a_denominator_in_each_row(read):
    over = {f"Measures!M{FIRST}": "person_time"}
    told = read(over | {f"Data!D{row}": 900 for row in range(FIRST, FIRST + 35)})
    said = [(remark.cell, remark.what) for remark in told.remarks if remark.level == "correct"]
    assert said == [
        (f"Data!D{FIRST + 35}", "is empty, and weekend-discharges is counted over person-time: say of how many.")
    ]


def test_a_workbook_of_before_it_asked_what_is_counted_on_is_read(read):
    told = read({f"Measures!M{row}": None for row in range(1, FIRST + 2)})
    assert told.is_sound, [str(remark) for remark in told.remarks]
    assert "exposure" not in told.measures[0]


def test_a_workbook_of_before_it_asked_for_a_pulse_is_read(example, catalogue, tmp_path):
    book = load_workbook(io.BytesIO(example))
    del book[PULSE]
    book.save(tmp_path / "site.xlsx")
    told = read_submission(tmp_path / "site.xlsx", catalogue)
    assert told.remarks == []
    assert told.pulse == []


def test_a_pulse_of_few_is_withheld_when_it_is_added_and_the_exact_numbers_stay_in_the_workbook(
    evalkit, project, example
):
    rows = {f"Pulse!E{FIRST + 1}": 9, f"Pulse!F{FIRST + 1}": 3, f"Pulse!E{FIRST + 2}": 53, f"Pulse!F{FIRST + 2}": 33}
    with_cells(example, project.root / "mine.xlsx", rows)
    done = evalkit("add", "mine.xlsx")
    assert done.exception is None, done.output
    (path,) = (project.root / "data" / "pulse").glob("*.csv")
    catalogue = read_catalogue(project.root)
    shown, problems = read_pulses(project.root, catalogue.sites)
    assert problems == []
    assert list(shown) == catalogue.evaluations["weekend-ward-rounds-at-anytown"].sites
    by_group = {row.staff_group: row.answered for row in shown[path.stem]}
    assert by_group["Doctors"] is None
    assert list(by_group.values()).count(None) >= 2, "or the total gives it back"
    assert evalkit("undo").exception is None
    assert not path.exists()


def test_an_explanation_lets_a_row_stand(read):
    assert read({f"Data!C{FIRST}": 4120, f"Data!H{FIRST}": "A second hospital closed that month."}).is_sound
    told = read({f"Data!C{OF_SHARE}": 1500, f"Data!H{OF_SHARE}": "Counted by another system."})
    assert told.is_sound
    assert told.figures[36][3:] == ("", "")


def test_a_figure_struck_through_is_not_taken_silently_and_a_comment_is_named(example, catalogue, tmp_path):
    book = load_workbook(io.BytesIO(example))
    book[DATA][f"C{FIRST}"].font = Font(strike=True)
    book[DATA][f"C{FIRST + 1}"].comment = Comment("Provisional.", "An analyst")
    book.save(tmp_path / "site.xlsx")
    told = read_submission(tmp_path / "site.xlsx", catalogue)
    assert [(remark.level, remark.cell) for remark in told.remarks] == [
        ("correct", f"Data!C{FIRST}"),
        ("look", f"Data!C{FIRST + 1}"),
    ]
    assert "struck through" in told.remarks[0].what
    assert "comment" in told.remarks[1].what


def test_an_empty_figure_is_not_reported_and_a_star_is_withheld(read):
    told = read({f"Data!C{FIRST}": None, f"Data!C{FIRST + 1}": "*"})
    assert [row[3] for row in told.figures[:3]] == ["", "*", told.figures[2][3]]


def test_a_table_of_ones_own_withholds_nothing(read):
    told = read({"Site!B10": "RA3", "Site!B20": "no", f"Data!C{FIRST}": "*"})
    assert [remark.cell for remark in told.remarks if "exact figures" in remark.what] == [f"Data!C{FIRST}"]
    assert not told.is_sound


def test_months_and_days_that_a_spreadsheet_made_dates_of_are_read(read):
    from datetime import datetime

    told = read({f"Data!B{FIRST}": datetime(2022, 4, 1), "Site!B12": datetime(2023, 10, 1)})
    assert told.is_sound
    assert told.figures[0][1] == "2022-04"
    assert told.start is not None
    assert told.start.isoformat() == "2023-10-01"


def test_another_workbook_is_refused_with_where_to_begin(catalogue, tmp_path, plain):
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"] = "Falls"
    book.save(tmp_path / "other.xlsx")
    with pytest.raises(InputRefused) as refused:
        read_submission(tmp_path / "other.xlsx", catalogue)
    plain(str(refused.value), "evalkit new workbook", "evalkit import")


@pytest.fixture
def evalkit(project, monkeypatch):
    monkeypatch.chdir(project.root)
    monkeypatch.delenv("EVALKIT_ROOT", raising=False)
    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_the_commands(evalkit, project):
    done = evalkit("new", "workbook", "mine.xlsx", "--example")
    assert done.exception is None, done.output
    again = evalkit("new", "workbook", "mine.xlsx")
    assert "is there already" in str(again.exception)
    assert "does not end in .xlsx" in str(evalkit("new", "workbook", "mine.csv").exception)
    assert "mine.xlsx is sound: 72 rows of 2 measures, 1 learned." in evalkit("check", "mine.xlsx").output
    with_cells(
        (project.root / "mine.xlsx").read_bytes(),
        project.root / "mine.xlsx",
        {f"Data!C{FIRST}": "x", "Site!B12": "04/05/2023"},
    )
    wrong = evalkit("check", "mine.xlsx")
    assert isinstance(wrong.exception, EvaluationError)
    assert "1 cell of mine.xlsx has to be corrected or explained" in str(wrong.exception)
    assert wrong.output.index("Has to be corrected:") < wrong.output.index("Worth a look:")


def test_the_same_workbook_is_written_each_time_and_lists_its_words(catalogue):
    raw = workbook(wanted(catalogue))
    book = load_workbook(io.BytesIO(raw))
    assert book.sheetnames == ["Start here", SITE, MEASURES, DATA, LEARNING, PULSE]
    lists = [rule for name in book.sheetnames for rule in book[name].data_validations.dataValidation]
    assert len(lists) == sum(bool(field.choices) for fields in wanted(catalogue).fields.values() for field in fields)
    assert all(len(rule.formula1) <= 255 for rule in lists)  # what Excel takes
    assert book[DATA][f"B{FIRST}"].number_format == "@"


def test_added_it_is_an_ordinary_evaluation_and_can_be_taken_back(evalkit, project):
    before = {path: path.read_bytes() for path in (project.root / "data").rglob("*") if path.is_file()}
    assert evalkit("new", "workbook", "mine.xlsx", "--example").exception is None
    done = evalkit("add", "mine.xlsx")
    assert done.exception is None, done.output
    assert "weekend-ward-rounds-at-anytown/index.html" in done.output
    evaluation = read_catalogue(project.root).evaluations["weekend-ward-rounds-at-anytown"]
    assert [(one.id, one.role, one.expected) for one in evaluation.analyses] == [
        ("weekend-discharges", "primary", "increase"), ("readmission-30-day", "secondary", "no_change"),
    ]  # fmt: skip
    assert {one.measure: one.change for one in evaluation.expectations} == {
        "weekend-discharges": "increase", "readmission-30-day": "no_change",
    }  # fmt: skip
    assert read_catalogue(project.root).measures["weekend-discharges"].exposure == "weekend_days"
    learned = [item for item in read_catalogue(project.root).learning.values() if evaluation.id in item.explains]
    assert [item.type for item in learned] == ["barrier"]  # and no open question
    again = evalkit("add", "mine.xlsx")
    assert "is there already" in str(again.exception)
    assert evalkit("undo").exception is None
    assert {path: path.read_bytes() for path in (project.root / "data").rglob("*") if path.is_file()} == before


def test_figures_of_a_site_stay_and_their_gated_form_is_shown(evalkit, project, example):
    path = with_cells(example, project.root / "own.xlsx", {"Site!B10": "RA3", "Site!B20": "no", f"Data!C{OF_SHARE}": 5})
    book = load_workbook(path)
    for row in range(FIRST, FIRST + 36):
        book[DATA][f"C{row}"].value = book[DATA][f"C{row}"].value // 10
    book[DATA][f"C{FIRST}"].value = 3
    book[DATA][f"H{FIRST}"].value = book[DATA][f"H{OF_SHARE}"].value = "Half of the wards were closed."
    book.save(path)
    done = evalkit("add", "own.xlsx")
    assert done.exception is None, done.output
    name = "weekend-ward-rounds-at-anytown.csv"
    exact, shown = (
        (project.root / "data" / folder / name).read_text(encoding="utf-8") for folder in ("private", "tables")
    )
    assert "RA3,2022-04,weekend-discharges,3,\n" in exact
    assert "RA3,2022-04,weekend-discharges,*," in shown
    figures = {line.split(",")[3] for line in shown.splitlines()[1:]}
    assert all(figure in ("*", "0") or int(figure) % 5 == 0 for figure in figures)


def test_too_few_months_for_an_estimate_are_told_to_be_only_described(read):
    rows = {f"Data!{column}{row}": None for row in range(FIRST, FIRST + 16) for column in "ABCD"}
    told = read(rows)
    assert told.is_sound
    assert (
        "weekend-discharges has 2 months before the change: fewer than 4 bear no estimate, so it will only be described."
        in [remark.what for remark in told.remarks if remark.level == "look"]
    )


def test_nothing_on_one_side_has_to_be_mended(read):
    rows = {f"Data!{column}{row}": None for row in range(FIRST, FIRST + 18) for column in "ABCD"}
    told = read(rows)
    assert [remark.what for remark in told.remarks if remark.level == "correct"] == [
        "weekend-discharges has 0 months before the change: there is nothing to set side by side: wait, or begin earlier."
    ]


def test_between_waves_of_a_survey_nothing_is_missing(read):
    kept = (FIRST + 2, FIRST + 20, FIRST + 33)
    rows = {f"Data!{column}{row}": None for row in range(FIRST, FIRST + 36) if row not in kept for column in "ABCD"}
    told = read(rows)
    assert told.is_sound
    assert not any("are missing" in remark.what for remark in told.remarks)


def test_what_the_book_has_already_is_said_by_check(evalkit, project):
    assert evalkit("new", "workbook", "mine.xlsx", "--example").exception is None
    assert evalkit("add", "mine.xlsx").exception is None
    again = evalkit("check", "mine.xlsx")
    assert "is there already" in str(again.exception)
    assert "is in the book already" in again.output

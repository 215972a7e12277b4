"""`evalkit import` of a file as published: next month is dropped in, a revised one is asked about, a wrong one stopped at its cell."""

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evalkit.cli import app
from evalkit.errors import EvaluationError, InputRefused
from evalkit.intake.published.read_published import read_published
from evalkit.intake.published.recognise import recognised
from evalkit.runs.due import due
from evalkit.runs.execution.jobs import Executed
from evalkit.runs.planning.check_project import check_project
from evalkit.runs.state.outcomes import keep
from tests.conftest import ROOT
from tests.unit.conftest import EVALUATION, SITE, RecordsFolder

PUBLISHED = ROOT / "tests" / "cases" / "import" / "published"
DECEMBER, MARCH = PUBLISHED / "December-2025-CSV-K7F4Sp.csv", PUBLISHED / "March-2026-CSV-G49lw.csv"
TABLE, DESCRIBED = "data/tables/ae_monthly_2020_2026.csv", "data/datapackage.json"
NAME = "ae-monthly-2020-2026"
WHOLE = (ROOT / TABLE).read_bytes()
TOTAL = "TOTAL ,TOTAL ,TOTAL ,TOTAL ,1407880,"


@pytest.fixture(scope="module")
def whole_project(pattern, tmp_path_factory) -> Path:
    """The small project with every row of the table that the files go into."""
    root = tmp_path_factory.mktemp("published") / "project"
    shutil.copytree(pattern, root)
    (root / TABLE).write_bytes(WHOLE)
    RecordsFolder(root).rehash()
    return root


@pytest.fixture
def project(whole_project, tmp_path) -> RecordsFolder:
    shutil.copytree(whole_project, tmp_path / "project")
    return RecordsFolder(tmp_path / "project")


@pytest.fixture
def evalkit(project, monkeypatch):
    monkeypatch.chdir(project.root)
    monkeypatch.delenv("EVALKIT_ROOT", raising=False)

    def run(*arguments: str | Path):
        return CliRunner().invoke(app, [str(word) for word in arguments])

    return run


@pytest.fixture
def edited(tmp_path) -> Callable[..., Path]:
    """A published file with something other in it, under its own name or another."""

    def edit(*changes: tuple[str, str], of: Path = DECEMBER, name: str | None = None) -> Path:
        text = of.read_bytes().decode("utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        path = tmp_path / (name or of.name)
        path.write_bytes(text.encode("utf-8"))
        return path

    return edit


def without(project: RecordsFolder, month: str) -> None:
    """The table without the rows of a month."""
    lines = WHOLE.decode("utf-8").splitlines(keepends=True)
    (project.root / TABLE).write_text(
        "".join(line for line in lines if not line.startswith(month)), encoding="utf-8", newline=""
    )
    project.rehash()


def table_rows(project: RecordsFolder) -> dict[tuple[str, str], dict[str, str]]:
    text = (project.root / TABLE).read_text(encoding="utf-8")
    return {(row["org_code"], row["period"][:7]): row for row in csv.DictReader(io.StringIO(text))}


def snapshot(project: RecordsFolder) -> dict[str, bytes]:
    return {name: (project.root / name).read_bytes() for name in (TABLE, DESCRIBED)}


def refusal(done) -> str:
    assert isinstance(done.exception, EvaluationError), done.output
    return str(done.exception)


def test_a_month_that_the_table_lacks_gives_it_back_byte_for_byte(evalkit, project):
    without(project, "2025-12-01")
    before = snapshot(project)
    done = evalkit("import", DECEMBER)
    assert done.exception is None, done.output
    assert (project.root / TABLE).read_bytes() == WHOLE
    (resource,) = (
        one for one in json.loads((project.root / DESCRIBED).read_text(encoding="utf-8"))["resources"] if one["name"] == NAME
    )  # fmt: skip
    assert resource["hash"] == "sha256:" + hashlib.sha256(WHOLE).hexdigest()
    assert resource["bytes"] == len(WHOLE)
    assert project.problems() == []
    assert "A2:V198: December 2025: 197 rows, one an organisation" in done.output
    assert "N2:N198: Attendances over 4hrs Booked Appointments Type 1, which the table does not have" in done.output
    assert "A199:V199: the row of totals, which agrees with the sums of all 18 columns of figures" in done.output
    assert f"{TABLE}: 197 new rows are written." in done.output
    assert "`evalkit due` says which analyses that changes" in done.output
    assert "A199:V199" in (project.root / f"_build/imports/{NAME}.txt").read_text(encoding="utf-8")
    again = evalkit("import", DECEMBER)
    assert f"{TABLE}: 197 rows as before.\nNothing was changed" in again.output
    assert evalkit("undo", "--yes").exception is None
    assert snapshot(project) == before


def test_what_would_be_taken_is_said_and_nothing_written(evalkit, project):
    without(project, "2025-12-01")
    before = snapshot(project)
    done = evalkit("import", DECEMBER, "--dry-run")
    assert "197 new rows would be written." in done.output
    assert "without --dry-run" in done.output
    assert snapshot(project) == before


def test_next_month_is_dropped_in(evalkit, project):
    done = evalkit("import", MARCH)
    assert done.exception is None, done.output
    assert "199 new rows are written." in done.output
    assert "Not in the month before: NNJ10, NNJ11." in done.output
    assert "Not in data/organisations.csv, so that no page can name them: NNJ10, NNJ11." in done.output
    assert (
        "suspect_duplicate_of_prior_year is True at RY4, an exact copy of the same month a year earlier" in done.output
    )
    rows = table_rows(project)
    assert list(rows) == sorted(rows)
    new = rows["RXK", "2026-03"]
    assert (new["att_type1"], new["booked_type1"], new["over4h_other"]) == ("11478", "472", "42")
    assert (new["parent_org"], new["ecds_method_break"], new["source_file"]) == (
        "NHS ENGLAND MIDLANDS",
        "True",
        MARCH.name,
    )
    assert project.catalogue().tables[NAME].title.endswith("April 2020 to March 2026")
    lines = (project.root / TABLE).read_text(encoding="utf-8").splitlines(keepends=True)
    assert "".join(line for line in lines if not line.startswith("2026-03-01")).encode() == WHOLE


def test_a_month_that_was_passed_over_is_named(evalkit, project):
    without(project, "2026-02-01")
    assert "The table has no rows of 2026-02: import these too." in evalkit("import", MARCH).output


def test_a_revised_figure_is_asked_about_and_then_is_one_line(evalkit, project, edited):
    before = snapshot(project)
    file = edited(("FOUNDATION TRUST,6606,", "FOUNDATION TRUST,6607,"), (TOTAL, TOTAL.replace("7880", "7881")))
    said = refusal(evalkit("import", file))
    assert f"1 figure or row is other in {DECEMBER.name} than in {TABLE}" in said
    assert "RA9 2025-12 att_type1" in said
    assert "--revised" in said
    assert snapshot(project) == before
    done = evalkit("import", file, "--revised")
    assert "1 figure is other than before (RA9 2025-12 att_type1), 196 rows as before." in done.output
    lines = zip(WHOLE.splitlines(), (project.root / TABLE).read_bytes().splitlines(), strict=True)
    (changed,) = [(old, new) for old, new in lines if old != new]
    assert changed[1] == changed[0].replace(b",6606,", b",6607,")
    assert project.problems() == []


def test_a_revised_file_with_the_same_figures_has_only_another_name(evalkit, project, edited):
    done = evalkit("import", edited(name="December-2025-CSV-revised.csv"))
    assert done.exception is None, done.output
    assert "`source_file` is other at AQN04, NQTE4, RBQ, RNU, Y02676 and 192 more." in done.output
    assert {row["source_file"] for key, row in table_rows(project).items() if key[1] == "2025-12"} == {
        "December-2025-CSV-revised.csv"
    }


def test_a_provider_that_is_no_longer_in_a_revised_file_leaves_the_table(evalkit, project, edited):
    line = (
        "MSitAE-DECEMBER-2025,RAN,NHS ENGLAND LONDON,ROYAL NATIONAL ORTHOPAEDIC HOSPITAL NHS TRUST"
        + ",0" * 17
        + ",10\r\n"
    )
    file = edited((line, ""), ("5020,136817", "5020,136807"))
    assert "RAN 2025-12 (no longer in the file)" in refusal(evalkit("import", file))
    assert evalkit("import", file, "--revised").exception is None
    rows = table_rows(project)
    assert ("RAN", "2025-12") not in rows
    assert ("RAN", "2025-11") in rows


def as_published(rows: list[dict[str, str]], month: str, path: Path, **other: dict[str, str]) -> Path:
    """Rows of the table in the layout of the file, with other figures for some codes, and their total."""
    layout = next(one for one in json.loads((ROOT / DESCRIBED).read_text())["resources"] if one["name"] == NAME)
    column_of = {
        heading: column for column, headings in layout["evalkit"]["published_files"][0]["columns"].items() for heading in headings
    }  # fmt: skip
    headings = next(csv.reader(io.StringIO(DECEMBER.read_text(encoding="utf-8"))))
    lines = []
    for row in rows:
        cells = row | other.get(row["org_code"], {})
        given = [cells[column_of[heading]] or "0" if heading in column_of else "0" for heading in headings[1:]]
        lines.append([f"MSitAE-{month}", *given])
    total = ["TOTAL"] * 4 + [str(sum(int(line[at]) for line in lines)) for at in range(4, len(headings))]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings, *lines, total])
    return path


def rows_of(month: str) -> list[dict[str, str]]:
    table = csv.DictReader(io.StringIO(WHOLE.decode("utf-8")))
    return [row for row in table if row["period"] == month]


@pytest.mark.parametrize("month", ["2020-04-01", "2022-04-01"])
def test_any_month_of_the_table_can_be_taken_out_and_put_back(evalkit, project, tmp_path, month):
    rows = rows_of(month)
    without(project, month)
    file = as_published(rows, f"April-{month[:4]}", tmp_path / rows[0]["source_file"])
    done = evalkit("import", file)
    assert done.exception is None, done.output
    assert (project.root / TABLE).read_bytes() == WHOLE


def test_figures_revised_a_year_before_settle_anew_what_is_a_copy(evalkit, project, tmp_path):
    """RAX was copied from March 2021 to March 2022: with another March 2021 it is none."""
    file = as_published(rows_of("2021-03-01"), "MARCH-2021", tmp_path / "March-2021.csv", RAX={"att_type1": "5135"})
    said = refusal(evalkit("import", file))
    assert "RAX 2021-03 att_type1" in said
    assert "RAX 2022-03 suspect_duplicate_of_prior_year" in said
    assert evalkit("import", file, "--revised").exception is None
    assert table_rows(project)["RAX", "2022-03"]["suspect_duplicate_of_prior_year"] == "False"


def test_nought_over_four_hours_beside_type_1_attendances_is_not_reported(evalkit, project, tmp_path):
    nought = {"over4h_type1": "0", "over4h_type2": "0", "over4h_other": "0"}
    rows = [row for row in rows_of("2026-02-01") if row["org_code"] in ("RXK", "RY4")]
    file = as_published(rows, "MARCH-2026", tmp_path / "March-2026.csv", RXK=nought, RY4=nought)
    done = evalkit("import", file)
    assert "over4h_reported is False at RXK, waits over four hours were not reported" in done.output
    assert "Only in the month before: 8J094, AAH," in done.output
    written = table_rows(project)
    assert [written["RXK", "2026-03"][column] for column in nought] == ["", "", ""]
    assert [written["RY4", "2026-03"][column] for column in nought] == ["0", "0", "0"]


RA9 = "MSitAE-DECEMBER-2025,RA9,"
PROBLEMS = {
    "a total that does not tie": (
        (TOTAL, TOTAL.replace("7880", "7881")),
        "E199: the total of `A&E attendances Type 1` is 1,407,881, and the 197 other rows come to 1,407,880",
    ),
    "a figure of a column that the table does not have": (
        (",415,0,249,2812,0,2,163,", ",415,0,249,2812,0,2,164,"),
        "N199: the total of `Attendances over 4hrs Booked Appointments Type 1` is 8,608",
    ),
    "a code twice": ((",RC9,", ",RA9,"), "B17: RA9 stands in B16 already"),
    "no code": ((",RA9,", ",ra9 x,"), "B16: text of 5 characters, where the code of an organisation belongs"),
    "text for a figure": (("TRUST,6606,", "TRUST,suppressed,"), "E16: text of 10 characters, where a whole number belongs"),
    "a figure left out": (("TRUST,6606,", "TRUST,,"), "E16: nothing, where a whole number belongs"),
    "withheld": (("TRUST,6606,", "TRUST,*,"), "E16: 1 figure and signs"),
    "a figure below nought": (("TRUST,6606,", "TRUST,-6606,"), "E16: a number below 0"),
    "no month": ((RA9, "MSitAE-DECEMBRE-2025,RA9,"), "A16: text of 20 characters, where a month such as MSitAE-DECEMBER-2025"),
    "another month": ((RA9, "MSitAE-MAY-2025,RA9,"), "holds several months, 2025-12 (A2), 2025-05 (A16)"),
    "no name": ((",TORBAY AND SOUTH DEVON NHS FOUNDATION TRUST,", ",,"), "D16: nothing, where a name belongs"),
    "no total": (("TOTAL ,TOTAL ,TOTAL ,TOTAL ,", "TOTAL ,RZZ,TOTAL ,TOTAL ,"), "has no row `TOTAL`"),
    "two totals": ((RA9, "TOTAL,TOTAL,"), "has 2 rows of totals (A16, A199)"),
    "a cell too many": ((",0,0,1147\r\n", ",0,0,1147,9\r\n"), "W16: a whole number, where no heading is"),
    "a number of a person": (("TORBAY AND", "943 476 5919 AND"), "holds an NHS number"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", PROBLEMS)
def test_what_cannot_be_read_is_told_with_its_cell(real, edited, plain, wrong):
    change, said = PROBLEMS[wrong]
    file = edited(change)
    known, _ = recognised(file, real.tables.values())
    with pytest.raises(InputRefused) as refused:
        read_published(file, known)
    told = [str(problem) for problem in refused.value.problems]
    assert any(said in problem for problem in told), told
    for problem in told:
        plain(problem)
        assert "943 476 5919" not in problem


def test_all_that_is_wrong_is_told_at_once_and_nothing_changes(evalkit, project, edited):
    before = snapshot(project)
    done = evalkit("import", edited(PROBLEMS["a code twice"][0], PROBLEMS["withheld"][0], PROBLEMS["no name"][0]))
    assert len(done.exception.problems) == 3
    assert snapshot(project) == before


def test_a_month_to_come_is_refused(evalkit, edited):
    text = DECEMBER.read_bytes().decode("utf-8").replace("DECEMBER-2025", "DECEMBER-2098")
    assert "A2: December 2098 is still to come" in refusal(
        evalkit("import", edited((DECEMBER.read_bytes().decode("utf-8"), text)))
    )


def test_headings_alone_are_no_month(evalkit, tmp_path):
    file = tmp_path / "December-2025.csv"
    file.write_bytes(DECEMBER.read_bytes().splitlines(keepends=True)[0])
    assert "has headings and no rows" in refusal(evalkit("import", file))


def test_what_a_spreadsheet_makes_of_the_file_says_the_same(evalkit, tmp_path):
    """Other ends of lines, a mark at the beginning, columns in another order, and commas for empty ones."""
    rows = [[*row[::-1], "", ""] for row in csv.reader(io.StringIO(DECEMBER.read_text(encoding="utf-8")))]
    file = tmp_path / DECEMBER.name
    with file.open("w", encoding="utf-8-sig", newline="") as written:
        csv.writer(written, lineterminator="\n").writerows(rows)
    assert "197 rows as before.\nNothing was changed" in evalkit("import", file).output


@pytest.mark.parametrize("total", ["Total ,Total ,Total ,Total ,", "MSitAE-DECEMBER-2025,TOTAL,TOTAL,TOTAL,"])
def test_the_row_of_totals_is_known_as_other_months_write_it(real, edited, total):
    """As in the files of April 2024 and February 2026."""
    file = edited(("TOTAL ,TOTAL ,TOTAL ,TOTAL ,", total))
    known, _ = recognised(file, real.tables.values())
    assert len(read_published(file, known).rows) == 197


def test_figures_that_the_table_writes_otherwise_stay_as_they_are(evalkit, project):
    before = b"2025-12-01,RA9,TORBAY AND SOUTH DEVON NHS FOUNDATION TRUST,NHS ENGLAND SOUTH WEST,6606,"
    assert before in WHOLE
    otherwise = WHOLE.replace(before, before[:-1] + b".0,")
    (project.root / TABLE).write_bytes(otherwise)
    project.rehash()
    assert "197 rows as before.\nNothing was changed" in evalkit("import", DECEMBER).output


def test_a_name_that_may_identify_people_is_not_kept(evalkit, project, edited):
    before = snapshot(project)
    said = refusal(evalkit("import", edited(name="December-2025 for 943 476 5919.csv")))
    assert "may identify people" in said
    assert "943" not in said
    assert snapshot(project) == before


def test_nearly_the_headings_says_which_are_other_and_goes_on_as_any_file(evalkit, project, edited):
    file = edited(("Other emergency admissions", "Emergency admissions by another way"), ("Org name,", ""))
    done = evalkit("import", file)
    assert "`Org name` and 1 more" not in done.output
    assert (
        "`Org name`, `Other emergency admissions` are missing and `Emergency admissions by another way` is not known there"
        in done.output
    )
    assert "has no table whose periods can be found" in refusal(done)


def test_another_layout_is_nobodys_and_goes_on_as_any_file(evalkit, tmp_path):
    file = tmp_path / "falls.csv"
    file.write_text("Month,Falls\nApr-22,12\nMay-22,3\nJun-22,4\n", encoding="utf-8")
    done = evalkit("import", file)
    assert "headings of" not in done.output
    assert "to be answered" in refusal(done)


@pytest.mark.parametrize(
    "option", [("--name", "practice"), ("--synthetic",), ("--published-at", "https://example.org")]
)
def test_who_wants_a_table_of_its_own_gets_the_ordinary_import(evalkit, project, option):
    before = snapshot(project)
    assert "has no table whose periods can be found" in refusal(evalkit("import", DECEMBER, *option))
    assert snapshot(project) == before


def test_a_name_that_is_not_as_published_is_remarked_upon(evalkit, edited):
    done = evalkit("import", edited(of=MARCH, name="ae.csv"))
    assert "does not say March 2026" in done.output


def as_if_run(project: RecordsFolder, first: str, last: str | None) -> None:
    """One analysis on the table, over months, that has just been run."""
    path = project.root / EVALUATION
    text = path.read_text(encoding="utf-8")
    of_months = f'      first: "{first}"\n' + (f'      last: "{last}"\n' if last else "")
    text = text.replace(
        '      first: "2016-04"\n      last: "2019-03"\n', "      table: ae-monthly-2020-2026\n" + of_months
    )
    path.write_text(text.replace("2017-07-04", "2023-07-04"), encoding="utf-8")
    site = project.root / SITE
    site.write_text(site.read_text(encoding="utf-8").replace("[RA3]", "[RRK]"), encoding="utf-8")
    for plan in check_project(project.root)[1]:
        keep(project.root, plan, Executed(plan.id, 0.0, notebook="{}", effect={}))


@pytest.mark.parametrize("last", [None, "2025-11"])
def test_due_names_what_a_month_changes(evalkit, project, last):
    as_if_run(project, "2021-04", last)
    assert due(project.root, check_project(project.root)[1]) == []
    assert evalkit("import", MARCH).exception is None
    said = {pending.plan.id: pending.why for pending in due(project.root, check_project(project.root)[1])}
    if last:
        assert said == {}
    else:
        assert set(said) == {
            f"weston-overnight-closure-2017/{name}" for name in ("type-1-controlled", "all-types-alone")
        }
        assert "1 new month in" in said["weston-overnight-closure-2017/all-types-alone"]

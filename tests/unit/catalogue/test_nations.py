"""The recipe "A nation or a register" of CONTRIBUTING.md, followed step by step for a made-up table of Northern Ireland."""

import csv
import io
from datetime import date

import pytest

from evalkit.catalogue import read_catalogue
from evalkit.catalogue.new_evaluation_files import Answers, new_files
from evalkit.catalogue.new_table_files import new_organisations
from evalkit.catalogue.records.fields import code_meant, is_code
from evalkit.intake.load import load_from
from evalkit.intake.workbook.answers import answered_code
from evalkit.intake.workbook.names import Names
from tests.conftest import ROOT
from tests.unit.conftest import RecordsFolder, only

REGISTER = """
made-up-places:
  name: Places of Northern Ireland (made up)
  nation: northern-ireland
  called: hospital
  form: "NI[0-9]{3}-[0-9]{2}"
  in_words: NI, three figures, a hyphen and two figures
  such_as: [NI901-01]
"""
HOSPITALS = {
    "ZZ901-01": "Rathmore Hospital (made up)",
    "ZZ901-02": "Lough Hospital (made up)",
    "ZZ902-01": "Glen Hospital (made up)",
}
BOARD = "ZZ900-00"
TABLE = "northern-ireland-ae-monthly-2021-2022"
MEASURE = """
northern-ireland-ae-attendances:
  name: Attendances at emergency departments in Northern Ireland (made up)
  plain_name: visits to emergency departments in Northern Ireland (made up)
  definition: Made up.
  form: count
  unit: attendances
  adds_up_to: attendances
  direction: neutral
  type: outcome
  domain: access
  recipes:
    - table: northern-ireland-ae-monthly-2021-2022
      numerator: [attendances]
      where: {is_total: "False"}
"""
DAY = date(2022, 1, 1)
KINDS = {"period": "date", "attendances": "integer", "is_total": "boolean"}


def _table() -> str:
    rows = ["period,org_code,is_total,attendances"]
    for year in (2021, 2022):
        for month in range(1, 13):
            counts = [900 + 10 * at + month for at in range(len(HOSPITALS))]
            rows += [f"{year}-{month:02d},{code},False,{count}" for code, count in zip(HOSPITALS, counts, strict=True)]
            rows.append(f"{year}-{month:02d},{BOARD},True,{sum(counts)}")
    return "\n".join(rows) + "\n"


@pytest.fixture
def book(project) -> RecordsFolder:
    """Its steps, in their order."""
    data = project.root / "data"
    project.edit(
        "data/vocabularies.yml",
        "  scotland: Scotland\n",
        "  scotland: Scotland\n  northern-ireland: Northern Ireland\n",
    )
    with (data / "registers.yml").open("a", encoding="utf-8") as file:
        file.write(REGISTER)
    with (data / "organisations.csv").open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    lines = io.StringIO()
    writer = csv.DictWriter(lines, columns, restval="", lineterminator="\n")
    shared = {"nation": "northern-ireland", "register": "made-up-places", "region": "Northern Ireland"}
    writer.writerow({"org_code": BOARD, "name": "Northern Ireland's board (made up)", "kind": "health_board", **shared})
    for code, name in HOSPITALS.items():
        writer.writerow({"org_code": code, "name": name, "kind": "hospital", "parent": BOARD, **shared})
    with (data / "organisations.csv").open("a", encoding="utf-8") as file:
        file.write(lines.getvalue())
    project.write("data/tables/northern_ireland.csv", _table())
    project.describe(
        {
            "name": TABLE, "path": "tables/northern_ireland.csv", "title": "Attendances (made up)", "description": "Made up.",
            "hash": "sha256:" + "0" * 64, "sources": [{"title": "Made up", "path": "https://example.org"}],
            "licenses": [{"name": "OGL-UK-3.0"}],
            "schema": {"fields": [
                {"name": name, "type": KINDS.get(name, "string"), "description": name}
                for name in ("period", "org_code", "is_total", "attendances")
            ]},
            "evalkit": {
                "shape": "wide", "grain": "month", "synthetic": True,
                "flags": [{"column": "is_total", "name": "total", "means": "a total of other rows", "missing": ["attendances"]}],
                "disclosure": {"rule": "official_statistics", "because": "Made up."},
            },
        }
    )  # fmt: skip
    project.rehash()
    with (data / "measures.yml").open("a", encoding="utf-8") as file:
        file.write(MEASURE)
    return project


def test_the_recipe_is_enough(book):
    assert book.problems() == []
    catalogue = book.catalogue()
    frame = load_from(
        catalogue,
        site="ZZ901-01",
        measure="northern-ireland-ae-attendances",
        comparators=["ZZ901-02", "ZZ902-01"],
        table=TABLE,
    )
    assert frame["unit"].unique().tolist() == [*HOSPITALS]
    assert len(frame) == 24 * len(HOSPITALS)
    assert catalogue.called(HOSPITALS) == "hospitals"
    assert catalogue.called([*HOSPITALS, BOARD]) == "places"
    assert catalogue.place([*HOSPITALS, *["RA3", "RBA"]]) == "5 places"


def test_a_code_of_another_form_is_refused_with_what_one_looks_like(book, plain):
    book.edit("data/organisations.csv", f"{BOARD},Northern", "NI9,Northern")
    book.edit("data/organisations.csv", f"hospital,{BOARD}", "hospital,NI9")
    said = [str(problem) for problem in book.problems()]
    (wrong,) = [text for text in said if "`org_code`" in text]
    plain(wrong, "data/organisations.csv", "NI9", "three figures, a hyphen and two figures", "NI901-01")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("made-up-places,hospital", "made-up,hospital", ("`register`", "made-up-places")),
        (
            "northern-ireland,made-up-places,hospital",
            "wales,made-up-places,hospital",
            ("`nation` is wales", "northern-ireland"),
        ),
        ("made-up-places,hospital", "made-up-places,ward", ("`kind`", "ward")),
        (f"hospital,{BOARD}", "hospital,ZZ999-99", ("`parent`", "ZZ999-99")),
        (f"hospital,{BOARD}", "hospital,ZZ902-01", ("`parent`", "part of another itself")),
    ],
    ids=["register", "nation", "kind", "no parent", "a parent that has one"],
)
def test_a_line_that_does_not_agree_is_one_sentence_with_its_line(book, plain, old, new, says):
    line = book.edit("data/organisations.csv", old, new)
    told = [problem for problem in book.problems() if problem.line == line]
    assert told
    plain(told[0].what, says[0])
    assert all(word in " ".join(problem.what for problem in told) for word in says)


def test_a_register_has_examples_of_its_form(book, plain):
    book.edit("data/registers.yml", "[NI901-01]", "[N901]")
    plain(str(only(book.problems())), "data/registers.yml", "N901", "form")


def test_a_new_evaluation_takes_its_codes_and_a_new_one_its_register(book):
    catalogue = book.catalogue()
    ((_, text),) = new_organisations(catalogue, {**HOSPITALS, "NI903-01": "Another (made up)"}).items()
    (line,) = [row for row in csv.DictReader(io.StringIO(text)) if row["org_code"] == "NI903-01"]
    assert (line["nation"], line["register"]) == ("northern-ireland", "made-up-places")
    answers = Answers(
        title="Night", question="Did fewer come?", site_name="Rathmore (made up)", place="Nowhere", org_codes=["ZZ901-01"],
        what_changed="It closed.", start=DAY, onset="sudden", source_title="Made up", source_where="here",
        measure="northern-ireland-ae-attendances", area="urgent-care-access", expected="decrease", why="Made up.",
        table_name=TABLE, comparators=["ZZ901-02"], synthetic=True,
    )  # fmt: skip
    for path, content in new_files(catalogue, answers, DAY).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    assert book.problems() == []


def test_a_workbook_knows_its_codes_by_code_and_name(book):
    names = Names.of(book.catalogue())
    assert names.code_of("zz901-01") == names.code_of("Rathmore Hospital (made up)") == "ZZ901-01"
    assert answered_code("ZZ901-01") == "ZZ901-01"


@pytest.mark.parametrize("code", ["RA3", "Y02532", "7A3x7A3B7", "7A6W11000028", "G306H-2009", "S08000031", "ZZ901-01"])
def test_codes_of_every_register_are_codes(code):
    assert is_code(code)
    assert code_meant(code) is None
    assert answered_code(code) == code


@pytest.mark.parametrize("word", ["Weston", "ra3", "Ra3", "April 2022", "RA", "A" * 17, "Trust", ""])
def test_words_are_none(word):
    assert not is_code(word)


def test_the_registers_of_the_book_give_the_codes_that_it_has():
    catalogue = read_catalogue(ROOT)
    for code, one in catalogue.organisations.items():
        register = catalogue.registers[one.register_id]
        assert register.gives(code)
        assert one.nation == register.nation
    of_nations = {
        nation: {one.region for one in catalogue.organisations.values() if one.nation == nation}
        for nation in ("wales", "scotland")
    }
    assert of_nations == {"wales": {"Wales"}, "scotland": {"Scotland"}}
    assert not [
        one for one in catalogue.organisations.values() if one.nation != "england" and (one.sector or one.icb_name)
    ]

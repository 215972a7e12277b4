"""What identifies people is known by its form and by what stands beside it. Every number here is made up: tests have 999."""

import json
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evalkit.catalogue.consistency.of_nobody import check_of_nobody
from evalkit.cli import main
from evalkit.disclosure.people import (
    BIRTH,
    CHI,
    NAME,
    NHS,
    POSTCODE,
    RECORD,
    check_digit,
    found_in,
    is_postcode,
    kind_of_number,
    may_hold_labels,
    may_hold_numbers,
    numbers_in,
    without_numbers,
)
from tests.unit.conftest import ITEM, SITE, SUBMISSION


def numbered(nine: str) -> str:
    """The first number from here on that has a check digit."""
    while (digit := check_digit(nine)) is None:
        nine = f"{int(nine) + 1:09}"
    return f"{nine}{digit}"


NUMBER, OTHER = numbered("999000001"), numbered("999123456")
NO_CHI_NUMBER = numbered("290299001")  # of a day that was not
APART = f"{NUMBER[:3]} {NUMBER[3:6]} {NUMBER[6:]}"
HYPHENS = APART.replace(" ", "-")
nines = st.integers(0, 999_999).map(lambda number: f"999{number:06}")


class TestCheckDigit:
    @given(nines)
    def test_a_number_that_is_made_by_it_is_known(self, nine):
        digit = check_digit(nine)
        assume(digit is not None)
        number = f"{nine}{digit}"
        assume(len(set(number)) > 1)
        assert kind_of_number(number) == NHS

    @given(nines, st.integers(0, 9))
    def test_no_other_digit_is(self, nine, digit):
        assume(digit != check_digit(nine))
        assert kind_of_number(f"{nine}{digit}") is None

    @given(nines, st.integers(3, 9), st.integers(1, 9))
    def test_one_digit_mistaken_is_noticed(self, nine, place, by):
        number = numbered(nine)
        other = (int(number[place]) + by) % 10
        assert kind_of_number(f"{number[:place]}{other}{number[place + 1 :]}") is None

    @given(nines, st.integers(0, 8))
    def test_two_digits_exchanged_are_noticed(self, nine, place):
        number = numbered(nine)
        assume(number[place] != number[place + 1])
        swapped = f"{number[:place]}{number[place + 1]}{number[place]}{number[place + 2 :]}"
        assert kind_of_number(swapped) is None

    def test_a_chi_number_begins_with_a_day(self):
        assert kind_of_number(numbered("010203001")) == CHI
        assert kind_of_number(numbered("310203001")) is None
        assert kind_of_number(NO_CHI_NUMBER) is None

    def test_numbers_that_nobody_is_given(self):
        assert [first for first in "0123456789" if kind_of_number(numbered(f"{first}88000001"))] == [
            "3",
            "4",
            "6",
            "7",
            "9",
        ]
        assert kind_of_number("9" * 10) is None

    def test_one_in_twenty_of_random_digits_passes(self):
        draw = random.Random(20261130)
        passed = sum(kind_of_number(f"{draw.randrange(10**10):010}") is not None for _ in range(20_000))
        assert 0.04 < passed / 20_000 < 0.055


HELD = [
    NUMBER, APART, HYPHENS, APART.replace(" ", "\u00a0"), f"RA3,{NUMBER},5", f"[{NUMBER}]", f"{NUMBER}.0", f"Seen: {NUMBER}.", f"({NUMBER})",
    f"{APART} {OTHER[:3]} {OTHER[3:6]} {OTHER[6:]}", f"2016-05-01 {NUMBER}", f"id-{NUMBER}", f"https://example.org/a,{NUMBER}",
    f"https://example.org/?nhs_number={NUMBER}", "NHS number: 123 456 7890",
]  # fmt: skip
NOT_HELD = [
    f"x{NUMBER}", f"{NUMBER}x", f"0.{NUMBER}", f"{NUMBER}.5", f"+{NUMBER}", f"{NUMBER}1", f"1{NUMBER}", f"12 {APART} 5", f"{NUMBER}-1",
    f"1-{NUMBER}", f"https://example.org/{NUMBER}", f"ISBN {NUMBER}", f"+44 {NUMBER}", f"Tel: {NUMBER}", f"doi {NUMBER}", "the NHS number of nobody",
]  # fmt: skip


class TestNumbersInTexts:
    @pytest.mark.parametrize("text", HELD)
    def test_they_are_found(self, text):
        assert found_in(text)
        assert may_hold_numbers(text.encode()) or may_hold_labels(text.encode())

    @pytest.mark.parametrize("text", NOT_HELD)
    def test_what_only_looks_so_is_none(self, text):
        assert found_in(text) == []

    @given(st.floats(allow_nan=False, allow_infinity=False).map(repr))
    def test_no_float_is_one(self, written):
        assume(not written.endswith(".0"))
        assert list(numbers_in(written)) == []

    @given(st.binary(min_size=20, max_size=32).map(bytes.hex))
    def test_no_hash_is_one(self, written):
        assert list(numbers_in(written)) == []

    @given(st.lists(st.integers(0, 999_999_999), min_size=4, max_size=40))
    def test_no_list_of_figures_holds_one(self, figures):
        assume(len(figures) % 3)
        assert list(numbers_in(" ".join(map(str, figures)))) == []

    @given(st.text(alphabet="09 -.,+x/\u00a0\n\\n&;", max_size=20), nines, st.text(alphabet="09 -.x\n", max_size=4))
    def test_the_quick_look_misses_none(self, before, nine, after):
        text = f"{before}{numbered(nine)}{after}"
        if list(numbers_in(text)):
            assert may_hold_numbers(text.encode())
            assert may_hold_numbers(json.dumps(text).encode())

    def test_what_is_shown_is_without_them(self):
        said = without_numbers(f"`{NUMBER}` and {APART} are ids, 2016-05-01 is none")
        assert said == "`[number of a person]` and [number of a person] are ids, 2016-05-01 is none"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (BIRTH, "DOB 03/02/1961"), (BIRTH, "Date of birth:\n3 February 1961"), (BIRTH, "D.O.B. was 1961-02-03"), (BIRTH, '"dob":"1961-02-03"'),
        (BIRTH, "<b>Date of birth</b><span>3.2.61</span>"), (NAME, '"surname": "Smith"'), (NAME, "Patient's name: Jane"), (NAME, "next of kin: O'Neill"),
        (POSTCODE, "lives at 3 High Street, Town, ZZ9 4TQ"), (POSTCODE, "postcode ZZ9 4TQ"), (POSTCODE, "home_postcode=ZZ9 4TQ"),
        (RECORD, "MRN: 1234567"), (RECORD, "hospital number = A12345"), (CHI, "CHI number 010203 1234"),
    ],
)  # fmt: skip
def test_what_a_label_says_is_found(kind, text):
    assert {found.kind for found in found_in(f"At the time, {text} was written down.")} == {kind}


@pytest.mark.parametrize(
    "text",
    [
        "Weston General Hospital, Grange Road, postcode ZZ9 4TQ", "The surname of nobody", "Births: 03/02/2016", "The date of birth is never asked for",
        "It was born on 1 April 2013", "The hospital number of beds: 300", "Patients live in ZZ9", "opened on 03/02/1961",
    ],
)  # fmt: skip
def test_what_is_of_a_place_or_of_many_is_not(text):
    assert found_in(text) == []


def test_a_cell_that_is_a_postcode():
    assert is_postcode("ZZ9 4TQ")
    assert is_postcode(" ZZ94TQ ")
    assert not any(map(is_postcode, ("RA3", "RA301", "E40000010", "Q99", "ZZ901", "4TQ", "near ZZ9 4TQ")))


class TestTheyStayOutOfTheProject:
    """What `evalkit check` says: the file, the line and the column, never the value."""

    def refused(self, project, plain, *said: str) -> None:
        problems = project.problems()
        told = "\n".join(map(str, problems))
        for words in said:
            plain(next((str(problem) for problem in problems if words in str(problem)), told), words)
        assert not [value for value in (NUMBER, APART, HYPHENS, "Smith", "1961") if value in told]

    @pytest.mark.parametrize("file", ["data/tables/forgotten.csv", "data/old/a.tsv"])
    def test_a_column_of_a_table_that_nothing_describes(self, project, plain, file):
        between = "\t" if file.endswith("tsv") else ","
        project.write(file, f"org_code{between}Date of birth\nRA3{between}03/02/1961\n")
        self.refused(project, plain, f"{file}, line 1: column 2 may identify people")

    def test_private_files_that_nothing_uses_are_left_alone(self, project):
        project.write("data/private/extract.csv", f"org_code,nhs_number\nRA3,{NUMBER}\n")
        assert check_of_nobody(project.root, ()) == []

    @pytest.mark.parametrize(
        "raw", [b"PK\x03\x04", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x09zTXtC\x00\x00none"]
    )
    @pytest.mark.parametrize("file", ["data/old.csv", "data/notes.md"])
    def test_a_file_that_is_no_text(self, project, file, raw):
        project.write(file, raw)
        (problem,) = check_of_nobody(project.root, ())
        assert str(problem).startswith(f"{file}: is no text")

    @pytest.mark.parametrize(
        ("column", "value"),
        [("org_code", NUMBER), ("numerator", NUMBER), ("numerator", APART), ("note", f"see {HYPHENS}"), ("note", f"{NUMBER}.0")],
    )  # fmt: skip
    def test_a_number_in_a_cell_of_a_table(self, project, plain, value, column):
        row = {
            "org_code": "RA3",
            "period": "2016-01",
            "measure": "discharges",
            "numerator": "5",
            "denominator": "",
            "note": "",
        }
        rows = [row, row | {"period": "2016-02", column: value}]
        project.submit("\n".join([",".join(row), *(",".join(one.values()) for one in rows)]) + "\n")
        self.refused(project, plain, f"{SUBMISSION}, line 3: column {list(row).index(column) + 1} holds an NHS number")

    def test_a_date_of_birth_in_a_note(self, project, plain):
        project.submit("org_code,period,measure,numerator,denominator,note\nRA3,2016-01,discharges,5,,DOB 03/02/1961\n")
        self.refused(project, plain, f"{SUBMISSION}, line 2: holds a date of birth")

    def test_the_text_of_an_item(self, project, plain):
        line = project.edit(ITEM, "enough doctors at night.\n", f"enough doctors at night for {APART}.\n")
        self.refused(project, plain, f"{ITEM}, line {line}: holds an NHS number")

    @pytest.mark.parametrize("said", [f"seen as {HYPHENS}", "told by surname = Smith", "DOB 3 Feb 1961"])
    def test_a_field_of_a_record(self, project, plain, said):
        line = project.edit(SITE, "in a seaside town", f"in a seaside town, {said}")
        self.refused(project, plain, f"{SITE}, line {line}: holds ")

    def test_a_comment_in_a_record(self, project, plain):
        project.edit(SITE, "id: weston", f"# {APART}\nid: weston")
        self.refused(project, plain, f"{SITE}, line 1: holds an NHS number")


def test_no_command_repeats_a_number_that_it_was_given(project, capsys, monkeypatch):
    """Not even one that stands as an id, or was typed."""
    monkeypatch.setenv("EVALKIT_ROOT", str(project.root))
    project.edit(SITE, "id: weston", f"id: {NUMBER}")
    for arguments in (["check"], ["run", NUMBER], ["power", "--site", APART]):
        monkeypatch.setattr("sys.argv", ["evalkit", *arguments])
        with pytest.raises(SystemExit):
            main()
        said = capsys.readouterr()
        assert "".join(said)
        assert not [value for value in (NUMBER, APART) if value in said.out + said.err]

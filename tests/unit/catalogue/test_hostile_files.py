"""Files that nobody sends in good faith, or that went wrong on the way: each is one sentence, and nothing hangs."""

import os

import pytest

from evalkit.disclosure.people import names_a_person
from tests.unit.conftest import EVALUATION, ITEM, SITE, SUBMISSION, only

CONTEXT = "context: A small general hospital in a seaside town."
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 11)
)


def _said(project) -> str:
    return str(project.problems()[0])


class TestWhatIsNoFile:
    @pytest.mark.parametrize(
        "make",
        [
            os.mkfifo,
            lambda path: path.symlink_to("/etc/passwd"),
            lambda path: path.symlink_to("/dev/zero"),
            lambda path: path.symlink_to("nowhere"),
            lambda path: path.symlink_to(path.name),
            lambda path: path.symlink_to(path.parent),
        ],
        ids=["pipe", "link", "link to a device", "dangling link", "link to itself", "link to a folder"],
    )
    @pytest.mark.parametrize("name", [ITEM, EVALUATION, SUBMISSION, "data/sites/other", "data/glossary.yml"])
    def test_it_is_never_opened(self, project, plain, name, make):
        path = project.root / name
        path.unlink(missing_ok=True)
        make(path)
        said = plain(str(only(project.problems())), name, "a link, a pipe or a device")
        assert "root:" not in said

    @pytest.mark.parametrize("name", ["_build", "results", "data", "book", "_build/memory/checks"])
    def test_a_folder_of_the_project_is_no_link(self, project, plain, name, tmp_path):
        """What is kept there is cleared of what is not wanted: that of somebody else would be."""
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "mine.txt").write_text("mine")
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            path.rename(tmp_path / "moved")
            (tmp_path / "other" / "moved").symlink_to(tmp_path / "moved")
        path.symlink_to(tmp_path / "other")
        plain(_said(project), f"{name}: is a link, a pipe or a device")
        assert (tmp_path / "other" / "mine.txt").read_text() == "mine"


class TestLargeAndDeep:
    @pytest.mark.parametrize(
        ("field", "said"),
        [
            ("[" * 3_000 + "]" * 3_000, "more than 30 levels deep"),
            ("[" * 100_000, "more than 30 levels deep"),
            ("{a: " * 100_000, "more than 30 levels deep"),
            ("\n  " + "- " * 50_000 + "x", "more than 30 levels deep"),
            ("\n" + "".join(" " * n + "a:\n" for n in range(1, 60)), "more than 30 levels deep"),
            ("[" + "x, " * 60_000 + "]", "more than 50,000 values"),
            ("'" + "x" * 10_001 + "'", "a text of 10,001 characters"),
            ("x" * 1_000_001, "bytes, and at most 1,000,000 are read"),
        ],
        ids=["deep", "deeper", "fields", "dashes", "indented", "wide", "long", "large"],
    )
    def test_a_record(self, project, plain, field, said):
        project.edit(SITE, CONTEXT, f"context: {field}")
        plain(_said(project), SITE, said)

    def test_aliases_that_multiply(self, project, plain):
        project.write(SITE, LAUGHS)
        plain(_said(project), f"{SITE}, line", "more than 50,000 values")

    def test_a_number_of_base_60_without_end(self, project, plain):
        line = project.edit(SITE, CONTEXT, f"context: {':'.join('1' * 4_000)}")
        assert not any(problem.line == line for problem in project.problems()), "it is text"

    def test_a_published_table_is_not_read_before_its_size_is(self, project, plain):
        (table,) = [
            path for path in (project.root / "data" / "tables").iterdir() if path.name == "ae_monthly_2016_2019.csv"
        ]
        os.truncate(table, 30_000_000_000)
        plain(_said(project), "data/datapackage.json", "has 30,000,000,000 bytes, and at most 8,000,000 are read")

    def test_a_table(self, project, plain):
        project.submit("org_code,period\n" + "RA3,2017-01\n" * 2_000_000)
        plain(_said(project), SUBMISSION, "has 24,000,016 bytes, and at most 8,000,000 are read")

    @pytest.mark.parametrize("length", [10_001, 200_000])
    def test_a_cell(self, project, plain, length):
        project.submit(f"org_code,period,measure,numerator\nRA3,2017-01,{'x' * length},3\n")
        plain(_said(project), f"{SUBMISSION}, line 2", "a cell is longer than 10,000 characters")

    def test_the_name_of_a_table(self, project, plain):
        project.submit("org_code,period,measure,numerator\nRA3,2017-01,discharges,5\n")
        project.edit("data/datapackage.json", "tables/discharges.csv", f"tables/{'x' * 300}.csv")
        plain(_said(project), "data/datapackage.json, line", "`path` is 311 characters long: shorten it to 200")


UNSEEN = {
    "bell": "\a", "escape": "\x1b", "null": "\0", "next line": "\x85", "turned": "\u202e", "no width": "\u200b", "hyphen": "\xad",
    "joiner": "\u034f", "vowel": "\u180e", "braille": "\u2800", "filler": "\u3164", "tag": "\U000e0041", "anchor": "\ufff9",
}  # fmt: skip


class TestCharactersThatNobodySees:
    @pytest.mark.parametrize("character", UNSEEN.values(), ids=UNSEEN)
    @pytest.mark.parametrize(
        ("name", "old", "new"),
        [
            (SITE, "A small", "A{} small"),
            (EVALUATION, "The doors", "The{} doors"),
            (ITEM, "The trust", "The{} trust"),
            (ITEM, "title: Not", "title: N{}ot"),
        ],
    )
    def test_in_a_record(self, project, plain, name, old, new, character):
        line = project.edit(name, old, new.format(character))
        said = plain(_said(project), f"{name}, line {line}", f"U+{ord(character):04X}")
        assert character not in said

    @pytest.mark.parametrize("written", [r"\e", r"\0", r"\u202E", r"\x07", r"\U0000200B", r"\N", r"\r", r"a\r=1"])
    def test_written_with_a_backslash(self, project, plain, written):
        line = project.edit(SITE, CONTEXT, f'context: "A{written}b"')
        plain(_said(project), f"{SITE}, line {line}", "cannot be seen")

    @pytest.mark.parametrize("character", UNSEEN.values(), ids=UNSEEN)
    def test_in_a_table(self, project, plain, character):
        project.submit(f"org_code,period,measure,numerator\nRA3,2017-01,x,3{character}\n")
        said = plain(_said(project), f"{SUBMISSION}, line 2", "cannot be seen")
        assert character not in said


def _second_site(project, id: str, name: str) -> None:
    text = (project.root / SITE).read_text(encoding="utf-8")
    text = text.replace("id: weston", f"id: {id}").replace("Weston General Hospital", name).replace("[RA3]", "[RD1]")
    project.write(f"data/sites/{id}.yml", text)


class TestNamesThatLookAlike:
    @pytest.mark.parametrize(
        "name",
        [
            "Weston general hospital", "WESTON  GENERAL HOSPITAL", "West0n General Hospital", "Weston Genera1 Hospital",
            "Weston General Hosp\u0456tal", "\u0461eston General Hospital", "\uff37eston General Hospital",
            "Weston GeneraI Hospital", "VVeston General Hospital", "Weston Gener\u0251l Hospital", "Weston General\ufe0f Hospital",
        ],
        ids=[
            "case", "spaces", "a nought", "a one", "Cyrillic i", "Cyrillic w", "a wide W", "a capital i", "two v", "a Latin alpha",
            "a variant",
        ],
    )  # fmt: skip
    def test_two_names(self, project, plain, name):
        _second_site(project, "other", name)
        said = " ".join(plain(str(problem)) for problem in project.problems())
        assert "data/sites/weston.yml, line 2: `name` looks like that in data/sites/other.yml, line 2" in said or (
            "data/sites/other.yml, line 2: `name` looks like that in data/sites/weston.yml, line 2" in said
        )

    @pytest.mark.parametrize(
        ("first", "second"), [("St Mary's", "St Mary\u2019s"), ("Stoke-on-Trent", "Stoke\u2010on\u2011Trent"), ("Bury/Ross", "Bury\u2044Ross"),
         ('The "door"', "The \u201cdoor\u201d"), ("Mary\u2019s", "Mary\u2032s"), ("A:B", "A\u2236B"), ("a-b", "a\u2043b")],
    )  # fmt: skip
    def test_signs_between_letters(self, project, first, second):
        _second_site(project, "first", first)
        _second_site(project, "second", second)
        assert any("looks like" in str(problem) for problem in project.problems())

    @pytest.mark.parametrize("field", ["id", "title"])
    def test_two_analyses(self, project, plain, field):
        told = {"id": ("id: all-types-alone", "id: type-l-controlled"), "title": ("title: Visits to departments of every type, Weston alone", "title: Visits to the major A&E, against four other trusts.")}  # fmt: skip
        project.edit(EVALUATION, *told["id"])
        project.edit(EVALUATION, "title: Visits to the major A&E, against four other trusts", "title: Visits I")
        line = project.edit(EVALUATION, told["title"][0], "title: Visits l") - (field == "id")
        assert f"{EVALUATION}, line {line}: `{field}` looks like that in {EVALUATION}" in "\n".join(
            plain(str(problem)) for problem in project.problems()
        )

    def test_two_organisations_are_worth_a_look(self, project, plain):
        path = project.root / "data/organisations.csv"
        written = path.read_text(encoding="utf-8")
        _, name, rest = next(line for line in written.splitlines() if line.startswith("RA3,")).split(",", 2)
        project.write("data/organisations.csv", f"{written}RX0,{name.upper()},{rest}\n")
        assert project.problems() == []
        assert any("`name` looks like that" in plain(str(problem)) for problem in project.problems("look"))

    def test_two_places_may_have_one_name(self, project):
        _second_site(project, "other", "Weston General Hospital")
        assert not any("looks like" in str(problem) for problem in project.problems())

    @pytest.mark.parametrize(
        "name",
        [
            "Ysbyty Gwynedd",
            "St Mary\u2019s",
            "\u0141\u00f3d\u017a clinic",
            "Ward 10 \u2013 \u03b2-blockers",
            "TNF\u03b1 and \u03b1SMA",
            "5 \u03bcg, \u0394P",
            "k\u2126",
            "Clinic \u2764\ufe0f",
            "T\u0177 Gwyn",
        ],
    )
    def test_letters_of_one_alphabet_a_word_are_fine(self, project, name):
        _second_site(project, "other", name)
        assert not any("name" in str(problem) for problem in project.problems())

    @pytest.mark.parametrize(
        ("name", "old", "field"),
        [
            (SITE, "Weston General H", "name"), (EVALUATION, "Closing W", "title"), (SITE, "Weston-super", "place"),
            (EVALUATION, "Visits to the major", "title"), (EVALUATION, "Overnight closure of", "name"),
            (EVALUATION, "The doors are", "why"), (ITEM, "says: The department", "says"),
        ],
    )  # fmt: skip
    def test_a_word_of_two_alphabets(self, project, plain, name, old, field):
        line = project.edit(
            name,
            old,
            old.replace("e ", "\u0435 ")
            .replace("esto", "\u0435sto")
            .replace("Closing W", "\u0421losing W")
            .replace("Ov", "Ov\u0435")
            .replace("Visits", "V\u0456sits"),
        )
        plain(_said(project), f"{name}, line {line}: a word of `{field}` has letters of two alphabets")

    @pytest.mark.parametrize(
        "word", ["W\u200d\u0435\u200dston", "W\ufe0f\u0435ston", "W\u0435\u0301ston", "\u03c1\u03b1tient", "w\u03b1it"]
    )
    def test_a_mark_or_a_letter_of_science_hides_no_other_alphabet(self, project, plain, word):
        line = project.edit(SITE, "Weston General H", f"{word} General H")
        plain(_said(project), f"{SITE}, line {line}: a word of `name` has letters of two alphabets")

    @pytest.mark.parametrize("id", ["westorn", "westom-l0", "we5ton"])
    def test_ids_that_do_not(self, project, id):
        _second_site(project, id, "Another Hospital")
        assert not any("looks like" in str(problem) for problem in project.problems())

    def test_two_ids(self, project, plain):
        _second_site(project, "west0n", "Another Hospital")
        said = " ".join(plain(str(problem)) for problem in project.problems())
        assert "`id` looks like that in data/sites/west0n.yml, line 1" in said


SECRETS = ("943 476 5919", "9434765919", "Jane Smith", "BS23 4TQ", "03.02.1961")
GOOD = {
    "org_code": "RA3",
    "period": "2016-01",
    "measure": "discharges",
    "numerator": "5",
    "denominator": "",
    "note": "",
}


class TestWhatMayIdentifyAPersonIsNotRepeated:
    def refused(self, project, *lines: int, file: str = SUBMISSION) -> str:
        problems = project.problems()
        assert {problem.line for problem in problems if problem.file == file} >= set(lines)
        said = "\n".join(str(problem) for problem in problems)
        assert [secret for secret in SECRETS if secret in said] == []
        return said

    @pytest.mark.parametrize("column", ["org_code", "period", "numerator", "denominator"])
    def test_in_a_cell(self, project, column):
        rows = [GOOD | {"period": f"2016-0{number}", column: secret} for number, secret in enumerate(SECRETS, start=1)]
        project.submit("\n".join([",".join(GOOD), *(",".join(row.values()) for row in rows)]) + "\n")
        self.refused(
            project,
            *(2 + n for n, secret in enumerate(SECRETS) if column in ("org_code", "period") or not secret.isdecimal()),
        )

    @pytest.mark.parametrize("secret", SECRETS)
    def test_in_the_header(self, project, secret):
        position = SECRETS.index(secret)
        columns = list(GOOD)
        columns[position] = secret
        project.submit(f"{','.join(columns)}\n{','.join(GOOD.values())}\n")
        assert f"{SUBMISSION}, line 1: column {position + 1}" in self.refused(project, 1)

    @pytest.mark.parametrize(
        "content", ["{0},{1}\n{2},{3}\n", "{0}\n{1}\n", "org_code,period,measure,numerator\n{0},{1},{2},{3},{4}\n"]
    )
    def test_in_a_file_of_another_shape(self, project, content):
        project.submit(content.format(*SECRETS))
        self.refused(project, 2 if "org_code" in content else 1)

    def test_in_rows_that_are_given_twice(self, project):
        rows = [",".join((GOOD | {"org_code": secret}).values()) for secret in SECRETS]
        project.submit("\n".join([",".join(GOOD), *rows, *rows]) + "\n")
        self.refused(project, 7)

    @pytest.mark.parametrize("cells", ["{0},{1},,,,,", "{0},{1},,,,,,{2}", "RA9,A trust,{0},{1},{2},{3},{4}"])
    def test_among_organisations(self, project, cells):
        text = (project.root / "data/organisations.csv").read_text(encoding="utf-8")
        project.write("data/organisations.csv", f"{text}{cells.format(*SECRETS)}\n")
        self.refused(project, text.count("\n") + 1, file="data/organisations.csv")

    def test_in_a_field(self, project):
        project.edit(SITE, "[RA3]", f"[{', '.join(SECRETS)}]")
        project.edit(SITE, "id: weston", f"id: {SECRETS[2]}")
        for old, secret in zip(("written: 2026-11-21", "status: published", "change: decrease"), SECRETS, strict=False):
            project.edit(EVALUATION, old, f"{old.partition(':')[0]}: {secret}")
        project.edit(ITEM, "date: 2017-07-04", f"date: {SECRETS[4]}")
        project.edit(ITEM, "type: barrier", f"type: {SECRETS[1]}")
        said = self.refused(project, 1, 3, file=SITE)
        assert EVALUATION in said
        assert ITEM in said


@pytest.mark.parametrize(
    "column",
    [
        "nhs_number", "postcode", "DOB", "Patient ID", "patient_dob", "nhs_num", "NHSNo", "home_postcode", "patient_nhs_number",
        "full_name", "dateOfBirth", "Surname", "MRN", "hospital no", "email", "telephone", "DoB", "D.O.B.", "Date_Birth", "year_of_birth",
        "N.H.S. number", "CHI number", "case_note_number", "patient_initials", "pt_id", "given_name", "family_name", "maiden name",
        "address_line_1", "telephone_number", "NI number", "next_of_kin",
    ],
)  # fmt: skip
class TestColumnsThatIdentify:
    def test_are_refused(self, project, plain, column):
        project.submit(f"{','.join(GOOD)},{column}\n{','.join(GOOD.values())},x\n")
        said = plain(_said(project), f"{SUBMISSION}, line 1", "column 7 may identify people", "leave the column out")
        assert "did you mean" not in said

    def test_are_not_described_either(self, project, plain, column):
        project.submit(f"{','.join(GOOD)}\n{','.join(GOOD.values())}\n", fields=(*GOOD, column))
        plain(_said(project), "data/datapackage.json", "may identify people")


@pytest.mark.parametrize(
    "column",
    [
        "org_name", "name", "patients", "patient_numbers", "telephone_calls", "births", "nhs_notes", "admissions_no", "emailed",
        "adobe", "people_with_a_phone_call", "addressed", "hospital_no_criteria_to_reside", "patient_no_shows", "nhs_number_of_trusts",
        "hospital_number_of_beds", "postcode_areas", "nhs_number_completeness", "home_phone_calls", "number", "no", "id", "staff_numbers",
    ],
)  # fmt: skip
def test_columns_of_totals_do_not(column):
    assert not names_a_person(column)


class TestManyOfAKind:
    """Each is told in a line or a few hundred, and soon."""

    def said(self, project) -> list[str]:
        said = [str(problem) for problem in project.problems()]
        assert len(said) <= 201
        return said

    def test_columns(self, project, plain):
        columns = [f"column{'x' * n}" for n in range(50)]
        project.submit(",".join([*GOOD, *columns]) + "\n")
        said = self.said(project)
        assert len(said) == 6
        plain(said[-1], "and 45 more columns that are not described")

    def test_codes(self, project, plain):
        project.submit("\n".join([",".join(GOOD), *(f"X{n:04d},2016-01,discharges,5,," for n in range(3_000))]))
        said = self.said(project)
        assert len(said) == 6
        plain(said[-1], "and 2,995 more codes")

    @pytest.mark.parametrize(
        ("file", "old", "new", "told"),
        [
            (ITEM, "themes: [workforce]", "themes: [{}]", 49_000),
            (ITEM, "explains: [", "explains: [{}, ", 49_000),
            (EVALUATION, "comparators: [RD1", "comparators: [{}, RD1", 20_000),
            (EVALUATION, "comparators: [RD1", "comparators: [RD1, {}, RD1", 20_000),
            (SITE, "place: ", "{}\nplace: ", 20_000),
        ],
        ids=["words", "ids", "codes", "codes, one of them twice", "fields"],
    )
    def test_in_a_record(self, project, file, old, new, told):
        separator, form = ("\n", "f{}: x") if file == SITE else (", ", "X{:05d}" if file == EVALUATION else "word-{}")
        project.edit(file, old, new.format(separator.join(form.format(n) for n in range(told))))
        assert len(self.said(project)) in (1, 201)


class TestNumbersAndWords:
    @pytest.mark.parametrize(
        "written",
        ["!!bool x", "!!timestamp x", "!!int ''", "!!int _", "!!float ''", "!!set {a}", "!x y", "! y", "!!str 3", "!!python/name:os.system"],
    )  # fmt: skip
    def test_a_tag(self, project, plain, written):
        line = project.edit(SITE, CONTEXT, f"context: {written}")
        plain(_said(project), f"{SITE}, line {line}", "holds a tag", "write the value alone")

    def test_a_number_of_thousands_of_figures(self, project, plain):
        line = (
            project.edit(
                EVALUATION, '      last: "2019-03"\n', f'      last: "2019-03"\n      transition: 0x{"f" * 5_000}\n'
            )
            + 1
        )
        plain(_said(project), f"{EVALUATION}, line {line}", "`transition`")

    @pytest.mark.parametrize("headline", [f"month {'9' * 5_000}", f"mean months 1 to {'9' * 5_000}", "month 99999"])
    def test_a_headline(self, project, plain, headline):
        line = (
            project.edit(
                EVALUATION, '      last: "2019-03"\n', f'      last: "2019-03"\n      headline: "{headline}"\n'
            )
            + 1
        )
        plain(str(only(project.problems())), f"{EVALUATION}, line {line}", "headline")

    @pytest.mark.parametrize(
        ("written", "said"), [("2019-02-30", "calendar"), ("2019-13", "calendar"), ("spring/summer 2015", None)]
    )
    def test_a_date_of_publication(self, project, plain, written, said):
        line = project.edit("data/sources.yml", 'published: "2017"', f'published: "{written}"')
        told = [plain(str(problem), f"data/sources.yml, line {line}", said) for problem in project.problems()]
        assert len(told) == (said is not None)

    @pytest.mark.parametrize("value", [".inf", "-.inf", ".nan", "1.0e+400", "inf", "nan", "'Infinity'", "9" * 5_000])
    def test_a_number_that_is_none(self, project, plain, value):
        project.edit("data/measures.yml", "    value: 5\n", f"    value: {value}\n")
        plain(_said(project), "data/measures.yml", "value")

    @pytest.mark.parametrize("name", ["item_types", "item_statuses", "lessons", "impact", "areas", "rival_kinds"])
    def test_a_vocabulary_that_pages_write_is_there(self, project, plain, name):
        project.edit("data/vocabularies.yml", f"\n{name}:", f"\n{name}-of-old:")
        assert f"`{name}` is missing" in " ".join(plain(str(problem)) for problem in project.problems())

    def test_every_type_of_item_has_words(self, project, plain):
        project.edit("data/vocabularies.yml", "\n  enabler:", "\n  enablers:")
        assert any(
            "`item_types` does not say how to write enabler" in plain(str(problem)) for problem in project.problems()
        )

    @pytest.mark.parametrize("words", ["{a: b}", "[a]", "3", "null", "2017-01-01"])
    def test_a_vocabulary_holds_words(self, project, plain, words):
        line = project.edit("data/vocabularies.yml", "new-care-models: New care models", f"new-care-models: {words}")
        plain(_said(project), f"data/vocabularies.yml, line {line}", "`new-care-models`", "text")

    @pytest.mark.parametrize("id", ["index", "con", "nul", "com1", "lpt9"])
    def test_names_that_are_kept(self, project, plain, id):
        project.write(f"data/sites/{id}.yml", (project.root / SITE).read_text().replace("id: weston", f"id: {id}"))
        plain(_said(project), f"data/sites/{id}.yml", "`id`", "choose another")

    def test_a_measure_has_no_kept_name_either(self, project, plain):
        text = (project.root / "data/measures.yml").read_text(encoding="utf-8")
        project.write("data/measures.yml", text.replace("ae-attendances-all:", "index:", 1))
        plain(_said(project), "data/measures.yml", "choose another")

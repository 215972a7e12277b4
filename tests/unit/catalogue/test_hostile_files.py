"""Files that nobody sends in good faith, or that went wrong on the way: each is one sentence, and nothing hangs."""

import os

import pytest

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
            ("x" * 1_000_001, "has 1 MB, and at most 1 are read"),
        ],
        ids=["deep", "deeper", "fields", "dashes", "indented", "wide", "long", "large"],
    )
    def test_a_record(self, project, plain, field, said):
        project.edit(SITE, CONTEXT, f"context: {field}")
        plain(_said(project), SITE, said)

    def test_aliases_that_multiply(self, project, plain):
        project.write(SITE, LAUGHS)
        plain(_said(project), f"{SITE}, line", "more than 50,000 values")

    def test_a_table(self, project, plain):
        project.submit("org_code,period\n" + "RA3,2017-01\n" * 2_000_000)
        plain(_said(project), SUBMISSION, "has 24 MB, and at most 20 are read")

    @pytest.mark.parametrize("length", [10_001, 200_000])
    def test_a_cell(self, project, plain, length):
        project.submit(f"org_code,period,measure,numerator\nRA3,2017-01,{'x' * length},3\n")
        plain(_said(project), f"{SUBMISSION}, line 2", "a cell is longer than 10,000 characters")


UNSEEN = {"bell": "\a", "escape": "\x1b", "null": "\0", "next line": "\x85", "turned": "\u202e", "no width": "\u200b"}


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

    @pytest.mark.parametrize("written", [r"\e", r"\0", r"\u202E", r"\x07", r"\U0000200B", r"\N"])
    def test_written_with_a_backslash(self, project, plain, written):
        line = project.edit(SITE, CONTEXT, f'context: "A{written}b"')
        plain(_said(project), f"{SITE}, line {line}", "cannot be seen")

    @pytest.mark.parametrize("character", UNSEEN.values(), ids=UNSEEN)
    def test_in_a_table(self, project, plain, character):
        project.submit(f"org_code,period,measure,numerator\nRA3,2017-01,x,3{character}\n")
        said = plain(_said(project), f"{SUBMISSION}, line 2", "cannot be seen")
        assert character not in said


class TestNumbersAndWords:
    @pytest.mark.parametrize("value", [".inf", "-.inf", ".nan", "1.0e+400", "inf", "nan", "'Infinity'", "9" * 5_000])
    def test_a_number_that_is_none(self, project, plain, value):
        project.edit("data/measures.yml", "    value: 5\n", f"    value: {value}\n")
        plain(_said(project), "data/measures.yml", "value")

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

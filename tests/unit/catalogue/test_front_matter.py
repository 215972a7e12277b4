"""Fields and words of a learning item in one file: whatever is in it, a value or a sentence comes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.catalogue.files.plain_text import UNSEEN
from evalkit.catalogue.files.yaml_lines import read_front_matter
from tests.unit.conftest import ITEM, WESTON_ITEM, only


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("", 0, ("is empty", "fill it in, or delete it")),
        ("Only words.\n", 1, ("has no fields at its top", "begin with a line ---")),
        ("\n" + WESTON_ITEM, 1, ("has no fields at its top", "begin with a line ---")),
        (WESTON_ITEM.replace("\n---\n", "\n"), 1, ("not closed", "another line ---")),
        (WESTON_ITEM.replace("\n---\n", "\n ---\n"), 1, ("not closed", "another line ---")),
        ("---\n---\nWords.\n", 0, ("holds nothing", "fill it in, or delete it")),
        ("---\n# nothing yet\n---\nWords.\n", 0, ("holds nothing", "fill it in, or delete it")),
        ("---\nnull\n---\nWords.\n", 0, ("holds nothing", "fill it in, or delete it")),
        ("---\n- a\n- b\n---\nWords.\n", 2, ("`field: value`",)),
        ("---\nwords\n---\nWords.\n", 2, ("`field: value`",)),
        ("---\nid: [a\n---\nWords.\n", 3, ("not valid YAML", "']'", "check the")),
        ("---\nid: a\nb: &b [*b]\n---\nWords.\n", 3, ("`b.0` holds itself", "write the value out")),
        (WESTON_ITEM.replace("Not enough", "Trop peu de médecins").encode("latin-1"), 4, ("is not UTF-8", "encoding UTF-8")),
        (WESTON_ITEM.encode("utf-16"), 1, ("is not UTF-8", "encoding UTF-8")),
        (WESTON_ITEM.replace("Not enough", "Not\x07enough"), 4, ("cannot be seen (U+0007)",)),
    ],
)  # fmt: skip
def test_a_file_that_is_no_item(project, plain, content, line, said):
    project.write(ITEM, content)
    problem = only([problem for problem in project.problems() if problem.file == ITEM])
    assert problem.line == line, str(problem)
    plain(str(problem), ITEM, *said)


def test_an_item_that_ends_with_its_fields_has_no_words(project, plain):
    project.write(ITEM, WESTON_ITEM[: WESTON_ITEM.rindex("---") + 3])
    problem = only([problem for problem in project.problems() if problem.file == ITEM])
    plain(str(problem), ITEM, "`body` is empty", "below the second ---")


@pytest.mark.parametrize(
    "name", ["note.txt", "weston-doctors.md.txt", "weston.markdown", "deep/weston.md", "weston.yml"]
)
def test_a_file_that_no_page_would_show_is_worth_a_look(project, plain, name):
    project.write(f"data/learning/{name}", WESTON_ITEM)
    assert project.problems() == []
    plain(str(only(project.problems("look"))), f"data/learning/{name}", "is not read", ".md")


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_change_nothing(project, plain, ends, mark):
    wanted = project.catalogue().learning
    project.write(ITEM, mark + WESTON_ITEM.replace("\n", ends))
    assert project.problems() == []
    assert project.catalogue().learning == wanted
    project.edit(ITEM, "stage: start", "stage: started")
    problem = only(project.problems())
    plain(str(problem), f"{ITEM}, line 8: ", "`stage`")


WRITTEN = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=20)
LINES = WRITTEN.map(lambda text: UNSEEN.sub("", text)) | st.sampled_from(
    ["---", "--- ", "----", "...", "```", "# A heading", "id: another", "\ttab", "- a", "> said", "\u2028"]
)


class TestFrontMatter:
    """Fields and words are told apart by the first two lines of ``---`` and by nothing else."""

    @given(body=st.lists(LINES, max_size=6).map("\n".join))
    def test_any_body_survives(self, tmp_path_factory, body):
        path = tmp_path_factory.getbasetemp() / "body.md"
        path.write_bytes(f"---\nid: one\nsays: |\n  Two\n\n  ---\n  lines\n---\n{body}".encode())
        value, lines, problems = read_front_matter(path, "body.md")
        assert problems == []
        assert value == {"id": "one", "says": "Two\n\n---\nlines\n", "body": body.strip()}
        assert lines.line_of(("body",)) == 9

    @given(
        words=st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1)
        .filter(str.strip)
        .filter(lambda words: not UNSEEN.search(words))
    )
    def test_any_words_in_quotes_survive(self, tmp_path_factory, words):
        path = tmp_path_factory.getbasetemp() / "words.md"
        quoted = words.replace("'", "''")
        path.write_bytes(f"---\nid: one\ntitle: '{quoted}'\n---\nBody".encode())
        value, _, problems = read_front_matter(path, "words.md")
        assert problems == []
        assert value["body"] == "Body"
        # YAML folds the few characters that it reads as the end of a line.
        assert value["title"].split() == words.split()

    @given(
        raw=st.binary(max_size=40) | st.lists(LINES, max_size=8).map(lambda lines: "\n".join(["---", *lines]).encode())
    )
    def test_whatever_the_bytes_a_problem_or_a_value_comes_of_them(self, tmp_path_factory, raw):
        path = tmp_path_factory.getbasetemp() / "raw.md"
        path.write_bytes(raw)
        value, _, problems = read_front_matter(path, "raw.md")
        assert (value is None) == bool(problems) or isinstance(value, dict)
        for problem in problems:
            assert "\n" not in str(problem)

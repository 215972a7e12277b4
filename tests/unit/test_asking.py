"""One way of asking: flags, a file and a person give the same answers, and what is none is refused in a sentence."""

import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from evalkit.cli.asking import Asking, Question, read_kept
from evalkit.errors import EvaluationError, InputRefused

WORDS = ("sudden", "builds", "neither")
ONE = Question("onset", "How it works", WORDS)
MANY = Question("themes", "Themes", WORDS, several=True)
ANY = st.text(st.characters(codec="utf-8"), max_size=30)


@given(ANY)
def test_an_answer_is_one_of_the_words_or_a_sentence_that_has_them_all(written):
    asking = Asking({"onset": written})
    value = asking.get(ONE)
    if value is None:
        assert len(asking.problems) == 1
        assert asking.problems[0].endswith((".", "?"))
        assert "cannot be seen" in asking.problems[0] or all(word in asking.problems[0] for word in WORDS)
        with pytest.raises(InputRefused):
            asking.refuse_what_is_wrong()
    else:
        assert value == written.strip()
        assert value in WORDS


@given(st.lists(st.sampled_from(WORDS), min_size=1), st.sampled_from([" ", ",", ", ", "  "]))
def test_several_are_read_however_they_are_separated(words, between):
    assert MANY.value(between.join(words)) == words
    assert Asking({"themes": words}).get(MANY) == words


KEPT = st.dictionaries(
    st.sampled_from(["title", "why", "org-code", "synthetic"]),
    st.text(string.printable.replace("\x0b", "").replace("\x0c", "").replace("\r", ""), min_size=1).filter(str.strip)
    | st.lists(st.text(string.ascii_letters, min_size=1), min_size=1),
)


@given(KEPT)
def test_what_is_kept_is_what_was_answered(tmp_path_factory, answers):
    file = tmp_path_factory.mktemp("kept") / "answers.yml"
    asking = Asking({}, file=file, written=dict(answers))
    asking.keep()
    if answers:
        assert read_kept(file, "answers.yml", ["title", "why", "org-code", "synthetic"]) == answers


def test_a_flag_goes_before_the_file(tmp_path):
    assert Asking({"onset": "builds"}, kept={"onset": "sudden"}).get(ONE) == "builds"
    assert Asking({}, kept={"onset": "sudden"}).get(ONE) == "sudden"


def test_a_date_in_a_file_of_answers_is_as_it_was_written(tmp_path):
    (tmp_path / "a.yml").write_text("start: 2023-01-01\norg_code: [ZZ901]\nsynthetic: true\n", encoding="utf-8")
    kept = read_kept(tmp_path / "a.yml", "a.yml", ["start", "org-code", "synthetic"])
    assert kept == {"start": "2023-01-01", "org-code": ["ZZ901"], "synthetic": True}


@pytest.mark.parametrize("character", ["\u200b", "\u202e", "\x07"])
def test_what_cannot_be_seen_is_shown(character):
    with pytest.raises(EvaluationError) as refused:
        Question("title", "Title").value(f"Ward{character} rounds")
    assert f"'Ward[U+{ord(character):04X}] rounds'" in str(refused.value)
    assert character not in str(refused.value)


def test_a_refusal_keeps_all_and_says_where(tmp_path):
    asking = Asking({"title": "A", "onset": "up"}, file=tmp_path / "a.yml")

    def make() -> None:
        asking.get(Question("title", "Title"))
        asking.get(ONE)
        asking.refuse_what_is_wrong()

    with pytest.raises(InputRefused) as refused:
        asking.settle(make)
    assert "--answers" in refused.value.__notes__[0]
    assert yaml.safe_load((tmp_path / "a.yml").read_text(encoding="utf-8")) == {"title": "A", "onset": "up"}

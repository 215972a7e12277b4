"""One entry more in a file that people keep: it is there, and every other sign is as it was."""

from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from evalkit.catalogue.files.yaml_edit import with_entry, with_field
from evalkit.errors import EvaluationError
from tests.conftest import ROOT

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=20)
ENTRIES = st.dictionaries(
    st.from_regex("[a-z]{1,8}", fullmatch=True),
    WORDS | st.booleans() | st.lists(WORDS, max_size=3),
    min_size=1,
    max_size=4,
)
REMARKS = st.sampled_from(["", "\n", "# Somebody's remark.\n", "    # Of this one.\n", "\n# Of what follows.\n\n"])
SHAPES = (
    "- {id: a}\n",
    "  - id: b\n    why: >-\n      Long words\n\n      # that go on.\n",
    "- id: c # remark\n  list:\n  - x\n  - y\n",
    '  - "quoted: text"\n',
    "- |\n  As it\n  stands.\n",
)


@st.composite
def documents(draw) -> tuple[str, list[str]]:
    """A document with the list `items`, and its lines."""
    shape = draw(st.sampled_from(SHAPES))
    items = "".join(shape + draw(REMARKS) for _ in range(draw(st.integers(1, 3))))
    text = f"{draw(REMARKS)}first: 1\nitems:{draw(st.sampled_from(['', ' # what there is']))}\n{items}"
    if draw(st.booleans()):
        text += f"{draw(REMARKS)}last: {{a: [1, 2]}}\n"
    text = text if draw(st.booleans()) else text.rstrip("\n")
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))), text.split("\n")


def is_kept(lines: list[str], changed: str) -> bool:
    """Whether all lines are still there, in their order."""
    there: Iterator[str] = iter(changed.replace("\r\n", "\n").split("\n"))
    return all(line in there for line in lines)


@given(documents(), ENTRIES)
def test_an_entry_is_added_and_every_line_kept(document, entry):
    text, lines = document
    before = yaml.safe_load(text + "\n")  # every line has an end now
    changed = with_entry(text, ("items",), entry, "a.yml")
    after = yaml.safe_load(changed)
    assert after["items"] == [*before["items"], yaml.safe_load(yaml.safe_dump(entry))]
    assert {**after, "items": before["items"]} == before
    assert is_kept(lines, changed)
    assert ("\r\n" in text) <= ("\n" not in changed.replace("\r\n", ""))


@pytest.mark.parametrize(
    ("written", "becomes"),
    [("a: [x, y] # both\n", "a: [x, y, z] # both\n"), ("a: []\n", "a: [z]\n"), ("a: [\n  x,\n]\n", "a: [\n  x, z]\n")],
)
def test_a_list_in_brackets_stays_one(written, becomes):
    assert yaml.safe_load(with_entry(written, ("a",), "z", "a.yml")) == yaml.safe_load(becomes)
    assert "# both" in with_entry("a: [x, y] # both\n", ("a",), "z", "a.yml")


@pytest.mark.parametrize("written", ["a: 1\n", "b: []\n", "a:\n  b: 1\n", "c: &all [x]\na: *all\n"])
def test_where_there_is_no_list_of_its_own_nothing_is_guessed(written):
    with pytest.raises(EvaluationError, match="by hand"):
        with_entry(written, ("a",), "z", "a.yml")


def test_a_field_takes_the_place_of_another():
    text = "p:\n  a: 1\n  # Why none.\n  b: >-\n    Long\n    words.\n\n  c: 2 # two\n"
    changed = with_field(text, ("p",), "b", {"d": {"e": [1]}}, "a.yml")
    assert yaml.safe_load(changed) == {"p": {"a": 1, "c": 2, "d": {"e": [1]}}}
    assert is_kept(["p:", "  a: 1", "  # Why none.", "", "  c: 2 # two"], changed)


@pytest.mark.parametrize("path", sorted((ROOT / "data" / "evaluations").glob("*.yml")), ids=lambda path: path.stem)
def test_in_every_evaluation_of_the_book_an_analysis_can_be_added(path):
    text = path.read_text(encoding="utf-8")
    changed = with_entry(text, ("analyses",), {"id": "one-more", "parameters": {"site": ["a", "b"]}}, path.name)
    assert is_kept(text.splitlines(), changed)

"""What is kept is read as it was written, or not at all; and why something has to be made again."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.memory import Again, Entry, Memory

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
mappings = st.dictionaries(st.text(), values, max_size=4)


def as_kept(value):
    return json.loads(json.dumps(value))


@pytest.fixture(scope="module")
def memory(tmp_path_factory) -> Memory:
    return Memory(tmp_path_factory.mktemp("memory"))


@pytest.fixture
def project(tmp_path):
    """A folder with one file made, remembered."""
    memory = Memory.of_project(tmp_path, "things")
    (tmp_path / "made.txt").write_text("as it was left", encoding="utf-8")
    memory.remember("a/thing", {"rows": "one", "code": {"module": "x"}}, {"word": "rose"}, ["made.txt"])
    return tmp_path, memory


@given(mappings, values)
def test_what_is_kept_is_read_again(memory, depends, content):
    memory.remember("any", depends, content)
    assert isinstance(memory.look("any", depends), Entry)
    entry = memory.recall("any", as_kept(depends))
    assert (entry.depends, entry.content) == (as_kept(depends), as_kept(content))


@given(mappings, mappings)
def test_it_is_made_again_where_a_part_is_another_gone_or_new(memory, before, now):
    memory.remember("parts", before)
    differing = {
        part for part in {*before, *now}
        if part not in before or part not in now or as_kept(before[part]) != as_kept(now[part])
    }  # fmt: skip
    found = memory.look("parts", now)
    assert (set(found.parts) if isinstance(found, Again) else set()) == differing
    assert (memory.recall("parts", now) is None) == bool(differing)


@given(st.binary(max_size=60))
def test_whatever_stands_there_is_nothing_and_no_error(memory, raw):
    memory.remember("spoilt", {})
    path = memory._path("spoilt")
    path.write_bytes(raw)
    assert memory.entry("spoilt") is None
    assert memory.look("spoilt", {}) == Again("damaged")


@given(st.data())
def test_a_byte_that_was_changed_makes_nothing_of_it(memory, data):
    memory.remember("byte", {"rows": "one"}, {"word": "improved"})
    path = memory._path("byte")
    raw = path.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    path.write_bytes(raw[:at] + bytes([raw[at] ^ data.draw(st.integers(1, 255))]) + raw[at + 1 :])
    assert memory.entry("byte") is None


def test_brackets_without_end_are_nothing(memory):
    memory.remember("deep", {})
    memory._path("deep").write_text("[" * 100_000, encoding="utf-8")
    assert memory.entry("deep") is None


def test_nothing_is_nothing(memory):
    assert memory.look("none", {}) == Again("never")


def test_what_stands_as_it_was_left_is_recalled(project):
    _, memory = project
    assert memory.recall("a/thing", {"code": {"module": "x"}, "rows": "one"}).content == {"word": "rose"}
    again = memory.look("a/thing", {"rows": "two", "code": {"module": "x"}})
    assert (again.why, again.parts, again.before.content) == ("changed", ("rows",), {"word": "rose"})


def _same_time(path, text):
    stat = path.stat()
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_text("", encoding="utf-8"),
        lambda path: _same_time(path, "as it was lost"),
    ],
    ids=["gone", "emptied", "another of the same size and time"],
)
def test_what_was_made_and_is_not_as_it_was_left_is_made_again(project, harm):
    root, memory = project
    harm(root / "made.txt")
    assert memory.look("a/thing", {"rows": "one", "code": {"module": "x"}}) == Again("damaged")
    assert memory.entry("a/thing").content == {"word": "rose"}, "what is kept of it is whole"


def test_a_copy_with_other_times_is_whole(project):
    root, memory = project
    text = (root / "made.txt").read_text(encoding="utf-8")
    (root / "made.txt").unlink()
    (root / "made.txt").write_text(text, encoding="utf-8")
    assert memory.recall("a/thing", {"rows": "one", "code": {"module": "x"}}) is not None


def test_all_but_those_named_are_forgotten(project):
    root, memory = project
    memory.remember("another", {})
    memory.forget_all_but(["another"])
    assert memory.entry("a/thing") is None
    assert [name for name, _ in memory.entries()] == ["another"]
    memory.forget("another")
    assert list(memory.entries()) == []
    assert list((root / "_build" / "memory" / "things").iterdir()) == []

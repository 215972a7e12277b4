"""What is kept is read as it was written, or not at all."""

import json

from hypothesis import given
from hypothesis import strategies as st

from evalkit.runs.kept_json import read_kept, write_kept

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
contents = st.dictionaries(st.text(), values, max_size=4)


@given(contents)
def test_what_is_kept_is_read_again(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "kept.json"
    write_kept(path, content)
    assert read_kept(path) == json.loads(json.dumps(content))


@given(contents, st.data())
def test_a_value_that_was_changed_makes_nothing_of_it(tmp_path_factory, content, data):
    path = tmp_path_factory.getbasetemp() / "changed.json"
    write_kept(path, {"word": "improved", **content})
    kept = json.loads(path.read_text(encoding="utf-8"))
    changed = data.draw(values.filter(lambda value: json.dumps(value) != json.dumps(kept["word"])))
    path.write_text(json.dumps({**kept, "word": changed}), encoding="utf-8")
    assert read_kept(path) == {}


@given(st.binary(max_size=40))
def test_whatever_stands_there_is_read_without_an_error(tmp_path_factory, raw):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(raw)
    assert read_kept(path) == {}


def test_nothing_is_nothing(tmp_path):
    assert read_kept(tmp_path / "none.json") == {}


def test_brackets_without_end_are_nothing(tmp_path):
    path = tmp_path / "deep.json"
    path.write_text("[" * 100_000, encoding="utf-8")
    assert read_kept(path) == {}

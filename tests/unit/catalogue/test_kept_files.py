"""What is kept of records between commands is what their files hold."""

import pytest

from evalkit.catalogue.files.kept_files import KeptFiles
from evalkit.catalogue.files.yaml_lines import read_front_matter, read_lines
from tests.unit.conftest import EVALUATION, ITEM, SITE


def _not_asked(path, shown):
    raise AssertionError(f"{shown} is read")


@pytest.fixture
def keep(project):
    """Read a file in a command that remembers it; what it gives."""

    def read_and_keep(name, reader=read_lines):
        files = KeptFiles(project.root)
        read = files.read(reader, name)
        files.remember()
        return read

    return read_and_keep


@pytest.mark.parametrize(
    ("name", "reader"),
    [(EVALUATION, read_lines), (SITE, read_lines), ("data/datapackage.json", read_lines), (ITEM, read_front_matter)],
)
def test_a_file_is_read_once(project, keep, name, reader):
    value, lines, problems = keep(name, reader)
    assert problems == []
    kept, _, problems = KeptFiles(project.root).read(_not_asked, name)
    assert repr(kept) == repr(value)
    assert problems == []
    again = KeptFiles(project.root).read(reader, name)[1]
    last = list(value)[-1]
    assert again.line_of((last,)) == lines.line_of((last,)) > 1


@pytest.mark.parametrize(
    "text",
    [
        "id: [2026-01-02, 2026-01-02 03:04:05, true, 1, 1.0, null, '1']",
        "id: {1: a, 2026-01-02: b, true: c}",
        'id: {"!date": "2026-01-02"}',
        "id: .nan",
    ],
    ids=["kinds of values", "kinds of keys", "like a date that is kept", "no number"],
)
def test_values_are_of_the_kind_that_was_written(project, keep, text):
    (project.root / SITE).write_text(text, encoding="utf-8")
    value = keep(SITE)[0]
    assert repr(keep(SITE)[0]) == repr(value)


def test_a_file_that_has_changed_is_read_again(project, keep):
    keep(SITE)
    project.edit(SITE, "id: weston", "id: another")
    assert keep(SITE)[0]["id"] == "another"


def test_a_file_at_fault_is_not_kept(project, keep):
    project.edit(SITE, "id: weston", "id: weston\nid: weston")
    assert [problem.line for problem in keep(SITE)[2]] == [problem.line for problem in keep(SITE)[2]] != []

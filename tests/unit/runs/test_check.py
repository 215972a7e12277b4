"""A check with nothing changed since the last says what that said, without reading a record."""

import pytest

from evalkit.errors import InputRefused
from evalkit.runs.planning import check_project
from tests.unit.conftest import EVALUATION


def test_the_same_again(project, monkeypatch):
    (project.root / "data" / "sites" / "notes.txt").write_text("read by nobody")
    first = check_project.check(project.root)
    assert first.counts["evaluations"] == first.counts["sites"] == 1
    assert len(first.look) == 1
    monkeypatch.setattr(check_project, "check_project", None)
    assert check_project.check(project.root) == first


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / EVALUATION).write_text("title: ["),
        lambda root: (root / "data" / "sites" / "link.yml").symlink_to(root),
        lambda root: (root / "results").symlink_to(root),
        lambda root: (root / "book" / "page.md").write_text("---\nsettings: that compute\n---\n# A page\n"),
    ],
    ids=["record", "link among the records", "link elsewhere", "page"],
)
def test_what_has_become_wrong_since_is_told(project, change):
    check_project.check(project.root)
    change(project.root)
    for _ in range(2):
        with pytest.raises(InputRefused):
            check_project.check(project.root)

"""A site that became part of another organisation says when, by which source, and names one that is known."""

import pytest

from tests.unit.conftest import SITE, only

SOURCE = '"Weston General\'s A&E department closes overnight (BBC News, 4 July 2017)"'
LINES = "part_of:\n  org_code: {code}\n  since: {since}\n  source: {source}\nsources:\n"


def _write(project, code="RA7", since="2020-04-01", source=SOURCE) -> None:
    project.edit(SITE, "sources:\n", LINES.format(code=code, since=since, source=source))


def test_it_is_read(project):
    _write(project)
    assert project.problems() == []
    assert project.catalogue().sites["weston"].part_of.org_code == "RA7"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"code": "RZZ"}, "`org_code` names `RZZ`, which is not a provider code in data/organisations.csv"),
        ({"source": "Somebody said so"}, "is the title of none of `sources`: copy the title, or add the source"),
        ({"since": "last spring"}, "`part_of.since` is text of 11 characters, which is not a date"),
    ],
)
def test_what_is_wrong_with_it_is_told_with_file_and_remedy(project, wrong, said):
    _write(project, **wrong)
    problem = only(project.problems())
    assert (problem.file, said in problem.what) == (SITE, True), problem

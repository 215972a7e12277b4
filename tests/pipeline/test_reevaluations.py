"""Which evaluations could be looked at again: their newest figures bear a time after the change that no result tells of."""

import shutil

import pytest
from bs4 import BeautifulSoup

from evalkit.book.page_writer import Pages
from evalkit.book.pages.reevaluations import LookShown, ReevaluationsPage
from evalkit.plain_frames import frame_to_dict
from evalkit.runs.execution.jobs import Executed
from evalkit.runs.planning.check_project import check_project
from evalkit.runs.reevaluations import Look, looks, reevaluations
from evalkit.runs.state.outcomes import keep
from tests.support.small_project import SmallProject, small_project
from tests.unit.test_lasted import table

NONE = (None, None, None, None)
TOLD, NOT_YET = ((3, -5.0, 2.0, 0.0, 0.0), (6, -5.0, 2.0, 0.0, 1.0)), (3, *NONE)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> SmallProject:
    return small_project(tmp_path_factory.mktemp("again") / "programme", 1, comparators=2)


@pytest.fixture
def project(made, tmp_path) -> SmallProject:
    shutil.copytree(made.root, tmp_path / "programme")
    return SmallProject(tmp_path / "programme")


def looked_at(project: SmallProject, *rows: tuple, ends: dict[int, str], reason: str | dict[int, str] = "too short"):
    """What could be looked at again where a result has these rows, whose windows end in these months."""
    catalogue, plans, _ = check_project(project.root)
    lasting = table(*rows)
    lasting["to_period"] = lasting["horizon"].map(ends)
    reasons = lasting["horizon"].map(reason) if isinstance(reason, dict) else reason
    lasting.loc[lasting["estimate"].isna(), "reason"] = reasons
    keep(
        project.root,
        plans[0],
        Executed(plans[0].id, 0.0, notebook="{}", effect={"tables": {"lasting": frame_to_dict(lasting)}}),
    )
    return reevaluations(project.root, catalogue, plans)


def newest(project: SmallProject) -> str:
    lines = (project.root / "data" / "tables" / "synthetic_programme.csv").read_text(encoding="utf-8").splitlines()
    return max(line.split(",")[1] for line in lines[1:])


def test_a_time_that_the_figures_pass_and_no_result_tells_of_is_named_with_the_looks(project):
    rows = (*TOLD, (12, *NONE), (24, *NONE))
    (found,) = looked_at(project, *rows, ends={3: "2012-03", 6: "2012-06", 12: newest(project), 24: "2099-01"})
    assert found.horizons == (12,)
    assert (found.looks, found.planned, found.newest) == (2, 4, newest(project))
    assert found.why == (
        f"to be looked at again: figures to {newest(project)} bear 12 months after the change (2 of 4 looks are recorded)"
    )
    said = project.evalkit("due")
    assert f"{found.evaluation}: {found.why}\n" in said.out
    assert "1 evaluation to be looked at again." in said.err


def test_figures_that_end_before_it_bear_nothing(project):
    assert looked_at(project, *TOLD, (12, *NONE), ends={3: "2012-03", 6: "2012-06", 12: "2099-01"}) == []


def test_what_all_looks_tell_of_is_done(project):
    assert looked_at(project, *TOLD, ends={3: "2012-03", 6: "2012-06"}) == []


@pytest.mark.parametrize("reason", ["ended", "no figures", "too few points", "not estimable"])
def test_a_figure_that_another_reason_prevents_is_not_asked_for_again(project, reason):
    assert looked_at(project, *TOLD, (12, *NONE), ends={3: "2012-03", 6: "2012-06", 12: "2012-12"}, reason=reason) == []


def test_what_had_ended_before_one_look_is_over_at_the_next(project):
    ends = {3: "2012-03", 6: "2012-06", 12: "2012-12", 24: newest(project)}
    assert looked_at(project, *TOLD, (12, *NONE), (24, *NONE), ends=ends, reason={12: "ended", 24: "too short"}) == []
    catalogue, plans, _ = check_project(project.root)
    assert [one.state for one in looks(project.root, catalogue, plans)] == ["told", "told", "closed", "closed"]


def test_without_a_result_nothing_is_said(project):
    catalogue, plans, _ = check_project(project.root)
    assert reevaluations(project.root, catalogue, plans) == []


def test_every_look_says_what_it_needs_and_what_there_is(project):
    rows = (*TOLD, (12, *NONE), (24, *NONE))
    (found,) = looked_at(project, *rows, ends={3: "2012-03", 6: "2012-06", 12: newest(project), 24: "2099-01"})
    catalogue, plans, _ = check_project(project.root)
    every = looks(project.root, catalogue, plans)
    assert [(one.months, one.state, one.needed) for one in every] == [
        (3, "told", "2012-03"), (6, "told", "2012-06"), (12, "due", newest(project)), (24, "waiting", "2099-01"),
    ]  # fmt: skip
    assert tuple(one.months for one in every if one.state == "due") == found.horizons
    assert [one.there for one in every][2:] == [every[0].places, 0]


def test_the_page_tells_what_is_due_and_what_waits(project):
    catalogue, _, _ = check_project(project.root)
    due = Look("one", 12, "2025-05", "2025-06", False, "due", 2, 3)
    waits = Look("one", 24, "2026-05", "2025-06", False, "waiting", 0, 3)
    folder = project.root / "book" / "generated"
    pages = Pages(folder, catalogue)
    pages.put(
        "reevaluations",
        ReevaluationsPage(
            [LookShown("A <b>title</b>", False, due, "")],
            [LookShown("A <b>title</b>", False, due, "the unit <i>moved</i>")],
            [LookShown("A <b>title</b>", False, waits, "")],
            2,
            1,
            6,
        ),
    )
    page = BeautifulSoup((folder / "reevaluations.html").read_text(encoding="utf-8"), "html.parser")
    assert "Of 6 looks 2 have a figure." in page.get_text()
    assert "1 waits for figures; 1 cannot be made." in page.get_text()
    rows = [[cell.get_text().strip() for cell in row.find_all(["th", "td"])] for row in page.select("tbody tr")]
    assert rows == [
        ["A <b>title</b>", "12", "May 2025", "June 2025", "figures of 2 of 3 places"],
        ["A <b>title</b>", "12", "May 2025", "June 2025", "figures of 2 of 3 places", "the unit <i>moved</i>"],
        ["A <b>title</b>", "24", "May 2026", "June 2025", "no figures so far"],
    ]
    assert page.select_one("tbody a")["href"] == "evaluations/one/index.html#has-it-lasted"
    pages.put("reevaluations", ReevaluationsPage([], [], [], 0, 0, 0))
    assert "There is none yet" in (folder / "reevaluations.html").read_text(encoding="utf-8")

"""What makes an analysis due, in words; and that nothing else does."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import evalkit
from evalkit.errors import EvaluationError
from evalkit.intake.row_hashes import marks_of
from evalkit.memory import MEMORY
from evalkit.runs.due import due, why_due
from evalkit.runs.execution.jobs import Executed
from evalkit.runs.planning.check_project import check_project
from evalkit.runs.planning.plan import Plan, chosen
from evalkit.runs.state.outcomes import keep
from tests.support.small_project import MEASURE, SmallProject, small_project

USED = {1: ["ZZC001"], 2: ["ZZC001", "ZZC002"], 3: ["ZZC002"]}  # ZZC003 is in the table, and in no analysis
PACKAGE = Path(evalkit.__file__).parent


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> SmallProject:
    project = small_project(tmp_path_factory.mktemp("due") / "programme", 3, comparators=3)
    for number, codes in USED.items():
        project.let(number, comparators=codes)
    for plan in plans_of(project):
        keep(project.root, plan, Executed(plan.id, 0.0, notebook="{}", effect={}))
    return project


@pytest.fixture
def project(made, tmp_path) -> SmallProject:
    """Three sites, every analysis as if just run."""
    shutil.copytree(made.root, tmp_path / "programme")
    return SmallProject(tmp_path / "programme")


def plans_of(project: SmallProject) -> list[Plan]:
    return check_project(project.root)[1]


def reasons(project: SmallProject) -> dict[int, str]:
    """Why each analysis is due, by number of its site."""
    numbers = {project.id(number): number for number in USED}
    return {numbers[pending.plan.id]: pending.why for pending in due(project.root, plans_of(project))}


def edit_numerator(code: str, period: str = "2013-05") -> Callable[[list[str]], list[str]]:
    """One month of one organisation with nine people more."""

    def change(lines: list[str]) -> list[str]:
        changed = [re.sub(rf"^({code},{period},[^,]+,)(\d)", r"\g<1>9\2", line) for line in lines]
        assert changed != lines
        return changed

    return change


def test_nothing_is_due_after_a_run(project):
    assert reasons(project) == {}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ZZ001", {1: "1 month changed in {site}"}),
        ("ZZC001", {1: "1 month changed in comparator ZZC001", 2: "1 month changed in comparator ZZC001"}),
        ("ZZC002", {2: "1 month changed in comparator ZZC002", 3: "1 month changed in comparator ZZC002"}),
        ("ZZC003", {}),
    ],
)
def test_a_changed_month_makes_due_what_uses_it_and_nothing_else(project, code, expected):
    project.rewrite(edit_numerator(code))
    site = plans_of(project)[0].parameters["site"]
    assert reasons(project) == {number: why.format(site=site) for number, why in expected.items()}


def test_what_became_of_a_code_makes_due_what_is_put_together_by_it(project):
    path = project.root / "data" / "successors.csv"
    before, lines = (
        "code,successor,from,kind,source\n",
        "ZZC001,ZZC001,2013-05,merged,{}\nZZC003,ZZC001,2013-05,merged,{}\n",
    )
    project.rewrite(
        lambda rows: [row for row in rows if not (row.startswith("ZZC003") and row.split(",")[1] >= "2013-05")]
    )
    path.write_text(before + "ZZC003,,2013-05,withdrawn,\n", encoding="utf-8")
    assert reasons(project) == {}
    path.write_text(before + lines.format("told in March", "told in March"), encoding="utf-8")
    for number, why in reasons(project).items():
        assert (
            "months changed in comparator ZZC001; data/successors.csv says something else of ZZC001 and ZZC003" in why
        )
        assert number in (1, 2)
    for plan in plans_of(project):
        keep(project.root, plan, Executed(plan.id, 0.0, notebook="{}", effect={}))
    assert reasons(project) == {}
    path.write_text(before + lines.format("told in May", "told in May"), encoding="utf-8")
    why = "data/successors.csv says something else of ZZC001 and ZZC003"
    assert reasons(project) == {1: why, 2: why}
    (look,) = {problem.what for problem in check_project(project.root)[2] if "added up" in problem.what}
    assert "ZZC001 and ZZC003 before May 2013 are added up: they merged into ZZC001 (told in May)." in look


def test_new_months_are_counted(project):
    site = next(plan.parameters["site"] for plan in plans_of(project) if plan.id == project.id(1))
    new = [f"{code},2014-0{month},{MEASURE},500,,synthetic" for code in ("ZZ001", "ZZC001") for month in (7, 8, 9)]
    project.rewrite(lambda lines: [*lines, *new])
    assert reasons(project) == {1: f"3 new months in {site}; 3 new months in comparator ZZC001"}


def test_months_taken_out_are_counted(project):
    site = next(plan.parameters["site"] for plan in plans_of(project) if plan.id == project.id(1))
    project.rewrite(lambda lines: [line for line in lines if not line.startswith(("ZZ001,2014-05", "ZZ001,2014-06"))])
    assert reasons(project) == {1: f"2 months gone in {site}; 2 months gone in comparator ZZC001"}


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[::-1],
        lambda lines: sorted(lines, key=lambda line: line.split(",")[1]),
        lambda lines: [*lines, *(f"ZZC003,2014-0{month},{MEASURE},7,,synthetic" for month in (7, 8))],
        lambda lines: [line for line in lines if not line.startswith("ZZC003,2014-06")],
        lambda lines: [line.replace(",synthetic", ",invented") for line in lines],
    ],
    ids=["turned round", "by month", "rows that no analysis uses", "such a row gone", "another note"],
)
def test_another_file_with_the_same_rows_makes_nothing_due(project, change):
    path = project.root / "data" / "tables" / "synthetic_programme.csv"
    before = path.read_bytes()
    project.rewrite(change)
    assert path.read_bytes() != before
    assert reasons(project) == {}


def test_a_parameter_is_named(project):
    project.let(2, does="pass")
    assert reasons(project) == {2: "parameters changed: does"}


def test_a_comparator_more_is_named(project):
    project.let(1, comparators=["ZZC001", "ZZC003"])
    assert reasons(project) == {1: "ZZC003 added; parameters changed: comparators"}


def test_the_template_counts_by_its_cells_and_not_by_its_outputs(project):
    path = project.root / "book" / "notebooks" / "tiny.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="seen")]
    notebook.metadata["title"] = "another"
    nbformat.write(notebook, path)
    assert reasons(project) == {}
    notebook.cells[0].source += " indeed"
    nbformat.write(notebook, path)
    assert reasons(project) == dict.fromkeys(USED, "template tiny changed")


def test_measure_names_and_lock_are_told_apart(project):
    project.edit("data/measures.yml", lambda text: text.replace("unit: discharges", "unit: people"))
    assert reasons(project) == dict.fromkeys(USED, f"measure {MEASURE} changed")
    project.edit("data/measures.yml", lambda text: text.replace("unit: people", "unit: discharges"))
    project.edit("data/organisations.csv", lambda text: text.replace("Unchanged hospital 002", "Still hospital 002"))
    assert reasons(project) == dict.fromkeys((2, 3), "a site or organisation has another name")
    (project.root / "requirements.lock").write_text("pandas==3.0.0\n", encoding="utf-8")
    assert reasons(project)[1] == "requirements.lock changed"
    assert reasons(project)[2] == "a site or organisation has another name; requirements.lock changed"


def test_a_library_and_the_kernel_are_told(project, monkeypatch):
    from evalkit.runs.planning import plan

    real = plan.environment

    def moved(root: Path) -> dict:
        environment = real(root)
        return {**environment, "libraries": {**environment["libraries"], "statsmodels": "99.1"}}

    monkeypatch.setattr(plan, "environment", moved)
    assert reasons(project) == dict.fromkeys(USED, "statsmodels is now 99.1")
    monkeypatch.setattr(plan, "environment", real)
    monkeypatch.setattr(plan.platform, "python_version_tuple", lambda: ("3", "99", "0"))
    assert reasons(project) == dict.fromkeys(USED, "the kernel is now Python 3.99")


def test_failed_damaged_and_never_run(project):
    first, second, third = (
        next(plan for plan in plans_of(project) if plan.id == project.id(number)) for number in USED
    )
    keep(project.root, first, Executed(first.id, 0.0, failure="It stopped."))
    (project.root / "_build" / "runs" / second.id).with_suffix(".ipynb").write_text("{", encoding="utf-8")
    (project.root / MEMORY / "runs" / f"{third.id}.kept").unlink()
    assert reasons(project) == {1: "its last run failed", 2: "what it gave was damaged", 3: "never run"}


BROKEN = ("", "{", "[]", "null", '"key"', "{}", '{"key": 7}', "\x00\xff" * 9)


@pytest.mark.parametrize("content", BROKEN)
def test_a_state_that_cannot_be_read_is_run_again(project, content):
    path = project.root / MEMORY / "runs" / f"{project.id(1)}.kept"
    path.write_text(content, encoding="latin-1")
    assert set(reasons(project)) == {1}


@pytest.mark.parametrize("content", BROKEN)
def test_a_kept_check_that_cannot_be_read_is_made_again(project, content):
    paths = sorted((project.root / MEMORY / "checks").rglob("*.kept"))
    assert len(paths) == 4
    before = [path.read_bytes() for path in paths]
    for path in paths:
        path.write_text(content, encoding="latin-1")
    assert reasons(project) == {}
    assert [path.read_bytes() for path in paths] == before


def test_ids_choose_and_an_unknown_one_gets_a_hint(project):
    plans = plans_of(project)
    evaluation, _ = project.id(2).split("/")
    assert [plan.id for plan in chosen(plans, [evaluation])] == [project.id(2)]
    assert [plan.id for plan in chosen(plans, [project.id(2), evaluation])] == [project.id(2)]
    with pytest.raises(EvaluationError, match=f"did you mean .{evaluation}"):
        chosen(plans, [f"{evaluation}s"])


def _windows(total: int):
    ends = st.tuples(st.integers(0, total - 1), st.integers(0, total - 1))
    return ends.map(lambda pair: (min(pair), max(pair)))


@given(
    before=_windows(12),
    after=_windows(12),
    changed=st.fixed_dictionaries({unit: st.sets(st.integers(0, 11)) for unit in ("own", "ZZC001", "ZZC002")}),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_months_new_changed_or_gone_are_counted_exactly(made, tmp_path, before, after, changed):
    plan = next(plan for plan in plans_of_once(made) if plan.id == made.id(2))
    own = plan.parameters["site"]
    changed = {own if unit == "own" else unit: months for unit, months in changed.items()}

    def frame(window: tuple[int, int], moved: dict[str, set[int]]) -> pd.DataFrame:
        months = range(window[0], window[1] + 1)
        rows = [
            (unit, pd.Period("2012-06", "M") + month, 100 * number + month + 0.5 * (month in moved.get(unit, ())))
            for number, unit in enumerate(changed)
            for month in months
        ]
        table = pd.DataFrame(rows, columns=["unit", "period", "numerator"])
        return table.assign(denominator=float("nan"), flag="")

    def planned(window: tuple[int, int], moved: dict[str, set[int]]) -> Plan:
        rows = frame(window, moved)
        text = rows.to_csv()
        return replace(plan, marks=marks_of(rows, "month").to_dict(), depends={**plan.depends, "rows": text})

    was, now = planned(before, {}), planned(after, changed)
    keep(tmp_path, was, Executed(plan.id, 0.0, notebook="{}", effect={}))
    old, new = set(range(before[0], before[1] + 1)), set(range(after[0], after[1] + 1))
    expected = []
    for word, months in (("new", new - old), ("changed", None), ("gone", old - new)):
        for unit in sorted(changed, key=lambda unit: (unit != own, unit)):
            count = len(changed[unit] & old & new if months is None else months)
            plural = "month" if count == 1 else "months"
            where = unit if unit == own else f"comparator {unit}"
            if count:
                expected.append(f"{count} {f'new {plural}' if word == 'new' else f'{plural} {word}'} in {where}")
    assert why_due(tmp_path, now) == ("; ".join(expected) or None)


_known: dict[Path, list[Plan]] = {}


def plans_of_once(project: SmallProject) -> list[Plan]:
    return _known.setdefault(project.root, plans_of(project))


@pytest.fixture(scope="module")
def own_code(made, tmp_path_factory) -> Callable[..., list[str]]:
    """`evalkit due` with a copy of the package, of which some modules are changed; and what it says."""
    copied = tmp_path_factory.mktemp("code")
    shutil.copytree(PACKAGE, copied / "evalkit", ignore=shutil.ignore_patterns("__pycache__"))

    def ask(*modules: str) -> list[str]:
        before = {path: path.read_bytes() for path in (copied / "evalkit" / module for module in modules)}
        for path, raw in before.items():
            path.write_bytes(raw + b"\n# another\n")
        environment = {**os.environ, "PYTHONPATH": str(copied), "EVALKIT_ROOT": str(made.root)}
        command = [sys.executable, "-c", "from evalkit.cli import main; main()", "due"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=True)
        for path, raw in before.items():
            path.write_bytes(raw)
        return done.stdout.splitlines()

    return ask


def test_a_module_that_the_template_reaches_makes_it_due(made, own_code):
    named = "designs.interrupted_time_series.design, inference.autoregressive.fit"
    said = own_code("designs/interrupted_time_series/design.py", "inference/autoregressive/fit.py")
    assert sorted(said) == sorted(f"{made.id(number)}: evalkit changed: {named}" for number in USED)


def test_no_other_module_does(own_code):
    assert (
        own_code("designs/difference_in_differences/design.py", "book/build.py", "runs/engine.py", "version.py") == []
    )

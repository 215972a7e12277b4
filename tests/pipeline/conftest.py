"""A small project: no evaluation but a synthetic one that a test sets up, so that runs take seconds."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Project

MEASURE = "weekend-discharges"


def write_submission(path: Path, months: int = 40, codes: tuple[str, ...] = ("ZZ901",), skip: str = "") -> None:
    """Invented monthly discharges that fall by a tenth after 24 months, in the long form of a submission."""
    random = np.random.default_rng(7)
    rows = ["org_code,period,measure,numerator"]
    for code in codes:
        for month in range(months):
            period = f"{2021 + month // 12}-{month % 12 + 1:02d}"
            step = 0.9 if month >= 24 and code == codes[0] else 1.0
            if period != skip:
                rows.append(f"{code},{period},{MEASURE},{round(1000 * step * np.exp(random.normal(0, 0.02)))}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


NEW = (
    "new", "evaluation", "--synthetic", "--title", "Example ward rounds", "--question", "Did more people go home at weekends?",
    "--site-name", "Ashford Vale (example)", "--place", "Nowhere", "--org-code", "ZZ901", "--org-name", "ZZ901=Ashford Vale (example)",
    "--what-changed", "Consultants began to see every patient on Saturday and Sunday.", "--start", "2023-01-01",
    "--onset", "sudden", "--start-certainty", "confirmed",
    "--source-title", "Invented for tests", "--source-where", "tests/pipeline", "--measure", MEASURE,
    "--measure-name", "Weekend discharges", "--measure-unit", "discharges", "--measure-form", "count",
    "--measure-direction", "increase", "--measure-type", "outcome", "--measure-domain", "effectiveness",
    "--important-change", "5", "--expected", "increase", "--why", "Those who are ready can go.", "--area", "whole-system-flow",
    "--table", "data/tables/example.csv",
)  # fmt: skip


def _make_small(project: Project) -> None:
    for kind in ("evaluations", "sites", "learning", "pooled"):
        for path in (project.root / "data" / kind).glob("*"):
            path.unlink()
    for name in ("changes.yml", "candidates.yml", "candidate_power.csv", "independent_results.yml"):
        (project.root / "data" / name).unlink(missing_ok=True)
    # A page of each acute trust of the country is asked for in tests/book/test_partner_pages.py.
    (project.root / "data" / "control_charts.yml").unlink()
    # What a route shows first are items.
    project.edit("data/routes.yml", lambda text: re.sub(r"\n  first(_heading)?: .*", "", text))


@pytest.fixture
def small(copy_project, tmp_path) -> Project:
    """A project without evaluations, sites or anything learned."""
    project = copy_project(tmp_path)
    _make_small(project)
    return project


@pytest.fixture(scope="session")
def copy_example(once, copy_project) -> Callable[[Path], Project]:
    """Copy the small project with one synthetic evaluation, set up by the command a newcomer uses."""

    def make(folder: Path) -> None:
        project = copy_project(folder)
        _make_small(project)
        write_submission(folder / "data" / "tables" / "example.csv")
        said = project.evalkit(*NEW)
        assert said.status == 0, said.err

    def copy(target: Path) -> Project:
        shutil.copytree(once("example", make), target, dirs_exist_ok=True)
        return Project(target)

    return copy


@pytest.fixture
def example(copy_example, tmp_path) -> Project:
    return copy_example(tmp_path)


@pytest.fixture
def run_example(once, copy_example, tmp_path) -> Project:
    """The example after `evalkit run`."""

    def make(folder: Path) -> None:
        said = copy_example(folder).evalkit("run")
        assert said.status == 0, said.err

    shutil.copytree(once("run-example", make), tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)

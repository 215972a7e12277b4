"""What the workflows may do, read from their files: they cannot run here."""

import re
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tools.newest_releases import changes, requirements

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def _jobs(path: Path) -> dict[str, dict]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]


def _makefile() -> dict[str, str]:
    """The commands of every target of the Makefile."""
    rules = re.findall(r"^([\w-]+):.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return dict(rules)


def test_there_are_workflows():
    assert [path.stem for path in WORKFLOWS] == ["book", "weekly"]


@each_workflow
def test_every_action_is_pinned_by_commit_with_its_version_beside_it(path):
    used = [
        line.strip().removeprefix("- ") for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line
    ]
    assert used
    assert [line for line in used if not PINNED.fullmatch(line)] == []


@each_workflow
def test_nothing_is_allowed_but_what_a_job_asks_for(path):
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"] == {}
    for name, job in _jobs(path).items():
        expected = {"pages": "write", "id-token": "write"} if name == "deploy" else {"contents": "read"}
        assert job["permissions"] == expected, name
        assert job["timeout-minutes"] <= 120, name


@each_workflow
def test_no_checkout_leaves_its_token_behind(path):
    steps = [step for job in _jobs(path).values() for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert steps
    assert all(step["with"]["persist-credentials"] is False for step in steps)


def test_the_job_that_may_deploy_does_nothing_else_and_waits_for_all_others():
    jobs = _jobs(ROOT / ".github" / "workflows" / "book.yml")
    (step,) = jobs["deploy"]["steps"]
    assert step["uses"].startswith("actions/deploy-pages@")
    assert set(jobs["deploy"]["needs"]) == set(jobs) - {"deploy"}
    assert jobs["deploy"]["if"] == "github.event_name == 'push' && github.ref == 'refs/heads/main'"


def test_what_is_published_is_the_folder_that_the_tests_keep():
    steps = _jobs(ROOT / ".github" / "workflows" / "book.yml")["book"]["steps"]
    (tested,) = [step["env"]["EVALKIT_TESTED_BOOK"] for step in steps if "EVALKIT_TESTED_BOOK" in step.get("env", {})]
    (upload,) = [step for step in steps if "upload-pages-artifact" in step.get("uses", "")]
    assert tested == "${{ github.workspace }}/" + upload["with"]["path"]


@each_workflow
def test_jobs_run_targets_of_the_makefile(path):
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"run: make ([\w-]+)|\.ci/run ([\w-]+)|part: \[([\w, -]+)\]", text))
    targets = {target.strip() for groups in named for group in groups for target in group.split(",") if target}
    assert targets
    assert targets <= _makefile().keys()


def test_the_parts_of_the_tests_are_all_of_them():
    parts = [_makefile()[part].split() for part in ("test-unit", "test-pipeline", "test-book")]
    named = [word for words in parts for word in words if word.startswith(("tests/", "book/"))]
    folders = {f"tests/{path.parent.name}" for path in (ROOT / "tests").glob("*/test_*.py")} | {"book/notebooks"}
    assert folders <= set(named)
    for words in parts:  # what one part leaves out another names
        left_out = [words[index + 1] for index, word in enumerate(words) if word == "--ignore"]
        assert all(named.count(path) == 2 for path in left_out)


def test_newest_releases_are_asked_for_without_bounds():
    project = {
        "build-system": {"requires": ["hatchling>=1.27"]},
        "project": {
            "dependencies": ["pandas>=3.0,<4", "jupyter-book>=1.0.4,<2"],
            "optional-dependencies": {"test": ["ruff>=0.9", "dask[distributed]<3"]},
        },
        "dependency-groups": {"build": ["hatchling>=1.27"]},
    }
    assert requirements(project) == ["dask[distributed]", "hatchling", "jupyter-book>=1.0.4,<2", "pandas", "ruff"]


def test_what_is_installed_in_another_version_than_locked_is_told():
    lock = 'my-lib==1.0 \\\n    --hash=sha256:aa\nscipy==1.15 ; python_version < "3.12"\nscipy==1.17 ; python_version > "3.11"\n'
    assert changes(lock, {"My_Lib": "2.0", "scipy": "1.17", "other": "3"}) == [("my-lib", "1.0", "2.0")]

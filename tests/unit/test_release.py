"""What is released: one version and one date wherever they stand, every file that is needed, and nothing made."""

import email
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path
from sysconfig import get_path

import pytest
import yaml
from hatchling.build import build_wheel
from hatchling.builders.sdist import SdistBuilder

import evalkit
from tests.conftest import ROOT

HEADING = re.compile(r"^## (\d+\.\d+\.\d+) \((unreleased|\d{4}-\d{2}-\d{2})\)$", re.MULTILINE)
PACKAGE = ROOT / "src" / "evalkit"

# What a newcomer does with rows of their own, in a folder where there is no project.
OWN_ROWS = """
import evalkit as ek
import pandas as pd

months = pd.period_range("2021-01", periods=36, freq="M").astype(str)
visits = [1000 + 7 * (month % 5) - 100 * (month >= 24) for month in range(36)]
frame = pd.DataFrame({"month": months, "visits": visits})
effect = ek.interrupted_time_series(frame, outcome="visits", time="month", interruption="2023-01", seasonality=None)
assert -130 < effect.headline["low"] < -100 < effect.headline["high"] < -70, effect.headline
assert ek.__version__ == VERSION
ek.show(effect)
"""


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _released() -> list[str]:
    """The files of a source distribution, below the project's folder."""
    return [file.distribution_path for file in SdistBuilder(str(ROOT)).recurse_included_files()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder, here = tmp_path_factory.mktemp("wheel"), Path.cwd()
    os.chdir(ROOT)
    try:
        return folder / build_wheel(str(folder))
    finally:
        os.chdir(here)


def test_changes_and_citations_tell_the_version():
    headings = HEADING.findall((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert headings[0][0] == evalkit.__version__
    newest = next(heading for heading in headings if heading[1] != "unreleased")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    archive = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    assert (citation["version"], str(citation["date-released"])) == newest
    assert (archive["version"], archive["publication_date"]) == newest


def test_the_archive_says_what_the_citation_and_the_package_say():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    archive = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    project = _project()
    assert archive["upload_type"] == citation["type"]
    assert (archive["title"], archive["keywords"]) == (citation["title"], citation["keywords"])
    assert archive["creators"] == citation["authors"] == project["authors"]
    assert archive["license"]["id"] == citation["license"] == project["license"]
    assert archive["description"] == project["description"]


def test_the_wheel_is_the_package_and_what_describes_it(wheel):
    about = f"evalkit-{evalkit.__version__}.dist-info"
    described = {f"{about}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENCE")}
    package = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    with zipfile.ZipFile(wheel) as archive:
        assert set(archive.namelist()) == package | described
        metadata = email.message_from_bytes(archive.read(f"{about}/METADATA"))
    assert metadata["Version"] == evalkit.__version__
    always = [requirement for requirement in metadata.get_all("Requires-Dist") if "extra ==" not in requirement]
    assert len(always) == len(_project()["dependencies"])


def test_a_source_distribution_is_what_git_keeps():
    if not (ROOT / ".git").exists():
        pytest.skip("This is no clone.")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    kept = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    kept = {name for name in kept if (ROOT / name).is_file()}
    assert set(_released()) - {"PKG-INFO"} == kept


def test_a_source_distribution_has_what_the_two_commands_need_and_nothing_made():
    released = set(_released())
    needed = ("Makefile", "pyproject.toml", "requirements.lock", "_config.yml", "_toc.yml", "data/datapackage.json")
    assert released >= {*needed, "tests/conftest.py", "tests/nbval.cfg", "tools/__init__.py"}
    made = (".venv", "_build/", "results/", "book/generated/", ".pytest_cache/", "dist/")
    assert [name for name in released if name.startswith(made) or "__pycache__" in name] == []


def test_every_notebook_is_run_and_compared():
    notebooks = {name for name in _released() if name.endswith(".ipynb")}
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    folders = [folder for folder in settings["testpaths"] if any(name.startswith(f"{folder}/") for name in notebooks)]
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider", *folders]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    assert {line.partition("::")[0] for line in said.stdout.splitlines() if "::" in line} == notebooks


@pytest.mark.slow
def test_the_wheel_runs_in_an_empty_folder(wheel, tmp_path):
    """Libraries come from here; a path file names them, which leaves this checkout's own path file unread."""
    place, empty = tmp_path / "venv", tmp_path / "empty"
    venv.create(place)
    empty.mkdir()
    scripts = place / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / Path(sys.executable).name
    (site,) = place.glob("[Ll]ib/**/site-packages")
    (site / "libraries.pth").write_text(get_path("purelib"), encoding="utf-8")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*install, str(wheel)], check=True)
    environment = {name: value for name, value in os.environ.items() if name not in ("EVALKIT_ROOT", "PYTHONPATH")}

    def run(*command: str) -> subprocess.CompletedProcess:
        return subprocess.run(command, cwd=empty, env=environment, capture_output=True, text=True, encoding="utf-8")

    command = shutil.which("evalkit", path=str(scripts))
    assert run(command, "--version").stdout == f"evalkit {evalkit.__version__}\n"
    said = run(command, "check")
    assert said.returncode == 2
    assert "No evalkit project here" in said.stderr
    own_rows = run(str(python), "-c", f"VERSION = {evalkit.__version__!r}\n{OWN_ROWS}\nprint(ek.__file__)")
    assert own_rows.returncode == 0, own_rows.stderr
    assert str(site) in own_rows.stdout
    assert list(empty.iterdir()) == []

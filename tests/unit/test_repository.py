"""What the repository says of itself is so: ARCHITECTURE.md, and names that lead nowhere."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.support.made_folders import made_in_architecture

PACKAGE = Path("src", "evalkit")
MADE = ("_build", "results", "book/generated", "data/private")
# References that nobody can follow from here.
ELSEWHERE = re.compile(
    r"\bDESIGN(\.md| section| §)|\w\.md,? (section )?\d|\bissue #?\d|\b[Rr]eview of [A-Z][a-z]+ 20\d\d|\.\./shared|/work/|/home/\w"
)
FILE = re.compile(r"(?<![\w<>-])(?:[\w./-]*\w\.md|[a-z0-9_./-]+\.py)\b")
SAYS_WHICH_FILES = ("src/", "tools/", "pyproject.toml", "Makefile", "README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")


@pytest.fixture(scope="module")
def tracked(root) -> dict[str, str]:
    """The text of every tracked file that people write, by its path."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("This is no checkout: which files belong to it cannot be told.")
    others = ("data/", "book/_static/", "requirements.lock")
    texts = {}
    for name in filter(None, listed.stdout.split("\0")):
        if not name.startswith(others) and (root / name).is_file():
            texts[name] = (root / name).read_bytes().decode("utf-8", errors="ignore")
    return texts


@pytest.fixture(scope="module")
def architecture(root) -> str:
    return (root / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_no_file_refers_to_what_is_not_in_the_repository(tracked, root):
    found = {name: match[0] for name, text in tracked.items() if (match := ELSEWHERE.search(text))}
    assert set(found) <= {Path(__file__).relative_to(root).as_posix()}


@pytest.mark.parametrize(
    "words",
    ["one way (DESIGN section 3)", "about right (methods.md 3.5)", "its targets (issue 5)", "review of May 2026"],
)
def test_such_a_reference_would_be_found(words):
    assert ELSEWHERE.search(words)


def test_files_that_are_named_are_there(tracked):
    known = {Path(name).name for name in tracked}
    named = {
        f"{name}: {match[0]}"
        for name, text in tracked.items()
        if name.startswith(SAYS_WHICH_FILES)
        for match in FILE.finditer(text)
        if Path(match[0]).name not in known
    }
    assert not named


def packages(architecture: str) -> list[tuple[list[str], list[list[str]]]]:
    """Rows of the table of packages: names, and the folders in each."""
    section = architecture.partition("## What lives where")[2].partition("### ")[0]
    rows = re.findall(r"^\| (`.*?) \| (.*?) ?\|", section, flags=re.MULTILINE)
    return [
        (re.findall(r"`(\w+)`", names), [re.findall(r"`(\w+)`", folders) for folders in within.split(";")])
        for names, within in rows
    ]


def test_its_packages_are_the_layers_in_their_order(root, architecture):
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = [[name.strip().removeprefix("evalkit.") for name in layer.split("|")] for layer in contracts[0]["layers"]]
    assert [names for names, _ in packages(architecture)] == layers


def test_every_package_and_folder_is_in_its_table(root, architecture):
    said = {}
    for names, folders in packages(architecture):
        said |= dict(zip(names, folders if len(names) == len(folders) else folders * len(names), strict=True))
    there = {}
    for path in (root / PACKAGE).iterdir():
        if path.stem.startswith(("__init__", "__pycache__")) or not (path.is_dir() or path.suffix == ".py"):
            continue
        inside = path.iterdir() if path.is_dir() else ()
        there[path.stem] = sorted(one.name for one in inside if one.is_dir() and one.name != "__pycache__")
    assert said == there


def test_every_path_it_names_is_there(root, architecture):
    named = {span for span in re.findall(r"`([\w./-]+)`", architecture) if "/" in span and not span.startswith(MADE)}
    assert len(named) > 30
    assert not {span for span in named if not (root / span).exists()}


def test_it_tells_of_everything_that_code_keeps_below_build(root, architecture):
    code = "".join(path.read_text(encoding="utf-8") for path in (root / PACKAGE).rglob("*.py"))
    kept = set(re.findall(r'Path\("_build", "([^"]+)"', code))
    assert {path.removeprefix("_build/").rstrip("/") for path in made_in_architecture(root) if "_build" in path} == kept


def test_it_stays_short(architecture):
    assert len(architecture.splitlines()) <= 150

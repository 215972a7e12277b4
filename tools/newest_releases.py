"""Try the newest release of every dependency, whatever bounds ``pyproject.toml`` sets: what ``make newest`` asks.

``python tools/newest_releases.py requirements`` prints every direct dependency, one a line, without its bounds.
``python tools/newest_releases.py changes`` prints what this environment holds in another version than
``requirements.lock``, as a Markdown table.
Both need nothing but Python.
"""

import re
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Jupyter Book 2 is another program under the same name, which makes no HTML without a network: known, and no news.
BOUNDS_KEPT = {"jupyter-book"}
NAME = re.compile(r"[A-Za-z0-9._-]+(?:\[[^]]*\])?")
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def requirements(project: dict) -> list[str]:
    """Every direct dependency of a ``pyproject.toml``, of its tests and of its build, each once, without bounds."""
    written = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *(name for extra in project["project"]["optional-dependencies"].values() for name in extra),
        *(name for group in project["dependency-groups"].values() for name in group),
    ]
    names = (text if (name := NAME.findall(text)[0]) in BOUNDS_KEPT else name for text in written)
    return sorted(set(names), key=str.lower)


def changes(lock: str, installed: dict[str, str]) -> list[tuple[str, str, str]]:
    """Name, locked version and installed version of every package that is installed in a version not locked."""
    locked: dict[str, set[str]] = {}
    for name, version in LOCKED.findall(lock):
        locked.setdefault(_normal(name), set()).add(version)
    return [
        (name, ", ".join(sorted(locked[name])), version)
        for name, version in sorted((_normal(name), version) for name, version in installed.items())
        if name in locked and version not in locked[name]
    ]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(arguments: list[str]) -> int:
    """Print what is asked for; exit status 2 where it is neither of the two."""
    if arguments == ["requirements"]:
        print(*requirements(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))), sep="\n")
    elif arguments == ["changes"]:
        installed = {distribution.name: distribution.version for distribution in distributions()}
        print("| Package | Locked | Here |", "| --- | --- | --- |", sep="\n")
        for row in changes((ROOT / "requirements.lock").read_text(encoding="utf-8"), installed):
            print(f"| {' | '.join(row)} |")
    else:
        print("Say which: `requirements` or `changes`.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A synthetic programme of N sites and M months: a whole evalkit project in a folder of its own, for trials of scale.

``python -m tests.support.programme FOLDER --sites 200 --months 60`` makes it, with the same bytes each time; then
``EVALKIT_ROOT=FOLDER evalkit run``. With ``--comparators K`` every site is set against the same K invented hospitals.
"""

import argparse
import hashlib
import json
import re
import shutil
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import yaml

from evalkit.errors import EvaluationError
from tests.support import invented
from tests.support.invented import InventedPlace, InventedProgramme

ROOT = Path(__file__).parents[2]
BOOK = ("_config.yml", "_toc.yml", "book")
TEMPLATES = Path("book", "notebooks")
# Pages of the checkout that lead to one of its own evaluations, which a synthetic programme does not have.
LINK_TO_EVALUATION = re.compile(r"\[([^\]]+)\]\((?:\.\./)?generated/evaluations/[^/)]+/[^)]*\)")


def make_programme(folder: Path, sites: int, months: int, comparators: int = 0, seed: int = 0) -> None:
    """Write the project into ``folder``.

    Raises
    ------
    EvaluationError
        Where ``folder`` is not empty, or so many sites or so few months cannot be made.
    """
    programme = InventedProgramme(sites, months, comparators, seed)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise EvaluationError(f"{folder} is not an empty folder: name one that is empty or does not exist yet.")
    _copy_book(folder)
    data = folder / "data"
    for name in ("tables", "sites", "evaluations", "learning"):
        (data / name).mkdir(parents=True)
    shutil.copyfile(ROOT / "data" / "vocabularies.yml", data / "vocabularies.yml")
    _write(data / "measures.yml", _yaml(invented.measures()))
    places = [InventedPlace(number) for number in range(1, sites + 1)]
    lines = ["org_code,name", *(f"{code},{name}" for code, name in invented.organisations(programme, places))]
    _write(data / "organisations.csv", "\n".join(lines) + "\n")
    lines = [",".join(invented.SUBMISSION_COLUMNS)]
    for place in places:
        _write_records(data, programme, place)
        lines += invented.rows(programme, place.code, place.number)
    for number, code in enumerate(invented.comparator_codes(programme), start=1):
        lines += invented.rows(programme, code, number, changes=False)
    _write(data / invented.PATH, "\n".join(lines) + "\n")
    describe_table(data, invented.package(programme))


def add_site(folder: Path) -> str:
    """One more site, which is nobody's comparator, with an evaluation of its own; its id."""
    data = folder / "data"
    package = data_package(data)
    programme = InventedProgramme(**package["programme"])
    programme = replace(programme, sites=programme.sites + 1)
    place = InventedPlace(programme.sites)
    _write_records(data, programme, place)
    with (data / "organisations.csv").open("a", encoding="utf-8", newline="\n") as file:
        file.write(f"{place.code},{place.name}\n")
    with (data / invented.PATH).open("a", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(invented.rows(programme, place.code, place.number)) + "\n")
    describe_table(data, package | {"programme": asdict(programme)})
    return place.id


def change_month(folder: Path, site: str) -> str:
    """One person more in the last month but one of a site, or of the organisation with this code; the month.

    Raises
    ------
    EvaluationError
        Where there is no such site or organisation.
    """
    data = folder / "data"
    path = data / "sites" / f"{site}.yml"
    code = yaml.safe_load(path.read_text(encoding="utf-8"))["org_codes"][0] if path.is_file() else site
    lines = (data / invented.PATH).read_text(encoding="utf-8").splitlines()
    own = [number for number, line in enumerate(lines) if line.startswith(f"{code},")]
    if not own:
        raise EvaluationError(f"{site} is neither a site nor a code of the programme in {folder}: name one that is.")
    cells = lines[own[-2]].split(",")
    count = invented.SUBMISSION_COLUMNS.index("numerator")
    cells[count] = str(int(cells[count]) + 1)
    lines[own[-2]] = ",".join(cells)
    _write(data / invented.PATH, "\n".join(lines) + "\n")
    describe_table(data, data_package(data))
    return cells[invented.SUBMISSION_COLUMNS.index("period")]


def notebooks(folder: Path) -> list[tuple[str, Path, dict[str, Any]]]:
    """Id, template and parameters of every analysis, as a plain papermill loop takes them."""
    analyses = []
    for path in sorted((folder / "data" / "evaluations").glob("*.yml")):
        record = yaml.safe_load(path.read_text(encoding="utf-8"))
        for analysis in record["analyses"]:
            template = folder / TEMPLATES / f"{analysis['template']}.ipynb"
            analyses.append((f"{record['id']}/{analysis['id']}", template, analysis["parameters"]))
    return analyses


def use_template(folder: Path, name: str) -> None:
    """Put every analysis of the programme on another template of its ``book/notebooks``."""
    for path in (folder / "data" / "evaluations").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        _write(path, re.sub(r"(?m)^(\s*template: ).*$", rf"\g<1>{name}", text))


def _copy_book(folder: Path) -> None:
    """The checkout's book without its results; title and front page say that this one is synthetic."""
    left_out = shutil.ignore_patterns("generated", ".ipynb_checkpoints")
    folder.mkdir(parents=True, exist_ok=True)
    for name in BOOK:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=left_out, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(ROOT / name, folder / name)
    config = folder / "_config.yml"
    text = config.read_text(encoding="utf-8")
    _write(config, re.sub(r"(?m)^title: .*$", "title: A synthetic programme", text, count=1))
    front = folder / "book" / "index.md"
    title, _, rest = front.read_text(encoding="utf-8").partition("\n")
    _write(front, f"{title} {invented.LABEL}\n\n**{invented.WARNING}**\n{rest}")
    for path in (folder / "book").rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        _write(path, LINK_TO_EVALUATION.sub(r"\1", text))


def _write_records(data: Path, programme: InventedProgramme, place: InventedPlace) -> None:
    _write(data / "sites" / f"{place.id}.yml", _yaml(invented.site(place)))
    _write(data / "evaluations" / f"{place.evaluation}.yml", _yaml(invented.evaluation(programme, place)))
    _write(data / "learning" / f"{place.evaluation}-why.md", invented.learning_item(place))


def data_package(data: Path) -> dict[str, Any]:
    return json.loads((data / "datapackage.json").read_text(encoding="utf-8"))


def describe_table(data: Path, package: dict[str, Any]) -> None:
    """Write ``datapackage.json`` with size and hash of the table as it is now."""
    raw = (data / invented.PATH).read_bytes()
    package["resources"][0] |= {"bytes": len(raw), "hash": "sha256:" + hashlib.sha256(raw).hexdigest()}
    _write(data / "datapackage.json", json.dumps(package, indent=2) + "\n")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _yaml(values: dict[str, Any]) -> str:
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)


def main() -> None:
    """Make a programme from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.programme", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sites", type=int, required=True)
    parser.add_argument("--months", type=int, required=True)
    parser.add_argument("--comparators", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    try:
        make_programme(given.folder, given.sites, given.months, given.comparators, given.seed)
    except EvaluationError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    print(f"{given.sites} invented sites of {given.months} months each are in {given.folder}.")


if __name__ == "__main__":
    main()

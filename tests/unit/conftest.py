"""A small copy of the project, made from real rows, in which a test may spoil one file."""

import csv
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from evalkit.catalogue import Catalogue, read_catalogue
from evalkit.errors import EvaluationError, InputRefused, Problem
from evalkit.runs.planning.check_project import check_project
from tests.support.calibrations import rough

ROOT = Path(__file__).parents[2]
CODES = ("RA3", "RBA", "RD1", "RTE", "RNZ", "RN3", "RR1", "RRK", "7A27A2AL", "G107H", "S08000031")
POOL = ("RD1", "RTE", "RNZ", "RN3")
EVALUATION = "data/evaluations/weston-overnight-closure-2017.yml"
SITE = "data/sites/weston.yml"
ITEM = "data/learning/weston-doctors-at-night.md"
SUBMISSION = "data/tables/discharges.csv"

WESTON_SITE = """\
id: weston
name: Weston General Hospital
org_codes: [RA3]
place: "Weston-super-Mare, North Somerset"
context: A small general hospital in a seaside town.
sources:
  - title: "Weston General's A&E department closes overnight (BBC News, 4 July 2017)"
    where: feeds.bbci.co.uk/news/uk-england-somerset-40481177
"""

WESTON_EVALUATION = """\
id: weston-overnight-closure-2017
title: "Closing Weston General's A&E at night"
question: When Weston began to close its A&E at night, how much did visits change?
area: urgent-care-access
status: published
sites: [weston]
intervention:
  name: Overnight closure of the A&E department
  what: From 10pm on 4 July 2017 the department closed every night.
  start: 2017-07-04
  certainty: confirmed
  sources:
    - title: "Weston General's A&E department closes overnight (BBC News, 4 July 2017)"
      where: feeds.bbci.co.uk/news/uk-england-somerset-40481177
expectations:
  - measure: ae-attendances-type-1
    change: decrease
    why: The doors are shut for ten hours of the day.
protocol:
  written: 2026-11-21
  status: already_seen
  because: The figures had been published for years.
  no_negative_control: None that the figures allow.
  no_stratifier: None that the figures allow.
  comparators: [RD1, RTE, RNZ, RN3]
  comparators_chosen: Four trusts that reported in every month.
rival_explanations:
  - id: national-trend
    kind: national_trend
    what: Visits were changing everywhere.
    answer: The comparators show by how much.
    grade: little
    affects: [type-1-controlled]
    grade_reason: What all share is taken away.
    readers: 2
    analyses: [type-1-controlled]
independence: own
funded_by: none
conflict_of_interest: none known
analyses:
  - id: type-1-controlled
    title: Visits to the major A&E, against four other trusts
    role: primary
    template: controlled-interrupted-time-series
    expected: decrease
    parameters:
      site: weston
      measure: ae-attendances-type-1
      interruption: "2017-07-04"
      first: "2016-04"
      last: "2019-03"
      comparators: [RD1, RTE, RNZ, RN3]
  - id: all-types-alone
    title: Visits to departments of every type, Weston alone
    role: recording_check
    template: interrupted-time-series
    expected: decrease
    parameters:
      site: weston
      measure: ae-attendances-all
      interruption: "2017-07-04"
      first: "2016-04"
      last: "2019-03"
"""

WESTON_ITEM = """\
---
id: weston-doctors-at-night
type: barrier
title: Not enough doctors at night
site: weston
themes: [workforce]
audience: [boards, patients-public]
stage: start
strength: observed-once
evidence:
  - kind: document
    ref: weston-night-closure-2017
    says: The department closes at night because safe staffing cannot be guaranteed.
  - kind: result
    ref: weston-overnight-closure-2017/type-1-controlled
    says: Visits fell when the doors were shut.
explains: [weston-overnight-closure-2017]
response: The department was closed from 10pm to 8am.
what_happened: not_reported
status: published
date: 2017-07-04
---
The trust could not be sure of enough doctors at night.
"""
SOURCES = """\
weston-night-closure-2017:
  title: Temporary overnight closure of A&E
  publisher: Weston Area Health NHS Trust
  where: waht.nhs.uk/en-GB/AandE
  published: "2017"
  read: 2026-11-21
"""


@cache
def _few_rows(path: str) -> list[list[str]]:
    """The header and the rows of a few providers, as published."""
    with (ROOT / "data" / path).open(encoding="utf-8", newline="") as source:
        rows = csv.reader(source)
        header = next(rows)
        if "org_code" not in header:
            return [header, *rows]  # of no organisation
        code = header.index("org_code")
        return [header, *(row for row in rows if row[code] in CODES)]


def _slice_tables(data: Path) -> None:
    """The rows of a few providers, with the hashes of what is left."""
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    package["resources"] = [one for one in package["resources"] if "evalkit" in one and len(_few_rows(one["path"])) > 1]
    for resource in package["resources"]:
        path = data / resource["path"]
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target, lineterminator="\n").writerows(_few_rows(resource["path"]))
        resource["hash"] = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        resource["bytes"] = path.stat().st_size
    (data / "datapackage.json").write_text(json.dumps(package, indent=2), encoding="utf-8")


@pytest.fixture(scope="session")
def pattern(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("pattern")
    data = root / "data"
    for folder in ("sites", "evaluations", "learning"):
        (data / folder).mkdir(parents=True)
    for name in ("measures.yml", "vocabularies.yml", "organisations.csv", "registers.yml", "datapackage.json"):
        shutil.copy(ROOT / "data" / name, data / name)
    _slice_tables(data)
    (root / SITE).write_text(WESTON_SITE, encoding="utf-8")
    (root / EVALUATION).write_text(WESTON_EVALUATION, encoding="utf-8")
    (root / ITEM).write_text(WESTON_ITEM, encoding="utf-8")
    (root / "data" / "sources.yml").write_text(SOURCES, encoding="utf-8")
    notebooks = root / "book" / "notebooks"
    notebooks.mkdir(parents=True)
    for path in (ROOT / "book" / "notebooks").glob("*.ipynb"):
        shutil.copy(path, notebooks / path.name)
    check_project(root)  # what it remembers is copied too: a test has checked again what it spoils
    return root


@dataclass(frozen=True)
class RecordsFolder:
    """A project of one's own. Every method but ``check`` changes files."""

    root: Path

    def edit(self, file: str, old: str, new: str, *, meant: bool = True) -> int:
        """Replace the first ``old`` by ``new``; the line, from 1, where it stood. A change that is meant has its hash."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        if meant and file.startswith("data/tables/"):
            self.rehash()
        return text[: text.index(old)].count("\n") + 1

    def write(self, file: str, content: str | bytes) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def submit(self, rows: str | bytes, *, grain: str = "month", fields: tuple[str, ...] | None = None) -> None:
        """A table in long form, ``discharges``, and a measure of the same name that counts in it."""
        self.write(SUBMISSION, rows)
        kinds = {"period": "date", "numerator": "number", "denominator": "number"}
        names = fields or ("org_code", "period", "measure", "numerator", "denominator", "note")
        self.describe(
            {
                "name": "discharges",
                "path": "tables/discharges.csv",
                "title": "Discharges",
                "description": "A submission.",
                "sources": [{"title": "The trust", "path": "https://example.org/discharges"}],
                "licenses": [{"name": "OGL-UK-3.0"}],
                "schema": {
                    "fields": [{"name": n, "type": kinds.get(n, "string"), "description": n} for n in names],
                    "missingValues": ["", "*"],
                },
                "evalkit": {
                    "shape": "long",
                    "grain": grain,
                    "disclosure": {"rule": "official_statistics", "because": "Published before."},
                },
            }
        )
        path = self.root / "data" / "measures.yml"
        measures = path.read_text(encoding="utf-8")
        if "\ndischarges:" not in measures:
            measures += (
                "\ndischarges:\n  name: Discharges\n  plain_name: discharges\n  definition: People sent home.\n"
                "  form: count\n  unit: discharges\n  direction: increase\n  type: process\n  domain: timeliness-flow\n"
            )
            path.write_text(measures, encoding="utf-8")

    def describe(self, resource: dict) -> None:
        """Add a table to ``datapackage.json``, or describe it anew."""
        path = self.root / "data" / "datapackage.json"
        package = json.loads(path.read_text(encoding="utf-8"))
        others = [other for other in package["resources"] if other["name"] != resource["name"]]
        package["resources"] = [*others, resource]
        path.write_text(json.dumps(package, indent=2), encoding="utf-8")

    def rehash(self) -> None:
        """Describe the tables as they are now."""
        path = self.root / "data" / "datapackage.json"
        package = json.loads(path.read_text(encoding="utf-8"))
        for resource in package["resources"]:
            if "hash" in resource:
                raw = (self.root / "data" / resource["path"]).read_bytes()
                resource["hash"] = "sha256:" + hashlib.sha256(raw).hexdigest()
        path.write_text(json.dumps(package, indent=2), encoding="utf-8")

    def catalogue(self) -> Catalogue:
        return read_catalogue(self.root)

    def problems(self, level: str = "refused") -> list[Problem]:
        """What ``evalkit check`` says; any other exception than a refusal is a failure of the test."""
        try:
            _, _, look = check_project(self.root)
        except InputRefused as error:
            return [problem for problem in error.problems if problem.level == level]
        except EvaluationError as error:
            return [Problem("", 0, str(error))]
        return look if level == "look" else []


@pytest.fixture(scope="module", autouse=True)
def rough_calibrations() -> Iterator[None]:
    """How exact calibrations are is asked in `inference` and in `tests/validation`; here they were a quarter of the time."""
    with rough():
        yield


@pytest.fixture
def project(pattern: Path, tmp_path: Path) -> RecordsFolder:
    shutil.copytree(pattern, tmp_path / "project")
    return RecordsFolder(tmp_path / "project")


@cache
def _read_real() -> Catalogue:
    return read_catalogue(ROOT)


@pytest.fixture(scope="session")
def real() -> Catalogue:
    """The project's own records and tables; read only. Once for all runs in one process, as `make mutants` has many."""
    return _read_real()


def only(problems: list[Problem]) -> Problem:
    """The one problem there is."""
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


JARGON = (
    "Traceback",
    "Error:",
    "KeyError",
    "ValueError",
    "TypeError",
    "pydantic",
    "NoneType",
    "datetime.date(",
    "dtype",
    "<class",
)


@pytest.fixture
def plain():
    """Check a sentence: what it must name, nothing of the machinery, and an end."""

    def look(sentence: str, *named: str) -> str:
        for word in named:
            assert word in sentence, f"{word!r} is not in: {sentence}"
        for word in JARGON:
            assert word not in sentence, f"{word!r} leaks in: {sentence}"
        assert sentence.endswith("."), sentence
        assert "\n" not in sentence
        return sentence

    return look

"""The invented site ZZ901, which shows what each record looks like: in a folder of its own, so that no list or count has it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evalkit.catalogue.files.yaml_lines import FilePlace, read_front_matter, read_lines
from evalkit.catalogue.records.fields import Record
from evalkit.catalogue.records.learning import LearningItem
from evalkit.catalogue.records.sites import Site
from evalkit.catalogue.records.voices import Involvement, JourneyRecord
from evalkit.catalogue.refused_fields import problems_in_record
from evalkit.errors import Problem
from evalkit.journey.journeys import Journey, journey_of
from evalkit.staff.pulse import PulseShown, published_problems, with_intervals
from evalkit.staff.read_pulse import read_pulse

FOLDER = Path("data", "example")
CODES = ["ZZ901"]
NOBODY_SAID = "Example entry, nobody said this"
YAML, MARKDOWN = ".yml", ".md"
RECORDS: Mapping[str, tuple[str, type[Record], Callable]] = {
    "site": (YAML, Site, read_lines),
    "voice": (MARKDOWN, LearningItem, read_front_matter),
    "involvement": (YAML, Involvement, read_lines),
    "journey": (YAML, JourneyRecord, read_lines),
}
JOURNEY, PULSE = "journey.csv", "pulse.csv"


@dataclass(frozen=True)
class ExampleSite:
    """One of each record; nobody said or did any of it."""

    site: Site
    voice: LearningItem
    involvement: Involvement
    journey: Journey
    pulse: list[PulseShown]


def read_example(root: Path, vocabularies: Mapping[str, dict[str, str]]) -> tuple[ExampleSite | None, list[Problem]]:
    """The invented site, or nothing where the project has none; and everything that is wrong with it, a sentence each."""
    if not (root / FOLDER).is_dir():
        return None, []
    files = {path.name for path in (root / FOLDER).iterdir() if not path.name.startswith(".")}
    known = {*(f"{name}{ending}" for name, (ending, _, _) in RECORDS.items()), JOURNEY, PULSE}
    problems = [
        _problem(name, "is no file of the example: take it out of data/example.") for name in sorted(files - known)
    ]
    problems += [
        _problem(name, "is not there: add it, or take the folder data/example out.") for name in sorted(known - files)
    ]
    if problems:
        return None, problems
    made: dict[str, Any] = {}
    for name, (ending, record, reader) in RECORDS.items():
        shown = (FOLDER / f"{name}{ending}").as_posix()
        plain, lines, wrong = reader(root / shown, shown)
        problems += wrong
        if plain is None:
            continue
        try:
            made[name] = record.model_validate(plain)
        except ValidationError as error:
            problems += problems_in_record(error, record, FilePlace(shown, lines), vocabularies)
    rows, wrong = read_pulse(root / FOLDER / PULSE, (FOLDER / PULSE).as_posix())
    problems += wrong or published_problems((FOLDER / PULSE).as_posix(), rows)
    journey = None
    if "journey" in made:
        journey, wrong = journey_of(root, made["journey"], FOLDER / JOURNEY)
        problems += wrong
    if problems or journey is None:
        return None, problems
    site, voice = made["site"], made["voice"]
    problems = _invented_problems(site, voice, journey)
    if problems:
        return None, problems
    return ExampleSite(site, voice, made["involvement"], journey, with_intervals(rows)), []


def _invented_problems(site: Site, voice: LearningItem, journey: Journey) -> list[Problem]:
    """Nobody may take any of it for real, and it has no words in the first person."""
    problems = []
    if not site.synthetic or site.org_codes != CODES:
        problems.append(
            _problem(f"site{YAML}", f"`org_codes` is not {CODES[0]} alone, of a synthetic site: write both so.")
        )
    if voice.type != "patient_voice" or voice.body.rstrip(".") != NOBODY_SAID:
        problems.append(
            _problem(f"voice{MARKDOWN}", f"`body` is not “{NOBODY_SAID}” of a patient_voice: write just that.")
        )
    for step in (step for version in journey.versions for step in version.steps):
        if step.said is not None and step.said.rstrip(".") != NOBODY_SAID:
            what = f"`said` is not “{NOBODY_SAID}”: write just that, or leave it empty."
            problems.append(Problem((FOLDER / JOURNEY).as_posix(), step.line, what))
    return problems


def _problem(name: str, what: str) -> Problem:
    return Problem((FOLDER / name).as_posix(), 0, what)

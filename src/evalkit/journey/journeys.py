"""The journeys below ``data/journeys``: a record and a CSV file a site, and what is counted of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit.catalogue.records.voices import JourneyRecord
from evalkit.errors import Problem
from evalkit.journey.read_journey import VERSIONS, Step, read_journey

FOLDER = Path("data", "journeys")
PERCENT = 100


@dataclass(frozen=True)
class Version:
    """A journey as it was before the change, or as it is after it.

    Attributes
    ----------
    when : str
        ``before`` or ``after``.
    wait, value_adding : int or None
        Minutes, added up; None where those of a step are not known.
    share : float or None
        Value-adding minutes in per cent of all.
    told : int
        Steps at which the patient told their story.
    """

    when: str
    steps: list[Step]
    wait: int | None
    value_adding: int | None
    share: float | None
    told: int

    @property
    def told_again(self) -> int:
        """How often after the first time."""
        return max(self.told - 1, 0)


@dataclass(frozen=True)
class Journey:
    """The record of a journey, and its versions in the order of time."""

    record: JourneyRecord
    versions: list[Version]


def versions_of(steps: Sequence[Step]) -> list[Version]:
    """Each version that has steps; minutes that are missing make a sum unknown, and are never zero."""
    versions = []
    for when in VERSIONS:
        own = [step for step in steps if step.version == when]
        if not own:
            continue
        wait, value_adding = _sum(step.wait for step in own), _sum(step.value_adding for step in own)
        whole = None if wait is None or value_adding is None else wait + value_adding
        share = PERCENT * value_adding / whole if value_adding is not None and whole else None
        versions.append(Version(when, own, wait, value_adding, share, sum(step.story_told for step in own)))
    return versions


def _sum(minutes) -> int | None:
    known = list(minutes)
    return None if any(one is None for one in known) else sum(known)


def read_journeys(root: Path, records: Mapping[str, JourneyRecord]) -> tuple[dict[str, Journey], list[Problem]]:
    """Every journey by its site's id; and everything that is wrong, a sentence each."""
    journeys: dict[str, Journey] = {}
    problems: list[Problem] = []
    for path in sorted((root / FOLDER).glob("*")):
        shown = path.relative_to(root).as_posix()
        if path.suffix in (".yml", ".yaml") or path.name.startswith("."):
            continue
        if path.suffix != ".csv":
            problems.append(Problem(shown, 0, "is neither a record nor a CSV file: take it out of data/journeys."))
        elif path.stem not in records:
            what = f"has no record beside it: write {path.stem}.yml, with whose journey it is and who signed it off."
            problems.append(Problem(shown, 0, what))
    for id, record in records.items():
        journey, wrong = journey_of(root, record, FOLDER / f"{id}.csv")
        problems += wrong
        if journey is not None:
            journeys[id] = journey
    return journeys, problems


def journey_of(root: Path, record: JourneyRecord, file: Path) -> tuple[Journey | None, list[Problem]]:
    """The journey whose steps are in a file below ``root``, or what is wrong with it."""
    shown = file.as_posix()
    if not (root / file).is_file():
        return None, [Problem(shown, 0, "is not there: add it, with a row for each step of the journey.")]
    steps, problems = read_journey(root / file, shown)
    if not problems and record.after is None and any(step.version == "after" for step in steps):
        what = "has steps after the change, and the journey's record does not say when that was: add `after` there."
        problems.append(Problem(shown, 0, what))
    return (None if problems else Journey(record, versions_of(steps))), problems

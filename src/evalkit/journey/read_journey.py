"""The steps of a journey, from a site's CSV file: read as hostile, and every broken row told in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit.catalogue.consistency.rows_of_a_site import rows_of_a_site
from evalkit.catalogue.records.voices import NOT_REPORTED
from evalkit.errors import Problem, described
from evalkit.report.spreadsheets import BEGINS_A_FORMULA

COLUMNS = (
    "version", "step", "setting", "organisation", "wait", "value_adding", "cause_of_delay", "said", "story_told",
)  # fmt: skip
VERSIONS = ("before", "after")
MINUTES = {"wait": "minutes in which nothing useful happened", "value_adding": "minutes that helped the patient"}
TEXTS = {"step": 80, "setting": 60, "organisation": 100, "cause_of_delay": 160, "said": 200}  # characters at most
NEEDED = ("step", "setting", "organisation")
AT_MOST = 100_000  # bytes
MOST_STEPS = 30  # of one version
MOST_MINUTES = 525_600  # a year


@dataclass(frozen=True)
class Step:
    """One step; minutes that nobody knows are None, as is what nobody says."""

    version: str
    step: str
    setting: str
    organisation: str
    wait: int | None
    value_adding: int | None
    cause_of_delay: str | None
    said: str | None
    story_told: bool
    line: int = 0


def read_journey(path: Path, shown: str) -> tuple[list[Step], list[Problem]]:
    """The steps of a file in its order, or everything that is wrong with it, a sentence each; what is wrong is not repeated.

    Parameters
    ----------
    shown : how messages name the file
    """
    rows, problems = rows_of_a_site(path, shown, COLUMNS, AT_MOST, "one a step, in the order in which they come")
    return ([], problems) if problems else _steps(shown, rows)


def _steps(shown: str, rows: Sequence[tuple[int, dict[str, str]]]) -> tuple[list[Step], list[Problem]]:
    steps, problems = [], []
    for line, cell in rows:
        wrong = [*_text_problems(shown, line, cell), *_value_problems(shown, line, cell)]
        problems += wrong
        if wrong:
            continue
        wait, value_adding = (int(cell[name]) if cell[name] else None for name in MINUTES)
        steps.append(
            Step(
                cell["version"], cell["step"], cell["setting"], cell["organisation"], wait, value_adding,
                cell["cause_of_delay"] or None, cell["said"] or None, cell["story_told"] == "yes", line,
            )
        )  # fmt: skip
    for version in VERSIONS:
        count = sum(step.version == version for step in steps)
        if count > MOST_STEPS:
            what = f"holds {count} steps {version} the change, more than {MOST_STEPS}: put steps together."
            problems.append(Problem(shown, 0, what))
    if steps and not problems and all(step.version == "after" for step in steps):
        problems.append(Problem(shown, 0, "has no step whose `version` is before: add the journey before the change."))
    return ([] if problems else steps), problems


def _text_problems(shown: str, line: int, cell: dict[str, str]) -> list[Problem]:
    problems = []
    for name, longest in TEXTS.items():
        text = cell[name]
        if not text:
            if name in NEEDED:
                problems.append(Problem(shown, line, f"`{name}` is empty: write it on every row."))
        elif len(text) > longest:
            what = f"`{name}` has {len(text)} characters, more than {longest}: shorten it."
            problems.append(Problem(shown, line, what))
        elif text.startswith(BEGINS_A_FORMULA):
            what = f"`{name}` begins as a formula of a spreadsheet does: begin it with a letter or a figure."
            problems.append(Problem(shown, line, what))
        elif not text.isprintable():
            problems.append(
                Problem(shown, line, f"`{name}` holds signs that cannot be seen: write it anew on one line.")
            )
    return problems


def _value_problems(shown: str, line: int, cell: dict[str, str]) -> list[Problem]:
    problems = []
    for name, allowed in (("version", VERSIONS), ("story_told", ("yes", "no"))):
        if cell[name] not in allowed:
            found = described(cell[name]) if cell[name] else "empty"
            problems.append(Problem(shown, line, f"`{name}` is {found}: write {' or '.join(allowed)}."))
    for name, what_they_are in MINUTES.items():
        text = cell[name]
        if text and not (text.isascii() and text.isdigit() and len(text) < 8 and int(text) <= MOST_MINUTES):
            what = f"`{name}` is {described(text)}: write {what_they_are} as a whole number, or leave it empty where nobody knows."
            problems.append(Problem(shown, line, what))
        elif name == "wait" and text and int(text) and not cell["cause_of_delay"]:
            what = f"`cause_of_delay` is empty beside a wait: write the cause, or {NOT_REPORTED}."
            problems.append(Problem(shown, line, what))
    return problems

"""A site's own pulse, from its CSV file: read as hostile, and every broken row told in a sentence."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit.catalogue.consistency.rows_of_a_site import rows_of_a_site
from evalkit.disclosure.gated_form import WITHHELD
from evalkit.disclosure.small_groups import MOST_GROUPS
from evalkit.errors import Problem, described
from evalkit.intake.submission.sheets import PULSE_TEXTS
from evalkit.report.spreadsheets import BEGINS_A_FORMULA

COLUMNS = ("wave", "staff_group", "question", "asked", "answered", "confident")
COUNTS = COLUMNS[3:]
WAVE = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])")
COUNT = re.compile(r"[0-9]{1,7}")
AT_MOST = 200_000  # bytes
MOST_PEOPLE = 2_000_000


@dataclass(frozen=True)
class PulseRow:
    """What one staff group said to one question in one wave; an answer that was withheld is None."""

    wave: str
    staff_group: str
    question: str
    asked: int
    answered: int | None
    confident: int | None
    line: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """What no other row has."""
        return self.wave, self.question, self.staff_group


def read_pulse(path: Path, shown: str) -> tuple[list[PulseRow], list[Problem]]:
    """The rows of a file, or everything that is wrong with it, a sentence each; what is wrong is never repeated.

    Parameters
    ----------
    shown : how messages name the file
    """
    rows, problems = rows_of_a_site(path, shown, COLUMNS, AT_MOST, "one a wave, staff group and question")
    return ([], problems) if problems else _rows(shown, rows)


def _rows(shown: str, written: Sequence[tuple[int, dict[str, str]]]) -> tuple[list[PulseRow], list[Problem]]:
    rows, problems, seen = [], [], {}
    for line, cell in written:
        wrong = _cell_problems(shown, line, cell)
        if wrong:
            problems += wrong
            continue
        answered, confident = (None if cell[name] == WITHHELD else int(cell[name]) for name in COUNTS[1:])
        row = PulseRow(
            cell["wave"], cell["staff_group"], cell["question"], int(cell["asked"]), answered, confident, line
        )
        wrong = _row_problems(shown, row)
        if row.key in seen:
            what = f"`wave`, `staff_group` and `question` are those of line {seen[row.key]}: leave one of the two rows."
            wrong.append(Problem(shown, line, what))
        seen.setdefault(row.key, line)
        problems += wrong
        rows.append(row)
    for (wave, question), count in Counter((row.wave, row.question) for row in rows).items():
        if count > MOST_GROUPS:
            line = next(row.line for row in rows if (row.wave, row.question) == (wave, question))
            what = f"begins {count} staff groups of one wave and question, more than {MOST_GROUPS}: put some together."
            problems.append(Problem(shown, line, what))
    return ([] if problems else rows), problems


def _cell_problems(shown: str, line: int, cell: dict[str, str]) -> list[Problem]:
    problems = []
    if not WAVE.fullmatch(cell["wave"]):
        what = f"`wave` is {described(cell['wave'])}: write the month in which staff were asked, such as 2024-05."
        problems.append(Problem(shown, line, what))
    for name, longest in PULSE_TEXTS.items():
        text = cell[name]
        if not text:
            problems.append(Problem(shown, line, f"`{name}` is empty: write what it is on every row."))
        elif len(text) > longest:
            problems.append(
                Problem(shown, line, f"`{name}` has {len(text)} characters, more than {longest}: shorten it.")
            )
        elif text.startswith(BEGINS_A_FORMULA):
            what = f"`{name}` begins as a formula of a spreadsheet does: begin it with a letter or a figure."
            problems.append(Problem(shown, line, what))
        elif len(text.splitlines()) > 1:
            problems.append(Problem(shown, line, f"`{name}` is on several lines: write it on one."))
    for name in COUNTS:
        text = cell[name]
        if (text == WITHHELD and name != "asked") or (COUNT.fullmatch(text) and int(text) <= MOST_PEOPLE):
            continue
        found = "empty" if not text else "withheld" if text == WITHHELD else described(text)
        rather = ", as that is no answer" if name == "asked" else ", or * where it was withheld"
        what = f"`{name}` is {found}: write a whole number of people{rather}."
        problems.append(Problem(shown, line, what))
    return problems


def _row_problems(shown: str, row: PulseRow) -> list[Problem]:
    problems = []
    for part, whole in (("answered", "asked"), ("confident", "answered")):
        fewer, more = getattr(row, part), getattr(row, whole)
        if fewer is not None and more is not None and fewer > more:
            what = f"`{part}` is more than `{whole}`: one of the two is wrong, so correct it."
            problems.append(Problem(shown, row.line, what))
    if row.asked == 0:
        problems.append(Problem(shown, row.line, "`asked` is 0: leave out a group that was not asked."))
    if row.answered is None and row.confident is not None:
        what = "`confident` is given where `answered` is withheld: write * for both, or have `evalkit pulse` do it."
        problems.append(Problem(shown, row.line, what))
    return problems

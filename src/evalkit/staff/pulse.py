"""What may be shown of a site's own pulse: small groups withheld, and so much more that no total gives one back."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.disclosure.gated_form import WITHHELD
from evalkit.disclosure.rules import SMALL_NUMBERS
from evalkit.disclosure.small_groups import gives_back, withheld_groups
from evalkit.errors import Problem
from evalkit.inference.classical.single_counts import share_interval
from evalkit.report.spreadsheets import csv_of
from evalkit.staff.read_pulse import COLUMNS, PulseRow

RULE = SMALL_NUMBERS["staff_survey"]
WHOLE = 100.0
EXAMPLE = "example entry"  # what only an invented site's entries say


@dataclass(frozen=True)
class PulseShown:
    """One staff group, question and wave, as a page shows it; what is withheld is None, and shares are in per cent."""

    wave: str
    staff_group: str
    question: str
    asked: int
    answered: int | None
    response: float | None
    rate: float | None
    low: float | None
    high: float | None

    @property
    def withheld(self) -> bool:
        """Whether what they said is withheld."""
        return self.answered is None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def with_intervals(rows: Sequence[PulseRow]) -> list[PulseShown]:
    """Each row with its response rate and the score interval of its share (``share_interval``), by question, wave and group.

    Of a group in which nobody answered there is a response rate and no share.
    """
    rows = sorted(rows, key=lambda row: (row.question, row.wave, row.staff_group.casefold()))
    part = np.array([np.nan if row.confident is None else row.confident for row in rows], float)
    whole = np.array([np.nan if row.answered is None else row.answered for row in rows], float)
    ends = share_interval(part, whole)
    shown = []
    for at, row in enumerate(rows):
        there = bool(np.isfinite(ends[0][at]))
        response = WHOLE * row.answered / row.asked if row.answered is not None else None
        low, high = (WHOLE * float(end[at]) if there else None for end in ends)
        rate = WHOLE * float(part[at] / whole[at]) if there else None
        shown.append(
            PulseShown(row.wave, row.staff_group, row.question, row.asked, row.answered, response, rate, low, high)
        )
    return shown


def to_show(exact: Sequence[PulseRow], before: Sequence[PulseRow] = ()) -> list[PulseRow]:
    """The rows of an exact pulse as the rule for the staff survey lets them be shown, in their order.

    Groups of 10 or fewer who answered are withheld, and of each wave and question the smallest others by which a total
    would give them back (``disclosure.small_groups``); what was withheld ``before`` stays so. How many were asked is
    known from a list of staff and is no answer, so it is always shown.
    """
    hidden = {row.key for row in before if row.answered is None}
    for rows in _together(exact):
        counts = np.array([[row.asked, row.answered or 0, row.confident or 0] for row in rows])
        withheld = withheld_groups(counts, 1, RULE)
        hidden |= {row.key for row, one in zip(rows, withheld, strict=True) if one}
    return [replace(row, answered=None, confident=None) if row.key in hidden else row for row in exact]


def published_problems(shown: str, rows: Sequence[PulseRow]) -> list[Problem]:
    """What a pulse that is about to be published shows of few people, or lets be found by a difference."""
    problems: list[Problem] = []
    remedy = "keep the exact file in data/private and have `evalkit pulse` write this one"
    for row in rows:
        if row.answered is not None and 0 < row.answered < RULE.least:
            what = f"`answered` is of {RULE.least - 1} people or fewer, which is withheld: {remedy}."
            problems.append(Problem(shown, row.line, what))
    for together in _together(rows):
        asked, hidden = sum(row.asked for row in together), [row for row in together if row.answered is None]
        for total in together:
            if not hidden or total.answered is None or 2 * total.asked != asked:
                continue
            left = 2 * total.answered - sum(row.answered or 0 for row in together)
            if gives_back(left, len(hidden), RULE.least):
                what = f"`answered` is withheld here, and can be found from line {total.line}, of which it is a part: {remedy}."
                problems.append(Problem(shown, hidden[0].line, what))
    return problems


def example_problems(shown: str, rows: Sequence[PulseRow]) -> list[Problem]:
    """Rows of a real site that an example of invented answers was left in."""
    return [
        Problem(shown, row.line, "is an example entry, which nobody said: take the row out.")
        for row in rows
        if EXAMPLE in f"{row.staff_group} {row.question}".casefold()
    ]


def as_csv(rows: Iterable[PulseRow]) -> str:
    """The file as `evalkit pulse` writes it."""
    plain = [
        [WITHHELD if value is None else str(value) for value in (getattr(row, name) for name in COLUMNS)]
        for row in rows
    ]
    return csv_of(pd.DataFrame(plain, columns=list(COLUMNS)))


def _together(rows: Sequence[PulseRow]) -> list[list[PulseRow]]:
    """Rows of one wave and question, which a total may hold together."""
    groups: dict[tuple[str, str], list[PulseRow]] = defaultdict(list)
    for row in rows:
        groups[row.wave, row.question].append(row)
    return list(groups.values())

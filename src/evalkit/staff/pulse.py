"""What may be shown of a site's own pulse: small groups withheld, and so much more that no total gives one back."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.disclosure.gated_form import WITHHELD, Earlier
from evalkit.disclosure.own_counts import gated
from evalkit.disclosure.rules import SMALL_NUMBERS
from evalkit.errors import Problem
from evalkit.inference.classical.single_counts import share_interval
from evalkit.report.spreadsheets import csv_of
from evalkit.staff.read_pulse import COLUMNS, PulseRow

RULE = SMALL_NUMBERS["staff_survey"]
ASKED, SAID = "asked ", "said "  # before a question, of the two series that each staff group has
WHOLE = 100.0
EXAMPLE = "example entry"  # what only an invented site's entries say


@dataclass(frozen=True)
class PulseShown:
    """One staff group, question and wave, as a page shows it; what is withheld is None, and shares are in per cent."""

    wave: str
    staff_group: str
    question: str
    asked: int | None
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
        response = WHOLE * row.answered / row.asked if row.answered is not None and row.asked else None
        low, high = (WHOLE * float(end[at]) if there else None for end in ends)
        rate = WHOLE * float(part[at] / whole[at]) if there else None
        shown.append(
            PulseShown(row.wave, row.staff_group, row.question, row.asked, row.answered, response, rate, low, high)
        )
    return shown


def to_show(exact: Sequence[PulseRow], before: Sequence[PulseRow] = ()) -> list[PulseRow]:
    """The rows of an exact pulse as the rule for the staff survey lets them be shown, in their order.

    Who answered and who was asked are counts of people, and a share needs 11 answers. Where a withheld figure follows from
    others (all staff less the other groups), further figures are withheld, by ``disclosure.own_counts``; what was withheld
    ``before`` stays so.

    Raises
    ------
    NotProtected
        Where what was shown before gives a small figure back.
    TooManySeries
        Where there are more groups and questions than sums can be looked for among.
    """
    frame = _frame(exact)
    forms = {name: "proportion" if name.startswith(SAID) else "count" for name in frame["measure"].unique()}
    told = gated(frame, forms, RULE, earlier=_earlier(exact, before)).table
    shown = {(row.org_code, row.period, row.measure): row for row in told.itertuples()}
    rows = []
    for row in exact:
        asked = shown[row.staff_group, row.wave, ASKED + row.question].numerator
        said = shown[row.staff_group, row.wave, SAID + row.question]
        hidden = WITHHELD in (asked, said.numerator, said.denominator)
        rows.append(
            PulseRow(
                row.wave, row.staff_group, row.question,
                None if asked == WITHHELD else row.asked, None if hidden else row.answered, None if hidden else row.confident, row.line,
            )
        )  # fmt: skip
    return rows


def published_problems(shown: str, rows: Sequence[PulseRow]) -> list[Problem]:
    """What a pulse that is about to be published shows of few people, or lets be found by a difference."""
    problems = []
    remedy = "keep the exact file in data/private and have `evalkit pulse` write this one"
    for row in rows:
        for name in ("asked", "answered"):
            count = getattr(row, name)
            if count is not None and 0 < count < RULE.least:
                what = f"`{name}` is of {RULE.least - 1} people or fewer, which is withheld: {remedy}."
                problems.append(Problem(shown, row.line, what))
    for together in _together(rows):
        for name in ("asked", "answered"):
            known = [getattr(row, name) for row in together if getattr(row, name) is not None]
            hidden = [row for row in together if getattr(row, name) is None]
            if len(hidden) == 1 and _holds_a_total(known):
                what = f"`{name}` is withheld in this row alone, and can be found from the total of its wave: {remedy}."
                problems.append(Problem(shown, hidden[0].line, what))
    return problems


def _holds_a_total(counts: Sequence[int]) -> bool:
    """Whether one of several counts is at least all others together, as that of all staff is."""
    return len(counts) > 1 and 2 * max(counts) >= sum(counts)


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


def _frame(rows: Sequence[PulseRow]) -> pd.DataFrame:
    """Two rows each, as the gate takes them: who was asked, and of those who answered who was confident."""
    frame = []
    for row in rows:
        frame.append((row.staff_group, row.wave, ASKED + row.question, row.asked, None))
        frame.append((row.staff_group, row.wave, SAID + row.question, row.confident, row.answered))
    named = pd.DataFrame(frame, columns=["org_code", "period", "measure", "numerator", "denominator"])
    return named.astype({"numerator": float, "denominator": float})


def _earlier(exact: Sequence[PulseRow], before: Sequence[PulseRow]) -> list[Earlier]:
    """What was shown before, of the rows that are there still; exact as far as it is known, which is today's."""
    now = {row.key: row for row in exact}
    there = [row for row in before if row.key in now]
    if not there:
        return []
    known = [
        PulseRow(
            row.wave, row.staff_group, row.question,
            *(getattr(now[row.key] if getattr(row, name) is None else row, name) for name in COLUMNS[3:]),
        )
        for row in there
    ]  # fmt: skip
    shown = _frame(there)
    for part in ("numerator", "denominator"):
        shown[part] = [
            WITHHELD
            if pd.isna(value) and not (part == "denominator" and name.startswith(ASKED))
            else ""
            if pd.isna(value)
            else f"{value:.0f}"
            for value, name in zip(shown[part], shown["measure"], strict=True)
        ]
    return [Earlier(_frame(known), shown.assign(note=""))]


def _together(rows: Sequence[PulseRow]) -> list[list[PulseRow]]:
    """Rows of one wave and question, which a total may hold together."""
    groups: dict[tuple[str, str], list[PulseRow]] = defaultdict(list)
    for row in rows:
        groups[row.wave, row.question].append(row)
    return list(groups.values())

"""How often a method claims a change where nobody made one, as measured on real series: ``data/false_alarms.csv``.

Made by ``python -m benchmarks.false_alarms``.
"""

import csv
from pathlib import Path

from pydantic import Field, ValidationError

from evalkit.catalogue.lines import text_of
from evalkit.catalogue.records import Month, Record, Slug, Words
from evalkit.errors import InputRefused, Problem

SHOWN = "data/false_alarms.csv"


class FalseAlarms(Record):
    """One measure, window and design: ``claimed`` of units x dates without a change, ``found`` with ``step`` added."""

    measure: Slug
    table: Slug
    first: Month
    last: Month
    design: Words
    units: int
    dates: int
    claimed: float = Field(ge=0, le=1)
    found: float = Field(ge=0, le=1)
    step: float


def read_false_alarms(root: Path) -> list[FalseAlarms]:
    """Every rate; none where the file does not exist.

    Raises
    ------
    InputRefused
        Naming the line that cannot be read.
    """
    path = root / SHOWN
    if not path.is_file():
        return []
    text, problems = text_of(path, SHOWN)
    rates = []
    for number, row in enumerate(csv.DictReader((text or "").splitlines()), start=2):
        try:
            rates.append(FalseAlarms.model_validate(row))
        except ValidationError:
            problems.append(Problem(SHOWN, number, "cannot be read: run `python -m benchmarks.false_alarms` again."))
    if problems:
        raise InputRefused(problems)
    return rates

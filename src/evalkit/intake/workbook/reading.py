"""What a file gives: rows, what was taken and left out, what is asked, and what is wrong."""

from dataclasses import dataclass, field

import pandas as pd

from evalkit.errors import Problem
from evalkit.intake.workbook.layout import LeftOut
from evalkit.intake.workbook.period_labels import Grain
from evalkit.intake.workbook.roles import Question

COLUMNS = ["org_code", "period", "measure", "numerator", "denominator"]
WITHHELD = "*"
AT_MOST = 20  # problems of one kind that are told


@dataclass(frozen=True)
class Taken:
    """Cells that are taken, and as what."""

    cells: str
    what: str


@dataclass(eq=False)
class Reading:
    """What a file gives.

    Attributes
    ----------
    rows : DataFrame
        The long table: numbers, ``*`` for withheld, missing for not reported.
    grain : day, week, month or quarter
    questions : list of Question
        What has to be answered before it is right; empty, and no problems, where the rows are.
    """

    rows: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    grain: Grain = "month"
    taken: list[Taken] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

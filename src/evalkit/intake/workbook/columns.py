"""The figures of every series: what is no figure is told with its cell, and what a sign means is asked once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from evalkit.errors import Problem, shortened
from evalkit.intake.workbook import cells
from evalkit.intake.workbook.answers import Answers
from evalkit.intake.workbook.grids import Sheet
from evalkit.intake.workbook.layout import Place, Series
from evalkit.intake.workbook.reading import AT_MOST, Reading
from evalkit.intake.workbook.roles import Named, Question

OF_SHARES = re.compile(r"%|per ?cent|percentage|\brates?\b|\bper 1[, ]?000\b", re.IGNORECASE)


class Value(NamedTuple):
    """One figure with its place: a number, or nothing with what that means. There is one for each cell."""

    number: float | None
    mark: str  # "", "not reported" or "withheld"
    sheet: Sheet
    at: Place

    @property
    def cell(self) -> str:
        return self.sheet.cell(*self.at)


@dataclass(frozen=True, eq=False)
class Column:
    """Figures of one organisation, measure and part, by the first day of their period."""

    named: Named
    values: dict[date, Value]


def unknown_marks(series: Sequence[Series], answers: Answers, *, own: bool) -> list[Question]:
    """What has to be asked about signs in place of figures."""
    unknown: dict[str, str] = {}
    for one in series:
        for point in one.points:
            value = one.sheet.rows[point.at[0]][point.at[1]]
            if not isinstance(value, str):
                continue
            read = cells.figure(value)
            if read.mark and _means(read.mark, answers, own=own) is None:
                unknown.setdefault(read.mark, one.sheet.cell(*point.at))
    return [_about_mark(mark, place, own=own) for mark, place in unknown.items()]


def _figure(value: object, answers: Answers, *, as_percent: bool) -> cells.Figure:
    """What a cell says, with the signs that somebody has explained."""
    mark = cells.cleaned(value).lower() if isinstance(value, str) else ""
    return cells.Figure(mark=mark) if mark in answers.marks else cells.figure(value, as_percent=as_percent)


def _means(mark: str, answers: Answers, *, own: bool) -> str | None:
    """What a mark means; nothing where it is asked: in a table of one's own figures nothing is withheld."""
    told = answers.marks.get(mark)
    known = cells.meaning(mark)
    return told or (None if known == "withheld" and own else known)


def columns_of(
    file: str, named: Sequence[Named], times: dict[int, date], answers: Answers, reading: Reading, *, own: bool
) -> list[Column]:
    """The figures of every series; what cannot be read is told, and what a sign means is asked once."""
    if not times:
        return []
    columns, problems, asked = [], [], False
    percents: list[tuple[Named, str]] = []
    for one in named:
        sheet, values = one.series.sheet, {}
        twice: list[tuple[str, str]] = []
        for point in one.series.points:
            if id(point.time) not in times:
                continue
            row, column = point.at
            read = _figure(sheet.rows[row][column], answers, as_percent=point.at in sheet.percent)
            if read.problem:
                problems.append(Problem(file, 0, f"{sheet.cell(row, column)} {read.problem}"))
                continue
            if read.percent or (read.number is not None and not one.is_share and OF_SHARES.search(one.key)):
                percents.append((one, sheet.cell(row, column)))
                continue
            mark = ""
            if read.number is None:
                meaning = _means(read.mark, answers, own=own)
                if meaning is None:
                    asked = True
                    continue
                mark = "" if meaning == "nought" else meaning
                value = Value(0.0 if meaning == "nought" else None, mark, sheet, point.at)
            else:
                value = Value(read.number, "", sheet, point.at)
            first = times[id(point.time)]
            if first in values:
                twice.append((values[first].cell, sheet.cell(row, column)))
                continue
            values[first] = value
        if twice:
            before, again = twice[0]
            more = f", and {len(twice) - 1} more such pairs" if len(twice) > 1 else ""
            problems.append(
                Problem(
                    file,
                    0,
                    f"{before} and {again} are of one period and named alike{more}: keep the one that is right, or name what differs in a column.",
                )
            )
        columns.append(Column(one, values))
    reading.problems += shortened(problems, len(problems), "cells that cannot be read", AT_MOST)
    if asked:
        reading.questions += unknown_marks([one.series for one in named], answers, own=own)
    if percents:
        one, place = percents[0]
        what = (
            f"and {len(percents) - 1:,} more are percentages or rates"
            if len(percents) > 1
            else "is a percentage or a rate"
        )
        reading.problems.append(
            Problem(
                file, 0,
                f"{place} {what}: a share needs its two counts, how many and of how many, as the numerator and the denominator of the measure."
                f" Answer `leave out` for `{one.key}` where it is worked out from them.",
            )
        )  # fmt: skip
    fractions = [
        (column, value)
        for column in columns
        for value in column.values.values()
        if value.number is not None and value.number % 1
    ]
    if fractions and answers.fractions is None:
        reading.questions.append(
            Question(
                ("fractions",),
                f"{fractions[0][1].cell} {f'and {len(fractions) - 1:,} more have fractions' if len(fractions) > 1 else 'has a fraction'}. People are counted in whole numbers; hours, days and"
                " money are not. Keep them as they are? (Else stop here, and correct the file.)",
                ("keep",),
            )
        )
    return columns


def _about_mark(mark: str, place: str, *, own: bool) -> Question:
    choices = (
        ("not reported", "nought")
        if own and cells.meaning(mark) != "withheld"
        else ("not reported",)
        if own
        else ("not reported", "withheld", "nought")
    )
    what = f"What does `{mark}` mean in place of a figure, as in {place}?"
    if own and cells.meaning(mark) == "withheld":
        what = f"`{mark}` in {place} withholds a figure, and a table of your own has exact ones: give them, or answer `not reported` where nobody has them."
    return Question(("marks", mark), what, choices)

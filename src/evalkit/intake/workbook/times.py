"""Which periods the labels of a file name: the order of day and month, and whether they are months, weeks, days or quarters."""

import itertools
from collections.abc import Sequence
from datetime import date, timedelta
from typing import cast

from evalkit.errors import Problem
from evalkit.intake.workbook.answers import Answers
from evalkit.intake.workbook.grids import Sheet
from evalkit.intake.workbook.layout import Point, Series
from evalkit.intake.workbook.period_labels import Grain, Label, order_of
from evalkit.intake.workbook.reading import Reading
from evalkit.intake.workbook.roles import Question

Points = Sequence[tuple[Sheet, Point]]


def first_days(file: str, series: Sequence[Series], answers: Answers, reading: Reading) -> dict[int, date]:
    """The first day of what every label says, by the label's identity; the grain of all is kept in ``reading``.

    Empty where something has to be asked or mended first, which is told in ``reading``.
    """
    points = [(one.sheet, point) for one in series for point in one.points]
    problem = _unusable(points)
    if problem:
        reading.problems.append(Problem(file, 0, problem))
        return {}
    order = order_of([point.time for _, point in points]) if answers.dates is None else answers.dates.split()[0]
    if order == "both":
        place = next(
            sheet.cell(*point.named) for sheet, point in points if point.time.slashed and point.time.first is None
        )
        reading.problems.append(
            Problem(file, 0, f"{place} has another order of day and month than others: write all dates alike.")
        )
        return {}
    questions = _unclear(points, order, answers)
    if questions:
        reading.questions += questions
        return {}
    first = {id(point.time): _first(point.time, order, answers) for _, point in points}
    wrong = next((sheet.cell(*point.named) for sheet, point in points if first[id(point.time)] is None), None)
    if wrong:
        reading.problems.append(Problem(file, 0, f"{wrong} is no date with the {order} first: correct it."))
        return {}
    return _of_one_grain(file, points, cast(dict[int, date], first), reading)


def _unusable(points: Points) -> str:
    """What is wrong with the first label that names no period."""
    for sheet, point in points:
        place = sheet.cell(*point.named)
        if point.time.grain == "part":
            return f"{place} names a month or quarter without its year: write the year beside it, above it, or into the title."
        if point.time.grain == "year":
            return f"{place} is a whole year: give months, weeks, days or quarters."
    return ""


def _unclear(points: Points, order: str, answers: Answers) -> list[Question]:
    """What only somebody who knows the file can say."""
    questions = []
    if order == "unclear":
        place = next(sheet.cell(*point.named) for sheet, point in points if point.time.slashed)
        what = f"Is {place}, and every date written like it, day first or month first?"
        questions.append(Question(("dates",), what, ("day first", "month first")))
    quarter = next((sheet.cell(*point.named) for sheet, point in points if point.time.ambiguous), None)
    if quarter and answers.quarters is None:
        what = f"Is the quarter in {quarter} of the calendar year, or of the financial year from April?"
        questions.append(Question(("quarters",), what, ("calendar", "financial")))
    return questions


def _first(one: Label, order: str, answers: Answers) -> date | None:
    if one.ambiguous:
        return one.first if answers.quarters == "calendar" else one.other
    return one.other if one.slashed and order == "month" else one.first


def _of_one_grain(file: str, points: Points, days: dict[int, date], reading: Reading) -> dict[int, date]:
    grains = {point.time.grain for _, point in points}
    of_days = {days[id(point.time)] for _, point in points if point.time.grain == "day"}
    if "day" in grains and grains <= {"day", "month"}:
        if all(day.day == 1 for day in of_days) and (len(of_days) > 1 or "month" in grains):
            reading.grain = "month"
            return days
        if all((day + timedelta(days=1)).day == 1 for day in of_days) and (len(of_days) > 1 or "month" in grains):
            reading.grain = "month"
            return {one: day.replace(day=1) for one, day in days.items()}
        if "month" in grains:
            place = next(
                sheet.cell(*p.named) for sheet, p in points if p.time.grain == "day" and days[id(p.time)].day != 1
            )
            reading.problems.append(
                Problem(file, 0, f"{place} is a day among months: write the month, or its first day.")
            )
            return {}
        reading.grain = "week" if _weekly(sorted(of_days)) else "day"
        return days
    if len(grains) > 1:
        count = {grain: sum(point.time.grain == grain for _, point in points) for grain in sorted(grains)}
        common = max(count, key=lambda grain: count[grain])
        sheet, point = next((sheet, point) for sheet, point in points if point.time.grain != common)
        what = f"is a {point.time.grain} among others that are a {common}: give all periods alike, or name the sheet with --sheet."
        reading.problems.append(Problem(file, 0, f"{sheet.cell(*point.named)} {what}"))
        return {}
    reading.grain = cast(Grain, grains.pop())
    return days


def _weekly(days: Sequence[date]) -> bool:
    return len(days) > 2 and all((after - before).days % 7 == 0 for before, after in itertools.pairwise(days))

"""Which periods the labels of a file name: the order of day and month, and whether they are months, weeks, days or quarters."""

import itertools
import re
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

WEEK_ENDS = re.compile(r"\bw/?\s?e\b|week[\s\-]*(ending|ended|end)\b|\bend(ing)? of\b", re.IGNORECASE)
WEEK_BEGINS = re.compile(r"\bw/?\s?c\b|week[\s\-]*(commencing|beginning|starting|start)\b", re.IGNORECASE)
Points = Sequence[tuple[Sheet, Point]]


def first_days(file: str, series: Sequence[Series], answers: Answers, reading: Reading, today: date) -> dict[int, date]:
    """The first day of what every label says, by the label's identity; the grain of all is kept in ``reading``.

    Empty where something has to be asked or mended first, which is told in ``reading``.
    """
    points = [(one.sheet, point) for one in series for point in one.points]
    problem = _unusable(points) or _back_in_time(series)
    if problem:
        reading.problems.append(Problem(file, 0, problem))
        return {}
    order = order_of([point.time for _, point in points]) if answers.dates is None else answers.dates.split()[0]
    swapped = [point for _, point in points if point.time.stored]
    if order == "month" and swapped:
        what = "is a date that a spreadsheet holds, beside others written month first: day and month may have been exchanged in it. Give all dates alike, as text."
        sheet = next(sheet for sheet, point in points if point is swapped[0])
        reading.problems.append(Problem(file, 0, f"{sheet.cell(*swapped[0].named)} {what}"))
        return {}
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
    days = _of_one_grain(file, points, cast(dict[int, date], first), reading)
    ahead = [(sheet, point) for sheet, point in points if days and days[id(point.time)] > today]
    told = next(
        (sheet.cell(*point.named) for sheet, point in ahead if sheet.rows[point.at[0]][point.at[1]] is not None), None
    )
    if told:
        reading.problems.append(Problem(file, 0, f"{told} has not come yet: leave forecasts out, or correct the year."))
        return {}
    days = {one: day for one, day in days.items() if day <= today}  # an empty month to come is none
    points = [(sheet, point) for sheet, point in points if id(point.time) in days]
    if reading.grain == "day" and answers.days is None:
        question = _about_days(points, days)
        if question:
            reading.questions.append(question)
            return {}
    return _weeks(series, days, answers, reading) if reading.grain == "week" else days


def _back_in_time(series: Sequence[Series]) -> str:
    """Months whose year stands elsewhere run one way; else the year was taken for another kind of year."""
    for one in series:
        told = [(point, point.time.first) for point in one.points if point.time.joined and point.time.first]
        steps = [after[1] >= before[1] for before, after in itertools.pairwise(told)]
        if told and any(steps) and not all(steps):
            back = next(
                after[0] for (_, after), forward in zip(itertools.pairwise(told), steps, strict=True) if not forward
            )
            place = one.sheet.cell(*back.named)
            return f"{place} would run back in time beside the months before it: write the year with each month, or 2022/23 where it is a financial year."
    return ""


def _about_days(points: Points, days: dict[int, date]) -> Question | None:
    """Days that may be months: one of each month, or the first twelve of one."""
    told = sorted({days[id(point.time)] for _, point in points})
    monthly = len({day.day for day in told}) == 1 and all(
        (after - before).days < 63 for before, after in itertools.pairwise(told)
    )
    exchanged = len({(day.year, day.month) for day in told}) == 1 and all(day.day <= 12 for day in told)
    if len(told) < 3 or not (monthly or exchanged):
        return None
    sheet, point = points[0]
    what = (
        f"{sheet.cell(*point.named)} and the dates after it are single days, from {told[0].isoformat()} to {told[-1].isoformat()}. Are days meant?"
        " (Else stop: a spreadsheet may have exchanged day and month, or made a day of `Apr 22`. Write months as 2022-04.)"
    )
    return Question(("days",), what, ("days",))


def _weeks(series: Sequence[Series], days: dict[int, date], answers: Answers, reading: Reading) -> dict[int, date]:
    """Weeks by their first days, where a heading or somebody says that dates are their last ones."""
    moved = dict(days)
    for one in series:
        plain = [point for point in one.points if point.time.grain == "day" and id(point.time) in days]
        mondays = all(days[id(point.time)].weekday() == 0 for point in plain)
        ends = answers.weeks == "last day" or (answers.weeks is None and WEEK_ENDS.search(one.of_time) is not None)
        known = ends or mondays or answers.weeks or WEEK_BEGINS.search(one.of_time)
        if plain and not known:
            place = one.sheet.cell(*plain[0].named)
            reading.questions.append(
                Question(("weeks",), f"Is {place} the first or the last day of its week?", ("first day", "last day"))
            )
            return {}
        if ends:
            moved |= {id(point.time): days[id(point.time)] - timedelta(days=6) for point in plain}
    return moved


def _unusable(points: Points) -> str:
    """What is wrong with the first label that names no period."""
    for sheet, point in points:
        if point.time.grain == "part":
            return f"{sheet.cell(*point.named)} names a month or quarter without its year: write the year beside it, above it, or into the title."
        if point.time.grain == "year":
            return f"{sheet.cell(*point.named)} is a whole year: give months, weeks, days or quarters."
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

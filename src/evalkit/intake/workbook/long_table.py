"""From the series of a file to rows of the book's long table: what is asked, what is wrong, what is taken."""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import cast

import pandas as pd

from evalkit.catalogue.model import Catalogue
from evalkit.disclosure.people import IDENTIFIES, found_in, names_a_person
from evalkit.errors import InputRefused, Problem, shortened
from evalkit.intake.workbook import cells
from evalkit.intake.workbook.answers import LEAVE_OUT, Answers
from evalkit.intake.workbook.grids import Sheet, read_sheets
from evalkit.intake.workbook.layout import LeftOut, Place, Series, find_tables
from evalkit.intake.workbook.names import Counted, Names
from evalkit.intake.workbook.period_labels import Grain, Label, order_of, written
from evalkit.intake.workbook.roles import Named, Question, named_series

COLUMNS = ["org_code", "period", "measure", "numerator", "denominator"]
WITHHELD = "*"
ALIKE = 3  # periods in which two series agree, to be one
AT_MOST = 20  # of one kind


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


@dataclass(frozen=True, eq=False)
class _Value:
    """One figure with its place: a number, or nothing with what that means."""

    number: float | None
    mark: str  # "", "not reported" or "withheld"
    sheet: Sheet
    at: Place

    @property
    def cell(self) -> str:
        return self.sheet.cell(*self.at)


@dataclass(frozen=True, eq=False)
class _Column:
    """Figures of one organisation, measure and part, by the first day of their period."""

    named: Named
    values: dict[date, _Value]


def read_file(path: Path, catalogue: Catalogue, answers: Answers, *, own: bool) -> Reading:
    """What a file gives with the answers that are known.

    Parameters
    ----------
    own : bool
        Whether its figures are the site's own, so that a withheld one has to be explained.

    Raises
    ------
    InputRefused
        Where the file cannot be read at all.
    """
    reading, series = _found(path, answers)
    if reading.questions or reading.problems:
        return reading
    reading.problems += _of_people(path.name, series)
    if reading.problems:
        return reading
    named, reading.questions = named_series(series, Names.of(catalogue), answers)
    reading.left_out += [LeftOut(one.series.cells(), one.left_out) for one in named if one.left_out]
    if reading.questions:
        return reading
    kept = [one for one in named if not one.left_out]
    if not kept:
        reading.problems.append(Problem(path.name, 0, "every figure is left out by the answers: change one of them."))
        return reading
    times = _times(path.name, kept, answers, reading)
    columns = _columns(path.name, kept, times, answers, reading, own=own)
    if not reading.questions and not reading.problems:
        _assemble(path.name, columns, catalogue, answers, reading)
    return reading


def _found(path: Path, answers: Answers) -> tuple[Reading, list[Series]]:
    reading, sheets = Reading(), read_sheets(path)
    unknown = [name for name in answers.sheets if name not in [sheet.name for sheet in sheets]]
    if unknown:
        names = ", ".join(sheet.name for sheet in sheets if sheet.name)
        raise InputRefused(
            [
                Problem(
                    path.name,
                    0,
                    f"has no sheet `{unknown[0]}`: its sheets are {names or 'none, as it is no workbook'}.",
                )
            ]
        )
    series: list[Series] = []
    for sheet in sheets:
        if answers.sheets and sheet.name not in answers.sheets:
            reading.left_out.append(LeftOut(sheet.name, "a sheet that is not among those named"))
            continue
        found = find_tables(sheet, path.name)
        if sheet.hidden and answers.hidden == LEAVE_OUT and (found.series or found.problems):
            reading.left_out.append(LeftOut(sheet.name, "a hidden sheet"))
            continue
        if not found.series and not found.problems and sheet.rows:
            reading.left_out.append(LeftOut(sheet.name or path.name, "no table with periods"))
        reading.left_out += found.left_out
        reading.problems += found.problems
        series += found.series
    hidden = [one for one in series if one.hidden]
    if hidden and answers.hidden is None:
        shown = ", ".join(dict.fromkeys(one.cells() for one in hidden[:5]))
        reading.questions.append(
            Question(
                ("hidden",),
                f"Figures stand in hidden rows, columns or sheets ({shown}). Take them, or leave them out?",
                ("take", LEAVE_OUT),
            )
        )
    if answers.hidden == LEAVE_OUT:
        reading.left_out += [LeftOut(one.cells(), "hidden") for one in hidden]
        series = [shown for one in series if (shown := one.visible()).points]
    if not series and not reading.problems:
        what = (
            "has no table with months, weeks, days or quarters that can be found: put them into one column or one row, under a"
            " heading, as 2022-04, Apr-22, April 2022, 01/04/2022, 2022/23 M01 or 2022/23 Q1."
        )
        reading.problems.append(Problem(path.name, 0, what))
    return reading, series


def _of_people(file: str, series: Sequence[Series]) -> list[Problem]:
    """Names that may identify people are refused, without repeating them."""
    problems = []
    for sheet, texts in {(one.sheet, text) for one in series for text in ((*one.labels, *one.labels.values()),)}:
        if any(names_a_person(text) or found_in(text) for text in texts):
            problems.append(Problem(file, 0, f"{sheet.name or 'the table'}: a heading or a name {IDENTIFIES}."))
    return problems[:AT_MOST]


def _times(file: str, named: Sequence[Named], answers: Answers, reading: Reading) -> dict[int, date]:
    """The first day of every label, by its identity; the grain of all is kept in ``reading``."""
    points = [(one.series.sheet, point) for one in named for point in one.series.points]
    labels = [point.time for _, point in points]
    loose = next(((sheet, point) for sheet, point in points if point.time.grain in ("part", "year")), None)
    if loose:
        sheet, point = loose
        what = "names a month or quarter without its year: write the year beside it, above it, or into the title."
        if point.time.grain == "year":
            what = "is a whole year: give months, weeks, days or quarters."
        reading.problems.append(Problem(file, 0, f"{sheet.cell(*point.named)} {what}"))
        return {}
    order = order_of(labels) if answers.dates is None else answers.dates.split()[0]
    if order in ("both", "unclear"):
        sheet, point = next(
            (s, p) for s, p in points if p.time.slashed and (order == "unclear" or p.time.first is None)
        )
        place = sheet.cell(*point.named)
        if order == "both":
            what = f"{place} has another order of day and month than others: write all dates alike."
            reading.problems.append(Problem(file, 0, what))
        else:
            question = f"Is {place}, and every date written like it, day first or month first?"
            reading.questions.append(Question(("dates",), question, ("day first", "month first")))
        return {}
    unclear = next(((sheet, point) for sheet, point in points if point.time.ambiguous), None)
    if unclear and answers.quarters is None:
        sheet, point = unclear
        reading.questions.append(
            Question(
                ("quarters",),
                f"Is the quarter in {sheet.cell(*point.named)} of the calendar year, or of the financial year from April?",
                ("calendar", "financial"),
            )
        )
        return {}
    first = {id(one): _first(one, order, answers) for one in labels}
    wrong = next(((sheet, point) for sheet, point in points if first[id(point.time)] is None), None)
    if wrong:
        sheet, point = wrong
        reading.problems.append(
            Problem(file, 0, f"{sheet.cell(*point.named)} is no date with the {order} first: correct it.")
        )
        return {}
    days = {one: cast(date, day) for one, day in first.items()}
    grains = {one.grain for one in labels}
    if grains <= {"day", "month"}:
        of_days = [days[id(one)] for one in labels if one.grain == "day"]
        end = bool(of_days) and all((day + pd.Timedelta(days=1)).day == 1 for day in of_days) and len(set(of_days)) > 1
        if all(day.day == 1 for day in of_days) and (len(set(of_days)) > 1 or "month" in grains):
            reading.grain = "month"
        elif end:
            reading.grain, days = "month", {one: day.replace(day=1) for one, day in days.items()}
        elif "month" not in grains:
            known = sorted(set(of_days))
            weekly = len(known) > 2 and all(
                (after - before).days % 7 == 0 for before, after in itertools.pairwise(known)
            )
            reading.grain = "week" if weekly else "day"
        else:
            grains = {"day", "month", "mixed"}
    elif len(grains) == 1:
        reading.grain = cast(Grain, grains.pop())
    if len(grains) > 1 and not grains <= {"day", "month"}:
        common = max(grains, key=lambda grain: sum(one.grain == grain for one in labels))
        sheet, point = next((s, p) for s, p in points if p.time.grain != common)
        what = f"is a {point.time.grain} among others that are a {common}: give all periods alike, or name the sheet with --sheet."
        if "mixed" in grains:
            sheet, point = next((s, p) for s, p in points if p.time.grain == "day" and days[id(p.time)].day != 1)
            what = "is a day among months: write the month, or its first day."
        reading.problems.append(Problem(file, 0, f"{sheet.cell(*point.named)} {what}"))
        return {}
    return days


def _first(one: Label, order: str, answers: Answers) -> date | None:
    if one.ambiguous:
        return one.first if answers.quarters == "calendar" else one.other
    return one.other if one.slashed and order == "month" else one.first


def _columns(
    file: str, named: Sequence[Named], times: dict[int, date], answers: Answers, reading: Reading, *, own: bool
) -> list[_Column]:
    """The figures of every series; what cannot be read is told, and what a sign means is asked once."""
    if not times:
        return []
    columns, problems, unknown = [], [], {}
    percents: list[tuple[Named, str]] = []
    for one in named:
        sheet, values = one.series.sheet, {}
        twice: list[tuple[str, str]] = []
        for point in one.series.points:
            row, column = point.at
            place = sheet.cell(row, column)
            read = cells.figure(sheet.rows[row][column], as_percent=point.at in sheet.percent)
            if read.problem:
                problems.append(Problem(file, 0, f"{place} {read.problem}"))
                continue
            if read.percent:
                percents.append((one, place))
                continue
            mark = ""
            if read.number is None:
                meaning = answers.marks.get(read.mark) or cells.meaning(read.mark)
                if (meaning == "withheld" and own and read.mark not in answers.marks) or meaning is None:
                    unknown.setdefault(read.mark, place)
                    continue
                mark = "" if meaning == "nought" else meaning
                value = _Value(0.0 if meaning == "nought" else None, mark, sheet, point.at)
            else:
                value = _Value(read.number, "", sheet, point.at)
            first = times[id(point.time)]
            if first in values:
                twice.append((values[first].cell, place))
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
        columns.append(_Column(one, values))
    reading.problems += shortened(problems, len(problems), "cells that cannot be read", AT_MOST)
    reading.questions += [_about_mark(mark, place, own) for mark, place in unknown.items()]
    if percents:
        one, place = percents[0]
        what = f"and {len(percents) - 1:,} more are percentages" if len(percents) > 1 else "is a percentage"
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
                f"{fractions[0][1].cell} and {len(fractions) - 1:,} more have fractions. People are counted in whole numbers; hours, days and"
                " money are not. Keep them as they are? (Else stop here, and correct the file.)",
                ("keep",),
            )
        )
    return columns


def _about_mark(mark: str, place: str, own: bool) -> Question:
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


def _assemble(file: str, columns: Sequence[_Column], catalogue: Catalogue, answers: Answers, reading: Reading) -> None:
    by_key: dict[tuple[str, Counted], list[_Column]] = defaultdict(list)
    for column in columns:
        by_key[column.named.code, column.named.counted].append(column)
    figures: dict[tuple[str, date, str], dict[str, _Value]] = defaultdict(dict)
    for (code, counted), several in by_key.items():
        one = several[0] if len(several) == 1 else _together(file, code, counted, several, answers, reading)
        for first, value in (one or {}).items() if isinstance(one, dict) else one.values.items():
            figures[code, first, counted.measure][counted.part] = value
    if reading.questions or reading.problems:
        return
    _check_shares(file, figures, catalogue, reading)
    if reading.problems:
        return
    rows = [
        (
            code,
            written(first, reading.grain),
            measure,
            *(_cell(parts.get(part)) for part in ("numerator", "denominator")),
        )
        for (code, first, measure), parts in figures.items()
        if any(value.number is not None or value.mark == "withheld" for value in parts.values()) or parts
    ]
    reading.rows = pd.DataFrame(rows, columns=COLUMNS).sort_values(COLUMNS[:3], ignore_index=True)
    for column in columns:
        reading.taken.append(Taken(column.named.series.cells(), _what(column, reading.grain)))


def _what(column: _Column, grain: Grain) -> str:
    counted, told = column.named.counted, sorted(column.values)
    figures = [value for value in column.values.values() if value.number is not None]
    marks = {mark: sum(value.mark == mark for value in column.values.values()) for mark in ("not reported", "withheld")}
    said = [
        f"{len(figures)} figure{'s' * (len(figures) != 1)}",
        *(f"{count} {mark}" for mark, count in marks.items() if count),
    ]
    part = f" ({counted.part})" if counted.part == "denominator" or column.named.is_share else ""
    window = f"{written(told[0], grain)} to {written(told[-1], grain)}" if told else "no period"
    return f"{column.named.code}, {counted.measure}{part}, {window}: {', '.join(said)}"


def _cell(value: _Value | None) -> float | str | None:
    return None if value is None else WITHHELD if value.mark == "withheld" else value.number


def _together(
    file: str, code: str, counted: Counted, several: Sequence[_Column], answers: Answers, reading: Reading
) -> dict[date, _Value]:
    """Series of one code: the same twice, parts that are added up, or a question."""
    shared = [day for day in several[0].values if all(day in one.values for one in several[1:])]
    if not shared:  # one goes on where another ends
        ends = [day for one in several for day in one.values]
        if len(ends) == len(set(ends)):
            return {day: value for one in several for day, value in one.values.items()}
    alike = len(shared) >= min(ALIKE, *(len(one.values) for one in several)) and all(
        len({(one.values[day].number, one.values[day].mark) for one in several}) == 1 for day in shared
    )
    if shared and alike and any(one.values[day].number for one in several for day in shared):
        reading.left_out += [
            LeftOut(one.named.series.cells(), f"the same figures as {several[0].named.series.cells()}")
            for one in several[1:]
        ]
        return {day: value for one in reversed(several) for day, value in one.values.items()}
    for one in several:
        others = [other for other in several if other is not one]
        if len(others) > 1 and len(shared) >= ALIKE and all(_is_sum(one, others, day) for day in shared):
            what = f"{one.named.series.cells()} adds up the others of {code}, {counted.measure}: answer `leave out` for it, or it counts twice."
            reading.problems.append(Problem(file, 0, what))
            return {}
    if answers.same_code is None and "add up" not in answers.roles.values():
        where = " and ".join(one.named.series.cells() for one in several[:3]) + (
            f" and {len(several) - 3} more" if len(several) > 3 else ""
        )
        names = ", ".join(dict.fromkeys(one.named.organisation for one in several if one.named.organisation))
        what = (
            f"{where} are all {code}, {counted.measure}{f' ({names})' if names else ''}. Add them up? (Else give each a code of its own under"
            " `organisations`, such as RXN01, or `leave out` those that are not wanted.)"
        )
        if ("same_code",) not in [question.key for question in reading.questions]:
            reading.questions.append(Question(("same_code",), what, ("add up",)))
        return {}
    total = {}
    for day in sorted({day for one in several for day in one.values}):
        told = [one.values.get(day) for one in several]
        known = [value for value in told if value is not None and value.number is not None]
        some = next(value for value in told if value is not None)
        if len(known) == len(several):
            total[day] = _Value(sum(value.number or 0.0 for value in known), "", some.sheet, some.at)
        else:
            mark = "withheld" if any(value and value.mark == "withheld" for value in told) else "not reported"
            total[day] = _Value(None, mark, some.sheet, some.at)
            if known:
                reading.left_out.append(
                    LeftOut(
                        ", ".join(value.cell for value in known),
                        f"not added up for {day:%Y-%m-%d}, as another part of {code} has no figure",
                    )
                )
    return total


def _is_sum(one: _Column, others: Sequence[_Column], day: date) -> bool:
    parts = [other.values[day].number for other in others]
    whole = one.values[day].number
    return whole is not None and None not in parts and abs(whole - sum(part or 0.0 for part in parts)) < 1e-9


def _check_shares(file: str, figures, catalogue: Catalogue, reading: Reading) -> None:
    """Shares have both their counts, and a part is no more than its whole; of a measure that nobody has described, where that
    holds of most of its figures."""
    problems = []
    missing: dict[tuple[str, str], str] = {}
    pairs: dict[str, list[tuple[_Value, _Value]]] = defaultdict(list)
    for (code, _, measure), parts in figures.items():
        numerator, denominator = parts.get("numerator"), parts.get("denominator")
        known = catalogue.measures.get(measure)
        if denominator is not None and numerator is None:
            what = "without a numerator: say which figures are counted of it."
            missing.setdefault((code, measure), f"{denominator.cell} is a denominator of {measure} at {code} {what}")
        elif numerator is not None and denominator is None and known and known.form != "count":
            what = f"a {known.form}, without a denominator: say of how many it is."
            missing.setdefault((code, measure), f"{numerator.cell} is a numerator of {measure}, {what}")
        elif numerator is not None and denominator is not None and (known is None or known.form == "proportion"):
            pairs[measure].append((numerator, denominator))
    for measure, told in pairs.items():
        both = [(part, whole) for part, whole in told if part.number is not None and whole.number is not None]
        more = [(part, whole) for part, whole in both if (part.number or 0) > (whole.number or 0)]
        if measure in catalogue.measures or len(more) <= len(both) / 2:
            problems += [
                Problem(
                    file,
                    0,
                    f"{part.cell}: {part.number:g} is more than its denominator {whole.number:g} ({whole.cell}): correct one of them.",
                )
                for part, whole in more
            ]
    problems += [Problem(file, 0, what) for what in missing.values()]
    reading.problems += shortened(problems, len(problems), "such cells", AT_MOST)

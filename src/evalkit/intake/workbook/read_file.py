"""A file and what is known of it: its rows, or what has to be asked or mended first."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from evalkit.catalogue.model import Catalogue
from evalkit.disclosure.people import IDENTIFIES, found_in, names_a_person
from evalkit.errors import InputRefused, Problem, named
from evalkit.intake.workbook.answers import LEAVE_OUT, Answers
from evalkit.intake.workbook.cells import NOT_WORKED_OUT
from evalkit.intake.workbook.columns import columns_of, unknown_marks
from evalkit.intake.workbook.find_tables import find_tables
from evalkit.intake.workbook.grids import Sheet, read_sheets
from evalkit.intake.workbook.layout import LeftOut, Series
from evalkit.intake.workbook.long_table import assemble
from evalkit.intake.workbook.names import Names
from evalkit.intake.workbook.reading import Reading
from evalkit.intake.workbook.roles import Question, named_series
from evalkit.intake.workbook.times import first_days

COMMENT = "a comment, which is not read: look whether it changes what the figures mean"
IN_UNITS = re.compile(r"\b(in )?(thousands|millions|hundreds)\b|\b000'?s\b|£\s?(000|m|k)\b|\(000\)", re.IGNORECASE)


def read_file(path: Path, catalogue: Catalogue, answers: Answers, *, own: bool, today: date | None = None) -> Reading:
    """What a file gives with the answers that are known.

    Parameters
    ----------
    own : bool
        Whether its figures are the site's own, so that a withheld one has to be explained.
    today : date, optional
        After which nothing can have been counted; the present day if left out.

    Raises
    ------
    InputRefused
        Where the file cannot be read at all.
    """
    today = today or date.today()
    reading, series = _found(path, answers)
    if reading.questions or reading.problems:
        return reading
    reading.problems += _of_people(path.name, series)
    if reading.problems:
        return reading
    named, reading.questions = named_series(series, Names.of(catalogue), answers)
    if reading.questions:  # what does not hang on names is asked at once
        of_times = Reading()  # what is wrong with them may be of what will be left out
        first_days(path.name, series, answers, of_times, today)
        reading.questions += of_times.questions
        reading.questions += unknown_marks(series, answers, own=own)
        return reading
    reading.left_out += [LeftOut(one.series.cells(), one.left_out) for one in named if one.left_out]
    kept = [one for one in named if not one.left_out]
    if not kept:
        reading.problems.append(Problem(path.name, 0, "every figure is left out by the answers: change one of them."))
        return reading
    times = first_days(path.name, [one.series for one in kept], answers, reading, today)
    columns = columns_of(path.name, kept, times, answers, reading, own=own)
    if not reading.questions and not reading.problems:
        assemble(path.name, columns, catalogue, answers, reading)
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
    hidden_sheets: list[str] = []
    for sheet in sheets:
        if answers.sheets and sheet.name not in answers.sheets:
            reading.left_out.append(LeftOut(sheet.name, "a sheet that is not among those named"))
            continue
        found = find_tables(sheet, path.name)
        if sheet.hidden and answers.hidden == LEAVE_OUT and (found.series or found.problems):
            reading.left_out.append(LeftOut(sheet.name, "a hidden sheet"))
            continue
        if sheet.hidden and answers.hidden is None and found.problems:
            hidden_sheets.append(sheet.name)
            continue
        if not found.series and not found.problems and sheet.rows:
            reading.left_out.append(LeftOut(sheet.name or path.name, "no table with periods"))
        reading.left_out += found.left_out
        reading.problems += found.problems
        series += found.series
        if found.series:
            reading.left_out += [LeftOut(sheet.cell(*place), COMMENT) for place in sorted(sheet.commented)]
    hidden = [one for one in series if one.hidden]
    if (hidden or hidden_sheets) and answers.hidden is None:
        shown = ", ".join([*dict.fromkeys(one.hidden_cells() for one in hidden[:5]), *hidden_sheets])
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
    series = _without_struck(reading, series, answers)
    units = next((place for sheet in sheets if (place := _units_said(sheet))), None)
    if series and units and answers.units is None:
        what = f"{units} speaks of thousands, millions or the like. Are the figures to be taken as they stand? (Else write them out.)"
        reading.questions.append(Question(("units",), what, ("as they are",)))
    if not series and not reading.problems and not reading.questions:
        empty = next((place for sheet in sheets if (place := _not_worked_out(sheet))), None)
        if empty:
            what = f"{empty} holds a formula that nobody has worked out: open the file in Excel, and save it."
            reading.problems.append(Problem(path.name, 0, what))
            return reading, series
        what = (
            "has no table whose periods can be found, and names no period above one. Put months, weeks, days or quarters into one"
            " column or one row, under a heading, or write Period: April 2022 above the table; as 2022-04, Apr-22, April 2022,"
            " 01/04/2022, 2022/23 M01 or 2022/23 Q1."
        )
        reading.problems.append(Problem(path.name, 0, what))
    return reading, series


def _without_struck(reading: Reading, series: list[Series], answers: Answers) -> list[Series]:
    """What somebody struck through is asked about: it may be withdrawn, or only done with."""
    struck = [one.sheet.cell(*point.at) for one in series for point in one.struck()]
    if struck and answers.struck is None:
        what = f"Figures are struck through ({named(struck)}). Take them, or leave them out as not reported?"
        reading.questions.append(Question(("struck",), what, ("take", LEAVE_OUT)))
    if answers.struck != LEAVE_OUT:
        return series
    reading.left_out += [LeftOut(cell, "struck through") for cell in struck]
    return [one.without_struck() for one in series]


def _units_said(sheet: Sheet) -> str:
    """The first cell that says what figures are counted in."""
    return next(
        (
            sheet.cell(row, column)
            for row, cells in enumerate(sheet.rows)
            for column, value in enumerate(cells)
            if isinstance(value, str) and len(value) < 200 and IN_UNITS.search(value)
        ),
        "",
    )


def _not_worked_out(sheet: Sheet) -> str:
    return next(
        (
            sheet.cell(row, column)
            for row, cells in enumerate(sheet.rows)
            for column, value in enumerate(cells)
            if value == NOT_WORKED_OUT
        ),
        "",
    )


def _of_people(file: str, series: Sequence[Series]) -> list[Problem]:
    """Names that may identify people are refused, without repeating them."""
    problems = {}
    for one in series:
        if any(names_a_person(text) or found_in(text) for text in (*one.labels, *one.labels.values())):
            problems.setdefault(
                one.sheet.name, Problem(file, 0, f"{one.cells()}: a heading or a name beside it {IDENTIFIES}.")
            )
    return list(problems.values())

"""A file and what is known of it: its rows, or what has to be asked or mended first."""

from collections.abc import Sequence
from pathlib import Path

from evalkit.catalogue.model import Catalogue
from evalkit.disclosure.people import IDENTIFIES, found_in, names_a_person
from evalkit.errors import InputRefused, Problem
from evalkit.intake.workbook.answers import LEAVE_OUT, Answers
from evalkit.intake.workbook.columns import columns_of, unknown_marks
from evalkit.intake.workbook.find_tables import find_tables
from evalkit.intake.workbook.grids import read_sheets
from evalkit.intake.workbook.layout import LeftOut, Series
from evalkit.intake.workbook.long_table import assemble
from evalkit.intake.workbook.names import Names
from evalkit.intake.workbook.reading import AT_MOST, Reading
from evalkit.intake.workbook.roles import Question, named_series
from evalkit.intake.workbook.times import first_days


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
    if reading.questions:  # what does not hang on names is asked at once
        first_days(path.name, series, answers, reading)
        reading.questions += unknown_marks(series, answers, own=own)
        return reading
    reading.left_out += [LeftOut(one.series.cells(), one.left_out) for one in named if one.left_out]
    kept = [one for one in named if not one.left_out]
    if not kept:
        reading.problems.append(Problem(path.name, 0, "every figure is left out by the answers: change one of them."))
        return reading
    times = first_days(path.name, [one.series for one in kept], answers, reading)
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

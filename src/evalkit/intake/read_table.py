"""A described data file, read as text and turned into checked columns."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evalkit.catalogue.files.csv_rows import length_problems, read_rows
from evalkit.catalogue.records.fields import code_meant
from evalkit.catalogue.records.tables import NUMBERS, SUBMISSION_COLUMNS, FlagRule, Table
from evalkit.disclosure.people import IDENTIFIES, names_a_person
from evalkit.errors import InputRefused, Problem, described, did_you_mean, named, shortened
from evalkit.intake.periods import EXAMPLES, parse_periods

SUPPRESSED = "*"
EXAMPLES_OF_MONTHS = "2017-07, 2017-07-01, Jul-17, July 2017 or 01/07/2017, day before month"
EXCEL_DAYS = range(36_526, 54_789)  # 2000 to 2049, as Excel counts days
WANTED = {
    "integer": "a whole number, blank (not reported) or * (withheld)",
    "number": "a number, blank (not reported) or * (withheld)",
    "boolean": "True or False",
    "month": f"a month such as {EXAMPLES_OF_MONTHS}",
    "day": f"a date such as {EXAMPLES['day']}",
    "week": f"a date in the week, such as {EXAMPLES['week']}",
    "quarter": f"a quarter such as {EXAMPLES['quarter']}, or a month of it",
    "year": f"a year such as {EXAMPLES['year']}",
}
TRUTH = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, eq=False)
class TableRows:
    """A table's rows.

    Attributes
    ----------
    frame : DataFrame
        Columns as described, numbers as float with missing for blank and ``*``; ``period`` as periods.
        The index is the line of the file.
    suppressed : DataFrame
        True where a number was withheld (``*``); same rows, numeric columns only.
    """

    table: Table
    frame: pd.DataFrame
    suppressed: pd.DataFrame


def read_table(root: Path, table: Table) -> TableRows:
    """The rows of ``table``.

    Raises
    ------
    InputRefused
        With file, line and column of everything that is wrong.
    """
    path = root / "data" / table.path
    try:
        stamp = path.stat()
    except OSError:
        raise InputRefused([Problem(f"data/{table.path}", 0, "does not exist: put the file there.")]) from None
    return _read(path, table.model_dump_json(by_alias=True), stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=16)
def _read(path: Path, described: str, _modified: int, _size: int) -> TableRows:
    table = Table.model_validate_json(described)
    shown = f"data/{table.path}"
    read, problems = read_rows(path, shown)
    if read is None:
        raise InputRefused(problems)
    problems = _header_problems(shown, read.header, table) or length_problems(read, shown)
    if problems:
        raise InputRefused(problems)
    if not read.rows:
        raise InputRefused([Problem(shown, 0, "has a header but no rows: add the data, or delete the file.")])
    written = pd.DataFrame(read.rows, columns=read.header, index=read.lines, dtype="str")

    frame, suppressed = {}, {}
    for name, kind in _types(table, read.header).items():
        text = written[name]
        if name == table.layout.period:
            kind = table.layout.grain
            frame[name] = parse_periods(text, kind)
            wrong = frame[name].isna()
        elif kind in NUMBERS:
            unknown = text.isin({*table.columns.missingValues, "", SUPPRESSED})
            suppressed[name] = (text[unknown] == SUPPRESSED).reindex(text.index, fill_value=False)
            numbers = pd.to_numeric(text.mask(unknown), errors="coerce").astype(float)
            wrong = ~unknown & ~_is_count(numbers, whole=kind == "integer")
            frame[name] = numbers
        elif kind == "boolean":
            frame[name] = text.str.lower().map(TRUTH)
            wrong = frame[name].isna()
        else:
            frame[name] = text
            if name == table.layout.unit and table.layout.shape == "long":
                problems += _code_problems(shown, name, text)
            continue
        problems += _cell_problems(shown, name, kind, text[wrong])
    frame = pd.DataFrame(frame, index=written.index)
    problems += _duplicates(shown, frame[frame[table.layout.period].notna()], table)
    if problems:
        raise InputRefused(problems)
    return TableRows(table, frame, pd.DataFrame(suppressed, index=written.index))


def holds(rule: FlagRule, frame: pd.DataFrame) -> pd.Series:
    """True for the rows of a table's frame that the rule speaks of."""
    if rule.column is not None:
        return frame[rule.column] == rule.when
    return (frame[rule.all_zero] == 0).all(axis=1)


def _is_count(numbers: pd.Series, *, whole: bool) -> pd.Series:
    usable = np.isfinite(numbers) & (numbers >= 0)
    return usable & (numbers % 1 == 0) if whole else usable


def _types(table: Table, header: list[str]) -> dict[str, str]:
    return {name: kind for name, kind in table.column_types.items() if name in header}


def _header_problems(shown: str, header: list[str], table: Table) -> list[Problem]:
    known = list(table.column_types)
    if not set(header) & set(known):
        what = (
            f"the first line {'is blank' if header == [''] else 'names no column that data/datapackage.json describes'}:"
            f" begin with the names of the columns ({_columns_in_words(table)}), with commas between them as between the fields"
            f" below{_separated_otherwise(header)}."
        )
        return [Problem(shown, 1, what)]
    needed = known if table.layout.shape == "wide" else list(SUBMISSION_COLUMNS[:4])
    problems = []
    for name in sorted({name for name in known if header.count(name) > 1}):
        problems.append(Problem(shown, 1, f"the column `{name}` is there twice: keep one."))
    unknown = [name for name in header if name not in known]
    told = (
        Problem(shown, 1, f"column {number} {_unknown_column(name, known)}.")
        for number, name in enumerate(header, start=1)
        if name not in known
    )
    problems += shortened(told, len(unknown), "columns that are not described")
    listed = f" ({_columns_in_words(table)})" if table.layout.shape == "long" else ""
    problems += [
        Problem(shown, 1, f"the column `{name}` is missing: add it{listed}.") for name in needed if name not in header
    ]
    return problems


def _columns_in_words(table: Table) -> str:
    """Which columns there must be, and which there may be."""
    if table.layout.shape == "wide":
        return named(list(table.column_types))
    return f"needed: {', '.join(SUBMISSION_COLUMNS[:4])}; may be there: {', '.join(SUBMISSION_COLUMNS[4:])}"


def _separated_otherwise(header: list[str]) -> str:
    """What stands between the names where it is no comma."""
    for sign, called in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and sign in header[0]:
            return f" (there are {called} here: save the file with commas)"
    return ""


def _unknown_column(name: str, known: list[str]) -> str:
    """What is wrong with a column, without its name: where the header is missing, that is a cell of the first row."""
    if not name:
        return "has no name: give it one, or leave it out"
    if names_a_person(name):
        return IDENTIFIES
    return f"is not described in data/datapackage.json{did_you_mean(name, known)}"


def _code_problems(shown: str, name: str, text: pd.Series) -> list[Problem]:
    """Codes that would be ones if they were written as such."""
    meant = text.drop_duplicates().map(code_meant)
    wrong = text.index[text.isin(text[meant.dropna().index])]
    problems = (
        Problem(
            shown,
            line,
            f"column `{name}` holds a code that is not in capital letters and figures only: use {code_meant(text[line])}.",
        )
        for line in wrong
    )
    return shortened(problems, len(wrong), f"such codes in column `{name}`")


def _own_codes(code: Any) -> str:
    """Codes of two parts of an organisation."""
    stem = str(code)[:5]
    return f"{stem}A and {stem}B"


def _remedy(kind: str, written: str) -> str:
    """What to do about a cell, where it can be told what it is."""
    if kind == "month" and written.isascii() and written.isdigit() and int(written[:9]) in EXCEL_DAYS:
        return " (as Excel counts days: format the column as a date, or as text)"
    if kind == "month" and re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", written):
        return " (the first day of a month)"
    return ""


def _cell_problems(shown: str, name: str, kind: str, wrong: pd.Series) -> list[Problem]:
    problems = (
        Problem(
            shown,
            line,
            f"column `{name}` holds {described(written)}: it needs {WANTED[kind]}{_remedy(kind, str(written))}.",
        )
        for line, written in wrong.items()
    )
    return shortened(problems, len(wrong), f"such cells in column `{name}`")


def _duplicates(shown: str, frame: pd.DataFrame, table: Table) -> list[Problem]:
    layout = table.layout
    key = [layout.unit, layout.period] + ([layout.category] if layout.category else [])
    key += ["measure"] if layout.shape == "long" else []
    known = frame[frame[layout.unit] != ""]
    columns = f"{', '.join(f'`{name}`' for name in key[:-1])} and `{key[-1]}`"
    twice = known.index[known.duplicated(key)]
    if twice.empty:
        return []
    groups = known.groupby(key, sort=False).ngroup()

    def first_line(line: int) -> int:
        return groups.index[groups == groups[line]][0]

    problems = (
        Problem(
            shown,
            line,
            f"{columns} are those of line {first_line(line)}: add the two up where both are right, give each a code of its own"
            " (that of the organisation with a letter behind it, such as A and B), or keep the row that is right.",
        )
        for line in twice
    )
    return shortened(problems, len(twice), "rows given twice")

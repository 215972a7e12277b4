"""A described data file, read as text and turned into checked columns."""

import csv
import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from evalkit.catalogue.lines import text_of
from evalkit.catalogue.tables import SUBMISSION_COLUMNS, Table
from evalkit.errors import InputRefused, Problem, did_you_mean
from evalkit.intake.periods import parse_periods

SUPPRESSED = "*"
SHOWN_AT_MOST = 5
TRUTH = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, eq=False)
class TableRows:
    """A table's rows.

    Attributes
    ----------
    frame : DataFrame
        Columns as described, numbers as float with missing for blank and ``*``; ``period`` as periods.
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
    text, problems = text_of(path, shown)
    if text is None:
        raise InputRefused(problems)
    header = next(csv.reader(io.StringIO(text)))
    problems = _header_problems(shown, header, table)
    if problems:
        raise InputRefused(problems)
    try:
        written = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, skip_blank_lines=False)
    except pd.errors.ParserError as error:
        raise InputRefused([Problem(shown, 0, f"is not a table: {_plain(error)}.")]) from None
    written = written[(written != "").any(axis=1)]
    if written.empty:
        raise InputRefused([Problem(shown, 0, "has a header but no rows: add the data, or delete the file.")])

    frame, suppressed = {}, {}
    missing = [value for value in table.columns.missingValues if value != SUPPRESSED] + [""]
    for name, kind in _types(table, header).items():
        text_column = written[name].str.strip()
        blank = text_column.isin(missing)
        if name == table.layout.period:
            frame[name] = parse_periods(text_column, table.layout.grain)
            wrong = frame[name].isna()
            kind = table.layout.grain
        elif kind in ("integer", "number"):
            suppressed[name] = text_column == SUPPRESSED
            numbers = pd.to_numeric(text_column.where(~blank & ~suppressed[name]), errors="coerce")
            wrong = (numbers.isna() & ~blank & ~suppressed[name]) | (numbers < 0)
            frame[name] = numbers.astype(float)
        elif kind == "boolean":
            frame[name] = text_column.str.lower().map(TRUTH)
            wrong = frame[name].isna()
        else:
            frame[name] = text_column
            wrong = pd.Series(False, index=written.index)
        problems += _cell_problems(shown, name, kind, text_column, wrong)
    frame = pd.DataFrame(frame, index=written.index)
    if not problems:
        problems = _duplicates(shown, frame, table)
    if problems:
        raise InputRefused(problems)
    return TableRows(table, frame, pd.DataFrame(suppressed, index=written.index))


def _types(table: Table, header: list[str]) -> dict[str, str]:
    return {name: kind for name, kind in table.column_types.items() if name in header}


def _header_problems(shown: str, header: list[str], table: Table) -> list[Problem]:
    header = [name.strip() for name in header]
    known = list(table.column_types)
    needed = known if table.layout.shape == "wide" else list(SUBMISSION_COLUMNS[:4])
    problems = []
    for name in sorted({name for name in header if header.count(name) > 1}):
        problems.append(Problem(shown, 1, f"the column `{name}` is there twice: keep one."))
    unknown = [name for name in header if name not in known]
    for name in unknown:
        what = (
            f"the column `{name or '(no name)'}` is not described in data/datapackage.json{did_you_mean(name, known)}."
        )
        problems.append(Problem(shown, 1, what))
    for name in needed:
        if name not in header:
            problems.append(Problem(shown, 1, f"the column `{name}` is missing{did_you_mean(name, unknown)}."))
    return problems


def _cell_problems(shown: str, name: str, kind: str, text: pd.Series, wrong: pd.Series) -> list[Problem]:
    wanted = {
        "integer": "a whole number, blank (not reported) or * (withheld)",
        "number": "a number, blank (not reported) or * (withheld)",
        "boolean": "True or False",
        "month": "a month such as 2017-07 or 2017-07-01",
        "day": "a date such as 2017-07-04",
    }.get(kind, f"a {kind}")
    rows = text.index[wrong]
    problems = [
        Problem(shown, row + 2, f"column `{name}` holds {text[row]!r}: it needs {wanted}.")
        for row in rows[:SHOWN_AT_MOST]
    ]
    if len(rows) > SHOWN_AT_MOST:
        rest = len(rows) - SHOWN_AT_MOST
        problems.append(Problem(shown, rows[SHOWN_AT_MOST] + 2, f"and {rest} more such cells in column `{name}`."))
    return problems


def _duplicates(shown: str, frame: pd.DataFrame, table: Table) -> list[Problem]:
    layout = table.layout
    key = [layout.unit, layout.period] + ([layout.category] if layout.category else [])
    key += ["measure"] if layout.shape == "long" else []
    known = frame[frame[layout.unit] != ""]
    twice = known[known.duplicated(key)]
    problems = []
    for row, values in twice.head(SHOWN_AT_MOST).iterrows():
        words = ", ".join(str(values[name]) for name in key)
        problems.append(Problem(shown, row + 2, f"{words} is there twice: keep the row that is right."))
    if len(twice) > SHOWN_AT_MOST:
        problems.append(
            Problem(shown, twice.index[SHOWN_AT_MOST] + 2, f"and {len(twice) - SHOWN_AT_MOST} more rows given twice.")
        )
    return problems


def _plain(error: Exception) -> str:
    return str(error).removeprefix("Error tokenizing data. C error: ").strip().rstrip(".")

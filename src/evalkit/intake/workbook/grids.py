"""A file as sheets of cells: workbooks, text files of any common encoding and separator, and Parquet."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from evalkit.errors import InputRefused, Problem
from evalkit.intake.workbook.cells import NOT_WORKED_OUT

FILE_AT_MOST, UNPACKED_AT_MOST, CELLS_AT_MOST = 100_000_000, 500_000_000, 5_000_000
CELL_AT_MOST = 10_000  # characters
KINDS = (".xlsx", ".xlsm", ".csv", ".tsv", ".txt", ".parquet")
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
SEPARATORS = ",;\t|"
Value = str | int | float | bool | datetime | date | None
PLAIN = (bool, int, float, datetime, date, type(None))


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet of cells.

    Attributes
    ----------
    name : str
        Empty for a file that has no sheets.
    rows : list of list
        Values from the first row and column on; None for an empty cell, ``NOT_WORKED_OUT`` for a formula without a value. Of merged cells the first has the value.
    percent : set of (row, column)
        Cells shown as percentages.
    merged : list of (first row, first column, last row, last column)
    hidden : bool
    hidden_rows, hidden_columns : set of int
    struck, commented : set of (row, column)
        Cells with a figure or text that is struck through, and cells with a comment.
    """

    name: str
    rows: list[list[Value]]
    percent: set[tuple[int, int]] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    struck: set[tuple[int, int]] = field(default_factory=set)
    commented: set[tuple[int, int]] = field(default_factory=set)

    def cell(self, row: int, column: int) -> str:
        """How people call a cell: Data!C14, or C14 where there are no sheets."""
        return f"{self.name}!{column_name(column)}{row + 1}" if self.name else f"{column_name(column)}{row + 1}"

    def emptied(self, places: set[tuple[int, int]]) -> "Sheet":
        """The same without what stands in some cells."""
        rows = list(self.rows)
        for row, column in places:
            rows[row] = [None if at == column else value for at, value in enumerate(rows[row])]
        return replace(self, rows=rows)


@lru_cache(maxsize=20_000)  # asked for every cell that is named
def column_name(column: int) -> str:
    """A, B, ..., Z, AA of a column counted from nought."""
    name, column = "", column + 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(65 + letter) + name
    return name


def read_sheets(path: Path) -> list[Sheet]:
    """The sheets of a file, hidden ones too.

    Raises
    ------
    InputRefused
        Where it is none that can be read, with what to do about it.
    """
    try:
        size = path.stat().st_size
    except OSError:
        raise _refused(path, "does not exist: check its name and folder.") from None
    if not path.is_file():
        raise _refused(path, "is a folder, or no ordinary file: name the file itself.")
    if size > FILE_AT_MOST:
        raise _refused(path, f"has {size:,} bytes, and at most {FILE_AT_MOST:,} are read: keep what is needed.")
    if not size:
        raise _refused(path, "is empty: save it again.")
    with path.open("rb") as file:
        begins = file.read(4)
    if begins == OLD_OR_LOCKED:
        raise _refused(
            path,
            "is an old .xls, or locked with a password: open it in Excel and save it as .xlsx, without a password.",
        )
    if begins == b"PAR1":
        return [_parquet(path)]
    if begins[:2] == b"PK":
        return _workbook(path)
    if path.suffix.lower() not in KINDS:
        raise _refused(path, f"is of a kind that is not read: save it as one of {', '.join(KINDS)}.")
    if path.suffix.lower() in (".xlsx", ".xlsm", ".parquet"):
        raise _refused(
            path, f"is called {path.suffix.lower()} and is none: open it where it was made, and save it again."
        )
    return [_text(path)]


def _refused(path: Path, what: str) -> InputRefused:
    return InputRefused([Problem(path.name, 0, what)])


def _workbook(path: Path) -> list[Sheet]:
    from openpyxl import load_workbook

    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        raise _refused(path, "is a zip file: unpack it, or give it the ending .xlsx if it is a workbook.")
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(member.file_size for member in packed.infolist())
            if unpacked > UNPACKED_AT_MOST:
                raise _refused(path, f"unpacks to {unpacked:,} bytes, and at most {UNPACKED_AT_MOST:,} are read.")
            formulas = any(b"<f" in packed.read(name) for name in packed.namelist() if _is_a_sheet(name))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about parts of a workbook that no figure stands in
            book = load_workbook(path, data_only=True, keep_links=False)
            written = load_workbook(path, read_only=True, keep_links=False) if formulas else None
    except InputRefused:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged file leads it into
        raise _refused(
            path, f"cannot be read as a workbook ({type(error).__name__}): open it in Excel and save it again."
        ) from None
    sheets = [_sheet(path, sheet, written[sheet.title] if written else None) for sheet in book.worksheets]
    if not any(sheet.rows for sheet in sheets):
        raise _refused(path, "has no cells with anything in them: save it again.")
    return sheets


def _is_a_sheet(name: str) -> bool:
    return re.fullmatch(r"xl/worksheets/[^/]+\.xml", name) is not None


def _sheet(path: Path, sheet, written) -> Sheet:
    if sheet.max_row * sheet.max_column > CELLS_AT_MOST:
        raise _refused(
            path,
            f"has a sheet of {sheet.max_row:,} rows and {sheet.max_column:,} columns: delete what is empty or not needed.",
        )
    rows: list[list[Value]] = []
    percent, struck, commented = set(), set(), set()
    styles: dict[int, tuple[bool, bool]] = {}  # shown as a percentage, struck through; there are few
    for number, cells in enumerate(sheet.iter_rows()):
        values: list[Value] = []
        for column, cell in enumerate(cells):
            value = cell.value
            values.append(value if isinstance(value, PLAIN) else _value(path, sheet.title, cell))
            if cell.comment is not None:
                commented.add((number, column))
            if value is None or not cell.has_style:
                continue
            style = cell.style_id
            if style not in styles:
                styles[style] = "%" in cell.number_format, bool(cell.font.strike)
            is_percent, is_struck = styles[style]
            if is_percent and isinstance(value, int | float):
                percent.add((number, column))
            if is_struck:
                struck.add((number, column))
        rows.append(values)
    if written is not None:
        for cells in written.iter_rows():
            for cell in cells:
                if cell.data_type == "f" and rows[cell.row - 1][cell.column - 1] is None:
                    rows[cell.row - 1][cell.column - 1] = NOT_WORKED_OUT
    return Sheet(
        sheet.title,
        _trimmed(rows),
        percent,
        [(one.min_row - 1, one.min_col - 1, one.max_row - 1, one.max_col - 1) for one in sheet.merged_cells.ranges],
        sheet.sheet_state != "visible",
        {number - 1 for number, row in sheet.row_dimensions.items() if row.hidden},
        set(_hidden_columns(sheet)),
        struck,
        commented,
    )


def _hidden_columns(sheet) -> Iterator[int]:
    from openpyxl.utils import column_index_from_string

    for letter, column in sheet.column_dimensions.items():
        if column.hidden:
            first = column.min or column_index_from_string(letter)
            yield from range(first - 1, min(column.max or first, sheet.max_column))


def _value(path: Path, name: str, cell) -> Value:
    text = str(cell.value)
    if len(text) > CELL_AT_MOST:
        raise _refused(
            path, f"has a cell longer than {CELL_AT_MOST:,} characters ({name}!{cell.coordinate}): shorten it."
        )
    return text if text.strip() else None


def _text(path: Path) -> Sheet:
    text = _decoded(path.read_bytes())
    if text is None:
        raise _refused(path, "is text in no encoding that is known: in Excel, save it as CSV UTF-8 (comma delimited).")
    if "\0" in text:
        raise _refused(path, "is no text: save it as .csv or .xlsx again.")
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True))
    except csv.Error:
        raise _refused(
            path, "has quotation marks that do not pair up: put one at each end of a text, and two for each inside it."
        ) from None
    rows: list[list[Value]] = [[cell if cell.strip() else None for cell in line] for line in lines]
    longest = max((len(cell) for row in rows for cell in row if isinstance(cell, str)), default=0)
    if longest > CELL_AT_MOST:
        raise _refused(path, f"has a cell longer than {CELL_AT_MOST:,} characters: shorten it.")
    if sum(map(len, rows)) > CELLS_AT_MOST:
        raise _refused(path, f"has more than {CELLS_AT_MOST:,} cells: keep what is needed.")
    return Sheet("", _trimmed(rows))


def _decoded(raw: bytes) -> str | None:
    """UTF-8 and UTF-16 by their mark or as they are; else what Western European Windows writes."""
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _separator(text: str) -> str:
    """What stands in most lines equally often outside quotation marks; a comma where nothing does."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()[:200] if line.strip()]
    counts = {sign: sorted(line.count(sign) for line in lines) for sign in SEPARATORS}
    typical = {sign: found[len(found) // 2] for sign, found in counts.items() if found}
    return max(SEPARATORS, key=lambda sign: typical.get(sign, 0))


def _parquet(path: Path) -> Sheet:
    import duckdb

    try:
        with duckdb.connect(config={"enable_external_access": True}) as connection:
            found = connection.read_parquet(str(path))
            if len(found.columns) * found.count("*").fetchall()[0][0] > CELLS_AT_MOST:
                raise _refused(
                    path,
                    f"has more than {CELLS_AT_MOST:,} cells: for records of one row each there is `evalkit aggregate`.",
                )
            rows = [list(found.columns), *map(list, found.fetchall())]
    except duckdb.Error:
        raise _refused(path, "cannot be read as Parquet: write it again where it was made.") from None
    return Sheet("", [[_plain(value) for value in row] for row in rows])


def _plain(value: object) -> Value:
    if value is None or isinstance(value, str | bool | int | float | datetime | date):
        return value
    try:
        return float(str(value))
    except ValueError:
        return str(value)


def _trimmed(rows: list[list[Value]]) -> list[list[Value]]:
    """Without the empty cells at the end of rows and sheet; all rows of one width."""
    width = max((at + 1 for row in rows for at, value in enumerate(row) if value is not None), default=0)
    while rows and all(value is None for value in rows[-1]):
        rows.pop()
    return [row[:width] + [None] * (width - len(row)) for row in rows]

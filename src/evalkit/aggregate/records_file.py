"""A file of records, looked at before it is read: what it is, and which columns it has.

No value of a row is ever said, and no column's name that may identify people.
"""

import csv
import io
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from evalkit.aggregate.quoting import as_pattern, literal
from evalkit.catalogue.files.plain_text import UNSEEN
from evalkit.catalogue.records.tables import names_a_person
from evalkit.errors import InputRefused, Problem, did_you_mean

HEADER_AT_MOST = 1_000_000  # bytes
COLUMNS_NAMED = 40
NOT_UTF8 = "is not UTF-8 text: save it again with the encoding UTF-8."
QUOTES = "its quotation marks do not pair up: put one at each end of a text, and two for each inside it."
OTHERS = {
    b"\x1f\x8b": "is compressed: unpack it first.",
    b"PK\x03\x04": "is a spreadsheet or a compressed folder: save the records as CSV (UTF-8) or Parquet.",
    b"\xff\xfe": NOT_UTF8,
    b"\xfe\xff": NOT_UTF8,
}
# Words of DuckDB's messages, which repeat the row and so are never shown, with what is said instead.
CSV_FAULTS = {
    "Expected Number of Columns": "the row has more or fewer fields than the header: give every column one, and put"
    " quotes around text with commas.",
    "not utf-8": NOT_UTF8,
    "quote": QUOTES,
    "Maximum line size": "the row is longer than 2,000,000 characters: look whether its quotation marks pair up.",
    "": "cannot be read as CSV: look whether its quotation marks pair up and all lines end alike, and save it again.",
}


@dataclass(frozen=True)
class RecordsFile:
    """One file of records.

    Attributes
    ----------
    shown : str
        Its name without the folders above it: what is printed and kept.
    columns, types : list of str
        Names, and DuckDB's types, in the file's order.
    rows : int
        How many it has: exact for Parquet, estimated for CSV.
    """

    path: Path
    kind: Literal["csv", "parquet"]
    columns: list[str]
    types: list[str]
    rows: int

    @property
    def shown(self) -> str:
        return self.path.name

    def type_of(self, column: str) -> str:
        """DuckDB's type of a column that is there."""
        return self.types[self.columns.index(column)]


def look_at(paths: Sequence[Path], connection: duckdb.DuckDBPyConnection) -> list[RecordsFile]:
    """The files, in their order.

    Raises
    ------
    InputRefused
        With everything that is wrong with any of them: absent, a folder, a link, empty, of another kind.
    """
    files, problems = [], []
    for path in paths:
        found = _look_at(path, connection)
        if isinstance(found, Problem):
            problems.append(found)
        elif any(path.samefile(other.path) for other in files):
            problems.append(Problem(path.name, 0, "is given twice and would be counted twice: give it once."))
        else:
            files.append(found)
    if problems:
        raise InputRefused(problems)
    return files


def _look_at(path: Path, connection: duckdb.DuckDBPyConnection) -> RecordsFile | Problem:
    shown = path.name or "."
    try:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            return Problem(shown, 0, "is a folder: name the files in it.")
        if not stat.S_ISREG(mode):
            return Problem(shown, 0, "is a link, a pipe or a device: name the file itself.")
        size = path.stat().st_size
        with path.open("rb") as file:
            first = file.read(HEADER_AT_MOST)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file has such a name"
        return Problem(shown, 0, f"cannot be read ({why}): correct its name, or put the file there.")
    if not first.strip():
        return Problem(shown, 0, "is empty: name a file with records.")
    if first.startswith(b"PAR1"):
        return _parquet(path, connection)
    for beginning, what in OTHERS.items():
        if first.startswith(beginning):
            return Problem(shown, 0, what)
    return _csv(path, first, size)


def _parquet(path: Path, connection: duckdb.DuckDBPyConnection) -> RecordsFile | Problem:
    source = literal(as_pattern(path.absolute().as_posix()))
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({source})").fetchall()
        counted = connection.execute(f"SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata({source})").fetchone()
    except duckdb.Error:
        return Problem(path.name, 0, "is not a whole Parquet file: write it again.")
    if not counted or not counted[0]:
        return Problem(path.name, 0, "has columns but no rows: name a file with records.")
    return RecordsFile(path, "parquet", [row[0] for row in described], [row[1] for row in described], counted[0])


def _csv(path: Path, first: bytes, size: int) -> RecordsFile | Problem:
    whole_lines = first if len(first) == size else first[: first.rfind(b"\n") + 1]
    try:
        text = whole_lines.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Problem(path.name, first[: error.start].count(b"\n") + 1, NOT_UTF8)
    if "\x00" in text or not text:
        return Problem(path.name, 0, "is neither CSV nor Parquet: save the records as one of them.")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(reader)]
        has_rows = any(map(any, reader))
    except csv.Error:
        return Problem(path.name, reader.line_num, QUOTES)
    if UNSEEN.search("".join(header)):
        return Problem(path.name, 1, "a column's name holds a character that cannot be seen: write the header anew.")
    if not has_rows:
        return Problem(path.name, 0, "has a header but no rows: name a file with records.")
    lines = max(whole_lines.count(b"\n"), whole_lines.count(b"\r"), 1)
    return RecordsFile(path, "csv", header, ["VARCHAR"] * len(header), size * lines // len(whole_lines) + 1)


def column_problems(file: RecordsFile, needed: Iterable[str]) -> list[Problem]:
    """What keeps the columns that measures name from being read: absent, or there twice."""
    line = 1 if file.kind == "csv" else 0
    lower = [name.lower() for name in file.columns]  # DuckDB does not tell capital letters from others
    needed = sorted(needed)
    twice = [name for name in needed if lower.count(name.lower()) > 1]
    problems = [Problem(file.shown, line, f"the column `{name}` is there twice: keep one.") for name in twice]
    absent = [name for name in needed if name not in file.columns and name not in twice]
    if len(absent) == len(needed):  # the first line may be a row: nothing of it is repeated
        what = (
            "has none of the columns that `records` in data/measures.yml names"
            f" ({', '.join(f'`{name}`' for name in absent)}): begin with a header, with commas between the names,"
            " or write there what the columns are called here."
        )
        return [Problem(file.shown, line, what)]
    may_be_said = [name for name in file.columns if name and not names_a_person(name)]
    found = ", ".join(f"`{name}`" for name in may_be_said[:COLUMNS_NAMED])
    for name in absent:
        meant = did_you_mean(name, may_be_said)
        meant = f"{meant}?" if meant.startswith("; did you mean") else ";"
        what = f"the column `{name}` is missing{meant} There are {found}: add it, or correct `records` in data/measures.yml."
        problems.append(Problem(file.shown, line, what.replace("missing; There", "missing; there")))
    return problems


def fault_in_words(error: duckdb.Error, files: Sequence[RecordsFile]) -> Problem:
    """What DuckDB found wrong with a row of a CSV, by file and line, without what it says of the row."""
    said = str(error)
    named = re.search(r"^\s*file = (.*)$", said, re.MULTILINE)
    of_csv = [file for file in files if file.kind == "csv"] or list(files)
    file = next((file for file in of_csv if named and Path(named[1]).name == file.path.name), of_csv[0])
    line = re.search(r"CSV Error on Line: (\d+)", said)
    about = re.sub(r"Original Line: .*?(?=\nExpected|\nInvalid|\nValue|\nMaximum|\n\n|\Z)", "", said, flags=re.DOTALL)
    about = about.partition("Possible")[0]
    what = next(words for sign, words in CSV_FAULTS.items() if sign in about)
    if file.kind == "parquet":
        what = "is not a whole Parquet file: write it again."
    return Problem(file.shown, int(line[1]) if line else 0, what)

"""A CSV file as rows of text that know their lines. What the columns mean is decided elsewhere."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from evalkit.catalogue.files.plain_text import TABLE_AT_MOST, text_of
from evalkit.errors import Problem, shortened

CELL_AT_MOST = 10_000  # characters
TOO_LONG = f"a cell is longer than {CELL_AT_MOST:,} characters: shorten it."


@dataclass(frozen=True)
class WrittenRows:
    """Rows as written, without the spaces around their cells; blank rows are left out.

    Attributes
    ----------
    header : list of str
    rows : list of list of str
    lines : list of int
        Line of the file, from 1, in which each row begins.
    """

    header: list[str]
    rows: list[list[str]]
    lines: list[int]


class _Alike(dict[str, str]):
    """Cells without the spaces around them: a table says the same codes and months again and again, and each is kept once."""

    def __missing__(self, cell: str) -> str:
        stripped = cell.strip()
        self[cell] = self.setdefault(stripped, stripped)
        return self[cell]


def read_rows(path: Path, shown: str, at_most: int = TABLE_AT_MOST) -> tuple[WrittenRows | None, list[Problem]]:
    """The rows of a CSV file; one that cannot be read without guessing gives problems instead."""
    text, problems = text_of(path, shown, at_most)
    if text is None:
        return None, problems
    # newline="" leaves the ends of lines to the csv module, whether from Windows, Unix or an old Mac.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, lines, line = [], [], 1
    alike = _Alike()
    stripped = alike.__getitem__
    try:
        for written in reader:
            row = list(map(stripped, written))
            # A blank line stays where the header belongs, so that it is seen to be missing.
            if line == 1 or any(row):
                rows.append(row)
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            return None, [Problem(shown, line, TOO_LONG)]
        what = "its quotation marks do not pair up: put one at each end of a text, and two for each inside it."
        return None, [Problem(shown, line, what)]
    if max(map(len, alike.values()), default=0) > CELL_AT_MOST:
        too_long = next(n for n, row in enumerate(rows) if max(map(len, row), default=0) > CELL_AT_MOST)
        return None, [Problem(shown, lines[too_long], TOO_LONG)]
    return WrittenRows(rows[0], rows[1:], lines[1:]), []


def length_problems(written: WrittenRows, shown: str) -> list[Problem]:
    """Rows with more or fewer fields than the header: to read them would shift or invent figures."""
    wanted = len(written.header)
    wrong = [(line, row) for line, row in zip(written.lines, written.rows, strict=True) if len(row) != wanted]
    problems = (
        Problem(
            shown,
            line,
            f"the row has {len(row)} fields, the header {wanted}:"
            " give every column one, and put quotes around text with commas.",
        )
        for line, row in wrong
    )
    return shortened(problems, len(wrong), "rows with more or fewer fields than the header")

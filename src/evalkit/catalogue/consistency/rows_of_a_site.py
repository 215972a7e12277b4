"""A site's own CSV file with a row a record: read as hostile, its columns by name."""

from collections.abc import Sequence
from pathlib import Path

from evalkit.catalogue.consistency.of_nobody import of_nobody
from evalkit.catalogue.files.csv_rows import length_problems, read_rows
from evalkit.errors import Problem, did_you_mean, repeated


def rows_of_a_site(
    path: Path, shown: str, columns: Sequence[str], at_most: int, one_row: str
) -> tuple[list[tuple[int, dict[str, str]]], list[Problem]]:
    """Line and cells of every row, by column, or everything that is wrong with the file; what is wrong is not repeated.

    Parameters
    ----------
    shown : how messages name the file
    columns : what it has, each once, in any order; blanks, hyphens and capitals in a name do not matter
    at_most : bytes
    one_row : what a row is, to be added where there is none
    """
    if path.is_symlink():
        return [], [Problem(shown, 0, "is a link: put the file itself there.")]
    written, problems = read_rows(path, shown, at_most)
    if written is None:
        return [], problems
    header = [name.casefold().replace(" ", "_").replace("-", "_") for name in written.header]
    problems = of_nobody(f"{shown.removesuffix('.csv')}.csv", path.read_bytes())
    problems = problems or _header_problems(shown, header, columns) or length_problems(written, shown)
    if not problems and not written.rows:
        problems = [Problem(shown, 0, f"has a header and no rows: add {one_row}.")]
    if problems:
        return [], problems
    rows = zip(written.lines, written.rows, strict=True)
    return [(line, dict(zip(header, cells, strict=True))) for line, cells in rows], []


def _header_problems(shown: str, header: Sequence[str], columns: Sequence[str]) -> list[Problem]:
    problems = [Problem(shown, 1, f"the column `{name}` is missing: add it.") for name in columns if name not in header]
    for number, name in enumerate(header, start=1):
        if name not in columns:
            hint = did_you_mean(name, columns, listed_at_most=0)
            meant = f"{hint}?" if hint else ""
            problems.append(Problem(shown, 1, f"column {number} is none of {', '.join(columns)}{meant}: take it out."))
    twice = [name for name in repeated(header) if name in columns]
    return problems + [Problem(shown, 1, f"the column `{name}` is there twice: take one out.") for name in twice]

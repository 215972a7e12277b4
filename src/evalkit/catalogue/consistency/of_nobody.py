"""What of people stands in the files below ``data``: records and their texts, and tables whether or not they are described."""

from collections.abc import Iterable
from pathlib import Path

from evalkit.catalogue.files.plain_text import TABLE_AT_MOST, too_large
from evalkit.catalogue.records.tables import Table
from evalkit.disclosure.leak_scan import UNREADABLE, leaks_in
from evalkit.disclosure.people import COLUMN, IDENTIFIES, without_numbers
from evalkit.errors import Problem, shortened
from evalkit.files import files_below

TABLES, TEXTS = (".csv", ".tsv"), (".yml", ".yaml", ".md", ".json", ".txt")
PRIVATE = "private/"  # what is kept there for this machine alone; of tables that are used, the columns are asked when they are read
OUT = "this project is of totals, so take out what is about one person"


def check_of_nobody(root: Path, tables: Iterable[Table]) -> list[Problem]:
    """Every column and every value that identifies people, but for the cells of described tables, which are read later."""
    described = {table.path for table in tables}
    problems = []
    for name, stat in files_below(root / "data").items():
        if name in described or name.startswith(PRIVATE) or not name.lower().endswith(TABLES + TEXTS):
            continue
        shown = f"data/{name}"
        if stat.st_size <= TABLE_AT_MOST:
            problems += of_nobody(shown, (root / shown).read_bytes())
        elif name.lower().endswith(TABLES):
            problems.append(
                Problem(
                    shown,
                    0,
                    f"{too_large(stat.st_size, TABLE_AT_MOST)} Records, one row each, are counted by `evalkit aggregate`.",
                )
            )
    return problems


def check_table_of_nobody(root: Path, table: Table) -> list[Problem]:
    """What a described table holds of people. One that is absent or too large is refused when its rows are read."""
    path, shown = root / "data" / table.path, f"data/{table.path}"
    if table.path.startswith(PRIVATE) or not path.is_file() or path.stat().st_size > TABLE_AT_MOST:
        return []
    found = of_nobody(shown, path.read_bytes())
    return shortened(found, len(found), "places that hold what identifies people")


def of_nobody(shown: str, raw: bytes) -> list[Problem]:
    """What a table or a text holds of people, with its line and column; never the value.

    Parameters
    ----------
    shown : the file, as messages name it; its ending says whether it is a table
    """
    read_as = shown if shown.lower().endswith(TABLES) else "text.txt"
    problems = []
    try:
        leaks = list(dict.fromkeys(leaks_in(read_as, raw)))
    except UNREADABLE:
        return [
            Problem(
                without_numbers(shown), 0, "is no text, so nobody knows what it holds: save it again as UTF-8 text."
            )
        ]
    for leak in leaks:
        where = f"{leak.place} " if leak.place else ""
        what = f"{where}{IDENTIFIES}." if leak.kind == COLUMN else f"{where}holds {leak.kind}: {OUT}."
        problems.append(Problem(without_numbers(shown), leak.line, what))
    return problems

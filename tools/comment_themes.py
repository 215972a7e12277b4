"""What patients' comments were about, trimmed: themes by two trusts of a labelled sample, 2021 and 2022.

``python -m tools.comment_themes SOURCE`` reads counts of themes by trust and writes
``data/tables/comment_themes_2021_2022.csv``. Columns are renamed, rows put in the order of the alphabet, and counts of 1 to 4
written as ``*``, by the rule of the Friends and Family Test from which the comments come. The column that adds the trusts up
is left out: they are services of different kinds, and it would give back what is withheld.
"""

import csv
import sys
from pathlib import Path

from evalkit.catalogue import find_root
from evalkit.errors import EvaluationError

TABLE = Path("data", "tables", "comment_themes_2021_2022.csv")
# Column of the source by column of the table; the period is the year in which the sample ends.
COLUMNS = {"period": "", "theme": "theme", "ambulance_service": "NEAS", "mental_health_and_community_trust": "NHFT"}
ENDS = "2022"
LEAST = 5  # comments; of fewer the count is withheld


def trimmed(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """A row a theme.

    Raises
    ------
    EvaluationError
        For two rows of one theme, or a count that is no whole number.
    """
    kept: dict[str, dict[str, str]] = {}
    for number, row in enumerate(rows, start=2):
        theme = row["theme"]
        if theme in kept:
            raise EvaluationError(f"Line {number}: {theme} has two rows.")
        counts = {name: _count(row[source], number) for name, source in COLUMNS.items() if name not in ("period", "theme")}
        kept[theme] = {"period": ENDS, "theme": theme} | {name: "*" if 0 < count < LEAST else str(count) for name, count in counts.items()}
    return [kept[theme] for theme in sorted(kept, key=str.casefold)]


def _count(written: str, number: int) -> int:
    count = written.removesuffix(".0")
    if not count.isdecimal():
        raise EvaluationError(f"Line {number}: {written} is no count.")
    return int(count)


def main(source: Path) -> None:
    """Write the table.

    Raises
    ------
    EvaluationError
        Where the source has not its columns, or not one count a theme.
    """
    with source.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        without = [name for name in filter(None, COLUMNS.values()) if name not in (reader.fieldnames or ())]
        if without:
            raise EvaluationError(f"{source.name} has no column `{without[0]}`: give the table that has it.")
        rows = trimmed(list(reader))
    with (find_root() / TABLE).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(COLUMNS), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{TABLE.as_posix()}: {len(rows)} rows")


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("Name the source: python -m tools.comment_themes SOURCE")
    main(Path(sys.argv[1]))

"""What patients' comments were about, trimmed: themes by two trusts of a labelled sample, 2021 and 2022.

``python -m tools.comment_themes SOURCE`` reads counts of themes by trust and writes
``data/tables/comment_themes_2021_2022.csv``, a row a trust and theme. Counts of 1 to 4
are written as ``*``, by the rule of the Friends and Family Test from which the comments come. The column that adds the trusts up
is left out: they are services of different kinds, and it would give back what is withheld.
"""

import csv
import sys
from pathlib import Path

from evalkit.catalogue import find_root
from evalkit.errors import EvaluationError

TABLE = Path("data", "tables", "comment_themes_2021_2022.csv")
# ODS code of each trust by its column of the source.
TRUSTS = {"NEAS": "RX6", "NHFT": "RP1"}
COLUMNS = ("period", "org_code", "theme", "comments")
ENDS = "2022"  # the year in which the sample ends
LEAST = 5  # comments; of fewer the count is withheld


def trimmed(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """A row a trust and theme.

    Raises
    ------
    EvaluationError
        For two rows of one theme, or a count that is no whole number.
    """
    kept: dict[tuple[str, str], dict[str, str]] = {}
    for number, row in enumerate(rows, start=2):
        for source, code in TRUSTS.items():
            theme, count = row["theme"], _count(row[source], number)
            if (code, theme) in kept:
                raise EvaluationError(f"Line {number}: {theme} has two rows.")
            comments = "*" if 0 < count < LEAST else str(count)
            kept[code, theme] = {"period": ENDS, "org_code": code, "theme": theme, "comments": comments}
    return [kept[key] for key in sorted(kept, key=lambda key: (key[0], key[1].casefold()))]


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
        without = [name for name in ("theme", *TRUSTS) if name not in (reader.fieldnames or ())]
        if without:
            raise EvaluationError(f"{source.name} has no column `{without[0]}`: give the table that has it.")
        rows = trimmed(list(reader))
    with (find_root() / TABLE).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{TABLE.as_posix()}: {len(rows)} rows")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name the source: python -m tools.comment_themes SOURCE")
    main(Path(sys.argv[1]))

"""Synthetic records of attendances, one row each: ``python -m tools.make_records FILE --rows 1000000 --seed 1``.

Invented, and labelled so: codes begin with ZZ, ids with SYNTHETIC, and FILE must have "synthetic" in its name. As many
rows as the disk holds need no more memory than a few; the same seed gives the same rows, in whatever order. FILE ends in
``.parquet`` or ``.csv``.
"""

import argparse
import tempfile
from pathlib import Path

import duckdb

ORGANISATIONS = 150
MINUTES = 1096 * 24 * 60  # from 1 April 2022 to 31 March 2025
MEMORY = "500MB"


def rows_of(rows: int, seed: int) -> str:
    """The SELECT of that many rows; of a hundred, one has no time of leaving, and of a thousand one left too soon."""

    def number(what: int, below: int) -> str:
        return f"(hash(row, {int(seed)}, {what}) % {below})::BIGINT"

    stay = f"(30 - ln(({number(4, 1_000_000)} + 1) / 1000001.0) * 180)::BIGINT"
    return f"""
SELECT
  'SYNTHETIC' || row AS attendance_id,
  'ZZ' || printf('%03d', 100 + {number(1, ORGANISATIONS)}) AS provider_code,
  ['1', '2', '3'][1 + {number(2, 3)}] AS department,
  TIMESTAMP '2022-04-01' + to_minutes({number(3, MINUTES)}) AS arrived_at,
  CASE WHEN {number(5, 100)} = 0 THEN NULL WHEN {number(5, 1000)} = 1 THEN arrived_at - INTERVAL 1 DAY
    ELSE arrived_at + to_minutes({stay}) END AS left_at,
  {number(6, 100)} AS age,
  ['yes', 'no', 'no', 'no'][1 + {number(7, 4)}] AS admitted
FROM range({int(rows)}) AS counted(row)"""


def make_records(path: Path, rows: int, seed: int = 1) -> None:
    """Write them, a few at a time.

    Raises
    ------
    SystemExit
        Where the file's name does not say that they are synthetic, or not which kind of file it is.
    """
    if "synthetic" not in path.name or path.suffix not in (".parquet", ".csv"):
        raise SystemExit(
            f"{path.name}: call the file synthetic-something.parquet or .csv, so that nobody takes it for real."
        )
    with (
        tempfile.TemporaryDirectory(dir=path.absolute().parent) as aside,
        duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": aside}) as connection,
    ):
        connection.execute("SET preserve_insertion_order = false")
        target = duckdb.ConstantExpression(str(path.absolute()))
        written = "FORMAT parquet, ROW_GROUP_SIZE 100_000" if path.suffix == ".parquet" else "FORMAT csv, HEADER"
        connection.execute(f"COPY ({rows_of(rows, seed)}) TO {target} ({written})")


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    make_records(given.file, given.rows, given.seed)
    print(f"{given.rows:,} synthetic rows in {given.file.name}.")


if __name__ == "__main__":
    main()

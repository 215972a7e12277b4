"""`evalkit aggregate`: records of one row each to a long table, inside a memory limit."""

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evalkit.project import find_root


class Period(StrEnum):
    """By what records are counted."""

    day = "day"
    week = "week"
    month = "month"
    quarter = "quarter"


def aggregate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Records, CSV or Parquet; taken together.")],
    output: Annotated[
        str, typer.Option(help="Name of the table: data/tables/NAME.csv, exact in data/private/NAME.csv.")
    ] = "aggregated",
    measure: Annotated[
        list[str] | None, typer.Option(help="Id of a measure with `records`; repeat for several. All by default.")
    ] = None,
    period: Annotated[Period, typer.Option(help="By what to count.")] = Period.month,
    with_last: Annotated[
        bool, typer.Option("--with-last", help="Keep the last period, though records end before it does.")
    ] = False,
    show_sql: Annotated[bool, typer.Option("--show-sql", help="Print the SQL, and count nothing.")] = False,
    memory: Annotated[float, typer.Option(max=100_000, help="GB of memory to keep within.")] = 2,
) -> None:
    """Count records of admissions, attendances or discharges to a table the book reads, without small numbers."""
    from evalkit.aggregate import run, tables_written
    from evalkit.catalogue import read_catalogue

    root = find_root()
    catalogue = read_catalogue(root)
    how = {
        "ids": measure or [], "period": period.value, "memory": memory, "today": date.today(),
        "aside": root / tables_written.PRIVATE,
    }  # fmt: skip
    if show_sql:
        print(run.show_sql(catalogue, files, **how), end="")
        return
    targets = tables_written.targets(catalogue, output)
    aggregated = run.aggregate(catalogue, files, **how, with_last=with_last, console=Console(stderr=True))
    tables_written.write(root, targets, aggregated)
    for sentence in aggregated.told:
        print(sentence, file=sys.stderr)
    print(
        f"{aggregated.rows:,} records to {len(aggregated.table):,} rows in {targets.shown.as_posix()}, small numbers"
        f" withheld; the exact ones are in {targets.exact.as_posix()} and stay here, the SQL in {targets.sql.as_posix()}."
    )

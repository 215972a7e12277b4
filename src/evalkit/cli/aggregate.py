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
    """Count records of admissions, attendances or discharges to a table that the book reads, small numbers withheld."""
    from evalkit.aggregate import run, tables_written
    from evalkit.catalogue import read_catalogue
    from evalkit.intake.gated_tables import is_gated
    from evalkit.runs.planning.own_table import gate_all
    from evalkit.runs.project_lock import interrupted_once, project_lock

    root = find_root()
    with interrupted_once(), project_lock(root):
        catalogue = read_catalogue(root)
        targets = tables_written.targets(catalogue, output)
        asked = run.Asked(files, measure or [], period.value, with_last, memory, date.today())
        aside = root / tables_written.PRIVATE
        if show_sql:
            print(run.show_sql(catalogue, asked, aside), end="")
            return
        aggregated = run.aggregate(catalogue, asked, aside, Console(stderr=True))
        known = [
            table.name
            for table in catalogue.tables.values()
            if is_gated(table) and Path("data", table.path) == targets.shown
        ]
        tables_written.write(root, targets, aggregated, is_known=bool(known))
        if known:
            gate_all(root, known)
    for sentence in aggregated.told:
        print(sentence, file=sys.stderr)
    print(
        f"{aggregated.rows:,} records counted: {targets.shown.as_posix()} has the figures without small numbers, and"
        f" {targets.sql.as_posix()} the SQL; exact figures are in {targets.exact.as_posix()}, and stay on this machine."
    )

"""Records to a long table of exact totals, with the SQL that made it and all that had to be left out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from rich.console import Console

from evalkit.aggregate import query
from evalkit.aggregate.database import Database, database
from evalkit.aggregate.left_out import left_out
from evalkit.aggregate.long_table import added_up, filled, long_rows, part_ids, without_partly_counted
from evalkit.aggregate.records_file import RecordsFile, look_at
from evalkit.aggregate.typed_records import Roles, in_coordinated_time, refuse_unfit, roles_of, typed
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.measures import Measure
from evalkit.errors import EvaluationError, did_you_mean

# A median keeps 8 bytes of each row, in room that is doubled as it grows, once in each of two threads at worst.
BYTES_OF_A_MEDIAN = 32
# What tells rows apart keeps this of each, and may be this many times the memory, as the rest is put on the disk.
BYTES_OF_A_ROW, TIMES_THE_MEMORY = 100, 2


@dataclass(frozen=True)
class Asked:
    """What is to be counted.

    Attributes
    ----------
    paths : sequence of Path
        CSV or Parquet files, taken together.
    ids : sequence of str
        Measures; all that say how they are counted, where empty.
    period : {"day", "week", "month", "quarter"}
    with_last : bool
        Keep the last period where records do not reach its last day.
    memory : GB
        What all of it may take.
    today : date
        Records after it are told, and in no figure.
    """

    paths: Sequence[Path]
    ids: Sequence[str]
    period: str
    with_last: bool
    memory: float
    today: date


@dataclass(frozen=True)
class Aggregated:
    """What was counted.

    Attributes
    ----------
    table : DataFrame
        The long table: org_code, period, measure, numerator, denominator, note, and of means the two largest amounts;
        exact, so for this machine only.
    forms : dict of str to str
        The form of every measure in it, as the gate knows it.
    rows : int
        Records read.
    told : list of str
        A sentence for everything that is in none of the figures, or only in part.
    sql : str
        What was asked of DuckDB, with names of files without their folders.
    """

    table: pd.DataFrame
    forms: dict[str, str]
    rows: int
    told: list[str]
    sql: str


@dataclass(frozen=True)
class Plan:
    """The statements of a run, before anything is counted."""

    files: list[RecordsFile]
    roles: Roles
    countings: list[query.Counting]
    period: str
    today: date
    room: query.Room

    def records(self, *, shown: bool = False) -> str:
        """Text has to be taken apart each time it is read, so where it is read twice it is kept in columns."""
        again = query.passes(self.countings) > 1 and any(file.kind == "csv" for file in self.files)
        made = "TABLE" if again else "VIEW"
        return f"CREATE {made} records AS\n{typed(self.files, self.roles, shown=shown)}"

    def of(self, counting: query.Counting) -> list[str]:
        """What makes the tables of one pair of organisation and moment."""
        return [query.rows(counting, self.period, self.today), query.counted(counting), query.sound(counting)]

    @property
    def sql(self) -> str:
        """Everything that is asked, in its order; files are named without the folders above them."""
        said = [self.records(shown=True)]
        for counting in self.countings:
            said += self.of(counting)
            said += [query.left_out(counting), query.without_period(counting)]
            said += [asked[0] for asked in [query.left_out_of_measures(counting)] if asked]
            said.append(query.organisations_and_periods(counting))
            for measure, part, selects in query.totals(counting, self.room):
                said += [f"-- {measure.id}{' by part' if part else ''}\n{select}" for select in selects]
        return "".join(f"{statement};\n\n" for statement in said).rstrip("\n") + "\n"


def chosen_measures(catalogue: Catalogue, ids: Sequence[str], period: str) -> list[Measure]:
    """The measures that say how they are counted from records; all, where none is named.

    Raises
    ------
    EvaluationError
        Where one is not known, says nothing of records, or counts weekdays by day.
    """
    by_id = catalogue.measures
    for id in ids:
        if id not in by_id:
            raise EvaluationError(f"`{id}` is not a measure in data/measures.yml{did_you_mean(id, by_id)}.", "measure")
        if by_id[id].records is None:
            raise EvaluationError(
                f"`{id}` does not say how it is counted: give it `records` in data/measures.yml.", "measure"
            )
    chosen = [by_id[id] for id in dict.fromkeys(ids)] or [one for one in by_id.values() if one.records]
    if not chosen:
        raise EvaluationError("No measure in data/measures.yml has `records`: add it to those that are to be counted.")
    weekdays = [measure.id for measure in chosen if query.recipe_of(measure).by_weekday]
    if weekdays and period == "day":
        raise EvaluationError(
            f"A day has one weekday, and `{weekdays[0]}` is counted `by_weekday`: choose another --period."
        )
    return chosen


def plan(catalogue: Catalogue, asked: Asked, opened: Database) -> Plan:
    """What will be asked of the files.

    Raises
    ------
    InputRefused
        With everything that is wrong with files and columns.
    EvaluationError
        As ``chosen_measures``.
    """
    measures = chosen_measures(catalogue, asked.ids, asked.period)
    files = look_at(asked.paths, opened.connection)
    roles = roles_of([query.recipe_of(measure) for measure in measures])
    refuse_unfit(files, roles)
    rows = sum(file.rows for file in files)
    passes = math.ceil(rows * BYTES_OF_A_ROW / (TIMES_THE_MEMORY * opened.bytes))
    room = query.Room(rows * BYTES_OF_A_MEDIAN <= opened.bytes, max(passes, 1))
    return Plan(files, roles, query.countings(measures), asked.period, asked.today, room)


def show_sql(catalogue: Catalogue, asked: Asked, aside: Path) -> str:
    """The SQL that ``aggregate`` would run: of the files nothing is read but their headers. Errors as there."""
    with database(asked.memory, aside, Console(quiet=True)) as opened:
        return plan(catalogue, asked, opened).sql


def aggregate(catalogue: Catalogue, asked: Asked, aside: Path, console: Console) -> Aggregated:
    """Count records by organisation and period, as ``records`` of the measures say.

    Parameters
    ----------
    aside : Path
        Folder for what is larger than the memory; what is put there is removed.

    Raises
    ------
    InputRefused
        With everything that is wrong with files and columns, or the row that cannot be read.
    EvaluationError
        Where there is nothing to count, a stratum has too many values, or memory or disk is too small.
    """
    with database(asked.memory, aside, console) as opened:
        planned = plan(catalogue, asked, opened)
        opened.make("Reading", [planned.records()], planned.files)
        told, kept, made, rows = [], [], {}, 0
        for counting in planned.countings:
            opened.make("Counting", planned.of(counting), planned.files)
            seen = left_out(opened, planned.files, counting, everything=len(planned.countings) == 1)
            told += seen.told
            rows = seen.rows
            if seen.first and seen.last:
                table, of_parts = _totals(opened, counting, planned)
                table, of_periods = without_partly_counted(table, asked.period, seen.first, seen.last, asked.with_last)
                told += [sentence for sentence in of_periods if sentence not in told]
                kept.append(table)
                made |= of_parts
        told += [_in_universal_time(column) for column in in_coordinated_time(planned.files, planned.roles)]
    if not sum(map(len, kept)):
        raise EvaluationError(" ".join(["Nothing is left to be counted.", *told]))
    table = pd.concat(kept, ignore_index=True).sort_values(["measure", "org_code", "period"], ignore_index=True)
    forms = {id: of.form_at_the_gate for id, of in made.items()}
    return Aggregated(table, forms, rows, told, planned.sql)


def _totals(opened: Database, counting: query.Counting, planned: Plan) -> tuple[pd.DataFrame, dict[str, Measure]]:
    """The rows of all measures and their parts, and which measure each id is of."""
    there = opened.frame(query.organisations_and_periods(counting), planned.files)
    rows, made = [], {}
    for measure, part, selects in query.totals(counting, planned.room):
        found = added_up([opened.frame(select, planned.files) for select in selects])
        counted = filled(measure, part, found, there, planned.period)
        ids = part_ids(measure, part, counted["part"].unique()) if part else {None: measure.id}
        for id in ids.values():
            if id in made:
                raise EvaluationError(f"Two measures give rows of the id `{id}`: rename one in data/measures.yml.")
            made[id] = measure
        rows.append(long_rows(measure, counted["part"].map(ids) if part else measure.id, counted))
    return pd.concat(rows, ignore_index=True), made


def _in_universal_time(column: str) -> str:
    return (
        f"The moments in `{column}` are kept with a time zone, which makes them coordinated universal time: they are taken"
        " as that, an hour behind the clocks of a British summer."
    )

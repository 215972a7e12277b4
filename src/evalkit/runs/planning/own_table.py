"""What a command writes of a site's own tables."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from evalkit.catalogue import Catalogue, read_catalogue
from evalkit.catalogue.records.successors import events_of, listed
from evalkit.catalogue.records.tables import Table
from evalkit.disclosure.salt import salt_of
from evalkit.errors import InputRefused, Problem
from evalkit.files import write_if_changed
from evalkit.intake.gated_tables import GatedTable, exact_file, exact_table, gate_table, is_gated, released_codes
from evalkit.intake.periods import parse_period
from evalkit.intake.successions import gated_problems


def with_gated(root: Path, files: Mapping[Path, str], name: str) -> dict[Path, str]:
    """Files to write, and with them the gated form of a new table where it is a site's own.

    Raises
    ------
    InputRefused, EvaluationError
        Where the table cannot be read or shown; nothing has changed.
    """
    if any(path.parent.name == "private" for path in files) or (root / "data" / "private").is_dir():
        salt_of(root)
    with tempfile.TemporaryDirectory(prefix="ek-") as folder:
        copy = Path(folder).resolve()
        shutil.copytree(root / "data", copy / "data", symlinks=True)
        for path, text in files.items():
            write_if_changed(copy / path.relative_to(root), text)
        catalogue = read_catalogue(copy)
        table = catalogue.tables.get(name)
        if table is None or not is_gated(table) or not (copy / exact_file(table)).is_file():
            return dict(files)
        made = _gated_as_one(copy, catalogue, table)
    return dict(files) | {root / path: text for path, text in made.files.items()}


def gate_all(root: Path, names: list[str]) -> dict[str, GatedTable]:
    """Every own table whose exact form is on this machine, or those that are named, gated and written.

    Raises
    ------
    InputRefused, EvaluationError
        Where one cannot be read or shown; nothing has changed.
    """
    catalogue = read_catalogue(root)
    own = {
        name: table
        for name, table in catalogue.tables.items()
        if is_gated(table) and (root / exact_file(table)).is_file() and (not names or name in names)
    }
    made = {name: _gated_as_one(root, catalogue, table) for name, table in own.items()}
    for one in made.values():
        for path, text in one.files.items():
            write_if_changed(root / path, text)
    return made


def _gated_as_one(root: Path, catalogue: Catalogue, table: Table) -> GatedTable:
    """A table that is gated with what merged or was split in it as one, as it always was.

    Raises
    ------
    InputRefused
        Where it holds them apart, or together what earlier releases show apart: the difference would tell of small counts.
    """
    shown, exact = exact_file(table).as_posix(), exact_table(root, table, catalogue.measures)
    problems = [replace(found, line=0) for found in gated_problems(catalogue, table, shown, exact["org_code"])]
    released = released_codes(root, table)
    for event in events_of(catalogue.successors.values()) if table.layout.restated else ():
        apart = event.before & released
        here = exact["period"][exact["org_code"].isin(event.after)].map(
            lambda text: parse_period(text, table.layout.grain)
        )
        if event.ended & released and any(period.start_time.date() < event.since for period in here if period):
            what = (
                f"counts {listed(apart)} together before {event.since}, and releases in data/releases/{table.name} show them apart,"
                f" so that small counts could be found as a difference: leave out what is before {event.since}."
            )
            problems.append(Problem(shown, 0, what))
    if problems:
        raise InputRefused(problems)
    return gate_table(root, table, catalogue.measures)

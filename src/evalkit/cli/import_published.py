"""`evalkit import` of a file whose published layout is known: its month goes into the table that has such months."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from evalkit.cli.taken_and_left_out import say_taken_and_left_out
from evalkit.errors import EvaluationError, named

if TYPE_CHECKING:
    from evalkit.catalogue.model import Catalogue
    from evalkit.intake.published.into_table import TableWithMonth
    from evalkit.intake.published.read_published import PublishedMonth
    from evalkit.intake.published.recognise import Known


def import_published(root: Path, file: Path, name: str | None, *, revised: bool, dry_run: bool) -> bool:
    """Take the month of a file into its table; False, and nothing done, where no published layout is that of the file.

    Raises
    ------
    InputRefused
        With the cell of everything that is wrong in the file.
    EvaluationError
        Where figures are other than before and ``revised`` is not said.
    """
    from evalkit.catalogue import read_catalogue
    from evalkit.disclosure.people import without_numbers
    from evalkit.files import write_if_changed, write_together
    from evalkit.intake.published.into_table import table_with_month
    from evalkit.intake.published.read_published import read_published
    from evalkit.intake.published.recognise import recognised
    from evalkit.intake.workbook import imported
    from evalkit.project import MARK
    from evalkit.runs.journal import remember
    from evalkit.runs.planning.own_table import with_gated
    from evalkit.runs.project_lock import interrupted_once, project_lock

    with interrupted_once(), project_lock(root):
        catalogue = read_catalogue(root)
        known, near = recognised(file, catalogue.tables.values())
        for problem in near:
            typer.echo(str(problem), err=True)
        if known is None or name not in (None, known.table.name):
            return False
        read = read_published(file, known)
        made = table_with_month(root, known, read, file.name)
        if made.is_revised and not revised:
            _refuse(file, known, read, made)
        places = imported.Places.of(known.table.name, own=False)
        if not dry_run and not made.changes_nothing:
            files = {root / "data" / known.table.path: made.text, root / MARK: made.description}
            files = with_gated(root, files, known.table.name)  # which refuses what the catalogue would
            remember(root, "import", files)
            write_together(files)
            write_if_changed(root / places.report, without_numbers(imported.report(file, read.reading)))
    print(f"{file.name} is known: {known.layout.name}; {read.called}.")
    say_taken_and_left_out(read.reading, places.report)
    _say_made(known, made, read, file)
    _say_rows(known, made, dry_run)
    _say_organisations(catalogue, read.rows)
    _say_next(made, dry_run)
    return True


def _refuse(file: Path, known: "Known", read: "PublishedMonth", made: "TableWithMonth") -> None:
    other = [*made.changed, *(f"{code} {read.month} (new)" for code in made.new if made.had_month)]
    many = "1 figure or row is" if len(other) == 1 else f"{len(other)} figures or rows are"
    raise EvaluationError(
        f"{many} other in {file.name} than in data/{known.table.path} ({named(other)}): look whether it is the right file, and"
        f" add --revised if {read.called} was revised. Nothing was changed."
    )


def _say_made(known: "Known", made: "TableWithMonth", read: "PublishedMonth", file: Path) -> None:
    rules = known.layout.made
    since = [
        f"{column} is {'True' if read.month >= one.since else 'False'}" for column, one in rules.items() if one.since
    ]
    means = {flag.column: f", {flag.means}" for flag in known.table.layout.flags}
    marks = [
        f"{column} is {value} at {named(codes)}{means.get(column, '')}" if codes else f"{column} is {value} nowhere"
        for (column, value), codes in made.marked.items()
    ]
    if since or marks:
        print(f"Made: {'; '.join([*marks, *since])}.")
    if any(one.file_name for one in rules.values()) and not _names_month(file.name, read.called):
        print(
            f"The name of the file, which is kept with each row, does not say {read.called}: give it the one under which it was published."
        )


def _names_month(name: str, called: str) -> bool:
    month, year = called.lower().split()
    return month in name.lower() and year in name


def _say_rows(known: "Known", made: "TableWithMonth", dry_run: bool) -> None:
    would, parts = ("would be" if dry_run else "are"), []
    if made.new:
        parts.append(f"{_counted(made.new, 'new row', would)} written")
    if made.changed:
        parts.append(f"{_counted(made.changed, 'figure', would)} other than before ({named(made.changed)})")
    parts += [f"`{column}` is other at {named(codes)}" for column, codes in made.renamed.items()]
    parts += [f"{made.same} rows as before"] if made.same else []
    print(f"data/{known.table.path}: {', '.join(parts)}.")
    for codes, what in ((made.came, "Not in the month before"), (made.went, "Only in the month before")):
        if codes and made.new:
            print(f"{what}: {named(codes)}.")
    if made.months_between:
        print(f"The table has no rows of {named(made.months_between)}: import these too.")


def _counted(found: Sequence[str], what: str, would: str) -> str:
    """1 figure is, 2 figures are."""
    return f"1 {what} {'is' if would == 'are' else would}" if len(found) == 1 else f"{len(found)} {what}s {would}"


def _say_organisations(catalogue: "Catalogue", codes: Sequence[str] | dict) -> None:
    strange = [code for code in codes if code not in catalogue.organisations]
    if strange:
        print(f"Not in data/organisations.csv, so that no page can name them: {named(strange)}.")


def _say_next(made: "TableWithMonth", dry_run: bool) -> None:
    if made.changes_nothing:
        print("Nothing was changed: the table has all of it.")
    elif dry_run:
        print("Next: the same command without --dry-run.")
    else:
        print(
            "Next: `evalkit due` says which analyses that changes, and `evalkit book` runs them; `evalkit undo` takes it back."
        )

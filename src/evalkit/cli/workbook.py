"""`evalkit new workbook` and `evalkit check FILE.xlsx`: the workbook that a site fills in."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evalkit.errors import EvaluationError
from evalkit.project import find_root


def new_workbook(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="The workbook to write.")],
    example: Annotated[
        bool, typer.Option("--example", help="Filled in, with invented figures of one hospital.")
    ] = False,
) -> None:
    """Write the workbook that a site fills in, with lists to choose from and a worked row on every sheet."""
    from evalkit.catalogue import read_catalogue
    from evalkit.files import write_if_changed
    from evalkit.intake.submission.example import example_workbook
    from evalkit.intake.submission.sheets import wanted
    from evalkit.intake.submission.write_workbook import workbook

    if file.suffix.lower() != ".xlsx":
        raise EvaluationError(f"{file} does not end in .xlsx: give the workbook that ending.")
    if file.exists():
        raise EvaluationError(f"{file} is there already: choose another name, so that nobody's answers are lost.")
    asked = wanted(read_catalogue(find_root()))
    write_if_changed(file, example_workbook(asked) if example else workbook(asked))
    print(f"wrote {file}. Fill it in from left to right, then `evalkit check {file}`.")


def check_workbook(file: Path) -> None:
    """Say what there is to say about a filled-in workbook, cell by cell."""
    from datetime import date

    from evalkit.runs.planning.submitted import submitted

    told = _sound(file)
    submitted(find_root(), told, date.today())  # what the book has already is said here too
    measures = len(told.measures)
    print(
        f"{file.name} is sound: {len(told.figures)} rows of {measures} measure{'s' * (measures != 1)}, {len(told.learning)} learned."
        f" Next: `evalkit preview {file}`, or `evalkit add {file}`."
    )


def add_workbook(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="A filled-in workbook.")],
) -> None:
    """Put a filled-in workbook into the book: its table, its records, what was learned, as ordinary files."""
    from datetime import date

    from evalkit.cli.written import say_next, write_new
    from evalkit.runs.planning.submitted import submitted
    from evalkit.runs.project_lock import interrupted_once, project_lock

    root = find_root()
    with interrupted_once(), project_lock(root):
        made = submitted(root, _sound(file), date.today())
        write_new(root, "add", made.files, made.table)
    say_next(
        root,
        f"evaluations/{made.evaluation}/index.html",
        f"Say in data/evaluations/{made.evaluation}.yml what else could explain the change, graded by two readers, and what should"
        " not have moved: both are part of the result.",
    )


def preview_workbook(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="A filled-in workbook.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The page to write; the workbook's name and .html if left out."),
    ] = None,
) -> None:
    """Make a draft of the page that a filled-in workbook becomes, in one file, and change nothing in the book."""
    from datetime import date

    from evalkit.book.preview import preview
    from evalkit.files import write_if_changed
    from evalkit.runs.planning.own_table import with_gated
    from evalkit.runs.planning.submitted import submitted

    root, page = find_root(), output or file.with_suffix(".html")
    made = submitted(root, _sound(file), date.today())
    with Console(stderr=True).status("Running the analyses and making the page; it takes a minute or two"):
        html = preview(root, with_gated(root, made.files, made.table), made.evaluation, file.name)
    write_if_changed(page, html)
    print(
        f"wrote {page}, a draft that opens in any browser. Nothing in the book was changed. Next: `evalkit add {file}`."
    )


def _sound(file: Path):
    """What a workbook says, once what there is to say about it has been said."""
    from evalkit.catalogue import read_catalogue
    from evalkit.intake.submission.read_workbook import by_level, read_submission

    told = read_submission(file, read_catalogue(find_root()))
    for title, remarks in by_level(told.remarks):
        print(f"{title}:", file=sys.stderr)
        for remark in remarks:
            print(f"  {remark}", file=sys.stderr)
    if not told.is_sound:
        wrong = sum(remark.level != "look" for remark in told.remarks)
        raise EvaluationError(
            f"{wrong} cell{'s' * (wrong != 1)} of {file.name} {'have' if wrong != 1 else 'has'} to be corrected or explained. Nothing was changed."
        )
    return told

"""`evalkit import`: from a workbook or text file as people have it to the book's long table."""

import gc
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evalkit.cli.import_published import import_published
from evalkit.cli.taken_and_left_out import say_taken_and_left_out
from evalkit.errors import EvaluationError, InputRefused
from evalkit.project import find_root


def import_table(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A workbook (.xlsx), .csv, .tsv, .parquet, a datapackage.json, or a monthly file as it was published.",
        ),
    ],
    name: Annotated[str | None, typer.Option(help="Name of the table; the file's own if left out.")] = None,
    sheet: Annotated[list[str] | None, typer.Option(help="Only this sheet; repeat for several.")] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option(help="question=answer, or question.name=answer, as asked; repeat for several."),
    ] = None,
    answers: Annotated[Path | None, typer.Option(help="A file of answers; else the one kept for the table.")] = None,
    published_at: Annotated[
        str | None,
        typer.Option(help="Where the figures are published; left out, they are your own and stay in data/private."),
    ] = None,
    synthetic: Annotated[bool, typer.Option("--synthetic", help="The figures are invented.")] = False,
    resource: Annotated[str | None, typer.Option(help="Of a datapackage.json: the name of the table.")] = None,
    revised: Annotated[
        bool, typer.Option("--revised", help="Take figures that are other than before, even where they are many.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken, and write nothing.")] = False,
) -> None:
    """Read a workbook as people have it, say what it took and left out, ask what it cannot know, and write the table."""
    from evalkit.catalogue import read_catalogue
    from evalkit.disclosure.people import without_numbers
    from evalkit.files import write_if_changed, write_together
    from evalkit.intake.workbook import imported
    from evalkit.intake.workbook.answers import Answers, read_answers
    from evalkit.intake.workbook.data_package import NAME, packaged_table
    from evalkit.intake.workbook.names import SYNTHETIC
    from evalkit.intake.workbook.read_file import read_file
    from evalkit.runs.journal import remember
    from evalkit.runs.planning.own_table import with_gated
    from evalkit.runs.project_lock import interrupted_once, project_lock

    root, packaged = find_root(), None
    of_its_own = any((sheet, answer, answers, published_at, synthetic, resource))
    if not of_its_own and import_published(root, file, name, revised=revised, dry_run=dry_run):
        return
    if file.name == NAME or resource is not None:
        packaged = packaged_table(file, resource)
        file, published_at = packaged.file, published_at or packaged.published_at or None
    called = imported.table_name(Path(packaged.name) if packaged else file, name)
    own = published_at is None and not synthetic
    places = imported.Places.of(called, own=own)
    kept = answers or root / places.answers
    if answers is not None and not answers.is_file():
        raise EvaluationError(f"--answers {answers} does not exist: check its name, or leave it out.")
    told = read_answers(kept, str(answers or places.answers.as_posix()))
    for written in answer or []:
        told = _with(told, *imported.of_answer(written, Answers.model_fields))
    if packaged:
        told = told.model_copy(update={"marks": dict.fromkeys(packaged.missing, "not reported") | told.marks})
    if sheet:
        told = told.model_copy(update={"sheets": sheet})
    with interrupted_once(), project_lock(root):
        catalogue = read_catalogue(root)
        reading = _read(file, catalogue, told, own, read_file)
        while reading.questions and not reading.problems and _is_a_person() and not dry_run:
            for question in reading.questions:
                told = _ask(told, question)
                write_if_changed(kept, imported.answers_text(told, file, []))
            reading = _read(file, catalogue, told, own, read_file)
        if reading.questions or reading.problems:
            if not dry_run:
                write_if_changed(kept, imported.answers_text(told, file, reading.questions))
            _refuse(file, reading, kept if answers else places.answers, _others_kept(root, called), dry_run)
        made = imported.merged(root, places, reading.rows)
        invented = all(SYNTHETIC.fullmatch(code) for code in reading.rows["org_code"].unique())
        if own and invented:
            raise EvaluationError(
                f"{reading.rows['org_code'].iat[0]} is a code for invented figures: add --synthetic, or answer with the code of the"
                " organisation. Nothing was changed."
            )
        if made.is_much_changed and not revised:
            raise EvaluationError(
                f"{len(made.changed)} of {len(made.changed) + made.same} figures that {places.table.as_posix()} has already are other in"
                f" {file.name} ({', '.join(made.changed[:5])}): look whether it is the right file, and add --revised if they were"
                " revised. Nothing was changed."
            )
        if not dry_run:
            files = {root / places.table: made.text, kept: imported.answers_text(told, file, [])}
            files = with_gated(root, files, called)
            remember(root, "import", files)
            write_together(files)
            write_if_changed(root / places.report, without_numbers(imported.report(file, reading)))
    say_taken_and_left_out(reading, places.report)
    _say_rows(made, places, dry_run)
    if dry_run:
        print("Next: the same command without --dry-run.")
    else:
        flags = {"--table-published-at": published_at} | (
            {"--table-source": packaged.source, "--table-licence": packaged.licence} if packaged else {}
        )
        _say_next(catalogue, called, places, {"--synthetic": ""} if synthetic else flags, reading)


def _is_a_person() -> bool:
    return sys.stdin.isatty()


def _read(file: Path, catalogue, told, own: bool, read_file):
    with Console(stderr=True).status(f"Reading {file.name}"):
        gc.disable()  # cells are made by the hundred thousand, and none is garbage: to look for it takes a quarter of the time
        try:
            return read_file(file, catalogue, told, own=own)
        finally:
            gc.enable()


def _with(told, key: tuple[str, ...], answer: str):
    try:
        return told.with_answer(key, answer)
    except ValueError as error:
        raise EvaluationError(f"--answer {'.'.join(key)}={answer} cannot be used: it should be {error}.") from None


def _ask(told, question):
    """Ask until the answer can be used."""
    typer.echo(question.text, err=True)
    for number, choice in enumerate(question.choices, start=1):
        typer.echo(f"  {number} {choice}", err=True)
    while True:
        given = typer.prompt("Answer" + (f" (perhaps {question.suggestion})" if question.suggestion else "")).strip()
        if question.choices and given.isdigit() and 0 < int(given) <= len(question.choices):
            given = question.choices[int(given) - 1]
        if question.choices and given not in question.choices:
            typer.echo(f"Answer with one of {', '.join(question.choices)}, or its number.", err=True)
            continue
        try:
            return told.with_answer(question.key, given)
        except ValueError as error:
            typer.echo(f"It should be {error}.", err=True)


def _others_kept(root: Path, called: str) -> list[str]:
    """What earlier imports were called, and whether their figures were published or invented."""
    from evalkit.intake.workbook.imported import Places

    told = []
    for own in (True, False):
        folder = root / Places.of(called, own=own).answers.parent
        names = sorted(path.stem for path in folder.glob("*.yml")) if folder.is_dir() else []
        told += [f"--name {name}" + ("" if own else " with --synthetic or --published-at") for name in names]
    return told


def _refuse(file: Path, reading, kept: Path, others: list[str], dry_run: bool) -> None:
    from evalkit.intake.workbook.imported import quoted

    for question in reading.questions:
        choices = f" One of: {', '.join(question.choices)}." if question.choices else ""
        meant = f" Perhaps {question.suggestion}." if question.suggestion else ""
        typer.echo(f"{question.text}{choices}{meant}\n  --answer {quoted('.'.join(question.key) + '=...')}", err=True)
    if reading.problems:
        raise InputRefused(reading.problems)
    count = len(reading.questions)
    where = "" if dry_run else f", or write them into {kept}, where those that were given are kept"
    again = f" If it is the next month of an earlier import: {' or '.join(others)}." if others else ""
    raise EvaluationError(
        f"{count} question{'s have' if count > 1 else ' has'} to be answered before {file.name} is right: add each --answer to the"
        f" command{where}.{again} No table was written."
    )


def _say_rows(made, places, dry_run: bool) -> None:
    would = "would be" if dry_run else "are"
    changed = (
        f", {len(made.changed)} with other figures than before ({', '.join(made.changed[:5])})" if made.changed else ""
    )
    before = f", {made.same} as before" if made.same else ""
    kept = f"; {made.kept} that the file does not have stay" if made.kept else ""
    print(f"{places.table.as_posix()}: {made.new} new rows {would} written{changed}{before}{kept}.")


def _say_next(catalogue, called: str, places, flags: dict[str, str | None], reading) -> None:
    from evalkit.intake.workbook.imported import quoted

    print(f"The answers are in {places.answers.as_posix()}: the next import of {called} asks nothing of them again.")
    if called in catalogue.tables:
        print("Next: `evalkit due` says what it changes, and `evalkit book` runs that.")
        return
    strange = [code for code in reading.rows["org_code"].unique() if code not in catalogue.organisations]
    if strange:
        print(f"Not in data/organisations.csv yet: {', '.join(strange)}.")
    unknown = [id for id in reading.rows["measure"].unique() if id not in catalogue.measures]
    where = "".join(
        f" {flag} {quoted(value)}" if value else f" {flag}" for flag, value in flags.items() if value is not None
    )
    if unknown:
        print(f"Not in data/measures.yml yet: {', '.join(unknown)}.")
    print(f"Next: `evalkit new evaluation --table {places.table.as_posix()}{where}`.")

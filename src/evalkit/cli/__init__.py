"""What a person types. Every command is a few lines over one function below."""

import gc
import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evalkit import __version__
from evalkit.catalogue.naming import words_in
from evalkit.cli.advise import advise
from evalkit.cli.aggregate import aggregate
from evalkit.cli.gate import exact, gate
from evalkit.cli.import_table import import_table
from evalkit.cli.new import new
from evalkit.cli.packs import pack, unpack
from evalkit.cli.pulse import pulse
from evalkit.cli.undo import undo
from evalkit.cli.workbook import add_workbook, check_workbook, preview_workbook
from evalkit.errors import EvaluationError, InputRefused, Problem, named
from evalkit.project import find_root

FAILED, REFUSED, STOPPED = 1, 2, 130

app = typer.Typer(
    help="Find out whether a change in health services worked, and publish the reasons with the numbers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(new, name="new")
app.command()(aggregate)
app.command()(advise)
app.command("import")(import_table)
app.command("add")(add_workbook)
app.command("preview")(preview_workbook)

Ids = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]...", help="Evaluations, or evaluation/analysis; all by default.")
]
Force = Annotated[bool, typer.Option("--force", help="Run even where nothing has changed.")]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, help="Notebooks at a time; by default one more than cores.")
]
Cluster = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Run on a Dask cluster: tcp://host:8786. Needs the extra `cluster`."),
]
Minutes = Annotated[float, typer.Option(min=0.01, max=100_000, help="Minutes after which a notebook is stopped.")]
Memory = Annotated[float, typer.Option(min=0.1, max=100_000, help="GB of memory that a notebook may take for itself.")]
Incremental = Annotated[
    bool, typer.Option("--incremental", help="Go on from the last build; to publish, build without it.")
]


def _refuse_what_is_no_text(arguments: list[str]) -> None:
    """Bytes that are no UTF-8 come as halves of characters, which nothing can write."""
    for position, argument in enumerate(arguments, start=1):
        if not argument.isascii() and any(0xD800 <= ord(sign) <= 0xDFFF for sign in argument):
            raise EvaluationError(f"Word {position} after `evalkit` is not UTF-8 text: write it in another way.")


class StoppedMessage(SystemExit):
    """The end of a command that was stopped, once it has said what is kept."""


def main() -> None:
    """Run the command line; problems become sentences and an exit status, never a traceback."""
    gc.set_threshold(
        20_000, 10, 10
    )  # a command makes many records and hardly a cycle: to look less often saves a tenth
    try:
        _refuse_what_is_no_text(sys.argv[1:])
        app(standalone_mode=True)
    except InputRefused as error:
        refused = [problem for problem in error.problems if problem.level == "refused"]
        _say(_own_first(refused))
        _err(f"{_counted(len(refused), 'problem')} found. Nothing was changed.")
        _notes(error)
        sys.exit(REFUSED)
    except EvaluationError as error:
        _err(str(error))
        _notes(error)
        sys.exit(REFUSED)
    except StoppedMessage:
        raise
    except SystemExit as end:  # typer makes an exit of an interruption, without a word
        if end.code == STOPPED:
            _err("Stopped.")
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _err(
            f"{where}{error.strerror or error}. What was finished is kept: put that right and run the same command again."
        )
        sys.exit(FAILED)


@contextmanager
def _at_work(root: Path) -> Generator[None]:
    """One command at a time; Ctrl-C is an orderly end."""
    from evalkit.runs.project_lock import interrupted_once, project_lock

    try:
        with interrupted_once(), project_lock(root):
            yield
    except KeyboardInterrupt:
        without = " without --force" if "--force" in sys.argv else ""
        _err(f"Stopped. What was finished is kept; the same command{without} goes on from there.")
        raise StoppedMessage(STOPPED) from None


@contextmanager
def _server(cluster: str | None) -> Generator[None]:
    """The server of kernels: it takes seconds to load its libraries, so it begins before anything else."""
    from evalkit.runs.kernels.fork_client import SERVER, can_fork

    if can_fork() and cluster is None:
        SERVER.start()
    with SERVER.kept():
        yield


def _err(text: str) -> None:
    """Say it; numbers of people that stand in a file or were typed are not repeated."""
    from evalkit.disclosure.people import without_numbers

    print(without_numbers(text), file=sys.stderr)


def _notes(error: EvaluationError) -> None:
    """What a command adds to a refusal, such as where answers are kept."""
    for note in getattr(error, "__notes__", ()):
        _err(note)


def _counted(count: int, what: str) -> str:
    plural = {"analysis": "analyses"}.get(what, f"{what}s")
    return f"{count} {what if count == 1 else plural}"


def _own_first(problems: list[Problem]) -> list[Problem]:
    """What is wrong in a person's own files before what is wrong in others."""
    from evalkit.runs.planning.whose import own_first

    try:
        root = find_root()
    except EvaluationError:
        return problems
    own, others = own_first(root, problems) if len(problems) > 1 else (problems, [])
    return [*own, *others]


def _say(problems: list[Problem]) -> None:
    for problem in problems:
        _err(str(problem) if problem.level == "refused" else f"{problem} (worth a look)")


def _console() -> Console:
    return Console(stderr=True)


def _checked():
    from evalkit.runs.planning.check_project import check_project

    root = find_root()
    return root, *check_project(root)


def _totals(ran: int, up_to_date: int, results: int) -> None:
    print(f"{ran} run, {up_to_date} up to date, {_counted(results, 'result')} in results/.")


def _worth_a_look(count: int) -> None:
    if count:
        _err(f"{_counted(count, 'thing')} worth a look: `evalkit check --all` says what.")


def _taken_out(analyses: list[str]) -> None:
    if analyses:
        _err(
            f"{_counted(len(analyses), 'result')} taken out of results/, made from other inputs than today's or of"
            f" analyses that are gone: {named(analyses)}."
        )


def _summary(report) -> None:
    _totals(report.ran, report.up_to_date, sum(outcome.status == "done" for outcome in report.outcomes))
    _taken_out(report.taken_out)
    for outcome in report.failed:
        _err(f"{outcome.evaluation}/{outcome.analysis} failed: {outcome.sentence}")
    if report.failed:
        _err("The log of the run, with details, is _build/runs/log.jsonl; it stays on this machine.")


@app.callback(invoke_without_command=True)
def _top(version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    if version:
        print(f"evalkit {__version__}")
        raise typer.Exit


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE.xlsx]", help="A filled-in workbook; the whole project if left out.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Say what is worth a look in what others wrote, too.")
    ] = False,
) -> None:
    """Check every record and table, or a filled-in workbook, without running anything."""
    if file is not None:
        check_workbook(file)
        return
    from evalkit.runs.planning.check_project import check as check_or_recall
    from evalkit.runs.planning.whose import own_first

    root = find_root()
    try:
        sound = check_or_recall(root)
    except InputRefused as error:
        if everything:
            _say([problem for problem in error.problems if problem.level == "look"])
        raise
    own, others = (sound.look, []) if everything else own_first(root, sound.look)
    _say(own)
    if others:
        _err(f"{_counted(len(others), 'thing')} worth a look in what others wrote: `evalkit check --all` says what.")
    print(
        "{evaluations} evaluations with {analyses} analyses, {sites} sites, {measures} measures, {tables} tables,"
        " {learning} learning items: all sound.".format(**sound.counts)
    )


@app.command()
def due(ids: Ids = None) -> None:
    """List the analyses that would run, because something they use has changed, and the evaluations to look at again."""
    from evalkit.runs.due import due as find_due
    from evalkit.runs.planning.plan import chosen
    from evalkit.runs.reevaluations import reevaluations

    root, catalogue, plans, _ = _checked()
    chosen_plans = chosen(plans, ids or [])
    waiting = find_due(root, chosen_plans)
    for pending in waiting:
        print(f"{pending.plan.id}: {pending.why}")
    again = reevaluations(root, catalogue, chosen_plans)
    for evaluation in again:
        print(f"{evaluation.evaluation}: {evaluation.why}")
    if again:
        print(f"{_counted(len(again), 'evaluation')} to be looked at again.", file=sys.stderr)
    print(f"{len(waiting)} of {_counted(len(chosen_plans), 'analysis')} due.", file=sys.stderr)


@app.command()
def run(
    ids: Ids = None,
    force: Force = False,
    jobs: Jobs = None,
    cluster: Cluster = None,
    minutes: Minutes = 10,
    memory: Memory = 4,
) -> None:
    """Run what is due and write results/."""
    root = find_root()
    with _at_work(root), _server(cluster):
        if not ids and not force and _untouched(root):
            return
        _, _, report = _run(root, ids or [], force, jobs, cluster, minutes, memory)
    _summary(report)
    raise typer.Exit(FAILED if report.failed else 0)


def _untouched(root: Path) -> bool:
    """Whether every analysis has its result and no file that counts has changed since; says so."""
    from evalkit.runs.state.complete_run import complete_run

    last_run = complete_run(root)
    if last_run is None:
        return False
    _worth_a_look(last_run.worth_a_look)
    _totals(0, last_run.analyses, last_run.analyses)
    return True


def _run(root: Path, ids: list[str], force: bool, jobs, cluster, minutes, memory, meanwhile=lambda: None):
    """Check and run: the catalogue, the plans and what became of them. ``meanwhile`` is called before the run."""
    from evalkit.runs.engine import run as run_plans
    from evalkit.runs.execution.jobs import Limits
    from evalkit.runs.planning.check_project import check_project
    from evalkit.runs.planning.whose import own_first
    from evalkit.runs.state.complete_run import record_complete_run
    from evalkit.runs.state.seen_warnings import not_seen_before

    catalogue, plans, look = check_project(root)
    new, _ = own_first(root, not_seen_before(root, look))
    _say(new)
    if len(new) < len(look):
        _worth_a_look(len(look))
    meanwhile()
    report = run_plans(
        root, catalogue, plans, ids=ids, force=force, jobs=jobs, cluster=cluster, limits=Limits(minutes, memory),
        console=_console(),
    )  # fmt: skip
    if all(outcome.status == "done" for outcome in report.outcomes):
        record_complete_run(root, len(plans), len(look))
    return catalogue, plans, report


@app.command()
def build(
    incremental: Incremental = False,
    prove: Annotated[
        bool,
        typer.Option("--prove", help="Build it once more from other exact tables that are shown alike, and compare."),
    ] = False,
) -> None:
    """Make the pages and the HTML from the results there are."""
    from evalkit.book.sphinx.html import HTML, is_current, sphinx_for

    root = find_root()
    with _at_work(root):
        if incremental and not prove and is_current(root):
            print(f"The book is {root / HTML / 'index.html'}, as it was.")
            return
        with sphinx_for(root, incremental) as sphinx:
            sphinx.start()  # it loads while everything is read
            from evalkit.book.build import build as build_book
            from evalkit.runs.due import due as find_due
            from evalkit.runs.state.outcomes import RESULTS, read_outcomes, write_results
            from evalkit.runs.state.pooled_outcomes import pool_outcomes, results_of

            _, catalogue, plans, _ = _checked()
            waiting = len(find_due(root, plans))
            if waiting:
                _err(
                    f"{waiting} of {len(plans)} analyses are due, and their pages say so: `evalkit book` runs them first."
                )
            outcomes = read_outcomes(root, catalogue, plans)
            if all(outcome.status == "not_run" for outcome in outcomes) and any((root / RESULTS).rglob("*.json")):
                raise EvaluationError(
                    "No analysis has been run here on the present data, and the results in results/ are of another run:"
                    " run `evalkit book`. Nothing was changed."
                )
            across = results_of(pool_outcomes(root, catalogue, outcomes))
            _taken_out(write_results(root, outcomes, across))
            home = build_book(
                root, catalogue, plans, outcomes, incremental=incremental, sphinx=sphinx, console=_console()
            )
        if prove:
            from evalkit.runs.apart import prove as prove_it

            moved = prove_it(root, catalogue, plans, HTML)
            print(f"The same in every byte with {_counted(moved, 'exact figure')} drawn anew.")
    print(f"The book is {home}")


@app.command()
def book(
    force: Force = False,
    jobs: Jobs = None,
    cluster: Cluster = None,
    minutes: Minutes = 10,
    memory: Memory = 4,
    incremental: Incremental = False,
) -> None:
    """Check, run and build: the whole book."""
    root = find_root()
    with _at_work(root), _server(cluster):
        from evalkit.book.sphinx.html import HTML, is_current, sphinx_for

        if incremental and not force and is_current(root) and _untouched(root):
            print(f"The book is {root / HTML / 'index.html'}, as it was.")
            return
        with sphinx_for(root, incremental) as sphinx:
            catalogue, plans, report = _run(root, [], force, jobs, cluster, minutes, memory, meanwhile=sphinx.start)
            from evalkit.book.build import build as build_book

            home = build_book(
                root, catalogue, plans, report.outcomes, incremental=incremental, sphinx=sphinx, console=_console()
            )
    _summary(report)
    print(f"The book is {home}")
    raise typer.Exit(FAILED if report.failed else 0)


@app.command()
def keep() -> None:
    """Keep the results there are, so that the next book can say what moved since."""
    import csv
    from datetime import date

    from evalkit.catalogue.records.last_time import FILE
    from evalkit.catalogue.records.last_time import keep as keep_results
    from evalkit.runs.state.complete_run import complete_run

    root = find_root()
    with _at_work(root):
        if complete_run(root) is None:
            raise EvaluationError(
                "Not every analysis has its result on the present data: run `evalkit book` first. Nothing was kept."
            )
        with (root / "results" / "results.csv").open(encoding="utf-8", newline="") as table:
            kept = keep_results(root, csv.DictReader(table), date.today())
    print(f"{_counted(kept, 'result')} kept in {FILE}: commit it with what was published.")


app.command()(gate)
app.command()(exact)
app.command()(pulse)
app.command()(pack)
app.command()(unpack)
app.command()(undo)


@app.command()
def power(
    site: Annotated[str, typer.Option(help="Id of a site, or an ODS code.")],
    measure: Annotated[str, typer.Option(help="Id of a measure.")],
    first: Annotated[str | None, typer.Option(help="First month before the change.")] = None,
    last: Annotated[str | None, typer.Option(help="Last month before the change.")] = None,
    effect: Annotated[
        float | None, typer.Option(help="The change you want to find: % of a count, points of a share.")
    ] = None,
    before: Annotated[str, typer.Option(help="Months before to try, such as '12 24'; all there are if left out.")] = "",
    after: Annotated[str, typer.Option(help="Months after to try.")] = "6 12 18 24 36",
    model: Annotated[str, typer.Option(help="level, slope, level_and_slope or step.")] = "level",
    headline: Annotated[str, typer.Option(help="level, mean, slope or month 12.")] = "level",
    seasonality: Annotated[int, typer.Option(help="Pairs of harmonics.")] = 2,
) -> None:
    """Say how many months are needed to find a change, from the months before it alone."""
    from evalkit import load
    from evalkit.power import power as find_power
    from evalkit.report.wording import words

    frame = load(site=site, measure=measure, first=first, last=last)
    result = find_power(
        frame, outcome="value", time="period", effect=effect, model=model, headline=headline, seasonality=seasonality or None,
        months_before=_lengths(before, "--before") or None,
        months_after=_lengths(after, "--after"),
    )  # fmt: skip
    print(f"{measure} at {site}: from {len(frame)} months before the change.")
    print("before  after  found four times in five  chance of finding the wanted change")
    for row in result.table.itertuples():
        chance = "" if effect is None else f"{row.power:.0%}"
        print(f"{row.before:6}  {row.after:5}  {words.size(row.detectable, result.scale):>23}  {chance:>8}")
    for sentence in (*(check.detail for check in result.checks), *result.notes):
        print(sentence)


def _lengths(written: str, flag: str) -> list[int]:
    parts = words_in(written)
    if not all(re.fullmatch(r"\d{1,4}", part) for part in parts):
        raise EvaluationError(
            f"{flag} is {written!r}: write numbers of months with spaces between them, such as '12 24'."
        )
    return [int(part) for part in parts]


@app.command()
def serve(port: Annotated[int, typer.Option(help="Port on this machine.")] = 8000) -> None:
    """Show the built book on this machine, until stopped."""
    from evalkit.book.build import serve as serve_book

    serve_book(find_root(), port)


@app.command()
def clean() -> None:
    """Delete everything that was made: _build/, results/ and the generated pages."""
    from evalkit.book.build import MADE
    from evalkit.book.build import clean as clean_book

    root = find_root()
    if not any((root / name).exists() for name in MADE):
        print("There was nothing to delete.")
        return
    with _at_work(root):
        deleted = clean_book(root)
    for path in deleted:
        print(f"deleted {path}")

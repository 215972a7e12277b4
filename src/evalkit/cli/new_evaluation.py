"""`evalkit new`: ask for what no flag gives, and write the records."""

import re
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from evalkit.errors import EvaluationError
from evalkit.project import find_root

new = typer.Typer(help="Start something new.", no_args_is_help=True)

ASKED = {
    "title": "Title of the evaluation",
    "question": "The question it answers",
    "site_name": "Name of the site",
    "place": "Town or area",
    "org_code": "ODS code of the organisation (several: separate them by spaces)",
    "what_changed": "What changed, in a sentence or two",
    "start": "Date of the change (YYYY-MM-DD)",
    "onset": "Does it work at once (sudden), or does its effect build over months (builds)",
    "source_title": "A source for that: its title",
    "source_where": "Where that source can be read",
    "measure": "Measure: an id from data/measures.yml, or a new one",
}
ONSETS = ("sudden", "builds")


@new.command("evaluation")
def new_evaluation(
    context: typer.Context,
    title: Annotated[str | None, typer.Option(help="Title; also gives the id.")] = None,
    question: Annotated[str | None, typer.Option(help="The question it answers, in one sentence.")] = None,
    site_name: Annotated[str | None, typer.Option(help="The site, as people call it.")] = None,
    place: Annotated[str | None, typer.Option(help="Town or area.")] = None,
    org_code: Annotated[
        list[str] | None, typer.Option(help="ODS code; repeat for several. ZZ901 and the like for synthetic data.")
    ] = None,
    what_changed: Annotated[str | None, typer.Option(help="What changed, in plain words.")] = None,
    start: Annotated[str | None, typer.Option(help="First day of the change, YYYY-MM-DD.")] = None,
    onset: Annotated[
        str | None,
        typer.Option(help="sudden or builds: the headline is the jump at the date, or the first year's mean."),
    ] = None,
    source_title: Annotated[str | None, typer.Option(help="Who says so: title of a source.")] = None,
    source_where: Annotated[str | None, typer.Option(help="Where that can be read.")] = None,
    measure: Annotated[str | None, typer.Option(help="Id of a measure, known or new.")] = None,
    area: Annotated[str, typer.Option(help="An area of change from data/vocabularies.yml.")] = "whole-system-flow",
    expected: Annotated[str, typer.Option(help="increase, decrease, no_change or unclear.")] = "unclear",
    why: Annotated[str, typer.Option(help="Why it should move that way.")] = "Not said.",
    table: Annotated[
        Path | None,
        typer.Option(help="A CSV in data/tables or data/private; else the table that holds the date is found."),
    ] = None,
    table_source: Annotated[str | None, typer.Option(help="Who made or published that CSV, and its title.")] = None,
    table_licence: Annotated[str | None, typer.Option(help="The licence it is under.")] = None,
    table_published_at: Annotated[
        str | None, typer.Option(help="Where it was published; left out, it is the site's own and is gated.")
    ] = None,
    comparators: Annotated[str, typer.Option(help="ODS codes of comparators, separated by spaces.")] = "",
    first: Annotated[str | None, typer.Option(help="First month used, such as 2022-04.")] = None,
    last: Annotated[str | None, typer.Option(help="Last month used; the newest if left out.")] = None,
    funded_by: Annotated[str, typer.Option(help="Who pays for the evaluation.")] = "Not said.",
    synthetic: Annotated[bool, typer.Option("--synthetic", help="The data are invented.")] = False,
    org_name: Annotated[
        list[str] | None, typer.Option(help="CODE=Name of an organisation that is not in the list yet.")
    ] = None,
    measure_name: Annotated[str | None, typer.Option(help="A new measure: its name.")] = None,
    measure_unit: Annotated[str | None, typer.Option(help="A new measure: its unit, such as discharges.")] = None,
    measure_form: Annotated[str, typer.Option(help="A new measure: count, proportion, rate or mean.")] = "count",
    measure_direction: Annotated[
        str, typer.Option(help="A new measure: better is increase, decrease or neutral.")
    ] = "neutral",
    important_change: Annotated[
        str | None,
        typer.Option(help="A new measure: smallest change worth acting on (% of a count, points of a share)."),
    ] = None,
    important_because: Annotated[str | None, typer.Option(help="A new measure: why that much.")] = None,
) -> None:
    """Set up an evaluation: asks for what no flag gives, and writes the YAML."""
    from evalkit.catalogue import read_catalogue
    from evalkit.catalogue.new_evaluation_files import Answers, NewMeasure, new_files, scale_of_change
    from evalkit.runs.planning.check_project import apply_if_sound
    from evalkit.runs.planning.own_table import with_gated

    names = dict(_name_of_organisation(pair) for pair in org_name or ())
    least = None if important_change is None else _change_of(important_change, scale_of_change(measure_form))
    root = find_root()
    catalogue = read_catalogue(root)
    answers = _ask({name: context.params[name] for name in ASKED})
    for code in answers["org_codes"]:
        if code not in catalogue.organisations and code not in names and sys.stdin.isatty():
            names[code] = typer.prompt(f"{code} is not in data/organisations.csv. Its name")
    made = None
    if answers["measure"] not in catalogue.measures:
        if measure_name is None and sys.stdin.isatty():
            measure_name = typer.prompt(f"{answers['measure']} is a new measure. Its name")
            measure_unit = typer.prompt("Its unit, such as discharges")
            measure_form = _choice("Its form", ("count", "proportion", "rate", "mean"), measure_form)
            measure_direction = _choice("Better is", ("increase", "decrease", "neutral"), measure_direction)
            least = _ask_change(scale_of_change(measure_form))
        if measure_name is None or measure_unit is None:
            raise EvaluationError(
                f"`{answers['measure']}` is not in data/measures.yml: choose one of {', '.join(catalogue.measures)},"
                " or describe a new one with --measure-name and --measure-unit."
            )
        made = NewMeasure(measure_name, measure_unit, measure_form, measure_direction, least, important_because)
    if table is not None and not synthetic and table_published_at is None and sys.stdin.isatty():
        table_published_at = typer.prompt(
            "Where were the figures of that CSV published (empty: nowhere, they are the site's own)", default=""
        )
        if table_published_at:
            table_source = table_source or typer.prompt("Who published them, and under which title")
            table_licence = table_licence or typer.prompt("The licence they are under")
    wanted = Answers(
        **answers,
        area=area,
        expected=expected,
        why=why,
        funded_by=funded_by,
        table=table,
        table_source=table_source,
        table_licence=table_licence,
        table_published_at=table_published_at,
        table_name=_table_name(catalogue, answers, table),
        comparators=comparators.replace(",", " ").split(),
        first=first,
        last=last,
        synthetic=synthetic,
        org_names=names,
        new_measure=made,
    )
    files = with_gated(root, new_files(catalogue, wanted, date.today()), wanted.table_name or "")
    apply_if_sound(root, files)
    for path in files:
        print(f"wrote {path.relative_to(root).as_posix()}")
    print(
        "Add rival explanations and anything else you know to the evaluation's file, and what people there say made the"
        " difference, or stood in the way, to the learning item's; then run `evalkit book`."
    )


def _name_of_organisation(pair: str) -> tuple[str, str]:
    code, _, name = map(str.strip, pair.partition("="))
    if not (code and name):
        raise EvaluationError(
            f"--org-name is {pair!r}: write the code, an equals sign and the name, as in ZZ901=Ashford."
        )
    return code, name


def _change_of(written: str, scale: str) -> float:
    """A smallest change worth acting on: more than 0, with a percent sign only where it is a percentage."""
    figure = written.strip().removesuffix("%").rstrip() if scale == "percent" else written.strip()
    if not re.fullmatch(r"\d+(\.\d+)?", figure) or float(figure) == 0:
        example = {"percent": "5 or 5% for five per cent", "points": "5 for five points"}.get(scale, "0.5, in its unit")
        raise EvaluationError(
            f"The smallest change worth acting on (--important-change) is {written!r}, which cannot be read:"
            f" write it in figures above 0 with a decimal point, such as {example}."
        )
    return float(figure)


def _ask_change(scale: str) -> float | None:
    """Ask until the answer can be read; nothing where none has been agreed."""
    while True:
        answer = typer.prompt(
            "Smallest change worth acting on (% of a count, points of a share; empty if not agreed)", default=""
        )
        try:
            return _change_of(answer, scale) if answer.strip() else None
        except EvaluationError as error:
            typer.echo(str(error), err=True)


def _table_name(catalogue, answers: dict, table: Path | None) -> str:
    """The table an evaluation draws on: the file named, else the first that holds the site around the date."""
    from evalkit.catalogue.new_evaluation_files import slug
    from evalkit.intake.load import table_around

    if table is not None:
        described = [record.name for record in catalogue.tables.values() if Path(record.path).name == table.name]
        return described[0] if described else slug(table.stem)
    if answers["measure"] not in catalogue.measures:
        raise EvaluationError(f"`{answers['measure']}` is a new measure: name the CSV that holds it with --table.")
    measure = catalogue.measures[answers["measure"]]
    return table_around(catalogue, measure, answers["org_codes"], answers["start"].isoformat())


def _ask(given: dict) -> dict:
    """Ask a person for what is missing; without one, name every missing flag at once."""
    missing = [name for name, value in given.items() if not value]
    if missing and not sys.stdin.isatty():
        flags = ", ".join("--" + name.replace("_", "-") for name in missing)
        raise EvaluationError(f"Not everything needed was given: add {flags}.")
    answers = {name: _prompt(name) if name in missing else value for name, value in given.items()}
    codes = answers.pop("org_code")
    answers["org_codes"] = codes.upper().replace(",", " ").split() if isinstance(codes, str) else codes
    answers["start"] = _day(answers["start"])
    answers["onset"] = _onset(answers["onset"])
    return answers


def _prompt(name: str) -> str:
    """Ask until the answer can be used, so that nobody loses the answers before it."""
    while True:
        answer = typer.prompt(ASKED[name])
        try:
            {"start": _day, "onset": _onset}.get(name, str)(answer)
            return answer
        except EvaluationError as error:
            typer.echo(str(error), err=True)


def _choice(question: str, words: tuple[str, ...], default: str) -> str:
    while True:
        answer = typer.prompt(f"{question}: {', '.join(words)}", default=default)
        if answer in words:
            return answer
        typer.echo(f"{answer!r} is none of them.", err=True)


def _onset(written: str) -> str:
    if written.strip().lower() not in ONSETS:
        raise EvaluationError(f"--onset is {written!r}: write {' or '.join(ONSETS)}.")
    return written.strip().lower()


def _day(written: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(written.strip(), form).date()
        except ValueError:
            continue
    raise EvaluationError(f"--start is {written!r}, which is not a date: write it as 2023-01-31.")

"""`evalkit new sites`: many sites of one change from a list."""

from pathlib import Path
from typing import Annotated

import typer

from evalkit.cli.new_evaluation import Answers
from evalkit.project import find_root


def new_sites(
    context: typer.Context,
    sites: Annotated[
        Path,
        typer.Argument(
            metavar="LIST.csv",
            help="Columns code, name, start and, where they are invented, synthetic; start is none for a place to compare with.",
        ),
    ],
    table: Annotated[
        Path | None,
        typer.Option(help="A CSV in data/tables or data/private; else the table that holds the dates is found."),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title; also gives the id.")] = None,
    question: Annotated[str | None, typer.Option(help="The question it answers, in one sentence.")] = None,
    place: Annotated[str | None, typer.Option(help="The area they are in.")] = None,
    what_changed: Annotated[str | None, typer.Option(help="What changed, in plain words.")] = None,
    start_certainty: Annotated[
        str | None, typer.Option(help="How sure the dates are: confirmed, partly_confirmed or inferred.")
    ] = None,
    onset: Annotated[
        str | None,
        typer.Option(
            help="sudden or builds: the headline of each site is the jump at its date, or the first year's mean."
        ),
    ] = None,
    source_title: Annotated[str | None, typer.Option(help="Who says so: title of a source.")] = None,
    source_where: Annotated[str | None, typer.Option(help="Where that can be read.")] = None,
    measure: Annotated[str | None, typer.Option(help="Id of a measure, known or new.")] = None,
    area: Annotated[str | None, typer.Option(help="An area of change from data/vocabularies.yml.")] = None,
    expected: Annotated[str | None, typer.Option(help="increase, decrease, no_change or unclear.")] = None,
    why: Annotated[str | None, typer.Option(help="Why it should move that way.")] = None,
    also_changed: Annotated[str | None, typer.Option(help="What else changed there in these months.")] = None,
    table_source: Annotated[str | None, typer.Option(help="Who made or published that CSV, and its title.")] = None,
    table_licence: Annotated[str | None, typer.Option(help="The licence it is under.")] = None,
    table_published_at: Annotated[
        str | None, typer.Option(help="Where it was published; left out, it is the sites' own and is gated.")
    ] = None,
    comparators: Annotated[
        str | None, typer.Option(help="ODS codes of further places to compare with, separated by spaces.")
    ] = None,
    first: Annotated[str | None, typer.Option(help="First month used; all there are if left out.")] = None,
    last: Annotated[str | None, typer.Option(help="Last month used; the newest if left out.")] = None,
    funded_by: Annotated[str | None, typer.Option(help="Who pays for the evaluation.")] = None,
    conflict_of_interest: Annotated[
        str | None, typer.Option(help="Who of the evaluators gains by one result or the other.")
    ] = None,
    no_stratifier: Annotated[
        str | None,
        typer.Option(help="Why the figures do not tell people apart, by deprivation, age, sex or ethnicity."),
    ] = None,
    org_name: Annotated[
        list[str] | None, typer.Option(help="CODE=Name of a comparator that is not in the list of organisations yet.")
    ] = None,
    measure_name: Annotated[str | None, typer.Option(help="A new measure: its name.")] = None,
    measure_unit: Annotated[str | None, typer.Option(help="A new measure: its unit, such as discharges.")] = None,
    measure_form: Annotated[
        str | None, typer.Option(help="A new measure: count, proportion, rate, mean or median.")
    ] = None,
    measure_exposure: Annotated[
        str | None,
        typer.Option(help="A new count: on calendar_days, weekend_days or working_days, over person_time, or none."),
    ] = None,
    measure_direction: Annotated[
        str | None, typer.Option(help="A new measure: better is increase, decrease or neutral.")
    ] = None,
    measure_type: Annotated[
        str | None, typer.Option(help="A new measure: outcome, process, balancing or structure.")
    ] = None,
    measure_domain: Annotated[
        str | None, typer.Option(help="A new measure: one of the domains in data/vocabularies.yml.")
    ] = None,
    measure_definition: Annotated[str | None, typer.Option(help="A new measure: how exactly it is counted.")] = None,
    measure_flow_stage: Annotated[
        str | None, typer.Option(help="A new measure: one of the flow_stages in data/vocabularies.yml.")
    ] = None,
    important_change: Annotated[
        str | None,
        typer.Option(help="A new measure: smallest change worth acting on (% of a count, points of a share)."),
    ] = None,
    important_because: Annotated[str | None, typer.Option(help="A new measure: why that much.")] = None,
    answers: Answers = None,
) -> None:
    """Set up one change at many sites: a record each, all together, each by itself, and their results pooled."""
    from evalkit.catalogue import read_catalogue
    from evalkit.catalogue.new_sites_files import read_sites
    from evalkit.cli.evaluation_questions import NewRecords
    from evalkit.cli.questions import start_asking
    from evalkit.cli.sites_questions import ask_sites
    from evalkit.cli.written import say_next, write_new

    root = find_root()
    listed = read_sites(sites, sites.name)
    catalogue = read_catalogue(root)
    given = {name: value for name, value in context.params.items() if name != "sites"}
    asking = start_asking(root, "sites", given, answers, title or f"sites-{sites.stem}")

    def make() -> NewRecords:
        made = ask_sites(asking, catalogue, listed)
        write_new(root, "new sites", made.files, made.table)
        return made

    made = asking.settle(make)
    asking.forget()
    id = made.id
    with_start = sum(site.start is not None for site in listed)
    record = root / "data" / "pooled" / f"{id}.yml"
    pooled = f", and their results pooled in data/pooled/{id}.yml" if record in made.files else ""
    say_next(
        root,
        f"evaluations/{id}/index.html",
        *made.told,
        f"{with_start} sites with a start, one analysis of all and one of each{pooled}. Their dates stand in"
        f" data/evaluations/{id}.yml, under `intervention`, and nowhere else.",
    )

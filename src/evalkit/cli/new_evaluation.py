"""`evalkit new evaluation`: look at the table, ask for what no flag gives, and write the records."""

from pathlib import Path
from typing import Annotated

import typer

from evalkit.project import find_root

Answers = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Answers in YAML, with the names of flags as keys; flags go before them, and every answer is kept there.",
    ),
]


def new_evaluation(
    context: typer.Context,
    table: Annotated[
        Path | None,
        typer.Option(help="A CSV in data/tables or data/private; else the table that holds the date is found."),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title; also gives the id.")] = None,
    question: Annotated[str | None, typer.Option(help="The question it answers, in one sentence.")] = None,
    site_name: Annotated[str | None, typer.Option(help="The site, as people call it.")] = None,
    place: Annotated[str | None, typer.Option(help="Town or area.")] = None,
    org_code: Annotated[
        list[str] | None, typer.Option(help="ODS code; repeat for several. ZZ901 and the like for synthetic data.")
    ] = None,
    what_changed: Annotated[str | None, typer.Option(help="What changed, in plain words.")] = None,
    start: Annotated[str | None, typer.Option(help="First day of the change, YYYY-MM-DD.")] = None,
    start_certainty: Annotated[
        str | None, typer.Option(help="How sure that day is: confirmed, partly_confirmed or inferred.")
    ] = None,
    onset: Annotated[
        str | None,
        typer.Option(help="sudden or builds: the headline is the jump at the date, or the first year's mean."),
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
        str | None, typer.Option(help="Where it was published; left out, it is the site's own and is gated.")
    ] = None,
    comparators: Annotated[str | None, typer.Option(help="ODS codes of comparators, separated by spaces.")] = None,
    first: Annotated[
        str | None, typer.Option(help="First month used, such as 2022-04; all there are if left out.")
    ] = None,
    last: Annotated[str | None, typer.Option(help="Last month used; the newest if left out.")] = None,
    funded_by: Annotated[str | None, typer.Option(help="Who pays for the evaluation.")] = None,
    conflict_of_interest: Annotated[
        str | None, typer.Option(help="Who of the evaluators gains by one result or the other.")
    ] = None,
    no_stratifier: Annotated[
        str | None,
        typer.Option(help="Why the figures do not tell people apart, by deprivation, age, sex or ethnicity."),
    ] = None,
    describe: Annotated[
        bool,
        typer.Option(
            "--describe",
            help="Only describe what was counted, point by point; done without it where too few points bear an estimate.",
        ),
    ] = False,
    synthetic: Annotated[bool, typer.Option("--synthetic", help="The data are invented.")] = False,
    org_name: Annotated[
        list[str] | None, typer.Option(help="CODE=Name of an organisation that is not in the list yet.")
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
    """Set up an evaluation: looks at the table, asks for what no flag gives, and writes the YAML."""
    from evalkit.catalogue import read_catalogue
    from evalkit.cli.evaluation_questions import NewRecords, ask_evaluation
    from evalkit.cli.questions import start_asking
    from evalkit.cli.written import say_next, write_new

    root = find_root()
    catalogue = read_catalogue(root)
    called = title or (table.stem if table else "")
    asking = start_asking(root, "evaluation", context.params, answers, called)

    def make() -> NewRecords:
        made = ask_evaluation(asking, catalogue)
        write_new(root, "new evaluation", made.files, made.table)
        return made

    made = asking.settle(make)
    asking.forget()
    id = made.id
    say_next(
        root,
        f"evaluations/{id}/index.html",
        *made.told,
        f"Add rival explanations and anything else you know to data/evaluations/{id}.yml, and what people there say made the"
        f" difference, or stood in the way, to its open question in data/learning. `evalkit new analysis {id}` adds a second measure.",
    )

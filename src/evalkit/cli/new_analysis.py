"""`evalkit new analysis`: a second measure, a balancing one, or a control, beside what an evaluation asks already."""

from pathlib import Path
from typing import Annotated

import typer

from evalkit.cli.new_evaluation import Answers
from evalkit.project import find_root


def new_analysis(
    context: typer.Context,
    evaluation: Annotated[str | None, typer.Argument(metavar="EVALUATION", help="Id of the evaluation.")] = None,
    measure: Annotated[str | None, typer.Option(help="Id of a measure, known or new.")] = None,
    role: Annotated[
        str | None,
        typer.Option(help="secondary (also of a balancing measure), negative_control, spill_over or recording_check."),
    ] = None,
    expected: Annotated[str | None, typer.Option(help="increase, decrease, no_change or unclear.")] = None,
    why: Annotated[str | None, typer.Option(help="Why it should move that way.")] = None,
    results_seen: Annotated[
        str | None, typer.Option(help="yes or no: whether anybody has seen a result of this evaluation.")
    ] = None,
    control_kind: Annotated[
        str | None, typer.Option(help="Of a negative control: what is another, the outcome, the place or the date.")
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(help="The CSV that holds it; else that of the first analysis, or one that holds the date."),
    ] = None,
    id: Annotated[str | None, typer.Option(help="Id of the analysis; that of the measure if left out.")] = None,
    title: Annotated[str | None, typer.Option(help="Its title; the measure and the site if left out.")] = None,
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
    """Add an analysis to an evaluation, as its first one is, with what was expected of it and why."""
    from evalkit.catalogue import read_catalogue
    from evalkit.cli.analysis_questions import ask_analysis
    from evalkit.cli.asking import Asking, Question, did_you_mean_all
    from evalkit.cli.questions import start_asking
    from evalkit.cli.written import say_next, write_new
    from evalkit.errors import EvaluationError

    root = find_root()
    catalogue = read_catalogue(root)
    if evaluation is None:
        titles = {id: record.title for id, record in catalogue.evaluations.items()}
        asking = Asking({})
        evaluation = asking.get(Question("EVALUATION", "Evaluation", titles))
        asking.refuse_what_is_wrong()
    if evaluation not in catalogue.evaluations:
        raise EvaluationError(
            f"`{evaluation}` is not an evaluation in data/evaluations{did_you_mean_all(evaluation, catalogue.evaluations)}."
        )
    given = {name: value for name, value in context.params.items() if name != "evaluation"}
    asking = start_asking(root, "analysis", given, answers, f"{evaluation}-{measure or 'analysis'}")

    def make() -> tuple[str, ...]:
        made = ask_analysis(asking, catalogue, evaluation)
        write_new(root, f"new analysis {evaluation}", made.files, made.table)
        return made.told

    told = asking.settle(make)
    asking.forget()
    say_next(
        root,
        f"evaluations/{evaluation}/index.html",
        *told,
        "The rival explanations that could explain all the others are taken to explain this one too, until two readers say"
        " otherwise.",
    )

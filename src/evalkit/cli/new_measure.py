"""`evalkit new measure`: describe what is counted."""

from typing import Annotated

import typer

from evalkit.cli.new_evaluation import Answers
from evalkit.project import find_root


def new_measure(
    context: typer.Context,
    id: Annotated[str | None, typer.Option(help="Its id, as tables have it, such as weekend-discharges.")] = None,
    name: Annotated[str | None, typer.Option(help="Its name.")] = None,
    unit: Annotated[str | None, typer.Option(help="Its unit, such as discharges.")] = None,
    form: Annotated[str | None, typer.Option(help="count, proportion, rate, mean or median.")] = None,
    exposure: Annotated[
        str | None,
        typer.Option(help="Of a count: on calendar_days, weekend_days or working_days, over person_time, or none."),
    ] = None,
    direction: Annotated[str | None, typer.Option(help="Better is increase, decrease or neutral.")] = None,
    type: Annotated[str | None, typer.Option(help="outcome, process, balancing or structure.")] = None,
    domain: Annotated[str | None, typer.Option(help="One of the domains in data/vocabularies.yml.")] = None,
    definition: Annotated[str | None, typer.Option(help="How exactly it is counted.")] = None,
    flow_stage: Annotated[str | None, typer.Option(help="One of the flow_stages in data/vocabularies.yml.")] = None,
    important_change: Annotated[
        str | None, typer.Option(help="Smallest change worth acting on (% of a count, points of a share).")
    ] = None,
    important_because: Annotated[str | None, typer.Option(help="Why that much.")] = None,
    answers: Answers = None,
) -> None:
    """Describe a measure: asks for what no flag gives, and adds it to data/measures.yml."""
    from datetime import date

    from evalkit.catalogue import read_catalogue
    from evalkit.catalogue.new_measure_files import new_measure_files
    from evalkit.cli.asking import Question
    from evalkit.cli.measure_questions import ask_measure
    from evalkit.cli.questions import id_of, start_asking
    from evalkit.cli.written import say_next, write_new
    from evalkit.errors import EvaluationError

    root = find_root()
    catalogue = read_catalogue(root)
    asking = start_asking(root, "measure", context.params, answers, f"measure-{id}" if id else "")

    def free(written: str) -> str:
        if id_of(written) in catalogue.measures:
            raise EvaluationError(f"`{written}` is in data/measures.yml already: choose another id, or edit it there.")
        return written

    def make() -> str:
        measure = asking.get(Question("id", "Its id, as tables have it, such as weekend-discharges", read=free))
        new = ask_measure(asking, catalogue, measure or id or "", prefix="")
        asking.refuse_what_is_wrong()
        assert new is not None  # nothing is missing
        write_new(root, "new measure", new_measure_files(catalogue, measure, new, date.today()))
        return measure

    made = asking.settle(make)
    asking.forget()
    say_next(root, f"measures/{made}.html", f"`evalkit new analysis EVALUATION --measure {made}` analyses it.")

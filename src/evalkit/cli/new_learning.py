"""`evalkit new learning`: one thing that was learned."""

from typing import Annotated

import typer

from evalkit.cli.new_evaluation import Answers
from evalkit.project import find_root


def new_learning(
    context: typer.Context,
    type: Annotated[
        str | None, typer.Option(help="enabler, barrier, lesson and so on: item_types in data/vocabularies.yml.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="What was learned, in one sentence; also gives the id.")] = None,
    text: Annotated[str | None, typer.Option(help="The same in a few sentences.")] = None,
    site: Annotated[str | None, typer.Option(help="Id of the site where; or name a programme.")] = None,
    programme: Annotated[str | None, typer.Option(help="Id of the programme in which; or name a site.")] = None,
    themes: Annotated[str | None, typer.Option(help="Themes from data/vocabularies.yml, separated by spaces.")] = None,
    lessons: Annotated[str | None, typer.Option(help="Of the ten lessons, separated by spaces.")] = None,
    impact: Annotated[str | None, typer.Option(help="Of the components of NHS IMPACT, separated by spaces.")] = None,
    audience: Annotated[str | None, typer.Option(help="Who can use it: audiences, separated by spaces.")] = None,
    stage: Annotated[str | None, typer.Option(help="plan, start, run, sustain or spread.")] = None,
    strength: Annotated[
        str | None, typer.Option(help="How sure it is: one of the strengths in data/vocabularies.yml.")
    ] = None,
    response: Annotated[
        str | None, typer.Option(help="Of a barrier or a voice: what was done; or not_solved, not_yet, not_reported.")
    ] = None,
    what_happened: Annotated[
        str | None, typer.Option(help="Of a barrier or a voice: what came of that; or not_yet, not_reported.")
    ] = None,
    explains: Annotated[
        str | None, typer.Option(help="Ids of evaluations that it helps to explain, separated by spaces.")
    ] = None,
    evidence_kind: Annotated[
        str | None, typer.Option(help="result, document, interview, observation or survey.")
    ] = None,
    evidence_ref: Annotated[
        str | None, typer.Option(help="A result as evaluation/analysis; else an id in data/sources.yml, known or new.")
    ] = None,
    evidence_says: Annotated[str | None, typer.Option(help="What it says, in our own words.")] = None,
    evidence_n: Annotated[str | None, typer.Option(help="How many people said so.")] = None,
    date: Annotated[str | None, typer.Option(help="When it was learned: 2024, 2024-03 or 2024-03-10.")] = None,
    contributor_role: Annotated[str | None, typer.Option(help="Who said so, by role, never by name.")] = None,
    source_title: Annotated[str | None, typer.Option(help="A new source: its title.")] = None,
    source_publisher: Annotated[str | None, typer.Option(help="A new source: who published or keeps it.")] = None,
    source_where: Annotated[str | None, typer.Option(help="A new source: where it can be read.")] = None,
    source_published: Annotated[
        str | None, typer.Option(help="A new source: when it was published, as far as known; or: not known.")
    ] = None,
    answers: Answers = None,
) -> None:
    """Write down what was learned: asks for what no flag gives, and writes data/learning/<id>.md."""
    from evalkit.catalogue import read_catalogue
    from evalkit.cli.evaluation_questions import NewRecords
    from evalkit.cli.learning_questions import ask_learning
    from evalkit.cli.questions import start_asking
    from evalkit.cli.written import say_next, write_new

    root = find_root()
    catalogue = read_catalogue(root)
    asking = start_asking(root, "learning", context.params, answers, f"learning-{title}" if title else "")

    def make() -> NewRecords:
        made = ask_learning(asking, catalogue)
        write_new(root, "new learning", made.files)
        return made

    made = asking.settle(make)
    asking.forget()
    say_next(root, f"learning/items/{made.id}.html", *made.told)

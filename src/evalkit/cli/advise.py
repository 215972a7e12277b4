"""`evalkit advise`: which designs a table can bear, and why."""

from pathlib import Path
from typing import Annotated

import typer

from evalkit.project import find_root


def advise(
    table: Annotated[Path, typer.Argument(metavar="TABLE.csv", help="A CSV in data/tables or data/private.")],
    start: Annotated[str, typer.Option(help="First day of the change, YYYY-MM-DD.")],
    org_code: Annotated[list[str] | None, typer.Option(help="ODS code; repeat for several. All by default.")] = None,
    measure: Annotated[
        list[str] | None, typer.Option(help="Id of a measure; repeat for several. All by default.")
    ] = None,
) -> None:
    """Say which designs the figures of a table can bear, and why; nothing is set up."""
    from evalkit.advice import advise as advise_on
    from evalkit.advice import exposure_in_words
    from evalkit.catalogue import read_catalogue
    from evalkit.catalogue.days import day_in
    from evalkit.cli.asking import did_you_mean_all
    from evalkit.cli.questions import look_at_table
    from evalkit.errors import EvaluationError

    day = day_in(start, "--start").isoformat()
    catalogue = read_catalogue(find_root())
    path, contents = look_at_table(catalogue, table)
    if contents is None:
        raise EvaluationError(f"{path.name} is a published table: `evalkit power` says what its series would find.")
    for flag, given, known in (
        ("org-code", org_code or [], contents.codes),
        ("measure", measure or [], contents.measures()),
    ):
        for word in given:
            if word not in known:
                raise EvaluationError(f"--{flag} is {word!r}{did_you_mean_all(word, known)}.")
    for one in measure or contents.measures():
        for code in org_code or contents.codes:
            if not (contents.points(one).index == code).any():
                continue
            print(f"{one} at {code}, changed on {day}:")
            for advice in advise_on(contents, one, code, day):
                command = f" `{advice.command}`" if advice.command else ""
                print(f"  {'yes' if advice.bears else 'no ':<3}  {advice.design}: {advice.because}{command}")
            if sentence := exposure_in_words(one, catalogue.measures.get(one)):
                print(f"  {sentence}")

"""`evalkit pulse`: from a site's exact answers to the file that may be published."""

from pathlib import Path
from typing import Annotated

import typer

from evalkit.errors import EvaluationError, InputRefused
from evalkit.project import find_root


def pulse(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="wave, staff group, question, asked, answered, confident.")
    ],
    site: Annotated[str, typer.Option(help="Id of the site whose staff were asked.")],
) -> None:
    """Withhold small groups of a staff pulse, and write what may be shown of it to data/pulse."""
    from evalkit.catalogue import read_catalogue
    from evalkit.cli.written import say_next, write_new
    from evalkit.errors import did_you_mean
    from evalkit.runs.project_lock import interrupted_once, project_lock
    from evalkit.staff.pulse import RULE, as_csv, to_show
    from evalkit.staff.pulses import pulse_file
    from evalkit.staff.read_pulse import read_pulse

    root = find_root()
    with interrupted_once(), project_lock(root):
        sites = read_catalogue(root).sites
        if site not in sites:
            raise EvaluationError(f"--site {site} is no site of the book{did_you_mean(site, sites)}.")
        exact, problems = read_pulse(file, file.name)
        if problems:
            raise InputRefused(problems)
        target = root / pulse_file(site)
        before = read_pulse(target, target.name)[0] if target.is_file() else []
        rows = to_show(exact, before)
        write_new(root, "pulse", {target: as_csv(rows)})
    hidden = sum(row.answered is None for row in rows)
    print(
        f"{len(rows) - hidden} rows shown, {hidden} withheld: {RULE.least - 1} or fewer answers, and what gives them back."
    )
    print("Keep the exact file out of the project, or in data/private, which no commit takes.")
    say_next(root, f"sites/{site}.html")

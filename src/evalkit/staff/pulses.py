"""The pulses below ``data/pulse``, a file a site, as they are published."""

from collections.abc import Mapping
from pathlib import Path

from evalkit.catalogue.records.sites import Site
from evalkit.errors import Problem, did_you_mean
from evalkit.intake.submission.sheets import EXAMPLE_CODE
from evalkit.staff.pulse import PulseShown, example_problems, published_problems, with_intervals
from evalkit.staff.read_pulse import read_pulse

FOLDER = Path("data", "pulse")
EXAMPLE_CODES = [EXAMPLE_CODE]  # of the invented site, whose pulse alone may be invented


def pulse_file(site: str) -> Path:
    """Where the published pulse of a site is, below the project's folder."""
    return FOLDER / f"{site}.csv"


def read_pulses(root: Path, sites: Mapping[str, Site]) -> tuple[dict[str, list[PulseShown]], list[Problem]]:
    """What may be shown of each site's pulse, by its id; and everything that is wrong, a sentence each."""
    pulses: dict[str, list[PulseShown]] = {}
    problems: list[Problem] = []
    for path in sorted((root / FOLDER).glob("*")):
        shown = path.relative_to(root).as_posix()
        site = sites.get(path.stem)
        if path.suffix != ".csv":
            problems.append(Problem(shown, 0, "is no CSV file: save it as CSV, or take it out of data/pulse."))
        elif site is None:
            what = f"is called as no site of the book is{did_you_mean(path.stem, sites)}: call it as the site's id."
            problems.append(Problem(shown, 0, what))
        elif site.synthetic and site.org_codes != EXAMPLE_CODES:
            what = f"is of a synthetic site other than that of {EXAMPLE_CODES[0]}: keep invented answers there."
            problems.append(Problem(shown, 0, what))
        else:
            rows, wrong = read_pulse(path, shown)
            wrong = wrong or published_problems(shown, rows)
            wrong += [] if site.synthetic else example_problems(shown, rows)
            problems += wrong
            pulses[site.id] = [] if wrong else with_intervals(rows)
    return pulses, problems

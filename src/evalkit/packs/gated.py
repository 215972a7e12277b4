"""Tables under a rule for small numbers in a pack: as `evalkit gate` makes them, and every release of them too."""

from collections.abc import Mapping
from pathlib import Path

from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.tables import Table
from evalkit.disclosure.gated_form import COLUMNS
from evalkit.disclosure.marks import marks_of
from evalkit.errors import InputRefused, Problem
from evalkit.intake.gated_tables import RELEASE, RELEASES, check_gated
from evalkit.intake.read_table import read_table


def releases_of(root: Path, table: str) -> list[Path]:
    """The releases of a table, the oldest first."""
    folder = root / RELEASES / table
    return sorted(path for path in folder.glob("*.csv") if RELEASE.fullmatch(path.name)) if folder.is_dir() else []


def problems_of(root: Path, table: Table, measures: Mapping[str, Measure]) -> list[Problem]:
    """What a gated table, or a release of it, holds that `evalkit gate` does not write, and where it is not the newest one."""
    shown, releases = f"data/{table.path}", releases_of(root, table.name)
    problems = []
    for path in (root / shown, *releases):
        form = table.model_copy(update={"path": path.relative_to(root / "data").as_posix()})
        try:
            problems += _not_as_gated(root, form) + ([] if path == root / shown else check_gated(root, form, measures))
        except InputRefused as error:
            problems += error.problems
    if not releases or releases[-1].read_bytes() != (root / shown).read_bytes():
        what = (
            f"is not the newest release in {RELEASES.as_posix()}/{table.name}: put its exact table into data/private and"
            " run `evalkit gate`."
        )
        problems.append(Problem(shown, 0, what))
    return problems


def _not_as_gated(root: Path, table: Table) -> list[Problem]:
    """Columns and notes that nobody has looked through."""
    shown, frame = f"data/{table.path}", read_table(root, table).frame
    what = "which `evalkit gate` leaves out: put the exact table into data/private and run that."
    problems = []
    if set(frame) - set(COLUMNS):
        problems.append(Problem(shown, 1, f"has columns besides {', '.join(COLUMNS)}, {what}"))
    noted = frame.index[frame["note"] != frame["note"].map(marks_of)] if "note" in frame else []
    if len(noted):
        problems.append(Problem(shown, int(noted[0]), f"column `note` holds text, {what}"))
    return problems

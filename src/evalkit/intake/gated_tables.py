"""A site's own tables: the exact one lies in ``data/private``, which git ignores; what may be shown of it in ``data/tables``.

Every form that was shown is kept as a release, so that a later one gives nothing back that was withheld before.
"""

import csv
import hashlib
import io
import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.tables import Column, Schema, Table
from evalkit.disclosure.dominance import LARGEST
from evalkit.disclosure.gated_form import COLUMNS, KEY, WITHHELD, Earlier, Gated
from evalkit.disclosure.rules import SmallNumbers, small_numbers
from evalkit.disclosure.salt import salt_of
from evalkit.errors import EvaluationError, InputRefused, Problem, shortened
from evalkit.files import file_sha256
from evalkit.intake.read_table import read_table
from evalkit.project import PRIVATE

RELEASES = Path("data/releases")
MADE_OF = PRIVATE / "gated.json"  # of which exact file each table was made, on this machine
OF_PEOPLE = {
    "numerator": ("count", "proportion", "rate"),
    "denominator": ("proportion", "rate", "mean", "median"),
}  # forms, by column
RELEASE = re.compile(r"\d{3}\.csv")
OF_LARGEST = [Column(name=name, type="number", description="Of an exact table only.") for name in LARGEST]


@dataclass(frozen=True, eq=False)
class GatedTable:
    """A table as it may be shown, with the text of each file it is written to, by path below the project."""

    gated: Gated
    files: dict[Path, str]
    release: int


def is_gated(table: Table) -> bool:
    """Whether a table is shown under a rule for small numbers."""
    return small_numbers(table.layout.disclosure.rule) is not None


def rule_of(table: Table) -> SmallNumbers:
    """The rule for small numbers that a table is shown under."""
    rule = small_numbers(table.layout.disclosure.rule)
    assert rule is not None  # of a table that is gated
    return rule


def exact_file(table: Table) -> Path:
    """Where the exact table lies, below the project."""
    return PRIVATE / Path(table.path).name


def released_exact(table: Table, release: int) -> Path:
    """Where the exact table of a release lies, below the project."""
    return PRIVATE / "releases" / table.name / f"{release:03d}.csv"


def exact_table(root: Path, table: Table, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """The exact rows of a site's own table, as ``own_counts.gated`` takes them.

    Raises
    ------
    InputRefused
        Where they cannot be read.
    """
    return _exact(root, table, exact_file(table).relative_to("data"), measures)


def gate_table(root: Path, table: Table, measures: Mapping[str, Measure]) -> GatedTable:
    """What may be shown of a site's own table.

    Parameters
    ----------
    root : Path
        The project; the exact table lies in ``data/private`` of it.
    measures : of every id that the table may hold; rows of others are left out

    Raises
    ------
    InputRefused
        Where the exact table cannot be read.
    EvaluationError
        Where an earlier release gives a small count back, whatever is withheld now.
    """
    # With them comes a solver, half a second that most commands have no use for.
    from evalkit.disclosure.own_counts import gated
    from evalkit.disclosure.sums import TooManySeries
    from evalkit.disclosure.suppression import NotProtected

    exact = exact_table(root, table, measures)
    forms = {id: measure.form_at_the_gate for id, measure in measures.items()}
    earlier = earlier_releases(root, table, measures, exact)
    rule = rule_of(table)
    try:
        made = gated(exact, forms, rule, list(earlier.values()), salt_of(root))
    except TooManySeries as error:
        raise EvaluationError(
            f"{exact_file(table).as_posix()} has {error}, among which sums cannot be looked for: split it into several tables."
        ) from None
    except NotProtected:
        raise EvaluationError(
            f"data/tables/{Path(table.path).name} cannot be shown safely: together with the releases in"
            f" {RELEASES.as_posix()}/{table.name} a small count could be found. Leave out what was revised, or the newest period."
        ) from None
    text, last = as_csv(made.table), max(earlier, default=0)
    files = {Path("data") / table.path: text}
    release = last
    if not last or (root / RELEASES / table.name / f"{last:03d}.csv").read_text(encoding="utf-8") != text:
        release = last + 1
        files[RELEASES / table.name / f"{release:03d}.csv"] = text
        files[released_exact(table, release)] = as_csv(exact)
    made_of = _made_of(root) | {
        table.name: [file_sha256(root / exact_file(table)), hashlib.sha256(text.encode("utf-8")).hexdigest()]
    }
    files[MADE_OF] = json.dumps(made_of, indent=1, sort_keys=True) + "\n"
    return GatedTable(made, files, release)


def check_gated(root: Path, table: Table, measures: Mapping[str, Measure]) -> list[Problem]:
    """Whether a table shows only what its rule can show, and is made of what lies in ``data/private`` on this machine."""
    if not is_gated(table):
        return []
    shown, rule = f"data/{table.path}", rule_of(table)
    rows, forms = read_table(root, table), {id: measure.form for id, measure in measures.items()}
    wrong = [
        (int(line), column)
        for column in ("numerator", "denominator")
        if column in rows.frame
        for line, figure in rows.frame.loc[rows.frame["measure"].map(forms).isin(_judged(column, rule)), column].items()
        if pd.notna(figure) and not rule.may_be_shown(figure)
    ]
    told = (
        Problem(shown, line, f"column `{column}` holds a figure that the rule `{rule.name}` does not show: put the exact"
                f" table into data/private/ and run `evalkit gate`.")
        for line, column in wrong
    )  # fmt: skip
    problems = shortened(told, len(wrong), "figures that the rule does not show")
    exact = root / exact_file(table)
    if exact.is_file() and not problems:
        made = _made_of(root).get(table.name)
        if made != [file_sha256(exact), file_sha256(root / shown)]:
            what = f"is not what {exact_file(table).as_posix()} gives today: run `evalkit gate`."
            problems.append(Problem(shown, 0, what))
    return problems


def _judged(column: str, rule: SmallNumbers) -> tuple[str, ...]:
    """Forms whose figures in a column are shown or withheld for what they are."""
    by_the_whole = ("proportion",) if rule.of_the_whole and column == "numerator" else ()
    return tuple(form for form in OF_PEOPLE[column] if form not in by_the_whole)


def check_private(root: Path) -> list[Problem]:
    """Exact tables are tracked by nothing that leaves this machine."""
    if not (root / PRIVATE).is_dir():
        return []
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--", PRIVATE.as_posix()],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout.split("\n")
    except (OSError, subprocess.SubprocessError):  # no git, or no repository: nothing tracks it
        return []
    what = "is tracked by git, and holds exact figures of people: run `git rm --cached` on it, and commit that."
    return [Problem(path, 0, what) for path in listed if path]


def _exact(root: Path, table: Table, path: Path, measures: Mapping[str, Measure]) -> pd.DataFrame:
    known = Schema(fields=[*table.columns.fields, *OF_LARGEST], missingValues=table.columns.missingValues)
    rows = read_table(root, table.model_copy(update={"path": path.as_posix(), "columns": known}))
    if rows.suppressed.any(axis=None):
        line = int(rows.suppressed.index[rows.suppressed.any(axis=1)][0])
        what = f"withholds a figure ({WITHHELD}): an exact table has them all, or leaves blank what was not reported."
        raise InputRefused([Problem(f"data/{path.as_posix()}", line, what)])
    frame = rows.frame[rows.frame["measure"].isin(list(measures)) & (rows.frame["org_code"] != "")]
    fractions = [
        Problem(
            f"data/{path.as_posix()}",
            int(line),
            f"column `{column}` counts people, and holds a fraction: give whole numbers.",
        )
        for column, forms in OF_PEOPLE.items()
        if column in frame
        for line in frame.index[
            (frame[column] % 1 > 0) & frame["measure"].map(lambda id: measures[id].form).isin(forms)
        ]
    ]
    if fractions:
        raise InputRefused(fractions)
    exact = pd.DataFrame(
        {"org_code": frame["org_code"], "period": frame["period"].astype(str), "measure": frame["measure"]}
    )
    for column in ("numerator", "denominator"):
        exact[column] = frame[column].astype(float) if column in frame else float("nan")
    for column in frame.columns.intersection(["note", *LARGEST]):
        exact[column] = frame[column]
    return exact.reset_index(drop=True)


def earlier_releases(
    root: Path, table: Table, measures: Mapping[str, Measure], exact: pd.DataFrame
) -> dict[int, Earlier]:
    """Every release of a table, by its number. Where its exact table is not on this machine, today's figures stand in for
    those that it shows alike."""
    told: dict[int, Earlier] = {}
    folder = root / RELEASES / table.name
    for path in sorted(folder.glob("*.csv")) if folder.is_dir() else ():
        if not RELEASE.fullmatch(path.name):
            continue
        shown = pd.read_csv(path, dtype=str, keep_default_na=False).sort_values(KEY, ignore_index=True)
        kept = released_exact(table, int(path.stem))
        if (root / kept).is_file():
            before = _exact(root, table, kept.relative_to("data"), measures)
        else:
            before = _as_if_unrevised(shown, exact, rule_of(table))
        told[int(path.stem)] = Earlier(before, shown)
    return told


def released_codes(root: Path, table: Table) -> set[str]:
    """The codes of which any release of a table has shown a row."""
    folder = root / RELEASES / table.name
    paths = [path for path in folder.glob("*.csv") if RELEASE.fullmatch(path.name)] if folder.is_dir() else []
    return {code for path in paths for code in pd.read_csv(path, dtype=str, keep_default_na=False)["org_code"]}


def _as_if_unrevised(shown: pd.DataFrame, exact: pd.DataFrame, rule) -> pd.DataFrame:
    now = shown[KEY].merge(exact, on=KEY, how="left")
    for column in ("numerator", "denominator"):
        told = pd.to_numeric(shown[column], errors="coerce")
        alike = pd.Series(rule.rounded(now[column].fillna(-1).to_numpy()), index=now.index) == told
        withheld = shown[column] == WITHHELD
        now[column] = now[column].where(alike | withheld, told)
        # What was withheld and is there no more was small.
        now[column] = now[column].mask(withheld & now[column].isna(), float(rule.least - 1))
    return now


def _made_of(root: Path) -> dict[str, list[str]]:
    try:
        return dict(json.loads((root / MADE_OF).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def as_csv(table: pd.DataFrame) -> str:
    """A table with the columns of a submission, and of an exact one the largest cases, as the text of a file."""
    table = table.reindex(columns=[*COLUMNS, *table.columns.intersection(LARGEST)])
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.itertuples(index=False, name=None):
        writer.writerow(["" if pd.isna(cell) else f"{cell:.10g}" if isinstance(cell, float) else cell for cell in row])
    return out.getvalue()

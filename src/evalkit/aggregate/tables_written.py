"""The tables that are written: the exact one stays in data/private, its gated form goes to data/tables, the SQL beside it."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evalkit.aggregate.run import Aggregated
from evalkit.catalogue.model import Catalogue
from evalkit.disclosure.dominance import LARGEST
from evalkit.errors import EvaluationError
from evalkit.files import write_if_changed
from evalkit.project import PRIVATE

TABLES = Path("data", "tables")
NAME = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
LONGEST_NAME = 80


@dataclass(frozen=True)
class Written:
    """Where the tables are, from the project's folder."""

    exact: Path
    shown: Path
    sql: Path


def targets(catalogue: Catalogue, output: str) -> Written:
    """Where tables of that name go.

    Raises
    ------
    EvaluationError
        Where the name cannot be one of a file, or data/tables has a table of that name that was not counted here.
    """
    name = output.removeprefix(f"{TABLES.as_posix()}/").removesuffix(".csv")
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise EvaluationError(
            "--output is a name of lower-case letters and figures, joined by - or _, such as `discharges`: the table is"
            " written to data/tables, and its exact form to data/private."
        )
    files = Written(PRIVATE / f"{name}.csv", TABLES / f"{name}.csv", TABLES / f"{name}.csv.sql")
    if (catalogue.root / files.shown).exists() and not (catalogue.root / files.sql).exists():
        raise EvaluationError(
            f"{files.shown.as_posix()} is there and was not counted by `evalkit aggregate`: choose another --output."
        )
    return files


def write(root: Path, files: Written, aggregated: Aggregated, is_known: bool = False) -> None:
    """Write the exact table, then the SQL, then what may be shown of it; each whole or not at all.

    ``is_known``: the book has the table, so that what may be shown depends on what was shown before, and is left to the gate.

    Raises
    ------
    EvaluationError
        Where a small count could be found, whatever is withheld.
    """
    shown = None if is_known else _on_the_way_out(root, files, aggregated)
    (root / PRIVATE).mkdir(parents=True, exist_ok=True)
    write_if_changed(root / files.exact, _as_csv(aggregated.table))
    write_if_changed(root / files.sql, aggregated.sql)
    if shown is not None:
        write_if_changed(root / files.shown, _as_csv(shown))


def _on_the_way_out(root: Path, files: Written, aggregated: Aggregated) -> pd.DataFrame:
    """The table without its small numbers: nothing else of it goes to data/tables."""
    from evalkit.disclosure.own_counts import gated
    from evalkit.disclosure.rules import SMALL_NUMBERS
    from evalkit.disclosure.salt import salt_of
    from evalkit.disclosure.sums import TooManySeries
    from evalkit.disclosure.suppression import NotProtected

    try:
        return gated(aggregated.table, aggregated.forms, SMALL_NUMBERS["own_counts"], salt=salt_of(root)).table
    except TooManySeries as error:
        raise EvaluationError(
            f"{files.shown.as_posix()} would have {error}, among which sums cannot be looked for: count fewer measures,"
            " organisations or strata at once."
        ) from None
    except NotProtected:
        raise EvaluationError(
            f"{files.shown.as_posix()} cannot be shown safely, as so many of its counts are small that one could be found:"
            " count records of more months, by longer periods, or with fewer strata."
        ) from None


def _as_csv(table: pd.DataFrame) -> str:
    figures = table.columns.intersection(["numerator", "denominator", *LARGEST])
    texts = table.assign(**{name: table[name].map(_as_text) for name in figures})
    return texts.to_csv(index=False, lineterminator="\n")


def _as_text(figure: float | str) -> str:
    if isinstance(figure, str):
        return figure
    return "" if pd.isna(figure) else f"{figure:.15g}"

"""What is in none of the figures, or in some of them only: counted and told, reason by reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from evalkit.aggregate import query
from evalkit.aggregate.database import Database
from evalkit.aggregate.records_file import RecordsFile
from evalkit.aggregate.typed_records import Roles, typed, unreadable_number, unreadable_time
from evalkit.catalogue.records.fields import CODE_IN_WORDS
from evalkit.errors import named


@dataclass(frozen=True)
class LeftOut:
    """Of the records of one pair of organisation and moment: how many there are, from when to when, and what to tell.

    ``first`` and ``last`` are days of those that are counted; nothing where none is.
    """

    rows: int
    first: date | None
    last: date | None
    told: list[str]


def left_out(database: Database, files: Sequence[RecordsFile], counting: query.Counting, everything: bool) -> LeftOut:
    """Ask what was left out; ``everything`` where no other figures are made of these files."""
    (of_all,) = database.rows(query.left_out(counting), files)
    without = {"missing": 0, "unreadable": 0, "later": 0}
    if of_all["no_period"]:
        (without,) = database.rows(query.without_period(counting), files)
    figures = "none of the figures" if everything else f"none of the figures of {named(_ids(counting))}"
    organisation, at = f"`{counting.organisation}`", f"`{counting.at}`"
    reasons = [
        (of_all["no_organisation"], f"no {organisation}", ""),
        (of_all["no_code"], f"in {organisation} what is no code of an organisation ({CODE_IN_WORDS})", ""),
        (without["missing"], f"no {at}", ""),
        (without["unreadable"], f"in {at} what is no date from 1900 to 2100", unreadable_time(counting.at)),
        (without["later"], f"in {at} a date after today", ""),
    ]
    told = [
        f"{_rows_have(count)} {what}{_first_row(database, files, counting.at, flag)} and {_are(count)} in {figures}."
        for count, what, flag in reasons
        if count
    ]
    told += _of_measures(database, files, counting)
    return LeftOut(int(of_all["rows"]), of_all["first"], of_all["last"], told)


def _of_measures(database: Database, files: Sequence[RecordsFile], counting: query.Counting) -> list[str]:
    """Reasons of single measures: one sentence for those that share a reason and the rows it leaves out."""
    asked = query.left_out_of_measures(counting)
    if asked is None:
        return []
    statement, names = asked
    (counts,) = database.rows(statement, files)
    alike: dict[tuple[str, tuple[str, ...], int], list[str]] = {}
    for measure in counting.measures:
        for reason in query.figures_of(measure).reasons:
            count = counts[names[reason.condition]]
            if count:
                alike.setdefault((reason.what, reason.columns, count), []).append(measure.id)
    return [
        f"{_rows_have(count)} {_reason_in_words(database, files, what, columns)} and {_are(count)} in no figure of"
        f" {named(ids)}."
        for (what, columns, count), ids in alike.items()
    ]


def _reason_in_words(database: Database, files: Sequence[RecordsFile], what: str, columns: tuple[str, ...]) -> str:
    first = f"`{columns[0]}`"
    if what == query.BACKWARDS:
        return f"`{columns[1]}` before {first}"
    if what == query.UNREADABLE:
        flag = unreadable_time(columns[0])
        return f"in {first} what is no date from 1900 to 2100{_first_row(database, files, columns[0], flag)}"
    if what == query.NO_NUMBER:
        flag = unreadable_number(columns[0])
        return f"in {first} what is no number of 0 or more{_first_row(database, files, columns[0], flag)}"
    return f"no {' or no '.join(f'`{column}`' for column in columns)}"


def _first_row(database: Database, files: Sequence[RecordsFile], column: str, flag: str) -> str:
    """Where the first of rows that cannot be read stands: the row after the header, counted from 1."""
    if not flag:
        return ""
    is_number = flag == unreadable_number(column)
    roles = Roles([], [], [column]) if is_number else Roles([], [column], [])
    for file in files:
        numbered = f"SELECT row_number() OVER () AS place, {flag} AS wrong FROM ({typed([file], roles)})"
        found = database.rows(f"SELECT place FROM ({numbered}) WHERE wrong LIMIT 1", files, in_order=True)
        if found:
            of_file = f" of {file.shown}" if len(files) > 1 else ""
            return f" (the first in row {found[0]['place']:,}{of_file})"
    return ""


def _rows_have(count: float) -> str:
    return f"{int(count):,} rows have" if count != 1 else "1 row has"


def _are(count: float) -> str:
    return "are" if count != 1 else "is"


def _ids(counting: query.Counting) -> list[str]:
    return [measure.id for measure in counting.measures]

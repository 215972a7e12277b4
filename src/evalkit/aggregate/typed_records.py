"""The columns that measures name, of every file, as texts, moments and numbers; other columns are never read.

A column is called ``name|text``, ``name|time`` or ``name|number``, as no column of a file that is read may be. What is
there and cannot be read is missing in the last two, and true in ``name|time unreadable`` or ``name|number unreadable``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evalkit.aggregate.quoting import as_pattern, literal, quoted
from evalkit.aggregate.records_file import RecordsFile, column_problems
from evalkit.catalogue.records.from_records import Amount, FromRecords
from evalkit.errors import InputRefused, Problem

WITH_ZONE = "TIMESTAMP WITH TIME ZONE"
NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*")
# Besides 2024-03-01 and 2024-03-01 10:30; days come before months, as in Britain.
DAY_FIRST_FORMS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y")
# The years that a period may lie in. What stands for "not yet", such as 2999 or 1753, is not taken for a date.
EARLIEST, LATEST = "1900-01-01", "2100-12-31 23:59:59.999999"


def text(column: str) -> str:
    return quoted(f"{column}|text")


def time(column: str) -> str:
    return quoted(f"{column}|time")


def unreadable_time(column: str) -> str:
    return quoted(f"{column}|time unreadable")


def number_of(column: str) -> str:
    return quoted(f"{column}|number")


def unreadable_number(column: str) -> str:
    return quoted(f"{column}|number unreadable")


@dataclass(frozen=True)
class Roles:
    """Which columns are read as what."""

    texts: list[str]
    times: list[str]
    numbers: list[str]

    @property
    def columns(self) -> set[str]:
        return {*self.texts, *self.times, *self.numbers}


def roles_of(recipes: Iterable[FromRecords]) -> Roles:
    """The columns that measures need."""
    texts, times, numbers = set(), set(), set()
    for recipe in recipes:
        texts |= {recipe.organisation, *recipe.where, *recipe.of_which, recipe.stratum, recipe.distinct} - {None}
        times.add(recipe.at)
        for measured in (recipe.within, recipe.per, recipe.mean_of, recipe.median_of):
            if isinstance(measured, Amount) and measured.column:
                numbers.add(measured.column)
            elif measured:
                times |= {measured.start, measured.end}
    return Roles(sorted(texts), sorted(times), sorted(numbers))


def refuse_unfit(files: Sequence[RecordsFile], roles: Roles) -> None:
    """Refuse files that do not hold what measures need.

    Raises
    ------
    InputRefused
        With every column that is absent, there twice or of a type that cannot be what it is said to be.
    """
    problems = []
    for file in files:
        of_columns = column_problems(file, roles.columns)
        problems += of_columns
        if of_columns:
            continue
        for column in roles.times:
            if not re.match("DATE|TIMESTAMP|VARCHAR", file.type_of(column)):
                problems.append(
                    Problem(file.shown, 0, f"the column `{column}` holds neither dates nor text: name another.")
                )
        for column in roles.numbers:
            if file.type_of(column) != "VARCHAR" and not NUMBERS.fullmatch(file.type_of(column)):
                problems.append(
                    Problem(file.shown, 0, f"the column `{column}` holds neither numbers nor text: name another.")
                )
    if problems:
        raise InputRefused(problems)


def in_coordinated_time(files: Sequence[RecordsFile], roles: Roles) -> list[str]:
    """Columns whose moments have a time zone, and so are kept in coordinated universal time."""
    return [column for column in roles.times if any(file.type_of(column) == WITH_ZONE for file in files)]


def typed(files: Sequence[RecordsFile], roles: Roles, *, shown: bool = False) -> str:
    """The SELECT of all rows of all files; ``shown`` names files without the folders above them."""
    return "\nUNION ALL\n".join(_typed(file, roles, shown) for file in files)


def _typed(file: RecordsFile, roles: Roles, shown: bool) -> str:
    """Taken apart inside, and judged outside, so that nothing is taken apart twice."""
    inside, outside = [], []
    for column in roles.texts:
        inside.append(f"{_text(file, column)} AS {text(column)}")
        outside.append(text(column))
    years = f"TIMESTAMP '{EARLIEST}' AND TIMESTAMP '{LATEST}'"
    for column in roles.times:
        read, raw = _read_inside(file, column, time(column), _time(file, column), inside)
        usable = f"{read} BETWEEN {years}"
        outside.append(f"CASE WHEN {usable} THEN {read} END AS {read}")
        outside.append(f"CASE WHEN {usable} THEN false ELSE {raw} END AS {unreadable_time(column)}")
    for column in roles.numbers:
        read, raw = _read_inside(file, column, number_of(column), _number(file, column), inside)
        usable = f"{read} >= 0 AND {read} < 'infinity'::DOUBLE"
        outside.append(f"CASE WHEN {usable} THEN {read} END AS {read}")
        outside.append(f"CASE WHEN {usable} THEN false ELSE {raw} END AS {unreadable_number(column)}")
    listed_outside, listed_inside = ",\n  ".join(outside), ",\n    ".join(dict.fromkeys(inside))
    return f"SELECT\n  {listed_outside}\nFROM (\n  SELECT\n    {listed_inside}\n  FROM {_source(file, roles, shown)}\n)"


def _read_inside(file: RecordsFile, column: str, called: str, value: str, inside: list[str]) -> tuple[str, str]:
    """The name of what is read, and whether anything is there at all, as SQL."""
    raw = quoted(f"{column}|written")
    inside += [f"{value} AS {called}", f"{quoted(column)} AS {raw}"]
    there = f"coalesce(trim({raw}) <> '', false)" if file.type_of(column) == "VARCHAR" else f"{raw} IS NOT NULL"
    return called, there


def _source(file: RecordsFile, roles: Roles, shown: bool) -> str:
    path = literal(as_pattern(file.shown if shown else file.path.absolute().as_posix()))
    if file.kind == "parquet":
        return f"read_parquet({path})"
    # What is not read has a number in place of its name.
    names = [name if name in roles.columns else f"|{place}" for place, name in enumerate(file.columns, start=1)]
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    how = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', strict_mode = true"
    return f"read_csv({path}, {how}, columns = {{{columns}}})"


def _text(file: RecordsFile, column: str) -> str:
    as_text = quoted(column) if file.type_of(column) == "VARCHAR" else f"CAST({quoted(column)} AS VARCHAR)"
    return f"nullif(trim({as_text}), '')"


def _time(file: RecordsFile, column: str) -> str:
    of_type, name = file.type_of(column), quoted(column)
    if of_type == WITH_ZONE:
        moment = f"{name} AT TIME ZONE 'UTC'"
    elif of_type != "VARCHAR":
        moment = name if of_type == "TIMESTAMP" else f"CAST({name} AS TIMESTAMP)"
    else:
        forms = ", ".join(map(literal, DAY_FIRST_FORMS))
        moment = f"coalesce(TRY_CAST({name} AS TIMESTAMP), try_strptime(trim({name}), [{forms}]))"
    return moment


def _number(file: RecordsFile, column: str) -> str:
    cast = "TRY_CAST" if file.type_of(column) == "VARCHAR" else "CAST"
    return f"{cast}({quoted(column)} AS DOUBLE)"

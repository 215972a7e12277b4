"""A month that was read, put into its table: every other row keeps its bytes, and the description its hash."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evalkit.catalogue.records.tables import Table
from evalkit.errors import InputRefused, Problem
from evalkit.intake.published.made_columns import (
    NO,
    YES,
    Cells,
    as_number,
    figures_of,
    in_table,
    repeats_year_before,
    with_made_columns,
)
from evalkit.intake.published.read_published import PublishedMonth, month_in_words
from evalkit.intake.published.recognise import Known
from evalkit.project import MARK

Key = tuple[str, str]  # code and period, as the table writes them


@dataclass(eq=False)
class _Rows:
    """A table's rows: their cells, and the text from which they were read."""

    header: list[str]
    ending: str
    head: str
    cells: dict[Key, dict[str, str]]
    raw: dict[Key, str]


@dataclass(eq=False)
class TableWithMonth:
    """A table with one month more, or another in its place.

    Attributes
    ----------
    text, description : str
        What becomes of the table and of data/datapackage.json.
    new : list of str
        Codes whose rows the table did not have.
    changed : list of str
        Figures that are other than before, or gone: "RAX 2022-03 att_type1".
    renamed : dict
        Names and the like that are other than before: by column, the codes at which.
    same : int
        Rows as before in every cell.
    had_month : bool
        Whether the table had rows of that month.
    marked : dict
        By flag and what it seldom says, the codes at which it says so.
    came, went : list of str
        Codes that the month before does not have, and that only it has.
    months_between : list of str
        Months between the table's last and this one that it does not have.
    """

    text: str
    description: str
    new: list[str]
    changed: list[str]
    renamed: dict[str, list[str]]
    same: int
    had_month: bool
    marked: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    came: list[str] = field(default_factory=list)
    went: list[str] = field(default_factory=list)
    months_between: list[str] = field(default_factory=list)

    @property
    def is_revised(self) -> bool:
        """Whether figures that the table had are other now: its rows of a month that it had, or what they say of later ones."""
        return bool(self.changed or (self.had_month and self.new))

    @property
    def changes_nothing(self) -> bool:
        return not (self.new or self.changed or self.renamed)


def table_with_month(root: Path, known: Known, read: PublishedMonth, file: str) -> TableWithMonth:
    """What becomes of a table by a month; nothing is written.

    Raises
    ------
    InputRefused
        Where the table cannot be read as rows.
    """
    table, before = known.table, _rows(root, known.table)
    period, year_before = in_table(table, read.month), in_table(table, _year_on(read.month, -1))
    after = {}
    for code, cells in read.rows.items():
        earlier = before.cells.get((code, year_before))
        after[code, period] = with_made_columns(cells, table, known.layout, read.month, file, earlier)
    marked = _seldom(known, after)
    after |= _marked_later(before, known, read.month, after)
    figures = figures_of(table)
    gone = [key for key in before.cells if key[1] == period and key not in after]
    changed, renamed, same = [], {}, 0
    for key, row in after.items():
        if key not in before.cells:
            continue
        was = before.cells[key]
        row |= {column: was[column] for column in figures if _says_the_same(was[column], row[column])}
        other = [column for column in before.header if was[column] != row[column]]
        changed += [_called(key, column) for column in other if column in figures]
        for column in other:
            if column not in figures:
                renamed.setdefault(column, []).append(key[0])
        same += not other and key[1] == period
    changed += [_called(key, "(no longer in the file)") for key in gone]
    text = _text(before, {key: row for key, row in after.items() if before.cells.get(key) != row}, gone)
    months = sorted({key[1][:7] for key in before.cells})
    made = TableWithMonth(
        text=text,
        description=_description(root, table, text, months, read.month),
        new=[key[0] for key in after if key not in before.cells],
        changed=changed,
        renamed=renamed,
        same=same,
        had_month=read.month in months,
        marked=marked,
    )
    _beside_other_months(made, table, before, read, months)
    return made


def _called(key: Key, what: str) -> str:
    return f"{key[0]} {key[1][:7]} {what}"


def _rows(root: Path, table: Table) -> _Rows:
    path, shown = root / "data" / table.path, f"data/{table.path}"
    lines = list(io.StringIO(path.read_bytes().decode("utf-8"), newline=""))
    reader = csv.reader(lines, strict=True)
    header = [name.strip() for name in next(reader)]
    header[0] = header[0].removeprefix("\ufeff")
    begins = reader.line_num
    rows = _Rows(header, "\r\n" if lines[0].endswith("\r\n") else "\n", "".join(lines[:begins]), {}, {})
    last: Key | None = None
    for row in reader:
        line, text, begins = begins + 1, "".join(lines[begins : reader.line_num]), reader.line_num
        if not any(cell.strip() for cell in row):
            if last is None:
                rows.head += text
            else:
                rows.raw[last] += text
            continue
        cells = dict(zip(header, map(str.strip, row), strict=False))
        key = (cells.get(table.layout.unit, ""), cells.get(table.layout.period, ""))
        if len(row) != len(header) or key in rows.cells or key[1] != in_table(table, key[1][:7]):
            what = (
                "no month can be put beside this row: it has other fields than the header, is there twice, or writes its month"
                f" otherwise than {in_table(table, '2025-12')}. Correct it first."
            )
            raise InputRefused([Problem(shown, line, what)])
        rows.cells[key], rows.raw[key], last = cells, text, key
    return rows


def _says_the_same(before: str, now: str) -> bool:
    """Whether a figure or a flag is only written otherwise, so that it can stay as it is."""
    return as_number(before) == as_number(now) or before.lower() == now.lower()


def _year_on(month: str, years: int) -> str:
    return f"{int(month[:4]) + years}{month[4:]}"


def _marked_later(
    before: _Rows, known: Known, month: str, after: dict[Key, dict[str, str]]
) -> dict[Key, dict[str, str]]:
    """Rows of twelve months later whose flag of being a copy is another beside the figures of this month."""
    table, later = known.table, {}
    period, next_year = in_table(table, month), in_table(table, _year_on(month, 1))
    rules = {name: made.repeats_year_before for name, made in known.layout.made.items() if made.repeats_year_before}
    for key, cells in before.cells.items():
        if key[1] != next_year:
            continue
        earlier = after.get((key[0], period))
        flags = {column: repeats_year_before(rule, cells, earlier) for column, rule in rules.items()}
        if any(cells[column] != flag for column, flag in flags.items()):
            later[key] = cells | flags
    return later


def _seldom(known: Known, after: dict[Key, dict[str, str]]) -> dict[tuple[str, str], list[str]]:
    """Which codes are marked by the flags that speak of single rows."""
    marked = {}
    for column, made in known.layout.made.items():
        value = NO if made.reported else YES if made.repeats_year_before else None
        if value is not None:
            marked[column, value] = [key[0] for key, row in after.items() if row[column] == value]
    return marked


def _beside_other_months(
    made: TableWithMonth, table: Table, before: _Rows, read: PublishedMonth, months: Sequence[str]
) -> None:
    earlier = [month for month in months if month < read.month]
    if not earlier:
        return
    last = {key[0] for key in before.cells if key[1] == in_table(table, earlier[-1])}
    made.came, made.went = sorted(read.rows.keys() - last), sorted(last - read.rows.keys())
    if not made.had_month:
        made.months_between = _between(earlier[-1], read.month)


def _between(first: str, last: str) -> list[str]:
    months, month = [], _month_after(first)
    while month < last:
        months.append(month)
        month = _month_after(month)
    return months


def _month_after(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def _text(before: _Rows, other: dict[Key, dict[str, str]], gone: Sequence[Key]) -> str:
    """The table in its own order, with other rows written anew and all else as it was."""
    raw = {key: text for key, text in before.raw.items() if key not in gone}
    if raw and not (last := raw[list(raw)[-1]]).endswith("\n") and other:
        raw[list(raw)[-1]] = last + before.ending
    raw |= {key: _line(before, row) for key, row in other.items()}
    order = _order(list(before.cells))
    keys = sorted(raw, key=order) if order else list(raw)
    return before.head + "".join(raw[key] for key in keys)


def _order(keys: Sequence[Key]) -> Callable[[Key], Key] | None:
    """By code or by month, as the table is sorted; nothing where it is sorted by neither."""
    orders: tuple[Callable[[Key], Key], ...] = (lambda key: key, lambda key: (key[1], key[0]))
    return next((order for order in orders if list(keys) == sorted(keys, key=order)), None)


def _line(before: _Rows, row: Cells) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=before.ending).writerow([row[column] for column in before.header])
    return out.getvalue()


def _description(root: Path, table: Table, text: str, months: Sequence[str], month: str) -> str:
    """data/datapackage.json with the hash of the table, and its last month where its title names that."""
    package = json.loads((root / MARK).read_text(encoding="utf-8-sig"))
    resource = next(one for one in package["resources"] if one["name"] == table.name)
    raw = text.encode()
    resource["hash"] = "sha256:" + hashlib.sha256(raw).hexdigest()
    if "bytes" in resource:
        resource["bytes"] = len(raw)
    if months and month > months[-1]:
        for field_ in ("title", "description"):
            resource[field_] = resource[field_].replace(month_in_words(months[-1]), month_in_words(month))
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"

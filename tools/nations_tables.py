"""Attendances in Wales and Scotland, trimmed, with what is wrong or easily misread in them marked in columns of its own.

``python -m tools.nations_tables WALES SCOTLAND SCOTLAND_WEEKLY`` reads the three sources and writes their tables in
``data/tables``, and prints the lines of ``data/organisations.csv`` that their units need. Columns are chosen and renamed and
rows put in order; every figure that is kept is that of its source, but for the ``.0`` behind whole numbers.
"""

import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from evalkit.catalogue import find_root
from evalkit.errors import EvaluationError

TABLES = Path("data", "tables")
WALES, SCOTLAND, SCOTLAND_WEEKLY = (
    "wales_ae_hospital_monthly_2009_2025.csv",
    "scotland_ae_hospital_monthly_2007_2025.csv",
    "scotland_ae_board_weekly_2015_2026.csv",
)
Row = Mapping[str, str]

WELSH_FIGURES = ("attendances", "within_4_hours", "within_8_hours", "within_12_hours")
WELSH_TOTALS = {
    "Maj": "total_major",
    "Min": "total_other",
}  # what the codes of totals over kinds of department end with
BOARD_OF_WALES, NATION_OF_WALES = re.compile(r"(7A\dx?)W11\d{6}"), re.compile(r"XXXW92\d{6}")
HOSPITAL_OF_WALES = re.compile(r"(7A\dx?)7A[A-Z0-9]{2,4}")

SCOTTISH_FIGURES = ("attendances", "within_4_hours", "over_4_hours")
SCOTTISH_TYPE = re.compile(r"(?P<name>.+?)(?: - Type (?P<type>\d))?")
WEEKLY_COLUMNS = {
    "week_ending": "WeekEndingDate", "org_code": "HBT", "org_name": "BoardName", "attendances": "Attendances",
    "within_4_hours": "Within4Hours", "over_4_hours": "Over4Hours", "over_8_hours": "Over8Hours", "over_12_hours": "Over12Hours",
}  # fmt: skip
# The letter that a hospital's code begins with, by board: the emergency departments of each letter together have the
# attendances that the weekly table gives for the board (a test holds this). C is of a board that was shared out, so that of
# its hospitals only those with an emergency department, and one that is named with its board, are known from the figures.
BOARDS_OF_SCOTLAND = {
    "A": "S08000015", "B": "S08000016", "Y": "S08000017", "V": "S08000019", "N": "S08000020", "H": "S08000022", "S": "S08000024",
    "R": "S08000025", "Z": "S08000026", "W": "S08000028", "F": "S08000029", "T": "S08000030", "G": "S08000031", "L": "S08000032",
}  # fmt: skip
SHARED_OUT = {"C121H": "S08000022", "C113H": "S08000022", "C313H": "S08000031", "C418H": "S08000031"}


def welsh_rows(rows: Iterable[Row]) -> list[dict[str, str]]:
    """A row a code and month, with what the row is of: a hospital, a board, the nation, or a total of departments.

    Raises
    ------
    EvaluationError
        For a code that is of none of these forms, or two rows of one code and month.
    """
    made = []
    for row in rows:
        code = row["hospital_code"]
        level, board = _welsh_level(code)
        made.append(
            {
                "period": row["period"], "org_code": code, "org_name": row["hospital_department"], "level": level,
                "is_total": str(level != "hospital"), "of_former_board": str(board.endswith("x")),
                "part_month": str(row["hospital_department"] == "The Grange University Hospital" and row["period"] == "2020-11"),
                **{name: whole(row[name]) for name in WELSH_FIGURES},
            }
        )  # fmt: skip
    short = _short_of_their_board(made)
    for row in made:
        at = (row["period"], _board(row["org_code"]))
        row["short_of_board"] = str(row["level"] == "hospital" and at in short)
    return in_order(made, "period", "org_code")


def _short_of_their_board(rows: Iterable[Row]) -> set[tuple[str, str]]:
    """The months and boards whose listed hospitals add up neither to the board nor to its major departments."""
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        sums[row["period"], _board(row["org_code"])][row["level"]] += int(row["attendances"])
    return {
        at for at, of in sums.items()
        if "hospital" in of and "board" in of and of["hospital"] not in (of["board"], of["total_major"])
    }  # fmt: skip


def _board(code: str) -> str:
    """What the code of a Welsh hospital, board or total begins with: its board, with an x where that was reorganised."""
    match = re.match(r"7A\dx?", code)
    return match[0] if match else ""


def _welsh_level(code: str) -> tuple[str, str]:
    if NATION_OF_WALES.fullmatch(code):
        return "nation", ""
    if code[-3:] in WELSH_TOTALS:
        return WELSH_TOTALS[code[-3:]], _board(code)
    for level, form in (("board", BOARD_OF_WALES), ("hospital", HOSPITAL_OF_WALES)):
        match = form.fullmatch(code)
        if match:
            return level, match[1]
    raise EvaluationError(f"{code} is a code of no known form: say in tools/nations_tables.py what it is of.")


def scottish_rows(rows: Sequence[Row]) -> list[dict[str, str]]:
    """A row a site and month. A code that two names share, as a moved hospital keeps it, is two sites: each has the code and
    the year of its first figure as its own.

    Raises
    ------
    EvaluationError
        For two rows of one site and month, or two names of one code that begin in one year.
    """
    first: dict[tuple[str, str], str] = {}
    for row in sorted(rows, key=lambda row: row["period"]):
        first.setdefault((row["hospital_code"], row["hospital_name"]), row["period"])
    names: dict[str, list[str]] = defaultdict(list)
    for code, name in first:
        names[code].append(name)
    key = {(code, name): f"{code}-{first[code, name][:4]}" if len(names[code]) > 1 else code for code, name in first}
    if len({*key.values()}) < len(key):
        raise EvaluationError("Two sites of one code begin in one year: give them other keys.")
    held = defaultdict(int)
    for row in rows:
        held[row["hospital_code"], row["period"]] += 1
    made = []
    for row in rows:
        code, name = row["hospital_code"], row["hospital_name"]
        match = SCOTTISH_TYPE.fullmatch(name)
        made.append(
            {
                "period": row["period"], "org_code": key[code, name], "hospital_code": code, "org_name": match["name"] if match else name,
                "department_type": (match and match["type"]) or "", "code_shared": str(len(names[code]) > 1),
                "code_twice_in_month": str(held[code, row["period"]] > 1), **{name: whole(row[name]) for name in SCOTTISH_FIGURES},
            }
        )  # fmt: skip
    return in_order(made, "period", "org_code")


def weekly_rows(rows: Iterable[Row]) -> list[dict[str, str]]:
    """A row a board and week."""
    return in_order(
        [{name: whole(row[source]) for name, source in WEEKLY_COLUMNS.items()} for row in rows],
        "week_ending",
        "org_code",
    )


def whole(written: str) -> str:
    """A whole number without the ``.0`` that a library put behind it; anything else as it is."""
    return re.sub(r"(?<=\d)\.0\Z", "", written)


def in_order(rows: list[dict[str, str]], *key: str) -> list[dict[str, str]]:
    """The rows by their key, which none has twice.

    Raises
    ------
    EvaluationError
    """
    kept = {tuple(row[name] for name in key): row for row in rows}
    if len(kept) < len(rows):
        raise EvaluationError(f"Two rows have the same {' and '.join(key)}.")
    return [kept[one] for one in sorted(kept)]


def organisations(wales: Sequence[Row], scotland: Sequence[Row], weekly: Sequence[Row]) -> list[dict[str, str]]:
    """A line an organisation: the units of the three tables, with nation, register, kind and the board that each is part of."""
    boards = {match[1]: row["org_code"] for row in wales if (match := BOARD_OF_WALES.fullmatch(row["org_code"]))}
    lines = {}
    for row in wales:
        code, hospital = row["org_code"], HOSPITAL_OF_WALES.fullmatch(row["org_code"])
        if row["level"].startswith("total") or row["level"] == "nation":
            continue
        kind = "health_board" if row["level"] == "board" else _kind_of(row["org_name"])
        lines[code] = _line(row, "wales", "welsh-statistics", kind, boards[hospital[1]] if hospital else "")
    for row in scotland:
        lines[row["org_code"]] = _line(
            row, "scotland", "scottish-locations", _kind_of(row["org_name"]), _board_of_scotland(row["hospital_code"])
        )
    for row in weekly:
        lines[row["org_code"]] = _line(
            {**row, "org_name": f"NHS {row['org_name']}"}, "scotland", "scottish-boards", "health_board", ""
        )
    return [lines[code] for code in sorted(lines)]


def _kind_of(name: str) -> str:
    """What its name says that it is; else it is a health centre."""
    if re.search(r"\bMI(Us?|nor Injur\w+)\b", name):
        return "minor_injury_unit"
    return "hospital" if re.search(r"\b(Hospital|Infirmary|Ysbyty)\b", name) else "health_centre"


def _board_of_scotland(code: str) -> str:
    return SHARED_OUT.get(code) or BOARDS_OF_SCOTLAND.get(code[0], "")


def _line(row: Row, nation: str, register: str, kind: str, parent: str) -> dict[str, str]:
    return {
        "org_code": row["org_code"], "name": row["org_name"], "nation": nation, "register": register, "kind": kind, "parent": parent,
        "region": nation.title(),
    }  # fmt: skip


def _read(source: Path) -> list[dict[str, str]]:
    with source.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(name: str, rows: list[dict[str, str]]) -> None:
    with (find_root() / TABLES / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{(TABLES / name).as_posix()}: {len(rows)} rows", file=sys.stderr)


def main(wales: Path, scotland: Path, weekly: Path) -> None:
    """Write the tables, and print the organisations.

    Raises
    ------
    EvaluationError
        Where a source is not as it was read.
    """
    tables = welsh_rows(_read(wales)), scottish_rows(_read(scotland)), weekly_rows(_read(weekly))
    for name, rows in zip((WALES, SCOTLAND, SCOTLAND_WEEKLY), tables, strict=True):
        _write(name, rows)
    lines = organisations(*tables)
    writer = csv.DictWriter(sys.stdout, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("Name the three sources: python -m tools.nations_tables WALES SCOTLAND SCOTLAND_WEEKLY")
    main(*(Path(name) for name in sys.argv[1:]))

"""The daily discharges of April to September 2022 with the dates that came a day late moved back: a derived table.

``python -m tools.discharge_dates_moved`` reads ``data/tables/discharge_daily_2022_2025.csv`` and writes
``data/tables/discharge_daily_2022_dates_moved.csv``. Nothing else is changed.
"""

import csv
from datetime import date, timedelta
from pathlib import Path

from evalkit.catalogue import find_root

SOURCE = Path("data", "tables", "discharge_daily_2022_2025.csv")
TARGET = Path("data", "tables", "discharge_daily_2022_dates_moved.csv")
FIRST, LAST = date(2022, 4, 1), date(2022, 9, 30)
FIGURES = ("discharges", "not_meeting_criteria_to_reside")
COLUMNS = ("date", "org_code", *FIGURES, "date_moved", "two_figures")


def moved(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows whose ``date_shift_flag`` is True under the day before; ordered by organisation and day.

    A day that then has no row, because a flag ends, gets a blank one. A day that has two, because a flag begins, keeps
    a figure only where the other row is an empty return (zero in every figure): which of two real figures belongs to
    the day is not known.
    """
    by_day: dict[tuple[str, date], list[tuple[bool, dict[str, str]]]] = {}
    for row in rows:
        late = row["date_shift_flag"] == "True"
        day = date.fromisoformat(row["date"]) - timedelta(days=int(late))
        if FIRST <= day <= LAST:
            by_day.setdefault((row["org_code"], day), []).append((late, row))
    days = [FIRST + timedelta(days=step) for step in range((LAST - FIRST).days + 1)]
    blank = (False, dict.fromkeys(FIGURES, ""))
    out = []
    for code, day in ((code, day) for code in sorted({row["org_code"] for row in rows}) for day in days):
        candidates = by_day.get((code, day), [blank])
        full = [pair for pair in candidates if not _empty(pair[1])] or candidates[:1]
        late, row = full[0]
        figures = dict.fromkeys(FIGURES, "") if len(full) > 1 else {name: row[name] for name in FIGURES}
        said = {"date_moved": str(late), "two_figures": str(len(full) > 1)}
        out.append({"date": day.isoformat(), "org_code": code, **figures, **said})
    return out


def _empty(row: dict[str, str]) -> bool:
    return all(row[name] == "0" for name in FIGURES)


def main() -> None:
    """Write the table."""
    root = find_root()
    with (root / SOURCE).open(newline="", encoding="utf-8") as file:
        rows = moved(list(csv.DictReader(file)))
    with (root / TARGET).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{TARGET.as_posix()}: {len(rows)} rows")


if __name__ == "__main__":
    main()

"""What a cell says of a period, however it is written: a month, a quarter, a week, a day, or a part of one."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from rapidfuzz import fuzz

Grain = Literal["day", "week", "month", "quarter"]
YEARS = range(1990, 2100)
# Days since the end of 1899, as spreadsheets count them: 1990 to 2099.
SERIALS = range(32_874, 73_051)
DAY_ONE = date(1899, 12, 30)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NAMES_OF_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = "(?P<name>" + "|".join(sorted({*MONTHS, *NAMES_OF_MONTHS, "sept"}, key=len, reverse=True)) + ")"
_FINANCIAL = r"(?:fy\s*)?(?P<from>(?:19|20)\d\d)\s*[/\-–]\s*(?:20)?(?P<to>\d\d)"
_YEAR = r"(?P<year>(?:19|20)?\d\d)"
_BETWEEN = r"[\s\-–/.,']*"
PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("iso", r"(?P<year>\d{4})-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.0+)?)?)?)?"),
        ("slashes", r"(?P<one>\d{1,2})(?P<sign>[/.\-])(?P<two>\d{1,2})(?P=sign)(?P<year>(?:19|20)?\d\d)(?: 00:00(?::00)?)?"),
        ("named", rf"{_MONTH}\.?{_BETWEEN}{_YEAR}"),
        ("named", rf"(?P<year>(?:19|20)\d\d){_BETWEEN}{_MONTH}"),
        ("day-named", rf"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{_BETWEEN}{_MONTH}\.?{_BETWEEN}{_YEAR}"),
        ("month-of-year", rf"{_FINANCIAL}{_BETWEEN}(?:m|month|p|period)\s*(?P<number>0?[1-9]|1[0-2])"),
        ("month-of-year", rf"(?:m|month|p|period)\s*(?P<number>0?[1-9]|1[0-2]){_BETWEEN}{_FINANCIAL}"),
        ("named-of-year", rf"{_MONTH}{_BETWEEN}{_FINANCIAL}"),
        ("named-of-year", rf"{_FINANCIAL}{_BETWEEN}{_MONTH}"),
        ("quarter-of-year", rf"{_FINANCIAL}{_BETWEEN}(?:q|quarter|qtr)\s*(?P<number>[1-4])"),
        ("quarter-of-year", rf"(?:q|quarter|qtr)\s*(?P<number>[1-4]){_BETWEEN}{_FINANCIAL}"),
        ("quarter", r"(?P<year>(?:19|20)\d\d)(?P<between>[\s\-]*)q(?P<number>[1-4])"),
        ("quarter", rf"q(?P<number>[1-4])(?P<between>{_BETWEEN})(?P<year>(?:19|20)\d\d)"),
        ("iso-week", r"(?P<year>(?:19|20)\d\d)[\s\-]*w(?:eek\s*)?(?P<number>\d{1,2})"),
        ("financial-year", _FINANCIAL),
        ("year-month", r"(?P<year>(?:19|20)\d\d)[/.]?(?P<month>0[1-9]|1[0-2])"),
        ("month-alone", rf"{_MONTH}\.?"),
        ("number-alone", r"(?:m|month|p|period)\s*(?P<number>0?[1-9]|1[0-2])"),
        ("quarter-alone", r"(?:q|quarter|qtr)\s*(?P<number>[1-4])"),
    )
)  # fmt: skip
NEARLY = re.compile(r"\W*(?:(?:\d{1,2}\W+)?(?P<name>[A-Za-z]{3,9})\W*\d{2,4}\b|\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4})")
NEAR = 60  # per cent of a name that is alike
_WEEK = re.compile(
    r"(?:w/?[ \-]?(?P<short>[ec])|week[\s\-]*(?:(?P<long>ending|ended|commencing|beginning|starting)))\b[\s:.\-]*(?P<rest>.+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Label:
    """A cell that speaks of time.

    Attributes
    ----------
    first : date or None
        The first day of what it says; None where it needs a year, or an order of day and month.
    grain : day, week, month, quarter; or ``year`` and ``part`` of what is no period by itself
    other : date or None
        What it says if the month comes before the day.
    part : int
        Of a month of a year that another cell names: 1 to 12, April being 4; of a quarter 21 to 24, of the financial year.
    slashed, stored : bool
        Whether it is written as 04/05/2022; whether a spreadsheet holds it as a date.
    joined : bool
        Whether its year stands in another cell.
    ambiguous : bool
        Whether a quarter may be of the calendar or of the financial year (``first`` and ``other``).
    """

    grain: Literal["day", "week", "month", "quarter", "year", "part"]
    first: date | None = None
    other: date | None = None
    part: int = 0
    ambiguous: bool = False
    slashed: bool = False
    stored: bool = False
    joined: bool = False


def label(written: object) -> Label | None:
    """What a cell says of time; nothing where it says nothing, or no more than a number could."""
    if isinstance(written, datetime):
        whole = (written.hour, written.minute, written.second) == (0, 0, 0)
        return Label("day", written.date(), stored=True) if whole and written.year in YEARS else None
    if isinstance(written, date):
        return Label("day", written, stored=True) if written.year in YEARS else None
    if not isinstance(written, str):
        return None
    text = " ".join(written.split())
    if len(text) > 40 or text.isdigit():
        return None
    week = _WEEK.fullmatch(text)
    if week:
        return _week(week)
    for kind, pattern in PATTERNS:
        match = pattern.fullmatch(text)
        if match:
            told = _label(kind, match.groupdict())
            if told is not None:
                return told
    return None


def numeric_label(written: object) -> Label | None:
    """The same, where the place of a cell lets a number be a date: 44652 as spreadsheets count days, 202204, or 20220401."""
    if isinstance(written, str) and re.fullmatch(r"\d{5,8}(\.0)?", written.strip()):
        written = float(written)
    if isinstance(written, bool) or not isinstance(written, int | float) or written != int(written):
        return label(written)
    number = int(written)
    if number in SERIALS:
        return Label("day", DAY_ONE + timedelta(days=number))
    if number > 10_000_000:
        day = _day(number // 10_000, number // 100 % 100, number % 100)
        return Label("day", day) if day and day.year in YEARS else None
    year, month = divmod(number, 100)
    return Label("month", date(year, month, 1)) if year in YEARS and month in range(1, 13) else None


def with_year(part: int, financial_year: int) -> Label:
    """A month (1 to 12), or a quarter (21 to 24), of the financial year that begins in April of ``financial_year``."""
    if part > 20:
        return Label("quarter", _months_on(financial_year, 3 * (part - 21)), joined=True)
    return Label("month", date(financial_year + (part < 4), part, 1), joined=True)


def is_nearly_one(written: str) -> bool:
    """Whether text is meant as a month or a date and cannot be read as one: "Mya-22", "31/06/2022", "Jul-22*"."""
    match = NEARLY.match(written)
    if match is None:
        return False
    name = match["name"]
    return name is None or max(fuzz.ratio(name.lower(), month) for month in (*MONTHS, *NAMES_OF_MONTHS)) >= NEAR


def _label(kind: str, said: dict[str, str | None]) -> Label | None:
    try:
        return _MAKERS[kind](said)
    except ValueError:  # no such day
        return None


def _year(written: str | None) -> int:
    year = int(written or 0)
    year = year if year > 99 else 2000 + year
    if year not in YEARS:
        raise ValueError(year)
    return year


def _number_of(name: str | None) -> int:
    return MONTHS.index((name or "").lower()[:3]) + 1


def _began(said: dict[str, str | None]) -> int:
    start = _year(said["from"])
    if int(said["to"] or 0) != (start + 1) % 100:
        raise ValueError(start)
    return start


def _months_on(start: int, months: int) -> date:
    """The first day, so many months after April of a year."""
    years, month = divmod(3 + months, 12)
    return date(start + years, month + 1, 1)


def _iso(said) -> Label:
    if said["day"] is None:
        return Label("month", date(_year(said["year"]), int(said["month"]), 1))
    return Label("day", date(_year(said["year"]), int(said["month"]), int(said["day"])))


def _slashes(said) -> Label:
    year, one, two = _year(said["year"]), int(said["one"]), int(said["two"])
    day_first, month_first = _day(year, two, one), _day(year, one, two)
    if day_first is None and month_first is None:
        raise ValueError(year)
    return Label("day", day_first, month_first, slashed=True)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _quarter(said) -> Label:
    year, number = _year(said["year"]), int(said["number"])
    calendar, financial = date(year, 3 * number - 2, 1), _months_on(year, 3 * (number - 1))
    plain = said["between"] in ("", "-") and said.get("year", "")
    return Label("quarter", calendar) if plain else Label("quarter", calendar, financial, ambiguous=True)


_MAKERS = {
    "iso": _iso,
    "year-month": lambda said: Label("month", date(_year(said["year"]), int(said["month"]), 1)),
    "slashes": _slashes,
    "named": lambda said: Label("month", date(_year(said["year"]), _number_of(said["name"]), 1)),
    "day-named": lambda said: Label("day", date(_year(said["year"]), _number_of(said["name"]), int(said["day"]))),
    "month-of-year": lambda said: Label("month", _months_on(_began(said), int(said["number"]) - 1)),
    "named-of-year": lambda said: with_year(_number_of(said["name"]), _began(said)),
    "quarter-of-year": lambda said: Label("quarter", _months_on(_began(said), 3 * (int(said["number"]) - 1))),
    "quarter": _quarter,
    "iso-week": lambda said: Label("week", date.fromisocalendar(_year(said["year"]), int(said["number"]), 1)),
    "financial-year": lambda said: Label("year", date(_began(said), 4, 1)),
    "month-alone": lambda said: Label("part", part=_number_of(said["name"])),
    "number-alone": lambda said: Label("part", part=(int(said["number"]) + 2) % 12 + 1),
    "quarter-alone": lambda said: Label("part", part=20 + int(said["number"])),
}


def _week(match: re.Match) -> Label | None:
    day = label(match["rest"])
    if day is None or day.grain != "day":
        return None
    ends = (match["short"] or "").lower() == "e" or (match["long"] or "").lower().startswith("end")
    first, other = (one and (one - timedelta(days=6) if ends else one) for one in (day.first, day.other))
    return Label("week", first, other, slashed=day.slashed)


def order_of(labels: Iterable[Label]) -> Literal["day", "month", "unclear", "both"]:
    """Which of day and month comes first in all dates such as 04/05/2022: as Britain writes, unless that cannot be.

    Unclear where both could be and the day first alone does not give even distances; both where some are only possible
    with the one, and some with the other.
    """
    slashed = [one for one in labels if one.slashed]
    day_first, month_first = [one.first for one in slashed], [one.other for one in slashed]
    if None in day_first:
        return "both" if None in month_first else "month"
    if None in month_first or day_first == month_first:
        return "day"
    return "day" if _even(day_first) and not _even(month_first) else "unclear"


def _even(days: Sequence[date | None]) -> bool:
    known = sorted({day for day in days if day is not None})
    gaps = {(after - before).days for before, after in itertools.pairwise(known)}
    of_months = len({day.day for day in known}) == 1 and all(27 < gap < 32 or gap > 58 for gap in gaps)
    return len(known) > 2 and (of_months or all(gap % 7 == 0 for gap in gaps))


@lru_cache(maxsize=20_000)  # a table says the same periods again and again
def written(first: date, grain: Grain) -> str:
    """A period as the book's tables have it; of a week its first day."""
    if grain == "month":
        return f"{first:%Y-%m}"
    if grain == "quarter":
        return f"{first.year}Q{(first.month + 2) // 3}"
    return first.isoformat()

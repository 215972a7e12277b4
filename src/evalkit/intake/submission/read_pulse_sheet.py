"""The sheet Pulse: what staff answered, in exact counts; each cell that cannot be used is told."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date

from evalkit.disclosure.small_groups import MOST_GROUPS
from evalkit.intake.submission.sheets import PULSE_TEXTS
from evalkit.intake.workbook import cells
from evalkit.intake.workbook.grids import Sheet
from evalkit.intake.workbook.period_labels import label, written

COUNTS = ("asked", "answered", "confident")
A_FORMULA = ("=", "+", "-", "@")
Answers = tuple[str, str, str, int, int, int]  # wave, staff group, question, asked, answered, confident
Say = Callable[[int, str, str], None]  # row, field, what is wrong


def read_pulse_sheet(
    rows: Iterable[tuple[int, dict[str, str]]], sheet: Sheet, column: Callable[[str], int], say: Say
) -> list[Answers]:
    """The rows that can be used.

    Parameters
    ----------
    rows : number and answers of each row that is filled in
    column : where a field stands
    """
    told: list[Answers] = []
    seen: dict[tuple[str, str, str], int] = {}
    groups: Counter[tuple[str, str]] = Counter()
    for number, answers in rows:
        wave = _month(sheet, number, column("wave"), answers.get("wave", ""), say)
        group, question = (_text(number, name, answers.get(name, ""), say) for name in PULSE_TEXTS)
        counts = [_count(sheet, number, name, column(name), say) for name in COUNTS]
        if not (wave and group and question) or any(count is None for count in counts):
            continue
        asked, answered, confident = (int(count or 0) for count in counts)
        if asked == 0:
            say(number, "asked", "is 0: leave out a group that was not asked.")
        if answered > asked:
            say(number, "answered", f"{answered} is more than the {asked} who were asked: correct one of the two.")
        if confident > answered:
            say(number, "confident", f"{confident} is more than the {answered} who answered: correct one of the two.")
        key = (wave, group, question)
        if key in seen:
            what = f"month, staff group and question are those of row {seen[key] + 1}: leave one of the two."
            say(number, "staff_group", what)
        seen.setdefault(key, number)
        groups[wave, question] += 1
        if groups[wave, question] == MOST_GROUPS + 1:
            say(number, "staff_group", f"is one of more than {MOST_GROUPS} of a month and question: put some together.")
        told.append((wave, group, question, asked, answered, confident))
    return told


def _month(sheet: Sheet, row: int, column: int, text: str, say: Say) -> str:
    told = label(sheet.rows[row][column]) or label(text)
    if told is None or told.first is None or told.grain not in ("month", "day") or told.first.day != 1:
        if text:
            say(row, "wave", f"{text!r} is no month: write it as 2024-05, May-24 or May 2024.")
        return ""
    if told.first > date.today():
        say(row, "wave", f"{text} has not come yet: correct the year.")
        return ""
    return written(told.first, "month")


def _text(row: int, name: str, text: str, say: Say) -> str:
    if len(text) > PULSE_TEXTS[name]:
        say(row, name, f"has {len(text)} characters, more than {PULSE_TEXTS[name]}: shorten it.")
        return ""
    if text.startswith(A_FORMULA):
        say(row, name, "begins as a formula of a spreadsheet does: begin it with a letter or a figure.")
        return ""
    return text


def _count(sheet: Sheet, row: int, name: str, column: int, say: Say) -> int | None:
    """An exact number of people; None, once it is told, where there is none. An empty cell is told with the other cells."""
    raw = sheet.rows[row][column]
    if raw is None:
        return None
    read = cells.figure(raw, as_percent=(row, column) in sheet.percent)
    if read.problem:
        say(row, name, read.problem)
    elif read.percent:
        say(row, name, "is a percentage: write how many people.")
    elif read.number is None:
        say(row, name, "is no number: write exactly how many; small groups are withheld before anything is shown.")
    elif read.number < 0 or read.number != int(read.number):
        say(row, name, f"{read.number:g} is no number of people: write a whole one.")
    else:
        return int(read.number)
    return None

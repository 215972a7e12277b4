"""A published file to the rows of one month: every figure read, every sum tied with the row of totals, or the cell that stops it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from evalkit.catalogue.consistency.of_nobody import of_nobody
from evalkit.catalogue.records.fields import CODE_IN_WORDS, is_code
from evalkit.catalogue.records.published_files import MONTH, YEAR, PeriodOfFile
from evalkit.catalogue.records.tables import NUMBERS
from evalkit.disclosure.people import found_in
from evalkit.errors import InputRefused, Problem, described, shortened
from evalkit.intake.published.recognise import Known
from evalkit.intake.workbook.grids import Sheet, read_sheets
from evalkit.intake.workbook.layout import LeftOut, cell_range
from evalkit.intake.workbook.period_labels import NAMES_OF_MONTHS
from evalkit.intake.workbook.reading import Reading, Taken

FIGURE = re.compile(r"[0-9]{1,12}")
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class PublishedMonth:
    """One month as a file has it.

    Attributes
    ----------
    month : str
        Such as 2025-12.
    rows : dict
        By code, the cells of the columns that the file gives, as the table writes them: text without blanks around it,
        figures without noughts before them.
    reading : Reading
        Which cells were taken and left out; its rows are empty.
    """

    month: str
    rows: dict[str, dict[str, str]]
    reading: Reading

    @property
    def called(self) -> str:
        """The month in words: December 2025."""
        return month_in_words(self.month)


@dataclass(eq=False)
class _Columns:
    """Where in the file what stands, and what is wrong there."""

    file: str
    sheet: Sheet
    known: Known
    at: dict[str, int]
    problems: list[Problem] = field(default_factory=list)

    def text(self, row: int, heading: str) -> str:
        value = self.sheet.rows[row][self.at[heading]]
        return "" if value is None else str(value).strip()

    def cell(self, row: int, heading: str) -> str:
        return self.sheet.cell(row, self.at[heading])

    def refuse(self, wrong: Sequence[tuple[str, str]], rest: str) -> None:
        """Cells and what is wrong with them."""
        told = (Problem(self.file, 0, f"{cell}: {what}") for cell, what in wrong)
        self.problems += shortened(told, len(wrong), rest)


def month_in_words(month: str) -> str:
    """2025-12 as December 2025."""
    return f"{NAMES_OF_MONTHS[int(month[5:]) - 1].title()} {month[:4]}"


def read_published(path: Path, known: Known, today: date | None = None) -> PublishedMonth:
    """The rows of a file whose layout is known.

    Parameters
    ----------
    today : date, optional
        After which nothing can have been counted; the present day if left out.

    Raises
    ------
    InputRefused
        With the cell of everything that is wrong.
    """
    sheet = read_sheets(path)[0]
    headings = [str(value).strip() for value in sheet.rows[0] if value is not None]
    if CONTROLS.search(path.name) or found_in(path.name):
        what = "the name of the file holds what cannot be seen or may identify people, and is kept with each row: rename it."
        raise InputRefused([Problem("", 0, what)])
    problems = of_nobody(path.name, path.read_bytes()) or _shape_problems(path.name, sheet, known, headings)
    if problems:
        raise InputRefused(problems)
    columns = _Columns(path.name, sheet, known, {heading: at for at, heading in enumerate(headings)})
    layout, table = known.layout, known.table
    code_heading = known.heading_of[table.layout.unit]
    filled = [row for row in range(1, len(sheet.rows)) if any(value is not None for value in sheet.rows[row])]
    totals = [row for row in filled if columns.text(row, code_heading).casefold() == layout.total.casefold()]
    places = [row for row in filled if row not in totals]
    if not places:
        raise InputRefused([Problem(path.name, 0, "has headings and no rows: download it again.")])
    month = _month(columns, places, totals, today or date.today())
    _codes(columns, places, code_heading)
    figures = {column for column in layout.columns if table.column_types[column] in NUMBERS}
    given = {heading: column for column, heading in known.heading_of.items()}
    tied = [heading for heading in headings if heading in layout.left_out or given.get(heading) in figures]
    _texts(columns, places, [known.heading_of[column] for column in layout.columns if column not in figures])
    unread = _figures(columns, [*places, *totals], tied)
    _tie(columns, places, totals, [heading for heading in tied if heading not in unread])
    if columns.problems:
        raise InputRefused(columns.problems)
    rows = {
        columns.text(row, code_heading): {
            column: str(int(columns.text(row, heading))) if column in figures else columns.text(row, heading)
            for column, heading in known.heading_of.items()
        }
        for row in places
    }
    return PublishedMonth(month, rows, _reading(columns, places, totals[0], len(tied), month))


def _shape_problems(file: str, sheet: Sheet, known: Known, headings: Sequence[str]) -> list[Problem]:
    if not {known.layout.period.heading, *known.heading_of.values(), *known.layout.left_out} <= set(headings):
        return [
            Problem(file, 0, "has no commas between the cells of its rows as between its headings: save it as .csv.")
        ]
    beside = [
        Problem(file, 0, f"{sheet.cell(row, column)}: {described(value)}, where no heading is: take it out.")
        for row, cells in enumerate(sheet.rows)
        for column, value in enumerate(cells[len(headings) :], start=len(headings))
        if value is not None
    ]
    return shortened(beside, len(beside), "such cells")


def _month(columns: _Columns, places: Sequence[int], totals: Sequence[int], today: date) -> str:
    """The one month of all rows; the row of totals may say it or repeat that it is one."""
    period = columns.known.layout.period
    total = columns.known.layout.total
    wrong, months = [], {}
    for row in [*places, *totals]:
        text = columns.text(row, period.heading)
        if row in totals and text.casefold() == total.casefold():
            continue
        month = _month_of(text, period)
        if month is None:
            wrong.append(
                (
                    columns.cell(row, period.heading),
                    f"{described(text)}, where a month such as {_example(period)} belongs.",
                )
            )
        else:
            months.setdefault(month, row)
    columns.refuse(wrong, "such cells")
    if len(months) > 1:
        others = [f"{month} ({columns.cell(row, period.heading)})" for month, row in list(months.items())[:3]]
        columns.problems.append(Problem(columns.file, 0, f"holds several months, {', '.join(others)}: a file has one."))
    for month, row in months.items():
        if month > f"{today:%Y-%m}":
            what = f"{columns.cell(row, period.heading)}: {month_in_words(month)} is still to come: correct the month."
            columns.problems.append(Problem(columns.file, 0, what))
    return next(iter(months), "")


def _month_of(text: str, period: PeriodOfFile) -> str | None:
    pattern = re.escape(period.written).replace(re.escape(MONTH), "(?P<month>[A-Za-z]+)")
    found = re.fullmatch(pattern.replace(re.escape(YEAR), "(?P<year>[0-9]{4})"), text, re.IGNORECASE)
    if found is None or found["month"].lower() not in NAMES_OF_MONTHS:
        return None
    return f"{found['year']}-{NAMES_OF_MONTHS.index(found['month'].lower()) + 1:02d}"


def _example(period: PeriodOfFile) -> str:
    return period.written.replace(MONTH, "DECEMBER").replace(YEAR, "2025")


def _codes(columns: _Columns, places: Sequence[int], heading: str) -> None:
    wrong, twice, first = [], [], {}
    for row in places:
        code = columns.text(row, heading)
        if not is_code(code):
            what = f"{described(code)}, where the code of an organisation belongs, of {CODE_IN_WORDS}."
            wrong.append((columns.cell(row, heading), what))
        elif first.setdefault(code, row) != row:
            what = f"{code} stands in {columns.cell(first[code], heading)} already: keep the row that is right."
            twice.append((columns.cell(row, heading), what))
    columns.refuse(wrong, "such cells")
    columns.refuse(twice, "codes given twice")


def _texts(columns: _Columns, places: Sequence[int], headings: Sequence[str]) -> None:
    wrong = [
        (columns.cell(row, heading), f"{'nothing' if not text else 'a break or a sign that cannot be seen'}, where a name belongs.")
        for heading in headings
        for row in places
        if not (text := columns.text(row, heading)) or CONTROLS.search(text)
    ]  # fmt: skip
    columns.refuse(wrong, "such cells")


def _figures(columns: _Columns, rows: Sequence[int], headings: Sequence[str]) -> set[str]:
    """The headings below which something is no figure."""
    wrong = [
        (heading, (columns.cell(row, heading), f"{described(text)}, where a whole number belongs."))
        for heading in headings
        for row in rows
        if not FIGURE.fullmatch(text := columns.text(row, heading))
    ]
    columns.refuse([told for _, told in wrong], "such cells")
    return {heading for heading, _ in wrong}


def _tie(columns: _Columns, places: Sequence[int], totals: Sequence[int], headings: Sequence[str]) -> None:
    if len(totals) != 1:
        cells = ", ".join(columns.sheet.cell(row, 0) for row in totals)
        what = f"has {len(totals)} rows of totals ({cells}), and one belongs there: download it again."
        if not totals:
            what = (
                f"has no row `{columns.known.layout.total}`, with which its figures could be proved: download it again."
            )
        columns.problems.append(Problem(columns.file, 0, what))
        return
    columns.refuse(list(_untied(columns, places, totals[0], headings)), "columns that do not tie")


def _untied(columns: _Columns, places: Sequence[int], total: int, headings: Sequence[str]) -> Iterator[tuple[str, str]]:
    for heading in headings:
        said, added = int(columns.text(total, heading)), sum(int(columns.text(row, heading)) for row in places)
        if said != added:
            yield (
                columns.cell(total, heading),
                f"the total of `{heading}` is {said:,}, and the {len(places)} other rows come to {added:,}: download the file again.",
            )


def _reading(columns: _Columns, places: Sequence[int], total: int, tied: int, month: str) -> Reading:
    """What is told of a file that was read whole."""
    sheet, layout = columns.sheet, columns.known.layout
    last = len(sheet.rows[0]) - 1
    block = cell_range(sheet, [(places[0], 0), (places[-1], last)])
    taken = [Taken(block, f"{month_in_words(month)}: {len(places)} rows, one an organisation")]
    left_out = [
        LeftOut(
            cell_range(sheet, [(places[0], columns.at[heading]), (places[-1], columns.at[heading])]),
            f"{heading}, which the table does not have",
        )
        for heading in layout.left_out
    ]
    ties = f"the row of totals, which agrees with the sums of all {tied} columns of figures"
    left_out.append(LeftOut(cell_range(sheet, [(total, 0), (total, last)]), ties))
    return Reading(taken=taken, left_out=left_out)

"""Writes the workbook that a site fills in: lists to choose from, months as text, a worked row on every sheet."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from evalkit.intake.submission.sheets import (
    DATA,
    HEADINGS,
    LEARNING,
    MEASURES,
    MORE_ROWS,
    PULSE,
    SITE,
    START_HERE,
    WELCOME,
    Field,
    Wanted,
)

BOLD, PLAIN, GREY = Font(bold=True), Font(), Font(italic=True, color="595959")
HEAD = PatternFill("solid", fgColor="E8EDF2")
TEXT, WRAP = "@", Alignment(wrap_text=True, vertical="top")
HELP = {
    MEASURES: "One row a measure; the first with the role primary answers the question.",
    DATA: "One row a measure and month. Paste figures as they are; months are text.",
    LEARNING: "One row for each thing that made a difference, or stood in the way. May stay empty.",
    PULSE: "What your own staff answered: one row a month, staff group and question. Exact numbers: groups of 10 or fewer are withheld before anything is shown. May stay empty.",
}
WHEN = datetime(2000, 1, 1)  # the same file each time


def workbook(asked: Wanted, filled_in: Mapping[str, Sequence[Sequence[str]]] | None = None) -> bytes:
    """The workbook as the bytes of a file; ``filled_in`` are rows by sheet, of ``Site`` its answers in one."""
    told = filled_in or {}
    book = Workbook()
    start = book.active
    assert isinstance(start, Worksheet)
    start.title = START_HERE
    start.column_dimensions["A"].width = 110
    for row, line in enumerate(WELCOME, start=1):
        start.cell(row, 1, line).alignment = WRAP
    start["A1"].font = BOLD
    _site(book.create_sheet(SITE), asked.fields[SITE], told.get(SITE, [()])[0])
    for name in (MEASURES, DATA, LEARNING, PULSE):
        _table(book.create_sheet(name), name, asked.fields[name], told.get(name, ()))
    book.properties.created = book.properties.modified = WHEN
    book.properties.creator = "evalkit"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _site(sheet: Worksheet, fields: Sequence[Field], answers: Sequence[str]) -> None:
    sheet["A1"], sheet["A1"].font = "Site: what changed, where and when", BOLD
    sheet["A2"] = "Write the answers into column B."
    headings = (("Question", 34), ("Answer", 60), ("What to write", 70), ("Example", 60))
    for column, (heading, width) in enumerate(headings, start=1):
        _heading(sheet, column, heading, width)
    for row, field in enumerate(fields, start=HEADINGS + 1):
        sheet.cell(row, 1, field.label).font = BOLD if field.needed else PLAIN
        answer = sheet.cell(row, 2, next(iter(answers[row - HEADINGS - 1 :]), None) or None)
        answer.number_format, answer.alignment = TEXT, WRAP
        sheet.cell(row, 3, field.help).alignment = WRAP
        example = sheet.cell(row, 4, field.example)
        example.font, example.alignment = GREY, WRAP
        if field.choices:
            _list(sheet, field, f"B{row}")
    sheet.freeze_panes = f"A{HEADINGS + 1}"


def _table(sheet: Worksheet, name: str, fields: Sequence[Field], rows: Sequence[Sequence[str]]) -> None:
    sheet["A1"], sheet["A1"].font = name, BOLD
    sheet["A2"] = HELP[name]
    for column, field in enumerate(fields, start=1):
        _heading(sheet, column, field.label, field.width)
        for row, text in ((HEADINGS - 2, field.help), (HEADINGS - 1, f"e.g. {field.example}" if field.example else "")):
            help_cell = sheet.cell(row, column, text or None)
            help_cell.font, help_cell.alignment = GREY, WRAP
        letter = get_column_letter(column)
        if field.choices:
            _list(sheet, field, f"{letter}{HEADINGS + 1}:{letter}{HEADINGS + MORE_ROWS}")
        if field.kind in ("month", "code", "id", "date"):  # or a spreadsheet makes dates and numbers of them
            for row in range(HEADINGS + 1, HEADINGS + MORE_ROWS + 1):
                sheet.cell(row, column).number_format = TEXT
    for row, cells in enumerate(rows, start=HEADINGS + 1):
        for column, (field, text) in enumerate(zip(fields, cells, strict=False), start=1):
            if text:
                number = field.kind == "number" and text.replace(".", "", 1).isdigit()
                sheet.cell(row, column, float(text) if number and "." in text else int(text) if number else text)
    sheet.freeze_panes = f"A{HEADINGS + 1}"


def _heading(sheet: Worksheet, column: int, text: str, width: int) -> None:
    cell = sheet.cell(HEADINGS, column, text)
    cell.font, cell.fill, cell.alignment = BOLD, HEAD, WRAP
    sheet.column_dimensions[get_column_letter(column)].width = width


def _list(sheet: Worksheet, field: Field, cells: str) -> None:
    # A list within a formula has no more than 255 characters.
    validation = DataValidation(type="list", formula1=f'"{",".join(field.choices)}"', allow_blank=not field.needed)
    validation.error, validation.errorTitle = f"Choose one of: {', '.join(field.choices)}"[:250], field.label[:30]
    validation.showErrorMessage = True
    sheet.add_data_validation(validation)
    validation.add(cells)

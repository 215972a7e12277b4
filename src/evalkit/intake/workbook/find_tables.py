"""The tables of a sheet, whichever way their periods run."""

from evalkit.intake.workbook.along_rows import along_rows, rows_of_periods
from evalkit.intake.workbook.down_columns import down_columns
from evalkit.intake.workbook.grids import Sheet
from evalkit.intake.workbook.layout import Found
from evalkit.intake.workbook.one_period import of_one_period
from evalkit.intake.workbook.sheet_reader import SheetReader


def find_tables(sheet: Sheet, file: str) -> Found:
    """The series of a sheet, with what is left out of it and what cannot be read."""
    reader = SheetReader(sheet, file)
    if reader.is_empty:
        return Found()
    for as_number in (False, True):
        reader.look_for_periods(as_number)
        headers = rows_of_periods(reader)
        along_rows(reader, headers)
        down_columns(reader, headers)
        if reader.found.series or reader.found.problems:
            break
    else:
        reader.look_for_periods(as_number=False)
        of_one_period(reader)
        if not reader.found.series:
            reader.years_alone()
    return reader.found

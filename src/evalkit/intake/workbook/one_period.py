"""Tables of one period, which a title, a cell beside the word period, or the name of the sheet says: one file a month, say."""

import re

from evalkit.intake.workbook.down_columns import values_and_names
from evalkit.intake.workbook.grids import column_name
from evalkit.intake.workbook.layout import HEADING, Place, Point
from evalkit.intake.workbook.period_labels import Label, label
from evalkit.intake.workbook.sheet_reader import SheetReader

SAYS_PERIOD = re.compile(r"(reporting |data )?(period|month|quarter|week)( covered)?:?", re.IGNORECASE)
WITH_PERIOD = re.compile(
    r"(?:reporting |data )?(?:period|month|quarter)(?: covered)?\s*[:\-–]\s*(?P<said>.+)", re.IGNORECASE
)
TITLES = 20  # rows in which titles are looked for


def of_one_period(reader: SheetReader) -> None:
    """The table below titles that name one period."""
    said = _period_said(reader)
    head = next((row for row in range(reader.height) if _is_head(reader, row)), None)
    if said is None or head is None:
        return
    place, time = said
    end = next((row for row in range(head + 1, reader.height) if reader.is_blank(row)), reader.height)
    rows = list(range(head + 1, end))
    used = [at for at in range(reader.width) if reader.rows[head][at] is not None]
    values, named = values_and_names(reader, used, -1, (), rows, head)
    names = {at: reader.text(head, at) or f"column {column_name(at)}" for at in named}
    fixed = {name: text for name, text in reader.titles(head, -1).items() if label(text) is None}
    told = [(row, {names[at]: reader.text(row, at) for at in named}) for row in rows]
    for row, own in reader.without_totals(told, values):
        for at in values:
            reader.add(fixed | own | {HEADING: reader.text(head, at)}, [Point(time, place, (row, at))], "")


def _period_said(reader: SheetReader) -> tuple[Place, Label] | None:
    """The one period that titles name, with its cell; of the name of the sheet the first cell."""
    found: list[tuple[Place, Label]] = []
    for row in range(min(TITLES, reader.height)):
        for column in range(reader.width):
            text = reader.text(row, column)
            within = WITH_PERIOD.fullmatch(text)
            told = label(within["said"]) if within else None
            if told is None and column and SAYS_PERIOD.fullmatch(reader.text(row, column - 1)):
                told = reader.labels.get((row, column))
            if told is not None and told.first is not None:
                found.append(((row, column), told))
    if not found:
        told = label(reader.sheet.name)
        found = [((0, 0), told)] if told is not None and told.first is not None else []
    return found[0] if len({told for _, told in found}) == 1 else None


def _is_head(reader: SheetReader, row: int) -> bool:
    """Names over two columns or more, with figures right below."""
    told = [at for at in range(reader.width) if reader.rows[row][at] is not None]
    below = row + 1
    return (
        len(told) > 1
        and all(isinstance(reader.rows[row][at], str) for at in told)
        and not any((row, at) in reader.labels or reader.is_figure(reader.rows[row][at]) for at in told)
        and below < reader.height
        and reader.figures_in(below, told)
    )

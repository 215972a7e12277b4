"""What an import took and left out, on the screen."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalkit.intake.workbook.reading import Reading

SHOWN = 25  # lines of each kind on the screen; all of them are in the report


def say_taken_and_left_out(reading: "Reading", report: Path) -> None:
    """Cells and what they are, as far as a screen holds them."""
    from evalkit.disclosure.people import without_numbers

    for title, lines in (
        ("Taken", [f"{one.cells}: {one.what}" for one in reading.taken]),
        ("Left out", [f"{one.cells}: {one.why}" for one in reading.left_out]),
    ):
        if lines:
            print(f"{title}:")
        for line in lines[:SHOWN]:
            print(f"  {without_numbers(line)}")
        if len(lines) > SHOWN:
            print(f"  and {len(lines) - SHOWN} more: {report.as_posix()} has all.")

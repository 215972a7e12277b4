"""Notes on the rows of a table that evalkit writes itself: only these pass the gate, as any other note is free text."""

SYNTHETIC = "synthetic"
MEDIAN = "a median: the denominator is the people counted"
PARTLY_COUNTED = "partly counted"
MARKS = (SYNTHETIC, MEDIAN, PARTLY_COUNTED)
BETWEEN = "; "


def marked(note: str, mark: str) -> str:
    """A note with a mark at its end."""
    return f"{note}{BETWEEN}{mark}" if note else mark


def marks_of(note: object) -> str:
    """What of a note may be shown: its marks, in the order of ``MARKS``."""
    written = note.split(BETWEEN) if isinstance(note, str) else []
    return BETWEEN.join(mark for mark in MARKS if mark in written)

"""A day as people write it."""

from datetime import date, datetime

from evalkit.errors import EvaluationError

FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y")


def day_in(written: str, called: str) -> date:
    """The day that is written, day before month.

    Raises
    ------
    EvaluationError
        Where it is none.
    """
    for form in FORMS:
        try:
            return datetime.strptime(written.strip(), form).date()
        except ValueError:
            continue
    raise EvaluationError(
        f"{called} is {written!r}, which is not a date: write it as 2023-01-31 (or 31/01/2023, 31 January 2023)."
    )

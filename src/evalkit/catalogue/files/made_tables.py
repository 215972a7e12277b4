"""Tables below ``data`` that a command of ours writes and pages read."""

import csv
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from evalkit.catalogue.files.plain_text import text_of
from evalkit.errors import InputRefused, Problem

Row = TypeVar("Row", bound=BaseModel)


def read_made_table(root: Path, shown: str, kind: type[Row], command: str) -> list[Row]:
    """A record of every line; none where the file does not exist.

    Parameters
    ----------
    shown : the file, as messages name it
    command : what makes it again

    Raises
    ------
    InputRefused
        Naming the line that cannot be read.
    """
    path = root / shown
    if not path.is_file():
        return []
    text, problems = text_of(path, shown)
    rows = []
    for number, row in enumerate(csv.DictReader((text or "").splitlines()), start=2):
        try:
            rows.append(kind.model_validate({name: value or None for name, value in row.items()}))
        except ValidationError:
            problems.append(Problem(shown, number, f"cannot be read: run `{command}` again."))
    if problems:
        raise InputRefused(problems)
    return rows

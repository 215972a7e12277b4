"""What a pack says of codes that merged, were split, recoded or withdrawn, beside what the receiver says."""

from pathlib import Path

from pydantic import ValidationError

from evalkit.catalogue import Catalogue
from evalkit.catalogue.files.csv_rows import length_problems, read_rows
from evalkit.catalogue.files.plain_text import RECORDS_AT_MOST
from evalkit.catalogue.files.yaml_lines import FilePlace, Lines
from evalkit.catalogue.records.successors import Succession
from evalkit.catalogue.refused_fields import problems_in_record
from evalkit.errors import Problem
from evalkit.packs import manifest as form
from evalkit.packs.pack import written_rows

COLUMNS = [field.alias or name for name, field in Succession.model_fields.items()]
DIFFERS = "differs from {} in the pack: keep yours and do not unpack, or take that of the pack with --replace."


def merged(
    catalogue: Catalogue, incoming: Path, pack: str, *, replace: bool
) -> tuple[str | None, list[str], list[Problem]]:
    """The file with the lines of the pack added, what of them is new, and why nothing may be written.

    Parameters
    ----------
    incoming : a folder with the pack's files
    replace : whether lines of the receiver that say something else of the same codes are replaced

    Returns
    -------
    tuple
        The file is None where it stays as it is.
    """
    theirs, problems = _read(incoming, f"{pack}, {form.SUCCESSORS}")
    ours, taken = dict(catalogue.successors), []
    for one in theirs:
        others = [
            line for line in ours.values() if (line.code, line.successor) == (one.code, one.successor) and line != one
        ]
        if others and not replace:
            line = catalogue.problem("successors", others[0].key, (), "").line
            problems.append(Problem(form.SUCCESSORS, line, f"{one.code} {DIFFERS.format('that')}"))
            continue
        for other in others:
            del ours[other.key]
        if one.key not in ours:
            taken.append(f"{form.SUCCESSORS}: {one.code}{' replaced' if others else ''}")
        ours[one.key] = one
    if ours == catalogue.successors:
        return None, [], problems
    lines = [one.written() for one in ours.values()]
    return written_rows(COLUMNS, [[line[name] or "" for name in COLUMNS] for line in lines]), taken, problems


def _read(incoming: Path, shown: str) -> tuple[list[Succession], list[Problem]]:
    written, problems = read_rows(incoming / form.SUCCESSORS, shown, RECORDS_AT_MOST)
    if written is None:
        return [], problems
    if written.header != COLUMNS:
        return [], [Problem(shown, 1, f"should have the columns {', '.join(COLUMNS)}: ask for the pack again.")]
    problems = length_problems(written, shown)
    read = []
    for at, row in zip(written.lines, written.rows, strict=True) if not problems else ():
        lines = Lines()
        lines.note((), at)
        try:
            read.append(
                Succession.model_validate({name: cell for name, cell in zip(COLUMNS, row, strict=True) if cell})
            )
        except ValidationError as error:
            problems += problems_in_record(error, Succession, FilePlace(shown, lines))
    return read, problems

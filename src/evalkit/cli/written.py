"""How a command that starts something ends: all is written or nothing, and what to do next is said."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from evalkit.errors import InputRefused, Problem

HTML = Path("_build", "html")


def write_new(root: Path, command: str, files: Mapping[Path, str], table: str | None = None) -> None:
    """Write files where the project with them is sound, and keep what they held for `evalkit undo`.

    Parameters
    ----------
    table : name of a new table, whose gated form is written too where it is a site's own

    Raises
    ------
    InputRefused
        With what is wrong; nothing has changed.
    """
    from evalkit.files import write_together
    from evalkit.runs.journal import forget, remember
    from evalkit.runs.planning.check_project import check_with
    from evalkit.runs.planning.own_table import with_gated

    try:
        files = with_gated(root, files, table or "")
        check_with(root, files)
    except InputRefused as error:
        raise InputRefused(_as_it_is_here(root, files, problem) for problem in error.problems) from None
    kept_at = remember(root, command, files)
    try:
        write_together(files)
    except BaseException:
        forget(root, kept_at)
        raise
    for path in files:
        print(f"wrote {path.relative_to(root).as_posix()}")


def _as_it_is_here(root: Path, files: Mapping[Path, str], problem: Problem) -> Problem:
    """A problem in a file as it would be: without its line where nobody can look there."""
    path = root / problem.file
    if not problem.file or path not in files:
        return problem
    there = path.read_text(encoding="utf-8-sig", errors="replace").splitlines() if path.is_file() else []
    would_be = files[path].splitlines()
    at = problem.line - 1
    if 0 <= at < min(len(there), len(would_be)) and there[at] == would_be[at]:
        return problem
    where = problem.file if path.is_file() else f"{problem.file} (not written)"
    return Problem(where, 0, problem.what, problem.level)


def say_next(root: Path, page: str, *sentences: str) -> None:
    """The commands and the address that come next; ``page`` is below ``book/generated``."""
    for sentence in sentences:
        print(sentence)
    address = (root / HTML / "book" / "generated" / page).as_posix()
    print(f"Next: `{called()} book`. Its page will be {address}")
    print(f"Not what you meant: `{called()} undo` takes it back.")


def called() -> str:
    """The command as it was called here: evalkit, or its path where that is not on the way."""
    name = Path(sys.argv[0])
    if name.name not in ("evalkit", "evalkit.exe") or len(name.parts) == 1:
        return "evalkit"
    found = shutil.which("evalkit")
    if found and Path(found).resolve() == name.resolve():
        return "evalkit"
    try:
        return name.absolute().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return name.as_posix()

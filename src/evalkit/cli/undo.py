"""`evalkit undo`: take back what the last `evalkit new` wrote."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from evalkit.project import find_root

if TYPE_CHECKING:
    from evalkit.runs.journal import FileWritten


def undo(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what it would take back, and change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
) -> None:
    """Take back what the last `evalkit new` or `evalkit add` wrote, unless it was edited since."""
    from evalkit.runs.journal import last_entry, take_back
    from evalkit.runs.project_lock import interrupted_once, project_lock

    root = find_root()
    entry = last_entry(root)
    print(f"`evalkit {entry.command}` of {entry.when} wrote:")
    for one in entry.files:
        print(f"  {one.path}: {_what_becomes(one)}")
    if dry_run:
        print("Nothing was changed.")
        return
    if sys.stdin.isatty() and not yes and not typer.confirm("Take that back?"):
        print("Nothing was changed.")
        return
    with interrupted_once(), project_lock(root):
        take_back(root, entry)
    print("Taken back. Pages and results of it go with the next `evalkit book`.")


def _what_becomes(one: "FileWritten") -> str:
    if one.stays:
        return "stays, as what was shown may have been published"
    return "is put back as it was before" if one.was_there else "is deleted"

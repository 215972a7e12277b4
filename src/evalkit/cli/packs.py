"""`evalkit pack` and `evalkit unpack`: an evaluation goes from one book to another."""

from pathlib import Path
from typing import Annotated

import typer

from evalkit.project import find_root


def pack(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Published evaluations.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write; the first id and .zip if left out.")
    ] = None,
) -> None:
    """Put evaluations, with the records and tables that may leave, into one zip for another book."""
    from evalkit.files import write_if_changed
    from evalkit.packs.pack import file_for
    from evalkit.packs.pack import pack as packed
    from evalkit.runs.project_lock import interrupted_once, project_lock

    root, path = find_root(), file_for(ids, output)
    with interrupted_once(), project_lock(root):
        made = packed(root, ids)
        changed = write_if_changed(path, made.content)
    for name in made.manifest.members:
        print(name)
    for name in made.manifest.published_tables:
        print(f"{name}: a published table, not packed; the other book needs it")
    said = "wrote" if changed else "is as it was:"
    print(f"{said} {path}, {len(made.content):,} bytes. There: `evalkit unpack {path.name}`.")


def unpack(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="A pack.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, and write nothing.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace records that differ from those of the pack.")
    ] = False,
) -> None:
    """Take what another book packed, once all of it is sound; else nothing changes."""
    import sys

    from evalkit.packs.unpack import unpack as unpacked
    from evalkit.runs.project_lock import interrupted_once, project_lock

    root = find_root()
    with interrupted_once(), project_lock(root):
        done = unpacked(root, file, replace=replace, dry_run=dry_run)
    for problem in done.look:
        print(f"{problem} (worth a look)", file=sys.stderr)
    for line in done.taken:
        print(line)
    if not done.taken:
        print("All of it is here already: nothing was changed.")
    elif dry_run:
        print(f"That would be taken, and nothing was changed. To take it: `evalkit unpack {file}`.")
        return
    print(f"Next: `evalkit run {' '.join(done.evaluations)}`, then `evalkit build`.")

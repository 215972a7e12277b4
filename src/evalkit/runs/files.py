"""Files are written aside and renamed, and only when they change: nothing is ever half-written."""

import os
from pathlib import Path


def write_if_changed(path: Path, content: str | bytes) -> bool:
    """Write ``content``; True where that changed the file."""
    raw = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == raw:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(raw)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return True


def keep_only(folder: Path, wanted: set[Path]) -> None:
    """Delete every file below ``folder`` that is not wanted, and folders left empty."""
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in wanted:
            path.unlink()

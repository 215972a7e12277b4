"""Files are written aside and renamed, and only when they change: nothing is ever half-written."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

NOT_COUNTED = (".pyc", "log.jsonl")  # written by Python when a module is first imported, and by every run


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


def write_together(files: Mapping[Path, str | bytes | None]) -> None:
    """Write several files, or none of them; one for which there is nothing is deleted.

    Raises
    ------
    OSError
        Where one cannot be written; every file is as it was.
    """
    before = {path: path.read_bytes() if path.is_file() else None for path in files}
    try:
        _put_all(files)
    except BaseException:
        _put_all(before)
        raise


def _put_all(files: Mapping[Path, str | bytes | None]) -> None:
    for path, content in files.items():
        if content is None:
            path.unlink(missing_ok=True)
        else:
            write_if_changed(path, content)


def keep_only(folder: Path, wanted: set[Path]) -> None:
    """Delete every file below ``folder`` that is not wanted, and folders left empty."""
    wanted_names = {os.fspath(path) for path in wanted}
    for inside, _, names in os.walk(folder, topdown=False):
        for name in names:
            if os.path.join(inside, name) not in wanted_names:  # noqa: PTH118
                Path(inside, name).unlink(missing_ok=True)
        with os.scandir(inside) as left:
            empty = next(left, None) is None
        if empty and inside != os.fspath(folder):
            Path(inside).rmdir()


def files_below(folder: Path) -> dict[str, os.stat_result]:
    """Size, times and so on of every file below a folder, by its path from there, in the order of these paths."""
    return dict(sorted(_walk(os.fspath(folder), "")))


def _walk(folder: str, below: str) -> Iterator[tuple[str, os.stat_result]]:
    """As `Path.rglob`, which takes ten times as long."""
    try:
        entries = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    with entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{below}{entry.name}/")
            elif entry.is_file():
                yield f"{below}{entry.name}", entry.stat()


def sha256_of(value: Any) -> str:
    """SHA-256 of plain values: the same for the same values, in whatever order a mapping holds them."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def file_sha256(path: Path | str) -> str:
    """SHA-256 of a file's bytes; empty where it is not there."""
    try:
        return content_sha256(os.fspath(path))
    except OSError:
        return ""


def content_sha256(path: str) -> str:
    """SHA-256 of a file's bytes, read once by a process for each state that the file has.

    Raises
    ------
    OSError
        Where it cannot be read.
    """
    stat = os.stat(path)  # noqa: PTH116
    return _content_sha256(path, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)


@cache
def _content_sha256(path: str, _modified: int, _changed: int, _size: int, _inode: int) -> str:
    with open(path, "rb") as file:  # noqa: PTH123
        return hashlib.file_digest(file, "sha256").hexdigest()


def touches(*folders: Path) -> str:
    """One hash of the names, sizes and times of all files below folders, that of the last change of any kind included.

    Nobody can set that time back: where the hash is the same, no file is another.
    """
    return sha256_of(
        [
            [
                (name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
                for name, stat in files_below(folder).items()
                if not name.endswith(NOT_COUNTED)
            ]
            for folder in folders
        ]
    )

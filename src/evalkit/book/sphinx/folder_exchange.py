"""One folder takes another's place when it is whole; a process killed at any moment leaves the one or the other."""

import ctypes
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from evalkit.files import file_sha256, files_below

RENAME_EXCHANGE, RENAME_SWAP, AT_FDCWD = 2, 2, -100


def exchange(sources: Mapping[Path, Path], target: Path, by_content: bool = False) -> None:
    """Make ``target`` hold what the sources hold, each below the relative path it is given by, and nothing else.

    A source is a folder or a single file.

    The new folder is made beside the old one, from which files that are the same are linked. Where all are the same,
    nothing is touched. ``by_content`` looks into files of the same size and time, which somebody may have changed.
    """
    restore(target)
    wanted = files_of(sources)
    present = files_below(target)
    same = {name for name, (_, stat) in wanted.items() if name in present and _alike(stat, present[name])}
    if by_content:
        same = {name for name in same if file_sha256(wanted[name][0]) == file_sha256(f"{target}/{name}")}
    if len(same) == len(wanted) == len(present):
        return
    new = _beside(target, "new")
    try:
        _fill(new, target, wanted, same)
    except OSError as error:
        shutil.rmtree(new, ignore_errors=True)
        raise OSError(error.errno, error.strerror, os.fspath(target)) from error
    if target.exists() and _swap(new, target):
        shutil.rmtree(new, ignore_errors=True)
        return
    old = _beside(target, "old")
    if target.exists():
        target.replace(old)
    new.replace(target)
    shutil.rmtree(old, ignore_errors=True)


def files_of(sources: Mapping[Path, Path]) -> dict[str, tuple[str, os.stat_result]]:
    """Path, size and times of every file of the sources, by the relative path where it belongs."""
    wanted: dict[str, tuple[str, os.stat_result]] = {}
    for below, source in sources.items():
        if source.is_dir():
            start = "" if below == Path() else f"{below.as_posix()}/"
            wanted |= {f"{start}{name}": (f"{source}/{name}", stat) for name, stat in files_below(source).items()}
        else:
            wanted[below.as_posix()] = os.fspath(source), source.stat()
    return wanted


def _fill(new: Path, target: Path, wanted: Mapping[str, tuple[str, os.stat_result]], same: set[str]) -> None:
    for folder in {name.rpartition("/")[0] for name in wanted}:
        (new / folder).mkdir(parents=True, exist_ok=True)
    for name, (path, _) in wanted.items():
        if name in same:
            _link(f"{target}/{name}", f"{new}/{name}")
        else:
            shutil.copy2(path, f"{new}/{name}")


def restore(target: Path) -> None:
    """Tidy up after a process that was killed: the old folder back where there is none, and nothing beside it."""
    old = _beside(target, "old")
    if old.exists() and not target.exists():
        old.replace(target)
    for left in (old, _beside(target, "new")):
        shutil.rmtree(left, ignore_errors=True)


def _beside(target: Path, word: str) -> Path:
    return target.with_name(f".{target.name}.{word}")


def _alike(first: os.stat_result, second: os.stat_result) -> bool:
    """Copies keep size and time."""
    return (first.st_size, first.st_mtime_ns) == (second.st_size, second.st_mtime_ns)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        shutil.copy2(source, target)


def _swap(folder: Path, other: Path) -> bool:
    """Exchange two folders in one step of the file system; False where that is not to be had."""
    paths = os.fsencode(folder), os.fsencode(other)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return library.renamex_np(*paths, RENAME_SWAP) == 0
        return library.renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) == 0
    except (AttributeError, OSError, TypeError):
        return False

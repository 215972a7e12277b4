"""What a command keeps for the next one: one memory, one rule for what was damaged, one answer to why something is made again.

An entry says what a thing was made from, which files were made with it, and whatever else the next command wants to know. It
stands in a file of its own, below its hash: one that is not as it was written is no entry, and what it spoke of is made again.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from evalkit.files import content_sha256, files_below, keep_only, write_if_changed

MEMORY = Path("_build", "memory")
SUFFIX = ".kept"
ABSENT = object()


@dataclass(frozen=True)
class Entry:
    """What is kept of one thing.

    Attributes
    ----------
    depends : dict
        What it was made from: a plain value, or the hash of one, for each part.
    made : dict of str to Mark
        The files made with it, by their path below the project's folder.
    content : Any
        Plain values for the next command.
    """

    depends: Mapping[str, Any]
    made: Mapping[str, "Mark"]
    content: Any


@dataclass(frozen=True)
class Mark:
    """A file as it was left: where size and times are the same nobody has touched it, and its bytes need not be read."""

    sha256: str
    size: int
    modified: int
    changed: int  # the system's own time of the last change of any kind, which nobody can set back
    inode: int

    @classmethod
    def of(cls, path: str) -> "Mark":
        """The mark of a file that is there."""
        stat = os.stat(path)  # noqa: PTH116
        return cls(content_sha256(path), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)

    def holds(self, path: str) -> bool:
        """Whether the file is as it was left."""
        try:
            stat = os.stat(path)  # noqa: PTH116
            untouched = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino) == (
                self.size, self.modified, self.changed, self.inode
            )  # fmt: skip
            return untouched or content_sha256(path) == self.sha256
        except OSError:
            return False


@dataclass(frozen=True)
class Again:
    """Why something has to be made again.

    Attributes
    ----------
    why : {"never", "damaged", "changed"}
        Nothing is kept of it; what was made is not as it was left; it was made from something else.
    parts : tuple of str
        Where it changed, the parts that are others, gone or new.
    before : Entry or None
        Where it changed, what was kept.
    """

    why: Literal["never", "damaged", "changed"]
    parts: tuple[str, ...] = ()
    before: Entry | None = field(default=None, repr=False)


class Memory:
    """The entries of one kind, by name; a name may hold slashes.

    Parameters
    ----------
    folder : where they are kept
    root : the folder that the paths of files made start from
    """

    def __init__(self, folder: Path, root: Path | None = None):
        self._folder = folder
        self._root = os.fspath(root or folder)

    @classmethod
    def of_project(cls, root: Path, kind: str) -> "Memory":
        """What is kept of one kind of thing in a project's folder."""
        return cls(root / MEMORY / kind, root)

    def entry(self, name: str) -> Entry | None:
        """What is kept under a name, of whatever it was made; None where there is nothing, or it is damaged."""
        try:
            written, _, text = self._path(name).read_bytes().partition(b"\n")
            if hashlib.sha256(text).hexdigest().encode() != written:
                return None
            kept = json.loads(text)
            marks = {path: Mark(**mark) for path, mark in kept["made"].items()}
            return Entry(kept["depends"], marks, kept["content"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Every whole entry with its name, in the order of names."""
        for path in files_below(self._folder):
            entry = self.entry(path.removesuffix(SUFFIX))
            if entry is not None:
                yield path.removesuffix(SUFFIX), entry

    def look(self, name: str, depends: Mapping[str, Any]) -> Entry | Again:
        """What is kept under a name; or why it has to be made again, now that it is made from ``depends``."""
        entry = self.entry(name)
        if entry is None:
            return Again("damaged" if self._path(name).exists() else "never")
        parts = tuple(_differing(entry.depends, depends))
        if parts:
            return Again("changed", parts, entry)
        whole = all(mark.holds(f"{self._root}/{path}") for path, mark in entry.made.items())
        return entry if whole else Again("damaged")

    def recall(self, name: str, depends: Mapping[str, Any]) -> Entry | None:
        """What is kept under a name; None where it has to be made again."""
        found = self.look(name, depends)
        return found if isinstance(found, Entry) else None

    def remember(self, name: str, depends: Mapping[str, Any], content: Any = None, made: Iterable[str] = ()) -> Entry:
        """Keep this; the files made, by their paths below the root, are written before it."""
        marks = {path: Mark.of(f"{self._root}/{path}") for path in sorted(made)}
        entry = {"depends": depends, "made": {path: asdict(mark) for path, mark in marks.items()}, "content": content}
        text = json.dumps(entry, sort_keys=True, default=str).encode()
        write_if_changed(self._path(name), hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
        return Entry(depends, marks, content)

    def forget(self, name: str) -> None:
        """Drop one entry, if there is one."""
        self._path(name).unlink(missing_ok=True)

    def forget_all_but(self, names: Iterable[str]) -> None:
        """Drop every other entry."""
        if self._folder.is_dir():
            keep_only(self._folder, {self._path(name) for name in names})

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{SUFFIX}"


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """The parts in which two mappings differ, compared as they are kept."""
    for part in dict.fromkeys((*now, *before)):
        was, has = before.get(part, ABSENT), now.get(part, ABSENT)
        if was is ABSENT or has is ABSENT or (was != has and was != json.loads(json.dumps(has, default=str))):
            yield part

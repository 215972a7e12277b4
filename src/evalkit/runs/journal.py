"""What `evalkit new` wrote, kept so that the last of it can be taken back."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from evalkit.errors import EvaluationError, InputRefused, Problem
from evalkit.files import write_if_changed, write_together
from evalkit.project import PRIVATE

JOURNAL = Path("_build", "undo")
KEPT_PRIVATE = PRIVATE / "undo"  # what files in data/private held stays there
# What was shown of a site's own counts may have been published: what is shown later depends on it.
STAYS = (Path("data", "releases"), PRIVATE / "releases")


@dataclass(frozen=True)
class FileWritten:
    """A file as it was and as it was left.

    Attributes
    ----------
    before : str or None
        Its text; None where it was not there, or is kept in data/private.
    before_is : str or None
        The file in data/private that holds what it held.
    after : str
        SHA-256 of what was written.
    was_there : bool
    """

    path: str
    before: str | None
    before_is: str | None
    after: str
    was_there: bool

    @property
    def stays(self) -> bool:
        """Whether it is left as it is when the rest is taken back."""
        return any(Path(self.path).is_relative_to(folder) for folder in STAYS)


@dataclass(frozen=True)
class Entry:
    """One command and what it wrote."""

    command: str
    when: str
    files: tuple[FileWritten, ...]
    kept_at: Path


def remember(root: Path, command: str, files: Mapping[Path, str]) -> Path:
    """Keep what files hold that are about to be written. Exact figures stay in data/private and are not copied."""
    number = max((int(path.stem) for path in (root / JOURNAL).glob("[0-9]*.json")), default=0) + 1
    private = {path: text for path, text in files.items() if _is_private(root, path)}
    entries = []
    for path, text in files.items():
        before = path.read_bytes().decode("utf-8", "surrogateescape") if path.is_file() else None
        held = next((other for other, exact in private.items() if before is not None and _same(before, exact)), None)
        if before is not None and path in private:
            held = root / KEPT_PRIVATE / f"{number:04d}-{path.name}"
            write_if_changed(held, before.encode("utf-8", "surrogateescape"))
        entries.append(
            FileWritten(
                path.relative_to(root).as_posix(),
                None if held else before,
                held.relative_to(root).as_posix() if held else None,
                _hash(text.encode("utf-8", "surrogateescape")),
                before is not None,
            )
        )
    kept_at = root / JOURNAL / f"{number:04d}.json"
    plain = {"command": command, "when": f"{datetime.now():%Y-%m-%d %H:%M}", "files": [asdict(one) for one in entries]}
    write_if_changed(kept_at, json.dumps(plain, indent=1) + "\n")
    return kept_at


def last_entry(root: Path) -> Entry:
    """The newest that has not been taken back.

    Raises
    ------
    EvaluationError
        Where there is none.
    """
    kept = sorted((root / JOURNAL).glob("[0-9]*.json"))
    if not kept:
        raise EvaluationError(
            f"There is nothing to take back: {JOURNAL.as_posix()} holds nothing that `evalkit new` wrote."
        )
    try:
        plain = json.loads(kept[-1].read_text(encoding="utf-8"))
        files = tuple(FileWritten(**one) for one in plain["files"])
        return Entry(plain["command"], plain["when"], files, kept[-1])
    except (ValueError, TypeError, KeyError):
        shown = kept[-1].relative_to(root).as_posix()
        raise EvaluationError(f"{shown} is damaged, so that nothing can be taken back: delete it.") from None


def written_files(root: Path) -> set[str]:
    """Every file that `evalkit new` wrote here and that was not taken back."""
    written = set()
    for kept in (root / JOURNAL).glob("[0-9]*.json"):
        try:
            written |= {one["path"] for one in json.loads(kept.read_text(encoding="utf-8"))["files"]}
        except (OSError, ValueError, TypeError, KeyError):
            continue
    return written


def take_back(root: Path, entry: Entry) -> None:
    """Put every file back as it was, or none.

    Raises
    ------
    InputRefused
        Naming each file that was edited since.
    """
    problems, back = [], {}
    for one in entry.files:
        path = root / one.path
        if one.stays:
            continue
        if not path.is_file():
            problems.append(Problem(one.path, 0, "is gone since: what is left can only be taken back by hand."))
        elif _hash(path.read_bytes()) != one.after:
            problems.append(
                Problem(one.path, 0, "was edited since: put it back as it was written, or take the rest back by hand.")
            )
        elif one.before_is is not None and (root / one.before_is).is_file():
            back[path] = (root / one.before_is).read_bytes()
        elif one.before_is is not None:
            problems.append(
                Problem(one.before_is, 0, f"is gone, and held what {one.path} was: take the rest back by hand.")
            )
        elif one.before is not None:
            back[path] = one.before.encode("utf-8", "surrogateescape")
        elif not one.was_there:
            back[path] = None
    if problems:
        raise InputRefused(problems)
    write_together(back)
    forget(root, entry.kept_at)


def forget(root: Path, kept_at: Path) -> None:
    """Drop what was kept of one command."""
    kept_at.unlink(missing_ok=True)
    for kept in (root / KEPT_PRIVATE).glob(f"{kept_at.stem}-*"):
        kept.unlink(missing_ok=True)


def _is_private(root: Path, path: Path) -> bool:
    return path.is_relative_to(root / PRIVATE)


def _same(before: str, exact: str) -> bool:
    return before.removeprefix("\ufeff") == exact


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

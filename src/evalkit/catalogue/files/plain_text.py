"""A file of other people's as text: of a size that can be read, and of characters that can be seen."""

import os
import re
import stat
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from pathlib import Path

from evalkit.errors import Problem

RECORDS_AT_MOST, NOTEBOOK_AT_MOST, TABLE_AT_MOST = 1_000_000, 2_000_000, 8_000_000  # bytes
# Control characters, marks that turn the direction of what follows, blanks that are letters, and what has no width: a reader
# sees another text. Joiners and the variants of a sign belong to some scripts and to emoji.
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffc\ue000-\uf8ff\U00013430-\U0001343f\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
    "\U000e01f0-\U000e0fff\U000f0000-\U0010ffff]"
)
ASCII_THAT_SHOWS = bytes(code for code in range(128) if not UNSEEN.match(chr(code)))
# What stands between or after letters and does not show: joiners and the variants of a sign.
WITHOUT_WIDTH = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def text_of(path: Path, shown: str, at_most: int = RECORDS_AT_MOST) -> tuple[str | None, list[Problem]]:
    """The file's text; a file that is absent, empty, too large or not plain UTF-8 gives a problem instead.

    Parameters
    ----------
    at_most : bytes
    """
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= at_most else b""
    except OSError as error:
        return None, [Problem(shown, 0, f"cannot be read ({error.strerror}): put the file there, or correct its name.")]
    if size > at_most:
        return None, [Problem(shown, 0, too_large(size, at_most))]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return None, [Problem(shown, *_no_text(raw, line, shown))]
    if not text.strip():
        return None, [Problem(shown, 0, "is empty: fill it in, or delete it.")]
    # Little of a text is not ASCII that shows: to leave that out first is quicker by far.
    others = raw.removeprefix(BOM_UTF8).translate(None, ASCII_THAT_SHOWS).decode("utf-8")
    unseen = UNSEEN.search(text) if UNSEEN.search(others) else None
    if unseen:
        before = text[: unseen.start()]
        return None, [Problem(shown, before.count("\n") + 1, unseen_character(unseen[0], before.rpartition("\n")[2]))]
    return text, []


def _no_text(raw: bytes, line: int, shown: str) -> tuple[int, str]:
    """What to do about a file that is no text in UTF-8."""
    for begins, kind in (
        (b"PK\x03\x04", "a workbook or another zip"),
        (b"PAR1", "a Parquet file"),
        (b"\xd0\xcf\x11\xe0", "an old workbook"),
    ):
        if raw.startswith(begins):
            return 1, f"is not UTF-8 text but {kind}: `evalkit import` makes a table of it."
    in_excel = " (in Excel: Save as, “CSV UTF-8 (comma delimited)”)" if shown.endswith(".csv") else ""
    return line, f"is not UTF-8 text: save it again with the encoding UTF-8{in_excel}."


def too_large(size: int, at_most: int) -> str:
    """What to do about a file of so many bytes."""
    return f"has {size:,} bytes, and at most {at_most:,} are read: keep what the book uses."


def unseen_character(character: str, before: str = "") -> str:
    """What to do about a character that nobody sees; ``before`` is what stands before it in its line."""
    name = unicodedata.name(character, "").lower()
    called = f"{name}, U+{ord(character):04X}" if name else f"U+{ord(character):04X}"
    where = f", after {len(before)} other character{'' if len(before) == 1 else 's'}" if before else ""
    return f"holds a character that cannot be seen ({called}){where}: delete it, or write the line anew."


def unseen_in(text: str) -> str | None:
    """``text`` with every character that nobody sees written out; nothing where all can be seen."""
    shown = UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
    return None if shown == text else repr(shown)


def no_links(root: Path, names: Iterable[str]) -> list[Problem]:
    """What is neither a file nor a folder among these folders of a project and below them: links, pipes and devices."""
    return [
        Problem(
            Path(path).relative_to(root).as_posix(),
            0,
            "is a link, a pipe or a device: put the file itself in its place.",
        )
        for name in names
        for path in ([root / name] if _is_something_else(root / name) else _others_below(os.fspath(root / name)))
    ]


def _is_something_else(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:  # it has gone since
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _others_below(folder: str) -> Iterator[str]:
    """By what the folder itself says of its entries: to ask for each of them takes ten times as long."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:  # it has gone since, is a file, or cannot be looked into
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _others_below(entry.path)
        elif not entry.is_file(follow_symlinks=False) and _is_something_else(Path(entry.path)):
            yield entry.path

"""A zip of somebody else's, read as hostile: nothing is unpacked to a folder, and nothing is read beyond its bound."""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from evalkit.catalogue.files.plain_text import UNSEEN, too_large
from evalkit.errors import EvaluationError, InputRefused, Problem, repeated
from evalkit.packs.manifest import NAME, Manifest, at_most, belongs, read_manifest, sha256

PACK_AT_MOST, UNPACKED_AT_MOST = 20_000_000, 64_000_000  # bytes, in the zip and out of it
MEMBERS_AT_MOST = 2_000
RATIO_AT_MOST, RATIO_FROM = 100, 100_000  # tables of figures come to a tenth or so; bytes from which it is asked
NAME_SHOWN = 100  # characters
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1 | 0x40 | 0x2000  # flags: by the old way, strongly, and the list of files too
PATCH = 0x20
FOLDER_OF_DOS = 0x10
ENTRY, ZIP = b"PK\x01\x02", b"PK\x03\x04"
CODE = (".ipynb", ".py", ".pyc", ".sh", ".exe", ".bat", ".ps1", ".js", ".html", ".so", ".dll")
WITH_ZIPS = (".zip", ".gz", ".bz2", ".xz", ".7z", ".tar", ".rar", ".whl")
# What zipfile and zlib raise over bytes that are no zip.
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError,
    OverflowError, IndexError,
)  # fmt: skip


@dataclass(frozen=True)
class Pack:
    """What is in a pack: files by their path below the project, each as its manifest says.

    Attributes
    ----------
    name : str
        What messages call it.
    """

    name: str
    manifest: Manifest
    files: dict[str, bytes]


def read_file(path: Path) -> Pack:
    """The pack in a file.

    Raises
    ------
    EvaluationError, InputRefused
        Where there is none, or with all that is wrong with it.
    """
    if not path.is_file():
        raise EvaluationError(f"{path.name} is not a file that is there: give the path of a pack, such as example.zip.")
    with path.open("rb") as file:
        raw = file.read(PACK_AT_MOST + 1)
    if len(raw) > PACK_AT_MOST:
        raise InputRefused([Problem(path.name, 0, f"has more than {PACK_AT_MOST:,} bytes, which no pack has.")])
    return read_pack(raw, path.name)


def read_pack(raw: bytes, name: str) -> Pack:
    """The pack in the bytes of a zip.

    Raises
    ------
    InputRefused
        With all that is wrong; nothing is decompressed where names, sizes or kinds are.
    """

    def refused(*what: str) -> InputRefused:
        return InputRefused(Problem(name, 0, one) for one in what)

    if not raw.startswith(ZIP):
        raise refused("is not a zip of `evalkit pack`: ask for the pack again.")
    if raw.count(ENTRY) > MEMBERS_AT_MOST:  # before a list of them is made
        raise refused(f"holds more than {MEMBERS_AT_MOST:,} files, which no pack does.")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            wrong = _wrong_members(members)
            if wrong:
                raise refused(*wrong)
            files, wrong = _contents(archive, members)
    except InputRefused:
        raise
    except UNREADABLE:
        raise refused("is damaged, or no zip as `evalkit pack` makes it: ask for the pack again.") from None
    if wrong:
        raise refused(*wrong)
    if NAME not in files:
        raise refused(f"has no {NAME}, so nobody says what it holds: make it with `evalkit pack`.")
    manifest = read_manifest(files.pop(NAME), name)
    wrong = _not_as_listed(manifest, files)
    if wrong:
        raise refused(*wrong)
    return Pack(name, manifest, files)


def _wrong_members(members: list[zipfile.ZipInfo]) -> list[str]:
    """What the list of files says that no pack has; nothing is decompressed for it."""
    wrong = [f"{_shown(info)} {what}" for info in members for what in [_wrong(info)] if what]
    names = [info.filename for info in members]
    twice = set(repeated(names))
    wrong += [f"`{name[:NAME_SHOWN]}` is there twice: a pack has each file once." for name in sorted(twice)]
    alike = Counter(name.casefold() for name in set(names))
    wrong += [
        f"`{name[:NAME_SHOWN]}` differs from another only in its capitals, so one would overwrite the other."
        for name in sorted(set(names))
        if alike[name.casefold()] > 1
    ]
    if sum(info.file_size for info in members) > UNPACKED_AT_MOST:
        wrong.append(f"says that it unpacks to more than {UNPACKED_AT_MOST:,} bytes, which no pack does.")
    return wrong


def _shown(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename
    return f"`{name[:NAME_SHOWN]}{' ...' if len(name) > NAME_SHOWN else ''}`"


def _wrong(info: zipfile.ZipInfo) -> str:
    """What is wrong with one file, by what the list says of it; empty where nothing is."""
    name, kind = info.orig_filename, stat.S_IFMT(info.external_attr >> 16)
    nothing = "has a name that {}: nothing is unpacked there."
    if UNSEEN.search(name) or re.search(r"[\r\n\t]", name):
        return "has a character in its name that cannot be seen: nothing is unpacked there."
    if info.filename != name and info.filename != name.replace("\\", "/"):
        return nothing.format("is another in a second place of the zip")
    if "\\" in name:
        return nothing.format("holds a backslash")
    if re.match(r"[A-Za-z]:", name):
        return nothing.format("begins with the letter of a drive")
    if name.startswith("/"):
        return nothing.format("begins at the root of a disk")
    if {"..", "."} & set(name.split("/")):
        return nothing.format("leads out of its folder")
    if kind == stat.S_IFLNK:
        return "is a link: a pack holds files."
    if name.endswith("/") or kind == stat.S_IFDIR or info.external_attr & FOLDER_OF_DOS:
        return "is a folder: a pack holds files, and the folders come by themselves."
    if kind not in (0, stat.S_IFREG):
        return "is a pipe or a device: a pack holds files."
    if name.lower().endswith(WITH_ZIPS):
        return "is an archive within the archive: a pack holds none."
    if name.lower().endswith(CODE):
        return "is code or a page, which a pack never brings: a template is reviewed and added by hand."
    if not belongs(name):
        return "is no record and no table of a pack, or not in its place."
    if info.flag_bits & ENCRYPTED:
        return "is encrypted: a pack holds nothing that is secret, so ask for one that can be read."
    if info.compress_type not in METHODS or info.flag_bits & PATCH:
        return "is compressed in a way that packs do not use."
    if info.file_size > at_most(name):
        return too_large(info.file_size, at_most(name))
    if info.file_size > RATIO_FROM and info.file_size > RATIO_AT_MOST * max(info.compress_size, 1):
        return f"would grow to more than {RATIO_AT_MOST} times its size, which no table does."
    return ""


def _contents(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> tuple[dict[str, bytes], list[str]]:
    """The files by name, and what is wrong with them; what they come to is counted as it is read."""
    files: dict[str, bytes] = {}
    wrong, room = [], UNPACKED_AT_MOST
    for info in members:
        bound = min(at_most(info.filename), room)
        with archive.open(info) as file:
            content = file.read(bound + 1)
        if len(content) > bound:
            wrong.append(f"{_shown(info)} is larger than its place allows.")
            break
        room -= len(content)
        if content.startswith((ZIP, ENTRY)):
            wrong.append(f"{_shown(info)} is an archive within the archive: a pack holds none.")
        files[info.filename] = content
    return files, wrong


def _not_as_listed(manifest: Manifest, files: dict[str, bytes]) -> list[str]:
    """Where the files are others than those of the manifest."""
    wrong = [
        f"`{name}` is not in {NAME}: a pack holds what that lists." for name in files if name not in manifest.members
    ]
    for name, member in manifest.members.items():
        shown = f"`{name[:NAME_SHOWN]}`"
        if name not in files:
            wrong.append(f"{shown} is in {NAME} and not in the pack: ask for the pack again.")
        elif (member.bytes, member.sha256) != (len(files[name]), sha256(files[name])):
            wrong.append(
                f"{shown} is not the file that {NAME} describes: it was changed on the way, so ask for it again."
            )
    return wrong

"""What decides which further cells are withheld without need; it never leaves the machine."""

import secrets
from hashlib import blake2b
from pathlib import Path

from evalkit.files import write_if_changed
from evalkit.project import PRIVATE

SALT = PRIVATE / "salt"
ONE_IN = 12


def salt_of(root: Path) -> bytes:
    """The project's own, made where there is none."""
    path = root / SALT
    if not path.is_file():
        write_if_changed(path, secrets.token_hex(32))
    return path.read_bytes()


def drawn(salt: bytes, name: str) -> bool:
    """Whether a cell of that name is one of those: always the same for one salt."""
    return int.from_bytes(blake2b(name.encode(), key=salt[:64], digest_size=8).digest(), "big") % ONE_IN == 0

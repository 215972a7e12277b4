"""What decides which further cells are withheld without need; it never leaves the machine."""

import secrets
from collections.abc import Iterable
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


def drawn(salt: bytes, names: Iterable[str]) -> list[str]:
    """Which of these cells are drawn, those first that are drawn most surely: always the same for one salt."""
    lot = {name: blake2b(name.encode(), key=salt[:64], digest_size=8).digest() for name in names}
    last = 2**64 // ONE_IN
    return sorted((name for name in lot if int.from_bytes(lot[name], "big") < last), key=lambda name: (lot[name], name))

"""Calibration tables on disk, so that a design is simulated once on a machine. A convenience: without it all is simulated.

The tables of the designs of this project's book come with evalkit (``tools/calibrations_of_the_book.py``), so that a
first book has none to simulate; a table's name says all that it depends on, so one that is no longer asked
for does no harm.
"""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import platformdirs

from evalkit.memory import Memory

FOLDER_VARIABLE = "EVALKIT_CACHE"
SHIPPED = Path(__file__).with_name("calibrated")
KEYS, TABLES = "keys.txt", "tables.npy"  # a name a line, and a table each in that order


def folder() -> Path:
    """``EVALKIT_CACHE``, or the user's own cache folder."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("evalkit", appauthor=False))


def read(key: str) -> np.ndarray | None:
    """The table of log p-values kept under ``key``; None where there is none, or it is damaged."""
    position = _shipped().get(key)
    if position is not None:
        return np.array(np.load(SHIPPED / TABLES, mmap_mode="r")[position])
    entry = _own().entry(key)
    return np.array(entry.content) if entry else None


@cache
def _shipped() -> dict[str, int]:
    try:
        return {key: position for position, key in enumerate((SHIPPED / KEYS).read_text("utf-8").split())}
    except OSError:
        return {}


def ship(tables: dict[str, np.ndarray]) -> None:
    """Replace the tables that come with evalkit."""
    keys = sorted(tables)
    SHIPPED.mkdir(exist_ok=True)
    np.save(SHIPPED / TABLES, np.stack([tables[key] for key in keys]))
    (SHIPPED / KEYS).write_text("\n".join(keys) + "\n", "utf-8")


def write(key: str, table: np.ndarray) -> None:
    """Keep ``table`` under ``key``."""
    with suppress(OSError):
        _own().remember(key, {}, table.tolist())


def kept_in(chosen: Path) -> dict[str, np.ndarray]:
    """Every table below a cache folder, by its key."""
    memory = _own(chosen)
    return {key: np.array(entry.content) for key, entry in memory.entries()}


def _own(chosen: Path | None = None) -> Memory:
    return Memory((chosen or folder()) / "calibration")

"""Calibration tables on disk, so that a design is simulated once on a machine. A convenience: it never fails.

The tables of the designs of this project's book come with evalkit (``tools/calibrations_of_the_book.py``), so that a
first book has none to simulate; a table's name says all that it depends on, so one that is no longer asked
for does no harm.
"""

import json
import os
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import platformdirs

FOLDER_VARIABLE = "EVALKIT_CACHE"
SHIPPED = Path(__file__).with_name("calibrated")
KEYS, TABLES = "keys.txt", "tables.npy"  # a name a line, and a table each in that order


def folder() -> Path:
    """``EVALKIT_CACHE``, or the user's own cache folder."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("evalkit", appauthor=False))


def read(key: str, shape: tuple[int, int]) -> np.ndarray | None:
    """The table kept under ``key``; None where there is none of that shape, or it cannot be read."""
    position = _shipped().get(key)
    if position is not None:
        return np.array(np.load(SHIPPED / TABLES, mmap_mode="r")[position])
    try:
        table = np.array(json.loads(_path(key).read_text("utf-8"))["log_p_values"], dtype=float)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    if table.shape != shape or not np.isfinite(table).all() or (np.diff(table, axis=1) < 0).any():
        return None
    return table


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
    """Keep ``table`` under ``key``: written aside and renamed, so that no reader sees half of it."""
    text = json.dumps({"log_p_values": table.tolist()})
    aside = None
    try:
        path = _path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False) as file:
            aside = Path(file.name)
            file.write(text)
        aside.replace(path)
    except OSError:
        if aside is not None:
            _discard(aside)


def _discard(path: Path) -> None:
    try:
        path.unlink()
    except OSError:
        return


def _path(key: str) -> Path:
    return folder() / "calibration" / f"{key}.json"

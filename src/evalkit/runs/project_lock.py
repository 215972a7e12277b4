"""One command at a time writes into a checkout."""

import json
import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import FrameType

from filelock import FileLock, Timeout

from evalkit.errors import EvaluationError
from evalkit.project import GENERATED

LOCK_FILE = Path("_build", "lock")
HOLDER = Path("_build", "lock.json")
WRITTEN = (Path("results"), GENERATED)  # besides _build
TO_END = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupted_once() -> Generator[None]:
    """Let Ctrl-C, or a polite request to end, be heard once: a second would keep the first from ending what runs."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    heard = []

    def hear(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        for signum in TO_END:
            signal.signal(signum, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {signum: signal.signal(signum, hear) for signum in TO_END}
    try:
        yield
    except Exception:
        if heard:  # Python makes a RuntimeError of what is raised while a class is made, as in an import
            raise KeyboardInterrupt from None
        raise
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


@contextmanager
def project_lock(root: Path) -> Generator[None]:
    """Keep other commands out of the project's made files; the system itself lets go when the process ends.

    Raises
    ------
    EvaluationError
        Where another command is at work, or one of these folders can not be written to; says which.
    """
    for folder in WRITTEN:
        there = root / folder
        if there.exists() and not (there.is_dir() and os.access(there, os.W_OK)):
            why = "it is read-only here" if there.is_dir() else "it is a file, not a folder"
            raise EvaluationError(_unwritable(folder, why))
    lock = FileLock(root / LOCK_FILE)
    try:
        (root / LOCK_FILE).parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise EvaluationError(
            f"Another evalkit is at work in this folder{_holder(root)}: wait until it has finished, or stop it."
            " Nothing was changed."
        ) from None
    except OSError as error:
        raise EvaluationError(_unwritable(LOCK_FILE.parent, error.strerror or type(error).__name__)) from None
    try:
        began = datetime.now().strftime("%H:%M")
        words = " ".join(["evalkit", *sys.argv[1:]])
        (root / HOLDER).write_text(json.dumps({"process": os.getpid(), "command": words, "began": began}), "utf-8")
        yield
    finally:
        (root / HOLDER).unlink(missing_ok=True)
        lock.release()


def _unwritable(folder: Path, why: str) -> str:
    return f"{folder.as_posix()} cannot be written to ({why}): put that right first. Nothing was changed."


def _holder(root: Path) -> str:
    with suppress(OSError, ValueError, KeyError):
        holder = json.loads((root / HOLDER).read_text(encoding="utf-8"))
        return f" (`{holder['command']}`, process {holder['process']}, since {holder['began']})"
    return ""

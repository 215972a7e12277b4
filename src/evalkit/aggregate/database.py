"""DuckDB inside a memory limit, in a folder of its own that is removed: stopped by Ctrl-C, watched on a terminal."""

import os
import re
import shutil
import tempfile
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from evalkit.aggregate.records_file import RecordsFile, fault_in_words
from evalkit.errors import EvaluationError, InputRefused

GIGABYTE = 1_000_000_000
LEAST = 0.5  # GB
# What Python and its libraries take, and of the rest what DuckDB may count on: it takes some without counting it.
OF_PYTHON, OF_THE_REST = 0.25, 0.8
BETWEEN_LOOKS = 0.1  # seconds
PREFIX = ".aggregate-"


@dataclass(frozen=True)
class Database:
    """A connection, and how to run a statement on it.

    Attributes
    ----------
    bytes : int
        What DuckDB may take of the memory.
    """

    connection: duckdb.DuckDBPyConnection
    bytes: int
    console: Console

    def make(self, words: str, statements: Iterable[str], files: Sequence[RecordsFile]) -> None:
        """Run statements that give nothing; ``words`` say what they do. Errors as in ``frame``."""
        for statement in statements:
            self._run(words, statement, files)

    def frame(self, statement: str, files: Sequence[RecordsFile]) -> pd.DataFrame:
        """What a statement gives.

        Raises
        ------
        InputRefused
            Where a row of a file cannot be read.
        EvaluationError
            Where memory or disk is too small.
        """
        return self._run("Counting", statement, files)

    def rows(self, statement: str, files: Sequence[RecordsFile], in_order: bool = False) -> list[dict[str, Any]]:
        """What a statement gives, as plain values; ``in_order`` where it numbers rows. Errors as in ``frame``."""
        self.connection.execute(f"SET preserve_insertion_order = {str(in_order).lower()}")
        return self._run("Counting", statement, files, plain=True)

    def _run(self, words: str, statement: str, files: Sequence[RecordsFile], plain: bool = False) -> Any:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with (
            Progress(*columns, console=self.console, disable=not self.console.is_terminal, transient=True) as bar,
            ThreadPoolExecutor(1) as thread,
        ):
            task = bar.add_task(words, total=100)
            try:
                return self._watched(thread, statement, plain, bar, task)
            except duckdb.Error as error:
                raise _in_words(error, files) from None

    def _watched(self, thread: ThreadPoolExecutor, statement: str, plain: bool, bar: Progress, task: TaskID) -> Any:
        """What it gives. Ctrl-C reaches this thread, which has the other one leave off."""
        future = thread.submit(self._given, statement, plain)
        try:
            while True:
                try:
                    return future.result(timeout=BETWEEN_LOOKS)
                except NotYet:
                    bar.update(task, completed=max(self.connection.query_progress(), 0))
        except KeyboardInterrupt:
            self.connection.interrupt()
            raise

    def _given(self, statement: str, plain: bool) -> Any:
        result = self.connection.execute(statement)
        if not plain:
            return result.df()
        names = [name for name, *_ in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _in_words(error: duckdb.Error, files: Sequence[RecordsFile]) -> EvaluationError:
    """What cannot be done, without DuckDB's own words, which may repeat a row."""
    if isinstance(error, duckdb.OutOfMemoryException):
        on_disk = "max_temp_directory_size" in str(error)
        return EvaluationError(
            "The disk has too little room for what is set aside while counting: make room, or count fewer measures at once."
            if on_disk
            else "The memory is too small for these records: give more with --memory, or count fewer measures at once."
        )
    if isinstance(error, duckdb.IOException) and re.search("No space left|not enough space", str(error), re.IGNORECASE):
        return EvaluationError("The disk is full: make room on it, and run the same command again.")
    return InputRefused([fault_in_words(error, files)])


@contextmanager
def database(memory: float, aside: Path, console: Console) -> Generator[Database]:
    """A database that may take ``memory`` GB with all around it, and sets aside what is more in a folder inside ``aside``.

    Raises
    ------
    EvaluationError
        Where the memory is too small for any database.
    """
    if memory < LEAST:
        raise EvaluationError(f"--memory is {memory:g} GB, and less than {LEAST} is too little to count in: give more.")
    limit = int((memory - OF_PYTHON) * OF_THE_REST * GIGABYTE)
    aside.mkdir(parents=True, exist_ok=True)
    for left in aside.glob(f"{PREFIX}*"):  # by a command that was killed: the project's lock keeps others out
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=aside, ignore_cleanup_errors=True) as folder:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{limit}B",
            "temp_directory": os.path.join(folder, "aside"),  # noqa: PTH118
            "threads": str(os.cpu_count() or 1),
            # Nothing is fetched from anywhere.
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        connection = duckdb.connect(config=settings)
        try:
            connection.execute("SET preserve_insertion_order = false")
            connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
            yield Database(connection, limit, console)
        finally:
            connection.close()

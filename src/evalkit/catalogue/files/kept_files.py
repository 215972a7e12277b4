"""What files of records hold, kept for the next command: only a file that has changed is read as YAML again."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from evalkit.catalogue.files.yaml_lines import FieldPath, Lines
from evalkit.errors import Problem
from evalkit.files import file_sha256
from evalkit.memory import Memory

NAME = "values"
DATES = {"!date": date.fromisoformat, "!datetime": datetime.fromisoformat}  # no key of a record: a tag is refused

Reader = Callable[[Path, str], tuple[Any, Lines, list[Problem]]]


class LinesOnDemand(Lines):
    """The lines of a file that was sound: it is only read where something has to be said of it."""

    def __init__(self, reader: Reader, path: Path, shown: str):
        self._read = reader, path, shown

    @cached_property
    def _lines(self) -> dict[FieldPath, int]:
        reader, path, shown = self._read
        return reader(path, shown)[1]._lines


class KeptFiles:
    """The plain values of a project's files, by the hash of their bytes."""

    def __init__(self, root: Path):
        self._root = root
        self._memory = Memory.of_project(root, "records")
        readers = [file_sha256(path) for path in sorted(Path(__file__).parent.glob("*.py"))]
        self._depends = {"readers": readers, "yaml": yaml.__version__}
        kept = self._memory.recall(NAME, self._depends)
        self._before: dict[str, list[str]] = kept.content if kept else {}
        self._now: dict[str, list[str]] = {}

    def read(self, reader: Reader, shown: str) -> tuple[Any, Lines, list[Problem]]:
        """As the reader of a file gives it: value, lines, and what is wrong with it."""
        path = self._root / shown
        sha256 = file_sha256(path)
        kept = self._before.get(shown)
        if kept is not None and kept[0] == sha256:
            self._now[shown] = kept
            return _value(kept[1]), LinesOnDemand(reader, path, shown), []
        value, lines, problems = reader(path, shown)
        with suppress(TypeError, ValueError):
            text = json.dumps(value, default=_tagged)
            if not problems and _value(text) == value and file_sha256(path) == sha256:
                self._now[shown] = [sha256, text]
        return value, lines, problems

    def remember(self) -> None:
        """Keep what was read for the next time."""
        if self._now != self._before:
            with suppress(OSError):
                self._memory.remember(NAME, self._depends, self._now)


def _tagged(value: Any) -> dict[str, str]:
    kind = {date: "!date", datetime: "!datetime"}.get(type(value))
    if kind is None:
        raise TypeError
    return {kind: value.isoformat()}


def _value(text: str) -> Any:
    return json.loads(text, object_hook=_untagged)


def _untagged(fields: dict[str, Any]) -> Any:
    if len(fields) == 1:
        (name, value), *_ = fields.items()
        if name in DATES:
            return DATES[name](value)
    return fields

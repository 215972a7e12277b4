"""YAML and JSON read with the line of every value, so that a problem can say where it is."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from evalkit.errors import Problem

Path_ = tuple[str | int, ...]
# The opening line stays in the fields, where YAML reads it as the start of a document: so lines count from the file's top.
FRONT_MATTER = re.compile(r"(?P<fields>---[ \t]*\n.*?^)---[ \t]*(\n|\Z)(?P<body>.*)\Z", re.DOTALL | re.MULTILINE)


class Lines:
    """Line numbers (from 1) by path: ``("protocol", "comparators", 3)``."""

    def __init__(self) -> None:
        self._lines: dict[Path_, int] = {(): 1}

    def note(self, path: Path_, line: int) -> None:
        self._lines[path] = line

    def of(self, path: Path_) -> int:
        """Line of ``path``, or of its nearest parent that is in the file."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]


@dataclass(frozen=True)
class Place:
    """A value in a file, and how to speak of what is wrong in it."""

    shown: str
    lines: Lines
    path: Path_ = ()

    def below(self, *path: str | int) -> "Place":
        return Place(self.shown, self.lines, (*self.path, *path))

    def problem(self, path: Path_, what: str, level: str = "refused") -> Problem:
        """A problem at ``path`` below this place."""
        return Problem(self.shown, self.lines.of((*self.path, *path)), what, level)


def text_of(path: Path, shown: str) -> tuple[str | None, list[Problem]]:
    """The file's text; a file that is absent, empty or not UTF-8 gives a problem instead."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, [Problem(shown, 0, f"cannot be read ({error.strerror}): put the file there, or correct its name.")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return None, [Problem(shown, line, "is not UTF-8 text: save it again with the encoding UTF-8.")]
    if not text.strip():
        return None, [Problem(shown, 0, "is empty: fill it in, or delete it.")]
    return text, []


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Safe YAML in which what only looks like a date or a number (2017-02-30) stays text.

    The record that it belongs to then refuses it, with its field.
    """


def _or_text(construct: Callable) -> Callable:
    def constructed(loader: _Loader, node: yaml.ScalarNode) -> Any:
        try:
            return construct(loader, node)
        except ValueError:
            return loader.construct_scalar(node)

    return constructed


for _kind in ("timestamp", "int", "float"):
    _tag = f"tag:yaml.org,2002:{_kind}"
    _Loader.add_constructor(_tag, _or_text(_Loader.yaml_constructors[_tag]))


class _EndlessError(Exception):
    """A value that holds itself."""

    def __init__(self, name: str, line: int):
        super().__init__(name)
        self.line = line


def read_lines(path: Path, shown: str) -> tuple[Any, Lines, list[Problem]]:
    """The plain value in a YAML or JSON file, its lines and what is wrong with it.

    JSON is read as YAML, which contains it. A key given twice is a problem, not an overwrite.
    """
    text, problems = text_of(path, shown)
    return (None, Lines(), problems) if text is None else _read_yaml(text, shown, problems)


def read_front_matter(path: Path, shown: str) -> tuple[Any, Lines, list[Problem]]:
    """As ``read_lines``, of the YAML between the first two lines of ``---``; what comes after them is ``body``."""
    text, problems = text_of(path, shown)
    if text is None:
        return None, Lines(), problems
    text = re.sub(r"\r\n?", "\n", text)
    found = FRONT_MATTER.match(text)
    if found is None:
        what = "has no fields at its top: begin with a line ---, then `field: value` lines, then another line ---."
        if re.match(r"---[ \t]*\n", text):
            what = "has fields at its top that are not closed: put another line --- below the last of them."
        return None, Lines(), [*problems, Problem(shown, 1, what)]
    value, lines, problems = _read_yaml(found["fields"], shown, problems)
    if isinstance(value, dict):
        if "body" in value:
            problems.append(
                Problem(shown, lines.of(("body",)), "`body` is the text below the second ---: put it there.")
            )
        value["body"] = found["body"].strip()
        lines.note(("body",), text[: found.start("body")].count("\n") + 1)
    return value, lines, problems


def _read_yaml(text: str, shown: str, problems: list[Problem]) -> tuple[Any, Lines, list[Problem]]:
    lines = Lines()
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        value = None if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "it cannot be read"
        remedy = "check the indentation, quotes and colons around this line"
        if "end of stream" in what:
            remedy = "a quotation mark or a bracket further up is not closed"
        return None, lines, [Problem(shown, mark.line + 1 if mark else 0, f"is not valid YAML: {what}; {remedy}.")]
    if value is None:
        return None, lines, [Problem(shown, 0, "holds nothing, or nothing but comments: fill it in, or delete it.")]
    try:
        _walk(node, (), (), lines, shown, problems)
    except _EndlessError as error:
        what = f"`{error}` holds itself by way of an alias (`*`): write the value out."
        return None, lines, [Problem(shown, error.line, what)]
    return value, lines, problems


def _walk(
    node: yaml.Node, path: Path_, above: tuple[int, ...], lines: Lines, shown: str, problems: list[Problem]
) -> None:
    """Note the line of every value below ``node``; ``above`` are the ids of the nodes that hold it."""
    if id(node) in above:
        raise _EndlessError(".".join(str(part) for part in path), lines.of(path))
    above = (*above, id(node))
    lines.note(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*path, index), above, lines, shown, problems)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, item in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                what = f"`{key.value}` is given twice (first in line {seen[key.value]}): keep one of them."
                problems.append(Problem(shown, line, what))
            seen[key.value] = line
            _walk(item, (*path, key.value), above, lines, shown, problems)
            lines.note((*path, key.value), line)

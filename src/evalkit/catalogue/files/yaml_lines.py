"""YAML and JSON read with the line of every value, so that a problem can say where it is."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from evalkit.catalogue.files.plain_text import UNSEEN, text_of, unseen_character
from evalkit.errors import Level, Problem

FieldPath = tuple[str | int, ...]
DEEPEST, MOST_VALUES, LONGEST = 30, 50_000, 10_000  # levels; values, aliases written out; characters of a text
LONGEST_NUMBER = 60  # characters; of more, a number of base 60 (1:30:15) takes the square of their time
LARGEST = 2**63  # no count has more figures, and Python refuses to write out one that has thousands
# The opening line stays in the fields, where YAML reads it as the start of a document: so lines count from the file's top.
FRONT_MATTER = re.compile(r"(?P<fields>---[ \t]*\n.*?^)---[ \t]*(\n|\Z)(?P<body>.*)\Z", re.DOTALL | re.MULTILINE)


class Lines:
    """Line numbers (from 1) by path: ``("protocol", "comparators", 3)``."""

    def __init__(self) -> None:
        self._lines: dict[FieldPath, int] = {(): 1}

    def note(self, path: FieldPath, line: int) -> None:
        self._lines[path] = line

    def line_of(self, path: FieldPath) -> int:
        """Line of ``path``, or of its nearest parent that is in the file."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]


@dataclass(frozen=True)
class FilePlace:
    """A value in a file, and how to speak of what is wrong in it."""

    shown: str
    lines: Lines
    path: FieldPath = ()

    def below(self, *path: str | int) -> "FilePlace":
        return FilePlace(self.shown, self.lines, (*self.path, *path))

    def problem(self, path: FieldPath, what: str, level: Level = "refused") -> Problem:
        """A problem at ``path`` below this place."""
        return Problem(self.shown, self.lines.line_of((*self.path, *path)), what, level)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Safe YAML in which what only looks like a date or a number (2017-02-30, .inf) stays text.

    The record that it belongs to then refuses it, with its field.
    """


def _or_text(construct: Callable) -> Callable:
    def constructed(loader: _Loader, node: yaml.ScalarNode) -> Any:
        if len(node.value) > LONGEST_NUMBER:
            return loader.construct_scalar(node)
        try:
            value = construct(loader, node)
        except (ValueError, OverflowError):
            return loader.construct_scalar(node)
        beyond = value in (math.inf, -math.inf) or value != value or (isinstance(value, int) and abs(value) > LARGEST)
        return loader.construct_scalar(node) if beyond else value

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
    return (None, Lines(), problems) if text is None else read_yaml(text, shown, problems)


def read_front_matter(path: Path, shown: str) -> tuple[Any, Lines, list[Problem]]:
    """As ``read_lines``, of the YAML between the first two lines of ``---``; what comes after them is ``body``."""
    text, problems = text_of(path, shown)
    if text is None:
        return None, Lines(), problems
    text = re.sub(r"\r\n?", "\n", text)
    match = FRONT_MATTER.match(text)
    if match is None:
        what = "has no fields at its top: begin with a line ---, then `field: value` lines, then another line ---."
        if re.match(r"---[ \t]*\n", text):
            what = "has fields at its top that are not closed: put another line --- below the last of them."
        return None, Lines(), [*problems, Problem(shown, 1, what)]
    value, lines, problems = read_yaml(match["fields"], shown, problems)
    if isinstance(value, dict):
        if "body" in value:
            problems.append(
                Problem(shown, lines.line_of(("body",)), "`body` is the text below the second ---: put it there.")
            )
        value["body"] = match["body"].strip()
        lines.note(("body",), text[: match.start("body")].count("\n") + 1)
    return value, lines, problems


def read_yaml(text: str, shown: str, problems: Sequence[Problem] = ()) -> tuple[Any, Lines, list[Problem]]:
    """As ``read_lines``, of a text; after the problems that are known already."""
    lines, problems = Lines(), list(problems)
    try:
        beyond = _beyond_limits(text)
        if beyond:
            return None, lines, [Problem(shown, *beyond)]
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


def _beyond_limits(text: str) -> tuple[int, str] | None:
    """Line and sentence where a document is deeper or larger than any record, or says how to make its values.

    Found before it is built, which recurses.
    """
    sizes: dict[str | None, int] = {}  # by anchor; what has none is never looked up
    open_nodes: list[tuple[str | None, int]] = []
    count = 0
    for event in yaml.parse(text, _Loader):
        line = event.start_mark.line + 1
        if getattr(event, "tag", None) is not None:
            return line, "holds a tag (`!`), which says how a value is to be made: write the value alone."
        if isinstance(event, yaml.AliasEvent):
            count += sizes.get(event.anchor, 1)
        elif isinstance(event, yaml.ScalarEvent):
            count += 1
            sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, count))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            sizes[anchor] = count - before
        if len(open_nodes) > DEEPEST:
            return line, f"holds lists or fields more than {DEEPEST} levels deep: write it flatter."
        if count > MOST_VALUES:
            return line, f"holds more than {MOST_VALUES:,} values, its aliases written out: split it, or write less."
    return None


def _walk(
    node: yaml.Node, path: FieldPath, above: tuple[int, ...], lines: Lines, shown: str, problems: list[Problem]
) -> None:
    """Note the line of every value below ``node``; ``above`` are the ids of the nodes that hold it."""
    if id(node) in above:
        raise _EndlessError(".".join(str(part) for part in path), lines.line_of(path))
    above = (*above, id(node))
    lines.note(path, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        problems += [Problem(shown, *wrong) for wrong in _wrong_text(node)]
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*path, index), above, lines, shown, problems)
    elif isinstance(node, yaml.MappingNode):
        first_lines: dict[str, int] = {}
        for key, item in node.value:
            line = key.start_mark.line + 1
            if key.value in first_lines:
                what = f"`{key.value}` is given twice (first in line {first_lines[key.value]}): keep one of them."
                problems.append(Problem(shown, line, what))
            first_lines[key.value] = line
            problems += [Problem(shown, *wrong) for wrong in _wrong_text(key)]
            _walk(item, (*path, key.value), above, lines, shown, problems)
            lines.note((*path, key.value), line)


def _wrong_text(node: yaml.Node) -> list[tuple[int, str]]:
    """Line and sentence of a text that nobody can read. Quotes in YAML may write any character."""
    line, text = node.start_mark.line + 1, node.value
    if not isinstance(text, str):
        return []
    if len(text) > LONGEST:
        return [(line, f"holds a text of {len(text):,} characters: shorten it to {LONGEST:,} or fewer.")]
    unseen = UNSEEN.search(text) or re.search("\r", text)
    return [(line, unseen_character(unseen[0], text[: unseen.start()].rpartition("\n")[2]))] if unseen else []

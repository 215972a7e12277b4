"""YAML that people keep: one entry more, or another in one's place, and every other sign as it was."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from evalkit.catalogue.files.yaml_lines import FieldPath, read_yaml
from evalkit.errors import EvaluationError

WIDTH = 100


class _Dumper(yaml.SafeDumper):
    """Every value is written out where it stands."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_yaml(value: Any) -> str:
    """As new records are written: fields in their order, text as text."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)


def with_entry(text: str, path: FieldPath, entry: Any, shown: str) -> str:
    """``text`` with ``entry`` at the end of the list at ``path``.

    Raises
    ------
    EvaluationError
        Where there is no list, or it is written so that none can be added.
    """
    text = _ended(text)
    node = _node_at(text, path)
    if not isinstance(node, yaml.SequenceNode):
        raise _by_hand(shown, path)
    start_mark, end_mark = _marks(node)
    if node.flow_style:
        end = end_mark.index - 1
        inside = text[start_mark.index + 1 : end]
        joined = ", " if node.value and not inside.rstrip().endswith(",") else ""
        changed = f"{text[:end].rstrip() if node.value else text[:end]}{joined}{_in_brackets(entry)}{text[end:]}"
    else:
        changed = _put(text, _end_of(text, node), as_yaml([entry]), start_mark.column)
    before, after = _value(text), _value(changed)
    _at(before, path).append(_plain(entry))
    if before != after:
        raise _by_hand(shown, path)
    return changed


def with_field(text: str, path: FieldPath, instead_of: str, fields: Mapping[str, Any], shown: str) -> str:
    """``text`` with ``fields`` in the place of the field ``instead_of`` of the mapping at ``path``.

    Raises
    ------
    EvaluationError
        Where that field is not there, or is written so that it cannot be taken out.
    """
    text = _ended(text)
    node = _node_at(text, path)
    entries = node.value if isinstance(node, yaml.MappingNode) and not node.flow_style else []
    found = next(((key, value) for key, value in entries if key.value == instead_of), None)
    if found is None:
        raise _by_hand(shown, (*path, instead_of))
    key, value = found
    lines = _lines(text)
    start_mark, _ = _marks(key)
    first, last = start_mark.line, _end_of(text, value)
    changed = _put("".join(lines[:first] + lines[last:]), first, as_yaml(dict(fields)), start_mark.column)
    before, after = _value(text), _value(changed)
    mapping = _at(before, path)
    del mapping[instead_of]
    mapping |= _plain(dict(fields))
    if before != after:
        raise _by_hand(shown, (*path, instead_of))
    return changed


def _put(text: str, line: int, block: str, indent: int) -> str:
    """Lines of ``block`` before a line of ``text``, as far in as what stands there."""
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = _lines(text)
    new = [(f"{' ' * indent}{part}" if part else "") + ending for part in block.split("\n")[:-1]]
    return "".join(lines[:line] + new + lines[line:])


def _end_of(text: str, node: yaml.Node) -> int:
    """The line after the last of a value; blank lines and remarks at the margin below it belong to what follows."""
    lines = _lines(text)
    # What is written in one piece ends inside a line; what is written on lines of its own, where the next begins.
    start_mark, end_mark = _marks(node)
    inside = end_mark.line < len(lines) and lines[end_mark.line][: end_mark.column].strip()
    end = end_mark.line + (1 if inside else 0)
    while end > start_mark.line + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end


def _lines(text: str) -> list[str]:
    """Lines with their ends, as YAML counts them."""
    return re.findall(r"[^\n]*\n|[^\n]+\Z", text)


def _marks(node: yaml.Node) -> tuple[yaml.Mark, yaml.Mark]:
    """Where a value that was read from text begins and ends."""
    assert node.start_mark is not None
    assert node.end_mark is not None
    return node.start_mark, node.end_mark


def _node_at(text: str, path: FieldPath) -> yaml.Node | None:
    node = yaml.compose(text, yaml.SafeLoader)
    for part in path:
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        else:
            return None
    return node


def _at(value: Any, path: FieldPath) -> Any:
    for part in path:
        value = value[part]
    return value


def _value(text: str) -> Any:
    """What a text holds, in which nothing is the same list or mapping as another."""
    return _apart(read_yaml(text, "")[0])


def _apart(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _apart(part) for name, part in value.items()}
    return [_apart(part) for part in value] if isinstance(value, list) else value


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + ("\r\n" if "\r\n" in text else "\n")


def _plain(value: Any) -> Any:
    """As it is read again."""
    return _value(as_yaml([value]))[0]


def _in_brackets(entry: Any) -> str:
    return yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, default_flow_style=True, width=10**6).strip()[
        1:-1
    ]


def _by_hand(shown: str, path: FieldPath) -> EvaluationError:
    field = ".".join(str(part) for part in path)
    return EvaluationError(
        f"{shown}: `{field}` is written in a way that nothing can be added to without changing the rest: add it by hand."
    )

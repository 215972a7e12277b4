"""Is a text of a record meant to be what it looks like? Pages show it as it is typed."""

import re
from collections.abc import Iterator
from typing import Any

from evalkit.catalogue.model import IN_FILES_OF_THEIR_OWN, IN_ONE_FILE, Catalogue
from evalkit.errors import Problem

# A tag of HTML, a fence, a role or a script's address.
LIKE_MARKUP = re.compile(r"</?[a-z!][^<>]*>|^\s*(`{3,}|:{3,})|\{[\w-]+\}`|javascript:", re.IGNORECASE | re.MULTILINE)
KINDS = (*IN_ONE_FILE, *IN_FILES_OF_THEIR_OWN, "learning", "tables")
MARKDOWN = {("learning", "body")}  # paragraphs, lists, emphasis and links


def check_markup(catalogue: Catalogue) -> list[Problem]:
    """Fields that hold signs of HTML or Markdown: worth a look, by file and line."""
    return [
        catalogue.problem(
            kind,
            id,
            path,
            f"`{_field(path)}` holds signs of HTML or Markdown, which pages show as they are typed:"
            " write plain words if that is not meant.",
            "look",
        )
        for kind in KINDS
        for id, path, text in texts_of(catalogue, kind)
        if LIKE_MARKUP.search(text) and (kind, path[0]) not in MARKDOWN
    ]


def texts_of(catalogue: Catalogue, kind: str) -> Iterator[tuple[str, tuple, str]]:
    """Every text of the records of a kind, with the record's id and the path of the field that holds it."""
    for id, record in getattr(catalogue, kind).items():
        for path, text in _texts(record.model_dump(), ()):
            yield id, path, text


def _texts(value: Any, path: tuple) -> Iterator[tuple[tuple, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, (*path, name))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))


def _field(path: tuple) -> str:
    return next(part for part in reversed(path) if isinstance(part, str))

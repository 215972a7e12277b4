"""What `evalkit` offers to Python, from the docstrings of its public names: never a second copy of them."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docutils import nodes
from docutils.core import publish_parts
from docutils.writers.html5_polyglot import HTMLTranslator, Writer
from markupsafe import Markup
from numpydoc.docscrape import NumpyDocString

import evalkit

LISTS = ("Parameters", "Attributes", "Returns", "Raises")
AS_WRITTEN = {
    "_disable_config": True, "file_insertion_enabled": False, "raw_enabled": False, "halt_level": 2,
    "syntax_highlight": "none",
}  # fmt: skip


@dataclass(frozen=True)
class Described:
    """A parameter, an attribute, or what is returned or raised: its names, its type in words, what it is."""

    names: tuple[str, ...]
    type: str
    text: Markup


@dataclass(frozen=True)
class PublicName:
    """One name, with the sections of its docstring.

    Attributes
    ----------
    signature : str
        Empty for a class whose attributes are its fields.
    lists : dict of heading to what stands below it
    methods : list of signature and what it gives
    """

    name: str
    signature: str
    summary: str
    text: Markup
    lists: dict[str, list[Described]]
    methods: list[tuple[str, Markup]]
    examples: Markup

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return nodes.make_id(self.name)


def public_names() -> list[PublicName]:
    """Functions by name, then types."""
    members = {name: getattr(evalkit, name) for name in evalkit.__all__ if name != "__version__"}
    return [_public_name(name, members[name]) for name in sorted(members, key=lambda name: (name[0].isupper(), name))]


def _public_name(name: str, member: Any) -> PublicName:
    parsed = NumpyDocString(inspect.getdoc(member))
    is_record = isinstance(member, type) and not issubclass(member, Exception)
    return PublicName(
        name=name,
        signature="" if is_record else _signature(f"ek.{name}", member),
        summary=" ".join(parsed["Summary"]),
        text=_html(parsed["Extended Summary"]),
        lists={heading: _described(parsed[heading]) for heading in LISTS if parsed[heading]},
        methods=_methods(member) if is_record else [],
        examples=_html(parsed["Examples"]),
    )


def _described(entries: Sequence[Any]) -> list[Described]:
    return [Described(tuple(filter(None, entry.name.split(", "))), entry.type, _html(entry.desc)) for entry in entries]


def _methods(kind: type) -> list[tuple[str, Markup]]:
    """Properties, methods and constructors of a class itself, with the first paragraph of what they say."""
    found = []
    for name, member in vars(kind).items():
        if name.startswith("_") or (not isinstance(member, property) and not inspect.isroutine(member)):
            continue
        called = name if isinstance(member, property) else _signature(name, getattr(kind, name))
        found.append((called, _html(NumpyDocString(inspect.getdoc(member))["Summary"])))
    return found


def _signature(called: str, member: Any) -> str:
    """Names and defaults; the docstring tells the types."""
    bare = inspect.signature(member)
    parameters = [one.replace(annotation=one.empty) for one in bare.parameters.values() if one.name != "self"]
    return called + str(bare.replace(parameters=parameters, return_annotation=bare.empty))


class _Translator(HTMLTranslator):
    """Code as code."""

    def visit_literal(self, node: nodes.literal) -> None:
        self.body.append(f"<code>{self.encode(node.astext())}</code>")
        raise nodes.SkipNode


def _html(lines: Sequence[str]) -> Markup:
    """Paragraphs, lists and examples of a docstring; what is wrongly marked up stops the book."""
    writer = Writer()
    writer.translator_class = _Translator  # ty: ignore[invalid-assignment]  docutils declares its own class only
    return Markup(publish_parts("\n".join(lines), writer=writer, settings_overrides=AS_WRITTEN)["body"])

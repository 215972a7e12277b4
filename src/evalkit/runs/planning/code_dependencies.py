"""Which modules of evalkit a notebook can reach, read from the code without running it."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import evalkit

PACKAGE = Path(evalkit.__file__).parent


@cache
def reached_from(modules: frozenset[str]) -> dict[str, str]:
    """Modules that the given ones import, however deep, themselves included; each with the hash of its code."""
    known, waiting, reached = _modules(), list(modules), set()
    while waiting:
        name = waiting.pop()
        if name in known and name not in reached:
            reached.add(name)
            waiting += _imported_by(name)
            waiting.append(name.rpartition(".")[0])  # a package comes with what is in it
    return {name: _hash(known[name]) for name in sorted(reached)}


def named_in(sources: Iterable[str]) -> frozenset[str]:
    """The modules that a notebook's code cells name, through ``evalkit as ek`` too; all where that can not be read."""
    everything = frozenset(_modules())
    named: set[str] = {"evalkit"}
    aliases: set[str] = set()
    trees = []
    for source in sources:
        try:
            trees.append(ast.parse(source))
        except SyntaxError:  # a magic, for instance
            return everything
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            aliases |= {alias.asname or alias.name for alias in node.names if alias.name == "evalkit"}
        named |= _imports(node, "")
    of_aliases = [
        node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in aliases
    ]
    attributes = [
        node
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases
    ]
    if len(of_aliases) != len(attributes):  # the package itself is handed on
        return everything
    named |= {evalkit.home_of(node.attr) or "evalkit" for node in attributes}
    return frozenset(named)


def code_of(modules: dict[str, str]) -> str:
    """One hash for the code of modules."""
    return hashlib.sha256("\0".join(f"{name} {digest}" for name, digest in modules.items()).encode()).hexdigest()


@cache
def _modules() -> dict[str, Path]:
    modules = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("evalkit", *path.relative_to(PACKAGE).with_suffix("").parts)
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


@cache
def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()[:16]


@cache
def _imported_by(module: str) -> frozenset[str]:
    path = _modules()[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    # What the package's front hands out by name is reached by name only.
    tree = ast.Module([], []) if module == "evalkit" else ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(name for node in _statements(tree) for name in _imports(node, package))


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Every statement, however deep; expressions hold no imports."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            statements = getattr(node, part, ())
            waiting += statements if isinstance(statements, list) else ()


def _imports(node: ast.AST, package: str) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names if alias.name.split(".")[0] == "evalkit"}
    if not isinstance(node, ast.ImportFrom):
        return set()
    base = node.module or ""
    if node.level:
        base = ".".join([*package.split(".")[: len(package.split(".")) - node.level + 1], *([base] if base else [])])
    if base.split(".")[0] != "evalkit":
        return set()
    if base == "evalkit":
        return {evalkit.home_of(alias.name) or f"evalkit.{alias.name}" for alias in node.names}
    return {base, *(f"{base}.{alias.name}" for alias in node.names)}

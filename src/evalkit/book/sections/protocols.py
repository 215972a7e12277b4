"""Protocols: what was fixed, when, and every departure from it."""

from typing import Any

from evalkit.book.shelf import Shelf


def inputs(shelf: Shelf) -> Any:
    return shelf.evaluations


def write(pages, shelf: Shelf) -> None:
    from evalkit.book import parts

    protocols = [{"evaluation": one, "sha256": parts.protocol_sha256(one)} for one in shelf.evaluations]
    fixed = sum(one.protocol.pre_specified for one in shelf.evaluations)
    pages.page("protocols.md", "protocols.md.jinja", protocols=protocols, fixed=fixed)

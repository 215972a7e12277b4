"""Protocols: what was fixed, when, and every departure from it."""

from typing import Any

from evalkit.book.content.book_content import BookContent


def inputs(content: BookContent) -> Any:
    return content.evaluations


def write(pages, content: BookContent) -> None:
    from evalkit.book.content import shared_pieces

    protocols = [
        {"evaluation": evaluation, "sha256": shared_pieces.protocol_sha256(evaluation)}
        for evaluation in content.evaluations
    ]
    fixed = sum(evaluation.protocol.fixed_before for evaluation in content.evaluations)
    unseen = sum(evaluation.protocol.status == "not_looked_at" for evaluation in content.evaluations)
    pages.page("protocols.html", "protocols.html.jinja", protocols=protocols, fixed=fixed, unseen=unseen)

"""Protocols: what was fixed, when, and every departure from it."""

from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.book.content.symbols import protocol_sha256
from evalkit.catalogue.records.evaluations import Evaluation


@dataclass(frozen=True)
class ProtocolEntry:
    """An evaluation with the fingerprint of what it fixed."""

    evaluation: Evaluation
    sha256: str


@dataclass(frozen=True)
class ProtocolsPage(OnePage):
    """Every protocol; how many were fixed before the data existed, and before anybody had looked."""

    protocols: list[ProtocolEntry]
    fixed: int
    unseen: int

    file = "protocols.html"
    template = "protocols.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page."""
    evaluations = content.evaluations
    yield (
        "protocols",
        ProtocolsPage(
            [ProtocolEntry(evaluation, protocol_sha256(evaluation)) for evaluation in evaluations],
            sum(evaluation.protocol.fixed_before for evaluation in evaluations),
            sum(evaluation.protocol.status == "not_looked_at" for evaluation in evaluations),
        ),
    )

"""Protocols: what was fixed, when, and every departure from it."""

from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.catalogue.protocol_fingerprint import Kept, kept, shown_fingerprint
from evalkit.catalogue.records.evaluations import Evaluation


@dataclass(frozen=True)
class ProtocolEntry:
    """An evaluation with the fingerprint of what it fixed, and whether that is as it was written down."""

    evaluation: Evaluation
    fingerprint: str
    kept: Kept


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
    evaluations, sites = content.evaluations, list(content.catalogue.sites.values())
    yield (
        "protocols",
        ProtocolsPage(
            [
                ProtocolEntry(evaluation, shown_fingerprint(evaluation, sites), kept(evaluation, sites))
                for evaluation in evaluations
            ],
            sum(evaluation.protocol.fixed_before for evaluation in evaluations),
            sum(evaluation.protocol.status == "not_looked_at" for evaluation in evaluations),
        ),
    )

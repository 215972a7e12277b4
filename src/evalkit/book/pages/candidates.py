"""Changes that were looked for, found by date and cause, and what was decided of each before its outcome was opened."""

from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.catalogue.records.candidate_power import read_candidate_power
from evalkit.catalogue.records.candidates import Candidate, CandidatePower
from evalkit.power import POWER
from evalkit.report.wording.predictions import predicted
from evalkit.report.wording.words import size


@dataclass(frozen=True)
class CandidateEntry:
    """A change with its predicted size and power in words.

    ``title`` is that of its evaluation where the book shows it, and ``came_out`` what that found.
    """

    candidate: Candidate
    predicted: str
    found: str
    title: str
    came_out: str


@dataclass(frozen=True)
class CandidatesPage(OnePage):
    """Every change that was looked for, by what was decided and by place; ``strong`` is how many kept ones could be found."""

    kept: list[CandidateEntry]
    used: list[CandidateEntry]
    set_aside: list[CandidateEntry]
    unseen: int
    strong: int

    file = "candidates.html"
    template = "candidates.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page."""
    catalogue = content.catalogue
    powers = read_candidate_power(catalogue.root)
    titles = {evaluation.id: evaluation.title for evaluation in content.evaluations}
    entries = [
        CandidateEntry(
            candidate,
            predicted(candidate.predicted) if candidate.predicted else "",
            _found(powers.get(id), candidate),
            titles.get(candidate.evaluation or "", ""),
            _came_out(content, candidate),
        )
        for id, candidate in sorted(catalogue.candidates.items(), key=lambda one: one[1].where.casefold())
    ]
    of = {
        decision: [entry for entry in entries if entry.candidate.decision == decision]
        for decision in ("kept", "used", "set_aside")
    }
    kept = [entry.candidate for entry in of["kept"]]
    yield (
        "candidates",
        CandidatesPage(
            of["kept"],
            of["used"],
            of["set_aside"],
            sum(candidate.known == "not_looked_at" for candidate in kept),
            sum(candidate.id in powers and powers[candidate.id].power >= POWER for candidate in kept),
        ),
    )


def _found(row: CandidatePower | None, candidate: Candidate) -> str:
    """What could have been found, in words; empty where nothing was asked, or the table has not been made since."""
    if row is None or candidate.power is None or row.change != candidate.power.change:
        return ""
    return (
        f"From {row.before} months before and {row.after} after, {size(row.change, row.scale)} would be found"
        f" {round(100 * row.power)} times in a hundred, and {size(row.detectable, row.scale)} four times in five"
    )


def _came_out(content: BookContent, candidate: Candidate) -> str:
    """What its evaluation found, with size and interval; empty where there is none, or it answers for several changes."""
    summary = content.summaries.get(candidate.evaluation or "")
    if summary is None or candidate.decision != "kept" or not summary.primary.done:
        return ""
    primary = summary.primary
    told = f"{primary.estimate} ({primary.interval})" if primary.estimate and primary.interval else ""
    return ": ".join(part for part in (primary.says, told) if part)

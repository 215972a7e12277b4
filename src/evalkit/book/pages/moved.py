"""What moved since the book was last published."""

from dataclasses import dataclass
from datetime import date

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.book.content.summaries import AnalysisSummary
from evalkit.catalogue.records.last_time import KeptResult
from evalkit.report.wording import counted, words


@dataclass(frozen=True)
class Then:
    """What an analysis was, in words; empty where it had no verdict or no certainty."""

    says: str
    size: str
    certainty: str
    last: str


@dataclass(frozen=True)
class Moved:
    """One analysis then and now; ``now`` has no result where it is not done."""

    evaluation: str
    title: str
    then: Then
    now: AnalysisSummary
    last: str
    what: list[str]


@dataclass(frozen=True)
class MovedPage(OnePage):
    """Results of real changes beside what they were.

    Attributes
    ----------
    kept : date or None
        The day on which they were written down; None where none were.
    answers, others : list of Moved
        Of what answers a question, and of the rest, those that moved.
    same, new, gone : int
        How many stayed as they were, were not there then, are not there now.
    """

    kept: date | None
    answers: list[Moved]
    others: list[Moved]
    same: int
    new: int
    gone: int

    file = "moved.html"
    template = "moved.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page."""
    kept = {(one.evaluation, one.analysis): one for one in content.last_time}
    answers, others, same, new = [], [], 0, 0
    for evaluation in content.evaluations:
        if content.catalogue.is_synthetic(evaluation):
            continue
        summary = content.summaries[evaluation.id]
        for now in summary.analyses:
            then = kept.pop((evaluation.id, now.id), None)
            if then is None:
                new += 1
                continue
            moved = _moved(evaluation.id, evaluation.title, then, now.without_series())
            if not moved.what:
                same += 1
            else:
                (answers if now.id == summary.answer else others).append(moved)
    day = content.last_time[0].kept if content.last_time else None
    yield "moved", MovedPage(day, answers, others, same, new, len(kept))


def _moved(evaluation: str, title: str, then: KeptResult, now: AnalysisSummary) -> Moved:
    was = Then(
        words.VERDICT_WORDS[then.verdict] if then.verdict else "",
        _size(then),
        then.certainty or "",
        then.last,
    )
    what = []
    if not now.done:
        what.append("there is no result at present")
    else:
        if was.says != (now.verdict or ""):
            what.append("the verdict")
        if was.certainty != (now.certainty or ""):
            what.append("the certainty")
        if was.size != _told(now.estimate or "", now.interval or ""):
            what.append("the size")
        if was.last != now.last:
            what.append("months were added")
    return Moved(evaluation, title, was, now, now.last, what)


def _size(then: KeptResult) -> str:
    if then.scale is None:
        return counted.NOT_ESTIMATED
    estimate, low, high = (float("nan") if end is None else end for end in (then.estimate, then.low, then.high))
    return _told(words.signed(estimate, then.scale), words.both_ends(low, high, then.scale))


def _told(estimate: str, interval: str) -> str:
    """A size with its interval; what is only described has none."""
    return f"{estimate} ({interval})" if interval else estimate

"""What the pages of an evaluation tell the rest of the book, kept with them so that its results need not be read again."""

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from evalkit.book.content.board import Board
from evalkit.report.figures.observed_series import ObservedSeries


@dataclass(frozen=True)
class AnalysisSummary:
    """What one analysis came to; numbers as text.

    Attributes
    ----------
    measure : str
        Its id.
    role, expected : str
        In words: "answers the question", "a fall".
    sentence : str
        Why there is no result; empty where it is ``done``, and what follows is None otherwise.
    word, verdict : str or None
        The verdict of an answer to the question, and the same in words.
    says : str or None
        The verdict, or else the direction, in words.
    direction : {"rise", "fall", "unclear"} or None
        Of an analysis that also looked.
    last : str
        The last period of its figures; empty without a result.
    seen : ObservedSeries or None
        Its series, for a small drawing.
    used, places : int
        How many places it was compared with, and how many it is about.
    """

    id: str
    title: str
    template: str
    measure: str
    place: str
    role: str
    expected: str
    done: bool
    sentence: str
    synthetic: bool = False
    word: str | None = None
    verdict: str | None = None
    headline: str | None = None
    estimate: str | None = None
    interval: str | None = None
    points: bool | None = None
    certainty: str | None = None
    says: str | None = None
    in_family: str | None = None
    missed: str | None = None
    missed_in_short: str | None = None
    direction: str | None = None
    last: str = ""
    seen: ObservedSeries | None = None
    used: int = 0
    places: int = 0

    def without_series(self) -> "AnalysisSummary":
        """The same for pages that draw nothing."""
        return replace(self, seen=None)


@dataclass(frozen=True)
class AnswerSize:
    """The estimate that answers a question, as numbers, for a drawing.

    ``matters`` is the smallest change that counts; an end that is not bounded is None.
    """

    estimate: float
    low: float | None
    high: float | None
    scale: str
    matters: float | None


@dataclass(frozen=True)
class AtTime:
    """The effect of an answer at one time after the change, in words; ``size`` is empty where ``says`` is why there is none."""

    months: int
    says: str
    size: str
    over: str


@dataclass(frozen=True)
class EvaluationSummary:
    """What an evaluation came to.

    Attributes
    ----------
    answer : str
        The id of the analysis that answers its question.
    newest : str
        The last month of its data; empty without a result.
    finding : list of str
        What its page says first, in sentences; none without a result.
    not_ruled_out : str
        As on its page.
    size : AnswerSize or None
    to_write_again : list of str
        That its record's finding is not true of its results any more.
    board : Board
        Its sheet, for the pack of all.
    lasting : str
        Whether the effect lasted, in a word of the rule; empty where it was asked at no time after the change.
    over_time : list of AtTime
        The effect at each of these times.
    """

    answer: str
    newest: str
    finding: list[str]
    not_ruled_out: str
    size: AnswerSize | None
    to_write_again: list[str]
    analyses: list[AnalysisSummary]
    board: Board
    lasting: str = ""
    over_time: list[AtTime] = field(default_factory=list)

    @property
    def primary(self) -> AnalysisSummary:
        """The analysis that answers the question."""
        return self.of(self.answer)

    def of(self, analysis: str) -> AnalysisSummary:
        """One analysis, by its id."""
        return next(summary for summary in self.analyses if summary.id == analysis)

    def to_plain(self) -> dict[str, Any]:
        """Plain values."""
        return _adapter().dump_python(self, mode="json")

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "EvaluationSummary":
        """What ``to_plain`` gave."""
        return _adapter().validate_python(plain)


@cache
def _adapter() -> TypeAdapter[EvaluationSummary]:
    return TypeAdapter(EvaluationSummary)


@dataclass(frozen=True)
class ResultRow:
    """An analysis in a table of results: its page, what stands below its title, whether its row stands out, its shape."""

    summary: AnalysisSummary
    page: str
    note: str
    headline: bool
    shape: str

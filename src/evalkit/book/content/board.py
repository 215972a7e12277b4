"""An evaluation on one sheet, as plain values: its page for boards, its sheet of the board pack, and its Word page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from evalkit.book.content import symbols
from evalkit.book.content.analysis_entry import AnalysisEntry, AnswerEntry
from evalkit.book.content.in_a_minute import InAMinute
from evalkit.catalogue.protocol_fingerprint import shown_fingerprint
from evalkit.catalogue.records.evaluations import Evaluation, RivalExplanation
from evalkit.catalogue.records.sites import Site
from evalkit.report.wording.records import EXPLAINS

REASONS_ON_ONE_PAGE = 5
RIVALS_ON_ONE_PAGE = 3
SITES_ON_ONE_PAGE = 3


@dataclass(frozen=True)
class Rival:
    """Another explanation: of which kind, how much it could explain, and why so much."""

    kind: str
    explains: str
    reason: str


@dataclass(frozen=True)
class InBrief:
    """What the head of the evaluation's page says, as plain values.

    Attributes
    ----------
    steps : list of (sentence, drawing)
        The figure as SVG, or those of the story with their sentences.
    key : str
        What the marks of the figure are, as HTML.
    """

    finding: list[str]
    facts: list[tuple[str, str, str]]
    not_ruled_out: str
    not_measured: str
    steps: list[tuple[str, str]]
    key: str

    def drawn(self, what: str, named: bool = True) -> list[tuple[str, Markup]]:
        """Sentences and drawings with words of their own, and where no table is to name them without their ids."""
        told = []
        for sentence, drawing in self.steps:
            own = drawing.replace('aria-label="', Markup('aria-label="{} ').format(what), 1)
            told.append((sentence, Markup(own if named else re.sub(r'<svg id="[^"]*"', "<svg", own))))
        return told


@dataclass(frozen=True)
class Board:
    """All that stands on the sheet, in words.

    Attributes
    ----------
    minute : InBrief or None
        None where the question has no result; ``sentence`` says why, and what follows it but for rivals is empty.
    certainty, missed, calibrated, reasons
        How sure, as `components.jinja` shows it.
    rivals : list of Rival
        The gravest.
    lasted : list of str
        Whether the effect lasted, in a word with how certain that is, and where to read more; nothing where it was asked at no horizon.
    asks : list of str
        Questions that the sheet does not answer.
    across : list of (id, title, words)
        The pooled results that draw on it and say something.
    sites : list of (id, name)
        None where there are too many to list.
    protocol, last, newest : str
        The first figures of its fingerprint; the last period of its figures, and of those of all its analyses.
    """

    id: str
    title: str
    question: str
    synthetic: bool
    minute: InBrief | None
    sentence: str
    headline: str
    certainty: str | None
    missed: str
    calibrated: list[str]
    reasons: list[str]
    rivals: list[Rival]
    decision: list[str]
    lasted: list[str]
    asks: list[str]
    across: list[tuple[str, str, str]]
    sites: list[tuple[str, str]]
    protocol: str
    last: str
    newest: str

    @property
    def cite_as(self) -> str:
        """How to cite the evaluation."""
        return f"{self.title}. evalkit, evaluation {self.id}, protocol {self.protocol}, data to {symbols.day(self.newest)}."


def board(
    evaluation: Evaluation,
    primary: AnalysisEntry,
    minute: InAMinute | None,
    sites: Sequence[Site],
    kinds: Mapping[str, str],
    across: list[tuple[str, str, str]],
    synthetic: bool,
    newest: str,
    lasted: list[str],
) -> Board:
    """The sheet of an evaluation.

    Parameters
    ----------
    kinds : the words for each kind of rival explanation
    newest : the last period of the figures of any of its analyses
    lasted : whether the effect lasted, in sentences
    """
    answer = primary if isinstance(primary, AnswerEntry) else None
    return Board(
        id=evaluation.id,
        title=evaluation.title,
        question=evaluation.question,
        synthetic=synthetic,
        minute=_in_brief(minute) if minute else None,
        sentence=primary.outcome.sentence,
        headline=f"{answer.headline} {answer.as_expected}" if answer else "",
        certainty=answer.certainty if answer else None,
        missed=answer.missed if answer else "",
        calibrated=answer.calibrated if answer else [],
        reasons=symbols.shortened(answer.reasons, REASONS_ON_ONE_PAGE) if answer else [],
        rivals=_rivals(evaluation, kinds),
        decision=answer.decision if answer else [],
        lasted=lasted,
        asks=_asks(evaluation, kinds) if answer else [],
        across=across,
        sites=[(site.id, site.name) for site in sites] if len(sites) <= SITES_ON_ONE_PAGE else [],
        protocol=shown_fingerprint(evaluation, sites),
        last=str(answer.effect.data["last"]) if answer else "",
        newest=newest,
    )


def _in_brief(minute: InAMinute) -> InBrief:
    steps = [(step.says, step.figure.drawing) for step in minute.story] or [("", minute.figures[0].drawing)]
    return InBrief(minute.finding, minute.facts, minute.not_ruled_out, minute.not_measured, steps, str(minute.key))


def _gravest(evaluation: Evaluation) -> list[tuple[RivalExplanation, str]]:
    """The gravest for the answer, in the order of the record; what does not touch it is left to its page."""
    graded = [
        (rival, EXPLAINS[grade])
        for grade in EXPLAINS
        for rival in evaluation.rival_explanations
        if rival.grade_counted(evaluation.primary.id) == grade
    ]
    return graded[:RIVALS_ON_ONE_PAGE]


def _rivals(evaluation: Evaluation, kinds: Mapping[str, str]) -> list[Rival]:
    told = []
    for rival, explains in _gravest(evaluation):
        grading = rival.grading_of(evaluation.primary.id)
        told.append(Rival(kinds[rival.kind], explains, grading.grade_reason if grading else ""))
    return told


def _asks(evaluation: Evaluation, kinds: Mapping[str, str]) -> list[str]:
    """What a board can ask about the change that this page does not answer."""
    asks = []
    gravest = _gravest(evaluation)[:1]
    if gravest:
        asks.append(f"What do we know of “{kinds[gravest[0][0].kind].lower()}” where we are?")
    if evaluation.not_measured:
        asks.append(f"What would tell us of {evaluation.not_measured}?")
    asks.append(
        "What did it cost, and what would it cost here?" if evaluation.cost is None else "What would it cost here?"
    )
    return asks

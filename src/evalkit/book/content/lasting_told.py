"""What pages say of whether an answer lasted: at each time after the change, and which other analyses go further."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.book.content.analysis_entry import AnalysisEntry, AnswerEntry, EstimatedEntry, beside_lasting
from evalkit.book.content.summaries import AtTime
from evalkit.effect import Effect
from evalkit.report.wording import lasting
from evalkit.report.wording.words import sentence_case


@dataclass(frozen=True)
class Further:
    """An analysis that goes further than the answer, the last month of its figures, and whether it is of another outcome."""

    id: str
    title: str
    to: str
    other_outcome: bool


def further(answer: AnswerEntry, entries: Sequence[EstimatedEntry]) -> list[Further]:
    """Those that have later figures than the answer, of the same start at the same places."""
    mine = answer.effect
    return [
        Further(
            entry.analysis.id,
            entry.analysis.title,
            lasting.stops_at(entry.effect),
            entry.effect.measure != mine.measure,
        )
        for entry in entries
        if (entry.effect.treated_units, entry.effect.interruptions) == (mine.treated_units, mine.interruptions)
        and entry.effect.data["last"] > mine.data["last"]
    ]


def on_a_sheet(primary: AnalysisEntry, entries: Sequence[AnalysisEntry], kinds: Mapping[str, str]) -> list[str]:
    """Whether the answer lasted, in sentences for a sheet that links no analysis; none where it was not asked.

    Parameters
    ----------
    kinds : the words for each kind of rival explanation
    """
    word = in_a_word(primary, kinds) if isinstance(primary, AnswerEntry) else ""
    if not isinstance(primary, AnswerEntry) or not word:
        return []
    found = further(primary, [entry for entry in entries if isinstance(entry, EstimatedEntry)])
    titles = "; ".join(
        f"“{one.title}”, {'of another outcome, ' if one.other_outcome else ''}which stops at {one.to}" for one in found
    )
    goes = "others go" if len(found) > 1 else "another goes"
    return [
        f"{sentence_case(word)}.",
        "The size at each time stands on the page of the evaluation.",
        *([f"There {goes} further: {titles}."] if found else []),
    ]


def in_a_word(answer: AnswerEntry, kinds: Mapping[str, str]) -> str:
    """Whether it lasted in a word, with its certainty and what could explain all of it; empty where it was not asked.

    Parameters
    ----------
    kinds : the words for each kind of rival explanation
    """
    if answer.judged is None or not answer.is_estimated:
        return ""
    return lasting.in_a_word(answer.effect, beside_lasting(answer.plan, answer.effect, answer.judged, kinds))


def at_each_time(effect: Effect) -> list[AtTime]:
    """The effect at each time after the change."""
    return [
        AtTime(int(at.row["horizon"]), f"no figure: {at.missing}", "", at.over)
        if at.missing
        else AtTime(int(at.row["horizon"]), lasting.direction(at.row), lasting.with_interval(at.row), at.over)
        for at in lasting.at_horizons(effect)
    ]

"""What a page says first: the author's finding where every result still says so, or else a sentence from the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.book.content.analysis_entry import AnalysisEntry, AnswerEntry, EstimatedEntry
from evalkit.book.content.page_figures import PageFigure, page_figure_of
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.findings import FindingSentence, parts
from evalkit.report.figures import describe, page_figure
from evalkit.report.wording import counted, finding, words

STORY_HEIGHT = 112

NO_RESULT = "no result"


@dataclass(frozen=True)
class StoryFigure:
    """One of several figures on one scale, with its sentence."""

    says: str
    figure: PageFigure


def sentences(evaluation: Evaluation, entries: Mapping[str, AnalysisEntry]) -> list[str]:
    """The finding in one or two plain sentences; none where the question has no result."""
    primary = entries[evaluation.primary.id]
    if not isinstance(primary, AnswerEntry):
        return []
    if evaluation.finding and not untrue(evaluation.finding, entries):
        return [_filled(sentence, entries) for sentence in evaluation.finding]
    if not primary.is_estimated:
        name, place = primary.measure.plain_name, primary.place
        return [counted.headline(primary.effect, name, place), counted.before_and_after(primary.effect)]
    told = finding.what_it_did(primary.effect, primary.judged, primary.standing)
    return [f"{words.sentence_case(primary.measure.plain_name)} at {primary.place} {told}."]


def story(evaluation: Evaluation, entries: Mapping[str, AnalysisEntry]) -> list[StoryFigure]:
    """The figures of a story, all on one scale; none where one of its sentences would not be true."""
    if not evaluation.story or untrue(evaluation.story, entries):
        return []
    drawn = [entries[step.draws] for step in evaluation.story]
    figures = [
        describe.main_figure(entry.effect, entry.measure.plain_name, entry.place)
        for entry in drawn
        if isinstance(entry, EstimatedEntry)
    ]
    if len(figures) < len(drawn):
        return []
    scale = page_figure.scale_of(figures)
    return [
        StoryFigure(_filled(step, entries), page_figure_of(figure, step.draws, scale, STORY_HEIGHT))
        for step, figure in zip(evaluation.story, figures, strict=True)
    ]


def to_be_written_again(evaluation: Evaluation, entries: Mapping[str, AnalysisEntry]) -> list[str]:
    """What to tell those who keep the record, where its finding or story is not shown as a result says otherwise."""
    told = []
    for field, rested in (("finding", evaluation.finding), ("story", evaluation.story)):
        for analysis, expected, came in untrue(rested, entries):
            if came == NO_RESULT:  # which is told where it is run
                continue
            told.append(
                f"data/evaluations/{evaluation.id}.yml: `{field}` is not shown, as it says {_in_words(expected)} of"
                f" {analysis}, whose result is {_in_words(came)}: write it again."
            )
    return told


def _in_words(came: str) -> str:
    return came.replace("_", " ")


def untrue(rested: Sequence[FindingSentence], entries: Mapping[str, AnalysisEntry]) -> list[tuple[str, str, str]]:
    """Analysis, what a sentence says it came to, and what it came to, wherever the two differ."""
    wrong = []
    for sentence in rested:
        for analysis, expected in sentence.rests_on.items():
            came = _came_to(entries[analysis])
            if came != expected:
                wrong.append((analysis, expected, came))
    return wrong


def _came_to(entry: AnalysisEntry) -> str:
    if not isinstance(entry, EstimatedEntry):
        return NO_RESULT
    return finding.came_to(entry.effect, entry.judged, entry.standing)


def _filled(sentence: FindingSentence, entries: Mapping[str, AnalysisEntry]) -> str:
    told = []
    for part in parts(sentence.says):
        if isinstance(part, str):
            told.append(part)
            continue
        entry = entries[part.analysis]
        assert isinstance(entry, EstimatedEntry)  # or it would be untrue
        told.append(finding.filled(part.asked, entry.effect, entry.judged, entry.standing))
    return " ".join("".join(told).split())

"""The head of an evaluation's page: finding, figure, four facts of equal weight, and what is not ruled out."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from evalkit.book.content import findings
from evalkit.book.content.analysis_entry import AnalysisEntry, AnswerEntry, EstimatedEntry
from evalkit.book.content.findings import StoryFigure
from evalkit.book.content.page_figures import PageFigure
from evalkit.book.content.rates import AlarmsBeside
from evalkit.book.content.symbols import certainty_symbol, day
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.report.wording import counted, words
from evalkit.verdict import UNDECIDED, agreement

RIVALS_NAMED = 3
SHARES = {"all": "could explain all of it", "part": "could explain a part"}


@dataclass(frozen=True)
class InAMinute:
    """What the first screen says.

    Attributes
    ----------
    figures : list of PageFigure
        The answer's, or those of the story.
    key : Markup
        What the figure counts, with its unit, and what its marks are.
    facts : list of (label, words, shape)
        Size, certainty, comparison and dates.
    measured : str
        How often such a page would claim a change where there was none.
    not_measured : str
        What a reader may take to be counted and is not; and that no figure of its cost was found, where none was.
    """

    finding: list[str]
    story: list[StoryFigure]
    figures: list[PageFigure]
    key: Markup
    facts: list[tuple[str, str, str]]
    not_ruled_out: str
    measured: str
    not_measured: str


def in_a_minute(
    evaluation: Evaluation, entries: Mapping[str, AnalysisEntry], kinds: Mapping[str, str], beside: AlarmsBeside
) -> InAMinute | None:
    """The head of a page; None where the question has no result.

    Parameters
    ----------
    kinds : the words for each kind of rival explanation
    """
    primary = entries[evaluation.primary.id]
    if not isinstance(primary, AnswerEntry):
        return None
    effect = primary.effect
    story = findings.story(evaluation, entries)
    unit = words.sentence_case(effect.measure_unit)
    if primary.measure.adds_up_to and effect.measure_unit == primary.measure.unit:
        unit += f" a {words.period_noun(effect)}"
    if story and words.is_mean(effect):
        unit += ", mean of the places"
    elif words.is_mean(effect):
        unit += f", mean of {len(effect.treated_units)} places"
    unit += words.rounding(effect)
    figures = [step.figure for step in story] or [primary.figure]
    return InAMinute(
        findings.sentences(evaluation, entries),
        story,
        figures,
        figures[0].key(unit),
        _facts(evaluation, primary, max((_last(entries[step.figure.file]) for step in story), default="")),
        _not_ruled_out(evaluation, primary, kinds),
        _measured(beside, primary),
        _not_measured(evaluation),
    )


def _last(entry: AnalysisEntry) -> str:
    return str(entry.effect.data["last"]) if isinstance(entry, EstimatedEntry) else ""


def _facts(evaluation: Evaluation, primary: AnswerEntry, later: str) -> list[tuple[str, str, str]]:
    """Four; ``later`` is the last period of what the story draws, empty without one."""
    rests_on = {id for sentence in evaluation.finding for id in sentence.rests_on}
    of_what = f", {primary.measure.plain_name}" if evaluation.story and rests_on != {primary.analysis.id} else ""
    size = (
        f"{primary.estimate}{' points' if primary.points else ''} ({primary.interval}){of_what}"
        if primary.is_estimated
        else f"{counted.how_many(primary.effect)}{of_what}"
    )
    compared = (
        f"{primary.used} other place{'s' if primary.used != 1 else ''}"
        if primary.used
        else "The time before, at the same place"
        if primary.is_estimated
        else "Nothing: the figures before and after stand side by side"
    )
    starts = sorted(set(primary.effect.interruptions))
    when = day(starts[0]) if len(starts) == 1 else f"{len(starts)} starts from {day(starts[0])}"
    if evaluation.intervention.end:
        when += f" to {day(evaluation.intervention.end)}"
    last = str(primary.effect.data["last"])
    figures = f"figures to {day(last)}"
    if later and later > last:
        figures += f", of later places to {day(later)}"
    return [
        (primary.verdict or "", size, ""),
        ("How sure", _how_sure(primary), certainty_symbol(primary.certainty)),
        ("Compared with", compared, ""),
        ("When", f"{when}; {figures}", ""),
    ]


def _how_sure(primary: AnswerEntry) -> str:
    """Its certainty, or what could have been missed; how many other choices agree, and which check did not pass."""
    if not primary.is_estimated:
        return counted.NOT_CERTAIN.rstrip(".")
    told = [words.sentence_case(primary.certainty or primary.missed_in_short or primary.missed)]
    verdict = primary.judged
    if verdict is not None:
        row = words.headline_row(primary.effect, verdict)
        agreed = agreement(primary.effect, primary.measure, verdict, float(row["estimate"]))
        alike = agreed.count - len(agreed.others)
        if agreed.count and primary.certainty:
            told.append(f"{alike} of {agreed.count} other choices agree")
        elif agreed.count and verdict.word in UNDECIDED:
            moved = "fall" if row["estimate"] < 0 else "rise"
            told.append(
                f"{alike or 'none'} of {agreed.count} other choices find{'s' if alike < 2 else ''} a clear {moved}"
            )
    failed = [check.name for check in primary.checks if check.passed is False]
    if failed:
        told.append(f"did not pass: {failed[0].lower()}" if len(failed) == 1 else f"{len(failed)} checks did not pass")
    return "; ".join(told)


def _not_ruled_out(evaluation: Evaluation, primary: AnswerEntry, kinds: Mapping[str, str]) -> str:
    """The sizes that would fit where nothing was decided; else what could explain it, the gravest first."""
    if not primary.is_estimated:
        return "any change, or none at all"
    if primary.word in UNDECIDED:
        row = primary.effect.headline
        spread = words.interval(row["low"], row["high"], row["scale"])
        return spread if spread.startswith("from") else f"from {spread}"
    told, left = [], RIVALS_NAMED
    named: set[str] = set()
    for grade, explains in SHARES.items():
        kinds_of_grade = []
        for rival in evaluation.rival_explanations:
            if rival.grade_counted(primary.analysis.id) == grade and rival.kind not in named:
                named.add(rival.kind)
                kinds_of_grade.append(kinds[rival.kind].lower())
        shown, left = kinds_of_grade[:left], left - len(kinds_of_grade)
        if shown:
            told.append(f"{', '.join(shown)} ({explains})")
    return "; ".join(told + ([f"and {-left} more"] if left < 0 else []))


def _not_measured(evaluation: Evaluation) -> str:
    cost = "No figure of what the change cost was found" if evaluation.cost is None else f"Cost: {evaluation.cost.says}"
    told = f"Not measured here: {evaluation.not_measured}. " if evaluation.not_measured else ""
    return f"{told}{cost}."


def _measured(beside: AlarmsBeside, primary: AnswerEntry) -> str:
    if not primary.is_estimated:
        return counted.NO_FALSE_ALARM
    design = "controlled" if primary.used else "alone"
    claimed = [rate.claimed for rate in beside.alarms if rate.design == design]
    claimed = claimed or [rate.claimed for rate in beside.difference_alarms]
    claimed = claimed or [rate.claimed for rate in beside.of_nation if rate.counted]
    if not claimed:
        return "How often a page like this claims a change where there was none has not been measured for this measure."
    low, high = (f"{100 * end:.1f}" for end in (min(claimed), max(claimed)))
    share = f"{low}%" if low == high else f"{low} to {high}%"
    return f"Tried on real places where nothing was known to have changed, a page like this claimed a change {share} of the time."

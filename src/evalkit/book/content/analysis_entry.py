"""What one analysis comes to, in words ready for a template; numbers as text, made from its Effect."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from evalkit.book.content import certainty_words
from evalkit.book.content.page_figures import PageFigure, page_figure_of
from evalkit.book.content.rates import MeasuredRates, has_placebos
from evalkit.catalogue.records.evaluations import Analysis, Evaluation
from evalkit.catalogue.records.measures import Measure
from evalkit.design_register import design_called
from evalkit.effect import Check, Effect
from evalkit.report import eight_steps, tables
from evalkit.report.figures import describe, event_study
from evalkit.report.wording import beside, captions, counted, lasting, over_time, plain_answer, records, words
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import Outcome
from evalkit.standing import Standing
from evalkit.verdict import Verdict, disagreeing

NO_SIZE = {"estimate": counted.NOT_ESTIMATED, "interval": "", "points": False}


@dataclass(frozen=True, kw_only=True)
class AnalysisEntry:
    """An analysis, whatever became of it.

    Attributes
    ----------
    place : str
        The name of the place that it is about.
    role, expected : str
        In words.
    """

    plan: Plan
    outcome: Outcome
    measure: Measure
    place: str
    role: str
    expected: str
    used: int = 0
    done: bool = False

    @property
    def analysis(self) -> Analysis:
        """Its record."""
        return self.plan.analysis

    @property
    def is_estimated(self) -> bool:
        """Whether it has an estimate of a change."""
        return False


@dataclass(frozen=True, kw_only=True)
class EstimatedEntry(AnalysisEntry):
    """An analysis that has a result: its estimate, if it is not only described, and what may be said of it beside the others.

    Attributes
    ----------
    used : int
        How many places it was compared with.
    estimate, interval : str
        Of what is only described, that nothing was estimated, and nothing.
    note, says, in_family : str
        How much it may say; its direction in a table; the interval that allows for all that also looked.
    """

    effect: Effect
    result: dict[str, Any]
    standing: Standing
    estimate: str
    interval: str
    points: bool
    note: str
    says: str
    in_family: str
    headline: str
    verdict: str | None = None
    certainty: str | None = None
    done: bool = True

    @property
    def is_estimated(self) -> bool:
        """Whether it has an estimate; else it only describes what was counted."""
        return self.effect.is_estimated

    @property
    def judged(self) -> Verdict | None:
        """Its verdict, where it answers the question."""
        return self.outcome.result.verdict if self.outcome.result is not None else None


@dataclass(frozen=True)
class Differences:
    """What a difference-in-differences has that other designs have not; tables are HTML, with headings."""

    period: str
    glossary: str
    estimates: str
    eight: list[tuple[str, list[str]]]
    unbounded: str | None
    forbidden: str | None
    weighted: str | None
    tables: list[tuple[str, str]]
    figure: PageFigure | None
    caption: str


@dataclass(frozen=True, kw_only=True)
class AnswerEntry(EstimatedEntry):
    """The analysis that answers the question: verdict, certainty, and all that its page shows; tables are HTML.

    Attributes
    ----------
    lasted : list of str
        Whether the effect lasted, and which horizons have no figure; nothing where it was asked at none.
    """

    word: str
    reasons: list[str]
    decision: list[str]
    as_expected: str
    important: str
    detectable: str
    missed: str
    missed_in_short: str
    calibrated: list[str]
    overstated: str
    figure: PageFigure
    caption: str
    others: PageFigure | None
    others_title: str
    others_caption: str
    follow_up: str
    lasted: list[str]
    names: dict[str, str]
    checks: list[Check]
    method: str
    over_time: list[tuple[str, str]]
    notes: list[str]
    differences: Differences | None

    @property
    def period(self) -> str:
        """What one period of its series is, such as a month."""
        return words.period_noun(self.effect)


def analysis_entry(
    plan: Plan,
    outcome: Outcome,
    measure: Measure,
    place: str,
    names: Mapping[str, str],
    rates: MeasuredRates,
    kinds: Mapping[str, str],
) -> AnalysisEntry:
    """What templates need of one analysis.

    Parameters
    ----------
    names : of every label of a place that its parameters name
    kinds : the words for each kind of rival explanation
    """
    analysis = plan.analysis
    entry: dict[str, Any] = {
        "plan": plan,
        "outcome": outcome,
        "measure": measure,
        "place": place,
        "role": records.ADDED if analysis.added else records.ROLES[analysis.role],
        "expected": records.EXPECTED[analysis.expected].listed,
    }
    result = outcome.result
    if result is None:
        return AnalysisEntry(**entry)
    effect, standing, verdict = result.effect, result.standing, result.verdict
    entry |= {"effect": effect, "result": result.plain, "standing": standing, "used": effect.comparators_used}
    entry |= {"note": beside.note(standing, effect), "in_family": beside.in_family(standing, effect)}
    if verdict is None:
        return EstimatedEntry(
            **entry,
            **(_size(effect.headline) if effect.is_estimated else NO_SIZE),
            says=beside.says(standing, effect),
            headline=beside.headline(effect, standing, measure.plain_name, place),
        )
    members = effect.tables["members"]["unit"] if "members" in effect.tables else ()
    named = {label: names[label] for label in (*effect.treated_units, *members) if label in names}
    if not effect.is_estimated:
        return _described(entry, effect, verdict, measure, place, named)
    headline = words.headline(effect, verdict, measure.plain_name, place)
    answer = _answer(plan, effect, verdict, measure, place, named, rates, kinds)
    differences = None
    if design_called(effect.design).in_eight_steps:
        differences = _differences(plan.evaluation, effect, verdict, measure, place, headline, named)
    return AnswerEntry(
        **entry, **_size(words.headline_row(effect, verdict)), **answer, headline=headline, differences=differences
    )


def _described(
    entry: Mapping[str, Any], effect: Effect, verdict: Verdict, measure: Measure, place: str, names: Mapping[str, str]
) -> AnswerEntry:
    """What there is of an answer that estimates nothing: the points, and why they are all."""
    evaluation = entry["plan"].evaluation
    figure = describe.main_figure(effect, measure.plain_name, place)
    return AnswerEntry(
        **entry,
        **NO_SIZE,
        word=verdict.word,
        verdict=words.VERDICT_WORDS[verdict.word],
        says=words.VERDICT_WORDS[verdict.word],
        headline=f"{counted.headline(effect, measure.plain_name, place)} {counted.before_and_after(effect)}",
        reasons=[],
        decision=plain_answer.decision(verdict),
        as_expected=counted.expected(entry["plan"].analysis.expected),
        important="",
        detectable="",
        missed=counted.NOT_CERTAIN,
        missed_in_short="",
        calibrated=[],
        overstated="",
        figure=page_figure_of(figure, entry["plan"].analysis.id),
        caption=counted.caption(effect),
        others=None,
        others_title="",
        others_caption="",
        follow_up="",
        lasted=[],
        names=dict(names),
        checks=[replace(check, detail=words.with_names(check.detail, names)) for check in effect.checks],
        method=effect.method_of_interval,
        over_time=over_time.facts(effect, verdict, measure.adds_up_to or "", evaluation.intervention.end),
        notes=[words.with_names(note, names) for note in effect.notes],
        differences=None,
    )


def _size(row) -> dict[str, Any]:
    """Estimate and interval of a row of estimates."""
    return {
        "estimate": words.signed(row["estimate"], row["scale"]),
        "interval": words.both_ends(row["low"], row["high"], row["scale"]),
        "points": row["scale"] == "points",
    }


def _answer(
    plan: Plan,
    effect: Effect,
    verdict: Verdict,
    measure: Measure,
    place: str,
    names: Mapping[str, str],
    rates: MeasuredRates,
    kinds: Mapping[str, str],
) -> dict[str, Any]:
    """What the answer to the question has besides."""
    others = describe.comparators(effect, measure.plain_name, place, names) if has_placebos(effect) else None
    looks = tables.follow_up(effect)
    evaluation = plan.evaluation
    return {
        "word": verdict.word,
        "verdict": words.VERDICT_WORDS[verdict.word],
        "certainty": verdict.certainty,
        "says": words.VERDICT_WORDS[verdict.word],
        "reasons": [words.with_names(reason, names) for reason in verdict.reasons],
        "decision": plain_answer.decision(verdict),
        "as_expected": words.expected(effect, verdict, plan.analysis.expected),
        "important": words.important(verdict),
        "detectable": words.detectable_sentence(effect),
        "missed": words.missed(effect),
        "missed_in_short": words.missed_in_short(effect),
        "calibrated": certainty_words.line(
            rates.of_words,
            design_called(effect.design),
            measure,
            verdict.certainty,
            evaluation.protocol.left_out_by_figures > 0,
        ),
        "overstated": words.overstatement(effect, verdict),
        "figure": page_figure_of(describe.time_series(effect, measure.plain_name, place), plan.analysis.id),
        "caption": captions.figure_caption(effect),
        "others": page_figure_of(others, f"{plan.analysis.id}-comparators") if others else None,
        "others_title": captions.placebo_title(effect) if others else "",
        "others_caption": captions.placebo_caption(effect) if others else "",
        "follow_up": "" if looks.empty else tables.as_html(looks, "The answer with the figures of each look"),
        "lasted": lasting.sentences(effect, beside_lasting(plan, effect, verdict, kinds)),
        "names": dict(names),
        "checks": [replace(check, detail=words.with_names(check.detail, names)) for check in effect.checks],
        "method": effect.method_of_interval,
        "over_time": over_time.facts(effect, verdict, measure.adds_up_to or "", evaluation.intervention.end),
        "notes": [words.with_names(note, names) for note in effect.notes],
    }


def beside_lasting(plan: Plan, effect: Effect, verdict: Verdict, kinds: Mapping[str, str]) -> lasting.BesideIt:
    """What its record and its verdict say of whether it lasted."""
    evaluation = plan.evaluation
    rivals = tuple(
        kinds[rival.kind] for rival in evaluation.rival_explanations if rival.grade_counted(plan.analysis.id) == "all"
    )
    answer = words.headline_row(effect, verdict)
    return lasting.BesideIt(verdict.certainty, rivals, answer, evaluation.stops_because or "")


def _differences(
    evaluation: Evaluation,
    effect: Effect,
    verdict: Verdict,
    measure: Measure,
    place: str,
    headline: str,
    names: Mapping[str, str],
) -> Differences:
    period = words.period_noun(effect)
    gaps, extra = describe.event_study(effect, measure.plain_name, place), []
    if "decomposition" in effect.tables:
        table = tables.as_html(tables.decomposition(effect), "What a plain regression would average")
        extra.append(("What a plain regression would have averaged", table))
    if "weights" in effect.tables:
        table = tables.as_html(tables.weights(effect, names), "Comparators and periods, with what each counts for")
        extra.append(("Who counts, and how much", table))
    return Differences(
        period,
        captions.glossary(effect),
        tables.as_html(tables.estimates(effect, names), "The effect in full"),
        eight_steps.eight(effect, verdict, evaluation, headline, disagreeing(effect, measure, verdict), names),
        captions.unbounded(effect),
        captions.forbidden(effect) if len(effect.interruptions) > 1 else None,
        captions.weighted(effect) if "weights" in effect.tables else None,
        extra,
        page_figure_of(gaps, f"{evaluation.primary.id}-event-study") if gaps else None,
        event_study.caption(effect) if gaps else "",
    )

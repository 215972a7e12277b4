"""Small pieces that several pages share: what one analysis comes to, in words ready for a template."""

import hashlib
import re
from datetime import date
from typing import Any

from evalkit.book.content import certainty_words
from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.evaluations import Evaluation, IndependentResult
from evalkit.catalogue.records.false_alarms import (
    DifferenceAlarms,
    FalseAlarms,
    read_difference_alarms,
    read_false_alarms,
    read_words_given,
)
from evalkit.catalogue.records.fields import Source
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.sites import Site
from evalkit.certainty import CERTAINTIES
from evalkit.design_register import design_called
from evalkit.effect import FEW_UNITS, Effect, as_percent
from evalkit.report import eight_steps, tables
from evalkit.report.figures import event_study, numbers_beside
from evalkit.report.wording import beside, captions, over_time, plain_answer, words
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import Outcome
from evalkit.verdict import disagreeing

ROLES = {
    "primary": "answers the question",
    "secondary": "also looked at",
    "negative_control": "should not have moved",
    "spill_over": "a neighbour",
    "recording_check": "a check of recording",
}
INDEPENDENCE = {
    "own": "Evaluated by those who run the service or wrote the evaluation",
    "peer_reviewed": "Peer reviewed",
    "independent": "Independent",
}
NO_RESULT_YET = "interrupted-time-series"  # the page of methods for an analysis that has none
FIRST_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def analysis_entry(catalogue: Catalogue, plan: Plan, outcome: Outcome) -> dict[str, Any]:
    """What templates need of one analysis; numbers as text, made from its Effect."""
    measure = catalogue.measures[plan.parameters["measure"]]
    place = catalogue.place(plan.parameters["site"])
    context = {
        "plan": plan,
        "analysis": plan.analysis,
        "outcome": outcome,
        "measure": measure,
        "place": place,
        "role": "added later" if plan.analysis.added else ROLES[plan.analysis.role],
        "expected": {"increase": "a rise", "decrease": "a fall", "no_change": "no change", "unclear": "unclear"}[plan.analysis.expected],
        "done": outcome.status == "done",
        "used": 0,
    }  # fmt: skip
    if outcome.effect is None:
        return context
    effect, standing = outcome.effect, outcome.standing
    scale = effect.headline["scale"]
    members = effect.tables["members"]["unit"] if "members" in effect.tables else ()
    names = catalogue.names([*effect.treated_units, *members])
    context |= {
        "estimate": words.signed(effect.headline["estimate"], scale),
        "interval": words.both_ends(effect.headline["low"], effect.headline["high"], scale),
        "points": scale == "points",
        "result": outcome.result,
        "used": effect.comparators_used,
        "standing": standing,
        "verdict": None,
        "certainty": None,
        "note": beside.note(standing),
        "says": beside.says(standing),
        "in_family": beside.in_family(standing, scale),
        "headline": beside.headline(effect, standing, measure.plain_name, place),
    }
    if outcome.verdict is not None:
        context |= _answer(catalogue, plan, outcome, names)
    return context


def _answer(catalogue: Catalogue, plan: Plan, outcome: Outcome, names: dict[str, str]) -> dict[str, Any]:
    """What an analysis that answers the question has besides."""
    measure = catalogue.measures[plan.parameters["measure"]]
    place = catalogue.place(plan.parameters["site"])
    effect, verdict = outcome.effect, outcome.verdict
    row = words.headline_row(effect, verdict)
    context = {
        "verdict": words.VERDICT_WORDS[verdict.word],
        "certainty": verdict.certainty,
        "says": words.VERDICT_WORDS[verdict.word],
        "reasons": [words.with_names(reason, names) for reason in verdict.reasons],
        "headline": words.headline(effect, verdict, measure.plain_name, place),
        "plain": plain_answer.short_answer(effect, verdict, measure.plain_name),
        "decision": plain_answer.decision(verdict),
        "estimate": words.signed(row["estimate"], row["scale"]),
        "interval": words.both_ends(row["low"], row["high"], row["scale"]),
        "points": row["scale"] == "points",
        "as_expected": words.expected(effect, verdict, plan.analysis.expected),
        "important": important(verdict, row["scale"]),
        "detectable": words.detectable_sentence(effect),
        "missed": words.missed(effect),
        "missed_in_short": words.missed_in_short(effect),
        "calibrated": certainty_words.line(
            read_words_given(catalogue.root),
            design_called(effect.design),
            measure,
            verdict.certainty,
            plan.evaluation.protocol.left_out_by_figures > 0,
        ),
        "overstated": words.overstatement(effect, verdict),
        "figure_title": words.figure_title(effect, measure.plain_name),
        "alt": words.alt_text(effect, measure.plain_name, place),
        "caption": captions.figure_caption(effect),
        "placebo_title": captions.placebo_title(effect) if _has_placebos(effect) else None,
        "placebo_caption": captions.placebo_caption(effect) if _has_placebos(effect) else None,
        "placebo_alt": captions.placebo_alt_text(effect, place, measure.plain_name) if _has_placebos(effect) else None,
        "placebo_numbers": numbers_beside.placebo(effect) if _has_placebos(effect) else None,
        "follow_up": _follow_up(effect),
        "robustness": tables.as_html(tables.robustness(effect, names), "The same question asked in other ways"),
        "checks": tables.as_html(tables.checks(effect, names), "Checks", "ek-checks"),
        "series": tables.as_html(tables.series(effect), f"The figure's numbers, in {effect.measure_unit}"),
        "method": effect.method_of_interval,
        "over_time": over_time.facts(effect, verdict, measure.adds_up_to or "", plan.evaluation.intervention.end),
        "notes": [words.with_names(note, names) for note in effect.notes],
        "differences": None,
    }
    if design_called(effect.design).in_eight_steps:
        context["differences"] = _differences(catalogue, plan, outcome, context["headline"], names)
    return context


def _follow_up(effect: Effect) -> str:
    looks = tables.follow_up(effect)
    return "" if looks.empty else tables.as_html(looks, "The answer with the figures of each look")


def _has_placebos(effect: Effect) -> bool:
    return len(effect.tables.get("placebo", ())) > 1


def _differences(catalogue: Catalogue, plan: Plan, outcome: Outcome, headline: str, names: dict[str, str]) -> dict:
    """What a difference-in-differences has that other designs have not."""
    effect, verdict = outcome.effect, outcome.verdict
    measure = catalogue.measures[plan.parameters["measure"]]
    place, name = catalogue.place(plan.parameters["site"]), measure.plain_name
    period = words.period_noun(effect)
    context = {
        "period": period,
        "glossary": captions.glossary(effect),
        "estimates": tables.as_html(tables.estimates(effect, names), "The effect in full"),
        "eight": eight_steps.eight(
            effect, verdict, plan.evaluation, headline, disagreeing(effect, measure, verdict), names
        ),
        "unbounded": captions.unbounded(effect),
        "forbidden": captions.forbidden(effect) if len(effect.interruptions) > 1 else None,
        "weighted": captions.weighted(effect) if "weights" in effect.tables else None,
        "tables": [],
        "figure": None,
    }
    if not event_study.rows(effect).empty:
        context["figure"] = {
            "title": event_study.title(effect, name),
            "alt": event_study.alt_text(effect, name, place),
            "caption": event_study.caption(effect),
            "numbers": tables.as_html(event_study.table(effect), f"The gap to comparators, {period} by {period}"),
        }
    if "decomposition" in effect.tables:
        table = tables.as_html(tables.decomposition(effect), "What a plain regression would average")
        context["tables"].append(("What a plain regression would have averaged", table))
    if "weights" in effect.tables:
        table = tables.as_html(tables.weights(effect, names), "Comparators and periods, with what each counts for")
        context["tables"].append(("Who counts, and how much", table))
    return context


def named_starts(catalogue: Catalogue, evaluation: Evaluation) -> list[tuple[str, date]]:
    """Name and date of each place that began on its own date, in alphabetical order; nothing where there is one date."""
    places = [(catalogue.place(site), when) for site, when in evaluation.intervention.starts.items()]
    return sorted(places, key=lambda place: place[0].casefold())


def important(verdict, scale: str) -> str:
    """Which change counts as important, as a sentence."""
    if verdict.minimum_important_change is None:
        return "No smallest important change was set, so only the direction is judged."
    return f"A change of {words.size(verdict.minimum_important_change, scale)} or more counts as important here."


def rates(catalogue: Catalogue, false_alarms: list[FalseAlarms]) -> list[dict[str, Any]]:
    """False-alarm rates by measure and window, the designs side by side."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for rate in false_alarms:
        measure = catalogue.measures[rate.measure]
        empty = {"measure": measure.name, "rate": rate, "step": _step_of(measure, rate.step), "by": {}}
        rows.setdefault((rate.measure, rate.first), empty)["by"][rate.design] = rate
    return list(rows.values())


def alarms(catalogue: Catalogue, primary: dict[str, Any]) -> dict[str, Any]:
    """Rates of the primary's measure, for its design: of the nearest number treated, in a difference-in-differences.

    Where nothing was measured, ``unmeasured`` is the page of the method, for the sentence that says so.
    """
    effect, measure = primary["outcome"].effect, primary["measure"].id
    design = None if effect is None else design_called(effect.design)
    series, differences = [], []
    if design is None or design.false_alarms == "series":
        # A rate was measured for one series alone, and by rank among comparators.
        of_series = [rate for rate in read_false_alarms(catalogue.root) if rate.design in ("alone", "controlled")]
        series = [rate for rate in of_series if rate.measure == measure]
    elif design.false_alarms == "differences":
        differences = _rates_of_differences(catalogue, effect, measure)
    page = design.methods_page if design else NO_RESULT_YET

    return {
        "alarms": series,
        "difference_alarms": differences,
        "unmeasured": None if series or differences else page,
    }


def published(result: IndependentResult) -> str:
    """What somebody else found, in the digits they gave, with true minus signs."""
    estimate, low, high = (
        None if value is None else f"{value:+g}".replace("-", "−")
        for value in (result.estimate, result.low, result.high)
    )
    interval = "" if low is None or high is None else f" (95% interval {low} to {high})"
    unit = {"percent": "%", "points": " points"}.get(result.scale, "")
    return f"{estimate}{unit}{interval}"


def _rates_of_differences(catalogue: Catalogue, effect: Effect, measure: str) -> list[DifferenceAlarms]:
    """Those of the nearest number treated; weighted comparators and clustered errors have others, not measured."""
    tried = "by rank, several starts" if len(effect.interruptions) > 1 else "by rank, one start"
    rates = [
        rate for rate in read_difference_alarms(catalogue.root) if rate.measure == measure and rate.design == tried
    ]
    if "weights" in effect.tables or not _has_placebos(effect):
        return []
    treated = len(effect.treated_units)
    nearest = min((abs(rate.treated - treated) for rate in rates), default=0)
    return [rate for rate in rates if abs(rate.treated - treated) == nearest]


def difference_rates(catalogue: Catalogue, false_alarms: list[DifferenceAlarms]) -> list[dict[str, Any]]:
    """False-alarm rates of the difference-in-differences by measure, window and number treated, designs side by side."""
    rows: dict[tuple, dict[str, Any]] = {}
    for rate in false_alarms:
        pooled = rate.design.startswith("pooled")
        measure = catalogue.measures[rate.measure]
        empty = {
            "measure": measure.name, "first": rate.first, "last": rate.last, "treated": rate.treated,
            "units": rate.units, "step": _step_of(measure, rate.step), "pooled": pooled,
            "few": rate.treated < FEW_UNITS, "by": {},
        }  # fmt: skip
        rows.setdefault((rate.measure, rate.first, rate.treated, pooled), empty)["by"][rate.design] = rate
    return list(rows.values())


def _step_of(measure: Measure, step: float) -> str:
    return words.size(as_percent(step), "percent") if measure.form == "count" else words.size(step, "points")


def protocol_sha256(evaluation: Evaluation) -> str:
    """A fingerprint of what was fixed: the protocol and every planned analysis."""
    protocol = evaluation.protocol.model_dump_json() + "".join(
        analysis.model_dump_json() for analysis in evaluation.analyses
    )
    return hashlib.sha256(protocol.encode()).hexdigest()


def shortened(reasons: list[str], most: int) -> list[str]:
    """The first sentence of each of the first reasons, for a page that has to stay one page.

    The first says where certainty started.
    """
    return [FIRST_SENTENCE.split(reason)[0] for reason in reasons[:most]]


KNOWN = {
    "before_data": "fixed before the data existed",
    "not_looked_at": "when the data existed and nobody here had looked at the outcome",
    "already_seen": "when the outcome had already been seen",
}


def known(status: str) -> str:
    """What was known when a protocol was written, for the sentence that begins with "Written"."""
    return KNOWN[status]


def verdict_symbol(verdict: str | None, estimate: str, direction: str | None = None) -> str:
    """A verdict as a shape beside its word: filled is a change that matters, open a small one, a circle is unclear.

    Of an analysis that has no verdict, only its direction: an arrow.
    """
    if direction is not None:
        return {"rise": "↑", "fall": "↓", "unclear": "○"}[direction]
    if verdict is None or verdict == "not_evaluable":
        return "–"
    if verdict in ("inconclusive", "unclear"):
        return "○"
    if verdict == "no_important_change":
        return "="
    rose = not estimate.startswith("−")
    return ("△" if rose else "▽") if verdict.startswith("slightly") else ("▲" if rose else "▼")


def certainty_symbol(certainty: str | None) -> str:
    """Certainty as a shape beside its word: one to four squares."""
    if certainty is None:
        return ""
    filled = CERTAINTIES.index(certainty) + 1
    return "■" * filled + "□" * (4 - filled)


def sources(evaluation: Evaluation, sites: list[Site]) -> list[Source]:
    """Every source of an evaluation, each once."""
    cited = [*evaluation.intervention.sources, *(result.source for result in evaluation.independent_results)]
    cited += [source for site in sites for source in site.sources]
    return list({(source.title, source.where): source for source in cited}.values())


def day(when: date | str) -> str:
    """``4 July 2017``; of text, as far as it is known: ``July 2017``, ``2017``. Other words stay as they are."""
    if isinstance(when, str):
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", when):
            return words.month_name(when)
        when = date.fromisoformat(when)
    return f"{when.day} {when:%B %Y}"

"""Small pieces that several pages share: what one analysis comes to, in words ready for a template."""

import hashlib
import re
from datetime import date
from typing import Any

from evalkit.catalogue import Catalogue
from evalkit.catalogue.false_alarms import DifferenceAlarms, FalseAlarms, read_difference_alarms, read_false_alarms
from evalkit.catalogue.records import Evaluation, Measure, Site, Source
from evalkit.effect import Effect, as_percent
from evalkit.report import captions, eight_steps, event_study, figure_numbers, plain, tables, words
from evalkit.runs.outcomes import Outcome
from evalkit.runs.plan import Plan
from evalkit.verdict import CERTAINTIES, disagreeing

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
FIRST_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def entry(catalogue: Catalogue, plan: Plan, outcome: Outcome) -> dict[str, Any]:
    """What templates need of one analysis; numbers as text, made from its Effect."""
    measure = catalogue.measures[plan.parameters["measure"]]
    place = catalogue.place(plan.parameters["site"])
    found = {
        "plan": plan,
        "analysis": plan.analysis,
        "outcome": outcome,
        "measure": measure,
        "place": place,
        "role": ROLES[plan.analysis.role],
        "expected": {"increase": "a rise", "decrease": "a fall", "no_change": "no change", "unclear": "unclear"}[plan.analysis.expected],
        "done": outcome.status == "done",
        "used": 0,
    }  # fmt: skip
    if outcome.effect is None or outcome.verdict is None:
        return found
    effect, verdict = outcome.effect, outcome.verdict
    row = words.headline_row(effect, verdict)
    members = effect.tables["members"]["unit"] if "members" in effect.tables else ()
    names = catalogue.names([*effect.treated_units, *members])
    found |= {
        "verdict": words.VERDICT_WORDS[verdict.word],
        "certainty": verdict.certainty,
        "reasons": [words.with_names(one, names) for one in verdict.reasons],
        "headline": words.headline(effect, verdict, measure.plain_name, place),
        "plain": plain.answer(effect, verdict, measure.plain_name),
        "decision": plain.decision(verdict),
        "estimate": words.signed(row["estimate"], row["scale"]),
        "interval": words.both_ends(row["low"], row["high"], row["scale"]),
        "points": row["scale"] == "points",
        "as_expected": words.expected(effect, verdict, plan.analysis.expected),
        "important": important(verdict, row["scale"]),
        "detectable": words.detectable(effect),
        "figure_title": words.figure_title(effect, measure.plain_name),
        "alt": words.alt_text(effect, measure.plain_name, place),
        "caption": captions.figure_caption(effect),
        "placebo_title": captions.placebo_title(effect) if _has_placebos(effect) else None,
        "placebo_caption": captions.placebo_caption(effect) if _has_placebos(effect) else None,
        "placebo_alt": captions.placebo_alt_text(effect, place, measure.plain_name) if _has_placebos(effect) else None,
        "placebo_numbers": figure_numbers.placebo(effect) if _has_placebos(effect) else None,
        "robustness": tables.as_html(tables.robustness(effect, names), "The same question asked in other ways"),
        "checks": tables.as_html(tables.checks(effect, names), "Checks", "ek-checks"),
        "series": tables.as_html(tables.series(effect), f"The figure's numbers, in {effect.measure_unit}"),
        "method": effect.method_of_interval,
        "result": outcome.result,
        "used": effect.comparators_used,
        "notes": [words.with_names(one, names) for one in effect.notes],
        "differences": None,
    }
    if effect.design == words.DIFFERENCES:
        found["differences"] = _differences(catalogue, plan, outcome, found["headline"], names)
    return found


def _has_placebos(effect: Effect) -> bool:
    return len(effect.tables.get("placebo", ())) > 1


def _differences(catalogue: Catalogue, plan: Plan, outcome: Outcome, headline: str, names: dict[str, str]) -> dict:
    """What a difference-in-differences has that other designs have not."""
    effect, judged = outcome.effect, outcome.verdict
    measure = catalogue.measures[plan.parameters["measure"]]
    place, name = catalogue.place(plan.parameters["site"]), measure.plain_name
    period = words.period_noun(effect)
    shown = {
        "period": period,
        "glossary": captions.glossary(effect),
        "estimates": tables.as_html(tables.estimates(effect, names), "The effect in full"),
        "eight": eight_steps.eight(
            effect, judged, plan.evaluation, headline, disagreeing(effect, measure, judged), names
        ),
        "unbounded": captions.unbounded(effect),
        "forbidden": captions.forbidden(effect) if len(effect.interruptions) > 1 else None,
        "weighted": captions.weighted(effect) if "weights" in effect.tables else None,
        "tables": [],
        "figure": None,
    }
    if not event_study.rows(effect).empty:
        shown["figure"] = {
            "title": event_study.title(effect, name),
            "alt": event_study.alt_text(effect, name, place),
            "caption": event_study.caption(effect),
            "numbers": tables.as_html(event_study.table(effect), f"The gap to comparators, {period} by {period}"),
        }
    if "decomposition" in effect.tables:
        told = tables.as_html(tables.decomposition(effect), "What a plain regression would average")
        shown["tables"].append(("What a plain regression would have averaged", told))
    if "weights" in effect.tables:
        told = tables.as_html(tables.weights(effect, names), "Comparators and periods, with what each counts for")
        shown["tables"].append(("Who counts, and how much", told))
    return shown


def starts(catalogue: Catalogue, evaluation: Evaluation) -> list[tuple[str, date]]:
    """Name and date of each place that began on its own date, in alphabetical order; nothing where there is one date."""
    told = [(catalogue.place(site), when) for site, when in evaluation.intervention.starts.items()]
    return sorted(told, key=lambda one: one[0].casefold())


def important(verdict, scale: str) -> str:
    """Which change counts as important, as a sentence."""
    if verdict.minimum_important_change is None:
        return "No smallest important change was set, so only the direction is judged."
    return f"A change of {words.size(verdict.minimum_important_change, scale)} or more counts as important here."


def rates(catalogue: Catalogue, found: list[FalseAlarms]) -> list[dict[str, Any]]:
    """False-alarm rates by measure and window, the designs side by side."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for one in found:
        measure = catalogue.measures[one.measure]
        empty = {"measure": measure.name, "rate": one, "step": _step_of(measure, one.step), "by": {}}
        rows.setdefault((one.measure, one.first), empty)["by"][one.design] = one
    return list(rows.values())


def alarms(catalogue: Catalogue, primary: dict[str, Any]) -> dict[str, Any]:
    """Rates of the primary's measure, for its design: of the nearest number treated, in a difference-in-differences.

    Where nothing was measured, ``unmeasured`` is the page of the method, for the sentence that says so.
    """
    effect, measure = primary["outcome"].effect, primary["measure"].id
    if effect is None or effect.design != words.DIFFERENCES:
        # A rate was measured for one series alone, and by rank among comparators.
        shown = [one for one in read_false_alarms(catalogue.root) if one.design in ("alone", "controlled")]
        rates = [one for one in shown if one.measure == measure]
        return {
            "alarms": rates,
            "difference_alarms": [],
            "unmeasured": None if rates else "interrupted-time-series",
        }
    design = "by rank, several starts" if len(effect.interruptions) > 1 else "by rank, one start"
    rates = [one for one in read_difference_alarms(catalogue.root) if one.measure == measure and one.design == design]
    if "weights" in effect.tables or not _has_placebos(effect):  # weighted comparators and clustered errors are others
        rates = []
    nearest = min((abs(one.treated - len(effect.treated_units)) for one in rates), default=0)
    return {
        "alarms": [],
        "difference_alarms": [one for one in rates if abs(one.treated - len(effect.treated_units)) == nearest],
        "unmeasured": None if rates else words.DIFFERENCES,
    }


def difference_rates(catalogue: Catalogue, found: list[DifferenceAlarms]) -> list[dict[str, Any]]:
    """False-alarm rates of the difference-in-differences by measure, window and number treated, designs side by side."""
    rows: dict[tuple, dict[str, Any]] = {}
    for one in found:
        pooled = one.design.startswith("pooled")
        measure = catalogue.measures[one.measure]
        empty = {
            "measure": measure.name, "first": one.first, "last": one.last, "treated": one.treated, "units": one.units,
            "step": _step_of(measure, one.step), "pooled": pooled, "by": {},
        }  # fmt: skip
        rows.setdefault((one.measure, one.first, one.treated, pooled), empty)["by"][one.design] = one
    return list(rows.values())


def _step_of(measure: Measure, step: float) -> str:
    return words.size(as_percent(step), "percent") if measure.form == "count" else words.size(step, "points")


def protocol_sha256(evaluation: Evaluation) -> str:
    """A fingerprint of what was fixed: the protocol and every planned analysis."""
    protocol = evaluation.protocol.model_dump_json() + "".join(one.model_dump_json() for one in evaluation.analyses)
    return hashlib.sha256(protocol.encode()).hexdigest()


def shortened(reasons: list[str], most: int) -> list[str]:
    """The first sentence of each of the first reasons, for a page that has to stay one page.

    The first says where certainty started.
    """
    return [FIRST_SENTENCE.split(one)[0] for one in reasons[:most]]


def shape(verdict: str | None, estimate: str) -> str:
    """A verdict as a shape beside its word: filled is a change that matters, open a small one, a circle is unclear."""
    if verdict is None or verdict == "not_evaluable":
        return "–"
    if verdict in ("inconclusive", "unclear"):
        return "○"
    if verdict == "no_important_change":
        return "="
    rose = not estimate.startswith("−")
    return ("△" if rose else "▽") if verdict.startswith("slightly") else ("▲" if rose else "▼")


def steps(certainty: str | None) -> str:
    """Certainty as a shape beside its word: one to four squares."""
    if certainty is None:
        return ""
    filled = CERTAINTIES.index(certainty) + 1
    return "■" * filled + "□" * (4 - filled)


def sources(evaluation: Evaluation, sites: list[Site]) -> list[Source]:
    """Every source of an evaluation, each once."""
    found = [*evaluation.intervention.sources, *(one.source for one in evaluation.independent_results)]
    found += [source for site in sites for source in site.sources]
    return list({(one.title, one.where): one for one in found}.values())


def markdown(text: str) -> str:
    """Text with the signs that Markdown would read as its own made plain; on one line."""
    return re.sub(r"([\\`*_{}\[\]<>#|$])", r"\\\1", " ".join(str(text).split()))


def day(when: date | str) -> str:
    """``4 July 2017``; of text, as far as it is known: ``July 2017``, ``2017``. Other words stay as they are."""
    if isinstance(when, str):
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", when):
            return words.month_name(when)
        when = date.fromisoformat(when)
    return f"{when.day} {when:%B %Y}"

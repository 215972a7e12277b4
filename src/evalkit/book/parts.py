"""Small pieces that several pages share: what one analysis comes to, in words ready for a template."""

import re
from datetime import date
from typing import Any

from evalkit.catalogue import Catalogue
from evalkit.catalogue.false_alarms import FalseAlarms
from evalkit.catalogue.records import Evaluation, Site, Source
from evalkit.designs.estimates import as_percent
from evalkit.report import tables, words
from evalkit.runs.outcomes import Outcome
from evalkit.runs.plan import Plan
from evalkit.verdict import CERTAINTIES

ROLES = {
    "primary": "answers the question",
    "secondary": "also looked at",
    "negative_control": "should not have moved",
    "spill_over": "a neighbour",
    "recording_check": "a check of recording",
}


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
    found |= {
        "verdict": words.VERDICT_WORDS[verdict.word],
        "certainty": verdict.certainty,
        "reasons": verdict.reasons,
        "headline": words.headline(effect, verdict, measure.plain_name, place),
        "estimate": words.signed(row["estimate"], row["scale"]),
        "interval": words.both_ends(row["low"], row["high"], row["scale"]),
        "points": row["scale"] == "points",
        "as_expected": words.expected(effect, verdict, plan.analysis.expected),
        "important": _important(verdict, row["scale"]),
        "detectable": words.detectable(effect),
        "figure_title": words.figure_title(effect, measure.plain_name),
        "alt": words.alt_text(effect, measure.plain_name, place),
        "placebo_alt": words.placebo_alt_text(effect, place) if "placebo" in effect.tables else None,
        "robustness": tables.as_html(tables.robustness(effect), "The same question asked in other ways"),
        "checks": tables.as_html(tables.checks(effect), "Checks", "ek-checks"),
        "series": tables.as_html(tables.series(effect), f"The figure's numbers, in {effect.measure_unit}"),
        "method": effect.method_of_interval,
        "result": outcome.result,
        "each_point": words.period_word(effect.series["period"].iloc[0]) if len(effect.series) else "period",
        "used": effect.comparators_used,
    }
    return found


def _important(verdict, scale: str) -> str:
    if verdict.minimum_important_change is None:
        return "No smallest important change was set, so only the direction is judged."
    return f"A change of {words.size(verdict.minimum_important_change, scale)} or more counts as important here."


def rates(catalogue: Catalogue, found: list[FalseAlarms]) -> list[dict[str, Any]]:
    """False-alarm rates by measure and window, the designs side by side."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for one in found:
        measure = catalogue.measures[one.measure]
        step = (
            words.size(as_percent(one.step), "percent") if measure.form == "count" else words.size(one.step, "points")
        )
        empty = {"measure": measure.name, "rate": one, "step": step, "by": {}}
        rows.setdefault((one.measure, one.first), empty)["by"][one.design] = one
    return list(rows.values())


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


def day(when: date) -> str:
    """``4 July 2017``."""
    return f"{when.day} {when:%B %Y}"

"""The pages of one evaluation: the answer, its figures, and a page for every analysis."""

from collections.abc import Sequence
from typing import Any

import nbformat

from evalkit.book.content import shared_pieces
from evalkit.book.content.downloads import figure_data
from evalkit.book.content.learning_items import reasons
from evalkit.book.content.notebook_figures import with_figures_in_words
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.learning import LearningItem
from evalkit.report.figures import charts, sparkline
from evalkit.runs.execution.normalise import for_readers
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import Outcome

SUMMARY_FIELDS = (
    "done", "role", "expected", "place", "used", "verdict", "headline", "estimate", "interval", "points", "certainty", "says",
    "in_family", "missed", "missed_in_short",
)  # fmt: skip
REASONS_ON_ONE_PAGE = 3


def write_evaluation(
    pages,
    evaluation: Evaluation,
    analyses: Sequence[tuple[Plan, Outcome]],
    learned: Sequence[LearningItem],
    across: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """Write its pages.

    Parameters
    ----------
    pages : evalkit.book.page_writer.Pages
    learned : items that help to explain its results
    across : the pooled results that draw on it (see ``together.of_evaluation``)

    Returns
    -------
    dict
        What other pages say of it, as plain values: ``primary``, ``newest`` month of its data (empty without a result)
        and ``analyses``: what each came to, without its Effect.
    """
    entries = [shared_pieces.analysis_entry(pages.catalogue, plan, outcome) for plan, outcome in analyses]
    primary = next(entry for entry in entries if entry["plan"].analysis.role == "primary")
    _write(pages, evaluation, entries, primary, learned, across)
    summary = {name: primary.get(name) for name in ("done", "verdict", "headline", "certainty", "missed")}
    return {
        "primary": summary | {"sentence": primary["outcome"].sentence},
        "newest": _newest(entries),
        "analyses": [_summary_of_analysis(entry) for entry in entries],
    }


GRADES = {"all": "could explain all of it", "part": "could explain a part", "little": "could explain little"}


def _explains(evaluation: Evaluation) -> dict[str, str]:
    """How much of the answer the gravest rival of each kind could explain, in words."""
    gravest: dict[str, str] = {}
    for rival in evaluation.rival_explanations:
        grading = rival.grading_of(evaluation.primary.id)
        grade = (
            "none" if grading is None else "all" if rival.could_explain_all(evaluation.primary.id) else grading.grade
        )
        order = ["none", "little", "part", "all"]
        gravest[rival.kind] = max(gravest.get(rival.kind, "none"), grade, key=order.index)
    return {kind: GRADES.get(grade, "does not touch the answer") for kind, grade in gravest.items()}


def _summary_of_analysis(entry: dict[str, Any]) -> dict[str, Any]:
    """What other pages say of one analysis, as plain values."""
    analysis, outcome = entry["analysis"], entry["outcome"]
    plain = {name: entry.get(name) for name in SUMMARY_FIELDS}
    return plain | {
        "id": analysis.id,
        "title": analysis.title,
        "template": analysis.template,
        "measure": entry["measure"].id,
        "word": outcome.verdict.word if outcome.verdict is not None else None,
        "direction": outcome.standing.direction if outcome.standing is not None else None,
        "sentence": outcome.sentence,
        "synthetic": bool(outcome.result["synthetic"]) if outcome.result else False,
        "seen": sparkline.observed_series(outcome.effect) if outcome.effect is not None else None,
        "places": len(outcome.effect.treated_units) if outcome.effect is not None else 0,
    }


def labels_of(analyses: Sequence[tuple[Plan, Outcome]]) -> list[str]:
    """Every label of a place that the effects name."""
    effects = [outcome.effect for _, outcome in analyses if outcome.effect is not None]
    members = [effect.tables["members"]["unit"] for effect in effects if "members" in effect.tables]
    return sorted(
        {str(label) for labels in (*(effect.treated_units for effect in effects), *members) for label in labels}
    )


def _newest(entries: list[dict]) -> str:
    effects = [entry["outcome"].effect for entry in entries]
    return max((effect.data["last"] for effect in effects if effect is not None), default="")


def _write(
    pages,
    evaluation: Evaluation,
    entries: list[dict],
    primary: dict,
    learned: Sequence[LearningItem],
    across: Sequence[dict[str, Any]],
) -> None:
    folder = f"evaluations/{evaluation.id}"
    catalogue = pages.catalogue
    for entry in entries:
        analysis, outcome = entry["plan"].analysis, entry["outcome"]
        if outcome.status == "done":
            notebook = for_readers(nbformat.read(outcome.notebook, as_version=4), analysis.title, entry["note"])
            with_figures_in_words(notebook, analysis.title, outcome.effect)
            pages.write(f"{folder}/{analysis.id}.ipynb", nbformat.writes(notebook) + "\n")
            series = figure_data(outcome.effect, catalogue.is_synthetic(evaluation))
            pages.write(f"{folder}/{analysis.id}.csv", series)
        else:
            pages.page(f"{folder}/{analysis.id}.html", "failure.html.jinja", analysis=analysis, outcome=outcome)
    outcome = primary["outcome"]
    synthetic = catalogue.is_synthetic(evaluation)
    if outcome.effect is not None:
        figure = charts.time_series(outcome.effect, primary["measure"].plain_name, synthetic)
        pages.write(f"{folder}/{evaluation.id}.svg", charts.as_svg(figure))
        differences = primary["differences"]
        if differences is not None and differences["figure"] is not None:
            figure = charts.event_study(outcome.effect, primary["measure"].plain_name, synthetic)
            pages.write(f"{folder}/{evaluation.id}-event-study.svg", charts.as_svg(figure))
        if primary["placebo_alt"]:
            figure = charts.placebo(outcome.effect, primary["place"], synthetic)
            pages.write(f"{folder}/{evaluation.id}-comparators.svg", charts.as_svg(figure))
    about = {
        "evaluation": evaluation,
        "primary": primary,
        "sites": sorted((catalogue.sites[site] for site in evaluation.sites), key=lambda site: site.name.casefold()),
        "synthetic": synthetic,
        "newest": _newest(entries),
        "protocol_sha256": shared_pieces.protocol_sha256(evaluation),
    }
    pages.page(
        f"{folder}/board.html",
        "board.html.jinja",
        **about,
        reasons=shared_pieces.shortened(primary["reasons"], REASONS_ON_ONE_PAGE) if primary["done"] else [],
        explains=_explains(evaluation),
    )
    pages.page(
        f"{folder}/index.html",
        "evaluation.html.jinja",
        **about,
        entries=entries,
        family=max((entry["standing"].family or 0 for entry in entries if entry["done"]), default=0),
        exploratory=any(entry["done"] and entry["standing"].kind == "exploratory" for entry in entries),
        by_analysis={entry["plan"].analysis.id: entry for entry in entries},
        starts=shared_pieces.named_starts(catalogue, evaluation),
        measures=catalogue.measures,
        learned=reasons(catalogue, learned),
        across=across,
        organisations=catalogue.organisations,
        independence=shared_pieces.INDEPENDENCE,
        **shared_pieces.alarms(catalogue, primary),
        sources=shared_pieces.sources(evaluation, [catalogue.sites[site] for site in evaluation.sites]),
    )

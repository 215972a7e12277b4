"""Measures: what is counted, who uses it, and the series of every site."""

from collections.abc import Callable
from typing import Any

from evalkit.book.content import pooled_cards
from evalkit.book.content.book_content import BookContent
from evalkit.catalogue.records.measures import Measure

# Which of several analyses of one place stands for it: its series is the same, so the nearest to the question.
ORDER = (
    "answers the question", "also looked at", "a neighbour", "added later", "should not have moved", "a check of recording",
)  # fmt: skip


def inputs(content: BookContent) -> Any:
    catalogue = content.catalogue
    uses = {id: _uses(content, id) for id in catalogue.measures}
    across = {id: pooled_cards.of_measure(content, id) for id in catalogue.measures}
    return [catalogue.measures, catalogue.tables, uses, across]


def write(pages, content: BookContent) -> None:
    from evalkit.book.content import shared_pieces

    measures = sorted(content.catalogue.measures.values(), key=lambda measure: measure.name.casefold())
    uses = {measure.id: _uses(content, measure.id) for measure in measures}
    pages.page("measures/index.html", "measures.html.jinja", measures=measures, uses=uses)
    for measure in measures:
        tables = [
            content.catalogue.tables[recipe.table]
            for recipe in measure.recipes
            if recipe.table in content.catalogue.tables
        ]
        pages.page(
            f"measures/{measure.id}.html",
            "measure.html.jinja",
            measure=measure,
            tables=list({table.name: table for table in tables}.values()),
            beside=[content.catalogue.measures[id] for id in measure.show_beside],
            uses=[_shown(use, shared_pieces.verdict_symbol) for use in uses[measure.id]],
            across=pooled_cards.of_measure(content, measure.id),
            **_drawings(measure, uses[measure.id]),
        )


def _uses(content: BookContent, measure: str) -> list[dict[str, Any]]:
    """Every analysis of the measure, with its evaluation: evaluations by title, analyses as planned."""
    return [
        entry | {"evaluation": evaluation.id, "evaluation_title": evaluation.title}
        for evaluation in content.evaluations
        for entry in content.summaries[evaluation.id]["analyses"]
        if entry["measure"] == measure
    ]


def _shown(use: dict[str, Any], shape: Callable[[str | None, str, str | None], str]) -> dict[str, Any]:
    return use | {
        "page": f"../evaluations/{use['evaluation']}/{use['id']}.html",
        "note": f"{use['evaluation_title']}; {use['role']}",
        "headline": False,
        "shape": shape(use["word"], use["estimate"] or "", use["direction"]),
    }


def _drawings(measure: Measure, uses: list[dict[str, Any]]) -> dict[str, Any]:
    """One drawing a place and window, by name; where all are shares they have one scale."""
    from evalkit.report.figures import sparkline

    chosen: dict[tuple, dict[str, Any]] = {}
    ranked = sorted((use for use in uses if use["seen"]), key=lambda use: ORDER.index(use["role"]))
    for use in ranked:
        seen = use["seen"]
        chosen.setdefault((use["place"], *seen["starts"], seen["periods"][0][:4]), use)
    places = sorted(chosen.values(), key=lambda use: (use["place"].casefold(), use["seen"]["periods"][0]))
    series = [sparkline.ObservedSeries(**use["seen"]) for use in places]
    one_scale = measure.form == "proportion" and len({seen.unit for seen in series}) == 1
    shared = sparkline.bounds(series) if one_scale else None
    drawings = []
    for use, seen in zip(places, series, strict=True):
        label = sparkline.alt(seen, measure.plain_name, use["place"])
        if any(other["label"] == label for other in drawings):
            label += f" It belongs to: {use['evaluation_title']}."
        drawings.append(
            {
                "use": use,
                "label": label,
                "drawing": sparkline.drawing(seen, label, shared or sparkline.bounds([seen])),
                "numbers": list(zip(seen.periods, sparkline.as_text(seen), strict=True)),
                "unit": seen.unit,
            }
        )
    return {"drawings": drawings, "shared": shared is not None}

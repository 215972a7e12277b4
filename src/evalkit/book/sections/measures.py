"""Measures: what is counted, who uses it, and the series of every site."""

from collections.abc import Callable
from typing import Any

from evalkit.book import together
from evalkit.book.shelf import Shelf
from evalkit.catalogue.records import Measure

# Which of several analyses of one place stands for it: its series is the same, so the nearest to the question.
ORDER = (
    "answers the question", "also looked at", "a neighbour", "should not have moved", "a check of recording",
)  # fmt: skip


def inputs(shelf: Shelf) -> Any:
    catalogue = shelf.catalogue
    uses = {id: _uses(shelf, id) for id in catalogue.measures}
    across = {id: together.of_measure(shelf, id) for id in catalogue.measures}
    return [catalogue.measures, catalogue.tables, uses, across]


def write(pages, shelf: Shelf) -> None:
    from evalkit.book import parts

    measures = sorted(shelf.catalogue.measures.values(), key=lambda one: one.name.casefold())
    uses = {one.id: _uses(shelf, one.id) for one in measures}
    pages.page("measures/index.md", "measures.md.jinja", measures=measures, uses=uses)
    for measure in measures:
        tables = [shelf.catalogue.tables[one.table] for one in measure.recipes if one.table in shelf.catalogue.tables]
        pages.page(
            f"measures/{measure.id}.md",
            "measure.md.jinja",
            measure=measure,
            tables=list({one.name: one for one in tables}.values()),
            beside=[shelf.catalogue.measures[id] for id in measure.show_beside],
            uses=[_shown(one, parts.shape) for one in uses[measure.id]],
            across=together.of_measure(shelf, measure.id),
            **_drawings(measure, uses[measure.id]),
        )


def _uses(shelf: Shelf, measure: str) -> list[dict[str, Any]]:
    """Every analysis of the measure, with its evaluation: evaluations by title, analyses as planned."""
    return [
        one | {"evaluation": evaluation.id, "evaluation_title": evaluation.title}
        for evaluation in shelf.evaluations
        for one in shelf.told[evaluation.id]["analyses"]
        if one["measure"] == measure
    ]


def _shown(one: dict[str, Any], shape: Callable[[str | None, str], str]) -> dict[str, Any]:
    return one | {
        "page": f"../evaluations/{one['evaluation']}/{one['id']}.html",
        "note": f"{one['evaluation_title']}; {one['role']}",
        "headline": False,
        "shape": shape(one["word"], one["estimate"] or ""),
    }


def _drawings(measure: Measure, uses: list[dict[str, Any]]) -> dict[str, Any]:
    """One drawing a place and window, by name; where all are shares they have one scale."""
    from evalkit.report import small

    chosen: dict[tuple, dict[str, Any]] = {}
    ranked = sorted((one for one in uses if one["seen"]), key=lambda one: ORDER.index(one["role"]))
    for one in ranked:
        seen = one["seen"]
        chosen.setdefault((one["place"], *seen["starts"], seen["periods"][0][:4]), one)
    places = sorted(chosen.values(), key=lambda one: (one["place"].casefold(), one["seen"]["periods"][0]))
    series = [small.Seen(**one["seen"]) for one in places]
    together = measure.form == "proportion" and len({one.unit for one in series}) == 1
    shared = small.bounds(series) if together else None
    drawings = []
    for one, seen in zip(places, series, strict=True):
        label = small.alt(seen, measure.plain_name, one["place"])
        if any(other["label"] == label for other in drawings):
            label += f" It belongs to: {one['evaluation_title']}."
        drawings.append(
            {
                "use": one,
                "label": label,
                "drawing": small.drawing(seen, label, shared or small.bounds([seen])),
                "numbers": list(zip(seen.periods, small.as_text(seen), strict=True)),
                "unit": seen.unit,
            }
        )
    return {"drawings": drawings, "shared": shared is not None}

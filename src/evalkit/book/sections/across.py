"""Across sites: effects that may be pooled, as one; a page each, and their list."""

from typing import Any

from evalkit.book import together
from evalkit.book.shelf import Shelf
from evalkit.runs.pooled import PooledOutcome


def inputs(shelf: Shelf) -> Any:
    return [
        [
            (
                one.pooled,
                one.published,
                together.why_not(shelf, one),
                together.is_synthetic(shelf, one),
                _measure(shelf, one),
            )
            for one in shelf.across
        ],
        {ref: together.place(shelf, ref) for one in shelf.across for ref in one.pooled.analyses},
        {id: _told(shelf, id) for id in _evaluations(shelf)},
    ]


def write(pages, shelf: Shelf) -> None:
    pages.page("across/index.md", "across.md.jinja", cards=[together.card(shelf, one) for one in shelf.across])
    for one in shelf.across:
        _write(pages, shelf, one)


def _evaluations(shelf: Shelf) -> list[str]:
    """Ids of the published evaluations that are drawn on."""
    named = {id for one in shelf.across for id in together.members(one)}
    return sorted(named & shelf.told.keys())


def _told(shelf: Shelf, id: str) -> Any:
    """What is shown of an evaluation: its title and what its analyses came to."""
    plain = [{name: value for name, value in one.items() if name != "seen"} for one in shelf.told[id]["analyses"]]
    return [shelf.catalogue.evaluations[id].title, plain]


def _measure(shelf: Shelf, one: PooledOutcome) -> Any:
    return shelf.catalogue.measures[one.result["effect"]["measure"]] if one.result else None


def _write(pages, shelf: Shelf, one: PooledOutcome) -> None:
    rows = [_row(shelf, ref) for ref in one.pooled.analyses]
    rows.sort(key=lambda row: row["place"].casefold())
    found = _found(pages, shelf, one) if one.published else None
    evaluations = [
        {"id": id, "title": shelf.catalogue.evaluations[id].title, "primary": _primary(shelf, id)}
        for id in together.members(one)
        if id in shelf.told
    ]
    pages.page(
        f"across/{one.pooled.id}.md",
        "pooled.md.jinja",
        pooled=one.pooled,
        sentence=together.why_not(shelf, one),
        synthetic=together.is_synthetic(shelf, one),
        found=found,
        rows=rows,
        evaluations=evaluations,
    )


def _primary(shelf: Shelf, id: str) -> dict[str, Any]:
    return next(one for one in shelf.told[id]["analyses"] if one["id"] == shelf.catalogue.evaluations[id].primary.id)


def _row(shelf: Shelf, ref: str) -> dict[str, Any]:
    """One site's own result, with where it stands; a draft has no page."""
    evaluation, _, id = ref.partition("/")
    if evaluation in shelf.told:
        told = next(one for one in shelf.told[evaluation]["analyses"] if one["id"] == id)
        return told | {"page": f"../evaluations/{evaluation}/{id}.html"}
    return {
        "place": together.place(shelf, ref),
        "title": ref,
        "done": False,
        "sentence": "This evaluation is a draft.",
        "page": None,
    }


def _found(pages, shelf: Shelf, one: PooledOutcome) -> dict[str, Any]:
    """What the template says of a pooled result; draws its figure."""
    from evalkit.book import parts
    from evalkit.report import across, captions, figures, plain, tables, words
    from evalkit.report.forest import forest

    effect, verdict, names = one.effect, one.verdict, one.result["names"]
    measure = shelf.catalogue.measures[effect.measure]
    figure = forest(effect, measure.plain_name, names, one.result["synthetic"])
    pages.write(f"across/{one.pooled.id}.svg", figures.as_svg(figure))
    weights = effect.tables["weights"]
    by_name = {names.get(label, label): f"{100 * weight:.0f}%" for label, weight in weights.itertuples(index=False)}
    row = words.headline_row(effect, verdict)
    return {
        "verdict": words.VERDICT_WORDS[verdict.word],
        "word": verdict.word,
        "certainty": verdict.certainty,
        "reasons": [words.with_names(reason, names) for reason in verdict.reasons],
        "answer": one.result["in_words"]["answer"],
        "new_site": one.result["in_words"]["new_site"],
        "spread": across.spread_between_sites(effect),
        "detectable": words.detectable(effect),
        "important": parts.important(verdict, row["scale"]),
        "as_expected": words.expected(effect, verdict, one.pooled.expected),
        "method": effect.method_of_interval,
        "plain": plain.answer(effect, verdict, measure.plain_name),
        "decision": plain.decision(verdict),
        "title": words.pooled_title(effect, measure.plain_name),
        "alt": words.pooled_alt_text(effect, measure.plain_name, names),
        "numbers": tables.as_html(tables.estimates(effect, names), "The figure's numbers"),
        "robustness": tables.as_html(tables.robustness(effect, names), "The same question asked in other ways"),
        "weights": tables.as_html(tables.weights(effect, names), "What each site counts for"),
        "by_name": by_name,
        "weighted": captions.weighted(effect),
        "checks": tables.as_html(tables.checks(effect, names), "Checks", "ek-checks"),
        "notes": [words.with_names(note, names) for note in effect.notes],
        "measure": measure,
        "result": one.result,
        "sites": len(effect.treated_units),
    }

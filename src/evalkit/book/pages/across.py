"""Across sites: effects that may be pooled, as one; a page each, and their list."""

from typing import Any

from evalkit.book.content import pooled_cards
from evalkit.book.content.book_content import BookContent
from evalkit.runs.state.pooled_outcomes import PooledOutcome


def inputs(content: BookContent) -> Any:
    return [
        [
            (
                outcome.pooled,
                outcome.published,
                pooled_cards.why_not(content, outcome),
                pooled_cards.is_synthetic(content, outcome),
                _measure(content, outcome),
            )
            for outcome in content.across
        ],
        {ref: pooled_cards.place(content, ref) for outcome in content.across for ref in outcome.pooled.analyses},
        {id: _summary_of_evaluation(content, id) for id in _evaluations(content)},
    ]


def write(pages, content: BookContent) -> None:
    pages.page(
        "across/index.html",
        "across.html.jinja",
        cards=[pooled_cards.card(content, outcome) for outcome in content.across],
    )
    for outcome in content.across:
        _write(pages, content, outcome)


def _evaluations(content: BookContent) -> list[str]:
    """Ids of the published evaluations that are drawn on."""
    ids = {id for outcome in content.across for id in pooled_cards.members(outcome)}
    return sorted(ids & content.summaries.keys())


def _summary_of_evaluation(content: BookContent, id: str) -> Any:
    """What is shown of an evaluation: its title and what its analyses came to."""
    plain = [
        {name: value for name, value in analysis.items() if name != "seen"}
        for analysis in content.summaries[id]["analyses"]
    ]
    return [content.catalogue.evaluations[id].title, plain]


def _measure(content: BookContent, outcome: PooledOutcome) -> Any:
    return content.catalogue.measures[outcome.result["effect"]["measure"]] if outcome.result else None


def _write(pages, content: BookContent, outcome: PooledOutcome) -> None:
    rows = [_row(content, ref) for ref in outcome.pooled.analyses]
    rows.sort(key=lambda row: row["place"].casefold())
    shown = _shown_result(pages, content, outcome) if outcome.published else None
    evaluations = [
        {"id": id, "title": content.catalogue.evaluations[id].title, "primary": _primary(content, id)}
        for id in pooled_cards.members(outcome)
        if id in content.summaries
    ]
    pages.page(
        f"across/{outcome.pooled.id}.html",
        "pooled.html.jinja",
        pooled=outcome.pooled,
        sentence=pooled_cards.why_not(content, outcome),
        synthetic=pooled_cards.is_synthetic(content, outcome),
        shown=shown,
        rows=rows,
        evaluations=evaluations,
    )


def _primary(content: BookContent, id: str) -> dict[str, Any]:
    return next(
        analysis
        for analysis in content.summaries[id]["analyses"]
        if analysis["id"] == content.catalogue.evaluations[id].primary.id
    )


def _row(content: BookContent, ref: str) -> dict[str, Any]:
    """One site's own result, with where it stands; a draft has no page."""
    evaluation, _, id = ref.partition("/")
    if evaluation in content.summaries:
        analysis = next(analysis for analysis in content.summaries[evaluation]["analyses"] if analysis["id"] == id)
        return analysis | {"page": f"../evaluations/{evaluation}/{id}.html"}
    return {
        "place": pooled_cards.place(content, ref),
        "title": ref,
        "done": False,
        "sentence": "This evaluation is a draft.",
        "page": None,
    }


def _shown_result(pages, content: BookContent, outcome: PooledOutcome) -> dict[str, Any]:
    """What the template says of a pooled result; draws its figure."""
    from evalkit.book.content import shared_pieces
    from evalkit.report import tables
    from evalkit.report.figures import charts
    from evalkit.report.figures.forest import forest
    from evalkit.report.wording import captions, plain_answer, pooled_effect, words

    effect, verdict, names = outcome.effect, outcome.verdict, outcome.result["names"]
    measure = content.catalogue.measures[effect.measure]
    figure = forest(effect, measure.plain_name, names, outcome.result["synthetic"])
    pages.write(f"across/{outcome.pooled.id}.svg", charts.as_svg(figure))
    weights = effect.tables["weights"]
    by_name = {names.get(label, label): f"{100 * weight:.0f}%" for label, weight in weights.itertuples(index=False)}
    row = words.headline_row(effect, verdict)
    return {
        "verdict": words.VERDICT_WORDS[verdict.word],
        "word": verdict.word,
        "certainty": verdict.certainty,
        "missed": words.missed(effect),
        "calibrated": ["The words are not calibrated for results that are put together."],
        "reasons": [words.with_names(reason, names) for reason in verdict.reasons],
        "answer": outcome.result["in_words"]["answer"],
        "new_site": outcome.result["in_words"]["new_site"],
        "spread": pooled_effect.spread_between_sites(effect),
        "detectable": words.detectable_sentence(effect),
        "important": shared_pieces.important(verdict, row["scale"]),
        "as_expected": words.expected(effect, verdict, outcome.pooled.expected),
        "method": effect.method_of_interval,
        "plain": plain_answer.short_answer(effect, verdict, measure.plain_name),
        "decision": plain_answer.decision(verdict),
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
        "result": outcome.result,
        "sites": len(effect.treated_units),
    }

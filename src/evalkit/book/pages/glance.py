"""Results at a glance: every analysis of every evaluation, whatever it found."""

from collections.abc import Callable
from typing import Any

from evalkit.book.content import answers
from evalkit.book.content.book_content import BookContent
from evalkit.catalogue.records.evaluations import Evaluation


def inputs(content: BookContent) -> Any:
    return [
        content.evaluations,
        [_rows(content, evaluation.id) for evaluation in content.evaluations],
        _synthetic(content),
    ]


def write(pages, content: BookContent) -> None:
    from evalkit.book.content import shared_pieces

    groups = []
    for evaluation in content.evaluations:
        rows = [_shown(evaluation, row, shared_pieces.verdict_symbol) for row in _rows(content, evaluation.id)]
        groups.append(
            {
                "evaluation": evaluation,
                "rows": rows,
                "independence": f"{shared_pieces.INDEPENDENCE[evaluation.independence]}. Funding: {evaluation.funded_by.rstrip('.')}",
                "synthetic": evaluation.id in _synthetic(content),
            }
        )
    pages.page(
        "glance.html",
        "glance.html.jinja",
        groups=groups,
        counts=_counts(content, groups),
        shapes=_SHAPES,
        independence=_same(groups),
        by_chance=answers.by_chance(answers.counted(content)),
    )


def _same(groups: list[dict[str, Any]]) -> str:
    """Who evaluated and who paid, where that is the same for all; otherwise empty."""
    sentences = {group["independence"] for group in groups}
    return sentences.pop() if len(sentences) == 1 else ""


def _shown(
    evaluation: Evaluation, row: dict[str, Any], shape: Callable[[str | None, str, str | None], str]
) -> dict[str, Any]:
    return row | {
        "page": f"evaluations/{evaluation.id}/{row['id']}.html",
        "note": row["role"],
        "headline": row["id"] == evaluation.primary.id,
        "shape": shape(row["word"], row["estimate"] or "", row["direction"]),
    }


def _rows(content: BookContent, id: str) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in analysis.items() if name != "seen"}
        for analysis in content.summaries[id]["analyses"]
    ]


def _synthetic(content: BookContent) -> list[str]:
    return [evaluation.id for evaluation in content.evaluations if content.catalogue.is_synthetic(evaluation)]


def _counts(content: BookContent, groups: list[dict[str, Any]]) -> dict[str, Any]:
    """The answers of real evaluations, by kind; synthetic ones are counted apart."""
    real = [group for group in groups if not group["synthetic"]]
    return {
        "evaluations": len(real),
        "analyses": sum(len(group["rows"]) for group in real),
        "synthetic": len(groups) - len(real),
        "kinds": answers.counted(content),
    }


_SHAPES = (
    ("▲", "best estimate: a rise that matters"),
    ("▼", "best estimate: a fall that matters"),
    ("△", "rose a little"),
    ("▽", "fell a little"),
    ("=", "no important change"),
    ("↑", "one of several that also looked: points to a rise"),
    ("↓", "one of several that also looked: points to a fall"),
    ("○", "not clear"),
    ("–", "exploratory, a check, or no result"),
)

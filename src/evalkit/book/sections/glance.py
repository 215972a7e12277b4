"""Results at a glance: every planned analysis of every evaluation, whatever it found."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from evalkit.book.shelf import Shelf
from evalkit.catalogue.records import Evaluation

CLEAR, NOT_LARGE, OPEN, NONE = "clear", "no_important_change", "open", "none"


def inputs(shelf: Shelf) -> Any:
    return [shelf.evaluations, [_rows(shelf, one.id) for one in shelf.evaluations], _synthetic(shelf)]


def write(pages, shelf: Shelf) -> None:
    from evalkit.book import parts

    groups = []
    for evaluation in shelf.evaluations:
        rows = [_shown(evaluation, row, parts.shape) for row in _rows(shelf, evaluation.id)]
        groups.append(
            {
                "evaluation": evaluation,
                "rows": rows,
                "independence": f"{parts.INDEPENDENCE[evaluation.independence]}. Funding: {evaluation.funded_by.rstrip('.')}",
                "synthetic": evaluation.id in _synthetic(shelf),
            }
        )
    pages.page(
        "glance.md",
        "glance.md.jinja",
        groups=groups,
        counts=_counts(groups),
        shapes=_SHAPES,
        independence=_same(groups),
    )


def _same(groups: list[dict[str, Any]]) -> str:
    """Who evaluated and who paid, where that is the same for all; otherwise empty."""
    told = {group["independence"] for group in groups}
    return told.pop() if len(told) == 1 else ""


def _shown(evaluation: Evaluation, row: dict[str, Any], shape: Callable[[str | None, str], str]) -> dict[str, Any]:
    return row | {
        "page": f"evaluations/{evaluation.id}/{row['id']}.html",
        "note": row["role"],
        "headline": row["id"] == evaluation.primary.id,
        "shape": shape(row["word"], row["estimate"] or ""),
    }


def _rows(shelf: Shelf, id: str) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if name != "seen"} for one in shelf.told[id]["analyses"]]


def _synthetic(shelf: Shelf) -> list[str]:
    return [one.id for one in shelf.evaluations if shelf.catalogue.is_synthetic(one)]


def kind(row: dict[str, Any]) -> str:
    """What a row counts as in the sentence at the top."""
    if not row["done"] or row["word"] == "not_evaluable":
        return NONE
    if row["word"] in ("inconclusive", "unclear"):
        return OPEN
    return NOT_LARGE if row["word"] == "no_important_change" else CLEAR


def _counts(groups: list[dict[str, Any]]) -> dict[str, Any]:
    """Real evaluations and analyses, by kind; synthetic ones are counted apart."""
    real = [group for group in groups if not group["synthetic"]]
    kinds = Counter(kind(row) for group in real for row in group["rows"])
    return {
        "evaluations": len(real),
        "analyses": sum(kinds.values()),
        "synthetic": len(groups) - len(real),
        "kinds": {one: kinds[one] for one in (CLEAR, NOT_LARGE, OPEN, NONE)},
    }


_SHAPES = (
    ("▲", "best estimate: a rise that matters"),
    ("▼", "best estimate: a fall that matters"),
    ("△", "rose a little"),
    ("▽", "fell a little"),
    ("=", "no important change"),
    ("○", "not clear"),
    ("–", "no result"),
)

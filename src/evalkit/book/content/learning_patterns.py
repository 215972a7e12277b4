"""What many learning items show together: where they stand, where places disagree, what nobody has recorded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.learning_items import ItemCard
from evalkit.book.content.summaries import AnalysisSummary
from evalkit.catalogue.records.learning import LearningItem

SIDES = ("enabler", "barrier")
HOPEFUL = ("enabler", "example", "adaptation")  # items whose results one would expect to be better
WORSE = ("worse", "slightly_worse")
UNSURE = ("inconclusive", "unclear", "not_evaluable", "described")

Sides = dict[str, list[ItemCard]]  # enablers and barriers


@dataclass(frozen=True)
class Result:
    """What an analysis came to, with its evaluation.

    Attributes
    ----------
    evaluation, evaluation_title : str
        Its id and title.
    synthetic : bool
        Whether any site of the evaluation is invented.
    planned_as : str
        Its role, by the records' key.
    """

    evaluation: str
    evaluation_title: str
    synthetic: bool
    planned_as: str
    summary: AnalysisSummary

    @property
    def ref(self) -> tuple[str, str]:
        """Ids of the evaluation and of the analysis."""
        return self.evaluation, self.summary.id


@dataclass(frozen=True)
class PlaceRow:
    """Enablers and barriers of one place, by theme, then by type."""

    place: str
    site: str | None
    synthetic: bool
    cells: dict[str, Sides]


@dataclass(frozen=True)
class PlacesByTheme:
    """Enablers and barriers in a table of places by themes.

    Attributes
    ----------
    themes : dict
        Those that have any, in words by key, in their own order.
    empty : list
        The words of the others.
    groups : dict
        ``places`` and ``programmes``, each in alphabetical order.
    """

    themes: dict[str, str]
    empty: list[str]
    groups: dict[str, list[PlaceRow]]


@dataclass(frozen=True)
class Section:
    """What a lesson's or a component's section shows of its items.

    Attributes
    ----------
    groups : dict
        Cards by type.
    results : list
        Those that bear on it.
    against, unsure : list
        Results set beside a help that were worse or showed no important change; those that could not tell.
    apart : dict or None
        See ``disagreement``.
    without : list
        Of enabler and barrier, what nobody has recorded.
    """

    key: str
    words: str
    groups: dict[str, list[ItemCard]]
    count: int
    results: list[Result]
    against: list[Result]
    unsure: list[Result]
    apart: Sides | None
    without: list[str]


@dataclass(frozen=True)
class DidNotWork:
    """The answers of evaluations that did not show what was hoped for, by what came out."""

    worse: list[Result]
    unchanged: list[Result]
    unsure: list[Result]
    missing: list[Result]


def by_place(cards: Iterable[ItemCard]) -> list[ItemCard]:
    """Cards in alphabetical order of their places, and there of their titles."""
    return sorted(cards, key=lambda card: (card.place.casefold(), card.title.casefold()))


def by_type(cards: Iterable[ItemCard], types: Iterable[str]) -> dict[str, list[ItemCard]]:
    """Cards of each type that has any, in the order of the vocabulary."""
    ordered = by_place(cards)
    grouped = {type: [card for card in ordered if card.type == type] for type in types}
    return {type: group for type, group in grouped.items() if group}


def disagreement(cards: Iterable[ItemCard]) -> Sides | None:
    """Enablers and barriers where one place names the one and another place the other; otherwise None."""
    ordered = by_place(cards)
    sides = {side: [card for card in ordered if card.type == side] for side in SIDES}
    places = {card.place for group in sides.values() for card in group}
    return sides if all(sides.values()) and len(places) > 1 else None


def place_by_theme(cards: Iterable[ItemCard], themes: dict[str, str]) -> PlacesByTheme:
    """Enablers and barriers in a table of places by themes."""
    cards = [card for card in by_place(cards) if card.type in SIDES]
    used = {key: words for key, words in themes.items() if any(key in card.themes for card in cards)}
    rows: dict[tuple, PlaceRow] = {}
    for card in cards:
        empty = PlaceRow(card.place, card.site, card.synthetic, {key: {} for key in used})
        row = rows.setdefault((card.site, card.place), empty)
        for key in card.themes:
            row.cells[key].setdefault(card.type, []).append(card)
    groups = {
        "places": [row for row in rows.values() if row.site is not None],
        "programmes": [row for row in rows.values() if row.site is None],
    }
    return PlacesByTheme(used, [words for key, words in themes.items() if key not in used], groups)


def results_of(content: BookContent, item: LearningItem) -> list[Result]:
    """What became of the results that an item rests on or helps to explain: those it names, or else the planned one."""
    refs = [piece.ref.partition("/") for piece in item.evidence if piece.kind == "result"]
    pairs = [(evaluation, analysis) for evaluation, _, analysis in refs]
    for id in item.explains:
        if not any(id == evaluation for evaluation, _ in pairs):
            pairs.append((id, content.catalogue.evaluations[id].primary.id))
    bearing = []
    for id, analysis in dict.fromkeys(pairs):
        if id in content.summaries:
            bearing.append(next(result for result in results(content, [id]) if result.summary.id == analysis))
    return bearing


def results(content: BookContent, evaluations: Iterable[str]) -> list[Result]:
    """What every analysis of these evaluations came to."""
    found = []
    for id in evaluations:
        evaluation = content.catalogue.evaluations[id]
        roles = {analysis.id: analysis.role for analysis in evaluation.analyses}
        synthetic = content.catalogue.is_synthetic(evaluation)
        found += [
            Result(id, evaluation.title, synthetic, roles[summary.id], summary)
            for summary in content.summaries[id].analyses
        ]
    return found


def section(
    content: BookContent,
    key: str,
    words: str,
    pairs: Sequence[tuple[LearningItem, ItemCard]],
    types: Sequence[str],
) -> Section:
    """The section of a lesson or a component, of these items."""
    cards = [card for _, card in pairs]
    groups = by_type(cards, types)
    bearing = {result.ref: result for item, _ in pairs for result in results_of(content, item)}
    beside = {
        result.ref
        for item, _ in pairs
        if item.type in HOPEFUL
        for result in results_of(content, item)
        if result.summary.word in (*WORSE, *UNSURE, "no_important_change")
    }
    ordered = sorted(
        bearing.values(), key=lambda result: (result.evaluation_title.casefold(), result.summary.title.casefold())
    )
    speaking = [result for result in ordered if result.ref in beside]
    return Section(
        key,
        words,
        groups,
        len(cards),
        ordered,
        [result for result in speaking if result.summary.word not in UNSURE],
        [result for result in speaking if result.summary.word in UNSURE],
        disagreement(cards),
        [side for side in SIDES if side not in groups],
    )


def did_not_work(content: BookContent) -> DidNotWork:
    """The answers of evaluations; one that was expected to show no change, and showed none, is not among them."""
    groups = DidNotWork([], [], [], [])
    for result in results(content, [evaluation.id for evaluation in content.evaluations]):
        summary = result.summary
        if result.planned_as != "primary":
            continue
        if not summary.done:
            groups.missing.append(result)
        elif summary.word in WORSE:
            groups.worse.append(result)
        elif summary.word in UNSURE:
            groups.unsure.append(result)
        elif summary.word == "no_important_change" and summary.expected != "no change":
            groups.unchanged.append(result)
    return groups

"""Results at a glance: every analysis of every evaluation, whatever it found."""

from dataclasses import dataclass

from evalkit.book.content import answers
from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.book.content.summaries import AtTime, ResultRow
from evalkit.book.content.symbols import verdict_symbol
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.report.wording.records import INDEPENDENCE

SHAPES = (
    ("▲", "best estimate: a rise that matters"),
    ("▼", "best estimate: a fall that matters"),
    ("△", "rose a little"),
    ("▽", "fell a little"),
    ("=", "no important change"),
    ("↑", "one of several that also looked: points to a rise"),
    ("↓", "one of several that also looked: points to a fall"),
    ("○", "not clear"),
    ("–", "exploratory, a check, only described, or no result"),
)


@dataclass(frozen=True)
class Group:
    """One evaluation: its analyses, who evaluated and paid, and whether the effect lasted: in a word, and by months after."""

    evaluation: Evaluation
    rows: list[ResultRow]
    independence: str
    synthetic: bool
    certainty: str
    lasting: str
    over_time: dict[int, AtTime]


@dataclass(frozen=True)
class Counts:
    """The answers of real evaluations, by kind; synthetic ones are counted apart."""

    evaluations: int
    analyses: int
    synthetic: int
    kinds: dict[str, int]


@dataclass(frozen=True)
class GlancePage(OnePage):
    """Every analysis; ``independence`` is who evaluated and who paid, where that is the same for all, else empty; ``times`` are the
    months after a change at which any answer was asked."""

    groups: list[Group]
    counts: Counts
    shapes: tuple[tuple[str, str], ...]
    independence: str
    by_chance: str
    times: list[int]

    file = "glance.html"
    template = "glance.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page."""
    groups = [_group(content, evaluation) for evaluation in content.evaluations]
    real = [group for group in groups if not group.synthetic]
    kinds = answers.counted(content)
    counts = Counts(len(real), sum(len(group.rows) for group in real), len(groups) - len(real), kinds)
    sentences = {group.independence for group in groups}
    same = sentences.pop() if len(sentences) == 1 else ""
    times = sorted({months for group in groups for months in group.over_time})
    yield "glance", GlancePage(groups, counts, SHAPES, same, answers.by_chance(kinds), times)


def _group(content: BookContent, evaluation: Evaluation) -> Group:
    rows = [
        ResultRow(
            summary.without_series(),
            f"evaluations/{evaluation.id}/{summary.id}.html",
            summary.role,
            summary.id == evaluation.primary.id,
            verdict_symbol(summary.word, summary.estimate or "", summary.direction),
        )
        for summary in content.summaries[evaluation.id].analyses
    ]
    independence = f"{INDEPENDENCE[evaluation.independence]}. Funding: {evaluation.funded_by.rstrip('.')}"
    told = content.summaries[evaluation.id]
    return Group(
        evaluation, rows, independence, content.catalogue.is_synthetic(evaluation),
        told.primary.certainty or "not judged", told.lasting, {at.months: at for at in told.over_time},
    )  # fmt: skip

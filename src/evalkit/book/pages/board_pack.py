"""The sheets for boards of several evaluations in one, to print with a cover."""

from dataclasses import dataclass

from evalkit.book.content.board import Board
from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.catalogue.records.learning import Term

# A page of hundreds of sheets would open on no ward's computer, and be written again whenever one of them changed.
MOST = 24
WORDS = (
    "analysis", "certainty", "comparator", "confidence-interval", "counterfactual", "verdict-inconclusive",
    "minimum-important-change", "rival-explanation",
)  # fmt: skip


@dataclass(frozen=True)
class BoardPackPage(OnePage):
    """Every sheet, by title.

    Attributes
    ----------
    left_out : int
        How many evaluations have their own page only, as there are too many for one pack.
    words : list of Term
        The glossary of the cover.
    newest : str
        The last period of any of their figures; empty without a result.
    """

    boards: list[Board]
    left_out: int
    words: list[Term]
    newest: str

    file = "board-pack.html"
    template = "board-pack.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page."""
    boards = [content.summaries[evaluation.id].board for evaluation in content.evaluations]
    shown = {board.id for board in sorted(boards, key=lambda board: board.synthetic)[:MOST]}  # what is real comes first
    glossary = content.catalogue.glossary
    yield (
        "board-pack",
        BoardPackPage(
            [board for board in boards if board.id in shown],
            len(boards) - len(shown),
            [glossary[word] for word in WORDS if word in glossary],
            max((board.last for board in boards if board.id in shown), default=""),
        ),
    )

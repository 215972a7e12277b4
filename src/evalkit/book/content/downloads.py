"""What a reader can take away from an evaluation's page: its notebooks as published, the numbers of their figures, and the
answer as a slide and as a page of Word; of a measure, the points of every partner's chart; of a place, whom patients waited for.

They are made beside the pages, below ``book/generated``, and published below ``downloads`` of the book.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.project import GENERATED
from evalkit.report.spreadsheets import csv_of

if TYPE_CHECKING:
    from evalkit.effect import Effect
    from evalkit.report.figures.described import Described

MADE = GENERATED / "evaluations"
ACROSS = GENERATED / "across"
PARTNERS = GENERATED / "partners"
PLACES = GENERATED / "places"
PUBLISHED = Path("downloads")
SUFFIXES = (".ipynb", ".csv", ".svg", ".png", ".pptx", ".docx")


def figure_data(effect: "Effect", synthetic: bool) -> str:
    """The series, or the single points, that the figure of an analysis draws, as CSV.

    Parameters
    ----------
    effect : as an outcome holds it, so it has passed the disclosure gate
    synthetic : whether any of it is invented, said in every row as the file may be passed on without its page
    """
    drawn = effect.series if effect.is_estimated else effect.tables["points"]
    table = drawn.assign(measure=effect.measure, unit=effect.measure_unit, synthetic=str(synthetic).lower())
    return csv_of(table)


def points_as_csv(described: "Described") -> str:
    """The points of a figure as CSV, with what they measure and whether any is invented in every row."""
    axes = {"across": described.across, "up": described.up, "synthetic": str(described.synthetic).lower()}
    return csv_of(described.points.assign(**axes))


def published(root: Path) -> dict[Path, Path]:
    """Every file to publish, by where it stands in the book."""
    made = [
        *(root / MADE).glob("*/*"),
        *(path for each in (ACROSS, PARTNERS, PLACES) for path in (root / each).glob("*")),
    ]
    paths = [path for path in sorted(made) if path.suffix in SUFFIXES]
    return {PUBLISHED / path.parent.name / path.name: path for path in paths}

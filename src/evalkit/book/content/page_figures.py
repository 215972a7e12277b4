"""A figure as a page shows it: drawn, with its numbers, and as files to take away."""

from dataclasses import dataclass

from markupsafe import Markup

from evalkit.report import tables
from evalkit.report.figures import page_figure
from evalkit.report.figures.described import TIME_SERIES, Described


@dataclass(frozen=True)
class PageFigure:
    """A described figure with its drawing and its table, which name each other by ``id``.

    Attributes
    ----------
    file : str
        What its files are called without their endings: ``.csv``, ``.svg``, ``.png``.
    drawing, table : str
        SVG and HTML.
    """

    id: str
    file: str
    described: Described
    drawing: str
    table: str

    def whole(self, caption: str = "") -> str:
        """HTML of a figure that stands by itself: what it found, its axes, the drawing, and how to read it."""
        shown = self.described
        axes = [Markup('<p class="ek-axis">{}</p>').format(shown.up), Markup(self.drawing), series_key("")]
        if shown.kind != TIME_SERIES:
            axes[-1] = Markup('<p class="ek-axis ek-along">{}</p>').format(shown.across)
        title = Markup("<figcaption><strong>{}.</strong></figcaption>").format(shown.title)
        note = Markup('<p class="ek-note">{}</p>').format(caption) if caption else ""
        return Markup('<figure class="ek-drawn-here">{}{}{}</figure>').format(title, Markup("").join(axes), note)


def page_figure_of(
    described: Described, file: str, scale: tuple[float, float] | None = None, height: int | None = None
) -> PageFigure:
    """A figure for a page; ``scale`` and ``height`` where several stand on one scale."""
    id = f"figure-{file}"
    return PageFigure(id, file, described, page_figure.drawing(described, scale, height, id), table(described, id))


def table(described: Described, id: str) -> str:
    """The numbers of a figure, marked for ``figure.js``."""
    unit = described.caption.partition(", in ")[2]
    marks = {"figure": described.kind, "of": id} | ({"unit": unit} if unit else {})
    return tables.as_html(described.table, described.caption, data=marks)


def series_key(drawn: str) -> Markup:
    """What the marks of a time series are, after what it counts."""
    what = Markup("<span>{}</span> ").format(drawn) if drawn else ""
    return Markup(
        '<p class="ek-key">{}<span><span class="ek-key-dot" aria-hidden="true"></span> seen</span>'
        ' <span><span class="ek-key-line" aria-hidden="true"></span> fitted</span>'
        ' <span><span class="ek-key-dashes" aria-hidden="true"></span>'
        ' <span class="ek-only-wide">expected </span>without it</span></p>'
    ).format(what)

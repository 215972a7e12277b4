"""A figure as a page shows it: drawn, with its numbers, and as files to take away."""

from dataclasses import dataclass

from markupsafe import Markup

from evalkit.report import tables
from evalkit.report.figures import page_figure
from evalkit.report.figures.described import EVENT_STUDY, FUNNEL, POINTS, TIME_SERIES, Described

GAP_UNITS = {"%": "%", "percentage points": " points"}
DOTS = '<span><span class="ek-key-dot" aria-hidden="true"></span> seen</span>'
SQUARE = '<span><span class="ek-key-square" aria-hidden="true"></span> {}</span>'
CIRCLE = '<span><span class="ek-key-circle" aria-hidden="true"></span> {} other place{}</span>'
HOLLOW = ' <span><span class="ek-key-hollow" aria-hidden="true"></span> left out</span>'
HOLDS_THE_START = ' <span><span class="ek-key-hollow" aria-hidden="true"></span> holds the start</span>'
WHISKER = ' <span><span class="ek-key-whisker" aria-hidden="true"></span> its own 95% interval</span>'
BAND = ' <span><span class="ek-key-band" aria-hidden="true"></span> 95% range</span>'
LINES = (
    ' <span><span class="ek-key-line" aria-hidden="true"></span> fitted</span>'
    ' <span><span class="ek-key-dashes" aria-hidden="true"></span>'
    ' expected<span class="ek-only-wide"> without it</span></span>'
)


@dataclass(frozen=True)
class PageFigure:
    """A described figure with its drawing and its table, which name each other by ``id``.

    Attributes
    ----------
    file : str
        What its files are called without their endings: ``.csv``, ``.svg``, ``.png``.
    drawing, table : str
        SVG and HTML.
    lines_named : bool
        Whether the drawing says beside each line what it is.
    """

    id: str
    file: str
    described: Described
    drawing: str
    table: str
    lines_named: bool

    def key(self, drawn: str = "") -> Markup:
        """What the marks are that have no name beside them, after what a series counts; empty where all have."""
        if self.described.kind == FUNNEL:
            points = self.described.points
            (place,) = points.loc[points["marked"], "name"]
            others = int((~points["marked"]).sum())
            return Markup('<p class="ek-key">{} {}</p>').format(
                Markup(SQUARE).format(place), Markup(CIRCLE).format(others, "s" if others != 1 else "")
            )
        if self.described.kind not in (TIME_SERIES, POINTS):
            return Markup("")
        what = Markup("<span>{}</span> ").format(drawn) if drawn else ""
        points = self.described.points
        if self.described.kind == POINTS:
            marks = (HOLDS_THE_START if points["left_out"].any() else "") + (
                WHISKER if points["low"].notna().any() else ""
            )
            return Markup('<p class="ek-key">{}{}{}</p>').format(what, Markup(DOTS), Markup(marks))
        extra = (HOLLOW if points["left_out"].any() else "") + (BAND if points["low"].notna().any() else "")
        return Markup('<p class="ek-key">{}{}{}</p>').format(
            what, Markup(DOTS), Markup(("" if self.lines_named else LINES) + extra)
        )

    def whole(self, caption: str = "") -> str:
        """HTML of a figure that stands by itself: what it found, its axes, the drawing, and how to read it."""
        shown = self.described
        along = (
            ""
            if shown.kind in (TIME_SERIES, POINTS)
            else Markup('<p class="ek-axis ek-along">{}</p>').format(shown.across)
        )
        axes = [Markup('<p class="ek-axis">{}</p>').format(shown.up), Markup(self.drawing), along, self.key()]
        title = Markup("<figcaption><strong>{}.</strong></figcaption>").format(shown.title)
        note = Markup('<p class="ek-note">{}</p>').format(caption) if caption else ""
        return Markup('<figure class="ek-drawn-here">{}{}{}</figure>').format(title, Markup("").join(axes), note)


def page_figure_of(
    described: Described, file: str, scale: tuple[float, float] | None = None, height: int | None = None
) -> PageFigure:
    """A figure for a page; ``scale`` and ``height`` where several stand on one scale."""
    id = f"figure-{file}"
    drawn = page_figure.drawing(described, scale, height, id)
    return PageFigure(id, file, described, drawn, table(described, id), bool(page_figure.names_in(described, height)))


def table(described: Described, id: str) -> str:
    """The numbers of a figure, marked for ``figure.js``."""
    unit = described.caption.partition(", in ")[2]
    if described.kind == EVENT_STUDY:
        unit = GAP_UNITS.get(described.up.rpartition(", ")[2], "")
    marks = {"figure": described.kind, "of": id} | ({"unit": unit} if unit else {})
    return tables.as_html(described.table, described.caption, data=marks)

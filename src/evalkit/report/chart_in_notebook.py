"""What a notebook cell displays of a control chart: sentences with icons, the figure, its points, its checks."""

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup, escape

from evalkit.charts import icons, words
from evalkit.charts.chart import Chart
from evalkit.errors import EvaluationError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from evalkit.report.figures.described import Described

PARTS = ("answer", "figure", "points", "checks")


def show(chart: Chart, part: str, name: str, place: str, source: str = "") -> dict[str, Any]:
    """The outputs of one part, by media type; ``name`` and ``place`` are the measure and the place in plain words.

    Raises
    ------
    EvaluationError
        Where a chart has no such part.
    """
    if part not in PARTS:
        raise EvaluationError(f"A chart has no part {part!r}: use one of {', '.join(PARTS)}.")
    return {"answer": _answer, "figure": _figure, "points": _points, "checks": _checks}[part](
        chart, name, place, source
    )


def figure(chart: Chart, name: str, place: str, source: str = "") -> "Figure":
    """The chart as a picture of 16 to 9."""
    from evalkit.report.figures import picture

    return picture.draw(_described(chart, name, place, source))


def _described(chart: Chart, name: str, place: str, source: str) -> "Described":
    from dataclasses import replace

    from evalkit.report.figures.control_chart import control_chart

    return replace(control_chart(chart, name, place, bool(chart.data.get("synthetic"))), source=source)


def _answer(chart: Chart, name: str, place: str, source: str) -> dict[str, Any]:
    said = words.sentences(chart, f"{name} at {place}" if place else name)
    if chart.data.get("synthetic"):
        said = ("Synthetic data. These numbers are invented and describe no real place.", *said)
    drawn = Markup(" ").join(map(Markup, icons.icons_of(chart, 48)))
    as_html = Markup("\n").join(Markup("<p>{}</p>").format(escape(sentence)) for sentence in said)
    return {"text/html": Markup("<p>{}</p>\n{}").format(drawn, as_html), "text/plain": "\n\n".join(said)}


def _figure(chart: Chart, name: str, place: str, source: str) -> dict[str, Any]:
    from evalkit.report.figures import charts, picture

    described = _described(chart, name, place, source)
    png = charts.as_png(picture.draw(described))
    return {"image/png": b64encode(png).decode(), "text/plain": described.alt}


def _points(chart: Chart, name: str, place: str, source: str) -> dict[str, Any]:
    from evalkit.report.figures.control_chart import control_chart

    described = control_chart(chart, name, place)
    return _table(described.table, described.caption)


def _checks(chart: Chart, name: str, place: str, source: str) -> dict[str, Any]:
    answers = {True: "yes", False: "no", None: "for information"}
    rows = [(check.name, answers[check.passed], check.detail) for check in chart.checks]
    rows += [("How it was made", "for information", note) for note in chart.notes]
    return _table(pd.DataFrame(rows, columns=["Check", "Passed", "What was seen"]), "Checks, with what was seen")


def _table(frame: pd.DataFrame, caption: str) -> dict[str, Any]:
    from evalkit.report.tables import as_html

    return {"text/html": as_html(frame, caption), "text/plain": frame.to_string(index=False)}

"""One slide of an evaluation, for PowerPoint and its like: its chart has its numbers in it, to be changed."""

import math
import re
from dataclasses import replace
from datetime import date
from typing import Any

from pptx import Presentation
from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Inches, Length, Pt

from evalkit.book.content import symbols
from evalkit.book.content.analysis_entry import AnswerEntry
from evalkit.book.content.board import Board
from evalkit.book.content.office_files import LANGUAGE, describe, line, saved
from evalkit.effect import Effect
from evalkit.report.figures.charts import EXPECTED, FITTED, INK, MUTED, PAPER
from evalkit.report.figures.described import POINTS, Described
from evalkit.report.figures.observed_series import place_of
from evalkit.report.figures.page_figure import scale_of
from evalkit.report.wording import words

WIDE, HIGH = Inches(13.333), Inches(7.5)  # 16:9
LEFT, ACROSS = Inches(0.5), Inches(12.333)
TITLE_ONLY = 5  # of the layouts of python-pptx's own template
TITLE_SIZES = ((110, 28), (170, 24), (250, 20), (400, 17))  # most characters, points
SMALLEST_TITLE = 14
FONT = "Arial"
GAP = Inches(0.2)
SYNTHETIC = "Synthetic data: the numbers are invented and describe no real place."
SERIES = {"Seen": "observed", "Fitted": "fitted", "Expected without it": "expected"}
BOUNDS = {"Expected, from": "low", "Expected, to": "high"}
OWN_BOUNDS = {"Its own 95% interval, from": "low", "to": "high"}
LABELS, STEPS = 12, 4  # along the axes, about
MOST_PLACES = 400
ROOM_BELOW = 560  # characters that fit between the facts and the note


def slide(board: Board, primary: AnswerEntry, written: date) -> bytes:
    """The finding as its title, the series of the primary analysis, four facts, what is not ruled out, the source.

    Parameters
    ----------
    written : day of the protocol, as which the file is dated

    Returns
    -------
    bytes
        A `.pptx` file, the same for the same.
    """
    assert board.minute is not None  # there is an answer
    minute = board.minute
    file = Presentation()
    file.slide_width, file.slide_height = WIDE, HIGH
    shown = file.slides.add_slide(file.slide_layouts[TITLE_ONLY])
    title = line(" ".join(minute.finding))
    _place(shown.shapes.title, Inches(0.3), Inches(1.15))
    _write(shown.shapes.title.text_frame, [[(title, True)]], _title_size(title))
    if board.synthetic:
        _text(shown, Inches(1.43), Inches(0.3), [[(SYNTHETIC, True)]], 14)
    top = Inches(1.75 if board.synthetic else 1.5)
    _chart(shown, primary, board.synthetic, top, Emu(Inches(5.1) - top))
    width = Emu(ACROSS // len(minute.facts))
    for place, (label, text, shape) in enumerate(minute.facts):
        fact = [[(line(label), True)], [(line(f"{text} {shape}"), False)]]
        _text(shown, Inches(5.15), Inches(0.9), fact, 11, LEFT + place * width, width - GAP)
    told = [[("Not ruled out: ", True), (f"{line(minute.not_ruled_out)}.", False)]] if minute.not_ruled_out else []
    told.append([(line(minute.not_measured), False)])
    lasted = [("Has it lasted? ", True), (line(f"{board.lasted[0]} {board.lasted[-1]}"), False)] if board.lasted else []
    if lasted and sum(len(text) for runs in [*told, lasted] for text, _ in runs) <= ROOM_BELOW:
        told.append(lasted)
    _text(shown, Inches(6.0), Inches(0.6), told, 11)
    _text(shown, Inches(6.6), Inches(0.75), [[(line(text), False)] for text in _note(board, primary)], 9)
    describe(file, board.title, written)
    return saved(file, written)


def _title_size(title: str) -> int:
    return next((size for most, size in TITLE_SIZES if len(title) <= most), SMALLEST_TITLE)


def _note(board: Board, primary: AnswerEntry) -> list[str]:
    """Source, licence, protocol, how to cite."""
    from_where = primary.result["provenance"]
    hollow = ""
    if primary.figure.described.points["left_out"].any():
        left_out = "were left out of the fit" if primary.is_estimated else "hold the start"
        hollow = f" Hollow points {left_out}."
    return [
        f"Source: {from_where['table_title']}. Licence: {', '.join(from_where['licences'])}. Protocol {board.protocol}.{hollow}",
        f"Cite as: {board.cite_as}",
    ]


def _place(shape: Any, top: Length, height: Length, left: int = LEFT, width: int = ACROSS) -> None:
    shape.left, shape.top, shape.width, shape.height = Emu(left), top, Emu(width), height


def _text(
    shown: Any,
    top: Length,
    height: Length,
    paragraphs: list[list[tuple[str, bool]]],
    size: int,
    left: int = LEFT,
    width: int = ACROSS,
) -> None:
    box = shown.shapes.add_textbox(Emu(left), top, Emu(width), height)
    _write(box.text_frame, paragraphs, size)


def _write(frame: Any, paragraphs: list[list[tuple[str, bool]]], size: int) -> None:
    """Fill a frame with paragraphs of (text, whether bold)."""
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for number, runs in enumerate(paragraphs):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.LEFT
        for text, bold in runs:
            run = paragraph.add_run()
            run.text = text
            run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
            run.font.color.rgb = _colour(INK)
            run._r.get_or_add_rPr().set("lang", LANGUAGE)


def _colour(web: str) -> RGBColor:
    return RGBColor.from_string(web.removeprefix("#").upper())


def chart_data(described: Described) -> dict[str, list[float | None]]:
    """The values of each series of the chart, by its name; None where there is none."""
    points = described.points
    if described.kind == POINTS:
        columns = {"Seen": "observed"} | (OWN_BOUNDS if points["low"].notna().any() else {})
    else:
        columns = SERIES | (BOUNDS if points["low"].notna().any() else {})
    return {
        name: [float(value) if math.isfinite(value) else None for value in points[column]]
        for name, column in columns.items()
    }


def _chart(shown: Any, primary: AnswerEntry, synthetic: bool, top: Length, height: Length) -> None:
    described = primary.figure.described
    data = CategoryChartData(number_format=_digits(described))
    described = _evenly_spaced(described)
    data.categories = [_short(period) for period in described.points["name"]]
    values = chart_data(described)
    for name, of_series in values.items():
        data.add_series(name, of_series)
    frame = shown.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, LEFT, top, ACROSS, height, data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", line(described.alt))
    frame._element.nvGraphicFramePr.cNvPr.set("name", "Chart of the headline series")
    chart = frame.chart
    chart.category_axis.tick_labels.font.size = Pt(10)
    chart.font.size, chart.font.name, chart.font.color.rgb = Pt(12), FONT, _colour(INK)
    named = f"{words.sentence_case(primary.measure.plain_name)} at {primary.place}. {described.up}"
    chart.has_title = True
    run = chart.chart_title.text_frame.paragraphs[0].add_run()
    run.text = line(f"{named}{' (synthetic data)' if synthetic else ''}")
    run.font.size, run.font.bold = Pt(12), True
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _axes(chart, len(data.categories), scale_of([described]))
    seen, *others = chart.plots[0].series
    left_out = described.points["left_out"].tolist()
    _as_points(seen, [at for at, value in enumerate(values["Seen"]) if left_out[at] and value is not None])
    if described.kind == POINTS:
        _as_whiskers(chart, others)
        return
    fitted, expected, *bounds = others
    _as_line(fitted, FITTED, MSO_LINE.SOLID)
    _as_line(expected, EXPECTED, MSO_LINE.DASH)
    for bound in bounds:
        _as_line(bound, EXPECTED, MSO_LINE.ROUND_DOT)
        bound.format.line.width = Pt(1)
    for at in _begins(primary.effect, values["Expected without it"], left_out):
        fitted.points[at].format.line.fill.background()
        fitted.points[at].marker.style = XL_MARKER_STYLE.NONE


def _evenly_spaced(described: Described) -> Described:
    """Single points with an empty place for every period between them, as a chart of PowerPoint has its points evenly apart."""
    if described.kind != POINTS:
        return described
    points = described.points.assign(position=described.points["position"].round().astype(int)).set_index("position")
    last = int(points.index[-1])
    if last > MOST_PLACES:
        return described
    spread = points.reindex(range(last + 1)).reset_index()
    spread = spread.assign(name=spread["name"].fillna(""), left_out=spread["left_out"].eq(True))
    return replace(described, points=spread)


def _begins(effect: Effect, expected: list[float | None], left_out: list[bool]) -> list[int]:
    """Where a fitted line is not joined to the one before: after the start, and after the end of a change that ended."""
    first = next((at for at, value in enumerate(expected) if value is not None and not left_out[at]), 0)
    periods = [str(period) for period in effect.series["period"]]
    ended = place_of(periods, effect.end) + 1 if effect.end else 0
    return [at for at in (first, ended) if 0 < at < len(periods)]


def _digits(described: Described) -> str:
    """How the workbook shows values; it holds all of their digits."""
    most = float(described.points["observed"].abs().max())
    return "#,##0" if most >= 1000 else "0.0" if most >= 10 else "0.00"


def _short(period: str) -> str:
    """``Apr 2016``, ``4 Apr 2022`` for a week or a day; what is no date stays as it is."""
    first = period.split("/")[0]
    if not re.fullmatch(r"\d{4}-\d\d(-\d\d)?", first):
        return period
    *day, month, year = symbols.day(first).split()
    return " ".join([*day, month[:3], year])


def _axes(chart: Chart, categories: int, scale: tuple[float, float]) -> None:
    """Around what is drawn, as on the page: an axis from nothing would flatten it."""
    value, category = chart.value_axis, chart.category_axis
    value.minimum_scale, value.maximum_scale, value.major_unit = _round_axis(*scale)
    value.major_gridlines.format.line.color.rgb = RGBColor(0xE4, 0xE7, 0xEA)
    value.format.line.fill.background()
    category.format.line.color.rgb = _colour(MUTED)
    category.tick_labels.offset = 50
    step = max(1, -(-categories // LABELS))
    for name in ("tickLblSkip", "tickMarkSkip"):  # python-pptx has no name for these
        skip = parse_xml(f'<c:{name} {nsdecls("c")} val="{step}"/>')
        axis = category._element
        after = axis.find(qn("c:noMultiLvlLbl"))
        axis.append(skip) if after is None else after.addprevious(skip)


def _round_axis(low: float, high: float) -> tuple[float, float, float]:
    """Ends and step of an axis in round numbers that takes in both."""
    rough = (high - low) / STEPS or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def _as_points(series: Any, left_out: list[int]) -> None:
    """Points that nothing joins; hollow where they were left out of the fit."""
    series.smooth = False
    series.format.line.fill.background()
    series.marker.style, series.marker.size = XL_MARKER_STYLE.CIRCLE, 6
    _fill(series.marker, INK)
    for at in left_out:
        marker = series.points[at].marker
        marker.style, marker.size = XL_MARKER_STYLE.CIRCLE, 6
        _fill(marker, PAPER)


def _as_whiskers(chart: Chart, bounds: list[Any]) -> None:
    """From the lower to the upper end of each point's interval: the ends as dashes, and a line between them."""
    for bound in bounds:
        bound.smooth = False
        bound.format.line.fill.background()
        bound.marker.style, bound.marker.size = XL_MARKER_STYLE.DASH, 7
        _fill(bound.marker, MUTED)
    if bounds:  # python-pptx has no name for these
        lines = parse_xml(f"<c:hiLowLines {nsdecls('c')}/>")
        plot = chart.plots[0]._element
        plot.find(qn("c:marker")).addprevious(lines)


def _fill(marker: Any, web: str) -> None:
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = _colour(web)
    marker.format.line.color.rgb = _colour(INK)


def _as_line(series: Any, web: str, dash: MSO_LINE) -> None:
    series.smooth = False
    series.marker.style = XL_MARKER_STYLE.NONE
    series.format.line.color.rgb = _colour(web)
    series.format.line.width, series.format.line.dash_style = Pt(2.25), dash

"""An evaluation on one page of Word, to be changed before a meeting. There is no Word here, so its length is bounded:

every line has a height of its own that no program changes, and lines are counted in a typeface that is wider than the one
that it is written in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from evalkit.book.content import symbols
from evalkit.book.content.analysis_entry import AnswerEntry
from evalkit.book.content.board import Board
from evalkit.book.content.office_files import LANGUAGE, describe, line, saved

PAGE = (Mm(210), Mm(297))
MARGIN = Mm(14)
WIDTH, WHOLE = (side.pt - 2 * MARGIN.pt for side in PAGE)
ROOM = WHOLE - 12  # a line less than there is
FONT = "Arial"
WIDER = "DejaVu Sans"  # than Arial by an eighth, though not in every letter; matplotlib brings it
LEADING = 1.22
INDENT = 10.0
# What is tried in turn until all is within the page: points, and the most lines of a paragraph.
TRIED = ((9.5, None), (9.0, None), (8.5, None), (8.0, None), (7.5, None), (7.5, 6), (7.5, 4), (7.5, 2))
SMALLEST, LARGEST = Mm(52).pt, Mm(80).pt  # height of the picture
BELOW_A_PICTURE = 4.0  # points that a line has below what stands on it
MORE = "… (more on its page)"
SYNTHETIC = "Synthetic data: the numbers on this page are invented and describe no real place."


@dataclass(frozen=True)
class Paragraph:
    """Texts that follow each other, some of them bold.

    Attributes
    ----------
    style : {"title", "heading", "lead", "text", "point", "note"}
    """

    style: str
    runs: tuple[tuple[str, bool], ...]


SIZES = {"title": 1.5, "heading": 1.15, "lead": 1.15, "text": 1.0, "point": 1.0, "note": 0.85}  # of that of text
BEFORE = {"heading": 4.0}
AFTER = {"title": 3.0, "lead": 3.0, "heading": 1.5, "text": 2.5, "point": 1.0, "note": 1.5}
NAMES = {"title": "Title", "heading": "Heading 1", "point": "List Bullet"}
ALWAYS_BOLD = ("title", "heading", "lead")


def paragraphs(board: Board, primary: AnswerEntry) -> tuple[list[Paragraph], list[Paragraph]]:
    """What stands above the picture and what below."""
    return list(_above(board)), list(_below(board, primary))


def _plain(style: str, text: str) -> Paragraph:
    return Paragraph(style, ((line(text), style in ALWAYS_BOLD),))


def _labelled(style: str, label: str, text: str) -> Paragraph:
    return Paragraph(style, ((line(label) + " ", True), (line(text), False)))


def _above(board: Board) -> Iterator[Paragraph]:
    assert board.minute is not None  # there is an answer
    minute = board.minute
    yield _plain("title", board.title)
    if board.synthetic:
        yield Paragraph("text", ((SYNTHETIC, True),))
    yield _plain("note", board.question)
    yield _plain("lead", " ".join(minute.finding))
    facts: list[tuple[str, bool]] = []
    for label, text, shape in minute.facts:
        facts += [(f"{'  |  ' if facts else ''}{line(label)}: ", True), (line(f"{text} {shape}"), False)]
    yield Paragraph("text", tuple(facts))
    yield _plain("text", board.headline)
    yield _labelled("text", "Certainty:", f"{board.certainty}." if board.certainty else board.missed)
    for reason in board.reasons:
        yield _plain("point", reason)
    for sentence in board.calibrated:
        yield _plain("note", sentence)
    across = [f"Put together across sites: {title}. {says}." for _, title, says in board.across]
    yield _plain("text", " ".join([minute.not_measured, *across]))


def _below(board: Board, primary: AnswerEntry) -> Iterator[Paragraph]:
    yield _plain("note", f"{primary.figure.described.title}. {primary.caption}")
    yield _plain("heading", "What else could explain it")
    for rival in board.rivals:
        yield _labelled("point", rival.kind, f"{rival.explains}. {rival.reason}")
    if not board.rivals:
        yield _plain("text", "Nothing that was named touches the answer.")
    yield _plain("heading", "What it means for a decision")
    yield _plain("text", " ".join(board.decision))
    if board.lasted:
        yield _labelled("text", "Has it lasted?", " ".join(board.lasted))
    yield _plain("heading", "Ask before you act")
    for question in board.asks:
        yield _plain("point", question)
    from_where = primary.result["provenance"]
    yield _labelled(
        "note",
        "Source:",
        f"{from_where['table_title']}. Licence: {', '.join(from_where['licences'])}. Figures to {symbols.day(board.last)}."
        f" Cite as: {board.cite_as}",
    )


def width_of(text: str, size: float, bold: bool) -> float:
    """Of a text in points, in the wider typeface; no letter moves nearer to another."""
    return size * sum(_letter(letter, bold) for letter in text)


@cache
def _letter(letter: str, bold: bool) -> float:
    """Its width with the room beside it, where letters are one point high."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=WIDER, size=100, weight="bold" if bold else "normal")
    within, alone = (
        text_to_path.get_text_width_height_descent(told, font, ismath=False)[0] for told in (f"|{letter}|", "||")
    )
    return (within - alone) / 100


def lines_of(paragraph: Paragraph, size: float) -> int:
    """How many it takes, no word divided unless it is wider than the page."""
    width = WIDTH - (INDENT if paragraph.style == "point" else 0)
    size *= SIZES[paragraph.style]
    lines, at = 1, 0.0
    for text, bold in paragraph.runs:
        space = width_of(" ", size, bold)
        for word in text.split():
            wide = width_of(word, size, bold)
            if at and at + space + wide > width:
                lines, at = lines + 1, 0.0
            at += wide + (space if at else 0)
            lines, at = lines + int(at // width), at % width
    return lines


def height(told: list[Paragraph], size: float) -> float:
    """Of paragraphs in points, and no less than they will take."""
    return sum(
        lines_of(paragraph, size) * _leading(paragraph.style, size)
        + BEFORE.get(paragraph.style, 0)
        + AFTER[paragraph.style]
        for paragraph in told
    )


def _leading(style: str, size: float) -> float:
    return size * SIZES[style] * LEADING


def _cut(paragraph: Paragraph, size: float, most: int | None) -> Paragraph:
    """The first lines; it says so where words are left out."""
    if most is None or lines_of(paragraph, size) <= most:
        return paragraph
    *first, (text, bold) = paragraph.runs
    kept = text.split()
    while kept:
        kept.pop()
        shorter = Paragraph(paragraph.style, (*first, (f"{' '.join(kept)}{MORE}", bold)))
        if lines_of(shorter, size) <= most:
            return shorter
    return Paragraph(paragraph.style, ((MORE, bold),))


def fitted(above: list[Paragraph], below: list[Paragraph]) -> tuple[list[Paragraph], list[Paragraph], float, float]:
    """The texts, their size and the height of the picture, with which all is on one page."""
    size, room = TRIED[0][0], 0.0
    for size, most in TRIED:
        above, below = ([_cut(paragraph, size, most) for paragraph in told] for told in (above, below))
        room = ROOM - height([*above, *below], size) - AFTER["text"]
        if room >= SMALLEST:
            break
    return above, below, size, max(0.0, min(room, LARGEST))


def word_page(board: Board, primary: AnswerEntry, picture: bytes, written: date) -> bytes:
    """The page for boards, as a document on one A4 sheet.

    Parameters
    ----------
    picture : PNG of the figure
    written : day of the protocol, as which the file is dated

    Returns
    -------
    bytes
        A `.docx` file, the same for the same.
    """
    above, below, size, high = fitted(*paragraphs(board, primary))
    file = Document()
    section = file.sections[0]
    section.page_width, section.page_height = PAGE
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN
    section.header_distance = section.footer_distance = Mm(5)
    _style(file, size)
    for paragraph in above:
        _add(file, paragraph, size)
    if high:
        _picture(file, picture, high, line(primary.figure.described.alt))
    for paragraph in below:
        _add(file, paragraph, size)
    describe(file, board.title, written)
    return saved(file, written)


def _style(file: Any, size: float) -> None:
    normal = file.styles["Normal"]
    normal.font.size = Pt(size)
    for name in ("Normal", *NAMES.values()):
        style = file.styles[name]
        style.font.name, style.font.color.rgb = FONT, RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in [key for key in fonts.attrib if key.endswith("Theme")]:  # it would win over the name
            del fonts.attrib[theme]
        for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(kind), FONT)
    for border in file.styles["Title"].element.findall(".//" + qn("w:pBdr")):
        border.getparent().remove(border)
    for language in file.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), LANGUAGE)


def _add(file: Any, paragraph: Paragraph, size: float) -> None:
    made = file.add_paragraph(style=NAMES.get(paragraph.style))
    layout = made.paragraph_format
    layout.space_before, layout.space_after = Pt(BEFORE.get(paragraph.style, 0)), Pt(AFTER[paragraph.style])
    layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    layout.line_spacing = Pt(_leading(paragraph.style, size))
    layout.widow_control = layout.keep_with_next = layout.keep_together = False
    if paragraph.style == "point":
        layout.left_indent, layout.first_line_indent = Pt(INDENT), Pt(-INDENT)
    for text, bold in paragraph.runs:
        run = made.add_run(text)
        run.bold, run.font.size = bold, Pt(size * SIZES[paragraph.style])


def _picture(file: Any, picture: bytes, high: float, alt: str) -> None:
    made = file.add_paragraph()
    layout = made.paragraph_format
    layout.space_before, layout.space_after = Pt(0), Pt(AFTER["text"])
    layout.line_spacing_rule = WD_LINE_SPACING.SINGLE  # or it would be cut
    drawn = made.add_run().add_picture(BytesIO(picture), height=Pt(high - BELOW_A_PICTURE))
    drawn._inline.docPr.set("descr", alt)

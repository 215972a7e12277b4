"""Whom patients waited for, as SVG in the page: ranges of the classes, reasons by size, classes over the months.

Each mark has the number of its table's row, by which ``figure.js`` finds it.
"""

import html
from collections.abc import Sequence

from evalkit.book.places.flow_shown import MOST_OF_THEM, FlowShown, ReasonRow
from evalkit.flow import words
from evalkit.report.figures.frame import readable
from evalkit.report.wording.words import month_name

LINE, FOOT = 44, 22  # pixels that a bar with its label takes, and the scale below
SCALE = (0, 25, 50, 75, 100)
END = 96.0  # per cent of the width at which a bar ends
PANEL, LEFT, RIGHT = 92, 9.0, 98.0


def _svg(id: str, height: int, alt: str, parts: Sequence[str]) -> str:
    return (
        f'<svg id="{id}" class="ek-figure ek-chart" height="{height}" role="img" aria-label="{html.escape(alt)}">'
        f"{''.join(parts)}</svg>"
    )


def _bar(x: float, width: float, y: float, high: int, kind: str, at: int | None = None) -> str:
    mark = "" if at is None else f' data-i="{at}"'
    return f'<rect class="{kind}"{mark} x="{x:.1f}%" y="{y:.0f}" width="{max(width, 0.6):.1f}%" height="{high}"/>'


def class_ranges(flow: FlowShown, id: str) -> str:
    """A row a class: what the readings say of recorded patients of the leading months, within what is possible of all who stayed."""
    parts, height = [], LINE * len(flow.found.classes) + FOOT
    for tick in SCALE:
        x = END * tick / 100
        parts.append(f'<line class="ek-grid" x1="{x:.1f}%" x2="{x:.1f}%" y1="4" y2="{height - FOOT}"/>')
        side = ' text-anchor="middle"' if tick else ""
        parts.append(f'<text x="{x:.1f}%" y="{height - 6}"{side}>{tick}</text>')
    for at, one in enumerate(flow.lead.found.classes):
        y = LINE * at
        parts.append(f'<text class="ek-label" x="0" y="{y + 16}">{words.NAMES[one.name]}</text>')
        if one.lowest is not None and one.highest is not None:
            parts.append(_bar(END * one.lowest, END * (one.highest - one.lowest), y + 24, 12, "ek-possible"))
        parts.append(_bar(END * one.low, END * (one.high - one.low), y + 21, 18, "ek-recorded", at))
    said = "; ".join(
        f"{name}, {of_recorded[0]} of 100 recorded, {of_all} of 100 who stayed"
        for name, of_recorded, of_all in flow.rows
    )
    alt = f"What hospitals recorded as the reason {flow.where}, {flow.lead.when}. {said}."
    return _svg(id, height, alt, parts)


def largest(reasons: Sequence[ReasonRow]) -> list[int]:
    """Places of the reasons, by size, that together are most of the recorded patients."""
    order = sorted(range(len(reasons)), key=lambda at: (-reasons[at].patients, reasons[at].label))
    whole, kept, counted = sum(row.patients for row in reasons), [], 0.0
    for at in order:
        if counted >= MOST_OF_THEM * whole:
            break
        kept.append(at)
        counted += reasons[at].patients
    return kept


def reason_bars(flow: FlowShown, id: str) -> str:
    """The reasons by size, until most patients are told, and the others together."""
    shown = largest(flow.reasons)
    rest = [row.patients for at, row in enumerate(flow.reasons) if at not in shown and row.patients]
    drawn = [(at, flow.reasons[at].label, flow.reasons[at].patients) for at in shown]
    if rest:
        drawn.append((-1, f"{len(rest)} other reason{'' if len(rest) == 1 else 's'} together", sum(rest)))
    most = max(patients for _, _, patients in drawn)
    parts = []
    for row, (at, label, patients) in enumerate(drawn):
        y, width = LINE * row, 82 * patients / most
        kind = "ek-recorded" if at >= 0 else "ek-possible"
        parts.append(f'<text class="ek-label" x="0" y="{y + 16}">{html.escape(label)}</text>')
        parts.append(_bar(0, width, y + 22, 14, kind, at if at >= 0 else None))
        parts.append(f'<text class="ek-label" x="{width + 1.5:.1f}%" y="{y + 34}">{patients:,.1f}</text>')
    said = "; ".join(f"{label}, {patients:,.1f}" for _, label, patients in drawn)
    alt = f"Reasons for which patients stayed {flow.where}, {flow.lead.when}, patients on an average day. {said}."
    return _svg(id, LINE * len(drawn) + 4, alt, parts)


def class_months(flow: FlowShown, id: str) -> str:
    """A panel a class, all on one scale: its range over the readings, in hundredths, month by month."""
    months, count = flow.months, len(flow.months)
    most = readable(0, 100 * max(high for row in months for _, high in row.ends))[1]
    height = PANEL * len(flow.found.classes) + FOOT

    def across(at: float) -> float:
        return LEFT + (RIGHT - LEFT) * (at / (count - 1) if count > 1 else 0.5)

    parts = []
    for panel, one in enumerate(flow.found.classes):
        top, floor = PANEL * panel + 34, PANEL * (panel + 1) - 6

        def down(value: float, top: int = top, floor: int = floor) -> float:
            return floor - (floor - top) * value / most

        parts.append(f'<text class="ek-label" x="0" y="{top - 18}">{words.NAMES[one.name]}</text>')
        for tick in (0, most):
            parts.append(f'<line class="ek-grid" x1="{LEFT}%" x2="100%" y1="{down(tick):.1f}" y2="{down(tick):.1f}"/>')
            parts.append(f'<text x="0" y="{down(tick) + 4:.1f}">{tick:g}</text>')
        for at, row in enumerate(months):
            low, high = (100 * end for end in row.ends[panel])
            tall = max(down(low) - down(high), 4)
            y = min(down(high), floor - tall)  # nought stands on the axis, not below it
            mark = f' data-i="{at}"' if panel == 0 else ""
            parts.append(
                f'<rect class="ek-recorded ek-month"{mark} x="{across(at):.1f}%" y="{y:.1f}" width="9" height="{tall:.1f}"/>'
            )
    for at in sorted({0, count - 1}):
        side = ' text-anchor="end"' if at else ""
        parts.append(
            f'<text x="{LEFT if not at else 100}%" y="{height - 6}"{side}>{month_name(months[at].month)}</text>'
        )
    ends = (month_name(months[0].month), month_name(months[-1].month))
    alt = (
        f"Shares of recorded patients by class of reason {flow.where}, month by month from {ends[0]} to {ends[1]}: a panel"
        " a class, each bar over its range of readings. The table below has every month."
    )
    return _svg(id, height, alt, parts)

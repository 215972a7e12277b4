"""Charts of partners as SVG in the page: one that can be read point by point, a small one, and a funnel.

A special point is a square, another a dot, so that none is known by its colour.
"""

import html
from collections.abc import Iterable, Sequence

from evalkit.book.partners.measure_charts import PartnerChart, Stretch
from evalkit.book.partners.place_funnel import PlaceFunnel
from evalkit.report.figures.frame import Frame, short
from evalkit.report.figures.observed_series import years

HEIGHT, FUNNEL_HEIGHT = 170, 320
WIDE, HIGH, EDGE = 240, 60, 3  # of a small chart
STEP = 2  # its lines lie at whole multiples, so that limits that hardly move are one piece
USUAL = ". "
WORD = 16  # per cent of the width of a phone that the word "target" takes
ROOM = 14  # pixels, from which on no point lies under it


def chart(one: PartnerChart, alt: str, id: str, target: float | None = None) -> str:
    """A chart of the width of its place; each point has its number, by which ``figure.js`` finds it."""
    frame = Frame.around((0, max(len(one.judged) - 1, 1)), _ends(one, target), HEIGHT)
    parts = [*frame.grid(), frame.stretched(_lines(one, frame)), *frame.names_below(years(one.months))]
    if target is not None:
        y = frame.down(target)
        parts.append(f'<line class="ek-nought" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_named_target(one, frame, y))
    for at, value in enumerate(one.judged):
        x = f"{frame.across(at):.1f}%"
        if value is None:
            parts.append(f'<circle data-i="{at}" cx="{x}" cy="{frame.floor}" r="0"/>')
        elif one.natures[at] in USUAL:
            parts.append(f'<circle data-i="{at}" cx="{x}" cy="{frame.down(value):.1f}" r="3"/>')
        else:
            y = frame.down(value) - 3.5
            parts.append(f'<rect class="ek-special" data-i="{at}" x="{x}" y="{y:.1f}" width="7" height="7"/>')
    return (
        f'<svg id="{id}" class="ek-figure ek-chart" height="{HEIGHT}" role="img" aria-label="{html.escape(alt)}">'
        f"{''.join(parts)}</svg>"
    )


def _named_target(one: PartnerChart, frame: Frame, y: float) -> str:
    """The word at the target's line where, above or below, and begun at, midway or ended, most room is left by points."""
    drawn = [
        (frame.across(at), frame.down(value)) for at, value in enumerate(one.judged) if value is not None
    ]  # fmt: skip

    def room(place: tuple[str, float, float]) -> float:
        _, middle, height = place
        near = [abs(down - (height - 4)) for across, down in drawn if abs(across - middle) < WORD]
        return min(min(near, default=HEIGHT), ROOM) if 10 < height < frame.floor else -1

    ends = (("end", 100 - WORD / 2), ("middle", frame.left + (100 - frame.left) / 2), ("start", frame.left + WORD / 2))
    places = [(anchor, middle, y + lift) for lift in (-4, 13) for anchor, middle in ends]
    anchor, _, height = max(places, key=room)
    across = {"end": 100.0, "middle": frame.left + (100 - frame.left) / 2, "start": frame.left}[anchor]
    return f'<text x="{across:.1f}%" y="{height:.1f}" text-anchor="{anchor}">target</text>'


def _lines(one: PartnerChart, frame: Frame) -> list[str]:
    def path(name: str, stretches: Sequence[Stretch]) -> str:
        points = []
        for stretch in stretches:
            value = getattr(stretch, name)
            points += [(max(stretch.first - 0.4, 0), value), (stretch.last + 0.4, value)]
        return frame.path([(min(at, frame.last), value) for at, value in points])

    limited = [stretch for stretch in one.lines if stretch.lower is not None]
    return [
        f'<path class="ek-centre" d="{path("centre", one.lines)}"/>',
        *(f'<path class="ek-limit" d="{path(name, limited)}"/>' for name in ("lower", "upper") if limited),
    ]


def small(one: PartnerChart, caption: str) -> str:
    """A chart of about a kilobyte: the band between the limits, the centre line, dots, and squares for special points.

    What it shows stands in words beside it, in the element whose id is ``caption``; its values stand in it for whoever
    points at it.
    """
    low, high = _ends(one, None)
    last = max(len(one.judged) - 1, 1)

    def x(at: float) -> str:
        return f"{EDGE + (WIDE - 2 * EDGE) * at / last:.0f}"

    def y(value: float) -> str:
        return f"{HIGH - EDGE - (HIGH - 2 * EDGE) * (value - low) / (high - low or 1):.0f}"

    def edge(value: float) -> str:
        return f"{STEP * round(float(y(value)) / STEP)}"

    band, centre = [], []
    for stretch in one.lines:
        ends = (x(max(stretch.first - 0.5, 0)), x(min(stretch.last + 0.5, last)))
        if stretch.lower is not None and stretch.upper is not None:
            band.append((*ends, edge(stretch.lower), edge(stretch.upper)))
        centre.append((*ends, edge(stretch.centre)))
    middle = "".join(f"M{left} {height}H{right}" for left, right, height in _joined(centre))
    there = [(at, value) for at, value in enumerate(one.judged) if value is not None]
    dots = _marks((int(x(at)), int(y(value))) for at, value in there if one.natures[at] in USUAL)
    squares = _marks((int(x(at)), int(y(value))) for at, value in there if one.natures[at] not in USUAL)
    season = ' data-note=", season removed"' if one.season_removed else ""
    values = " ".join("" if value is None else f"{float(f'{value:.3g}'):g}" for value in one.judged).replace(
        "  ", " - "
    )
    return (
        f'<svg class="ek-spark" viewBox="0 0 {WIDE} {HIGH}" role="img" aria-labelledby="{html.escape(caption)}" data-first="{one.first}"'
        f' data-values="{values}"{season}><path class="b" d="{_outline(_joined(band))}"/><path class="c" d="{middle}"/><path class="d" d="{dots}"/>'
        f'<path class="s" d="{squares}"/></svg>'
    )


def _marks(places: Iterable[tuple[int, int]]) -> str:
    """A path that is a mark at each place, each told by how far it lies from the one before, as that is short."""
    path, before = "", None
    for place in places:
        if before is None:
            path = f"M{place[0]} {place[1]}h0"
        else:
            down = place[1] - before[1]
            path += f"m{place[0] - before[0]}{'' if down < 0 else ' '}{down}h0"
        before = place
    return path


def _joined(pieces: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Neighbours that lie at the same heights as one; each is from, to, heights."""
    joined: list[tuple[str, ...]] = []
    for left, right, *heights in pieces:
        if joined and joined[-1][1:] == (left, *heights):
            joined[-1] = (joined[-1][0], right, *heights)
        else:
            joined.append((left, right, *heights))
    return joined


def _outline(pieces: Sequence[tuple[str, ...]]) -> str:
    """Around pieces of a band: along the upper edge, and back along the lower one; anew after a gap."""
    groups: list[list[tuple[str, ...]]] = []
    for piece in pieces:
        if groups and groups[-1][-1][1] == piece[0]:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return "".join(
        f"M{group[0][0]} {group[0][3]}"
        + "".join(f"V{upper}H{right}" for _, right, _, upper in group)
        + "".join(f"V{lower}H{left}" for left, _, lower, _ in reversed(group))
        + "Z"
        for group in groups
    )


def funnel(made: PlaceFunnel, alt: str, id: str) -> str:
    """Places by how much is counted at each, and the limits within which most would lie; squares lie outside."""
    edges = [value for edge in made.limits for value in edge]
    down = (min(*made.values, *edges), max(*made.values, *edges))
    frame = Frame.around((0, 1.02 * max(made.denominators)), down, FUNNEL_HEIGHT)
    paths = []
    for kind, pair in (("ek-limit-inner", made.limits[:2]), ("ek-limit", made.limits[2:])):
        for edge in pair:
            paths.append(f'<path class="{kind}" d="{frame.path(list(zip(made.along, edge, strict=True)))}"/>')
    across = [(0.0, made.centre), (frame.last, made.centre)]
    parts = [*frame.grid(), frame.stretched([*paths, f'<path class="ek-centre" d="{frame.path(across)}"/>'])]
    ticks, step = _ticks(frame.last)
    parts += frame.names_below(zip(ticks, short(ticks, step), strict=True))
    outside = []
    for at, (many, value) in enumerate(zip(made.denominators, made.values, strict=True)):
        place = f"{frame.across(many):.1f}%"
        if made.outside[at]:
            y = frame.down(value) - 3.5
            outside.append(f'<rect class="ek-special" data-i="{at}" x="{place}" y="{y:.1f}" width="7" height="7"/>')
        else:
            parts.append(f'<circle class="ek-other" data-i="{at}" cx="{place}" cy="{frame.down(value):.1f}" r="3"/>')
    return (
        f'<svg id="{id}" class="ek-figure ek-chart" height="{FUNNEL_HEIGHT}" role="img" aria-label="{html.escape(alt)}">'
        f"{''.join(parts)}{''.join(outside)}</svg>"
    )


def _ticks(last: float) -> tuple[list[float], float]:
    power = 10.0 ** (len(str(int(last))) - 1)
    step = next(size * power for size in (0.25, 0.5, 1, 2, 5, 10) if last / (size * power) <= 6)
    return [step * at for at in range(int(last / step) + 1)], step


def _ends(one: PartnerChart, target: float | None) -> tuple[float, float]:
    """Least and greatest of what is drawn."""
    lines = [end for stretch in one.lines for end in (stretch.centre, stretch.lower, stretch.upper)]
    drawn = [value for value in (*one.judged, *lines, target) if value is not None]
    return min(drawn), max(drawn)

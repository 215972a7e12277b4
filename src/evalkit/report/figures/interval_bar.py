"""An estimate and its interval as a small bar beside its numbers, on a scale that a table's rows share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

HEIGHT = 22
LEAST_SQUARE, LARGEST_SQUARE = 4, 16  # sides, in pixels
MARGIN = 3.0  # per cent at either end
WIDEST = 2.5  # times the largest estimate, or the headline's farther end: what reaches further is cut with an arrow


@dataclass(frozen=True)
class Size:
    """An estimate with both ends of its interval; an end that is not bounded is infinite or missing.

    Attributes
    ----------
    shape : str
        ``dot``; ``square`` for what counts for more or less; ``diamond`` for a mean; ``none`` for an interval by itself.
    share : float
        Of a square: its area, as a share of the largest.
    """

    estimate: float
    low: float
    high: float
    shape: str = "dot"
    share: float = 1.0


def bars(sizes: Sequence[Size], matters: Sequence[float | None]) -> list[str]:
    """A drawing for each, hidden from those who hear the numbers beside it.

    Parameters
    ----------
    sizes : the headline first
    matters : as many
        The smallest change that counts: what is nearer to no change is shaded.
    """
    widest = max((least for least in matters if least is not None), default=None)
    low, high = _axis(sizes, widest)

    def across(value: float) -> float:
        return MARGIN + (100 - 2 * MARGIN) * (min(max(value, low), high) - low) / (high - low)

    def shade(least: float | None) -> str:
        if least is None:
            return ""
        x = across(-least)
        return f'<rect class="ek-shade" x="{x:.1f}%" width="{across(least) - x:.1f}%" y="0" height="{HEIGHT}"/>'

    nought = f'<line class="ek-nought" x1="{across(0):.1f}%" x2="{across(0):.1f}%" y1="0" y2="{HEIGHT}"/>'
    return [
        f'<svg class="ek-bar" height="{HEIGHT}" aria-hidden="true">{shade(least)}{nought}{_bar(size, low, high, across)}</svg>'
        for size, least in zip(sizes, matters, strict=True)
    ]


def _bar(size: Size, low: float, high: float, across) -> str:
    if not math.isfinite(size.estimate):
        return ""
    middle = HEIGHT // 2
    size = replace(
        size,
        low=-math.inf if math.isnan(size.low) else size.low,
        high=math.inf if math.isnan(size.high) else size.high,
    )
    line = f'<line class="ek-interval-line" x1="{across(size.low):.1f}%" x2="{across(size.high):.1f}%" y1="{middle}" y2="{middle}"/>'
    cut = "".join(
        f'<text x="{x}%" y="{middle + 5}" class="{side}">{arrow}</text>'
        for beyond, x, side, arrow in ((size.low < low, 0, "ek-after", "‹"), (size.high > high, 100, "ek-before", "›"))
        if beyond
    )
    return f"{line}{cut}{_shape(size, across)}"


def _shape(size: Size, across) -> str:
    middle, x = HEIGHT // 2, across(size.estimate)
    if size.shape == "none":
        return ""
    if size.shape == "diamond":
        low, high = across(size.low), across(size.high)
        path = f"M{low:.1f} {middle}L{x:.1f} {middle - 8}L{high:.1f} {middle}L{x:.1f} {middle + 8}Z"
        return (
            f'<svg viewBox="0 0 100 {HEIGHT}" preserveAspectRatio="none" width="100%" height="{HEIGHT}">'
            f'<path class="ek-diamond" d="{path}"/></svg>'
        )
    if size.shape == "square":
        side = LEAST_SQUARE + (LARGEST_SQUARE - LEAST_SQUARE) * math.sqrt(max(size.share, 0))
        return (
            f'<rect class="ek-square" x="{x:.1f}%" y="{middle - side / 2:.1f}" width="{side:.1f}" height="{side:.1f}"'
            f' transform="translate({-side / 2:.1f})"/>'
        )
    return f'<circle cx="{x:.1f}%" cy="{middle}" r="4.5"/>'


def _axis(sizes: Sequence[Size], matters: float | None) -> tuple[float, float]:
    """From the least to the greatest end, or as far as estimates and the headline's interval ask for."""
    estimates = [size.estimate for size in sizes if math.isfinite(size.estimate)]
    first = [end for size in sizes[:1] for end in (size.low, size.high) if math.isfinite(end)]
    widest = WIDEST * max((abs(value) for value in (*estimates, *first, matters or 0)), default=1) or 1
    ends = [end for size in sizes for end in (size.low, size.high) if math.isfinite(end)]
    inside = [min(max(end, -widest), widest) for end in ends] + estimates + [0.0]
    reach = matters or 0
    low, high = min(*inside, -reach), max(*inside, reach)
    return (low, high) if high > low else (-1.0, 1.0)

"""Small drawings of one site's series, as SVG that stands in the page and follows light and dark."""

import html
import math
from collections.abc import Sequence

import pandas as pd

from evalkit.effect import Effect
from evalkit.report.figures.observed_series import ObservedSeries, place_of
from evalkit.report.wording import words

WIDTH, HEIGHT = 300, 130
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 20, 20
FIGURES = 5


def observed_series(effect: Effect) -> ObservedSeries | None:
    """The observed series of an effect; None where it has none."""
    if effect.series.empty:
        return None
    observed = pd.to_numeric(effect.series["observed"])
    return ObservedSeries(
        [str(period) for period in effect.series["period"]],
        [None if pd.isna(value) else float(f"{value:.{FIGURES}g}") for value in observed],
        sorted({start[:10] for start in effect.interruptions}),
        effect.measure_unit,
    )


def bounds(series: Sequence[ObservedSeries]) -> tuple[float, float]:
    """Least and greatest value of several series, for a scale that they share."""
    values = [value for observed in series for value in observed.values if value is not None]
    return (min(values), max(values)) if values else (0.0, 0.0)


def as_text(observed: ObservedSeries) -> list[str]:
    """Every value as readers see it; what is missing says so."""
    return ["missing" if value is None else words.plain(value) for value in observed.values]


def alt(observed: ObservedSeries, name: str, place: str) -> str:
    """What the drawing shows, for those who cannot see it."""
    low, high = bounds([observed])
    text = f"Small chart of {name} at {place}, {words.month_name(observed.periods[0])} to {words.month_name(observed.periods[-1])}"
    text += f": {len([v for v in observed.values if v is not None])} points between {words.plain(low)} and {words.plain(high)} {observed.unit}"
    begins = [words.month_name(start[:7]) for start in observed.starts]
    if len(begins) > words.NAMED_STARTS:
        return f"{text}. {len(begins)} changes are marked, from {begins[0]} to {begins[-1]}."
    return f"{text}. Marked: the change in {', '.join(begins)}." if begins else f"{text}."


def drawing(observed: ObservedSeries, label: str, scale: tuple[float, float]) -> str:
    """Points, not joined; a dotted line where the change began; the ends of both axes in figures."""
    low, high = _round(*scale)
    across = (WIDTH - LEFT - RIGHT) / max(len(observed.periods) - 1, 1)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low))

    points = "".join(
        f"M{LEFT + across * at:.1f} {y(value):.1f}h0" for at, value in enumerate(observed.values) if value is not None
    )
    marks = []
    for start in observed.starts:
        at = LEFT + across * (place_of(observed.periods, start) - 0.5)
        marks.append(f'<path class="start" d="M{at:.1f} {TOP - 6}V{HEIGHT - BOTTOM}"/>')
    if len(observed.starts) == 1:
        near_end = at > WIDTH * 0.62
        anchor = ' text-anchor="end"' if near_end else ""
        marks.append(
            f'<text x="{at + (-3 if near_end else 3):.1f}" y="{TOP - 9}"{anchor}>{words.month_name(observed.starts[0][:7])}</text>'
        )
    floor = HEIGHT - BOTTOM
    return (
        f'<svg class="ek-small" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(label, quote=True)}">'
        f'<path class="grid" d="M{LEFT - 4} {TOP}H{WIDTH - RIGHT}M{LEFT - 4} {floor}H{WIDTH - RIGHT}"/>'
        f"{''.join(marks)}"
        f'<path class="points" d="{points}"/>'
        f'<text x="{LEFT - 8}" y="{TOP + 4}" text-anchor="end">{_short(high)}</text>'
        f'<text x="{LEFT - 8}" y="{floor + 1}" text-anchor="end">{_short(low)}</text>'
        f'<text x="{LEFT}" y="{HEIGHT - 5}">{observed.periods[0][:4]}</text>'
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 5}" text-anchor="end">{observed.periods[-1].split("/")[-1][:4]}</text></svg>'
    )


def _round(low: float, high: float) -> tuple[float, float]:
    """Ends that read easily, around both."""
    if not high > low:
        low, high = low - 1, high + 1
    step = 10 ** math.floor(math.log10(high - low))
    step = next(size for size in (step / 4, step / 2, step, 2 * step) if (high - low) / size <= 8)
    return math.floor(low / step) * step, math.ceil(high / step) * step


def _short(value: float) -> str:
    return f"{value / 1000:g}k" if abs(value) >= 10_000 else f"{value:,.0f}" if abs(value) >= 100 else f"{value:g}"

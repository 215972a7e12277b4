"""Small drawings of one site's series, as SVG that stands in the page and follows light and dark."""

import html

import pandas as pd

from evalkit.effect import Effect
from evalkit.report.figures.frame import Frame
from evalkit.report.figures.observed_series import ObservedSeries, place_of, years
from evalkit.report.figures.positions import position_of, positions
from evalkit.report.wording import words

HEIGHT = 130
FIGURES = 5


def observed_series(effect: Effect) -> ObservedSeries | None:
    """The observed series of an effect; None where it has none."""
    if effect.series.empty:
        return None
    observed, expected = (
        [None if pd.isna(value) else float(f"{value:.{FIGURES}g}") for value in pd.to_numeric(effect.series[column])]
        for column in ("observed", "counterfactual")
    )
    periods = [str(period) for period in effect.series["period"]]
    starts = sorted({start[:10] for start in effect.interruptions})
    if not effect.is_estimated:
        marks = [position_of(start, periods) for start in starts]
        return ObservedSeries(periods, observed, starts, effect.measure_unit, expected, positions(periods), marks)
    return ObservedSeries(periods, observed, starts, effect.measure_unit, expected)


def bounds(observed: ObservedSeries) -> tuple[float, float]:
    """Least and greatest value of what was seen and expected."""
    values = [value for value in (*observed.values, *observed.expected) if value is not None]
    return (min(values), max(values)) if values else (0.0, 0.0)


def as_text(observed: ObservedSeries) -> list[str]:
    """Every value as readers see it; what is missing says so."""
    return ["missing" if value is None else words.plain(value) for value in observed.values]


def alt(observed: ObservedSeries, name: str, place: str) -> str:
    """What the drawing shows, for those who cannot see it."""
    seen = [value for value in observed.values if value is not None] or [0.0]
    low, high = min(seen), max(seen)
    text = f"Small chart of {name} at {place}, {words.month_name(observed.periods[0])} to {words.month_name(observed.periods[-1])}"
    text += f": {len([v for v in observed.values if v is not None])} points between {words.plain(low)} and {words.plain(high)} {observed.unit}"
    begins = [words.month_name(start[:7]) for start in observed.starts]
    if len(begins) > words.NAMED_STARTS:
        return f"{text}. {len(begins)} changes are marked, from {begins[0]} to {begins[-1]}."
    return f"{text}. Marked: the change in {', '.join(begins)}." if begins else f"{text}."


def drawing(observed: ObservedSeries, label: str) -> str:
    """Points, not joined, on their own scale; what was expected dashed; a dotted line where the change began."""
    places = observed.at or [float(at) for at in range(len(observed.periods))]
    across = [*places, *observed.marks]
    frame = Frame.around((min(across), max(*across, 1)), bounds(observed), HEIGHT)
    pairs = zip(places, observed.values, strict=True)
    points = "".join(f"{frame.path([(at, value)])}h0" for at, value in pairs if value is not None)
    expected = frame.path([(at, value) for at, value in enumerate(observed.expected) if value is not None])
    lines = [f'<path class="ek-expected" d="{expected}"/>'] if expected else []
    marks = observed.marks or sorted({place_of(observed.periods, start) - 0.5 for start in observed.starts})
    told = words.month_name(observed.starts[0][:7]) if len(marks) == 1 else ""
    parts = [
        *frame.grid(), frame.stretched([*lines, f'<path class="ek-points" d="{points}"/>']),
        *frame.names_below((places[at], year) for at, year in years(observed.periods)), *(frame.mark(at, told) for at in marks),
    ]  # fmt: skip
    return (
        f'<svg class="ek-figure ek-small" height="{HEIGHT}" role="img" aria-label="{html.escape(label, quote=True)}">'
        f"{''.join(parts)}</svg>"
    )

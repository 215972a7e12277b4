"""A series drawn in the page itself: it follows its width, light and dark, and its letters stay letters at their size.

Across, everything is in per cent of the width, so that nothing but the lines is stretched; down, it is in pixels.
"""

import html
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.effect import Effect
from evalkit.report.figures.observed_series import place_of
from evalkit.report.wording import words

HEIGHT = 148
TOP, BOTTOM = 24, 24
RIGHT = 98.5  # per cent
LETTER = 2.7  # per cent of a narrow figure that one figure of the scale takes
STARTS_SHOWN = 4
FINE = 1000  # width of the lines' own coordinates


def scale_of(effects: Sequence[Effect]) -> tuple[float, float]:
    """Least and greatest value drawn in several series, for a scale that they share."""
    values = np.concatenate([_values(effect) for effect in effects])
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)


def drawing(effect: Effect, label: str, scale: tuple[float, float] | None = None, height: int = HEIGHT) -> str:
    """What was counted, the fitted lines and what was expected, with the start marked.

    Parameters
    ----------
    label : str
        What the figure shows, for those who cannot see it.
    scale : (float, float), optional
        Least and greatest value, where it shares them with others.
    """
    series = effect.series
    low, high, step = _axis(*(scale or scale_of([effect])))
    ticks = [low + step * at for at in range(round((high - low) / step) + 1)]
    names = _short(ticks, step)
    left = LETTER * max(map(len, names)) + 1.5
    number = max(len(series) - 1, 1)
    floor = height - BOTTOM

    def across(at: float) -> float:
        return left + (RIGHT - left) * at / number

    def down(value: float) -> float:
        return TOP + (floor - TOP) * (high - value) / (high - low)

    column = {name: pd.to_numeric(series[name]).to_numpy(float) for name in series.columns[1:6]}
    left_out = series["in_transition"].to_numpy(bool)
    periods = [str(period) for period in series["period"]]
    parts = []
    for tick, name in zip(ticks, names, strict=True):
        y = f"{down(tick):.1f}"
        parts.append(
            f'<line class="ek-grid" x1="0" x2="100%" y1="{y}" y2="{y}"/><text x="0" y="{down(tick) - 4:.1f}">{name}</text>'
        )
    for first, last in _runs(left_out):
        x, wide = across(first - 0.5), across(last + 0.5) - across(first - 0.5)
        parts.append(f'<rect class="ek-shade" x="{x:.1f}%" width="{wide:.1f}%" y="{TOP}" height="{floor - TOP}"/>')
    parts.append(_lines(column, left_out, _end(effect, periods), across, down, height))
    parts += [
        f'<text class="ek-year" x="{across(at):.1f}%" y="{height - 6}">{year}</text>' for at, year in _years(periods)
    ]
    parts += _starts(effect, periods, across, floor)
    for at, value in enumerate(column["observed"]):
        if math.isfinite(value):
            kind = ' class="ek-out"' if left_out[at] else ""
            parts.append(f'<circle{kind} cx="{across(at):.1f}%" cy="{down(value):.1f}" r="3"/>')
    return f'<svg class="ek-figure" height="{height}" role="img" aria-label="{html.escape(label, quote=True)}">{"".join(parts)}</svg>'


def _values(effect: Effect) -> np.ndarray:
    names = ["observed", "fitted", "counterfactual", "counterfactual_low", "counterfactual_high"]
    values = effect.series[names].apply(pd.to_numeric).to_numpy(float).ravel()
    return values[np.isfinite(values)]


def _lines(column, left_out, end: int | None, across, down, height: int) -> str:
    """The stretched part: the range of what was expected, then both lines."""
    after = np.isfinite(column["counterfactual"])
    begins = int(np.argmax(after & ~left_out)) if after.any() else len(after)
    sides = np.digitize(np.arange(len(after)), [begins, end if end is not None else len(after) + 1])

    def path(name: str, at: Sequence[int]) -> str:
        points = [(i, column[name][i]) for i in at if math.isfinite(column[name][i])]
        return (
            "M" + "L".join(f"{FINE * across(i) / 100:.0f} {down(value):.1f}" for i, value in points) if points else ""
        )

    every = range(len(after))
    band = ""
    bounded = [i for i in every if after[i] and math.isfinite(column["counterfactual_low"][i])]
    if bounded:
        up, back = path("counterfactual_high", bounded), path("counterfactual_low", bounded[::-1])
        band = f'<path class="ek-band" d="{up}{back.replace("M", "L")}Z"/>'
    fitted = "".join(path("fitted", [i for i in every if sides[i] == side]) for side in range(3))
    expected = path("counterfactual", [i for i in every if after[i]])
    return (
        f'<svg viewBox="0 0 {FINE} {height}" preserveAspectRatio="none" width="100%" height="{height}">{band}'
        f'<path class="ek-fitted" d="{fitted}"/><path class="ek-expected" d="{expected}"/></svg>'
    )


def _starts(effect: Effect, periods: Sequence[str], across, floor: int) -> list[str]:
    """A line at each start, and the month of the first; those who began together have one."""
    places = sorted({place_of(periods, start) for start in effect.interruptions})
    marks = [
        f'<line class="ek-start" x1="{across(at - 0.5):.1f}%" x2="{across(at - 0.5):.1f}%" y1="{TOP - 8}" y2="{floor}"/>'
        for at in places[:STARTS_SHOWN]
    ]
    x = across(places[0] - 0.5)
    side = "ek-before" if x > 60 else "ek-after"
    told = f"{'from ' if len(places) > 1 else ''}{_month(effect.interruptions[0])}"
    return [*marks, f'<text class="{side}" x="{x:.1f}%" y="{TOP - 10}">{told}</text>']


def _month(start: str) -> str:
    """``Jul 2017``, which has room in a small figure."""
    name, _, year = words.month_name(start[:7]).rpartition(" ")
    return f"{name[:3]} {year}" if year.isdigit() and len(start) >= 7 else words.as_given(start)


def _end(effect: Effect, periods: Sequence[str]) -> int | None:
    return place_of(periods, effect.end) + 1 if effect.end else None


def _years(periods: Sequence[str]) -> list[tuple[int, str]]:
    """The first period of each year but a year that is cut short to nothing at the left; at most seven."""
    years = [period[:4] for period in periods]
    firsts = [at for at, year in enumerate(years) if at and year != years[at - 1]]
    if not firsts:
        return [(len(periods) // 2, years[0])] if years else []
    return [(at, years[at]) for at in firsts[:: math.ceil(len(firsts) / 7)]]


def _runs(marked: np.ndarray) -> list[tuple[int, int]]:
    """First and last of each run of what is marked."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(int), [0]])))
    return [(int(first), int(last) - 1) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def _axis(low: float, high: float) -> tuple[float, float, float]:
    """Ends that read easily, around both, and the step between ticks: three to five of them."""
    if not high > low:
        low, high = low - 1, high + 1
    rough = (high - low) / 3
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def _short(ticks: Sequence[float], step: float) -> list[str]:
    """Ticks in few letters: thousands as ``k`` where one would have five figures."""
    if max(abs(tick) for tick in ticks) >= 10_000 and step >= 100:
        return [f"{tick / 1000:g}k" for tick in ticks]
    decimals = 0 if step >= 1 else -math.floor(math.log10(step))
    return [f"{tick:,.{decimals}f}".replace("-", "−") for tick in ticks]

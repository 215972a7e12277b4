"""The frame of a drawing in a page: where numbers lie, its grid and its ticks.

Across, everything is in per cent of the width, so that nothing but lines is stretched; down, it is in pixels.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TOP, BOTTOM = 24, 24
RIGHT = 98.5  # per cent
LETTER = 2.7  # per cent of a narrow figure that one figure of the scale takes
FINE = 1000  # width of the lines' own coordinates


@dataclass(frozen=True)
class Frame:
    """The numbers ``first`` to ``last`` across, and ``low`` to ``high`` in steps down a height in pixels."""

    first: float
    last: float
    low: float
    high: float
    step: float
    height: int

    @classmethod
    def around(
        cls, across: tuple[float, float], down: tuple[float, float], height: int, most: float = math.inf
    ) -> "Frame":
        """With ends that read easily, around both, of which the upper one is at most ``most``."""
        first, last = across
        low, high, step = readable(*down)
        if high > most:
            low, high = most - math.ceil((most - min(low, most - step)) / step) * step, most
        return cls(first, last if last > first else first + 1, low, high, step, height)

    @property
    def floor(self) -> int:
        """The lower edge of the drawing."""
        return self.height - BOTTOM

    @property
    def ticks(self) -> list[float]:
        """Of the scale at the left."""
        return [self.low + self.step * at for at in range(round((self.high - self.low) / self.step) + 1)]

    @property
    def left(self) -> float:
        """Per cent that the scale takes."""
        return LETTER * max(map(len, short(self.ticks, self.step))) + 1.5

    def across(self, at: float) -> float:
        """Per cent of the width."""
        return self.left + (RIGHT - self.left) * (at - self.first) / (self.last - self.first)

    def down(self, value: float) -> float:
        """Pixels from the top; what lies beyond the scale is drawn at its edge."""
        inside = min(max(value, self.low), self.high)
        return TOP + (self.floor - TOP) * (self.high - inside) / (self.high - self.low)

    def grid(self) -> list[str]:
        """A line and its number for each tick."""
        return [
            f'<line class="ek-grid" x1="0" x2="100%" y1="{self.down(tick):.1f}" y2="{self.down(tick):.1f}"/>'
            f'<text x="0" y="{self.down(tick) - 4:.1f}">{name}</text>'
            for tick, name in zip(self.ticks, short(self.ticks, self.step), strict=True)
        ]

    def names_below(self, names: Iterable[tuple[float, str]]) -> list[str]:
        """Names of places along the lower edge."""
        told = []
        for at, name in names:
            x = self.across(at)
            fits = x < 95 or len(name) <= 2  # a longer one would stand out of the drawing
            place = f'x="{x:.1f}%"' if fits else 'x="100%" text-anchor="end"'
            told.append(f'<text class="ek-year" {place} y="{self.height - 6}">{name}</text>')
        return told

    def mark(self, at: float, label: str = "", kind: str = "ek-start") -> str:
        """An upright line, with its name above it."""
        x = self.across(at)
        line = f'<line class="{kind}" x1="{x:.1f}%" x2="{x:.1f}%" y1="{TOP - 8}" y2="{self.floor}"/>'
        side = "ek-before" if x > 60 else "ek-after"
        return line + (f'<text class="{side}" x="{x:.1f}%" y="{TOP - 10}">{label}</text>' if label else "")

    def path(self, points: Sequence[tuple[float, float]]) -> str:
        """A line through points, in coordinates of ``stretched``; empty without any."""
        along = (f"{FINE * self.across(at) / 100:.0f} {self.down(value):.1f}" for at, value in points)
        return f"M{'L'.join(along)}" if points else ""

    def stretched(self, parts: Iterable[str]) -> str:
        """Lines that go with the width."""
        return (
            f'<svg viewBox="0 0 {FINE} {self.height}" preserveAspectRatio="none" width="100%" height="{self.height}">'
            f"{''.join(parts)}</svg>"
        )


def readable(low: float, high: float) -> tuple[float, float, float]:
    """Ends that read easily, around both, and the step between ticks: three to five of them."""
    if not high > low:
        low, high = low - 1, high + 1
    rough = (high - low) / 3
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def short(ticks: Sequence[float], step: float) -> list[str]:
    """Ticks in few letters: thousands as ``k`` where one would have five figures."""
    if max(abs(tick) for tick in ticks) >= 10_000 and step >= 100:
        return [f"{tick / 1000:g}k" for tick in ticks]
    decimals = next(at for at in range(12) if math.isclose(step, round(step, at), rel_tol=1e-9))
    return [f"{tick:,.{decimals}f}".replace("-", "−") for tick in ticks]

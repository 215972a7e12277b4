"""Icons of variation and of assurance: each has a shape, a letter and words, so that none is known by its colour alone.

Drawn here, in the colours that NHSRplotthedots and the tools of Making Data Count share (R/ptd_spc_colours.R), so that who
knows those charts knows these. Outlines take the colour of the text around them, so that they show on light and on dark.
"""

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from evalkit.charts.chart import Chart
from evalkit.charts.rules import ASSURANCES, VARIATIONS

HOLLOW = "-hollow"
UNREAD = "v-cannot_be_read"  # stands where chance raises icons too often for any to be shown
IMPROVEMENT, CONCERN, NEUTRAL, COMMON = "#00b0f0", "#e46c0a", "#490092", "#a6a6a6"

VARIATION_WORDS = {
    "improvement_high": "special cause of improving nature, higher",
    "improvement_low": "special cause of improving nature, lower",
    "concern_high": "special cause of concerning nature, higher",
    "concern_low": "special cause of concerning nature, lower",
    "neutral_high": "special cause, higher; neither direction is better",
    "neutral_low": "special cause, lower; neither direction is better",
    "common_cause": "common cause, no special cause in the last point",
    "not_enough_points": "not enough points to say",
}
ASSURANCE_WORDS = {
    "pass": "both limits lie on the better side of the target",
    "fail": "both limits lie on the worse side of the target",
    "hit_and_miss": "the target lies within the limits",
    "no_target": "there is no target",
    "no_better_direction": "neither direction is better, so no target is judged",
    "no_limits": "a chart without limits gives no assurance",
    "not_enough_points": "not enough points to say",
}

# Letters as strokes, so that no typeface is needed: each is drawn around (32, 32).
LETTERS = {
    "H": "M22 18V46M42 18V46M22 32H42",
    "L": "M24 18V46H41",
    "P": "M24 46V18H34a8 8 0 0 1 0 16H24",
    "F": "M24 46V18H40M24 32H37",
    "?": "M25 26a7 7 0 1 1 10 6.3c-2.2 1.1-3 2-3 4.7M32 43v.1",
    "wave": "M16 36q5.3-12 10.7-4t10.6 0T48 28",
    "up": "M32 46V22M22 32L32 22L42 32",
    "down": "M32 18V42M22 32L32 42L42 32",
    "none": "M24 32H40",
    "few": "M22 32v.1M32 32v.1M42 32v.1",
}
SHAPES = {
    "circle": '<circle cx="32" cy="32" r="28"{paint}/>',
    "diamond": '<path d="M32 2L62 32L32 62L2 32Z"{paint}/>',
    "square": '<rect x="5" y="5" width="54" height="54" rx="4"{paint}/>',
    "roof": '<path d="M32 3L60 26V60H4V26Z"{paint}/>',
    "keel": '<path d="M32 61L60 38V4H4V38Z"{paint}/>',
    "ring": '<circle cx="32" cy="32" r="28" stroke-dasharray="8 6"{paint}/>',
}
# Shape, letter, fill, and ink that stands out from it.
VARIATION_DRAWINGS = {
    "improvement_high": ("circle", "H", IMPROVEMENT, "#000"),
    "improvement_low": ("circle", "L", IMPROVEMENT, "#000"),
    "concern_high": ("diamond", "H", CONCERN, "#000"),
    "concern_low": ("diamond", "L", CONCERN, "#000"),
    "neutral_high": ("roof", "up", NEUTRAL, "#fff"),
    "neutral_low": ("keel", "down", NEUTRAL, "#fff"),
    "common_cause": ("square", "wave", COMMON, "#000"),
    "not_enough_points": ("ring", "few", "none", "currentColor"),
}
ASSURANCE_DRAWINGS = {
    "pass": ("circle", "P", IMPROVEMENT, "#000"),
    "fail": ("diamond", "F", CONCERN, "#000"),
    "hit_and_miss": ("square", "?", COMMON, "#000"),
    "no_target": ("ring", "none", "none", "currentColor"),
    "no_better_direction": ("ring", "none", "none", "currentColor"),
    "no_limits": ("ring", "none", "none", "currentColor"),
    "not_enough_points": ("ring", "few", "none", "currentColor"),
}


@lru_cache
def variation_icon(variation: str, season: str = "", size: int = 32) -> str:
    """The icon as SVG, with its words as title; ``season`` is the sentence on it that a chart has.

    Parameters
    ----------
    variation : str
        One of ``rules.VARIATIONS``.
    size : int
        Width and height in pixels.
    """
    return _drawn(
        "variation", variation, VARIATION_DRAWINGS[variation], f"Variation: {VARIATION_WORDS[variation]}", season, size
    )


@lru_cache
def assurance_icon(assurance: str, size: int = 32) -> str:
    """The icon as SVG, with its words as title; ``assurance`` is one of ``rules.ASSURANCES``."""
    return _drawn(
        "assurance", assurance, ASSURANCE_DRAWINGS[assurance], f"Assurance: {ASSURANCE_WORDS[assurance]}", "", size
    )


def icons_of(chart: Chart, size: int = 32) -> tuple[str, str]:
    """The icons of variation and of assurance of a chart."""
    return variation_icon(chart.variation, chart.season, size), assurance_icon(chart.assurance, size)


def symbols(used: Iterable[str]) -> str:
    """The icons of a page, once: each is shown by ``used_icon`` under its name.

    Parameters
    ----------
    used : names that ``name_of`` gave
    """
    parts = []
    for name in sorted(set(used)):
        kind, _, code = name.removesuffix(HOLLOW).partition("-")
        drawings = VARIATION_DRAWINGS if kind == "v" else ASSURANCE_DRAWINGS
        shape, letter, fill, ink = ("ring", "?", "none", "currentColor") if name == UNREAD else drawings[code]
        if name.endswith(HOLLOW):
            fill, ink = "none", "currentColor"
        parts.append(f'<symbol id="{name}" viewBox="0 0 64 64">{_shapes(shape, letter, fill, ink)}</symbol>')
    return f'<svg class="chart-icons" width="0" height="0" aria-hidden="true">{"".join(parts)}</svg>' if parts else ""


def name_of(code: str, of_assurance: bool = False, hollow: bool = False) -> str:
    """What an icon is called in the sheet of ``symbols``; a hollow one has its shape and letter without a colour."""
    return f"{'a' if of_assurance else 'v'}-{code}{HOLLOW if hollow else ''}"


def used_icon(name: str, label: str = "") -> str:
    """An icon of the sheet; without a label it only repeats words that stand beside it."""
    known = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return f'<svg class="chart-icon" {known}><use href="#{name}"/></svg>'


def _drawn(kind: str, code: str, drawing: tuple[str, str, str, str], words: str, season: str, size: int) -> str:
    shape, letter, fill, ink = drawing
    title = escape(f"{words}. {season}".rstrip() if season else f"{words}.")
    name = code.replace("_", "-")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart-icon chart-icon-{kind} chart-icon-{name}" role="img"'
        f' aria-label="{title}" width="{size}" height="{size}" viewBox="0 0 64 64"><title>{title}</title>'
        f"{_shapes(shape, letter, fill, ink)}</svg>"
    )


def _shapes(shape: str, letter: str, fill: str, ink: str) -> str:
    paint = f' fill="{fill}" stroke="currentColor" stroke-width="3"'
    return (
        f"{SHAPES[shape].format(paint=paint)}"
        f'<path d="{LETTERS[letter]}" fill="none" stroke="{ink}" stroke-width="5" stroke-linecap="round"'
        ' stroke-linejoin="round"/>'
    )


assert set(VARIATION_DRAWINGS) == set(VARIATION_WORDS) == set(VARIATIONS)
assert set(ASSURANCE_DRAWINGS) == set(ASSURANCE_WORDS) == set(ASSURANCES)

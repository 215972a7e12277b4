"""Was anything moving before the change? Each question is put to the treated units and to every other assignment."""

import numpy as np

from evalkit.designs.differences import Differences
from evalkit.designs.terms import p_words
from evalkit.effect import Check
from evalkit.errors import EvaluationError
from evalkit.inference.assignments import can_reach, detectable, p_value
from evalkit.intake.periods import name_of

PARALLEL = "Parallel trends before the change"
INVENTED = "Invented date before the change"
EARLY = "Change shortly before the start"
LEAST_BEFORE = 4
LEAST_FOR_INVENTED = 6
SHORTLY = 3
SIZE = 0.05


def checks(found: Differences, told) -> tuple[Check, ...]:
    """Three checks of the periods before the change; ``told`` writes a size on the model's scale for readers."""
    return (_parallel(found, told), _invented(found), _early(found))


def _parallel(found: Differences, told) -> Check:
    """A joint test of all periods before, and the difference in trends that a test of its own could have found."""
    times = found.panel.untreated_until[found.panel.is_treated]
    if times.max() < LEAST_BEFORE:
        return Check(PARALLEL, None, f"{times.max()} periods before the change are too few to compare trends.")
    if not can_reach(len(found.others)):
        return Check(PARALLEL, None, "There are too few units to judge trends against.")
    own, others = _joint(found)
    p = p_value(own, others)
    slope, slopes, scale = _slopes(found)
    a_year = _periods_a_year(found)
    least = detectable(scale, slopes)
    would = (
        ""
        if least is None
        else f" A difference in trends of {told(least * a_year)} a year would have been found four times in five."
    )
    stand = "do not stand out" if p > SIZE else "stand out"
    return Check(
        PARALLEL,
        p > SIZE,
        f"Before the change the treated units' gaps to their comparators {stand} among {len(others):,} other assignments"
        f" (joint p {p_words(p)}); their trend differed by {told(slope * a_year)} a year.{would}",
    )


def _joint(found: Differences) -> tuple[float, np.ndarray]:
    """Sum of squared studentised gaps before the change: of the treated, and of each other assignment."""
    own = others = 0.0
    for time in range(-int(found.panel.untreated_until[found.panel.is_treated].max()), 0):
        weights = found.weights(time)
        placebos, scales = found.placebos(weights)
        own = own + (found.effect(weights) / found.scales(found.own, weights)[0]) ** 2
        others = others + (placebos / scales) ** 2
    return float(own), others


def _slopes(found: Differences) -> tuple[float, np.ndarray, float]:
    """Slope of the gap before the change per period; studentised slopes (B,) of other assignments; the scale."""
    weights = np.zeros_like(found.base_weights)
    for row, until in zip(weights, found.panel.untreated_until[found.panel.is_treated], strict=True):
        if until >= 2:
            since = np.arange(until) - (until - 1) / 2
            row[:until] = since / (since @ since)
    share = weights / len(weights)
    scale = float(found.scales(found.own, np.ones((len(weights), 1)))[0])
    placebo = np.einsum("bkt,kt->b", found.other_paths, share)
    return (
        float(np.einsum("kt,kt->", found.own_paths, share)),
        placebo / found.scales(found.others, np.ones((len(weights), 1))),
        scale,
    )


def _invented(found: Differences) -> Check:
    """The whole analysis with a start half-way through the periods before the first real one."""
    until = int(found.panel.untreated_until[found.panel.is_treated].min())
    if until < LEAST_FOR_INVENTED:
        return Check(INVENTED, None, f"{until} periods before the change are too few to try an invented date.")
    middle = until // 2
    pretend = found.pretending(middle, until)
    when = found.panel.periods[middle]
    try:
        contrast = pretend.contrast(pretend.weights("att"))
    except EvaluationError as error:
        return Check(INVENTED, None, f"It could not be tried: {error}")
    if not can_reach(len(pretend.others)):
        return Check(INVENTED, None, "There are too few units to judge an invented date against.")
    clear = contrast.p_value <= SIZE
    said = "a change appears there too" if clear else "no clear change appears there"
    return Check(INVENTED, not clear, f"With an invented start in {when}, {said} (p {p_words(contrast.p_value)}).")


def _early(found: Differences) -> Check:
    """The last periods before the change against those before them: a change that began before its date."""
    until = int(found.panel.untreated_until[found.panel.is_treated].min())
    unit = name_of(found.panel.periods.freqstr)
    if until < 2 * SHORTLY:
        return Check(EARLY, None, f"{until} {unit}s before the change are too few to look for one that began early.")
    if not can_reach(len(found.others)):
        return Check(EARLY, None, "There are too few units to judge an early change against.")
    weights = found.weights((-SHORTLY, -1)) / SHORTLY
    earlier = found.weights((-until, -SHORTLY - 1))
    difference = weights - earlier / earlier.sum(axis=1, keepdims=True)
    share = difference / found.count
    ones = np.ones((found.count, 1))
    own = float(np.einsum("kt,kt->", found.own_paths, share)) / float(found.scales(found.own, ones)[0])
    others = np.einsum("bkt,kt->b", found.other_paths, share) / found.scales(found.others, ones)
    p = p_value(own, others)
    clear = p <= SIZE
    said = (
        "differ from those before them more than at other assignments"
        if clear
        else "are in line with those before them"
    )
    return Check(EARLY, not clear, f"The last {SHORTLY} {unit}s before the change {said} (p {p_words(p)}).")


def _periods_a_year(found: Differences) -> float:
    return {"M": 12, "Q": 4, "W": 365.25 / 7, "Y": 1}.get(found.panel.periods.freqstr[0], 365.25)

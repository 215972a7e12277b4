"""A result in the plain words of a finding: what it came to, what the measure did, and in round numbers by how much."""

import math

from evalkit.effect import Effect
from evalkit.report.wording import words
from evalkit.report.wording.hedges import did_not_change, moved
from evalkit.standing import Standing
from evalkit.verdict import UNDECIDED, Verdict

NOT_CLEAR = "may have risen or fallen"
DESCRIBED = "was counted before and after, with no estimate of a change"
NO_SIZE = "a size that was not estimated"


def came_to(effect: Effect, verdict: Verdict | None, standing: Standing) -> str:
    """``described``, ``fall``, ``rise``, ``unclear`` or ``no_important_change``: of an answer by its verdict, of one that also looked by
    the interval that allows for all that do, of a check by its own."""
    if not effect.is_estimated:
        return "described"
    if verdict is not None:
        if verdict.word in (*UNDECIDED, "not_evaluable"):
            return "unclear"
        if verdict.word == "no_important_change":
            return verdict.word
        return _side(float(words.headline_row(effect, verdict)["estimate"]))
    if standing.kind == "secondary":
        return standing.direction or "unclear"
    row = effect.headline
    return _side(float(row["estimate"])) if row["low"] > 0 or row["high"] < 0 else "unclear"


def what_it_did(effect: Effect, verdict: Verdict | None, standing: Standing) -> str:
    """``may have fallen by about 14%``: what follows the name of the measure, hedged by certainty; without one, as if low."""
    came = came_to(effect, verdict, standing)
    certainty = verdict.certainty if verdict is not None else "low"
    if came == "described":
        return DESCRIBED
    if came == "unclear":
        return NOT_CLEAR
    if came == "no_important_change":
        return f"{did_not_change(certainty)} much"
    row = _row(effect, verdict)
    return f"{moved(row['estimate'], certainty)} by about {_size(effect, verdict)}"


def filled(asked: str, effect: Effect, verdict: Verdict | None, standing: Standing) -> str:
    """What stands in a sentence for ``{analysis}``, ``{analysis size}`` and so on (see ``catalogue.records.findings``)."""
    if asked == "places":
        return str(len(effect.treated_units))
    if not effect.is_estimated and asked in ("missed", "size", "range"):
        return NO_SIZE
    if asked == "missed":
        least = effect.minimum_detectable_effect
        return "a size that is not known" if least is None else words.size(least, effect.headline["scale"])
    if asked == "size":
        return f"about {_size(effect, verdict)}"
    if asked == "range":
        low, high, scale = _ends(effect, verdict, standing)
        told = words.interval(low, high, scale)
        return told if told.startswith("from") else f"from {told}"
    return what_it_did(effect, verdict, standing)


def _row(effect: Effect, verdict: Verdict | None):
    return effect.headline if verdict is None else words.headline_row(effect, verdict)


def _size(effect: Effect, verdict: Verdict | None) -> str:
    """In whole per cent, unless it is under one."""
    row = _row(effect, verdict)
    size = abs(float(row["estimate"]))
    if row["scale"] == "percent" and size >= 1:
        return f"{size:.0f}%"
    return words.size(size, str(row["scale"]))


def _ends(effect: Effect, verdict: Verdict | None, standing: Standing) -> tuple[float, float, str]:
    """An interval that allows for others that also looked, where there is one."""
    row = _row(effect, verdict)
    if verdict is None and standing.low is not None and standing.high is not None:
        return standing.low, standing.high, str(row["scale"])
    return float(row["low"]), float(row["high"]), str(row["scale"])


def _side(estimate: float) -> str:
    return "unclear" if math.isnan(estimate) else "rise" if estimate > 0 else "fall"

"""An answer in short sentences, and what it can mean for a decision: for readers who stop after one screen."""

import math

from evalkit.design_register import design_called
from evalkit.effect import Effect
from evalkit.report.wording import words
from evalkit.report.wording.hedges import did_not_change, moved
from evalkit.verdict import UNDECIDED, Verdict

FOUND = {
    "improved": "The best estimate is an improvement large enough to matter.",
    "slightly_improved": "The figures speak for an improvement, smaller than was called important beforehand.",
    "worse": "The best estimate is a change for the worse, large enough to matter.",
    "slightly_worse": "The figures speak for a change for the worse, smaller than was called important beforehand.",
    "increased": "The best estimate is a rise large enough to matter; whether that is good depends on what was wanted.",
    "slightly_increased": "The best estimate is a rise, smaller than was called important beforehand.",
    "decreased": "The best estimate is a fall large enough to matter; whether that is good depends on what was wanted.",
    "slightly_decreased": "The best estimate is a fall, smaller than was called important beforehand.",
    "no_important_change": "The figures speak against a change large enough to matter.",
    "inconclusive": "The figures do not decide the question, which is not the same as no effect.",
    "unclear": "The figures do not tell in which direction it went, which is not the same as no effect.",
    "not_evaluable": "The figures allow no answer.",
}
WEIGHT = {
    "high": "They can be a main reason in a decision, beside cost, safety and what people say.",
    "moderate": "They can be one reason among others in a decision.",
    "low": "By themselves they are too weak a reason to extend the change or to stop it.",
    "very low": "By themselves they are no reason to extend the change or to stop it.",
}
NEXT = "Read what else could explain it, and ask the people concerned, before you act."
MORE_NEEDED = "More months or more places would be needed to tell."


def short_answer(effect: Effect, verdict: Verdict, name: str) -> list[str]:
    """The answer in sentences of at most 20 words, 50 words in all.

    Parameters
    ----------
    name : str
        The measure in plain words, of at most 17 words.
    """
    counted = f"We measured {name}."
    row = words.headline_row(effect, verdict)
    if verdict.word == "not_evaluable":
        return [counted, "The figures allow no answer."]
    return [
        counted,
        _moved(effect, verdict, row),
        _between(float(row["low"]), float(row["high"]), str(row["scale"])),
        f"Certainty is {verdict.certainty}." if verdict.certainty else _missed(effect),
    ]


def _missed(effect: Effect) -> str:
    if effect.minimum_detectable_effect is None:
        return "A change could have been missed."
    least = words.size(effect.minimum_detectable_effect, effect.headline["scale"])
    return f"A change of under {least} could have been missed."


def _moved(effect: Effect, verdict: Verdict, row) -> str:
    against = "Compared with others, the figure" if design_called(effect.design).compares else "The figure"
    if verdict.word in ("inconclusive", "unclear"):
        return "Whether the figure changed is not clear."
    if verdict.word == "no_important_change":
        return f"{against} {did_not_change(verdict.certainty)} much."
    return f"{against} {moved(row['estimate'], verdict.certainty)} by {words.size(row['estimate'], row['scale'])}."


def _between(low: float, high: float, scale: str) -> str:
    """Both ends, the unit once."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "How large the change was is not bounded on both sides."
    if low < 0 < high:
        return f"Anything from a fall of {words.number(low, scale)} to a rise of {words.size(high, scale)} would fit."
    direction = "rise" if low > 0 else "fall"
    return f"Any {direction} from {words.interval(low, high, scale)} would fit."


def decision(verdict: Verdict) -> list[str]:
    """What it can mean for a decision: from verdict and certainty only, in cautious words."""
    finding = FOUND[verdict.word]
    if verdict.word in UNDECIDED:
        return [finding, MORE_NEEDED, NEXT]
    if verdict.certainty is None:
        return [finding, NEXT]
    return [finding, WEIGHT[verdict.certainty], NEXT]

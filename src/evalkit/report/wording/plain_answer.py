"""An answer in short sentences, and what it can mean for a decision: for readers who stop after one screen."""

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
    "described": "The figures say what was counted, and not whether the change made a difference.",
}
WEIGHT = {
    "high": "The figures can be a main reason in a decision, beside cost, safety and what people say.",
    "moderate": "The figures can be one reason among others in a decision.",
    "low": "The figures alone are too weak a reason to extend the change or to stop it.",
    "very low": "The figures alone are no reason to extend the change or to stop it.",
}
NEXT = "Read what else could explain it, and ask the people concerned, before you act."
MORE_NEEDED = "More months or more places would be needed to tell."


def decision(verdict: Verdict) -> list[str]:
    """What it can mean for a decision: from verdict and certainty only, in cautious words."""
    finding = FOUND[verdict.word]
    if verdict.word in (*UNDECIDED, "described"):
        return [finding, MORE_NEEDED, NEXT]
    if verdict.certainty is None:
        return [finding, NEXT]
    return [finding, WEIGHT[verdict.certainty], NEXT]

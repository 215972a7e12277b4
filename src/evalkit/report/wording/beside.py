"""What pages say of an analysis that stands beside the one that answers the question: no verdict, and no certainty."""

from evalkit.effect import Effect
from evalkit.report.wording import counted, words
from evalkit.standing import Standing

DESCRIBED = "Only described"
DIRECTIONS = {"rise": "Points to a rise", "fall": "Points to a fall", "unclear": "Direction not clear"}
HELD = {True: "As expected, by itself", False: "Not as expected, by itself", None: "Cannot tell: too imprecise"}


def says(standing: Standing, effect: Effect | None = None) -> str:
    """In a table, where the answer has its verdict; beside the effect, what its own interval would say otherwise is told."""
    if effect is not None and not effect.is_estimated:
        return DESCRIBED
    if standing.kind == "exploratory":
        return "Exploratory"
    if standing.kind == "check":
        return HELD[standing.held]
    told = DIRECTIONS[standing.direction or "unclear"]
    if effect is None or standing.family is None or told != DIRECTIONS["unclear"]:
        return told
    row = effect.headline
    return f"{told}, allowing for all {standing.family}" if row["low"] > 0 or row["high"] < 0 else told


def note(standing: Standing, effect: Effect) -> str:
    """How much an analysis may say, for its own page; no word of a record is in it."""
    if not effect.is_estimated and standing.kind != "primary":
        return "This analysis is only described: it says what was counted, and nothing is concluded from it."
    return {
        "primary": "This analysis answers the question of its evaluation.",
        "secondary": f"This analysis stands beside the answer, and has no verdict. Allowing for all that do: {says(standing).lower()}.",
        "exploratory": "This analysis is exploratory: it was added after results had been seen, and nothing is concluded from it.",
        "check": f"This analysis is a check, and has no verdict: {says(standing).lower()}.",
    }[standing.kind]


def in_family(standing: Standing, effect: Effect) -> str:
    """The interval that allows for all secondary analyses of an evaluation; empty where there is none of the kind."""
    if standing.family is None or not effect.is_estimated:
        return ""
    if standing.low is None or standing.high is None:
        return "no bounds"
    return words.both_ends(standing.low, standing.high, str(effect.headline["scale"]))


def headline(effect: Effect, standing: Standing, name: str, place: str) -> str:
    """The estimate in one sentence, with how much it may say."""
    if not effect.is_estimated:
        return f"{counted.headline(effect, name, place)} {counted.before_and_after(effect)}"
    row = effect.headline
    subject = f"{words.sentence_case(name)} at {place}"
    if row["estimate"] != row["estimate"]:
        return f"{subject} could not be estimated."
    told = f"{subject}: {words.change(row['estimate'], row['scale'])}{words.beside(effect)}"
    own = f"95% interval {words.interval(row['low'], row['high'], row['scale'])}"
    if standing.kind == "exploratory":
        return (
            f"{told} ({own}). Exploratory: it was added after results had been seen, so nothing is concluded from it."
        )
    if standing.kind == "check":
        return f"{told} ({own}). A check: {HELD[standing.held].lower()}."
    if standing.low is None or standing.high is None:
        return f"{told} ({own}). Allowing for the {_number(standing)}, no size can be excluded."
    spread = words.interval(standing.low, standing.high, row["scale"])
    return f"{told} (interval that allows for the {_number(standing)}: {spread}). {DIRECTIONS[standing.direction or 'unclear']}."


def _number(standing: Standing) -> str:
    return f"{standing.family} secondary analyses" if standing.family != 1 else "one secondary analysis"

"""What an effect comes to, in one of a few words, and how certain we are, with the reasons. By rule only."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.catalogue import find_root, read_catalogue
from evalkit.catalogue.records import Evaluation, Measure
from evalkit.effect import POOLED, Effect
from evalkit.errors import EvaluationError, did_you_mean

CERTAINTIES = ("very low", "low", "moderate", "high")
STARTS_AT = {
    "difference-in-differences": "moderate",
    "controlled interrupted time series": "moderate",
    "interrupted time series": "low",
    "before and after": "very low",
}
FEWEST_TO_GO_UP = 3
DATA_CHECKS = ("Enough points", "Missing periods", "Same units throughout")
RIVAL_CHECKS = (
    "Comparators with an invented start",
    "Invented date before the change",
    "Enough comparators",
    "Parallel trends before the change",
    "Change shortly before the start",
    "Fit before the change",
    "Enough treated units",
)


@dataclass(frozen=True)
class Verdict:
    """The word an effect comes to, and how certain it is.

    Attributes
    ----------
    word : str
        not_evaluable; improved, worse, increased or decreased, each also slightly_; no_important_change;
        inconclusive; without a minimum important change only increased, decreased or unclear.
    scale : str
        Scale of the estimate that was judged.
    minimum_important_change : float or None
    certainty : {"high", "moderate", "low", "very low"} or None
        None where nothing was evaluated.
    reasons : tuple of str
        Where certainty started, and why it moved.
    """

    word: str
    scale: str
    minimum_important_change: float | None
    certainty: str | None
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "word": self.word,
            "scale": self.scale,
            "minimum_important_change": self.minimum_important_change,
            "certainty": self.certainty,
            "reasons": list(self.reasons),
        }

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "Verdict":
        """The verdict that ``to_dict`` wrote."""
        return cls(**{**plain, "reasons": tuple(plain["reasons"])})


def verdict(
    effect: Effect,
    measure: Measure | str,
    evaluation: Evaluation | None = None,
    planned: Sequence[tuple[str, str]] = (),
) -> Verdict:
    """Judge the headline against the measure's minimum important change.

    A 95% interval wholly on one side of no change says which way the measure moved: improved or worse (increased or
    decreased where neither is better), ``slightly_`` so where the estimate is smaller than that minimum. An interval
    around no change is ``no_important_change`` where it lies wholly between minus and plus the minimum, else
    ``inconclusive``; without a minimum it is ``unclear``. Certainty starts where the design puts it, and goes down a
    step each for the data, for rival causes and for the analysis; a pooled effect whose analysis gave no reason to go
    down may go up one.

    Parameters
    ----------
    effect : Effect
    measure : Measure or id of one in ``data/measures.yml``
    evaluation : Evaluation, optional
        Gives what the numbers cannot: whether the analysis was fixed beforehand, and other changes at the site.
    planned : sequence of (title, word)
        Verdicts of planned analyses of the same measure at the same places, which a pooled effect stands beside: where
        nothing was fixed beforehand, another word among them counts as a sensitivity row does.

    Raises
    ------
    EvaluationError
        Where the measure is not known.
    """
    if isinstance(measure, str):
        known = read_catalogue(find_root()).measures
        if measure not in known:
            raise EvaluationError(f"`{measure}` is not a measure in data/measures.yml{did_you_mean(measure, known)}.")
        measure = known[measure]
    scale, important = _yardstick(effect, measure)
    row = _on_scale(effect.estimates[effect.estimates["role"] == "headline"], scale).iloc[0]
    word = judge(row["estimate"], row["low"], row["high"], important, measure.direction)
    if word == "not_evaluable":
        return Verdict(word, scale, important, None, ("The data do not allow an estimate.",))
    certainty, reasons = _certainty(effect, measure, evaluation, planned, word, scale, important)
    return Verdict(word, scale, important, certainty, reasons)


def judge(estimate: float, low: float, high: float, important: float | None, direction: str) -> str:
    """The first rule that holds; exhaustive and exclusive.

    An interval end that is missing is unbounded. ``important`` is positive, on the estimate's scale;
    ``direction`` is increase, decrease or neutral.
    """
    if not math.isfinite(estimate):
        return "not_evaluable"
    low = -math.inf if math.isnan(low) else low
    high = math.inf if math.isnan(high) else high
    clear = low > 0 or high < 0
    rising = estimate > 0
    if important is None:
        return ("increased" if rising else "decreased") if clear else "unclear"
    if clear:
        if direction == "neutral":
            moved = "increased" if rising else "decreased"
        else:
            moved = "improved" if rising == (direction == "increase") else "worse"
        return moved if abs(estimate) >= important else f"slightly_{moved}"
    return "no_important_change" if -important < low and high < important else "inconclusive"


def _yardstick(effect: Effect, measure: Measure) -> tuple[str, float | None]:
    """The scale to judge on, and the minimum important change where it is on a scale the effect has."""
    change = measure.minimum_important_change
    scales = set(effect.estimates.loc[effect.estimates["role"] == "headline", "scale"])
    if change is not None and change.scale in scales:
        return change.scale, change.value
    return effect.headline["scale"], None


def _on_scale(rows: pd.DataFrame, scale: str) -> pd.DataFrame:
    return rows[rows["scale"] == scale]


def _certainty(effect, measure, evaluation, planned, word, scale, important) -> tuple[str, tuple[str, ...]]:
    start = _start(effect)
    reasons = [f"Starts at {start}: {_what(effect.design)}."]
    level = CERTAINTIES.index(start)
    of_the_analysis = _analysis_reasons(effect, measure, evaluation, planned, word, scale, important)
    for domain, found in (
        ("the data", _data_reasons(effect, measure)),
        ("rival causes", _rival_reasons(effect, evaluation)),
        ("the analysis", of_the_analysis),
    ):
        if found:
            level = max(level - 1, 0)
            reasons.append(f"One step down for {domain}: {' '.join(found)}")
    if effect.design == POOLED and _clear_at_a_new_site(effect) and not of_the_analysis:
        level = min(level + 1, len(CERTAINTIES) - 1)
        reasons.append("One step up: the prediction interval, for the effect at a new site, is clear of no change.")
    return CERTAINTIES[level], tuple(reasons)


def _start(effect: Effect) -> str:
    """Where the design starts; a pooled effect where the weakest of its sites does, moderate at most."""
    designs = effect.tables["members"]["design"] if effect.design == POOLED else [effect.design]
    return min((STARTS_AT[design] for design in designs), key=CERTAINTIES.index)


def _clear_at_a_new_site(effect: Effect) -> bool:
    row = effect.estimates[effect.estimates["term"] == "prediction interval"].iloc[0]
    return len(effect.treated_units) >= FEWEST_TO_GO_UP and bool(row["low"] > 0 or row["high"] < 0)


def _what(design: str) -> str:
    return {
        POOLED: "the start of the weakest design among the sites pooled",
        "interrupted time series": "one series against its own past, with nothing to say what else changed",
        "before and after": "a plain comparison of before and after",
    }.get(design, "a comparison with places where nothing is known to have changed")


def _failed(effect: Effect, names: tuple[str, ...]) -> list[str]:
    return [check.detail for check in effect.checks if check.name in names and check.passed is False]


def _data_reasons(effect: Effect, measure: Measure) -> list[str]:
    reasons = _failed(effect, DATA_CHECKS)
    first, last = _window(effect)
    for change in measure.recording_changes:
        if change.first <= last and change.last >= first:
            when = f"in {change.first}" if change.first == change.last else f"from {change.first} to {change.last}"
            reasons.append(f"Recording changed {when}. {change.what}")
    return reasons


def _window(effect: Effect) -> tuple[str, str]:
    """First and last period; of a pooled effect, which has no series of its own, those of its sites."""
    if effect.series.empty:
        return str(effect.data.get("first", "")), str(effect.data.get("last", ""))
    return str(effect.series["period"].iloc[0]), str(effect.series["period"].iloc[-1])


def _rival_reasons(effect: Effect, evaluation: Evaluation | None) -> list[str]:
    reasons = _failed(effect, RIVAL_CHECKS)
    if evaluation is not None:
        reasons += [rival.what for rival in evaluation.rival_explanations if rival.within_window]
    return reasons


def _analysis_reasons(effect, measure, evaluation, planned, word, scale, important) -> list[str]:
    if evaluation is None or evaluation.protocol.pre_specified:
        return []
    reasons = []
    other = disagreeing(effect, measure, Verdict(word, scale, important, None, ()))
    if other:
        reasons.append(f"It was not fixed beforehand, and the verdict would differ {_list(other)}.")
    for title, found in planned:
        if found != word:
            told = found.replace("_", " ")
            reasons.append(
                f"It was not fixed beforehand, and the planned analysis of “{title}” comes to another verdict ({told})."
            )
    return reasons


def disagreeing(effect: Effect, measure: Measure, judged: Verdict) -> list[str]:
    """The other choices (rows with the role sensitivity) under which the verdict would be another word."""
    rows = _on_scale(effect.estimates[effect.estimates["role"] == "sensitivity"], judged.scale)
    important = judged.minimum_important_change
    return [
        row.method
        for row in rows.itertuples()
        if judge(row.estimate, row.low, row.high, important, measure.direction) != judged.word
    ]


def _list(words: list[str]) -> str:
    words = [word if word.startswith(("with", "compared")) else f"with {word}" for word in words]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"

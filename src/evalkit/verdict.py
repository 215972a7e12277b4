"""What an effect comes to, in one of a few words, and how certain we are, with the reasons. By rule only."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from evalkit.catalogue import find_root, read_catalogue
from evalkit.catalogue.records.evaluations import RivalExplanation
from evalkit.catalogue.records.measures import Measure
from evalkit.check_register import DOMAINS, lowering
from evalkit.design_register import Design, design_called
from evalkit.effect import Effect
from evalkit.errors import EvaluationError, did_you_mean

CERTAINTIES = ("very low", "low", "moderate", "high")


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
    *,
    rivals: Sequence[RivalExplanation] = (),
    pre_specified: bool = True,
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
    rivals : sequence of RivalExplanation
        What else could explain the change, which the numbers cannot tell.
    pre_specified : bool
        Whether the analysis was fixed beforehand.
    planned : sequence of (title, word)
        Verdicts of planned analyses of the same measure at the same places, which a pooled effect stands beside: where
        nothing was fixed beforehand, another word among them counts as a sensitivity row does.

    Raises
    ------
    EvaluationError
        Where the measure, or the effect's design, is not known.
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
    judged = Verdict(word, scale, important, None, ())
    of_the_analysis = [] if pre_specified else _analysis_reasons(effect, measure, planned, judged)
    down = {
        "data": lowering(effect.checks, "data") + _recording_changes(effect, measure),
        "rivals": lowering(effect.checks, "rivals") + [rival.what for rival in rivals if rival.within_window],
        "analysis": lowering(effect.checks, "analysis") + of_the_analysis,
    }
    certainty, reasons = _certainty(effect, down)
    return replace(judged, certainty=certainty, reasons=reasons)


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


def what_was_left(effect: Effect, judged: Verdict) -> str | None:
    """Of a change that ended, whether its effect stayed: a statement of equivalence.

    The interval of the effect after the end, against the time before the change, wholly beyond the minimum important
    change: ``persisted``, or ``turned`` where it lies on the other side than the effect while it lasted. Wholly within:
    ``did_not_persist``. Else ``unclear``. ``nothing`` where no effect of that size was clear while it lasted, so that
    there was none to stay; None without a minimum, or for a change that did not end.
    """
    important = judged.minimum_important_change
    rows = _on_scale(effect.estimates[effect.estimates["role"].isin(("headline", "term"))], judged.scale)
    rows = rows.set_index("term")
    if important is None or "after the end" not in rows.index:
        return None
    left, during = rows.loc["after the end"], rows.loc["during"]
    if not (during["low"] > 0 or during["high"] < 0) or abs(during["estimate"]) < important:
        return "nothing"
    if -important < left["low"] and left["high"] < important:
        return "did_not_persist"
    if left["low"] >= important or left["high"] <= -important:
        return "persisted" if left["estimate"] * during["estimate"] > 0 else "turned"
    return "unclear"


def _yardstick(effect: Effect, measure: Measure) -> tuple[str, float | None]:
    """The scale to judge on, and the minimum important change where it is on a scale the effect has."""
    change = measure.minimum_important_change
    scales = set(effect.estimates.loc[effect.estimates["role"] == "headline", "scale"])
    if change is not None and change.scale in scales:
        return change.scale, change.value
    return effect.headline["scale"], None


def _on_scale(rows: pd.DataFrame, scale: str) -> pd.DataFrame:
    return rows[rows["scale"] == scale]


def _certainty(effect: Effect, down: Mapping[str, list[str]]) -> tuple[str, tuple[str, ...]]:
    """Where the design starts, one step down for each domain of ``check_register.DOMAINS`` with reasons, and the one step up."""
    design = design_called(effect.design)
    start = _start(effect, design)
    reasons = [f"Starts at {start}: {design.starts_because}."]
    level = CERTAINTIES.index(start)
    for domain, words in DOMAINS.items():
        if down[domain]:
            level = max(level - 1, 0)
            reasons.append(f"One step down for {words}: {' '.join(down[domain])}")
    if design.pools and _clear_at_a_new_site(effect) and not down["analysis"]:
        level = min(level + 1, len(CERTAINTIES) - 1)
        reasons.append("One step up: the prediction interval, for the effect at a new site, is clear of no change.")
    return CERTAINTIES[level], tuple(reasons)


def _start(effect: Effect, design: Design) -> str:
    """Where the design starts; a pooled effect where the weakest of its sites does."""
    if not design.pools:
        return design.starts_at
    starts = [design_called(name).starts_at for name in effect.tables["members"]["design"]]
    return min(starts, key=CERTAINTIES.index)


def _clear_at_a_new_site(effect: Effect) -> bool:
    row = effect.estimates[effect.estimates["term"] == "prediction interval"].iloc[0]
    return bool(row["low"] > 0 or row["high"] < 0)


def _recording_changes(effect: Effect, measure: Measure) -> list[str]:
    """Changes of recording that fall in the time of the data, both ends included."""
    first, last = _window(effect)
    return [
        f"Recording changed {_when(change.first, change.last)}. {change.what}"
        for change in measure.recording_changes
        if change.first <= last and change.last >= first
    ]


def _when(first: str, last: str) -> str:
    return f"in {first}" if first == last else f"from {first} to {last}"


def _window(effect: Effect) -> tuple[str, str]:
    """First and last period; of a pooled effect, which has no series of its own, those of its sites."""
    if effect.series.empty:
        return str(effect.data.get("first", "")), str(effect.data.get("last", ""))
    return str(effect.series["period"].iloc[0]), str(effect.series["period"].iloc[-1])


def _analysis_reasons(
    effect: Effect, measure: Measure, planned: Sequence[tuple[str, str]], judged: Verdict
) -> list[str]:
    """Why an analysis that was not fixed beforehand could have come to another verdict."""
    reasons = []
    other_choices = disagreeing(effect, measure, judged)
    if other_choices:
        reasons.append(f"It was not fixed beforehand, and the verdict would differ {_list(other_choices)}.")
    for title, word in planned:
        if word != judged.word:
            reasons.append(
                f"It was not fixed beforehand, and the planned analysis of “{title}” comes to another verdict"
                f" ({word.replace('_', ' ')})."
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

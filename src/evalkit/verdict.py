"""What an effect comes to, in one of a few words, and how certain we are, with the reasons. By rule only."""

import math
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from evalkit.catalogue import find_root, read_catalogue
from evalkit.catalogue.records.measures import Measure
from evalkit.certainty import Agreement, Circumstances, Finding, how_certain
from evalkit.design_register import design_called
from evalkit.effect import Effect
from evalkit.errors import EvaluationError, did_you_mean

UNDECIDED = ("inconclusive", "unclear")
NOT_JUDGED = ("not_evaluable", "described")


@dataclass(frozen=True)
class Verdict:
    """The word an effect comes to, and how certain it is.

    Attributes
    ----------
    word : str
        not_evaluable; described, where nothing was estimated; improved, worse, increased or decreased, each also slightly_; no_important_change;
        inconclusive; without a minimum important change only increased, decreased or unclear.
    scale : str
        Scale of the estimate that was judged; empty where there is none.
    minimum_important_change : float or None
    certainty : {"high", "moderate", "low", "very low"} or None
        None where nothing was evaluated or decided.
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
        values: dict[str, Any] = {**plain, "reasons": tuple(plain["reasons"])}
        return cls(**values)


def verdict(effect: Effect, measure: Measure | str, around: Circumstances | None = None) -> Verdict:
    """Judge the headline against the measure's minimum important change.

    A 95% interval wholly on one side of no change says which way the measure moved: improved or worse (increased or
    decreased where neither is better), ``slightly_`` so where the estimate is smaller than that minimum. An interval
    around no change is ``no_important_change`` where it lies wholly between minus and plus the minimum, else
    ``inconclusive``; without a minimum it is ``unclear``. What is inconclusive or unclear has no certainty: it says what
    would have been missed (``minimum_detectable_effect``); nor has ``described``, where nothing was estimated. For the others see ``evalkit.certainty``.

    Parameters
    ----------
    effect : Effect
        Whose headline is judged.
    measure : Measure or str
        The measure's record, or its id in ``data/measures.yml``.
    around : Circumstances, optional
        What else records say. Without it there are no rivals, and the analysis counts as fixed beforehand.

    Returns
    -------
    Verdict
        ``word``, ``certainty`` (``None`` where nothing was decided), ``reasons`` in sentences, and the ``scale`` and
        ``minimum_important_change`` that were judged on.

    Raises
    ------
    EvaluationError
        Where the measure, or the effect's design, is not known.

    Examples
    --------
    >>> import evalkit as ek
    >>> frame = ek.load(
    ...     site="weston", measure="ae-attendances-type-1",
    ...     first="2016-04", last="2019-03",
    ... )
    >>> effect = ek.interrupted_time_series(
    ...     frame, outcome="value", time="period", unit="unit",
    ...     treated="weston", interruption="2017-07-04",
    ...     model="level", log=True, per_day=True, seasonality=2,
    ... )
    >>> judged = ek.verdict(effect, "ae-attendances-type-1")
    >>> judged.word, judged.minimum_important_change, judged.certainty
    ('decreased', 5.0, 'low')
    >>> print(judged.reasons[0])
    Starts at low: one series against its own past, with nothing to say
    what else changed.
    """
    if isinstance(measure, str):
        known = read_catalogue(find_root()).measures
        if measure not in known:
            raise EvaluationError(f"`{measure}` is not a measure in data/measures.yml{did_you_mean(measure, known)}.")
        measure = known[measure]
    if not effect.is_estimated:
        because = f"{effect.estimand[:1].upper()}{effect.estimand[1:]}."
        return Verdict("described", "", None, None, (because,))
    scale, important = _yardstick(effect, measure)
    row = _on_scale(effect.estimates[effect.estimates["role"] == "headline"], scale).iloc[0]
    word = judge(row["estimate"], row["low"], row["high"], important, measure.direction)
    judged = Verdict(word, scale, important, None, ())
    if word == "not_evaluable":
        return replace(judged, reasons=("The data do not allow an estimate.",))
    if word in UNDECIDED:
        design_called(effect.design)
        return judged
    ends = (float(row["low"]), float(row["high"]))
    finding = Finding(
        word, scale, float(row["estimate"]), *ends, important, agreement(effect, measure, judged, row["estimate"])
    )
    certainty, reasons = how_certain(effect, measure, finding, around or Circumstances())
    return replace(judged, certainty=certainty, reasons=reasons)


def too_small_to_matter(effect: Effect, measure: Measure) -> bool:
    """Whether the whole interval lies within the minimum important change, clear of no change or not."""
    if not effect.is_estimated:
        return False
    scale, important = _yardstick(effect, measure)
    row = _on_scale(effect.estimates[effect.estimates["role"] == "headline"], scale).iloc[0]
    return important is not None and bool(-important < row["low"] and row["high"] < important)


def on_one_side(effect: Effect, measure: Measure) -> str | None:
    """``increase`` or ``decrease`` where the interval is clear of no change; None where it is not."""
    if not effect.is_estimated:
        return None
    scale, _ = _yardstick(effect, measure)
    row = _on_scale(effect.estimates[effect.estimates["role"] == "headline"], scale).iloc[0]
    if row["low"] > 0 and math.isfinite(row["estimate"]):
        return "increase"
    return "decrease" if row["high"] < 0 and math.isfinite(row["estimate"]) else None


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


def disagreeing(effect: Effect, measure: Measure, judged: Verdict) -> list[str]:
    """The other choices (rows with the role sensitivity) under which the verdict would be another word."""
    rows = _on_scale(effect.estimates[effect.estimates["role"] == "sensitivity"], judged.scale)
    important = judged.minimum_important_change
    return [
        row.method
        for row in rows.itertuples()
        if judge(row.estimate, row.low, row.high, important, measure.direction) != judged.word
    ]


def agreement(effect: Effect, measure: Measure, judged: Verdict, estimate: float) -> Agreement:
    """Other choices (rows with the role sensitivity) that are clear on the headline's side, or are as small as it is."""
    rows = list(_on_scale(effect.estimates[effect.estimates["role"] == "sensitivity"], judged.scale).itertuples())
    if judged.word == "no_important_change":
        others = disagreeing(effect, measure, judged)
    else:
        side = 1 if estimate > 0 else -1
        others = [row.method for row in rows if not min(side * row.low, side * row.high) > 0]
    return Agreement(len(rows), tuple(others))

"""How certain a finding is: where its design puts it, a step down for each reason against it, and the one step up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.catalogue.records.evaluations import Prediction
from evalkit.catalogue.records.measures import Measure
from evalkit.check_register import DOMAINS, lowering
from evalkit.design_register import Design, design_called
from evalkit.effect import Effect

CERTAINTIES = ("very low", "low", "moderate", "high")
ALIKE = 0.8  # of other reasonable choices that have to be clear on the same side
NEAR = 0.5  # of the minimum important change, within which the nearer end is too near to no change
UNITS = {"percent": "%", "points": " points"}


@dataclass(frozen=True)
class Control:
    """A negative control, or another place, with what was expected of it.

    Attributes
    ----------
    title : str
    held : bool or None
        Whether it moved, or stayed, as it should; None where that cannot be told.
    """

    title: str
    held: bool | None


@dataclass(frozen=True)
class Circumstances:
    """What the records say around an estimate, which its numbers cannot tell.

    Attributes
    ----------
    rivals : tuple of str
        What could explain all of it, with the reason why, in sentences.
    fixed_before : bool
        Whether the analysis was fixed before the data existed.
    left_out_by_figures : int
        How many comparators were left out for what their own figures of the outcome do.
    planned : tuple of (title, word)
        Verdicts of planned analyses of the same measure at the same places, which a pooled effect stands beside.
    physical_cause : str or None
        What could be seen to be otherwise from a known day on.
    predicted : Prediction or None
        The range that was said before anybody had looked.
    controls : tuple of Control
    """

    rivals: tuple[str, ...] = ()
    fixed_before: bool = True
    left_out_by_figures: int = 0
    planned: tuple[tuple[str, str], ...] = ()
    physical_cause: str | None = None
    predicted: Prediction | None = None
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True)
class Agreement:
    """Of other reasonable choices: how many there are, and which are not clear on the side of the headline."""

    count: int
    others: tuple[str, ...]

    @property
    def enough(self) -> bool:
        """Whether so many are clear on the same side as have to be."""
        return self.count - len(self.others) >= ALIKE * self.count


@dataclass(frozen=True)
class Finding:
    """An interval clear of no change, or wholly within the minimum important change.

    Attributes
    ----------
    word : str
        Its verdict.
    estimate, low, high : float
        On ``scale``; an end that is missing is unbounded.
    important : float or None
        The minimum important change on that scale.
    agreement : Agreement
    """

    word: str
    scale: str
    estimate: float
    low: float
    high: float
    important: float | None
    agreement: Agreement


def how_certain(
    effect: Effect, measure: Measure, finding: Finding, around: Circumstances
) -> tuple[str, tuple[str, ...]]:
    """The word, and where it started and why it moved."""
    failed = {domain: lowering(effect.checks, domain) for domain in DOMAINS}
    failed["rivals"] += [
        f"{control.title}: it moved, and should not have." for control in around.controls if control.held is False
    ]
    down = {
        "data": failed["data"] + _recording_changes(effect, measure),
        "precision": failed["precision"] + _too_near(finding),
        "rivals": failed["rivals"] + list(around.rivals),
        "analysis": failed["analysis"]
        + _chosen_comparators(around)
        + ([] if around.fixed_before else _of_the_analysis(finding, around)),
    }
    design = design_called(effect.design)
    start = _start(effect, design)
    reasons = [f"Starts at {start}: {design.starts_because}."]
    level = CERTAINTIES.index(start)
    for domain, words in DOMAINS.items():
        if down[domain]:
            # What could explain all of it weighs more where a check speaks for another cause as well.
            steps = 2 if domain == "rivals" and around.rivals and failed["rivals"] else 1
            level = max(level - steps, 0)
            reasons.append(f"{('One step', 'Two steps')[steps - 1]} down for {words}: {' '.join(down[domain])}")
    up = _step_up(effect, design, down, finding, around)
    if up:
        level = min(level + 1, len(CERTAINTIES) - 1)
        reasons.append(f"One step up: {up}")
    elif not design.pools and not any(down.values()):
        reasons.append(f"Not higher, as {_and(_lacking(finding, around))}.")
    return CERTAINTIES[level], tuple(reasons)


def _start(effect: Effect, design: Design) -> str:
    """Where the design starts; a pooled effect where the weakest of its sites does."""
    if design.starts_at is not None:
        return design.starts_at
    starts = [design_called(name).starts_at for name in effect.tables["members"]["design"]]
    return min((start for start in starts if start is not None), key=CERTAINTIES.index)


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


def _too_near(finding: Finding) -> list[str]:
    """Of a change that is found: that the interval nearly takes in no change."""
    if finding.important is None or finding.word == "no_important_change":
        return []
    nearer = min(abs(end) for end in (finding.low, finding.high) if math.isfinite(end))
    if nearer >= NEAR * finding.important:
        return []
    unit = UNITS.get(finding.scale, "")
    return [
        f"The nearer end of its interval is {nearer:.1f}{unit} from no change, under half of the smallest important change"
        f" ({finding.important:g}{unit})."
    ]


def _chosen_comparators(around: Circumstances) -> list[str]:
    """That the comparison is with the calmer of the places there are."""
    count = around.left_out_by_figures
    if not count:
        return []
    places, their = ("place was", "its") if count == 1 else ("places were", "their")
    return [
        f"{count} {places} left out of the comparators for what {their} own figures do, so those that remain look calmer than"
        " places are."
    ]


def _of_the_analysis(finding: Finding, around: Circumstances) -> list[str]:
    """Why an analysis that was not fixed beforehand could have come to another answer."""
    reasons, agreement = [], finding.agreement
    if not agreement.enough:
        alike = agreement.count - len(agreement.others)
        side = "come to it too" if finding.word == "no_important_change" else "are clear on the same side"
        reasons.append(
            f"It was not fixed beforehand, and {alike} of {agreement.count} other reasonable choices {side}: not"
            f" {_list(agreement.others)}."
        )
    for title, word in around.planned:
        if word != finding.word:
            reasons.append(
                f"It was not fixed beforehand, and the planned analysis of “{title}” comes to another verdict"
                f" ({word.replace('_', ' ')})."
            )
    return reasons


def _list(words: Sequence[str]) -> str:
    words = [word if word.startswith(("with", "compared")) else f"with {word}" for word in words]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _step_up(
    effect: Effect, design: Design, down: dict[str, list[str]], finding: Finding, around: Circumstances
) -> str | None:
    """Why it goes up: a pooled effect that would be clear at a new site; one site where all else speaks for the change."""
    if design.pools:
        if not down["analysis"] and _clear_at_a_new_site(effect):
            return "the prediction interval, for the effect at a new site, is clear of no change."
        return None
    if any(down.values()) or _lacking(finding, around):
        return None
    predicted = around.predicted
    assert predicted is not None  # else it would be lacking
    held = [f"“{control.title}”" for control in around.controls if control.held]
    unit = UNITS.get(predicted.scale, "")
    return (
        f"the cause could be seen from a known day on ({around.physical_cause}), the estimate lies where it was predicted"
        f" ({predicted.low:g} to {predicted.high:g}{unit}; {predicted.source}), and {_and(held)} moved as it should."
    )


def _lacking(finding: Finding, around: Circumstances) -> list[str]:
    """What a single site lacks for the step up; nothing where it has all."""
    lacking = []
    if around.physical_cause is None:
        lacking.append("no cause is recorded that could be seen from a known day on")
    predicted = around.predicted
    if predicted is None:
        lacking.append("no size was predicted before the results")
    elif predicted.scale != finding.scale or not predicted.low <= finding.estimate <= predicted.high:
        lacking.append("the estimate is not where it was predicted")
    if not any(control.held for control in around.controls):
        lacking.append("nothing else that should have stayed, or moved, was shown to have done so")
    return lacking


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _clear_at_a_new_site(effect: Effect) -> bool:
    row = effect.estimates[effect.estimates["term"] == "prediction interval"].iloc[0]
    return bool(row["low"] > 0 or row["high"] < 0)

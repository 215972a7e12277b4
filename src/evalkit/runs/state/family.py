"""What the analyses of one evaluation come to beside each other: one answers the question, the others allow for their number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from evalkit.catalogue.records.evaluations import Analysis, Evaluation
from evalkit.catalogue.records.measures import Measure
from evalkit.standing import Kind, Standing

if TYPE_CHECKING:
    from evalkit.certainty import Circumstances, Control
    from evalkit.effect import Effect
    from evalkit.inference.simultaneous import Simultaneous

OF_THE_QUESTION = ("secondary", "spill_over")
CHECKS = ("negative_control", "recording_check")


def kind_of(analysis: Analysis) -> Kind:
    """What an analysis may say, from its record."""
    if analysis.role == "primary":
        return "primary"
    if analysis.role in CHECKS:
        return "check"
    return "exploratory" if analysis.added else "secondary"


def rivals_of(evaluation: Evaluation, analysis: str) -> list[str]:
    """What could explain all of an analysis, with the reason why, in sentences."""
    graded = ((rival, rival.could_explain_all(analysis)) for rival in evaluation.rival_explanations)
    return [f"{rival.what} {grading.grade_reason}" for rival, grading in graded if grading is not None]


@dataclass(frozen=True)
class Family:
    """The analyses of an evaluation that have a result; their effects are read when one is asked for.

    Attributes
    ----------
    effect_of : callable
        From an analysis's id to its Effect; None where there is none.
    """

    evaluation: Evaluation
    measures: Mapping[str, Measure]
    effect_of: Callable[[str], "Effect | None"] = field(repr=False)

    @cached_property
    def _adjusted(self) -> dict[str, "Simultaneous"]:
        from evalkit.inference.simultaneous import simultaneous

        ids = [analysis.id for analysis in self.evaluation.analyses if kind_of(analysis) == "secondary"]
        effects = {id: self.effect_of(id) for id in ids}
        return simultaneous(
            {id: effect for id, effect in effects.items() if effect is not None and _is_estimated(effect)}
        )

    def standing(self, analysis: Analysis) -> Standing:
        """Of one analysis that has a result."""
        kind = kind_of(analysis)
        if kind == "check":
            return Standing(kind, held=self._held(analysis))
        if kind != "secondary" or analysis.id not in self._adjusted:
            return Standing(kind)
        found = self._adjusted[analysis.id]
        low, high = (None if end != end else end for end in (found.low, found.high))
        return Standing(kind, low, high, found.p_value, found.family, found.direction)

    def circumstances(self, analysis: Analysis) -> "Circumstances":
        """What records say around the primary analysis."""
        from evalkit.certainty import Circumstances

        evaluation, protocol = self.evaluation, self.evaluation.protocol
        return Circumstances(
            rivals=tuple(rivals_of(evaluation, analysis.id)),
            fixed_before=protocol.fixed_before,
            physical_cause=evaluation.intervention.physical_cause,
            predicted=protocol.predicted if protocol.status != "already_seen" else None,
            controls=tuple(self._controls()),
        )

    def _controls(self) -> list["Control"]:
        """The negative control, and the places beside that were expected to move and did."""
        from evalkit.certainty import Control

        named = self.evaluation.protocol.negative_control
        controls = []
        for analysis in self.evaluation.analyses:
            held = self._held(analysis)
            if (named is not None and analysis.id == named.analysis) or (analysis.role == "spill_over" and held):
                controls.append(Control(analysis.title, held))
        return controls

    def _held(self, analysis: Analysis) -> bool | None:
        """Whether a result is what was expected, by its own 95% interval; no change has to be shown to be small."""
        from evalkit.verdict import judged_word

        effect = self.effect_of(analysis.id)
        if effect is None or analysis.expected == "unclear":
            return None
        word, estimate = judged_word(effect, self.measures[str(analysis.parameters["measure"])])
        if word in ("not_evaluable", "inconclusive", "unclear"):
            return None
        if analysis.expected == "no_change":
            return word == "no_important_change"
        if word == "no_important_change":
            return False
        return (estimate > 0) == (analysis.expected == "increase")


def _is_estimated(effect: "Effect") -> bool:
    return bool(effect.headline["estimate"] == effect.headline["estimate"])

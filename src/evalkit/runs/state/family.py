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
    return [f"{_ended(rival.what)} {grading.grade_reason}" for rival, grading in graded if grading is not None]


def _ended(what: str) -> str:
    """People write a cause with or without its full stop, and the reason follows."""
    return what if what.endswith((".", "!", "?")) else f"{what}."


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
            left_out_by_figures=protocol.left_out_by_figures if analysis.parameters.get("comparators") else 0,
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
            if named is not None and analysis.id == named.analysis:
                controls.append(Control(analysis.title, self._held(analysis)))
            elif analysis.role == "spill_over" and self._moved_as_it_should(analysis):
                controls.append(Control(analysis.title, True))
        return controls

    def _moved_as_it_should(self, analysis: Analysis) -> bool:
        """Of another place, by the interval that allows for all secondary analyses."""
        expected = {"increase": "rise", "decrease": "fall"}.get(analysis.expected)
        return analysis.id in self._adjusted and self._adjusted[analysis.id].direction == expected

    def _held(self, analysis: Analysis) -> bool | None:
        """Whether a result is what was expected, by its own 95% interval; no change has to be shown to be small."""
        from evalkit.verdict import on_one_side, too_small_to_matter

        effect = self.effect_of(analysis.id)
        if effect is None or analysis.expected == "unclear":
            return None
        measure = self.measures[str(analysis.parameters["measure"])]
        small, side = too_small_to_matter(effect, measure), on_one_side(effect, measure)
        if analysis.expected == "no_change":
            return True if small else (False if side else None)
        if side:
            return side == analysis.expected
        return False if small else None


def _is_estimated(effect: "Effect") -> bool:
    return effect.is_estimated and bool(effect.headline["estimate"] == effect.headline["estimate"])

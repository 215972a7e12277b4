"""What an analysis may say beside the others of its evaluation."""

import math

import pytest

from evalkit.catalogue.records.evaluations import Prediction
from evalkit.certainty import Control
from evalkit.report.wording import beside
from evalkit.runs.state.family import Family, kind_of, rivals_of
from evalkit.standing import Standing
from tests.support.effects import SINGLE, estimate_row, made_effect

WIDE, FALL, RISE, SMALL = (-9.0, 8.0), (-20.0, -10.0), (10.0, 20.0), (-2.0, 3.0)


def effect(ends: tuple[float, float]):
    row = estimate_row(estimate=sum(ends) / 2, low=ends[0], high=ends[1], df=math.inf)
    return made_effect([row], design=SINGLE)


@pytest.fixture
def weston(real):
    return real.evaluations["weston-overnight-closure-2017"]


def family(real, evaluation, effects: dict[str, tuple[float, float]]) -> Family:
    return Family(evaluation, real.measures, {id: effect(ends) for id, ends in effects.items()}.get)


def analysis(evaluation, id: str, **more):
    return next(one for one in evaluation.analyses if one.id == id).model_copy(update=more)


def test_the_kinds_of_every_real_analysis(real):
    kinds = {
        (evaluation.id, one.id): kind_of(one) for evaluation in real.evaluations.values() for one in evaluation.analyses
    }
    for evaluation in real.evaluations.values():
        assert [id for (of, id), kind in kinds.items() if of == evaluation.id and kind == "primary"] == [
            evaluation.primary.id
        ]
    added = sum(kind == "exploratory" for kind in kinds.values())
    assert added == sum(
        one.added is not None and one.role in ("secondary", "spill_over")
        for evaluation in real.evaluations.values()
        for one in evaluation.analyses
    )
    assert kinds["urgent-treatment-centres-2016-18", "emergency-admissions"] == "check"


class TestSecondaryOnes:
    def test_they_allow_for_their_number_and_for_no_other_kind(self, real, weston):
        found = family(
            real,
            weston,
            {"type-1-controlled": FALL, "type-1-alone": FALL, "neighbour-bristol": WIDE, "all-types-alone": FALL},
        )
        standings = {id: found.standing(analysis(weston, id)) for id in ("type-1-alone", "neighbour-bristol")}
        assert {standing.family for standing in standings.values()} == {2}
        assert standings["type-1-alone"].direction == "fall"
        assert standings["type-1-alone"].low < -20
        assert standings["neighbour-bristol"].direction == "unclear"
        assert found.standing(weston.primary) == Standing("primary")

    def test_one_that_was_added_later_is_exploratory_and_not_of_the_family(self, real, weston):
        later = [
            analysis(weston, one.id, added="2026-11-29" if one.id == "neighbour-bristol" else None)
            for one in weston.analyses
        ]
        evaluation = weston.model_copy(update={"analyses": later})
        found = family(real, evaluation, {"type-1-alone": FALL, "neighbour-bristol": FALL})
        assert found.standing(analysis(evaluation, "neighbour-bristol")) == Standing("exploratory")
        assert found.standing(analysis(evaluation, "type-1-alone")).family == 1

    def test_what_could_not_be_estimated_is_not_counted(self, real, weston):
        found = family(real, weston, {"type-1-alone": FALL, "neighbour-bristol": (math.nan, math.nan)})
        assert found.standing(analysis(weston, "type-1-alone")).family == 1
        assert found.standing(analysis(weston, "neighbour-bristol")) == Standing("secondary")


class TestChecks:
    @pytest.mark.parametrize(
        ("expected", "ends", "held"),
        [
            ("no_change", SMALL, True), ("no_change", (1.0, 3.0), True), ("no_change", FALL, False), ("no_change", RISE, False), ("no_change", WIDE, None),
            ("decrease", FALL, True), ("decrease", RISE, False), ("decrease", SMALL, False), ("decrease", WIDE, None),
            ("increase", RISE, True), ("increase", FALL, False), ("increase", SMALL, False), ("unclear", FALL, None), ("unclear", SMALL, None),
        ],
    )  # fmt: skip
    def test_whether_they_came_out_as_they_should(self, real, weston, expected, ends, held):
        check = analysis(weston, "all-types-alone", expected=expected)
        assert family(real, weston, {"all-types-alone": ends}).standing(check) == Standing("check", held=held)

    def test_the_negative_control_and_a_neighbour_that_moved_are_told_of_the_answer(self, real):
        evaluation = real.evaluations["midland-metropolitan-hospital-2024"]
        effects = {"type-1": FALL, "invented-date": FALL, "neighbour-walsall": (30.0, 40.0)}
        controls = family(real, evaluation, effects).circumstances(evaluation.primary).controls
        assert [control.held for control in controls] == [True, False]
        unmoved = family(real, evaluation, effects | {"neighbour-walsall": WIDE, "invented-date": SMALL})
        assert [control.held for control in unmoved.circumstances(evaluation.primary).controls] == [True]


class TestCircumstances:
    def test_what_the_records_say(self, real, weston):
        predicted = Prediction(low=-20, high=-5, scale="percent", source="a count of night visits")
        evaluation = weston.model_copy(
            update={
                "protocol": weston.protocol.model_copy(update={"predicted": predicted, "status": "not_looked_at"}),
                "intervention": weston.intervention.model_copy(update={"physical_cause": "the doors are shut"}),
            }
        )
        around = family(real, evaluation, {}).circumstances(evaluation.primary)
        assert (around.physical_cause, around.predicted, around.left_out_by_figures) == (
            "the doors are shut",
            predicted,
            14,
        )
        assert (around.rivals, around.fixed_before, around.planned) == ((), False, ())
        alone = analysis(evaluation, "type-1-alone")
        assert "comparators" not in alone.parameters
        assert family(real, evaluation, {}).circumstances(alone).left_out_by_figures == 0

    def test_a_rival_is_told_with_the_reason_of_its_grade(self, weston):
        (repairs,) = [rival for rival in weston.rival_explanations if rival.id == "improvement-after-inspection"]
        (reason,) = [grading.grade_reason for grading in repairs.gradings if grading.grade == "all"]
        alone = weston.model_copy(update={"rival_explanations": [repairs]})
        assert rivals_of(alone, "four-hour-type-1-controlled") == [f"{repairs.what} {reason}"]
        assert rivals_of(alone, "type-1-controlled") == []
        bare = repairs.model_copy(update={"what": "a ward closed"})
        alone = weston.model_copy(update={"rival_explanations": [bare]})
        assert rivals_of(alone, "four-hour-type-1-controlled") == [f"a ward closed. {reason}"]

    def test_controls_are_the_negative_control_and_neighbours_that_moved(self, real):
        evaluation = real.evaluations["midland-metropolitan-hospital-2024"]
        title = analysis(evaluation, "invented-date").title
        found = family(real, evaluation, {"type-1": FALL, "invented-date": SMALL, "neighbour-walsall": FALL})
        assert found.circumstances(evaluation.primary).controls == (Control(title, True),)
        without = evaluation.model_copy(
            update={"protocol": evaluation.protocol.model_copy(update={"negative_control": None})}
        )
        assert family(real, without, {"invented-date": SMALL}).circumstances(evaluation.primary).controls == ()
        unknown = family(real, evaluation, {}).circumstances(evaluation.primary).controls
        assert unknown == (Control(title, None),)


class TestWording:
    @pytest.mark.parametrize(
        ("standing", "says", "more"),
        [
            (Standing("secondary", -22.0, -8.0, 0.01, 3, "fall"), "Points to a fall", "allows for the 3 secondary analyses: 8.0 to 22.0%"),
            (Standing("secondary", None, None, 0.9, 9, "unclear"), "Direction not clear", "no size can be excluded"),
            (Standing("secondary", -22.0, 3.0, 0.2, 1, "unclear"), "Direction not clear", "allows for the one secondary analysis"),
            (Standing("exploratory"), "Exploratory", "nothing is concluded from it"),
            (Standing("check", held=True), "As expected, by itself", "A check: as expected, by itself"),
            (Standing("check", held=None), "Cannot tell: too imprecise", "A check: cannot tell: too imprecise"),
        ],
    )  # fmt: skip
    def test_no_verdict_and_no_certainty(self, standing, says, more):
        told = beside.headline(effect(FALL), standing, "visits", "Weston")
        assert beside.says(standing) == says
        assert told.startswith("Visits at Weston: a fall of 15.0%")
        assert more in told
        assert "ertain" not in told

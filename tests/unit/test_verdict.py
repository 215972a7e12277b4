"""One word by rule, whatever the numbers; and the certainty of what is found, by domains."""

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.catalogue.records.evaluations import Prediction
from evalkit.catalogue.records.measures import RecordingChange
from evalkit.certainty import CERTAINTIES, Circumstances, Control
from evalkit.check_register import that_lower_certainty
from evalkit.errors import EvaluationError
from evalkit.verdict import Verdict, disagreeing, judge, on_one_side, too_small_to_matter, verdict, what_was_left
from tests.support.effects import CONTROLLED, SINGLE, estimate_row, judged_by, made_effect
from tests.unit.conftest import ROOT

DIRECTIONS = ("increase", "decrease", "neutral")
WITH = {
    "improved", "slightly_improved", "worse", "slightly_worse", "increased", "slightly_increased", "decreased",
    "slightly_decreased", "no_important_change", "inconclusive", "not_evaluable",
}  # fmt: skip
WITHOUT = {"increased", "decreased", "unclear", "not_evaluable"}
OPPOSITE = {"improved": "worse", "worse": "improved", "increased": "decreased", "decreased": "increased"}

finite = st.floats(-1e6, 1e6, allow_nan=False)
important = st.floats(1e-3, 1e5)
intervals = st.tuples(finite, finite, finite).map(sorted)
directions = st.sampled_from(DIRECTIONS)


def turned(word: str) -> str:
    stem = word.removeprefix("slightly_")
    return word.removesuffix(stem) + OPPOSITE.get(stem, stem)


class TestJudge:
    @given(intervals, st.one_of(st.none(), important), directions)
    def test_always_one_word_of_the_list(self, interval, change, direction):
        low, estimate, high = interval
        assert judge(estimate, low, high, change, direction) in (WITHOUT if change is None else WITH)

    @given(intervals, important, directions)
    def test_each_word_means_exactly_what_the_design_says(self, interval, change, direction):
        low, estimate, high = interval
        word = judge(estimate, low, high, change, direction)
        clear = low > 0 or high < 0
        assert clear == (word not in ("no_important_change", "inconclusive"))
        if clear:
            assert word.startswith("slightly_") == (abs(estimate) < change)
            better = {"increase": estimate > 0, "decrease": estimate < 0}.get(direction)
            stem = word.removeprefix("slightly_")
            assert (
                stem == {True: "improved", False: "worse", None: "increased" if estimate > 0 else "decreased"}[better]
            )
        else:
            assert (word == "no_important_change") == (-change < low and high < change)

    @given(intervals, st.one_of(st.none(), important), directions)
    def test_what_is_good_of_a_rise_is_good_of_a_fall_where_less_is_better(self, interval, change, direction):
        low, estimate, high = interval
        other = {"increase": "decrease", "decrease": "increase", "neutral": "neutral"}[direction]
        mirrored = judge(-estimate, -high, -low, change, other)
        word = judge(estimate, low, high, change, direction)
        neutral = direction == "neutral" or change is None
        assert mirrored == (turned(word) if neutral else word)

    @given(intervals, important, st.floats(0.01, 100), directions)
    def test_the_unit_does_not_matter(self, interval, change, scale, direction):
        low, estimate, high = (round(number) for number in interval)
        change = max(round(change), 1)
        factor = 2.0 ** round(math.log2(scale))
        assert judge(estimate, low, high, change, direction) == judge(
            estimate * factor, low * factor, high * factor, change * factor, direction
        )

    @given(intervals, st.one_of(st.none(), important), directions)
    def test_an_interval_that_includes_nothing_never_claims_a_change(self, interval, change, direction):
        low, estimate, high = interval
        if low <= 0 <= high:
            assert judge(estimate, low, high, change, direction) in ("no_important_change", "inconclusive", "unclear")

    @given(intervals, important, directions)
    def test_inconclusive_is_never_no_effect(self, interval, change, direction):
        low, estimate, high = interval
        if judge(estimate, low, high, change, direction) == "inconclusive":
            assert low <= -change or high >= change

    @pytest.mark.parametrize("estimate", [math.nan, math.inf, -math.inf])
    @given(change=st.one_of(st.none(), important), direction=directions)
    def test_without_an_estimate_there_is_nothing_to_judge(self, estimate, change, direction):
        assert judge(estimate, -1, 1, change, direction) == "not_evaluable"

    @given(finite, important, directions)
    def test_a_missing_end_is_no_bound(self, estimate, change, direction):
        assert judge(estimate, math.nan, math.nan, change, direction) == "inconclusive"
        assert judge(estimate, math.nan, math.nan, None, direction) == "unclear"

    @pytest.mark.parametrize(
        ("estimate", "low", "high", "direction", "word"),
        [
            (-16.0, -19.0, -13.0, "neutral", "decreased"),
            (-5.0, -9.0, -1.0, "neutral", "decreased"),
            (-4.9, -9.0, -1.0, "neutral", "slightly_decreased"),
            (5.0, 0.1, 9.9, "increase", "improved"),
            (5.0, 0.1, 9.9, "decrease", "worse"),
            (2.0, 1.0, 3.0, "decrease", "slightly_worse"),
            (1.0, -4.9, 4.9, "neutral", "no_important_change"),
            (1.0, -4.9, 5.0, "neutral", "inconclusive"),
            (0.0, -5.0, 4.0, "neutral", "inconclusive"),
            (3.0, 0.0, 6.0, "increase", "inconclusive"),
            (0.0, 0.0, 0.0, "increase", "no_important_change"),
        ],
    )
    def test_at_the_edges(self, estimate, low, high, direction, word):
        assert judge(estimate, low, high, 5.0, direction) == word


# Every check that can lower certainty, from the one list, by domain.
FAILING = {
    domain: tuple(
        kind.result(False, f"{kind.code} was seen.") for kind in that_lower_certainty() if kind.domain == domain
    )
    for domain in ("data", "rivals")
}
FINE = tuple(replace(check, passed=True) for checks in FAILING.values() for check in checks)
RIVAL = "The doors were painted. Nothing limits what that can do."
NOT_FIXED = Circumstances(fixed_before=False)


def other_choices(clear: int, unsure: int) -> list[dict]:
    """A headline, and so many other choices that are clear on its side, and that take in no change."""
    rows = [estimate_row()]
    rows += [estimate_row(role="sensitivity", method=f"choice {number}") for number in range(clear)]
    return rows + [
        estimate_row(role="sensitivity", estimate=-4.0, low=-9.0, high=1.0, method=f"with doubt {number}")
        for number in range(unsure)
    ]


@pytest.fixture
def weston(real):
    return real.evaluations["weston-overnight-closure-2017"]


@pytest.fixture
def measure(real):
    return real.measures["ae-attendances-type-1"]


class TestCertainty:
    @pytest.mark.parametrize(("design", "start"), [(CONTROLLED, "moderate"), (SINGLE, "low")])
    def test_where_it_starts(self, measure, design, start):
        judged = verdict(made_effect(checks=FINE, design=design), measure)
        assert judged.certainty == start
        assert judged.reasons[0].startswith(f"Starts at {start}")
        assert judged.reasons[1:] == (
            "Not higher, as no cause is recorded that could be seen from a known day on, no size was predicted before the"
            " results and nothing else that should have stayed, or moved, was shown to have done so.",
        )

    @pytest.mark.parametrize("domain", ["data", "rivals"])
    def test_one_domain_costs_one_step_however_much_is_wrong(self, measure, domain):
        checks = FAILING[domain]
        for size in range(1, len(checks) + 1):
            for chosen in itertools.combinations(checks, size):
                judged = verdict(made_effect(checks=chosen), measure)
                assert judged.certainty == "low"
                assert len(judged.reasons) == 2
                assert all(check.detail in judged.reasons[1] for check in chosen)

    @given(st.sets(st.sampled_from([check.code for checks in FAILING.values() for check in checks])))
    def test_steps_are_counted_by_domain(self, real, failing):
        measure = real.measures["ae-attendances-type-1"]
        checks = tuple(replace(check, passed=check.code not in failing) for check in FINE)
        judged = verdict(made_effect(checks=checks), measure)
        domains = sum(any(check.code in failing for check in checks_) for checks_ in FAILING.values())
        assert CERTAINTIES.index(judged.certainty) == max(CERTAINTIES.index("moderate") - domains, 0)

    def test_checks_for_information_cost_nothing(self, measure):
        checks = tuple(replace(check, passed=None) for check in FINE)
        assert verdict(made_effect(checks=checks), measure).certainty == "moderate"

    def test_never_below_very_low(self, measure):
        effect = made_effect(other_choices(0, 1), checks=FAILING["data"] + FAILING["rivals"], design=SINGLE)
        judged = verdict(effect, measure, replace(NOT_FIXED, rivals=(RIVAL,)))
        assert judged.certainty == "very low"
        assert len(judged.reasons) == 4

    @given(st.floats(-30, 30), st.floats(0.1, 30), important)
    def test_what_decides_nothing_has_no_certainty_and_all_else_has(self, real, estimate, half, change):
        measure = real.measures["ae-attendances-type-1"]
        least = measure.minimum_important_change.model_copy(update={"value": change})
        measure = measure.model_copy(update={"minimum_important_change": least})
        row = estimate_row(estimate=estimate, low=estimate - half, high=estimate + half)
        judged = verdict(made_effect([row], checks=FAILING["data"]), measure, NOT_FIXED)
        assert (judged.certainty is None) == (judged.word == "inconclusive")
        assert (judged.reasons == ()) == (judged.word == "inconclusive")

    @pytest.mark.parametrize(
        ("nearer", "certainty"), [(-2.6, "moderate"), (-2.5, "moderate"), (-2.4, "low"), (-0.1, "low")]
    )
    def test_an_end_within_half_the_smallest_important_change_costs_a_step(self, measure, nearer, certainty):
        judged = verdict(made_effect([estimate_row(estimate=-8.0, low=-14.0, high=nearer)]), measure)
        assert judged.certainty == certainty
        if certainty == "low":
            assert (
                f"{-nearer:.1f}% from no change, under half of the smallest important change (5%)" in judged.reasons[1]
            )

    def test_an_end_without_bound_is_not_near(self, measure):
        judged = verdict(made_effect([estimate_row(estimate=-8.0, low=math.nan, high=-3.0)]), measure)
        assert judged.certainty == "moderate"

    @pytest.mark.parametrize(
        ("clear", "unsure", "certainty"),
        [(4, 1, "moderate"), (5, 1, "moderate"), (3, 1, "low"), (0, 2, "low"), (0, 0, "moderate")],
    )
    def test_under_four_in_five_other_choices_on_the_same_side_cost_a_step(self, measure, clear, unsure, certainty):
        effect = made_effect(other_choices(clear, unsure), checks=FINE)
        judged = verdict(effect, measure, NOT_FIXED)
        assert judged.certainty == certainty
        if certainty == "low":
            counted = f"{clear} of {clear + unsure} other reasonable choices are clear on the same side"
            assert counted in judged.reasons[1]
            assert "with doubt 0" in judged.reasons[1]
        assert verdict(effect, measure).certainty == "moderate"

    def test_a_choice_that_is_clear_on_the_other_side_does_not_agree(self, measure):
        other = estimate_row(role="sensitivity", estimate=6.0, low=3.0, high=9.0, method="without season")
        assert verdict(made_effect([estimate_row(), other]), measure, NOT_FIXED).certainty == "low"

    def test_comparators_chosen_by_their_figures_cost_a_step_fixed_beforehand_or_not(self, measure):
        for fixed in (True, False):
            around = Circumstances(fixed_before=fixed, left_out_by_figures=14)
            judged = verdict(made_effect(checks=FINE), measure, around)
            assert judged.certainty == "low"
            assert judged.reasons[1].startswith("One step down for the analysis: 14 places were left out")

    def test_a_comparison_row_never_counts(self, measure):
        rows = [estimate_row(), estimate_row(role="comparison", estimate=30.0, low=20.0, high=40.0)]
        assert verdict(made_effect(rows, checks=FINE), measure, NOT_FIXED).certainty == "moderate"

    def test_a_rival_that_could_explain_all_costs_a_step_and_two_where_a_check_failed_as_well(self, measure):
        around = Circumstances(rivals=(RIVAL,))
        judged = verdict(made_effect(checks=FINE), measure, around)
        assert (judged.certainty, judged.reasons[1]) == ("low", f"One step down for rival causes: {RIVAL}")
        judged = verdict(made_effect(checks=FAILING["rivals"]), measure, around)
        assert judged.certainty == "very low"
        assert judged.reasons[1].startswith("Two steps down for rival causes: ")

    def test_a_control_that_moved_and_should_not_have_speaks_for_a_rival_cause(self, measure):
        around = Circumstances(controls=(Control("The year before", False), Control("A neighbour", None)))
        judged = verdict(made_effect(checks=FINE), measure, around)
        assert judged.certainty == "low"
        assert judged.reasons[1] == "One step down for rival causes: The year before: it moved, and should not have."

    def test_a_recording_change_in_the_window_costs_a_step(self, real):
        admissions = real.measures["emergency-admissions"]
        series = made_effect().series.assign(
            period=[f"{2022 + index // 12}-{index % 12 + 1:02d}" for index in range(36)]
        )
        assert verdict(made_effect(checks=FINE, series=series), admissions).certainty == "low"
        assert verdict(made_effect(checks=FINE), admissions).certainty == "moderate"

    @pytest.mark.parametrize(
        ("first", "last", "certainty"),
        [
            ("2019-03", "2020-01", "low"), ("2019-04", "2020-01", "moderate"),
            ("2015-01", "2016-04", "low"), ("2015-01", "2016-03", "moderate"),
        ],
    )  # fmt: skip
    def test_the_first_and_the_last_month_of_the_data_are_in_the_window(self, measure, first, last, certainty):
        change = RecordingChange(first=first, last=last, what="Counted anew.", source="Invented")
        changed = measure.model_copy(update={"recording_changes": [change]})
        assert verdict(made_effect(checks=FINE), changed).certainty == certainty

    def test_without_a_window_no_recording_change_is_in_it(self, real):
        effect = made_effect(checks=FINE, series=made_effect().series.iloc[:0])
        assert verdict(effect, real.measures["emergency-admissions"]).certainty == "moderate"

    def test_nothing_evaluated_nothing_certain(self, measure):
        judged = verdict(made_effect([estimate_row(estimate=math.nan, low=math.nan, high=math.nan)]), measure)
        assert (judged.word, judged.certainty) == ("not_evaluable", None)


class TestReasons:
    """Word for word, as they stand on pages."""

    @staticmethod
    def reason(effect, measure, around: Circumstances | None = None) -> str:
        _, reason = verdict(effect, measure, around).reasons
        return reason

    def test_other_choices(self, measure):
        others = [
            estimate_row(role="sensitivity", estimate=-4.0, low=-9.0, high=1.0, method=method)
            for method in ("without season", "compared with four others", "no trend")
        ]
        assert self.reason(made_effect([estimate_row(), *others]), measure, NOT_FIXED) == (
            "One step down for the analysis: It was not fixed beforehand, and 0 of 3 other reasonable choices are clear on the"
            " same side: not without season, compared with four others or with no trend."
        )
        assert self.reason(made_effect([estimate_row(), others[2]]), measure, NOT_FIXED).endswith(
            ": not with no trend."
        )
        small = [estimate_row(estimate=0.5, low=-2.0, high=3.0), *others]
        assert self.reason(made_effect(small), measure, NOT_FIXED) == (
            "One step down for the analysis: It was not fixed beforehand, and 0 of 3 other reasonable choices come to it too: not"
            " without season, compared with four others or with no trend."
        )
        small[1:] = [{**row, "estimate": 1.0, "low": -3.0, "high": 4.0} for row in others]
        judged = verdict(made_effect(small), measure, NOT_FIXED)
        assert (judged.word, judged.certainty) == ("no_important_change", "moderate")

    @pytest.mark.parametrize(
        ("planned", "said"),
        [
            ([("Visits", "decreased")], []),
            ([("Visits", "decreased"), ("Waits", "slightly_decreased")],
             ["One step down for the analysis: It was not fixed beforehand, and the planned analysis of “Waits” comes to another"
              " verdict (slightly decreased)."]),
        ],
    )  # fmt: skip
    def test_a_planned_analysis_beside_it(self, measure, planned, said):
        judged = verdict(made_effect(), measure, replace(NOT_FIXED, planned=tuple(planned)))
        assert [reason for reason in judged.reasons if "planned" in reason] == said
        judged = verdict(made_effect(), measure, Circumstances(planned=tuple(planned)))
        assert not any("planned" in reason for reason in judged.reasons)

    @pytest.mark.parametrize(
        ("count", "places"), [(1, "1 place was left out of the comparators for what its own"), (2, "2 places were left out of the comparators for what their own")]
    )  # fmt: skip
    def test_comparators_left_out(self, measure, count, places):
        assert self.reason(made_effect(), measure, Circumstances(left_out_by_figures=count)) == (
            f"One step down for the analysis: {places} figures do, so those that remain look calmer than places are."
        )

    @pytest.mark.parametrize(("scale", "unit"), [("percent", "%"), ("points", " points"), ("unit", "")])
    def test_an_end_near_no_change(self, measure, scale, unit):
        least = measure.minimum_important_change.model_copy(update={"scale": scale, "value": 8})
        near = measure.model_copy(update={"minimum_important_change": least})
        row = estimate_row(scale=scale, estimate=8.0, low=3.96, high=14.0)
        assert self.reason(made_effect([row]), near) == (
            f"One step down for precision: The nearer end of its interval is 4.0{unit} from no change, under half of the smallest"
            f" important change (8{unit})."
        )

    def test_no_important_change_is_never_too_near_to_none(self, measure):
        judged = verdict(made_effect([estimate_row(estimate=0.5, low=-2.0, high=3.0)]), measure)
        assert (judged.word, judged.certainty) == ("no_important_change", "moderate")

    def test_recording(self, measure):
        changes = [
            RecordingChange(first=first, last=last, what="Counted anew.", source="Invented")
            for first, last in (("2017-05", "2017-05"), ("2018-01", "2018-03"))
        ]
        assert self.reason(made_effect(), measure.model_copy(update={"recording_changes": changes})) == (
            "One step down for the data: Recording changed in 2017-05. Counted anew. Recording changed from 2018-01 to 2018-03."
            " Counted anew."
        )

    def test_two_of_three_that_are_lacking(self, measure):
        around = replace(TestTheStepUp.FULL, physical_cause=None, predicted=None)
        assert verdict(made_effect(), measure, around).reasons[-1] == (
            "Not higher, as no cause is recorded that could be seen from a known day on and no size was predicted before the"
            " results."
        )
        around = replace(TestTheStepUp.FULL, predicted=Prediction(low=-9, high=-2, scale="percent", source="a guess"))
        assert (
            verdict(made_effect(), measure, around).reasons[-1]
            == "Not higher, as the estimate is not where it was predicted."
        )

    def test_what_cannot_be_judged(self, measure):
        nothing = estimate_row(estimate=math.nan, low=math.nan, high=math.nan)
        assert verdict(made_effect([nothing]), measure).reasons == ("The data do not allow an estimate.",)
        wide = estimate_row(low=-30.0, high=30.0)
        with pytest.raises(EvaluationError):
            verdict(made_effect([wide], design="a guess"), measure)


class TestTheStepUp:
    FULL = Circumstances(
        physical_cause="the doors are shut from ten to eight",
        predicted=Prediction(low=-20, high=-10, scale="percent", source="one visit in five came at night"),
        controls=(Control("The year before", True), Control("A neighbour", None)),
    )

    def test_one_site_where_all_speaks_for_the_change(self, measure):
        judged = verdict(made_effect(checks=FINE), measure, self.FULL)
        assert judged.certainty == "high"
        assert judged.reasons[-1] == (
            "One step up: the cause could be seen from a known day on (the doors are shut from ten to eight), the estimate"
            " lies where it was predicted (-20 to -10%; one visit in five came at night), and “The year before” moved as it"
            " should."
        )

    @pytest.mark.parametrize(
        "without",
        [
            {"physical_cause": None},
            {"predicted": None},
            {"predicted": Prediction(low=-15, high=-10, scale="percent", source="a guess")},
            {"predicted": Prediction(low=-20, high=-10, scale="points", source="another scale")},
            {"controls": ()},
            {"controls": (Control("The year before", None),)},
        ],
    )
    def test_each_of_its_conditions_is_needed(self, measure, without):
        judged = verdict(made_effect(checks=FINE), measure, replace(self.FULL, **without))
        assert judged.certainty == "moderate"
        assert judged.reasons[-1].startswith("Not higher, as ")

    @pytest.mark.parametrize(("low", "high"), [(-16, -10), (-20, -16)])
    def test_the_ends_of_what_was_predicted_are_in_it(self, measure, low, high):
        predicted = Prediction(low=low, high=high, scale="percent", source="a count")
        controls = (*self.FULL.controls, Control("A third", True))
        judged = verdict(made_effect(checks=FINE), measure, replace(self.FULL, predicted=predicted, controls=controls))
        assert judged.certainty == "high"
        assert judged.reasons[-1].endswith(
            f"({low} to {high}%; a count), and “The year before” and “A third” moved as it should."
        )

    @pytest.mark.parametrize("domain", ["data", "rivals"])
    def test_not_after_a_step_down(self, measure, domain):
        judged = verdict(made_effect(checks=FAILING[domain]), measure, self.FULL)
        assert judged.certainty == "low"
        assert not any(reason.startswith("One step up") for reason in judged.reasons)


class TestFromRecords:
    def test_only_what_could_explain_all_of_the_answer_counts(self, weston):
        gradings = [grading for rival in weston.rival_explanations for grading in rival.gradings]
        assert {grading.grade for grading in gradings} == {"all", "part", "little"}
        assert judged_by(weston).rivals == ()
        assert judged_by(weston).left_out_by_figures == 14
        (repairs,) = [rival for rival in weston.rival_explanations if rival.id == "improvement-after-inspection"]
        assert repairs.could_explain_all("four-hour-type-1-controlled")
        assert repairs.could_explain_all("type-1-controlled") is None
        assert repairs.could_explain_all("neighbour-taunton") is None

    def test_what_one_reader_graded_counts_as_what_could_explain_all(self, weston):
        rivals = [rival.model_copy(update={"readers": 1}) for rival in weston.rival_explanations]
        touching = [
            rival for rival in rivals if any("type-1-controlled" in grading.affects for grading in rival.gradings)
        ]
        once = weston.model_copy(update={"rival_explanations": rivals})
        assert len(judged_by(once).rivals) == len(touching) > 0

    @pytest.mark.parametrize(
        ("status", "counts"), [("before_data", True), ("not_looked_at", True), ("already_seen", False)]
    )
    def test_a_prediction_counts_where_nobody_had_looked(self, weston, status, counts):
        predicted = Prediction(low=-20, high=-5, scale="percent", source="a count of night visits")
        protocol = weston.protocol.model_copy(update={"status": status, "predicted": predicted})
        around = judged_by(weston.model_copy(update={"protocol": protocol}))
        assert (around.predicted is not None) == counts
        assert around.fixed_before == (status == "before_data")


class TestWhatWasLeft:
    """Of a change that ended, by a smallest important change of 5%."""

    @staticmethod
    def ended(during, left):
        rows = [
            estimate_row(term="during", **dict(zip(("estimate", "low", "high"), during, strict=True))),
            estimate_row(
                role="term", term="after the end", **dict(zip(("estimate", "low", "high"), left, strict=True))
            ),
            estimate_row(role="sensitivity", term="after the end", estimate=0.0, low=-1.0, high=1.0),
        ]
        return made_effect(rows)

    @pytest.mark.parametrize(
        ("during", "left", "said"),
        [
            ((-16, -19, -13), (-8, -10, -5), "persisted"), ((-16, -19, -13), (-8, -10, -4.9), "unclear"),
            ((16, 13, 19), (8, 5, 10), "persisted"), ((16, 13, 19), (8, 4.9, 10), "unclear"),
            ((-16, -19, -13), (8, 5, 10), "turned"), ((16, 13, 19), (-8, -10, -5), "turned"),
            ((-16, -19, -13), (1, -4.9, 4.9), "did_not_persist"), ((-16, -19, -13), (1, -5, 4.9), "unclear"),
            ((-16, -19, -13), (1, -4.9, 5), "unclear"), ((-5, -9, -1), (-8, -10, -5), "persisted"),
            ((-4.9, -9, -1), (-8, -10, -5), "nothing"), ((-16, -30, 0), (-8, -10, -5), "nothing"),
            ((16, 0, 30), (8, 5, 10), "nothing"),
        ],
    )  # fmt: skip
    def test_each_answer_at_its_edges(self, measure, during, left, said):
        effect = self.ended(during, left)
        assert what_was_left(effect, verdict(effect, measure)) == said

    def test_none_without_an_end_or_a_smallest_important_change(self, measure):
        assert what_was_left(made_effect(), verdict(made_effect(), measure)) is None
        effect = self.ended((-16, -19, -13), (-8, -10, -5))
        assert what_was_left(effect, replace(verdict(effect, measure), minimum_important_change=None)) is None


class TestByItsInterval:
    @pytest.mark.parametrize(
        ("low", "high", "small", "side"),
        [
            (-4.9, 4.9, True, None), (-5.0, 4.9, False, None), (-4.9, 5.0, False, None), (0.0, 9.0, False, None),
            (-9.0, 0.0, False, None), (0.1, 4.9, True, "increase"), (0.1, 9.0, False, "increase"), (-9.0, -0.1, False, "decrease"),
        ],
    )  # fmt: skip
    def test_small_and_on_one_side(self, measure, low, high, small, side):
        effect = made_effect([estimate_row(estimate=(low + high) / 2, low=low, high=high)])
        assert too_small_to_matter(effect, measure) == small
        assert on_one_side(effect, measure) == side

    def test_without_an_estimate_or_a_smallest_important_change(self, measure):
        for low, high in ((1.0, 2.0), (-2.0, -1.0)):
            assert on_one_side(made_effect([estimate_row(estimate=math.nan, low=low, high=high)]), measure) is None
        assert not too_small_to_matter(made_effect([estimate_row(scale="unit", low=-1.0, high=1.0)]), measure)

    def test_which_other_choices_come_to_another_word(self, measure):
        rows = [
            estimate_row(),
            estimate_row(role="sensitivity", method="less", estimate=-4.0, low=-6.0, high=-2.0),
            estimate_row(role="sensitivity", method="alike", estimate=-15.0, low=-18.0, high=-12.0),
            estimate_row(role="sensitivity", method="less", scale="log", estimate=0.4, low=0.3, high=0.5),
            estimate_row(role="comparison", method="other", estimate=4.0, low=2.0, high=6.0),
        ]
        effect = made_effect(rows)
        assert disagreeing(effect, measure, verdict(effect, measure)) == ["less"]


class TestYardstick:
    def test_the_important_change_is_judged_on_its_own_scale(self, measure):
        rows = [estimate_row(scale="log", estimate=-0.17, low=-0.21, high=-0.14), estimate_row()]
        judged = verdict(made_effect(rows), measure)
        assert (judged.word, judged.scale, judged.minimum_important_change) == ("decreased", "percent", 5)

    def test_without_one_on_that_scale_only_the_direction_is_said(self, measure):
        rows = [estimate_row(scale="unit", estimate=-20.0, low=-30.0, high=-10.0)]
        judged = verdict(made_effect(rows), measure)
        assert (judged.word, judged.minimum_important_change) == ("decreased", None)

    def test_an_unknown_measure(self, monkeypatch, plain):
        monkeypatch.setenv("EVALKIT_ROOT", str(ROOT))
        with pytest.raises(EvaluationError) as refused:
            verdict(made_effect(), "ae-attendance-type-1")
        plain(str(refused.value), "did you mean `ae-attendances-type-1`")

    def test_there_and_back(self, measure):
        judged = verdict(made_effect(checks=FINE), measure)
        assert Verdict.from_dict(judged.to_dict()) == judged
        assert judged.to_dict() == {
            "word": "decreased", "scale": "percent", "minimum_important_change": 5, "certainty": "moderate",
            "reasons": list(judged.reasons),
        }  # fmt: skip

"""One word by rule, whatever the numbers; and certainty that moves at most one step for each domain."""

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.check_register import that_lower_certainty
from evalkit.errors import EvaluationError
from evalkit.certainty import CERTAINTIES
from evalkit.verdict import Verdict, judge, verdict
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
        assert len(judged.reasons) == 1

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

    def test_never_below_very_low(self, measure, weston):
        rows = [
            estimate_row(),
            estimate_row(role="sensitivity", estimate=0.0, low=-9.0, high=9.0, method="without season"),
        ]
        effect = made_effect(rows, checks=FAILING["data"] + FAILING["rivals"], design=SINGLE)
        judged = verdict(effect, measure, **judged_by(weston))
        assert judged.certainty == "very low"
        assert len(judged.reasons) == 4

    def test_another_change_in_the_window_is_a_rival(self, measure, weston):
        assert any(rival.within_window for rival in weston.rival_explanations)
        assert verdict(made_effect(checks=FINE), measure, **judged_by(weston)).certainty == "low"

    def test_a_sensitivity_that_disagrees_costs_a_step_unless_pre_specified(self, measure, weston):
        rows = [
            estimate_row(),
            estimate_row(role="sensitivity", estimate=0.0, low=-9.0, high=9.0, method="without season"),
        ]
        quiet = weston.model_copy(update={"rival_explanations": []})
        judged = verdict(made_effect(rows, checks=FINE), measure, **judged_by(quiet))
        assert judged.certainty == "low"
        assert "without season" in judged.reasons[-1]
        fixed = quiet.model_copy(update={"protocol": quiet.protocol.model_copy(update={"pre_specified": True})})
        assert verdict(made_effect(rows, checks=FINE), measure, **judged_by(fixed)).certainty == "moderate"

    def test_a_comparison_row_never_counts(self, measure, weston):
        quiet = weston.model_copy(update={"rival_explanations": []})
        rows = [estimate_row(), estimate_row(role="comparison", estimate=30.0, low=20.0, high=40.0)]
        assert verdict(made_effect(rows, checks=FINE), measure, **judged_by(quiet)).certainty == "moderate"

    def test_a_recording_change_in_the_window_costs_a_step(self, real):
        admissions = real.measures["emergency-admissions"]
        series = made_effect().series.assign(
            period=[f"{2022 + index // 12}-{index % 12 + 1:02d}" for index in range(36)]
        )
        assert verdict(made_effect(checks=FINE, series=series), admissions).certainty == "low"
        assert verdict(made_effect(checks=FINE), admissions).certainty == "moderate"

    def test_nothing_evaluated_nothing_certain(self, measure):
        judged = verdict(made_effect([estimate_row(estimate=math.nan, low=math.nan, high=math.nan)]), measure)
        assert (judged.word, judged.certainty) == ("not_evaluable", None)


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

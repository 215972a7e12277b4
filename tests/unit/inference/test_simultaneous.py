"""Several intervals that hold at once: as wide as they have to be, no wider, and never narrower than by themselves."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evalkit.inference.overstatement import overstated
from evalkit.inference.simultaneous import simultaneous
from tests.support.effects import CONTROLLED, SINGLE, estimate_row, made_effect

UNITS = [f"unit {number}" for number in range(199)]


def alone(estimate: float, half: float, df: float = math.inf):
    """An effect of one series: estimate and half-width in points."""
    p_value = 2 * stats.t.sf(abs(estimate) / half * stats.t.ppf(0.975, df), df)
    row = estimate_row(
        estimate=estimate, low=estimate - half, high=estimate + half, scale="points", df=df, p_value=p_value
    )
    return made_effect([row], design=SINGLE)


def ranked(estimate: float, others: np.ndarray, place: str = "weston", start: str = "2017-07-04"):
    """An effect by rank, half-width 1 before the rank, among studentised changes elsewhere; in points."""
    half = float(np.sort(np.abs(others))[-int(0.05 * (len(others) + 1) + 1e-9)])
    p_value = (1 + (np.abs(others) >= abs(estimate)).sum()) / (1 + len(others))
    row = estimate_row(estimate=estimate, low=estimate - half, high=estimate + half, scale="points", p_value=p_value)
    placebo = pd.DataFrame(
        {
            "unit": ["treated", *UNITS[: len(others)]], "estimate": [estimate, *others], "studentised": [estimate, *others],
            "scale": "points", "treated": [True] + [False] * len(others),
        }
    )  # fmt: skip
    return made_effect(
        [row], design=CONTROLLED, tables={"placebo": placebo}, treated_units=(place,), interruptions=(start,)
    )


class TestOneByOne:
    def test_a_family_of_one_is_the_interval_by_itself(self):
        for effect in (alone(3.0, 2.0), ranked(3.0, np.random.default_rng(1).normal(size=199))):
            (found,) = simultaneous({"one": effect}).values()
            assert (found.low, found.high) == pytest.approx((effect.headline["low"], effect.headline["high"]))
            assert (found.family, found.p_value) == (1, pytest.approx(effect.headline["p_value"]))

    @pytest.mark.parametrize("df", [8.0, 40.0, math.inf])
    def test_bonferroni_by_t_where_there_are_no_comparators(self, df):
        effects = {"a": alone(3.0, 2.0, df), "b": alone(-1.0, 4.0, df), "c": alone(0.5, 1.0, df)}
        wider = stats.t.ppf(1 - 0.025 / 3, df) / stats.t.ppf(0.975, df)
        for id, found in simultaneous(effects).items():
            row = effects[id].headline
            assert found.low == pytest.approx(row["estimate"] - wider * (row["estimate"] - row["low"]))
            assert found.high == pytest.approx(row["estimate"] + wider * (row["high"] - row["estimate"]))

    def test_holm_as_by_hand(self):
        effects = {id: alone(0.0, 1.0) for id in "abcd"}
        for id, p_value in zip("abcd", (0.01, 0.04, 0.03, 0.005), strict=True):
            effects[id].estimates.loc[0, "p_value"] = p_value
        adjusted = {id: found.p_value for id, found in simultaneous(effects).items()}
        assert adjusted == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})

    def test_percentages_are_widened_where_they_are_modelled(self):
        rows = [
            estimate_row(scale="log", estimate=-0.1, low=-0.2, high=0.0, df=math.inf),
            estimate_row(scale="percent", estimate=-9.5, low=-18.1, high=0.0, df=math.inf),
        ]
        wider = stats.norm.ppf(1 - 0.025 / 2) / stats.norm.ppf(0.975)
        found = simultaneous({"a": made_effect(rows, design=SINGLE), "b": alone(0.0, 1.0)})["a"]
        assert found.low == pytest.approx(100 * math.expm1(-0.1 - 0.1 * wider))
        assert found.high == pytest.approx(100 * math.expm1(-0.1 + 0.1 * wider))


class TestByRank:
    def test_the_same_figures_three_times_are_no_wider_than_once(self):
        others = np.random.default_rng(2).normal(size=199)
        effects = {id: ranked(2.5, others) for id in "abc"}
        for found in simultaneous(effects).values():
            row = effects["a"].headline
            assert (found.low, found.high) == pytest.approx((row["low"], row["high"]))

    def test_different_figures_are_held_against_the_largest_of_each_comparator(self):
        random = np.random.default_rng(3)
        others = random.normal(size=(3, 199))
        effects = {id: ranked(2.5, row) for id, row in zip("abc", others, strict=True)}
        critical = np.sort(np.abs(others).max(axis=0))[-10]
        for id, found in simultaneous(effects).items():
            assert found.high - effects[id].headline["estimate"] == pytest.approx(critical)

    def test_other_places_and_starts_have_their_own_share(self):
        random = np.random.default_rng(4)
        here, there = random.normal(size=(2, 199))
        effects = {
            "a": ranked(2.5, here),
            "b": ranked(2.5, there, place="taunton"),
            "c": ranked(2.5, here, start="2018-01"),
        }
        for id, sizes in (("a", here), ("b", there), ("c", here)):
            reach = simultaneous(effects)[id].high - 2.5
            assert reach == pytest.approx(np.sort(np.abs(sizes))[-int(0.05 / 3 * 200)])

    def test_beyond_the_comparators_t_with_a_heavy_tail_carries_on(self):
        random = np.random.default_rng(5)
        sizes = {id: random.normal(size=40) for id in "abc"}
        far = simultaneous({id: ranked(9.0, others, place=id) for id, others in sizes.items()})
        for id, found in far.items():
            others = np.sort(np.abs(sizes[id]))
            by_t = [stats.t.ppf(1 - 0.025 / 3, 3) / stats.t.ppf(1 - share / 2, 3) for share in (0.05, 1 / 41)]
            assert found.high - 9 == pytest.approx(max(by_t[0] * others[-2], by_t[1] * others[-1]))
            assert (found.direction, found.p_value < 0.05) == ("rise", True)
        near = simultaneous({id: ranked(np.abs(others).max() + 0.01, others, place=id) for id, others in sizes.items()})
        assert {(found.direction, found.p_value > 0.05) for found in near.values()} == {("unclear", True)}

    @given(st.integers(1, 30), st.integers(19, 80), st.integers(0, 50), st.floats(0, 20))
    def test_the_interval_of_a_rank_and_its_p_value_agree_however_many_there_are(self, count, units, seed, estimate):
        random = np.random.default_rng(seed)
        effects = {str(id): ranked(estimate, random.standard_t(5, size=units), place=str(id)) for id in range(count)}
        found = simultaneous(effects)
        widths = [found[id].high - found[id].low for id in effects]
        alone = [effects[id].headline["high"] - effects[id].headline["low"] for id in effects]
        assert all(wide >= narrow - 1e-9 for wide, narrow in zip(widths, alone, strict=True))
        least = min(one.p_value for one in found.values())
        clear = any(one.direction != "unclear" for one in found.values())
        assert clear == (least <= 0.05) or abs(least - 0.05) < 1e-6

    def test_fewer_than_a_rank_takes_have_no_bounds_to_widen(self):
        effects = {id: ranked(9.0, np.random.default_rng(5).normal(size=19), place=id) for id in "ab"}
        assert all(np.isfinite(found.low) for found in simultaneous(effects).values())

    def test_of_nothing_one_family_in_twenty_claims_something(self):
        """Five correlated outcomes of one place and of 199 others, and two series alone: known truth."""
        random, claimed, families = np.random.default_rng(6), 0, 200
        for _ in range(families):
            shared = random.normal(size=200)
            outcomes = np.sqrt(0.5) * shared + np.sqrt(0.5) * random.normal(size=(5, 200))
            effects = {f"r{number}": ranked(row[0], row[1:]) for number, row in enumerate(outcomes)}
            z = stats.norm.ppf(0.975)
            effects |= {f"s{number}": alone(random.normal(), z) for number in range(2)}
            claimed += any(found.direction != "unclear" for found in simultaneous(effects).values())
        assert claimed / families <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / families)


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(0.1, 5)), min_size=1, max_size=6),
    st.sampled_from([5.0, 30.0, math.inf]),
)
def test_never_narrower_and_the_order_does_not_matter(cases, df):
    effects = {str(number): alone(*case, df) for number, case in enumerate(cases)}
    found = simultaneous(effects)
    for id, effect in effects.items():
        assert found[id].low <= effect.headline["low"] + 1e-9
        assert found[id].high >= effect.headline["high"] - 1e-9
        assert found[id].p_value >= effect.headline["p_value"] - 1e-12
    assert simultaneous(dict(reversed(effects.items()))) == found


class TestOverstatement:
    @pytest.mark.parametrize(("power", "times"), [(0.17, 2.4), (0.50, 1.4), (0.80, 1.1)])
    def test_as_gelman_and_carlin_have_it(self, power, times):
        """Their figure 2: the exaggeration ratio by power."""
        half = stats.norm.ppf(0.975)
        true = next(true for true in np.arange(0.01, 6, 0.01) if stats.norm.sf(half - true) >= power)
        assert overstated(true, half) == pytest.approx(times, abs=0.1)

    @given(st.floats(0.2, 6), st.floats(0.1, 10))
    def test_as_drawn_and_in_any_unit(self, true, unit):
        half = stats.norm.ppf(0.975)
        draws = true + stats.norm.ppf((np.arange(40_000) + 0.5) / 40_000)
        clear = np.abs(draws)[np.abs(draws) > half]
        assert overstated(true, half) == pytest.approx(clear.mean() / true, rel=0.01)
        assert overstated(-true * unit, half * unit) == pytest.approx(overstated(true, half))

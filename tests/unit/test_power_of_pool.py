"""How many sites a pool needs: what is promised is what pools that are drawn anew find, with the spread known and unknown."""

import math

import numpy as np
import pytest
from scipy import stats

import evalkit as ek
from evalkit.errors import EvaluationError
from evalkit.inference.meta_analysis.prediction import USUAL_SPREAD, likely_spreads
from evalkit.inference.meta_analysis.random_effects import fit_random_effects
from evalkit.power_of_pool import POOLS_SIMULATED
from tests.support.simulations import chance, simulations
from tests.unit.designs.test_pooled_effect import site, sites

ERROR = 0.04  # of one site


def one(label: str = "a", estimate: float = -0.08, error: float = ERROR):
    return site(label, estimate, error * stats.t.ppf(0.975, 30.0))


def found(random: np.random.Generator, count: int, spread: float, wanted: float, error: float = ERROR) -> bool:
    """Whether a pool drawn anew finds a mean rise."""
    truths = random.normal(wanted, spread, count)
    seen = random.normal(truths, error)
    mean = fit_random_effects(seen, np.eye(count) * error**2, np.ones((count, 1))).contrast(np.ones(1))
    return mean.low > 0


class TestTheSpreadIsKnown:
    @simulations(400, 4000)
    @pytest.mark.parametrize("count", [5, 15])
    def test_power_is_how_often_pools_find_it(self, runs, count):
        asked = ek.power_of_pool([one()], effect=6, spread=5, sites=(count,))
        random = np.random.default_rng([7, count])
        spread, wanted = math.log1p(0.05), math.log1p(0.06)
        share = np.mean([found(random, count, spread, wanted) for _ in range(runs)])
        allowed = 3 * math.hypot(chance(0.5, runs), chance(0.5, POOLS_SIMULATED))
        assert asked.table["power"].iloc[0] == pytest.approx(share, abs=allowed)

    @simulations(2000, 20000)
    def test_what_a_known_spread_would_give_is_hedges_and_pigotts(self, runs):
        asked = ek.power_of_pool([one()], effect=6, spread=5, sites=(8,))
        total = ERROR**2 + math.log1p(0.05) ** 2
        means = np.random.default_rng(3).normal(math.log1p(0.06), math.sqrt(total), (runs, 8)).mean(axis=1)
        share = np.mean(means - stats.norm.ppf(0.975) * math.sqrt(total / 8) > 0)
        assert asked.table["power_if_known"].iloc[0] == pytest.approx(share, abs=3 * chance(0.5, runs))

    def test_with_many_sites_it_costs_next_to_nothing_not_to_know_it(self):
        row = ek.power_of_pool([one()], effect=4, spread=5, sites=(40,)).table.iloc[0]
        assert row["power"] == pytest.approx(row["power_if_known"], abs=0.06)

    def test_with_three_it_costs_nearly_everything(self):
        row = ek.power_of_pool([one()], effect=12, spread=5, sites=(3,)).table.iloc[0]
        assert row["power"] < row["power_if_known"] - 0.2


class TestTheSpreadIsNotKnown:
    @simulations(400, 4000)
    def test_power_is_how_often_pools_find_it(self, runs):
        """Spreads as likely as the three sites leave them, and pools drawn with each."""
        there = sites([-0.05, -0.09, -0.07], [0.08] * 3)
        asked = ek.power_of_pool(there, effect=10, sites=(8,))
        error = 0.08 / stats.t.ppf(0.975, 30.0)
        fit = fit_random_effects(np.array([-0.05, -0.09, -0.07]), np.eye(3) * error**2, np.ones((3, 1)))
        spreads, weights = likely_spreads(fit, USUAL_SPREAD)
        random = np.random.default_rng(17)
        drawn = random.choice(spreads, runs, p=weights)
        share = np.mean([found(random, 8, float(spread), math.log1p(0.10), error) for spread in drawn])
        allowed = 3 * math.hypot(chance(0.5, runs), chance(0.5, POOLS_SIMULATED))
        assert asked.table["power"].iloc[0] == pytest.approx(share, abs=allowed)
        assert not asked.known

    def test_sites_that_differ_ask_for_more_sites(self):
        alike = ek.power_of_pool(sites([-0.07, -0.08, -0.09], [0.08] * 3), effect=8, sites=(6,))
        apart = ek.power_of_pool(sites([-0.35, 0.0, 0.25], [0.08] * 3), effect=8, sites=(6,))
        assert (apart.table["power"] < alike.table["power"]).all()
        assert apart.spread > alike.spread

    def test_of_one_site_what_is_usual_elsewhere_says(self):
        asked = ek.power_of_pool([one()], effect=20, sites=(3, 12))
        assert asked.spread == pytest.approx(USUAL_SPREAD, rel=0.05)
        assert asked.table["power"].is_monotonic_increasing


class TestWhatIsTold:
    def test_more_sites_find_smaller_changes(self):
        table = ek.power_of_pool([one()], effect=6, spread=3, sites=(3, 6, 12)).table
        assert table["detectable"].is_monotonic_decreasing
        assert table["more"].tolist() == [2, 5, 11]

    def test_the_least_number_that_is_enough(self):
        asked = ek.power_of_pool([one()], effect=8, spread=3, sites=(12, 3, 6))
        assert asked.needed == asked.enough["sites"].min()
        assert ek.power_of_pool([one()], effect=0.1, spread=3, sites=(3, 12)).needed is None

    def test_neither_order_nor_sign_matters(self):
        there = sites([-0.05, -0.09], [0.06, 0.1])
        asked = [
            ek.power_of_pool(given, effect=effect, sites=(5,)).table.to_dict()
            for given, effect in ((there, 9), (there[::-1], 9), (there, -9))
        ]
        assert asked[0] == asked[1] == asked[2]

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ({"effect": 0}, "other than nought"),
            ({"effect": 5, "sites": (2,)}, "from 3 to 200"),
            ({"effect": 5, "sites": (3, 5.5)}, "from 3 to 200"),
            ({"effect": 5, "spread": -1}, "leave it out"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, more, said, plain):
        with pytest.raises(EvaluationError) as refused:
            ek.power_of_pool([one()], **more)
        plain(str(refused.value), said)

    def test_nothing_and_too_few_are_refused(self, plain):
        with pytest.raises(EvaluationError, match="one site at least"):
            ek.power_of_pool([], effect=5)
        there = sites([-0.05, -0.09, -0.07, -0.06], [0.06] * 4)
        with pytest.raises(EvaluationError, match="4 sites already"):
            ek.power_of_pool(there, effect=5, sites=(3,))

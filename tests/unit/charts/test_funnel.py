"""Funnels of places: limits by chance, and wider where places differ by more."""

import numpy as np
import pytest
from scipy.stats import binom

import evalkit as ek
from evalkit.charts.funnel import funnel


def places(spread: float, seed: int, count: int = 120, kind: str = "share"):
    random = np.random.default_rng(seed)
    wholes = random.integers(200, 5000, count)
    if kind == "rate":
        return random.poisson(wholes * (np.sqrt(0.3) + spread * random.normal(size=count)) ** 2), wholes
    shares = np.sin(np.arcsin(np.sqrt(0.3)) + spread * random.normal(size=count)) ** 2
    return random.binomial(wholes, shares), wholes


def share_within(within, kind, spread, **options) -> float:
    drawn = [funnel(*places(spread, seed, kind=kind), kind=kind, **options) for seed in range(40)]
    return float(np.mean([(one.outside(within) == 0).mean() for one in drawn]))


@pytest.mark.parametrize("kind", ["share", "rate"])
class TestHowManyPlacesLieWithin:
    @pytest.mark.parametrize("spread", [0.0, 0.02, 0.06])
    def test_as_many_as_are_said_to_where_nothing_is_winsorised(self, kind, spread):
        assert share_within(0.95, kind, spread, winsorised=0) == pytest.approx(0.95, abs=0.015)
        assert share_within(0.998, kind, spread, winsorised=0) == pytest.approx(0.998, abs=0.004)

    def test_somewhat_fewer_with_the_tenth_of_the_paper(self, kind):
        assert 0.85 < share_within(0.95, kind, 0.06) < 0.92
        assert 0.97 < share_within(0.998, kind, 0.06) < 0.997

    def test_a_few_that_differ_are_found_as_well_among_many_as_they_should(self, kind):
        counts, wholes = places(0.02, 5, kind=kind)
        counts = counts.copy()
        counts[:3] = wholes[:3] * 0.6
        assert funnel(counts, wholes, kind).spread < funnel(counts, wholes, kind, winsorised=0).spread
        assert funnel(counts, wholes, kind).outside()[:3].tolist() == [1, 1, 1]


def test_by_chance_alone_places_that_differ_seem_to_lie_outside():
    counts, wholes = places(0.06, 1)
    assert (funnel(counts, wholes, widen=False).outside(0.95) != 0).mean() > 0.3


def test_the_spread_is_that_of_the_formula_written_out():
    counts, wholes = places(0.04, 2, count=30)
    centre = np.arcsin(np.sqrt(counts.sum() / wholes.sum()))
    z = [2 * np.sqrt(n) * (np.arcsin(np.sqrt(r / n)) - centre) for r, n in zip(counts, wholes, strict=True)]
    low, high = np.quantile(z, [0.1, 0.9])
    squares = [min(max(one, low), high) ** 2 for one in z]
    weights = [4 * n for n in wholes]
    left = (sum(squares) - 29) / (sum(weights) - sum(w**2 for w in weights) / sum(weights))
    drawn = funnel(counts, wholes)
    assert drawn.spread == pytest.approx(np.sqrt(left))
    assert drawn.dispersion == pytest.approx(np.mean(squares))


def test_limits_without_spread_are_near_those_of_the_binomial():
    drawn = funnel(np.array([30, 60, 90]), np.array([100, 200, 300]))
    assert drawn.spread == 0
    lower, upper = drawn.limits(np.array([1000]), 0.95)
    assert lower[0] == pytest.approx(binom.ppf(0.025, 1000, 0.3) / 1000, abs=0.002)
    assert upper[0] == pytest.approx(binom.ppf(0.975, 1000, 0.3) / 1000, abs=0.002)


def test_limits_narrow_with_size_hold_the_centre_and_stay_where_shares_can_be():
    drawn = funnel(np.array([1, 2, 0, 1]), np.array([100, 150, 80, 120]))
    lower, upper = drawn.limits(np.array([1, 10, 100, 10_000]))
    assert (np.diff(upper - lower) < 0).all()
    assert ((lower >= 0) & (lower < drawn.centre) & (drawn.centre < upper) & (upper <= 1)).all()


def test_a_place_lies_outside_where_its_value_lies_beyond_its_limit():
    counts, wholes = places(0.05, 3)
    drawn = funnel(counts, wholes)
    lower, upper = drawn.limits(drawn.denominators, 0.95)
    beyond = (drawn.values > upper).astype(int) - (drawn.values < lower)
    np.testing.assert_array_equal(drawn.outside(0.95), beyond)


def test_what_is_missing_withheld_or_of_nobody_has_no_place_and_is_no_nought():
    drawn = funnel(np.array([30, np.nan, 60, 0, 90]), np.array([100, 90, 200, 0, 300]))
    assert np.isnan(drawn.values[[1, 3]]).all()
    assert drawn.centre == pytest.approx(0.3)
    assert drawn.outside().tolist() == [0] * 5


@pytest.mark.parametrize(
    ("counts", "wholes", "kind", "said"),
    [
        ([1, 2, 3], [9, 9, 2], "share", "more than its denominator"),
        ([1, -2, 3], [9, 9, 9], "rate", "below nought"),
        ([1, 2], [9, 9], "share", "needs 3 places"),
        ([1, 2, 3], [9, 9], "share", "differ in number"),
        ([1, 2, 3], [9, 9, 9], "odds", "use one of share, rate"),
    ],
)
def test_what_cannot_be_a_funnel_is_refused(counts, wholes, kind, said):
    with pytest.raises(ek.EvaluationError, match=said):
        funnel(np.array(counts), np.array(wholes), kind)
